//! What dock's own verbs ask of a gate: HTTP over the private socket.
//!
//! One connection, used by one question after another.

use std::path::{Path, PathBuf};

use dock_space::admin::{TRANSFER, Transfer};
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST, TE};
use hyper::http::request::Builder;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;

use crate::error::Error;
use crate::outgoing::{Outgoing, Supply};

/// A gate that answers.
pub(crate) struct Client {
    runtime: Runtime,
    socket: PathBuf,
    idle: Option<SendRequest<Outgoing>>,
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
        let answer = self.send(Method::GET, path, Outgoing::nothing())?;
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

    /// Passes files to `take` as they come, as a tar, and returns what became of
    /// them.
    ///
    /// # Errors
    /// As [`Client::get`], what `take` says, and when the stream is not whole.
    pub(crate) fn files(
        &mut self,
        path: &str,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<Transfer, Error> {
        // The gate tells behind the stream what became of it.
        let request = request(Method::GET, path).header(TE, "trailers");
        let answer = self.exchange(request, Outgoing::nothing())?;
        let mut body = answer.into_body();
        let Client { runtime, idle, .. } = self;
        let ended = runtime.block_on(async {
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| Error::Gate(error.to_string()))?;
                if let Some(piece) = frame.data_ref() {
                    take(piece)?;
                } else if let Some(trailers) = frame.trailers_ref()
                    && let Some(text) = trailers.get(TRANSFER)
                {
                    return read::<Transfer>(path, text.as_bytes()).map(Some);
                }
            }
            Ok(None)
        });
        if !matches!(ended, Ok(Some(_))) {
            // The rest of this answer is on that connection.
            *idle = None;
        }
        let transfer = ended?.ok_or_else(|| Error::Gate("half a stream of files".into()))?;
        match transfer.error {
            None => Ok(transfer),
            Some(why) => Err(Error::Unarchivable(why)),
        }
    }

    /// Sends files as a tar, which `produce` supplies from a thread of its own.
    ///
    /// # Errors
    /// As [`Client::get`], and what `produce` says; the gate then takes back what
    /// it made of them.
    pub(crate) fn put_files(
        &mut self,
        path: &str,
        produce: impl FnOnce(&mut Supply) -> Result<(), Error> + Send,
    ) -> Result<Transfer, Error> {
        let (body, mut supply) = Outgoing::supplied();
        let request = request(Method::PUT, path).header(CONTENT_TYPE, "application/x-tar");
        let (answer, produced) = std::thread::scope(|scope| {
            let producing = scope.spawn(move || {
                produce(&mut supply)?;
                supply.end()
            });
            let answer = self.exchange(request, body).and_then(|answer| {
                let bytes = self.runtime.block_on(collect(answer.into_body()))?;
                read(path, &bytes)
            });
            (answer, producing.join())
        });
        let produced =
            produced.unwrap_or_else(|_| Err(Error::Gate("the thread that sends ended".into())));
        match (answer, produced) {
            // A gate that refuses says why before it has read everything.
            (Err(error @ Error::Answer { .. }), _) | (_, Err(error)) => Err(error),
            (answer, Ok(())) => answer,
        }
    }

    /// Does something that tells how far it is, in pieces that `take` is given.
    ///
    /// # Errors
    /// As [`Client::get`]; and when the stream breaks off.
    pub(crate) fn follow(&mut self, path: &str, mut take: impl FnMut(&[u8])) -> Result<(), Error> {
        let mut body = self
            .send(Method::POST, path, Outgoing::nothing())?
            .into_body();
        self.runtime.block_on(async {
            while let Some(frame) = body.frame().await {
                let frame = frame.map_err(|error| Error::Gate(error.to_string()))?;
                if let Some(piece) = frame.data_ref() {
                    take(piece);
                }
            }
            Ok(())
        })
    }

    fn whole(&mut self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<Bytes, Error> {
        let answer = self.send(method, path, Outgoing::whole(body))?;
        self.runtime.block_on(collect(answer.into_body()))
    }

    /// The answer as it begins, if it is no error.
    fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Outgoing,
    ) -> Result<Response<Incoming>, Error> {
        let mut request = request(method, path);
        if !body.is_nothing() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        self.exchange(request, body)
    }

    fn exchange(&mut self, request: Builder, body: Outgoing) -> Result<Response<Incoming>, Error> {
        let request = request
            .body(body)
            .map_err(|error| Error::Gate(error.to_string()))?;
        let Client {
            runtime,
            socket,
            idle,
        } = self;
        runtime.block_on(async {
            let mut sender = connected(socket, idle).await?;
            let answer = sender
                .send_request(request)
                .await
                .map_err(|error| Error::Gate(error.to_string()))?;
            *idle = Some(sender);
            successful(answer).await
        })
    }
}

fn request(method: Method, path: &str) -> Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "dock")
}

/// The kept connection while it is usable, else a new one.
async fn connected(
    socket: &Path,
    idle: &mut Option<SendRequest<Outgoing>>,
) -> Result<SendRequest<Outgoing>, Error> {
    if let Some(mut kept) = idle.take()
        && kept.ready().await.is_ok()
    {
        return Ok(kept);
    }
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|error| Error::Gate(crate::error::words(&error)))?;
    let (sender, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|error| Error::Gate(error.to_string()))?;
    tokio::spawn(connection);
    Ok(sender)
}

/// The answer, or what it says went wrong.
async fn successful(answer: Response<Incoming>) -> Result<Response<Incoming>, Error> {
    let status = answer.status();
    // As docker: a container that is stopped already is no mistake.
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
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
