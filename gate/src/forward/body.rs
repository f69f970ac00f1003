//! Bodies of requests and answers, and the answers that the gate itself gives.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};
use serde::Serialize;
use tokio::sync::mpsc::Receiver;

use crate::failure::Failure;

/// Any body, with its errors boxed.
pub(crate) type Body = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// Every answer of the gate.
pub(crate) type Answer = Response<Body>;

/// The largest JSON body (G8): a hard error, never "too large, so not looked at".
pub(crate) const MAX_JSON: usize = 4 << 20;

/// The largest answer of the engine that is held whole (G24).
pub(crate) const MAX_ANSWER: usize = 64 << 20;

pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

pub(crate) fn incoming(body: Incoming) -> Body {
    body.map_err(Into::into).boxed_unsync()
}

/// What comes through the channel of a body.
pub(crate) enum Piece {
    Data(Bytes),
    /// What is said behind the data; only the end follows.
    Trailers(HeaderMap),
    /// Nothing follows. A channel that closes without it is a body that was cut,
    /// and its client learns that: half a pull is no pull.
    End,
}

/// A body whose pieces come through a channel.
struct Channel(Receiver<Piece>);

impl hyper::body::Body for Channel {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| match piece {
            Some(Piece::Data(bytes)) => Some(Ok(Frame::data(bytes))),
            Some(Piece::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Some(Piece::End) => None,
            None => Some(Err("the stream broke off".into())),
        })
    }
}

pub(crate) fn channel(receiver: Receiver<Piece>) -> Body {
    Channel(receiver).boxed_unsync()
}

/// What all JSON bodies of one gate may hold at a time, in KiB: two of the
/// largest, or hundreds as clients send them. Whoever opens a hundred
/// connections and finishes none of their bodies waits for herself.
pub(crate) const ROOM: usize = 2 * MAX_JSON / 1024;

/// How much of [`ROOM`] a body needs; one that does not say how long it is may
/// be as long as any.
pub(crate) fn room_of(body: &Incoming) -> u32 {
    let bytes = hyper::body::Body::size_hint(body)
        .upper()
        .unwrap_or(MAX_JSON as u64)
        .min(MAX_JSON as u64);
    // Never more than ROOM, which fits.
    u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX)
}

/// How long a body that is held whole may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The whole of a client's body.
///
/// # Errors
/// When it is (or says that it will be) larger than `limit`, takes longer than
/// [`PATIENCE`], or breaks off.
pub(crate) async fn collect(body: Incoming, limit: usize) -> Result<Bytes, Failure> {
    let announced = hyper::body::Body::size_hint(&body).lower();
    if announced > limit as u64 {
        return Err(Failure::TooLarge(limit));
    }
    match tokio::time::timeout(PATIENCE, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::TooLarge(limit)),
        Ok(Err(_)) => Err(Failure::Malformed("the request body broke off".into())),
        Err(_) => Err(Failure::Malformed(
            "the request body did not arrive in time".into(),
        )),
    }
}

/// Reads a client's body to its end and keeps nothing of it. The docker CLI
/// takes no answer while it is sending a build context or an archive: it reports
/// a broken pipe instead.
pub(crate) async fn discard(mut body: Incoming) {
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whoever takes longer loses the answer, and nothing else.
    let _ = tokio::time::timeout(PATIENCE, rest).await;
}

/// An answer with a JSON body, as the engine writes it: a line feed at the end.
pub(crate) fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Answer {
    match serde_json::to_vec(value) {
        Ok(mut text) => {
            text.push(b'\n');
            with_type(status, "application/json", text)
        }
        // Only a map with keys that are no strings fails, and there is none.
        Err(error) => failure(&Failure::Host(format!("cannot write the answer: {error}"))),
    }
}

pub(crate) fn with_type(status: StatusCode, kind: &'static str, text: impl Into<Bytes>) -> Answer {
    with_body(status, kind, full(text))
}

pub(crate) fn with_body(status: StatusCode, kind: &'static str, body: Body) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(full(Bytes::new()));
    *answer.status_mut() = status;
    answer
}

/// The engine's form of an error.
#[derive(Serialize)]
struct Message {
    message: String,
}

pub(crate) fn failure(failure: &Failure) -> Answer {
    let status =
        StatusCode::from_u16(failure.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut text = serde_json::to_vec(&Message {
        message: failure.to_string(),
    })
    .unwrap_or_default();
    text.push(b'\n');
    with_type(status, "application/json", text)
}
