//! The process that stays behind while docker runs: it starts the gate, tells
//! docker what went wrong when there is none, and removes the folder.

use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigHandler, Signal};

use super::gate::GateProcess;
use super::{apology, folder};

/// Waits for docker (`process`, a pidfd) to end; the folder goes then.
pub(super) fn wait(listener: &UnixListener, process: &OwnedFd, folder: &Path) {
    detach();
    match GateProcess::start(listener) {
        Ok(gate) => watch(gate, listener, process),
        Err(error) => {
            apology::serve(
                listener,
                process,
                &format!("sudo cannot be started: {:?}", error.kind()),
            );
        }
    }
    folder::remove(folder);
}

/// Until docker has ended. The gate sees that by itself and needs nobody.
fn watch(mut gate: GateProcess, listener: &UnixListener, process: &OwnedFd) {
    loop {
        let mut waits = [
            PollFd::new(process.as_fd(), PollFlags::POLLIN),
            PollFd::new(gate.words(), PollFlags::POLLIN),
        ];
        match poll(&mut waits, PollTimeout::NONE) {
            Ok(_) => {}
            Err(nix::Error::EINTR) => continue,
            Err(_) => return,
        }
        let [docker_ended, words] = waits.map(|wait| wait.any().unwrap_or(false));
        if docker_ended {
            return;
        }
        if words && !gate.read() {
            apology::serve(listener, process, &gate.last_words());
            return;
        }
    }
}

/// Lets go of the terminal and of the pipes of whoever waits for docker's output.
fn detach() {
    for signal in [
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGQUIT,
        Signal::SIGTSTP,
        Signal::SIGTTIN,
        Signal::SIGTTOU,
        Signal::SIGPIPE,
    ] {
        crate::sys::handle(signal, SigHandler::SigIgn);
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
}
