//! A lock per space around check and act.
//!
//! Two gates of one person must not both find a name free. The lock is an
//! advisory `flock` on a file of root's, so the kernel releases it whatever
//! becomes of the holder.

use std::fs::File;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use dock_space::Space;
use nix::fcntl::{FcntlArg, Flock, FlockArg, fcntl};
use nix::libc;
use tokio::time::Instant;

use crate::failure::Failure;

/// Where the lock files lie; only root can reach them.
const DIRECTORY: &str = "/run/dock";

/// How long a request waits for another one of the same space.
const PATIENCE: Duration = Duration::from_secs(60);

/// Held until dropped.
#[must_use]
pub(crate) struct SpaceLock {
    _file: Flock<File>,
}

/// Waits for the lock of `space`.
///
/// # Errors
/// When the lock file cannot be made, or another request holds it for longer
/// than [`PATIENCE`].
pub(crate) async fn space(space: Space) -> Result<SpaceLock, Failure> {
    wait(&format!("{space}.lock")).await
}

/// Waits for the lock of what all gates share, which nobody holds for long.
///
/// # Errors
/// As [`space`].
pub(crate) async fn host(what: &str) -> Result<SpaceLock, Failure> {
    wait(&format!("host.{what}.lock")).await
}

async fn wait(name: &str) -> Result<SpaceLock, Failure> {
    let failed = |why: String| Failure::Host(format!("cannot lock {DIRECTORY}: {why}"));
    let mut file = open(name)?;
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(1);
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => return Ok(SpaceLock { _file: file }),
            Err((back, nix::Error::EWOULDBLOCK)) if Instant::now() < deadline => file = back,
            Err((_, nix::Error::EWOULDBLOCK)) => {
                return Err(failed("another command holds it".into()));
            }
            Err((_, error)) => return Err(failed(error.desc().into())),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// One of `count` places that a space has for `what`, without waiting; `None`
/// when all are taken. A count of 0 is no limit.
///
/// # Errors
/// When the lock files cannot be made.
pub(crate) fn place(space: Space, what: &str, count: u32) -> Result<Option<Place>, Failure> {
    if count == 0 {
        return Ok(Some(Place { _file: None }));
    }
    for number in 0..count {
        let file = open(&format!("{space}.{what}.{number}"))?;
        if let Ok(file) = Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            return Ok(Some(Place { _file: Some(file) }));
        }
    }
    Ok(None)
}

/// What one admin does at a time, without waiting; `None` when another does it.
///
/// # Errors
/// When the lock file cannot be made.
pub(crate) fn turn(what: &str) -> Result<Option<Place>, Failure> {
    let file = open(&format!("host.{what}.turn"))?;
    Ok(Flock::lock(file, FlockArg::LockExclusiveNonblock)
        .ok()
        .map(|file| Place { _file: Some(file) }))
}

/// Held until dropped, by the kernel's account: it ends with its holder.
#[must_use]
pub(crate) struct Place {
    _file: Option<Flock<File>>,
}

/// A space that is closed to its owner, by the kernel's account: until dropped,
/// or until the process ends.
///
/// Whether it is closed can be asked without a lock, which `flock` cannot: a gate
/// that is frozen while it asks (a person may freeze a cgroup of her own, with the
/// gate in it) would keep everybody from closing her space.
#[derive(Debug)]
#[must_use]
pub(crate) struct Hold {
    space: Space,
    _file: File,
}

impl Hold {
    /// Closes `space`.
    ///
    /// # Errors
    /// When another admin's command has closed it.
    pub(crate) fn take(space: Space) -> Result<Hold, Failure> {
        let file = open(&hold_name(space))?;
        match fcntl(&file, FcntlArg::F_OFD_SETLK(&whole())) {
            Ok(_) => Ok(Hold { space, _file: file }),
            Err(_) => Err(Failure::Conflict(format!(
                "dock: another command of an administrator's works on {space}"
            ))),
        }
    }

    pub(crate) fn space(&self) -> Space {
        self.space
    }
}

/// Whether an administrator has closed `space` for now.
pub(crate) fn is_held(space: Space) -> bool {
    // Most spaces never were: then there is no file.
    let Ok(file) = File::open(Path::new(DIRECTORY).join(hold_name(space))) else {
        return false;
    };
    let mut lock = whole();
    let asked = fcntl(&file, FcntlArg::F_OFD_GETLK(&mut lock));
    asked.is_err() || i32::from(lock.l_type) != libc::F_UNLCK
}

/// A lock of all of a file, for one.
fn whole() -> libc::flock {
    libc::flock {
        l_type: libc::F_WRLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    }
}

fn hold_name(space: Space) -> String {
    format!("{space}.hold")
}

fn open(name: &str) -> Result<File, Failure> {
    let directory = Path::new(DIRECTORY);
    let failed = |error: std::io::Error| {
        Failure::Host(format!("cannot lock {DIRECTORY}: {:?}", error.kind()))
    };
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(failed)?;
    File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(directory.join(name))
        .map_err(failed)
}
