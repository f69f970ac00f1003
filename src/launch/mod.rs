//! A private socket, the gate behind it, and what has to be true for both.
//!
//! After [`start`] this process is to become docker: it is the one that called
//! `listen()`, and the gate lives as long as it does.

mod apology;
mod folder;
mod gate;
mod preflight;
mod waiter;

use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use dock_space::Person;

use crate::error::Error;
use crate::sys::{self, Side};

pub(crate) use gate::GateProcess;
pub(crate) use preflight::{check as preflight, docker, surroundings};

/// What a unix socket's path may hold beside its NUL (`sockaddr_un`).
const MAX_SOCKET_PATH: usize = 107;

/// Makes the private socket, leaves a waiting process that starts the gate on
/// it, and returns the socket's path.
///
/// # Errors
/// When there is no place for a socket, or the kernel does not fork.
pub(crate) fn start() -> Result<PathBuf, Error> {
    let folder = folder::make()?;
    let socket = folder.join("docker.sock");
    let listener = listen(&socket)?;
    let failed = |error| Error::Launch {
        what: "wait for",
        path: socket.clone(),
        error,
    };
    let me = sys::pidfd(nix::unistd::getpid()).map_err(failed)?;
    match sys::fork_away().map_err(failed)? {
        Side::Original => Ok(socket),
        Side::Away => {
            waiter::wait(&listener, &me, &folder);
            sys::end()
        }
    }
}

/// How docker clients are told of a socket.
pub(crate) fn address(socket: &Path) -> String {
    format!("unix://{}", socket.display())
}

/// Listens on `socket`, which only its owner can reach.
///
/// # Errors
/// When the path is too long or cannot be made.
pub(crate) fn listen(socket: &Path) -> Result<UnixListener, Error> {
    if socket.as_os_str().len() > MAX_SOCKET_PATH {
        return Err(Error::SocketPath(socket.to_owned()));
    }
    let failed = |error| Error::Launch {
        what: "listen on",
        path: socket.to_owned(),
        error,
    };
    if folder::is_dead_socket(socket) {
        std::fs::remove_file(socket).map_err(failed)?;
    }
    let listener = UnixListener::bind(socket).map_err(failed)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
    Ok(listener)
}

/// Where `dock serve` listens when it is not told.
///
/// # Errors
/// When its folder cannot be made.
pub(crate) fn serve_socket(person: &Person) -> Result<PathBuf, Error> {
    let folder = folder::runtime().unwrap_or_else(|| person.home.join(".dock"));
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder);
    made.map_err(|error| Error::Launch {
        what: "make",
        path: folder.clone(),
        error,
    })?;
    Ok(folder.join("serve.sock"))
}
