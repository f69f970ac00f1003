//! attach and exec start: a raw stream, after the engine itself has switched.

use std::rc::Rc;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, UPGRADE};
use hyper::upgrade::OnUpgrade;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::spawn_local;

use super::body::{self, Answer, Piece};
use super::call::Call;
use super::engine::Switched;
use super::listen::{Gate, lost_access};
use super::peer::Peer;
use super::translate::Typed;
use super::{stream, wire};
use crate::failure::Failure;
use crate::policy::Permit;

/// What a raw stream is when the engine does not say.
const RAW: HeaderValue = HeaderValue::from_static("application/vnd.docker.raw-stream");

/// Sends what was permitted on a connection of its own and joins the client to
/// the raw stream. Where the engine does not switch, its answer is the answer
/// and what the client sent ahead is dropped with the connection.
pub(crate) async fn join(
    mut call: Call<'_>,
    permit: Permit,
    typed: Option<Typed<'_>>,
) -> Result<Answer, Failure> {
    let switched = match call
        .engine
        .switch(wire::of(permit, call.space())?, call.version)
        .await?
    {
        Ok(switched) => switched,
        Err(answer) => {
            let answer = call.accept(answer, typed).await?;
            return Err(Failure::EngineBroken(format!(
                "it answered {} instead of opening a stream",
                answer.status()
            )));
        }
    };
    let kind = switched.content_type.clone().unwrap_or(RAW);
    if !call.request.headers().contains_key(UPGRADE) {
        return Ok(output_only(call, switched, kind));
    }
    // A body that nobody reads would come out of the raw stream first.
    call.refuse_body().await?;
    let client = hyper::upgrade::on(&mut call.request);
    let peer = call.request.extensions_mut().remove::<Peer>();
    call.control.raw();
    spawn_local(both_ways(Rc::clone(&call.gate), client, peer, switched));
    let mut answer = Response::new(body::full(Bytes::new()));
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("tcp"));
    Ok(answer)
}

/// The client's connection and the engine's, until both have ended, the client
/// is gone, or the person no longer counts.
async fn both_ways(gate: Rc<Gate>, client: OnUpgrade, peer: Option<Peer>, switched: Switched) {
    let token = gate.token();
    if let Ok(client) = client.await {
        tokio::select! {
            () = stream::relay(TokioIo::new(client), switched.stream) => {}
            () = gone(peer.as_ref()) => {}
            () = lost_access(&gate) => {}
        }
    }
    drop(token);
}

/// Returns when the client is gone and what it had sent had time to arrive.
async fn gone(peer: Option<&Peer>) {
    match peer {
        Some(peer) => peer.gone().await,
        None => std::future::pending().await,
    }
    tokio::time::sleep(stream::FAREWELL).await;
}

/// A client that did not ask for an upgrade gets the stream as a body; what it
/// sends as its own body is the standard input.
fn output_only(mut call: Call<'_>, switched: Switched, kind: HeaderValue) -> Answer {
    let (mut output, mut input) = tokio::io::split(switched.stream);
    let input_body = call.body.take();
    let gate = Rc::clone(&call.gate);
    let peer = call.request.extensions_mut().remove::<Peer>();
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    spawn_local(async move {
        let token = gate.token();
        let feed = async {
            if let Some(input_body) = input_body {
                feed(input_body, &mut input).await;
            }
            let _ = input.shutdown().await;
        };
        let drain = async {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(read @ 1..) = output.read(&mut buffer).await {
                // Waits for the client: one piece at a time is all that is held.
                let piece = Piece::Data(Bytes::copy_from_slice(&buffer[..read]));
                if sender.send(piece).await.is_err() {
                    break;
                }
            }
            let _ = sender.send(Piece::End).await;
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(feed, drain) } => {}
            () = gone(peer.as_ref()) => {}
            () = lost_access(&gate) => {}
        }
        drop(token);
    });
    let mut answer = Response::new(body::channel(receiver));
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

async fn feed(mut body: Incoming, input: &mut (impl tokio::io::AsyncWrite + Unpin)) {
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(bytes) = frame.into_data()
            && input.write_all(&bytes).await.is_err()
        {
            return;
        }
    }
}
