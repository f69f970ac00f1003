//! Stands between the client's socket and the HTTP server.
//!
//! The guard knows where messages begin and end and how a head must be written,
//! and nothing of what they mean. The server behind it sees only heads that
//! [`check()`] accepted, one request at a time, and nothing behind a request for
//! an upgrade until the service decided what that is (G10, G12, G22). Bytes are
//! passed on or refused, never changed.

mod check;
mod control;
mod framing;
mod refusal;
#[cfg(test)]
mod tests;

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

pub use check::{BodyLength, Framing, HeadError, check};
pub use control::Control;
use control::Turn;
use framing::Body;
use refusal::Refusal;

/// How long a head may take from its first byte to its last.
const DEADLINE: Duration = Duration::from_secs(10);

/// No parser takes this for a request. Where the server may still be writing
/// an earlier answer, it is given this in place of a head that was refused: it
/// answers 400 in its turn and closes.
const NO_REQUEST: &[u8] = b"\0\r\n\r\n";

/// A client's stream of which only well-formed requests can be read.
pub struct HeadGuard<S> {
    stream: S,
    stage: Stage,
    /// Read from the client, not yet handed on.
    buffer: BytesMut,
    /// How much of the buffer is known not to end a head.
    scanned: usize,
    /// Runs while a head is incomplete.
    deadline: Option<Pin<Box<Sleep>>>,
    /// The client will send no more.
    ended: bool,
    /// A head was handed over, so the server may be writing.
    served: bool,
    switch: Switch,
    control: Control,
}

/// What is done with the next byte from the client.
enum Stage {
    Head,
    /// So many bytes of the buffer are the head.
    HandOver(usize, Body),
    Body(Body),
    /// The message is handed over whole; the service decides what follows.
    Decision,
    Raw,
    Refuse(Refusal),
    /// What is left of [`NO_REQUEST`].
    NoRequest(&'static [u8]),
    Closed,
}

/// How far the answer to an upgrade got after [`Control::raw`]. Only once it is
/// out does the server stop looking for the client's end, which is then the
/// end of one direction and no reason to drop the other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Switch {
    Unwritten,
    Written,
    Flushed,
}

impl<S: AsyncRead + AsyncWrite + Unpin> HeadGuard<S> {
    pub fn new(stream: S) -> HeadGuard<S> {
        HeadGuard {
            stream,
            stage: Stage::Head,
            buffer: BytesMut::new(),
            scanned: 0,
            deadline: None,
            ended: false,
            served: false,
            switch: Switch::Unwritten,
            control: Control::new(),
        }
    }

    /// The service's side of this guard.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Waits for a whole head and judges it.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Stage>> {
        loop {
            match self.head_in_buffer() {
                Ok(Some(stage)) => return Poll::Ready(Ok(stage)),
                Ok(None) => {}
                Err(error) => return Poll::Ready(Ok(self.refuse(error))),
            }
            if self.ended {
                return Poll::Ready(Ok(Stage::Closed));
            }
            if self.poll_fill(cx)?.is_ready() {
                continue;
            }
            if self.buffer.is_empty() {
                return Poll::Pending;
            }
            let deadline = self
                .deadline
                .get_or_insert_with(|| Box::pin(sleep(DEADLINE)));
            ready!(deadline.as_mut().poll(cx));
            return Poll::Ready(Ok(self.refuse(HeadError::Late)));
        }
    }

    fn head_in_buffer(&mut self) -> Result<Option<Stage>, HeadError> {
        let Some(end) = check::end_of_head(&self.buffer, self.scanned)? else {
            self.scanned = self.buffer.len();
            return Ok(None);
        };
        let framing = check(&self.buffer[..end])?;
        self.scanned = 0;
        self.deadline = None;
        self.served = true;
        self.control.hand_over(framing.upgrade);
        Ok(Some(Stage::HandOver(end, Body::new(framing.body))))
    }

    fn refuse(&self, error: HeadError) -> Stage {
        if self.served {
            Stage::NoRequest(NO_REQUEST)
        } else {
            Refusal::new(error).map_or(Stage::Closed, Stage::Refuse)
        }
    }

    /// Reads some bytes, or the end, into the buffer.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut room = [0; 8 * 1024];
        let mut room = ReadBuf::new(&mut room);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut room))?;
        self.ended = room.filled().is_empty();
        self.buffer.extend_from_slice(room.filled());
        Poll::Ready(Ok(()))
    }

    /// Hands on bytes that belong to the body; what was read behind it stays in
    /// the buffer.
    fn poll_body(&mut self, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Stage::Body(body) = &mut self.stage else {
            return Poll::Ready(Ok(()));
        };
        if !self.buffer.is_empty() {
            let offered = self.buffer.len().min(out.remaining());
            let passed = body.pass(&self.buffer[..offered]).map_err(invalid)?;
            out.put_slice(&self.buffer[..passed]);
            self.buffer.advance(passed);
            return Poll::Ready(Ok(()));
        }
        let before = out.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, out))?;
        let fresh = &out.filled()[before..];
        self.ended = fresh.is_empty();
        let passed = body.pass(fresh).map_err(invalid)?;
        self.buffer.extend_from_slice(&fresh[passed..]);
        out.set_filled(before + passed);
        Poll::Ready(Ok(()))
    }

    /// Waits for the service. The end of the client is seen here, too, so that
    /// a request is given up with its client; but not behind a request for an
    /// upgrade, where the end may only be that of the client's input.
    fn poll_decision(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Stage>> {
        loop {
            match self.control.watch(cx.waker()) {
                Turn::Client => return Poll::Ready(Ok(Stage::Head)),
                Turn::Raw if self.switch == Switch::Flushed => return Poll::Ready(Ok(Stage::Raw)),
                Turn::Raw | Turn::Service { upgrade: true } => return Poll::Pending,
                Turn::Service { upgrade: false } => {}
            }
            if self.ended && self.buffer.is_empty() {
                return Poll::Ready(Ok(Stage::Closed));
            }
            if self.ended || self.buffer.len() >= check::MAX_HEAD {
                return Poll::Pending;
            }
            ready!(self.poll_fill(cx))?;
        }
    }

    /// The server wrote something: is it the answer to an upgrade?
    fn written(&mut self) {
        if self.switch == Switch::Unwritten && self.control.turn() == Turn::Raw {
            self.switch = Switch::Written;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for HeadGuard<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        let before = out.filled().len();
        // Nothing read means the end, so a stage that hands on nothing is followed by the next.
        while out.filled().len() == before && out.remaining() > 0 {
            match &mut guard.stage {
                Stage::Head => guard.stage = ready!(guard.poll_head(cx))?,
                Stage::HandOver(left, _) if *left > 0 => {
                    let passed = (*left).min(out.remaining());
                    *left -= passed;
                    out.put_slice(&guard.buffer[..passed]);
                    guard.buffer.advance(passed);
                }
                Stage::HandOver(_, body) => {
                    let body = std::mem::replace(body, Body::Known(0));
                    guard.stage = Stage::Body(body);
                }
                Stage::Body(body) if body.is_done() => guard.stage = Stage::Decision,
                Stage::Body(_) if guard.ended && guard.buffer.is_empty() => {
                    guard.stage = Stage::Closed;
                }
                Stage::Body(_) => {
                    if let Err(error) = ready!(guard.poll_body(cx, out)) {
                        out.set_filled(before);
                        guard.stage = Stage::Closed;
                        return Poll::Ready(Err(error));
                    }
                }
                Stage::Decision => guard.stage = ready!(guard.poll_decision(cx))?,
                Stage::Raw if guard.buffer.is_empty() => {
                    return Pin::new(&mut guard.stream).poll_read(cx, out);
                }
                Stage::Raw => {
                    let passed = guard.buffer.len().min(out.remaining());
                    out.put_slice(&guard.buffer[..passed]);
                    guard.buffer.advance(passed);
                }
                Stage::Refuse(refusal) => {
                    ready!(refusal.poll_send(&mut guard.stream, cx))?;
                    guard.stage = Stage::Closed;
                }
                Stage::NoRequest([]) => guard.stage = Stage::Closed,
                Stage::NoRequest(left) => {
                    let (passed, rest) = left.split_at(left.len().min(out.remaining()));
                    out.put_slice(passed);
                    *left = rest;
                }
                Stage::Closed => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for HeadGuard<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let guard = self.get_mut();
        let written = ready!(Pin::new(&mut guard.stream).poll_write(cx, bytes))?;
        guard.written();
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let guard = self.get_mut();
        let written = ready!(Pin::new(&mut guard.stream).poll_write_vectored(cx, slices))?;
        guard.written();
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        ready!(Pin::new(&mut guard.stream).poll_flush(cx))?;
        if guard.switch == Switch::Written {
            guard.switch = Switch::Flushed;
            guard.control.wake();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

fn invalid(error: HeadError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
