//! Bodies of requests: nothing, a text, or pieces that come while it is sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::error::Error;

/// Pieces that wait for the socket.
const WAITING: usize = 4;

/// A body on its way out.
pub(crate) enum Outgoing {
    Whole(Option<Bytes>),
    Supplied(Receiver<Piece>),
}

/// What comes through the channel of a body.
pub(crate) enum Piece {
    Data(Bytes),
    /// A channel that closes without it is a body that is cut.
    End,
}

/// The other end of a body that is supplied.
pub(crate) struct Supply(Sender<Piece>);

impl Outgoing {
    pub(crate) fn nothing() -> Outgoing {
        Outgoing::Whole(None)
    }

    pub(crate) fn whole(body: Option<Vec<u8>>) -> Outgoing {
        Outgoing::Whole(body.map(Bytes::from))
    }

    pub(crate) fn supplied() -> (Outgoing, Supply) {
        let (sender, receiver) = channel(WAITING);
        (Outgoing::Supplied(receiver), Supply(sender))
    }

    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Outgoing::Whole(None))
    }
}

impl Supply {
    /// Sends a piece, and waits for room.
    ///
    /// # Errors
    /// When nobody wants it any more.
    pub(crate) fn send(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.put(Piece::Data(Bytes::copy_from_slice(piece)))
    }

    /// Ends the body. One that is dropped before is cut.
    pub(crate) fn end(mut self) -> Result<(), Error> {
        self.put(Piece::End)
    }

    fn put(&mut self, piece: Piece) -> Result<(), Error> {
        let gone = |_| Error::Gate("it takes no more of what is sent".into());
        self.0.blocking_send(piece).map_err(gone)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut *self {
            Outgoing::Whole(body) => Poll::Ready(body.take().map(|body| Ok(Frame::data(body)))),
            Outgoing::Supplied(receiver) => receiver.poll_recv(context).map(|piece| match piece {
                Some(Piece::Data(bytes)) => Some(Ok(Frame::data(bytes))),
                Some(Piece::End) => None,
                None => Some(Err(std::io::ErrorKind::Interrupted.into())),
            }),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Outgoing::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Outgoing::Whole(body) => {
                SizeHint::with_exact(body.as_ref().map_or(0, Bytes::len) as u64)
            }
            Outgoing::Supplied(_) => SizeHint::default(),
        }
    }
}
