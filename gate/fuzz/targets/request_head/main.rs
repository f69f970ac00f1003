//! Whatever a client sends, the server sees the requests that a naive reader
//! sees, in their order, and none that the guard did not check.
//!
//! The first byte is no input: it says in what pieces the rest arrives and
//! whether upgrades are granted.
#![no_main]

mod naive;

use std::cell::RefCell;
use std::convert::Infallible;

use bytes::Bytes;
use dock_gate::forward::head::{Control, HeadGuard};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use libfuzzer_sys::fuzz_target;
use naive::Seen;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

/// What the service behind the guard was given.
#[derive(Default)]
struct Served {
    requests: Vec<Seen>,
    /// The stream behind the last of them.
    upgrade: Option<OnUpgrade>,
}

thread_local! {
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
}

fuzz_target!(|data: &[u8]| {
    let [how, sent @ ..] = data else { return };
    RUNTIME.with(|runtime| runtime.block_on(laws(*how, sent)));
});

async fn laws(how: u8, sent: &[u8]) {
    let (grant, piece) = (how & 1 == 1, usize::from(how >> 1));
    let expected = naive::read(sent);
    let (client, server) = duplex(1 << 20);
    let served = RefCell::default();
    // Held to the end: a client that is gone altogether gets no upgrade.
    let (_client, ()) = tokio::join!(send(client, sent, piece), serve(server, grant, &served));

    let Served { requests, upgrade } = served.into_inner();
    assert!(requests.len() <= expected.len(), "a request from nowhere");
    for (served, (seen, _)) in requests.iter().zip(&expected) {
        assert_eq!(served, seen);
    }
    if let Some(upgrade) = upgrade {
        let (_, end) = &expected[requests.len() - 1];
        let mut raw = Vec::new();
        let mut stream = TokioIo::new(upgrade.await.unwrap());
        stream.read_to_end(&mut raw).await.unwrap();
        assert_eq!(raw, sent[*end..], "the raw stream begins elsewhere");
    }
}

/// Sends all of it and then only listens, until nobody speaks any more.
async fn send(mut client: DuplexStream, sent: &[u8], piece: usize) -> DuplexStream {
    for piece in sent.chunks(if piece == 0 { 4096 } else { piece }) {
        if client.write_all(piece).await.is_err() {
            return client;
        }
        tokio::task::yield_now().await;
    }
    // Refused when the server is gone already.
    let _ = client.shutdown().await;
    client
}

async fn serve(server: DuplexStream, grant: bool, served: &RefCell<Served>) {
    let guard = HeadGuard::new(server);
    let control = guard.control();
    let service = service_fn(|request| {
        let control = control.clone();
        async move { Ok::<_, Infallible>(answer(request, &control, grant, served).await) }
    });
    // How it ends is the client's business.
    let _ = http1::Builder::new()
        .max_headers(64)
        .max_buf_size(128 * 1024)
        .half_close(false)
        .serve_connection(TokioIo::new(guard), service)
        .with_upgrades()
        .await;
}

async fn answer(
    mut request: Request<Incoming>,
    control: &Control,
    grant: bool,
    served: &RefCell<Served>,
) -> Response<Full<Bytes>> {
    let asked = request.headers().contains_key(hyper::header::UPGRADE);
    let upgrade = asked.then(|| hyper::upgrade::on(&mut request));
    let (method, target) = (request.method().to_string(), request.uri().to_string());
    let body = request.into_body().collect().await.ok();
    let body = body.map(|body| body.to_bytes().to_vec());
    let whole = body.is_some();
    served.borrow_mut().requests.push(Seen {
        method,
        target,
        body,
    });
    let mut response = Response::new(Full::default());
    if grant && whole && upgrade.is_some() {
        served.borrow_mut().upgrade = upgrade;
        control.raw();
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    } else {
        control.next();
    }
    response
}
