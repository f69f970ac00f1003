//! Starts a gate as `dock` would, and nothing else: a socket for raw bytes.
//!
//! `listener SOCKET PROGRAM [ARG...]` runs as the person under test: it listens on
//! SOCKET, starts PROGRAM (sudo and the gate) with that socket as standard input,
//! prints the child's pid and waits. It is the process that called `listen()`, so
//! the gate lives as long as it does. At the end of its own standard input it stops
//! listening by ending. It is a part of the test bed and is never installed.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

fn main() -> io::Result<()> {
    let mut words = std::env::args_os().skip(1);
    let (Some(socket), Some(program)) = (words.next(), words.next()) else {
        return Err(io::Error::other("usage: listener SOCKET PROGRAM [ARG...]"));
    };
    let listener = UnixListener::bind(&socket)?;
    // Open to all: what another person's connection gets is for the gate to say.
    std::fs::set_permissions(&socket, PermissionsExt::from_mode(0o777))?;
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::null())
        .spawn()?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{}", child.id())?;
    stdout.flush()?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    // Reaped when it has already ended; else it outlives this process for a moment.
    child.try_wait()?;
    Ok(())
}
