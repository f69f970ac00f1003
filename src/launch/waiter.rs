//! The process that stays behind while docker runs: it starts the gate, tells
//! docker what went wrong when there is none, and removes the folder.

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::sys::signal::{SigHandler, Signal};

use super::gate::{Ended, GateProcess, Rank, is_speakable};
use super::{apology, folder};
use crate::error;
use crate::sys;

/// Waits for docker (`process`, a pidfd) to end; the folder goes then.
pub(super) fn wait(listener: &UnixListener, rank: Rank, process: &OwnedFd, folder: &Path) {
    if let Some(why) = no_gate(listener, rank, process) {
        apology::serve(listener, process, &why);
    }
    folder::remove(folder);
}

/// Until docker has ended: the gate sees that by itself and needs nobody. Or
/// until there is no gate: then it is said why.
fn no_gate(listener: &UnixListener, rank: Rank, process: &OwnedFd) -> Option<String> {
    let mut gate = match GateProcess::start(listener, rank) {
        Ok(gate) => gate,
        Err(error) => return Some(no_sudo(&error::words(&error))),
    };
    match gate.watch(process.as_fd()) {
        Ok(Ended::Gate) => Some(gate.last_words()),
        Ok(Ended::Other) | Err(_) => None,
    }
}

fn no_sudo(reason: &str) -> String {
    if is_speakable(reason) {
        format!("sudo cannot be started: {reason}")
    } else {
        "sudo cannot be started".into()
    }
}

/// Lets go of the terminal, of the folder that the person is in, and of all that
/// the caller handed to docker: pipes that somebody reads to their end, locks.
pub(super) fn let_go(listener: &UnixListener, process: &OwnedFd) {
    for signal in [
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGQUIT,
        Signal::SIGTSTP,
        Signal::SIGTTIN,
        Signal::SIGTTOU,
        Signal::SIGPIPE,
    ] {
        sys::handle(signal, SigHandler::SigIgn);
    }
    if let Ok(null) = std::fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/null")
    {
        let _ = nix::unistd::dup2_stdin(&null);
        let _ = nix::unistd::dup2_stdout(&null);
        let _ = nix::unistd::dup2_stderr(&null);
    }
    let _ = std::env::set_current_dir("/");
    sys::close_all_but([listener.as_fd(), process.as_fd()]);
}
