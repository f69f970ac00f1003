//! Streams of JSON lines, each rewritten on its way.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::mpsc;
use tokio::task::spawn_local;

use super::body::{self, Body};

/// What becomes of a line.
pub(crate) enum Line {
    Pass(Vec<u8>),
    LeaveOut,
    /// Passed, and nothing after it: the engine sees that nobody listens.
    Last(Vec<u8>),
}

impl From<Option<Vec<u8>>> for Line {
    fn from(line: Option<Vec<u8>>) -> Line {
        line.map_or(Line::LeaveOut, Line::Pass)
    }
}

/// The longest line that is held; a stream with a longer one ends.
const MAX_LINE: usize = 4 << 20;

/// Passes each line of `upstream` through `rewrite`. One line at a time is held, and a client that does not
/// read stops the engine; one that reads nothing for `patience` loses the stream.
pub(crate) fn rewrite(
    mut upstream: Incoming,
    patience: Duration,
    mut rewrite: impl AsyncFnMut(&[u8]) -> Line + 'static,
) -> Body {
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    spawn_local(async move {
        let mut pending: Vec<u8> = Vec::new();
        loop {
            let frame = tokio::select! {
                frame = upstream.frame() => frame,
                () = sender.closed() => return,
            };
            let ended = match frame {
                Some(Ok(frame)) => {
                    pending.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
                    false
                }
                Some(Err(_)) => return,
                None => true,
            };
            while let Some(end) = pending.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = pending.drain(..=end).collect();
                if !pass(&sender, patience, &line[..end], &mut rewrite).await {
                    return;
                }
            }
            if ended {
                if !pending.is_empty() {
                    pass(&sender, patience, &pending, &mut rewrite).await;
                }
                return;
            }
            if pending.len() > MAX_LINE {
                return;
            }
        }
    });
    body::channel(receiver)
}

async fn pass(
    sender: &mpsc::Sender<Bytes>,
    patience: Duration,
    line: &[u8],
    rewrite: &mut impl AsyncFnMut(&[u8]) -> Line,
) -> bool {
    let line = line.trim_ascii();
    if line.is_empty() {
        return true;
    }
    let (mut rewritten, goes_on) = match rewrite(line).await {
        Line::Pass(rewritten) => (rewritten, true),
        Line::Last(rewritten) => (rewritten, false),
        Line::LeaveOut => return true,
    };
    rewritten.push(b'\n');
    let sent = tokio::time::timeout(patience, sender.send(rewritten.into())).await;
    sent.is_ok_and(|sent| sent.is_ok()) && goes_on
}
