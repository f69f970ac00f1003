//! Stands between the gates and the engine, and writes down what passes.
//!
//! `recorder SOCKET ENGINE RECORD` listens on SOCKET, joins every connection to
//! ENGINE, and appends one line `UID PID METHOD TARGET` per request to RECORD
//! (and one `UID PID NAME: VALUE` per header to the file with the ending .heads) before a byte of it
//! goes on: when a client has its answer, the lines are there.
//! UID is the person whom the gate serves, as sudo told it. The recorder changes
//! no byte. It is a part of the test bed and is never installed.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use nix::sys::socket::{getsockopt, sockopt};

fn main() -> io::Result<()> {
    let words: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [socket, engine, record] = words.as_slice() else {
        return Err(io::Error::other("usage: recorder SOCKET ENGINE RECORD"));
    };
    let append = |path: &PathBuf| File::options().create(true).append(true).open(path);
    let record = Arc::new(Record {
        requests: append(record)?,
        heads: append(&record.with_extension("heads"))?,
    });
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, PermissionsExt::from_mode(0o600))?;
    for client in listener.incoming() {
        let (client, engine, record) = (client?, engine.clone(), Arc::clone(&record));
        thread::spawn(move || {
            // A connection that breaks is the client's and the engine's affair.
            let _ = join(&client, &engine, &record);
        });
    }
    Ok(())
}

/// What was asked, and in which words.
struct Record {
    requests: File,
    heads: File,
}

impl Record {
    fn write(&self, who: &str, head: &str) -> io::Result<()> {
        let mut lines = head.lines().filter(|line| !line.is_empty());
        let request = lines.next().unwrap_or_default();
        let headers: String = lines.map(|line| format!("{who} {line}\n")).collect();
        (&self.heads).write_all(headers.as_bytes())?;
        (&self.requests).write_all(format!("{who} {request}\n").as_bytes())
    }
}

/// Copies both ways until both ends are closed; each end is closed on its own.
fn join(client: &UnixStream, engine: &PathBuf, record: &Record) -> io::Result<()> {
    let who = who(client)?;
    let engine = UnixStream::connect(engine)?;
    let (mut from_engine, mut to_client) = (engine.try_clone()?, client.try_clone()?);
    let answers = thread::spawn(move || {
        let _ = io::copy(&mut from_engine, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Write);
    });
    let asked = copy_requests(client, &engine, |head| record.write(&who, head));
    let _ = engine.shutdown(Shutdown::Write);
    let _ = answers.join();
    asked
}

/// The uid that the peer serves, and the peer's pid.
fn who(client: &UnixStream) -> io::Result<String> {
    let pid = getsockopt(client, sockopt::PeerCredentials)?.pid();
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let uid = environment
        .split(|byte| *byte == 0)
        .find_map(|entry| entry.strip_prefix(b"SUDO_UID="))
        .map_or("-".into(), String::from_utf8_lossy);
    Ok(format!("{uid} {pid}"))
}

/// What comes next on the way to the engine.
enum Expect {
    Head,
    Body(u64),
    /// A chunk's size line, then that many bytes and a line end.
    Chunk,
    /// After an upgrade: bytes without a form. A request line at the start of
    /// what was read is written down all the same: rather one too many.
    Raw,
}

fn copy_requests(
    mut client: &UnixStream,
    mut engine: &UnixStream,
    mut record: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<()> {
    let mut expect = Expect::Head;
    let mut pending = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let used = match &mut expect {
            Expect::Head => match end_of(&pending, b"\r\n\r\n") {
                Some(end) => {
                    let head = String::from_utf8_lossy(&pending[..end]).into_owned();
                    record(&head)?;
                    expect = after_head(&head);
                    end
                }
                None => 0,
            },
            Expect::Body(left) => {
                let used = pending
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= used as u64;
                if *left == 0 {
                    expect = Expect::Head;
                }
                used
            }
            Expect::Chunk => match end_of(&pending, b"\r\n") {
                Some(end) => {
                    let line = String::from_utf8_lossy(&pending[..end]).into_owned();
                    let size = line.trim().split(';').next().unwrap_or_default();
                    let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
                    // Trailers are not used by anything here.
                    let whole = end + size + 2;
                    if pending.len() >= whole {
                        if size == 0 {
                            expect = Expect::Head;
                        }
                        whole
                    } else {
                        0
                    }
                }
                None => 0,
            },
            Expect::Raw => {
                let start =
                    String::from_utf8_lossy(&pending[..pending.len().min(4096)]).into_owned();
                if request_line(&start).contains(" HTTP/1.") {
                    record(request_line(&start))?;
                }
                pending.len()
            }
        };
        if used > 0 {
            engine.write_all(&pending[..used])?;
            pending.drain(..used);
            continue;
        }
        let read = client.read(&mut buffer)?;
        if read == 0 {
            // A request that was never finished: the engine shall see it as it is.
            return engine.write_all(&pending);
        }
        pending.extend_from_slice(&buffer[..read]);
    }
}

fn end_of(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    let start = bytes
        .windows(mark.len())
        .position(|window| window == mark)?;
    Some(start + mark.len())
}

fn request_line(head: &str) -> &str {
    head.lines().next().unwrap_or_default()
}

fn after_head(head: &str) -> Expect {
    let header = |wanted: &str| {
        head.lines().skip(1).find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted)
                .then(|| value.trim().to_owned())
        })
    };
    if header("upgrade").is_some() {
        return Expect::Raw;
    }
    if header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        return Expect::Chunk;
    }
    match header("content-length").and_then(|value| value.parse().ok()) {
        None | Some(0) => Expect::Head,
        Some(length) => Expect::Body(length),
    }
}
