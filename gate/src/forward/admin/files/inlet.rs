//! Files on their way in: the request's body brings them, a thread makes them.

use std::io::{self, BufRead, Read};
use std::os::fd::OwnedFd;

use bytes::{Buf as _, Bytes};
use dock_space::admin::Transfer;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::super::super::body::{self, Piece};
use super::place::Place;
use super::{IDLE, PIECES, failure};
use crate::failure::Failure;
use crate::policy::files::Permit;
use crate::tar::{self, Prefix};

/// The end of the channel that the thread has.
struct Inlet {
    receiver: Receiver<Piece>,
    piece: Bytes,
    ended: bool,
}

impl BufRead for Inlet {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.piece.is_empty() && !self.ended {
            match self.receiver.blocking_recv() {
                Some(Piece::Data(piece)) => self.piece = piece,
                Some(Piece::End | Piece::Trailers(_)) => self.ended = true,
                // Its sender was dropped in the middle.
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
        Ok(&self.piece)
    }

    fn consume(&mut self, amount: usize) {
        self.piece.advance(amount.min(self.piece.len()));
    }
}

impl Read for Inlet {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// Makes the files of `incoming` in `folder`. When the request goes away, the
/// thread takes back what it made.
///
/// # Errors
/// When the stream is not right, or the host does not take it; nothing of it is
/// left then.
pub(super) async fn unpack(
    mut incoming: Incoming,
    permit: &Permit,
    place: Place,
    folder: OwnedFd,
    prefix: Prefix,
    size: Option<u64>,
    turn: OwnedSemaphorePermit,
) -> Result<Transfer, Failure> {
    let (sender, receiver) = mpsc::channel(PIECES);
    let inlet = Inlet {
        receiver,
        piece: Bytes::new(),
        ended: false,
    };
    let thread = spawn_blocking(move || {
        let _turn = turn;
        tar::unpack(inlet, folder, &prefix, place.form, place.ids(), size)
    });
    feed(&mut incoming, sender).await;
    let done = thread
        .await
        .map_err(|error| Failure::Host(error.to_string()))?;
    match done {
        Ok(transfer) => Ok(transfer),
        Err(error) => {
            // A client that is still sending reads no answer.
            body::discard(incoming).await;
            Err(failure(permit, &error))
        }
    }
}

/// Passes the body on, to its end or as long as the thread takes it.
async fn feed(incoming: &mut Incoming, sender: Sender<Piece>) {
    loop {
        let piece = match timeout(IDLE, incoming.frame()).await {
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(bytes) => Piece::Data(bytes),
                Err(_) => continue,
            },
            Ok(None) => Piece::End,
            // Broken off, or nothing comes any more.
            Ok(Some(Err(_))) | Err(_) => return,
        };
        let is_last = matches!(piece, Piece::End);
        if sender.send(piece).await.is_err() || is_last {
            return;
        }
    }
}
