//! The guard under hyper's own server, as the gate uses it.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, UPGRADE as UPGRADE_HEADER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::timeout;

use super::{PLAIN, UPGRADE};
use crate::forward::head::{Control, HeadGuard};

/// Answers with method, path and body; `/b` with an upgrade to an echo.
async fn serve(control: Control, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.uri().path() == "/b" {
        let client = hyper::upgrade::on(&mut request);
        request.into_body().collect().await.unwrap();
        tokio::spawn(async move {
            let mut client = TokioIo::new(client.await.unwrap());
            let mut heard = Vec::new();
            client.read_to_end(&mut heard).await.unwrap();
            client.write_all(&heard).await.unwrap();
            client.shutdown().await.unwrap();
        });
        control.raw();
        return Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE_HEADER, "tcp")
            .body(Full::default())
            .unwrap();
    }
    let line = format!("{} {} ", request.method(), request.uri());
    let answer = match request.into_body().collect().await {
        Ok(body) => Response::new([line.as_bytes(), &body.to_bytes()].concat()),
        Err(_) => Response::new(b"no body".to_vec()),
    };
    control.next();
    answer.map(Full::from)
}

fn start() -> DuplexStream {
    let (client, server) = duplex(256 * 1024);
    let guard = HeadGuard::new(server);
    let control = guard.control();
    let service = service_fn(move |request| {
        let control = control.clone();
        async move { Ok::<_, Infallible>(serve(control, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.half_close(false);
    let connection = builder
        .serve_connection(TokioIo::new(guard), service)
        .with_upgrades();
    tokio::spawn(connection);
    client
}

/// All that comes until the other side closes, without dates.
async fn rest(client: &mut DuplexStream) -> String {
    let mut heard = Vec::new();
    timeout(Duration::from_secs(5), client.read_to_end(&mut heard))
        .await
        .unwrap()
        .unwrap();
    undated(&heard)
}

/// All that comes until `end`, without dates.
async fn until(client: &mut DuplexStream, end: &str) -> String {
    let mut heard = Vec::new();
    while !heard.ends_with(end.as_bytes()) {
        let byte = timeout(Duration::from_secs(5), client.read_u8()).await;
        heard.push(
            byte.unwrap_or_else(|_| panic!("only {:?}", undated(&heard)))
                .unwrap(),
        );
    }
    undated(&heard)
}

fn undated(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    text.split_inclusive("\r\n")
        .filter(|line| !line.starts_with("date: "))
        .collect()
}

fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

const SWITCHED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n";

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let mut client = start();
    for _ in 0..3 {
        client.write_all(PLAIN).await.unwrap();
        assert_eq!(until(&mut client, "/a ").await, ok("GET /a "));
    }
}

#[tokio::test]
async fn requests_sent_ahead_are_answered_in_order() {
    let mut client = start();
    let last = b"POST /z HTTP/1.1\r\nContent-Length: 1\r\n\r\n!";
    client
        .write_all(&[PLAIN, PLAIN, last].concat())
        .await
        .unwrap();
    let expected = [ok("GET /a "), ok("GET /a "), ok("POST /z !")].concat();
    assert_eq!(until(&mut client, "!").await, expected);
}

#[tokio::test]
async fn a_chunked_upload_and_the_request_behind_it() {
    let mut client = start();
    let upload =
        b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    client.write_all(&[upload, PLAIN].concat()).await.unwrap();
    let expected = [ok("POST /c abcde"), ok("GET /a ")].concat();
    assert_eq!(until(&mut client, "/a ").await, expected);
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let mut client = start();
    let body = "0123456789".repeat(100_000);
    let head = format!(
        "POST /c HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    client.write_all(head.as_bytes()).await.unwrap();
    assert_eq!(
        until(&mut client, "\r\n\r\n").await,
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    client.write_all(body.as_bytes()).await.unwrap();
    client.write_all(PLAIN).await.unwrap();
    let expected = [ok(&format!("POST /c {body}")), ok("GET /a ")].concat();
    assert!(until(&mut client, "GET /a ").await == expected);
}

#[tokio::test]
async fn a_body_with_a_bad_chunk_is_not_taken_for_a_whole_one() {
    let mut client = start();
    let upload = b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\n\r\n";
    client.write_all(&[upload, PLAIN].concat()).await.unwrap();
    let heard = rest(&mut client).await;
    assert!(
        !heard.contains("200 OK\r\ncontent-length: 8\r\n"),
        "{heard}"
    );
    assert!(!heard.contains("GET /a"), "{heard}");
}

#[tokio::test]
async fn a_bad_head_behind_a_good_one_does_not_cut_its_answer() {
    let mut client = start();
    client
        .write_all(&[PLAIN, b"GET /a HTTP/1.1\r\nX : y\r\n\r\n", PLAIN].concat())
        .await
        .unwrap();
    let bad = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(rest(&mut client).await, [&ok("GET /a "), bad].concat());
}

#[tokio::test]
async fn bytes_sent_ahead_of_the_switch_reach_the_stream() {
    let mut client = start();
    client.write_all(&[UPGRADE, PLAIN].concat()).await.unwrap();
    assert_eq!(until(&mut client, "\r\n\r\n").await, SWITCHED);
    client.write_all(b" and more").await.unwrap();
    client.shutdown().await.unwrap();
    let echo = [PLAIN, b" and more"].concat();
    assert_eq!(rest(&mut client).await.as_bytes(), echo);
}

#[tokio::test]
async fn an_input_that_ended_before_the_switch_does_not_end_the_output() {
    let mut client = start();
    client.write_all(UPGRADE).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(rest(&mut client).await, SWITCHED);
}

#[tokio::test]
async fn a_refused_upgrade_leaves_the_connection_usable() {
    let mut client = start();
    let refused = b"POST /d HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    client.write_all(&[refused, PLAIN].concat()).await.unwrap();
    assert_eq!(
        until(&mut client, "/a ").await,
        [ok("POST /d "), ok("GET /a ")].concat()
    );
    client
        .write_all(&[PLAIN, UPGRADE, b"x"].concat())
        .await
        .unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(
        rest(&mut client).await,
        [&ok("GET /a "), SWITCHED, "x"].concat()
    );
}
