//! What dock's own verbs ask of a gate: HTTP over the private socket.
//!
//! One connection, used by one question after another.

use std::path::PathBuf;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

use crate::error::Error;

/// A gate that answers.
pub(crate) struct Client {
    runtime: Runtime,
    socket: PathBuf,
    idle: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// A client of the gate behind `socket`; it connects when it is asked first.
    ///
    /// # Errors
    /// When the runtime cannot be started.
    pub(crate) fn new(socket: PathBuf) -> Result<Client, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Gate(error.to_string()))?;
        Ok(Client {
            runtime,
            socket,
            idle: None,
        })
    }

    /// One more client of the same gate, for questions while a stream comes.
    ///
    /// # Errors
    /// When the runtime cannot be started.
    pub(crate) fn another(&self) -> Result<Client, Error> {
        Client::new(self.socket.clone())
    }

    /// The JSON behind a path, which begins with `/dock/`.
    ///
    /// # Errors
    /// The gate's own words, or that there was no usable answer.
    pub(crate) fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Error> {
        let bytes = self.whole(Method::GET, path, None)?;
        read(path, &bytes)
    }

    /// Sends `body` and reads JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Error> {
        let body = serde_json::to_vec(body).map_err(|error| Error::Gate(error.to_string()))?;
        let bytes = self.whole(Method::POST, path, Some(body))?;
        read(path, &bytes)
    }

    /// Does something that is answered with no more than that it is done.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) fn act(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<(), Error> {
        self.whole(method, path, body).map(drop)
    }

    /// Passes the body behind a path to `take`, piece by piece as it comes, and
    /// returns its content type. `take` ends the stream by returning false.
    ///
    /// # Errors
    /// As [`Client::get`]; and when the stream breaks off.
    pub(crate) fn stream(
        &mut self,
        path: &str,
        mut take: impl FnMut(&str, &[u8]) -> bool,
    ) -> Result<(), Error> {
        let answer = self.send(Method::GET, path, None)?;
        let kind = answer
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let mut body = answer.into_body();
        // Outside of the runtime, so that `take` may ask another client.
        while let Some(frame) = self.runtime.block_on(body.frame()) {
            let frame = frame.map_err(|error| Error::Gate(error.to_string()))?;
            if let Some(piece) = frame.data_ref()
                && !take(&kind, piece)
            {
                // The rest of this answer is on that connection.
                self.idle = None;
                break;
            }
        }
        Ok(())
    }

    fn whole(&mut self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Bytes, Error> {
        let answer = self.send(method, path, body)?;
        self.runtime.block_on(collect(answer.into_body()))
    }

    /// The answer as it begins, if it is no error.
    fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Response<Incoming>, Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "dock");
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Full::from(body.unwrap_or_default()))
            .map_err(|error| Error::Gate(error.to_string()))?;
        let Client {
            runtime,
            socket,
            idle,
        } = self;
        runtime.block_on(async {
            let broken = |error: hyper::Error| Error::Gate(error.to_string());
            let mut kept = idle.take();
            let usable = match &mut kept {
                Some(sender) => sender.ready().await.is_ok(),
                None => false,
            };
            let mut sender = match kept.filter(|_| usable) {
                Some(sender) => sender,
                None => {
                    let stream = UnixStream::connect(&*socket)
                        .await
                        .map_err(|error| Error::Gate(crate::error::words(&error)))?;
                    let (sender, connection) =
                        handshake(TokioIo::new(stream)).await.map_err(broken)?;
                    tokio::spawn(connection);
                    sender
                }
            };
            let answer = sender.send_request(request).await.map_err(broken)?;
            *idle = Some(sender);
            let status = answer.status();
            if status.is_success() {
                return Ok(answer);
            }
            let text = collect(answer.into_body()).await?;
            let text = serde_json::from_slice::<serde_json::Value>(&text)
                .ok()
                .and_then(|text| Some(text["message"].as_str()?.to_owned()))
                .unwrap_or_default();
            Err(Error::Answer {
                status: status.as_u16(),
                text,
            })
        })
    }
}

async fn collect(body: Incoming) -> Result<Bytes, Error> {
    let whole = body.collect().await;
    whole
        .map(http_body_util::Collected::to_bytes)
        .map_err(|error| Error::Gate(error.to_string()))
}

fn read<T: DeserializeOwned>(path: &str, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::Gate(format!("{path}: {error}")))
}

/// `text` as a value in a query.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
