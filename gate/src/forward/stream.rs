//! Bytes between two raw connections after the engine has switched.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// One buffer per direction: what a slow reader can make the gate hold.
const BUFFER: usize = 64 * 1024;

/// Copies both ways until both directions have ended.
///
/// A direction ends at the end of its source, which is passed on as a
/// half-close, or when its destination takes no more. The other direction goes
/// on: a container that stopped reading may still have output.
pub(crate) async fn relay<A, B>(client: A, engine: B)
where
    A: AsyncRead + AsyncWrite,
    B: AsyncRead + AsyncWrite,
{
    let (client_reads, client_writes) = tokio::io::split(client);
    let (engine_reads, engine_writes) = tokio::io::split(engine);
    let to_engine = copy(client_reads, engine_writes, AtRefusal::Discard);
    let to_client = copy(engine_reads, client_writes, AtRefusal::Stop);
    tokio::pin!(to_engine, to_client);
    tokio::select! {
        // The engine has closed. What the client still sends is taken for a
        // while and thrown away: closing a unix socket with unread bytes makes
        // the peer's next read fail instead of end.
        () = &mut to_client => {
            let _ = tokio::time::timeout(FAREWELL, to_engine).await;
        }
        () = &mut to_engine => to_client.await,
    }
}

/// How long either side may take to finish after the other has closed.
pub(super) const FAREWELL: std::time::Duration = std::time::Duration::from_secs(5);

/// What becomes of bytes that the destination does not take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AtRefusal {
    Discard,
    Stop,
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    at_refusal: AtRefusal,
) {
    let mut buffer = vec![0; BUFFER];
    let mut refused = false;
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        refused = refused || to.write_all(&buffer[..read]).await.is_err();
        if refused && at_refusal == AtRefusal::Stop {
            return;
        }
    }
    let _ = to.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_half_close_is_passed_on_and_the_answer_still_comes() {
        let (client, client_far) = tokio::io::duplex(10);
        let (engine, engine_far) = tokio::io::duplex(10);
        let relay = relay(client_far, engine_far);
        let user = async {
            let (mut reads, mut writes) = tokio::io::split(client);
            writes.write_all(b"hello, engine").await.unwrap();
            writes.shutdown().await.unwrap();
            let mut answer = Vec::new();
            reads.read_to_end(&mut answer).await.unwrap();
            answer
        };
        let daemon = async {
            let (mut reads, mut writes) = tokio::io::split(engine);
            let mut heard = Vec::new();
            reads.read_to_end(&mut heard).await.unwrap();
            writes.write_all(&heard).await.unwrap();
            writes.shutdown().await.unwrap();
        };
        let ((), answer, ()) = tokio::join!(relay, user, daemon);
        assert_eq!(answer, b"hello, engine");
    }

    #[tokio::test]
    async fn a_container_that_reads_no_more_still_has_its_output_delivered() {
        let (client, client_far) = tokio::io::duplex(1024);
        let (engine, engine_far) = tokio::io::duplex(1024);
        let relay = relay(client_far, engine_far);
        let user = async {
            let (mut reads, mut writes) = tokio::io::split(client);
            let endless = async { while writes.write_all(&[b'y'; 100]).await.is_ok() {} };
            let mut answer = Vec::new();
            let read = async { reads.read_to_end(&mut answer).await.unwrap() };
            tokio::select! { _ = read => {}, () = endless => {} }
            answer
        };
        let daemon = async {
            let (mut reads, mut writes) = tokio::io::split(engine);
            let mut first = [0; 1];
            reads.read_exact(&mut first).await.unwrap();
            writes.write_all(b"bye").await.unwrap();
        };
        let ((), answer, ()) = tokio::join!(relay, user, daemon);
        assert_eq!(answer, b"bye");
    }
}
