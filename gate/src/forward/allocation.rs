//! The allocation file: which index a space holds, and whose it was.
//!
//! Subnets (and later port blocks) are pure functions of a space's index. The
//! file is append-only and root's: a line `index TAB space TAB login TAB time`
//! is written once and an index is never given to another space.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dock_space::Space;
use dock_space::config::Network;
use nix::fcntl::{Flock, FlockArg};

use crate::failure::Failure;

/// The file itself.
pub(crate) const FILE: &str = "/var/lib/dock/spaces";

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) index: u32,
    pub(crate) space: Space,
    pub(crate) login: String,
}

/// The row of `space`, if it holds one. A reader needs no lock: rows are
/// appended whole, and a torn last line is not a row.
///
/// # Errors
/// When the file exists and cannot be read.
pub(crate) fn find(path: &Path, space: Space) -> Result<Option<Row>, Failure> {
    match std::fs::read_to_string(path) {
        // The last row of a space counts: an administrator confirms a new login by
        // appending one with the same index.
        Ok(text) => Ok(rows(&text).into_iter().rfind(|row| row.space == space)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, &error)),
    }
}

/// The row of `space`, made if there is none.
///
/// # Errors
/// When the file cannot be read or written, or every index of the pool is held.
pub(crate) fn find_or_add(
    path: &Path,
    network: &Network,
    space: Space,
    login: &str,
) -> Result<Row, Failure> {
    if let Some(row) = find(path, space)? {
        return Ok(row);
    }
    let io = |error: std::io::Error| failed(path, &error);
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(io)?;
    }
    let file = File::options()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(path)
        .map_err(io)?;
    let mut file = lock(path, file)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(io)?;
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    if whole < text.len() {
        // A writer died half way through its line: nobody was told that index.
        file.set_len(whole as u64).map_err(io)?;
        file.seek(std::io::SeekFrom::End(0)).map_err(io)?;
    }
    let rows = rows(&text);
    if let Some(row) = rows.iter().find(|row| row.space == space) {
        return Ok(row.clone());
    }
    let index = rows.iter().map(|row| row.index + 1).max().unwrap_or(0);
    if index >= network.capacity() {
        return Err(Failure::Host(format!(
            "all {} address blocks of the spaces are taken\n\nhint: an administrator can make `[network] pool` in dock.toml larger",
            network.capacity()
        )));
    }
    let time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_secs());
    file.write_all(format!("{index}\t{space}\t{login}\t{time}\n").as_bytes())
        .map_err(io)?;
    file.sync_data().map_err(io)?;
    Ok(Row {
        index,
        space,
        login: login.to_owned(),
    })
}

/// How long a gate waits for others to be given their rows.
const PATIENCE: Duration = Duration::from_secs(5);

/// Held for one read and one short write; whoever dies in between releases it.
/// Whoever is frozen there (a person may freeze a cgroup of her own, with the
/// gate in it) must not hang everybody else's gates.
fn lock(path: &Path, mut file: File) -> Result<Flock<File>, Failure> {
    let end = Instant::now() + PATIENCE;
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => return Ok(file),
            Err((back, nix::Error::EWOULDBLOCK)) if Instant::now() < end => file = back,
            Err((_, error)) => return Err(failed(path, &error.into())),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn rows(text: &str) -> Vec<Row> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    let mut words = line.split('\t');
    Some(Row {
        index: words.next()?.parse().ok()?,
        space: words.next()?.parse().ok()?,
        login: words.next()?.to_owned(),
    })
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    // The error's kind only: its text may hold words that docker acts on.
    Failure::Host(format!("cannot use {}: {:?}", path.display(), error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;

    fn space(uid: u32) -> Space {
        Space::User(Uid(uid))
    }

    fn file(name: &str) -> std::path::PathBuf {
        let folder =
            std::env::temp_dir().join(format!("dock-spaces-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        folder.join("spaces")
    }

    #[test]
    fn an_index_is_given_once_and_found_again() {
        let path = file("once");
        let network = Network::default();
        assert_eq!(find(&path, space(1001)).unwrap(), None);
        for (uid, index) in [(1001, 0), (1002, 1), (1001, 0), (1003, 2)] {
            let row = find_or_add(&path, &network, space(uid), "x").unwrap();
            assert_eq!(row.index, index, "{uid}");
        }
        assert_eq!(find(&path, space(1002)).unwrap().unwrap().index, 1);
        let _ = std::fs::remove_dir_all(path.parent().unwrap());
    }

    #[test]
    fn a_torn_line_is_nobodys() {
        let path = file("torn");
        let network = Network::default();
        find_or_add(&path, &network, space(1001), "x").unwrap();
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("1\tu1002\tbo");
        std::fs::write(&path, text).unwrap();
        assert_eq!(find(&path, space(1002)).unwrap(), None);
        assert_eq!(
            find_or_add(&path, &network, space(1003), "x")
                .unwrap()
                .index,
            1
        );
        assert_eq!(
            find_or_add(&path, &network, space(1002), "x")
                .unwrap()
                .index,
            2
        );
        let _ = std::fs::remove_dir_all(path.parent().unwrap());
    }

    #[test]
    fn a_lock_that_is_never_released_is_not_waited_for_for_ever() {
        let path = file("frozen");
        let network = Network::default();
        find_or_add(&path, &network, space(1001), "x").unwrap();
        let frozen = Flock::lock(File::open(&path).unwrap(), FlockArg::LockExclusive).unwrap();
        assert!(find_or_add(&path, &network, space(1002), "x").is_err());
        // Whoever has a row needs no lock.
        assert!(find_or_add(&path, &network, space(1001), "x").is_ok());
        drop(frozen);
        assert!(find_or_add(&path, &network, space(1002), "x").is_ok());
        let _ = std::fs::remove_dir_all(path.parent().unwrap());
    }

    #[test]
    fn a_full_pool_is_an_error_and_one_place_more_is_not() {
        let small = Network {
            pool_prefix: 20,
            space_prefix: 21,
            ..Network::default()
        };
        let path = file("full");
        find_or_add(&path, &small, space(1), "x").unwrap();
        find_or_add(&path, &small, space(2), "x").unwrap();
        assert!(find_or_add(&path, &small, space(3), "x").is_err());
        let wider = Network {
            pool_prefix: 19,
            ..small
        };
        assert_eq!(find_or_add(&path, &wider, space(3), "x").unwrap().index, 2);
        let _ = std::fs::remove_dir_all(path.parent().unwrap());
    }
}
