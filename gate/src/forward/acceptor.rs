//! Takes connections from the listening socket, on a thread of its own.
//!
//! The socket is shared with whoever passed it in, and so are its flags: she
//! can make it block at any moment and take the connection that was announced.
//! A thread that is stuck in `accept` then keeps nothing from ending.

use std::io::ErrorKind;
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use tokio::sync::mpsc;

/// The thread calls nothing but `accept`.
const STACK: usize = 64 * 1024;

/// Connections as they come, one at a time. The thread ends with the process,
/// or with the receiver and one more connection.
///
/// # Errors
/// When the kernel gives no thread.
pub(super) fn start(listener: UnixListener) -> std::io::Result<mpsc::Receiver<UnixStream>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::Builder::new()
        .name("accept".into())
        .stack_size(STACK)
        .spawn(move || accept(&listener, &sender))?;
    Ok(receiver)
}

fn accept(listener: &UnixListener, sender: &mpsc::Sender<UnixStream>) {
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                if sender.blocking_send(stream).is_err() {
                    return;
                }
            }
            // Somebody set the flag back, and may do so again.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let _ = listener.set_nonblocking(false);
            }
            // Out of descriptors, most likely: others have to close first.
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_come_whatever_the_flags_of_the_shared_socket_are() {
        let path = std::env::temp_dir().join(format!("dock-acceptor-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let shared = UnixListener::bind(&path).unwrap();
        let mut connections = start(shared.try_clone().unwrap()).unwrap();
        for nonblocking in [true, false, true] {
            shared.set_nonblocking(nonblocking).unwrap();
            let _client = UnixStream::connect(&path).unwrap();
            let connection = tokio::time::timeout(Duration::from_secs(10), connections.recv());
            assert!(connection.await.unwrap().is_some());
        }
        let _ = std::fs::remove_file(&path);
    }
}
