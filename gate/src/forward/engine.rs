//! The gate's own client of the engine.
//!
//! Nothing that a client sent gets through here: a [`Wire`] is built from a
//! permit (see [`super::wire`]) or from one of the gate's own look-ups, and
//! [`Engine`] writes it as a new request on a connection of the gate's.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::sync::Mutex;

use super::body::MAX_ANSWER;
use crate::failure::Failure;
use crate::policy::EngineFacts;

/// The newest API version whose routes and fields have been reviewed.
pub(crate) const REVIEWED_API: u8 = 56;

/// The oldest API version that is spoken: before it, `start` took a HostConfig.
pub(crate) const OLDEST_API: u8 = 24;

/// How long the engine may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// How long the engine may take to answer a question of the gate's own.
const LOOK_UP: Duration = Duration::from_secs(30);

/// A request as it goes to the engine: built from typed values only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wire {
    pub(crate) method: Method,
    /// Path and query without the version prefix, already encoded.
    pub(crate) target: String,
    /// JSON, or nothing.
    pub(crate) body: Option<Vec<u8>>,
    /// `X-Registry-Auth`, for pulls and searches alone.
    pub(crate) registry_auth: Option<HeaderValue>,
}

impl Wire {
    pub(crate) fn new(method: Method, target: impl Into<String>) -> Wire {
        Wire {
            method,
            target: target.into(),
            body: None,
            registry_auth: None,
        }
    }

    pub(crate) fn get(target: impl Into<String>) -> Wire {
        Wire::new(Method::GET, target)
    }

    pub(crate) fn post(target: impl Into<String>) -> Wire {
        Wire::new(Method::POST, target)
    }
}

/// What the engine says of itself, asked once per gate.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// Minor of the newest API version that both sides speak.
    pub(crate) api: u8,
    /// The engine's release, `20.10.24`.
    pub(crate) version: String,
    pub(crate) os: String,
}

impl About {
    fn of(headers: &HeaderMap) -> Result<About, Failure> {
        let header = |key: &str| {
            headers
                .get(key)
                .and_then(|value| value.to_str().ok())
                .ok_or_else(|| Failure::EngineBroken(format!("its ping has no {key}")))
        };
        let newest = header("Api-Version")?;
        let api = minor(newest)?.min(REVIEWED_API);
        if api < OLDEST_API {
            return Err(Failure::EngineBroken(format!(
                "it speaks API versions up to {newest} alone"
            )));
        }
        // `Docker/20.10.24 (linux)`
        let version = header("Server")?.strip_prefix("Docker/");
        let version = version.and_then(|rest| rest.split_whitespace().next());
        Ok(About {
            api,
            version: version.unwrap_or_default().to_owned(),
            os: header("Ostype")?.to_owned(),
        })
    }
}

fn minor(text: &str) -> Result<u8, Failure> {
    text.strip_prefix("1.")
        .and_then(|minor| minor.parse().ok())
        .ok_or_else(|| Failure::EngineBroken(format!("it names an API version \"{text}\"")))
}

/// What the engine's configuration means for new containers.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) systemd_cgroups: bool,
    pub(crate) facts: EngineFacts,
}

/// Connections to one engine.
pub(crate) struct Engine {
    socket: PathBuf,
    idle: RefCell<Vec<SendRequest<Full<Bytes>>>>,
    about: RefCell<Option<Rc<About>>>,
    min_api: Cell<Option<u8>>,
    /// Locked while the engine is asked: it is asked once.
    setup: Mutex<Option<Setup>>,
}

/// A raw connection to the engine after its own switch, and the head that came with it.
pub(crate) struct Switched {
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) stream: TokioIo<Upgraded>,
}

impl Engine {
    pub(crate) fn new(socket: PathBuf) -> Engine {
        Engine {
            socket,
            idle: RefCell::default(),
            about: RefCell::default(),
            min_api: Cell::default(),
            setup: Mutex::default(),
        }
    }

    pub(crate) fn socket(&self) -> &std::path::Path {
        &self.socket
    }

    /// What the engine has said of itself, if it was asked and still runs.
    pub(crate) fn known(&self) -> Option<Rc<About>> {
        self.about.borrow().clone()
    }

    /// What the engine says of itself, from the headers of a ping: for
    /// `/version` it starts three programs and takes 5 ms.
    ///
    /// # Errors
    /// When it does not answer, or is too old or too new to share a version.
    pub(crate) async fn about(&self) -> Result<Rc<About>, Failure> {
        if let Some(about) = self.known() {
            return Ok(about);
        }
        let ping = async {
            let answer = self.exchange(Wire::get("/_ping"), None).await?;
            let (head, body) = answer.into_parts();
            read_whole(body).await?;
            Ok(head)
        };
        let head = tokio::time::timeout(LOOK_UP, ping)
            .await
            .unwrap_or_else(|_| Err(Failure::EngineBroken("it does not answer in time".into())))?;
        let about = Rc::new(About::of(&head.headers)?);
        *self.about.borrow_mut() = Some(Rc::clone(&about));
        Ok(about)
    }

    /// Minor of the oldest API version that both sides speak: asked for where
    /// a client wants an older one than the newest.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub(crate) async fn min_api(&self) -> Result<u8, Failure> {
        #[derive(Deserialize)]
        struct Version {
            #[serde(rename = "MinAPIVersion")]
            min_api_version: String,
        }
        if let Some(min_api) = self.min_api.get() {
            return Ok(min_api);
        }
        let version: Version = self.ask("/version").await?;
        let min_api = minor(&version.min_api_version)?.max(OLDEST_API);
        self.min_api.set(Some(min_api));
        Ok(min_api)
    }

    /// What the engine's configuration means for new containers; dearer than
    /// [`Engine::about`], so only asked where something is made.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub(crate) async fn setup(&self) -> Result<Setup, Failure> {
        #[derive(Deserialize, Default)]
        #[serde(rename_all = "PascalCase", default)]
        struct Info {
            cgroup_driver: String,
            default_runtime: String,
            mem_total: i64,
        }
        let mut known = self.setup.lock().await;
        if let Some(setup) = &*known {
            return Ok(setup.clone());
        }
        let info: Info = self.ask("/info").await?;
        let setup = Setup {
            systemd_cgroups: info.cgroup_driver == "systemd",
            facts: EngineFacts {
                runtime: info.default_runtime,
                memory: info.mem_total,
            },
        };
        *known = Some(setup.clone());
        Ok(setup)
    }

    /// Whatever answers next may be another engine.
    fn forget(&self) {
        *self.about.borrow_mut() = None;
        self.min_api.set(None);
        // Whoever asks for it right now meets the same failure.
        if let Ok(mut setup) = self.setup.try_lock() {
            *setup = None;
        }
    }

    async fn ask<T: DeserializeOwned>(&self, target: &str) -> Result<T, Failure> {
        let (status, bytes) = self.whole(Wire::get(target), None).await?;
        parse_answer(status, &bytes)
    }

    /// A question of the gate's own, answered with JSON; `None` for a 404.
    ///
    /// # Errors
    /// When the engine does not answer in time, or with another error.
    pub(crate) async fn look_up<T: DeserializeOwned>(
        &self,
        wire: Wire,
    ) -> Result<Option<T>, Failure> {
        let version = self.about().await?.api;
        let (status, bytes) = self.whole(wire, Some(version)).await?;
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        parse_answer(status, &bytes).map(Some)
    }

    /// Sends `wire` and reads the whole answer, within [`LOOK_UP`].
    pub(crate) async fn whole(
        &self,
        wire: Wire,
        version: Option<u8>,
    ) -> Result<(StatusCode, Bytes), Failure> {
        let exchange = async {
            let answer = self.exchange(wire, version).await?;
            let status = answer.status();
            Ok((status, read_whole(answer.into_body()).await?))
        };
        tokio::time::timeout(LOOK_UP, exchange)
            .await
            .unwrap_or_else(|_| Err(Failure::EngineBroken("it does not answer in time".into())))
    }

    /// Sends `wire` and returns the answer as it begins. It ends with the
    /// caller: dropping the future or the body closes the connection.
    pub(crate) async fn exchange(
        &self,
        wire: Wire,
        version: Option<u8>,
    ) -> Result<Response<Incoming>, Failure> {
        let mut request = request(&wire, version)?;
        while let Some(mut sender) = self.take_idle() {
            match sender.try_send_request(request).await {
                Ok(answer) => return self.usable(answer, sender),
                // A kept connection that the engine has closed meanwhile: the
                // request comes back unsent, and only then is tried again.
                Err(mut error) => match error.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(self.broken(&error.into_error())),
                },
            }
        }
        let mut sender = self.connect().await?;
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| self.broken(&error))?;
        self.usable(answer, sender)
    }

    /// The answer, if it is of a kind that an engine gives: no switch that
    /// nobody asked for, no redirection elsewhere. Else its connection is closed.
    fn usable(
        &self,
        answer: Response<Incoming>,
        sender: SendRequest<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failure> {
        is_answer(answer.status())?;
        self.idle.borrow_mut().push(sender);
        Ok(answer)
    }

    /// Sends `wire` on a connection of its own and asks for a raw stream.
    ///
    /// # Errors
    /// The engine's own answer where it does not switch, as `Ok(Err(answer))`.
    pub(crate) async fn switch(
        &self,
        wire: Wire,
        version: u8,
    ) -> Result<Result<Switched, Response<Incoming>>, Failure> {
        let mut request = request(&wire, Some(version))?;
        let headers = request.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("tcp"));
        let mut sender = self.connect().await?;
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| self.broken(&error))?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            is_answer(answer.status())?;
            return Ok(Err(answer));
        }
        let content_type = answer.headers().get(CONTENT_TYPE).cloned();
        let stream = hyper::upgrade::on(answer)
            .await
            .map_err(|error| self.broken(&error))?;
        Ok(Ok(Switched {
            content_type,
            stream: TokioIo::new(stream),
        }))
    }

    fn take_idle(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|sender| !sender.is_closed());
        let at = idle.iter().position(SendRequest::is_ready)?;
        Some(idle.swap_remove(at))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Failure> {
        let down = |why: &str| {
            self.forget();
            Failure::EngineDown(self.socket.clone(), why.to_owned())
        };
        let stream = match tokio::time::timeout(CONNECT, UnixStream::connect(&self.socket)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(down(reason(&error))),
            Err(_) => return Err(down("it does not accept connections")),
        };
        let (sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(256 * 1024)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.broken(&error))?;
        // Ends when the sender is dropped or the engine closes.
        tokio::task::spawn_local(async move {
            let _ = connection.with_upgrades().await;
        });
        Ok(sender)
    }

    fn broken(&self, error: &hyper::Error) -> Failure {
        self.forget();
        Failure::EngineBroken(error.to_string())
    }
}

/// # Errors
/// For a status that no engine answers with: neither done, nor "as it was"
/// (304, for start and stop), nor an error.
fn is_answer(status: StatusCode) -> Result<(), Failure> {
    let is_error = status.is_client_error() || status.is_server_error();
    if status.is_success() || status == StatusCode::NOT_MODIFIED || is_error {
        return Ok(());
    }
    Err(Failure::EngineBroken(format!(
        "it answered with status {}",
        status.as_u16()
    )))
}

/// Words for a failed connect that never hold what docker searches for.
fn reason(error: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "there is no socket",
        ErrorKind::ConnectionRefused => "nobody listens",
        ErrorKind::PermissionDenied => "the socket cannot be opened",
        _ => "it cannot be reached",
    }
}

fn request(wire: &Wire, version: Option<u8>) -> Result<Request<Full<Bytes>>, Failure> {
    let target = match version {
        Some(minor) => format!("/v1.{minor}{}", wire.target),
        None => wire.target.clone(),
    };
    let mut request = Request::builder()
        .method(&wire.method)
        .uri(target)
        .header(HOST, "docker");
    if wire.body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    } else if wire.method == Method::POST {
        // Without it engines up to 20.10 would read a form.
        request = request.header(CONTENT_TYPE, "text/plain");
    }
    if let Some(auth) = &wire.registry_auth {
        request = request.header("X-Registry-Auth", auth);
    }
    request
        .body(Full::new(wire.body.clone().unwrap_or_default().into()))
        .map_err(|error| Failure::Host(format!("cannot write a request: {error}")))
}

/// The whole body of an answer, up to [`MAX_ANSWER`].
pub(crate) async fn read_whole(body: Incoming) -> Result<Bytes, Failure> {
    match http_body_util::Limited::new(body, MAX_ANSWER)
        .collect()
        .await
    {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Failure::EngineBroken(
            format!("its answer is larger than {MAX_ANSWER} bytes"),
        )),
        Err(error) => Err(Failure::EngineBroken(error.to_string())),
    }
}

/// The JSON of an answer, or the engine's error.
pub(crate) fn parse_answer<T: DeserializeOwned>(
    status: StatusCode,
    bytes: &[u8],
) -> Result<T, Failure> {
    if !status.is_success() {
        return Err(Failure::Engine(status.as_u16(), message(bytes)));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Failure::EngineBroken(format!("unreadable answer: {error}")))
}

/// The text of an engine's error answer.
pub(crate) fn message(bytes: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Message {
        message: String,
    }
    match serde_json::from_slice::<Message>(bytes) {
        Ok(Message { message }) => message,
        Err(_) => String::from_utf8_lossy(&bytes[..bytes.len().min(4096)])
            .trim()
            .to_owned(),
    }
}
