//! A folder on this host.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

use super::{Input, Item, Output, Shelf, partial};

/// The folder's path.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Folder {
        Folder(path.to_owned())
    }
}

impl Shelf for Folder {
    fn list(&self) -> io::Result<Vec<Item>> {
        let mut items = Vec::new();
        for entry in self.0.read_dir()? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            if let (true, Ok(file)) = (metadata.is_file(), entry.file_name().into_string()) {
                items.push(Item {
                    file,
                    size: metadata.len(),
                });
            }
        }
        Ok(items)
    }

    fn open(&self, file: &str) -> io::Result<Box<dyn Input>> {
        let file = File::open(self.0.join(file))?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no regular file"));
        }
        Ok(Box::new(file))
    }

    fn create(&self, file: &str, _: u64) -> io::Result<Box<dyn Output>> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)?;
        for entry in self.0.read_dir()? {
            let name = entry?.file_name();
            if name.to_str().is_some_and(partial::is_abandoned) {
                std::fs::remove_file(self.0.join(name))?;
            }
        }
        let to = self.0.join(file);
        if to.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let from = self.0.join(partial::name(file));
        let open = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&from)?;
        Ok(Box::new(Writing {
            open,
            from: Some(from),
            to,
        }))
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        std::fs::remove_file(self.0.join(file))
    }
}

/// A file that is being written.
struct Writing {
    open: File,
    /// Its name until then; none when it has its own.
    from: Option<PathBuf>,
    to: PathBuf,
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open.flush()
    }
}

impl Output for Writing {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.open.sync_all()?;
        if let Some(from) = &self.from {
            rename(from, &self.to)?;
        }
        self.from = None;
        let folder = self.to.parent().unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(from) = &self.from {
            // The next run tries again.
            let _ = std::fs::remove_file(from);
        }
    }
}

/// Never over a file that is there, where the file system can promise that.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_NOREPLACE) {
        Err(nix::Error::EINVAL | nix::Error::ENOSYS) => std::fs::rename(from, to),
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("dock-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_whole() {
        let path = scratch("store");
        let folder = Folder::new(&path);
        let files = |folder: &Folder| {
            let items = folder.list().unwrap();
            items
                .into_iter()
                .map(|item| (item.file, item.size))
                .collect::<Vec<_>>()
        };
        let mut writing = folder.create("a", 0).unwrap();
        writing.write_all(b"abc").unwrap();
        assert!(files(&folder)[0].0.starts_with(".a."));
        drop(writing);
        assert!(files(&folder).is_empty());
        let mut writing = folder.create("a", 0).unwrap();
        writing.write_all(b"abc").unwrap();
        writing.finish().unwrap();
        assert_eq!(files(&folder), [("a".to_owned(), 3)]);
        assert!(folder.create("a", 0).is_err());
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn what_a_dead_process_left_is_removed() {
        let path = scratch("swept");
        let folder = Folder::new(&path);
        folder.create("a", 0).unwrap().finish().unwrap();
        let mine = partial::name("b");
        let (head, _) = mine.rsplit_once('-').unwrap();
        let dead = format!("{head}-1.partial");
        std::fs::write(path.join(&dead), b"x").unwrap();
        std::fs::write(path.join(&mine), b"x").unwrap();
        drop(folder.create("c", 0).unwrap());
        let files = folder.list().unwrap();
        assert!(files.iter().all(|item| item.file != dead));
        assert!(files.iter().any(|item| item.file == mine));
        std::fs::remove_dir_all(&path).unwrap();
    }
}
