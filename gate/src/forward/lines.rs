//! Streams of JSON lines, each rewritten on its way.

use std::ops::ControlFlow;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::mpsc;
use tokio::task::spawn_local;

use super::body::{self, Body, Piece};

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

/// The longest line that is held; a stream with a longer one is cut.
const MAX_LINE: usize = 4 << 20;

/// Passes each line of `upstream` through `rewrite`. One line at a time is held,
/// and a client that does not read stops the engine; one that reads nothing for
/// `patience` loses the stream. Where the engine breaks off, so does the stream.
pub(crate) fn rewrite(
    mut upstream: Incoming,
    patience: Duration,
    mut rewrite: impl AsyncFnMut(&[u8]) -> Line + 'static,
) -> Body {
    let (sender, receiver) = mpsc::channel(1);
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
                if pass(&sender, patience, &line[..end], &mut rewrite)
                    .await
                    .is_break()
                {
                    return;
                }
            }
            if ended {
                if pass(&sender, patience, &pending, &mut rewrite)
                    .await
                    .is_continue()
                {
                    send(&sender, patience, Piece::End).await;
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

/// Passes one line; breaks when the stream has ended or is to be cut.
async fn pass(
    sender: &mpsc::Sender<Piece>,
    patience: Duration,
    line: &[u8],
    rewrite: &mut impl AsyncFnMut(&[u8]) -> Line,
) -> ControlFlow<()> {
    let line = line.trim_ascii();
    if line.is_empty() {
        return ControlFlow::Continue(());
    }
    let (mut rewritten, is_last) = match rewrite(line).await {
        Line::Pass(rewritten) => (rewritten, false),
        Line::Last(rewritten) => (rewritten, true),
        Line::LeaveOut => return ControlFlow::Continue(()),
    };
    rewritten.push(b'\n');
    if !send(sender, patience, Piece::Data(rewritten.into())).await {
        return ControlFlow::Break(());
    }
    if is_last {
        send(sender, patience, Piece::End).await;
        return ControlFlow::Break(());
    }
    ControlFlow::Continue(())
}

/// Whether the client took what came before this within `patience`.
async fn send(sender: &mpsc::Sender<Piece>, patience: Duration, piece: Piece) -> bool {
    let sent = tokio::time::timeout(patience, sender.send(piece)).await;
    sent.is_ok_and(|sent| sent.is_ok())
}
