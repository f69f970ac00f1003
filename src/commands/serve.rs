//! `dock serve`: a socket that lives as long as this command, for SDKs and IDEs.

use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dock_space::config::{Config, DIRECTORY};
use dock_space::{Person, Uid};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::SignalFd;

use crate::error::Error;
use crate::launch::{self, GateProcess};
use crate::ui;

pub(super) fn run(socket: Option<&PathBuf>) -> Result<ExitCode, Error> {
    launch::surroundings()?;
    let config = Config::load(Path::new(DIRECTORY))?;
    let person = Person::look_up(Uid(nix::unistd::getuid().as_raw()))?;
    launch::preflight(&config, &person)?;
    let socket = match socket {
        Some(socket) => std::path::absolute(socket).map_err(|error| Error::Launch {
            what: "use",
            path: socket.clone(),
            error,
        })?,
        None => launch::serve_socket(&person)?,
    };
    if UnixStream::connect(&socket).is_ok() {
        return Err(Error::SocketInUse(socket));
    }
    // Signals first: one that comes early must still remove the socket.
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        signals.add(signal);
    }
    let failed = |error: nix::Error| Error::Launch {
        what: "wait at",
        path: socket.clone(),
        error: error.into(),
    };
    signals.thread_block().map_err(failed)?;
    let signals = SignalFd::new(&signals).map_err(failed)?;
    let listener = launch::listen(&socket)?;
    let mut gate = GateProcess::start(&listener).map_err(|error| Error::Launch {
        what: "start sudo for",
        path: socket.clone(),
        error,
    })?;
    ui::line(format!("export DOCKER_HOST={}", launch::address(&socket)).as_bytes());
    let ended = loop {
        let mut waits = [
            PollFd::new(signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(gate.words(), PollFlags::POLLIN),
        ];
        match poll(&mut waits, PollTimeout::NONE) {
            Ok(_) | Err(nix::Error::EINTR) => {}
            Err(error) => break Err(failed(error)),
        }
        let [signal, words] = waits.map(|wait| wait.any().unwrap_or(false));
        if signal {
            break Ok(ExitCode::SUCCESS);
        }
        if words && !gate.read() {
            break Err(Error::GateEnded(gate.last_words()));
        }
    };
    // Only what this command made; the gate ends with it.
    let _ = std::fs::remove_file(&socket);
    ended
}
