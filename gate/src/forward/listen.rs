//! Accepts connections for as long as the process that listens lives.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::unix::AsyncFd;
use tokio::net::UnixStream;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::task::{LocalSet, spawn_blocking, spawn_local};

use super::caller::Caller;
use super::engine::Engine;
use super::head::HeadGuard;
use super::peer::Peer;
use super::{acceptor, admin, body, dispatch, last_use, networks};
use crate::Rank;
use crate::sys::{self, Entry, Fatal};
use dock_space::Uid;
use dock_space::config::Config;

/// The most connections of one gate (G22).
const MAX_CONNECTIONS: usize = 128;

/// How old a look-up made ahead of the first connection may be.
const FRESH: Duration = Duration::from_secs(2);

/// How often a long connection asks again whether its person still counts.
const RECHECK: Duration = Duration::from_secs(60);

/// What all connections of one gate share.
pub(crate) struct Gate {
    pub(crate) uid: Uid,
    pub(crate) login_uid: Option<u32>,
    rank: Rank,
    /// What only an admin gate has.
    pub(crate) desk: admin::Desk,
    engine: RefCell<Option<Rc<Engine>>>,
    ahead: RefCell<Option<(Instant, Result<Caller, String>)>>,
    /// Containers of the caller's that this gate has just made or looked up.
    pub(crate) known: super::known::Known,
    /// Execs made through this gate: exec id -> container id.
    pub(crate) execs: RefCell<std::collections::HashMap<String, String>>,
    /// Set when something was made or removed, so that an unused network is looked for at the end.
    pub(crate) touched: Cell<bool>,
    /// Room for the JSON bodies of all connections, in KiB.
    pub(crate) room: Arc<Semaphore>,
    open: Rc<Open>,
}

/// How many connections are open, raw streams included.
#[derive(Default)]
struct Open {
    count: Cell<usize>,
    changed: Notify,
}

/// Counts as one open connection until dropped.
pub(crate) struct Token(Rc<Open>);

impl Token {
    fn new(open: &Rc<Open>) -> Token {
        open.count.set(open.count.get() + 1);
        Token(Rc::clone(open))
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.count.set(self.0.count.get() - 1);
        self.0.changed.notify_waiters();
    }
}

impl Gate {
    /// The engine that the configuration names.
    pub(crate) fn engine(&self, config: &Config) -> Rc<Engine> {
        let socket = &config.engine.socket;
        let mut engine = self.engine.borrow_mut();
        match &*engine {
            Some(engine) if engine.socket() == socket => Rc::clone(engine),
            _ => Rc::clone(engine.insert(Rc::new(Engine::new(socket.clone())))),
        }
    }

    /// A token for a stream that outlives its request.
    pub(crate) fn token(&self) -> Token {
        Token::new(&self.open)
    }

    pub(super) async fn caller(&self) -> Result<Caller, String> {
        if let Some((then, result)) = self.ahead.borrow_mut().take()
            && then.elapsed() < FRESH
        {
            return result;
        }
        let (uid, login_uid) = (self.uid, self.login_uid);
        spawn_blocking(move || Caller::look_up(uid, login_uid))
            .await
            .unwrap_or_else(|_| Err("cannot look up who you are: the look-up ended".into()))
    }

    /// Whose requests come over a new connection.
    async fn visitor(&self) -> Visitor {
        match self.rank {
            Rank::Person => Visitor::Person(Box::new(self.caller().await)),
            Rank::Admin => Visitor::Admin(Box::new(admin::Visit::new(self).await)),
        }
    }

    /// Whether whoever started this gate still counts.
    async fn counts(&self) -> bool {
        match self.rank {
            Rank::Person => self.caller().await.is_ok(),
            Rank::Admin => admin::Visit::new(self).await.counts(),
        }
    }
}

/// Who is on the other side of a connection; an error is what every request
/// gets for an answer.
enum Visitor {
    Person(Box<Result<Caller, String>>),
    Admin(Box<admin::Visit>),
}

/// Serves until the listening process is gone and no connection is open.
///
/// # Errors
/// When the runtime cannot be started.
pub(crate) fn serve(entry: &Entry, rank: Rank) -> Result<(), Fatal> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()
        .map_err(Fatal::Runtime)?;
    LocalSet::new().block_on(&runtime, run(entry, rank))
}

async fn run(entry: &Entry, rank: Rank) -> Result<(), Fatal> {
    let listener = entry.listener.try_clone().map_err(Fatal::Runtime)?;
    let connections = acceptor::start(listener).map_err(Fatal::Runtime)?;
    let lifetime = entry.lifetime.try_clone().map_err(Fatal::Runtime)?;
    let lifetime = sys::watch(lifetime).map_err(Fatal::Runtime)?;
    let gate = Rc::new(Gate {
        uid: entry.uid,
        login_uid: entry.login_uid,
        rank,
        desk: admin::Desk::default(),
        engine: RefCell::default(),
        ahead: RefCell::default(),
        known: super::known::Known::default(),
        execs: RefCell::default(),
        touched: Cell::new(false),
        room: Arc::new(Semaphore::new(body::ROOM)),
        open: Rc::default(),
    });
    if rank == Rank::Person {
        look_ahead(&gate).await;
    }
    tokio::select! {
        () = accept(&gate, connections) => {}
        () = ended(&gate, &lifetime) => {}
    }
    match rank {
        Rank::Person => networks::tidy_at_the_end(&gate).await,
        Rank::Admin => admin::tidy_at_the_end(&gate).await,
    }
    Ok(())
}

/// Does what the first request will need while the client still starts.
async fn look_ahead(gate: &Rc<Gate>) {
    let caller = gate.caller().await;
    if let Ok(caller) = &caller {
        last_use::touch(caller.identity.space);
        let engine = gate.engine(&caller.config);
        spawn_local(async move {
            // A failure is told to the request that meets it again.
            let _ = tokio::join!(engine.about(), engine.setup());
        });
    }
    *gate.ahead.borrow_mut() = Some((Instant::now(), caller));
}

/// Returns when the listening process is gone and the last connection closed.
async fn ended(gate: &Gate, lifetime: &AsyncFd<std::os::fd::OwnedFd>) {
    let _ = lifetime.readable().await;
    loop {
        let changed = gate.open.changed.notified();
        if gate.open.count.get() == 0 {
            return;
        }
        changed.await;
    }
}

async fn accept(gate: &Rc<Gate>, mut connections: mpsc::Receiver<std::os::unix::net::UnixStream>) {
    while let Some(stream) = connections.recv().await {
        if gate.open.count.get() >= MAX_CONNECTIONS {
            // Closed at once: queueing would let one client starve its others.
            continue;
        }
        let stream = stream
            .set_nonblocking(true)
            .and_then(|()| UnixStream::from_std(stream));
        // The kernel's word on every single connection (G2).
        if let Ok(stream) = stream
            && stream
                .peer_cred()
                .is_ok_and(|peer| peer.uid() == gate.uid.0)
        {
            let token = gate.token();
            spawn_local(connection(Rc::clone(gate), stream, token));
        }
    }
}

async fn connection(gate: Rc<Gate>, stream: UnixStream, token: Token) {
    let visitor = Rc::new(gate.visitor().await);
    let Ok(peer) = Peer::of(&stream) else { return };
    let guard = HeadGuard::new(stream);
    let control = guard.control();
    let service = {
        let (gate, visitor) = (Rc::clone(&gate), Rc::clone(&visitor));
        service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer.clone());
            let (gate, visitor, control) = (Rc::clone(&gate), Rc::clone(&visitor), control.clone());
            async move {
                Ok::<_, Infallible>(match &*visitor {
                    Visitor::Person(caller) => {
                        dispatch::serve(&gate, caller, control, request).await
                    }
                    Visitor::Admin(visit) => admin::serve(&gate, visit, control, request).await,
                })
            }
        })
    };
    let connection = http1::Builder::new()
        .max_headers(64)
        .max_buf_size(128 * 1024)
        .half_close(false)
        .serve_connection(TokioIo::new(guard), service)
        .with_upgrades();
    tokio::select! {
        _ = connection => {}
        () = lost_access(&gate) => {}
    }
    drop(token);
}

/// Returns when the person no longer counts: group left, account gone,
/// configuration unusable.
pub(crate) async fn lost_access(gate: &Gate) {
    loop {
        tokio::time::sleep(RECHECK).await;
        if !gate.counts().await {
            return;
        }
    }
}
