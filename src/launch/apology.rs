//! When there is no gate, somebody has to say why: docker itself would ask
//! whether the daemon is running.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// How long a client may take for its request, and again for taking the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest request head that is read.
const MAX_HEAD: usize = 64 * 1024;

/// Answers every request with 503 and `why`, until docker (`process`) has ended.
pub(super) fn serve(listener: &UnixListener, process: &OwnedFd, why: &str) {
    let text = format!("dock: {why}");
    // The gate may have changed the shared description, and a client may be gone again.
    let _ = listener.set_nonblocking(true);
    loop {
        let mut waits = [
            PollFd::new(process.as_fd(), PollFlags::POLLIN),
            PollFd::new(listener.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut waits, PollTimeout::NONE) {
            Ok(_) => {}
            Err(nix::Error::EINTR) => continue,
            Err(_) => return,
        }
        let [docker_ended, client] = waits.map(|wait| wait.any().unwrap_or(false));
        if docker_ended {
            return;
        }
        if !client {
            continue;
        }
        match listener.accept() {
            // A client that goes away has its answer.
            Ok((stream, _)) => drop(answer(stream, &text)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // Rather docker's own words than a process that spins.
            Err(_) => return,
        }
    }
}

fn answer(mut stream: UnixStream, text: &str) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let end = Instant::now() + PATIENCE;
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") && head.len() < MAX_HEAD {
        match read(&mut stream, &mut piece, end)? {
            0 => return Ok(()),
            read => head.extend_from_slice(&piece[..read]),
        }
    }
    let body = message(text);
    let shown = if head.starts_with(b"HEAD ") {
        ""
    } else {
        &body
    };
    write!(
        stream,
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{shown}",
        body.len()
    )?;
    stream.shutdown(Shutdown::Write)?;
    // A client that is still uploading reads no answer when its next write fails.
    let end = Instant::now() + PATIENCE;
    while read(&mut stream, &mut piece, end)? > 0 {}
    Ok(())
}

/// Reads what there is; an error after `end`.
fn read(stream: &mut UnixStream, piece: &mut [u8], end: Instant) -> std::io::Result<usize> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    stream.set_read_timeout(Some(left))?;
    stream.read(piece)
}

/// `{"message": ...}`; the only JSON that this program writes.
fn message(text: &str) -> String {
    let mut json = String::from("{\"message\":\"");
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if c.is_control() => json.push('?'),
            c => json.push(c),
        }
    }
    json.push_str("\"}\n");
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_json() {
        assert_eq!(
            message("a \"b\"\n\\ \u{7}"),
            "{\"message\":\"a \\\"b\\\"\\n\\\\ ?\"}\n"
        );
    }

    #[test]
    fn every_request_is_answered_until_the_process_ends() {
        let folder =
            nix::unistd::mkdtemp(&std::env::temp_dir().join("dock-apology-XXXXXX")).unwrap();
        let path = folder.join("s");
        let listener = UnixListener::bind(&path).unwrap();
        let mut sleep = std::process::Command::new("sleep")
            .arg("100")
            .spawn()
            .unwrap();
        let pid = nix::unistd::Pid::from_raw(i32::try_from(sleep.id()).unwrap());
        let process = crate::sys::pidfd(pid).unwrap();
        let server = std::thread::spawn(move || serve(&listener, &process, "no gate"));
        let upload = vec![0; 8 << 20];
        for (request, upload, has_body) in [
            ("GET / HTTP/1.1\r\n\r\n", &[][..], true),
            ("HEAD / HTTP/1.1\r\n\r\n", &[], false),
            ("POST / HTTP/1.1\r\n\r\n", &upload, true),
        ] {
            let mut stream = UnixStream::connect(&path).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream.write_all(upload).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
            assert_eq!(answer.contains("\"dock: no gate\""), has_body, "{answer}");
        }
        sleep.kill().unwrap();
        sleep.wait().unwrap();
        server.join().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
