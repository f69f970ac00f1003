//! The guard's own answer, for a client whose first request never reached the
//! server. The connection ends with it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::AsyncWrite;

use super::check::HeadError;

pub(super) struct Refusal(Bytes);

impl Refusal {
    /// None where the client would not understand it.
    pub(super) fn new(error: HeadError) -> Option<Refusal> {
        let status = error.status()?;
        // The reasons are our own words and have nothing to escape.
        let body = format!("{{\"message\":\"dock: {error}\"}}\n");
        let answer = format!(
            "HTTP/1.1 {status}\r\n\
             Content-Type: application/json\r\n\
             Content-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        Some(Refusal(answer.into()))
    }

    pub(super) fn poll_send<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.0.has_remaining() {
            match ready!(Pin::new(&mut *stream).poll_write(cx, &self.0))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.0.advance(written),
            }
        }
        Pin::new(stream).poll_flush(cx)
    }
}
