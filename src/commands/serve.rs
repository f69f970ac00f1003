//! `dock serve`: a socket that lives as long as this command, for SDKs and IDEs.

use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::SignalFd;

use crate::error::Error;
use crate::launch::{self, Ended, GateProcess, Rank};
use crate::ui;

pub(super) fn run(socket: Option<PathBuf>) -> Result<ExitCode, Error> {
    let (_, person) = launch::ready()?;
    let socket = match socket {
        Some(socket) => launch::absolute(&socket)?,
        None => launch::serve_socket(&person),
    };
    launch::make_folder_of(&socket)?;
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
    let mut gate = GateProcess::start(&listener, Rank::Person).map_err(|error| Error::Launch {
        what: "start sudo for",
        path: socket.clone(),
        error,
    })?;
    ui::line(format!("export DOCKER_HOST={}", launch::address(&socket)).as_bytes());
    let ended = match gate.watch(signals.as_fd()) {
        Ok(Ended::Other) => Ok(ExitCode::SUCCESS),
        Ok(Ended::Gate) => Err(Error::GateEnded(gate.last_words())),
        Err(error) => Err(Error::Launch {
            what: "wait at",
            path: socket.clone(),
            error,
        }),
    };
    // Only what this command made; the gate ends with it.
    let _ = std::fs::remove_file(&socket);
    ended
}
