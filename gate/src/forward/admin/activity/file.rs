//! The file that is remembered by: root's alone, written whole or not at all.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::memory::Memory;

const DIRECTORY: &str = "/var/lib/dock";
const FILE: &str = "/var/lib/dock/activity";

/// Where a file goes that cannot be understood, for somebody to look at.
const ASIDE: &str = "/var/lib/dock/activity.damaged";

/// A guard against a mistake: hundreds of thousands of objects fit.
const MAX_BYTES: u64 = 64 << 20;

/// What is remembered, and whether an earlier memory was lost: a file that is
/// not root's alone or makes no sense is set aside.
///
/// # Errors
/// When there is a file that can neither be read nor be set aside.
pub(super) fn read() -> Result<(Memory, bool), String> {
    match read_file(Path::new(FILE)) {
        Ok(found) => Ok((found.unwrap_or_default(), false)),
        Err(_) => {
            std::fs::rename(FILE, ASIDE).map_err(|error| failed("set aside", &error))?;
            Ok((Memory::default(), true))
        }
    }
}

fn read_file(path: &Path) -> Result<Option<Memory>, String> {
    let file = File::options()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(path);
    let file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", &error)),
    };
    let found = file.metadata().map_err(|error| failed("read", &error))?;
    if !found.is_file() || found.uid() != 0 || found.mode() & 0o077 != 0 {
        return Err(format!("'{}' is not root's alone", path.display()));
    }
    let mut text = String::new();
    file.take(MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(|error| failed("read", &error))?;
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| error.to_string())
}

/// # Errors
/// When it is not on the disk; the file of before is still there.
pub(super) fn write(memory: &Memory) -> Result<(), String> {
    let text = serde_json::to_vec(memory).map_err(|error| error.to_string())?;
    let new = format!("{FILE}.new");
    let written = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(DIRECTORY)
        .and_then(|()| match std::fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .and_then(|()| {
            File::options()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&new)
        })
        .and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_data()
        })
        .and_then(|()| std::fs::rename(&new, FILE));
    written.map_err(|error| failed("write", &error))
}

fn failed(what: &str, error: &std::io::Error) -> String {
    format!("cannot {what} {FILE}: {:?}", error.kind())
}
