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

use dock_space::config::{Config, DIRECTORY};
use dock_space::{Person, Uid};

use crate::error::Error;
use crate::sys::{self, Side};

pub(crate) use folder::{is_dead_socket, is_launch_socket};
pub(crate) use gate::{Ended, GateProcess, Rank};
pub(crate) use preflight::{check as person_with, deeper, docker, surroundings};

/// What a unix socket's path may hold beside its NUL (`sockaddr_un`).
const MAX_SOCKET_PATH: usize = 107;

/// The configuration and the person, when a gate can be started for them.
///
/// # Errors
/// The first thing that stands in the way.
pub(crate) fn ready() -> Result<(Config, Person), Error> {
    preflight::surroundings()?;
    let config = Config::load(Path::new(DIRECTORY))?;
    let person = myself()?;
    preflight::check(&config, &person)?;
    Ok((config, person))
}

/// The same for an admin gate.
///
/// # Errors
/// The first thing that stands in the way.
pub(crate) fn ready_for_admin() -> Result<(Config, Person), Error> {
    preflight::surroundings()?;
    let config = Config::load(Path::new(DIRECTORY))?;
    let person = myself()?;
    preflight::check_admin(&config, &person)?;
    Ok((config, person))
}

/// Whether an admin gate can be started under a configuration that was read already.
///
/// # Errors
/// The first thing that stands in the way.
pub(crate) fn admin_with(config: &Config) -> Result<(), Error> {
    preflight::surroundings()?;
    preflight::check_admin(config, &myself()?)
}

/// The gate that was installed with this program.
pub(crate) fn gate() -> PathBuf {
    gate::path()
}

/// Whoever runs this.
///
/// # Errors
/// When NSS does not know them.
pub(crate) fn myself() -> Result<Person, Error> {
    Ok(Person::look_up(Uid(nix::unistd::getuid().as_raw()))?)
}

/// Makes the private socket, leaves a waiting process that starts the gate on
/// it, and returns the socket's path.
///
/// # Errors
/// When there is no place for a socket, or the kernel does not fork.
pub(crate) fn start(rank: Rank) -> Result<PathBuf, Error> {
    let folder = folder::make()?;
    start_in(&folder, rank).inspect_err(|_| folder::remove(&folder))
}

fn start_in(folder: &Path, rank: Rank) -> Result<PathBuf, Error> {
    let socket = folder.join(folder::SOCKET);
    let listener = listen(&socket)?;
    let failed = |error| Error::Launch {
        what: "start a process that waits at",
        path: socket.clone(),
        error,
    };
    let me = sys::pidfd(nix::unistd::getpid()).map_err(failed)?;
    match sys::fork_away(|| waiter::let_go(&listener, &me)).map_err(failed)? {
        Side::Original => Ok(socket),
        Side::Away => {
            waiter::wait(&listener, rank, &me, folder);
            sys::end(0)
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
pub(crate) fn serve_socket(person: &Person) -> PathBuf {
    folder::runtime()
        .unwrap_or_else(|| person.home.join(".dock"))
        .join("serve.sock")
}

/// A socket's path as a client in any folder can use it.
///
/// # Errors
/// When it is empty, or the folder that this process is in is gone.
pub(crate) fn absolute(socket: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(socket).map_err(|error| Error::Launch {
        what: "use",
        path: socket.to_owned(),
        error,
    })
}

/// Makes the folder of `socket` where it is not there.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_folder_of(socket: &Path) -> Result<(), Error> {
    let folder = socket.parent().unwrap_or(Path::new("/"));
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    made.map_err(|error| Error::Launch {
        what: "make",
        path: folder.to_owned(),
        error,
    })
}
