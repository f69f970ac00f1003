//! Files on their way out: a thread reads them, the answer's body takes them.

use std::os::fd::OwnedFd;

use dock_space::admin::{TRANSFER, Transfer};
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue, TRAILER};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Sender, error::TrySendError};
use tokio::task::spawn_blocking;

use super::super::super::body::{self, Answer, Piece};
use super::place::Place;
use super::{IDLE, KIND, PIECES, told};
use crate::policy::files::Permit;
use crate::tar::{Fault, Prefix, Sink, pack};

/// The end of the channel that the thread has.
struct Outlet {
    sender: Sender<Piece>,
    runtime: Handle,
}

impl Outlet {
    /// Waits for room, in the thread; whether the piece was taken.
    fn send(&self, piece: Piece) -> bool {
        match self.sender.try_send(piece) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(piece)) => {
                let sent = tokio::time::timeout(IDLE, self.sender.send(piece));
                let sent = async { matches!(sent.await, Ok(Ok(()))) };
                self.runtime.block_on(sent)
            }
        }
    }

    /// Ends the stream with what became of it.
    fn end(&self, transfer: &Transfer) {
        let text = serde_json::to_string(transfer).unwrap_or_default();
        let Ok(value) = HeaderValue::from_str(&text) else {
            return;
        };
        let mut trailers = HeaderMap::new();
        trailers.insert(HeaderName::from_static(TRANSFER), value);
        if self.send(Piece::Trailers(trailers)) {
            self.send(Piece::End);
        }
    }
}

impl Sink for Outlet {
    fn take(&mut self, piece: Vec<u8>) -> Result<(), Fault> {
        match self.send(Piece::Data(piece.into())) {
            true => Ok(()),
            false => Err(Fault::Gone),
        }
    }
}

/// The answer with all of `folder`. Its thread ends with its body.
pub(super) fn answer(
    permit: Permit,
    place: Place,
    folder: OwnedFd,
    prefix: Prefix,
    turn: OwnedSemaphorePermit,
) -> Answer {
    let (sender, receiver) = mpsc::channel(PIECES);
    let runtime = Handle::current();
    spawn_blocking(move || {
        let _turn = turn;
        let outlet = |sender| Outlet {
            sender,
            runtime: runtime.clone(),
        };
        let ids = place.ids();
        let last = outlet(sender.clone());
        match pack(folder, &prefix, place.form, ids, outlet(sender)) {
            Ok((_, transfer)) => last.end(&transfer),
            // Nobody is left to tell.
            Err(error) if error.fault == Fault::Gone => {}
            Err(error) => last.end(&Transfer {
                error: Some(format!("dock: {}", told(&permit, &error))),
                ..Transfer::default()
            }),
        }
    });
    let mut answer = body::with_body(StatusCode::OK, KIND, body::channel(receiver));
    let trailer = HeaderValue::from_static(TRANSFER);
    answer.headers_mut().insert(TRAILER, trailer);
    answer
}
