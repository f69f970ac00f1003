//! The file itself: whom it is believed, its lines, its lock.
//!
//! Append-only and root's. Whatever in it cannot be understood makes all of it
//! unusable: an index that is guessed is an index that is given twice.

use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dock_space::Space;
use nix::fcntl::{Flock, FlockArg};
use tokio::time::Instant;

/// How long a gate waits for others to be given their rows. Whoever is frozen
/// with the lock (a person may freeze a cgroup of her own, with the gate in it)
/// must not hang everybody else's gates.
const PATIENCE: Duration = Duration::from_secs(5);

/// One line of the file: `index TAB space TAB login TAB time`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) index: u32,
    pub(crate) space: Space,
    pub(crate) login: String,
}

/// What the file said at one moment. A reader needs no lock: rows are appended
/// whole, and a torn last line is not a row.
#[derive(Debug)]
pub(super) struct Content {
    inode: u64,
    /// The whole lines.
    text: String,
    rows: Vec<Row>,
}

impl Content {
    pub(super) fn row(&self, space: Space) -> Option<&Row> {
        // The last row of a space counts: an administrator confirms a new login
        // by appending one with the same index.
        self.rows.iter().rfind(|row| row.space == space)
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Whether nothing was lost since `before`.
    pub(super) fn continues(&self, before: &Content) -> bool {
        self.inode == before.inode && self.text.starts_with(&before.text)
    }
}

/// What the file says; `None` when there is none.
///
/// # Errors
/// The reason why it cannot be believed.
pub(super) fn read(path: &Path) -> Result<Option<Content>, String> {
    match open(File::options().read(true), path)? {
        Some(mut file) => content(path, &mut file).map(|(content, _)| Some(content)),
        None => Ok(None),
    }
}

/// The same, of a file that is made if there is none.
///
/// # Errors
/// The reason why it cannot be believed or made.
pub(super) fn read_or_make(path: &Path) -> Result<Content, String> {
    content(path, &mut make(path)?).map(|(content, _)| content)
}

/// The file while nobody else appends; released with its holder, by the kernel's account.
pub(super) struct Locked {
    file: Flock<File>,
    pub(super) content: Content,
}

impl Locked {
    /// # Errors
    /// The reason why the file cannot be believed, or that others hold it too long.
    pub(super) async fn take(path: &Path) -> Result<Locked, String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Flock::lock(make(path)?, FlockArg::LockExclusiveNonblock) {
                Ok(mut file) => {
                    let (content, end) = content(path, &mut file)?;
                    // A file that was taken away while it was waited for is nobody's.
                    let there = std::fs::symlink_metadata(path).map(|there| there.ino());
                    if there.is_ok_and(|inode| inode == content.inode) {
                        // A writer died half way through its line: nobody was told that index.
                        file.set_len(end).map_err(|error| failed(path, &error))?;
                        return Ok(Locked { file, content });
                    }
                }
                Err((_, nix::Error::EWOULDBLOCK)) => {}
                Err((_, error)) => return Err(failed(path, &error.into())),
            }
            if Instant::now() >= deadline {
                return Err(format!(
                    "cannot use {}: somebody's command holds it",
                    path.display()
                ));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Appends `rows`, in one write.
    ///
    /// # Errors
    /// When they may not be on the disk.
    pub(super) fn append(&mut self, path: &Path, rows: &[Row]) -> Result<(), String> {
        let time = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        let text: String = rows
            .iter()
            .map(|row| format!("{}\t{}\t{}\t{time}\n", row.index, row.space, row.login))
            .collect();
        self.file
            .write_all(text.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|error| failed(path, &error))
    }
}

fn make(path: &Path) -> Result<File, String> {
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| failed(path, &error))?;
    }
    let mut options = File::options();
    options.read(true).append(true).create(true).mode(0o600);
    open(&mut options, path)?.ok_or_else(|| failed(path, &ErrorKind::NotFound.into()))
}

fn open(options: &mut std::fs::OpenOptions, path: &Path) -> Result<Option<File>, String> {
    let flags = nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK;
    let file = match options.custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(nix::libc::ELOOP) => {
            return Err(untrusted(path, "it is a symbolic link"));
        }
        Err(error) => return Err(failed(path, &error)),
    };
    let found = file.metadata().map_err(|error| failed(path, &error))?;
    if !found.is_file() {
        return Err(untrusted(path, "it is not a regular file"));
    }
    // Who runs this is root, but in unit tests.
    if found.uid() != nix::unistd::geteuid().as_raw() {
        return Err(untrusted(path, "it does not belong to root"));
    }
    if found.mode() & 0o022 != 0 {
        return Err(untrusted(path, "others than root write it"));
    }
    Ok(Some(file))
}

/// What the file says, and where its last whole line ends.
fn content(path: &Path, file: &mut File) -> Result<(Content, u64), String> {
    let io = |error: std::io::Error| failed(path, &error);
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(io)?;
    let end = bytes
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    bytes.truncate(end);
    let text = String::from_utf8(bytes).map_err(|_| untrusted(path, "it is not text"))?;
    let inode = file.metadata().map_err(io)?.ino();
    let rows = rows(&text).map_err(|why| untrusted(path, &why))?;
    Ok((Content { inode, text, rows }, end as u64))
}

fn rows(text: &str) -> Result<Vec<Row>, String> {
    let (mut owners, mut indexes) = (HashMap::new(), HashMap::new());
    let mut rows = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let row = row(line).ok_or_else(|| format!("line {number} cannot be read"))?;
        let (index, space) = (row.index, row.space);
        let owner = *owners.entry(index).or_insert(space);
        if owner != space {
            return Err(format!(
                "line {number} gives index {index} to {space}, which is {owner}'s"
            ));
        }
        let before = *indexes.entry(space).or_insert(index);
        if before != index {
            return Err(format!(
                "line {number} gives {space} index {index} and it has {before}"
            ));
        }
        rows.push(row);
    }
    Ok(rows)
}

fn row(line: &str) -> Option<Row> {
    let mut words = line.split('\t');
    let row = Row {
        index: words.next()?.parse().ok()?,
        space: words.next()?.parse().ok()?,
        login: words.next().filter(|login| !login.is_empty())?.to_owned(),
    };
    words.next()?.parse::<u64>().ok()?;
    words.next().is_none().then_some(row)
}

fn untrusted(path: &Path, why: &str) -> String {
    format!(
        "{} cannot be trusted: {why}\n\nhint: ask an administrator of this host; dock-gate(8) says how it is repaired",
        path.display()
    )
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    // The error's kind only: its text may hold words that docker acts on.
    format!("cannot use {}: {:?}", path.display(), error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let good = "0\tu1001\talice\t1700000000\n";
        assert_eq!(rows(good).unwrap().len(), 1);
        for bad in [
            "1\tu1002\tbob\n",
            "1\tu1002\t\t1700000000\n",
            "1\tu1002\tbob\t1700000000\tmore\n",
            "-1\tu1002\tbob\t1700000000\n",
            "1\tu01002\tbob\t1700000000\n",
            "1\tu1002\tbob\tyesterday\n",
            "\n",
            "# a note\n",
        ] {
            let error = rows(&format!("{good}{bad}")).unwrap_err();
            assert!(error.contains("line 2"), "{bad:?}: {error}");
        }
    }

    #[test]
    fn an_index_has_one_space_and_a_space_one_index() {
        let good = "0\tu1001\talice\t1\n1\tu1002\tbob\t1\n";
        // A new login of the same space, which an administrator has confirmed.
        let confirmed = rows(&format!("{good}0\tu1001\talicia\t2\n")).unwrap();
        assert_eq!(confirmed.len(), 3);
        let error = rows(&format!("{good}0\tu1003\tcarol\t2\n")).unwrap_err();
        assert!(
            error.contains("line 3") && error.contains("u1001's"),
            "{error}"
        );
        let error = rows(&format!("{good}2\tu1001\talice\t2\n")).unwrap_err();
        assert!(
            error.contains("line 3") && error.contains("it has 0"),
            "{error}"
        );
    }

    #[test]
    fn a_file_that_is_not_ours_alone_is_not_believed() {
        let folder = std::env::temp_dir().join(format!("dock-trust-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let path = folder.join("spaces");
        assert!(read(&path).unwrap().is_none());
        read_or_make(&path).unwrap();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        let row = "0\tu1001\talice\t1\n";
        std::fs::write(&path, row).unwrap();
        let content = read(&path).unwrap().unwrap();
        assert_eq!(content.row(Space::User(Uid(1001))).unwrap().login, "alice");

        for mode in [0o620, 0o602] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(
                read(&path)
                    .unwrap_err()
                    .contains("others than root write it")
            );
            assert!(read_or_make(&path).is_err());
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::rename(&path, folder.join("real")).unwrap();
        symlink(folder.join("real"), &path).unwrap();
        assert!(read(&path).unwrap_err().contains("symbolic link"));
        assert!(read_or_make(&path).is_err());
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(read(&path).is_err());
        std::fs::remove_dir(&path).unwrap();
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        assert!(read(&path).unwrap_err().contains("not a regular file"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
