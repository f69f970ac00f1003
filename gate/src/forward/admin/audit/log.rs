//! A log file of root's, line by line, with its rotated neighbours.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead as _, BufReader, ErrorKind, Seek as _, SeekFrom};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The longest line that is held; the gate's own are far shorter.
const MAX_LINE: usize = 16 * 1024;

/// What compressed files end with: the gate links nothing that reads them.
const COMPRESSED: [&str; 4] = [".gz", ".xz", ".bz2", ".zst"];

/// A file and what it was before it was rotated.
pub(super) struct Log {
    path: PathBuf,
    /// Rotated files that are still to be read, the oldest first.
    older: VecDeque<Reader>,
    newest: Option<Reader>,
    /// Compressed ones of the time that is asked for.
    pub(super) left_out: Vec<String>,
}

impl Log {
    /// Opens what there is at `path`, and the rotated files beside it that were
    /// written to at `since` or later.
    ///
    /// # Errors
    /// Why the file cannot be believed or read. None at all is no error.
    pub(super) fn open(path: &Path, since: i64) -> Result<Log, String> {
        // First, so that a file that is rotated meanwhile is read from here.
        let newest = Reader::open(path)?;
        let inode = newest.as_ref().map(|reader| reader.inode);
        let (mut older, mut left_out) = (Vec::new(), Vec::new());
        for (neighbour, kind) in neighbours(path) {
            let written = neighbour.symlink_metadata().map(|file| file.mtime());
            if written.is_ok_and(|written| written < since) {
                continue;
            }
            match kind {
                Kind::Compressed => left_out.push(neighbour.display().to_string()),
                Kind::Plain => older.extend(Reader::open(&neighbour)?),
            }
        }
        older.retain(|reader| Some(reader.inode) != inode);
        older.sort_by_key(|reader| reader.written);
        left_out.sort();
        Ok(Log {
            path: path.to_owned(),
            older: older.into(),
            newest,
            left_out,
        })
    }

    /// Whether there is anything to read.
    pub(super) fn exists(&self) -> bool {
        self.newest.is_some() || !self.older.is_empty()
    }

    /// The next whole line that there is by now. Goes on in the next file where
    /// this one was rotated.
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        while let Some(reader) = self.older.front_mut() {
            if let Some(line) = reader.line() {
                return Some(line);
            }
            self.older.pop_front();
        }
        if let Some(line) = self.newest.as_mut().and_then(Reader::line) {
            return Some(line);
        }
        let there = self.path.symlink_metadata().ok()?;
        match &mut self.newest {
            Some(reader) if reader.inode == there.ino() => {
                // Emptied in place, as logrotate's copytruncate does it.
                (there.len() < reader.at).then(|| reader.rewind())?;
            }
            newest => {
                let next = Reader::open(&self.path).ok()??;
                // What was written between the last look and the rotation.
                self.older.extend(newest.replace(next));
                return self.next();
            }
        }
        self.newest.as_mut().and_then(Reader::line)
    }
}

/// One open file.
struct Reader {
    file: BufReader<File>,
    inode: u64,
    /// When it was last written to, as it was opened.
    written: (i64, i64),
    /// How far it was read.
    at: u64,
    /// The beginning of a line whose end is not written yet.
    pending: Vec<u8>,
}

impl Reader {
    /// `None` where nothing is.
    fn open(path: &Path) -> Result<Option<Reader>, String> {
        let untrusted = |why: &str| Err(format!("{} cannot be trusted: {why}", path.display()));
        // The error's kind only: its text may hold words that docker acts on.
        let failed =
            |error: std::io::Error| format!("cannot read {}: {:?}", path.display(), error.kind());
        let opened = File::options()
            .read(true)
            .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
            .open(path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.raw_os_error() == Some(nix::libc::ELOOP) => {
                return untrusted("it is a symbolic link");
            }
            Err(error) => return Err(failed(error)),
        };
        let found = file.metadata().map_err(failed)?;
        if !found.is_file() {
            return untrusted("it is not a regular file");
        }
        // Who runs this is root, but in unit tests.
        if found.uid() != nix::unistd::geteuid().as_raw() {
            return untrusted("it does not belong to root");
        }
        if found.mode() & 0o022 != 0 {
            return untrusted("others than root write it");
        }
        Ok(Some(Reader {
            inode: found.ino(),
            written: (found.mtime(), found.mtime_nsec()),
            file: BufReader::with_capacity(64 * 1024, file),
            at: 0,
            pending: Vec::new(),
        }))
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        loop {
            let buffer = self.file.fill_buf().unwrap_or_default();
            if buffer.is_empty() {
                return None;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(buffer.len(), |end| end + 1);
            // Of a longer line only its end is looked for.
            let room = MAX_LINE.saturating_sub(self.pending.len());
            self.pending.extend_from_slice(&buffer[..taken.min(room)]);
            self.file.consume(taken);
            self.at += taken as u64;
            if end.is_some() {
                let line = std::mem::take(&mut self.pending);
                return Some(line.trim_ascii().to_vec());
            }
        }
    }

    fn rewind(&mut self) {
        // What cannot be read again has no more lines.
        let _ = self.file.seek(SeekFrom::Start(0));
        self.at = 0;
        self.pending.clear();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Compressed,
}

/// Files beside `path` that logrotate made of it: `dock.log.1`, `dock.log-20260131`.
fn neighbours(path: &Path) -> Vec<(PathBuf, Kind)> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let found = entry.file_name();
            let kind = rotated(found.to_str()?.strip_prefix(name)?)?;
            Some((folder.join(found), kind))
        })
        .collect()
}

/// What the rest of a rotated file's name says.
fn rotated(rest: &str) -> Option<Kind> {
    let (rest, kind) = match COMPRESSED.iter().find_map(|end| rest.strip_suffix(end)) {
        Some(rest) => (rest, Kind::Compressed),
        None => (rest, Kind::Plain),
    };
    let number = rest.strip_prefix(['.', '-'])?;
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    (plain && number.starts_with(|c: char| c.is_ascii_digit())).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("dock-audit-log-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        folder
    }

    fn write(path: &Path, text: &str) {
        use std::io::Write as _;
        let mut file = File::options()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn all(log: &mut Log) -> Vec<String> {
        std::iter::from_fn(|| log.next())
            .map(|line| String::from_utf8(line).unwrap())
            .collect()
    }

    #[test]
    fn the_names_of_rotated_files_are_known() {
        for (rest, kind) in [
            (".1", Some(Kind::Plain)),
            ("-20260131", Some(Kind::Plain)),
            ("-20260131-1769817600", Some(Kind::Plain)),
            (".12.gz", Some(Kind::Compressed)),
            ("-20260131.zst", Some(Kind::Compressed)),
            ("", None),
            (".", None),
            (".old", None),
            (".1.swp", None),
            (".-1", None),
        ] {
            assert_eq!(rotated(rest), kind, "{rest}");
        }
    }

    #[test]
    fn a_log_is_followed_across_its_rotation() {
        let folder = folder("rotation");
        let path = folder.join("dock.log");
        write(&folder.join("dock.log.2.gz"), "x");
        write(&folder.join("dock.log.1"), "one\n");
        write(&path, "two\nhal");
        let mut log = Log::open(&path, 0).unwrap();
        assert_eq!(log.left_out.len(), 1);
        assert_eq!(all(&mut log), ["one", "two"]);
        write(&path, "f\n");
        assert_eq!(all(&mut log), ["half"]);
        write(&path, "last\n");
        std::fs::rename(&path, folder.join("dock.log.3")).unwrap();
        assert_eq!(all(&mut log), ["last"]);
        write(&folder.join("dock.log.3"), "later\n");
        write(&path, "new\n");
        assert_eq!(all(&mut log), ["later", "new"]);
        File::create(&path).unwrap();
        assert!(all(&mut log).is_empty());
        write(&path, "a\n");
        assert_eq!(all(&mut log), ["a"]);
        // What was last written to before is not read.
        let mut late = Log::open(&path, i64::MAX).unwrap();
        assert!(late.left_out.is_empty());
        assert_eq!(all(&mut late), ["a"]);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_line_without_an_end_is_not_held() {
        let folder = folder("long");
        let path = folder.join("dock.log");
        write(&path, &"x".repeat(MAX_LINE * 3));
        write(&path, "\nshort\n");
        let mut log = Log::open(&path, 0).unwrap();
        assert_eq!(log.next().unwrap().len(), MAX_LINE);
        assert_eq!(all(&mut log), ["short"]);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_others_could_have_written_is_not_read() {
        let folder = folder("trust");
        let path = folder.join("dock.log");
        assert!(!Log::open(&path, 0).unwrap().exists());
        write(&path, "x\n");
        assert!(Log::open(&path, 0).unwrap().exists());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o620)).unwrap();
        assert!(Log::open(&path, 0).is_err_and(|why| why.contains("others than root")));
        std::fs::remove_file(&path).unwrap();
        symlink(folder.join("elsewhere"), &path).unwrap();
        assert!(Log::open(&path, 0).is_err_and(|why| why.contains("symbolic link")));
        std::fs::remove_file(&path).unwrap();
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRUSR).unwrap();
        assert!(Log::open(&path, 0).is_err_and(|why| why.contains("regular file")));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
