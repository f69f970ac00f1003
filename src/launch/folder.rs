//! The folder of one launch: 0700, with the socket and the name of its process.

use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use nix::unistd::{getpid, getuid};

use crate::error::Error;

/// Who the folder is for: `PID STARTTIME` of the process that becomes docker.
const OWNER: &str = "owner";

/// The socket in it.
pub(super) const SOCKET: &str = "docker.sock";

/// A folder without an owner's name is left alone for so long: it is being made.
const YOUNG: Duration = Duration::from_secs(60);

/// Makes a folder for this process, and sweeps those of processes that are gone.
///
/// # Errors
/// When neither the runtime folder nor /tmp takes one.
pub(super) fn make() -> Result<PathBuf, Error> {
    let folder = match runtime().and_then(|base| private(&base)) {
        Some(base) => {
            sweep(&base, "run-");
            temporary(&base.join("run-XXXXXX"))
        }
        None => {
            let prefix = format!("dock-{}-", getuid());
            sweep(Path::new("/tmp"), &prefix);
            // Never $TMPDIR: a socket's path has 107 bytes.
            temporary(&Path::new("/tmp").join(format!("{prefix}XXXXXX")))
        }
    }?;
    let owner = folder.join(OWNER);
    fs::write(&owner, owner_line()).map_err(|error| Error::Launch {
        what: "write",
        path: owner,
        error,
    })?;
    Ok(folder)
}

fn temporary(template: &Path) -> Result<PathBuf, Error> {
    nix::unistd::mkdtemp(template).map_err(|error| Error::Launch {
        what: "make a folder like",
        path: template.to_owned(),
        error: error.into(),
    })
}

/// `$XDG_RUNTIME_DIR/dock`, when that runtime folder is this person's alone and
/// short enough for a socket.
pub(super) fn runtime() -> Option<PathBuf> {
    let base = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?);
    let metadata = base.symlink_metadata().ok()?;
    let own =
        metadata.is_dir() && metadata.uid() == getuid().as_raw() && metadata.mode() & 0o077 == 0;
    (own && base.is_absolute() && base.as_os_str().len() < 64).then(|| base.join("dock"))
}

/// Makes `base` if it is not there; `None` when it is not a folder of one's own.
fn private(base: &Path) -> Option<PathBuf> {
    let _ = fs::DirBuilder::new().mode(0o700).create(base);
    is_own_folder(base).then(|| base.to_owned())
}

fn is_own_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| {
        metadata.is_dir() && metadata.uid() == getuid().as_raw() && metadata.mode() & 0o077 == 0
    })
}

/// Removes a folder that [`make`] made: its socket, its owner's name, itself.
pub(super) fn remove(folder: &Path) {
    for name in [SOCKET, OWNER] {
        // Best effort: what stays is swept by the next launch.
        let _ = fs::remove_file(folder.join(name));
    }
    let _ = fs::remove_dir(folder);
}

/// Removes what dead launches of one's own left (`kill -9` of the waiter).
fn sweep(base: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(base) else {
        return;
    };
    for entry in entries.flatten() {
        let named = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(prefix));
        let path = entry.path();
        let socket = path.join(SOCKET);
        // A pid says nothing across pid namespaces, and cleaners of /tmp take the
        // owner's name from commands that still run; who listens does.
        let served = || socket.exists() && !is_dead_socket(&socket);
        if named && is_own_folder(&path) && is_dead(&path) && !served() {
            remove(&path);
        }
    }
}

/// Whether the process that a folder was made for is gone.
fn is_dead(folder: &Path) -> bool {
    match fs::read_to_string(folder.join(OWNER)) {
        Ok(line) if !line.is_empty() => {
            let pid = line.split(' ').next().unwrap_or_default();
            start_time(pid).is_none_or(|start| line != format!("{pid} {start}"))
        }
        _ => {
            let made = folder
                .symlink_metadata()
                .and_then(|metadata| metadata.modified());
            let age = made
                .ok()
                .and_then(|made| SystemTime::now().duration_since(made).ok());
            age.is_some_and(|age| age > YOUNG)
        }
    }
}

fn owner_line() -> String {
    let pid = getpid().to_string();
    format!("{pid} {}", start_time(&pid).unwrap_or_default())
}

/// Field 22 of /proc/PID/stat: with it a pid that was given again is another process.
fn start_time(pid: &str) -> Option<String> {
    let number: u32 = pid.parse().ok()?;
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name in parentheses can hold anything, so count from its end.
    let after = stat.rsplit_once(')')?.1;
    after.split_whitespace().nth(19).map(str::to_owned)
}

/// Whether `path` is the socket of a launch: dock was started by a docker that
/// dock became.
pub(crate) fn is_launch_socket(path: &Path) -> bool {
    path.ends_with(SOCKET) && path.with_file_name(OWNER).exists()
}

/// Whether `path` is a socket that nobody listens on.
pub(crate) fn is_dead_socket(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|metadata| metadata.file_type().is_socket())
        && UnixStream::connect(path)
            .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_dead_are_swept_and_others_stay() {
        let base = temporary(&std::env::temp_dir().join("dock-sweep-XXXXXX")).unwrap();
        let folder = |name: &str, owner: &str| {
            let path = base.join(name);
            fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
            fs::write(path.join(OWNER), owner).unwrap();
            path
        };
        let dead = folder("run-dead", "999999999 1");
        let reused = folder("run-reused", &format!("{} 1", getpid()));
        let alive = folder("run-alive", &owner_line());
        let other = folder("other-dead", "999999999 1");
        sweep(&base, "run-");
        assert!(!dead.exists() && !reused.exists());
        assert!(alive.exists() && other.exists());

        let served = folder("run-served", "999999999 1");
        let listener = std::os::unix::net::UnixListener::bind(served.join("docker.sock")).unwrap();
        sweep(&base, "run-");
        assert!(served.exists());
        drop(listener);
        sweep(&base, "run-");
        assert!(!served.exists());
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn a_folder_that_lost_its_owners_name_stays_while_somebody_listens() {
        let base = temporary(&std::env::temp_dir().join("dock-sweep-XXXXXX")).unwrap();
        let old = |name: &str| {
            let path = base.join(name);
            fs::DirBuilder::new().mode(0o700).create(&path).unwrap();
            let listener = std::os::unix::net::UnixListener::bind(path.join(SOCKET)).unwrap();
            let made = SystemTime::now() - 2 * YOUNG;
            fs::File::open(&path).unwrap().set_modified(made).unwrap();
            (path, listener)
        };
        let (served, _listener) = old("run-served");
        let (left, listener) = old("run-left");
        drop(listener);
        sweep(&base, "run-");
        assert!(served.exists() && !left.exists());
        fs::remove_dir_all(&base).unwrap();
    }
}
