//! Whether a client is gone, as opposed to having nothing more to send.
//!
//! Both look the same to whoever reads. A container that says nothing would
//! keep the stream of a client that was killed, and with it the gate.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use tokio::io::Interest;

use crate::sys;

/// The client's socket; as long as one is held, the client sees no end.
#[derive(Clone)]
pub(super) struct Peer(Arc<OwnedFd>);

impl Peer {
    /// # Errors
    /// When there is no descriptor left.
    pub(super) fn of(socket: &impl AsFd) -> std::io::Result<Peer> {
        Ok(Peer(Arc::new(socket.as_fd().try_clone_to_owned()?)))
    }

    /// Returns when the client has closed its socket, both ways.
    pub(super) async fn gone(&self) {
        if let Ok(socket) = self.0.try_clone()
            && let Ok(socket) = sys::watch_hang_up(socket)
            && socket.ready(Interest::PRIORITY).await.is_ok()
        {
            return;
        }
        // Then only what it does not read tells.
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixStream;

    async fn is_gone(peer: &Peer) -> bool {
        let gone = tokio::time::timeout(Duration::from_millis(200), peer.gone());
        gone.await.is_ok()
    }

    #[tokio::test]
    async fn only_a_client_that_closed_both_ways_is_gone() {
        let (mut ours, mut clients) = UnixStream::pair().unwrap();
        let peer = Peer::of(&ours).unwrap();
        clients.write_all(b"x").await.unwrap();
        assert!(!is_gone(&peer).await);
        clients.shutdown().await.unwrap();
        assert_eq!(ours.read(&mut [0; 2]).await.unwrap(), 1);
        assert_eq!(ours.read(&mut [0; 2]).await.unwrap(), 0);
        assert!(!is_gone(&peer).await);
        let late = tokio::join!(is_gone(&peer), async { drop(clients) });
        assert!(late.0);
        assert!(is_gone(&peer).await);
    }
}
