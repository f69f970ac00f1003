//! Open folders, and what is opened in them: one component at a time, nothing
//! followed, nothing beyond the file system.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use nix::dir::{Dir, OwningIter};
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::Mode;

/// How often a look-up is tried again that met a rename.
const PATIENCE: usize = 100;

/// Opens `name`, a single component or ".", in `folder`.
pub(super) fn open(
    folder: impl AsFd,
    name: &CStr,
    flags: OFlag,
    mode: Mode,
) -> Result<OwnedFd, Errno> {
    let how = OpenHow::new()
        .flags(flags | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW)
        .mode(mode)
        .resolve(
            ResolveFlag::RESOLVE_BENEATH
                | ResolveFlag::RESOLVE_NO_SYMLINKS
                | ResolveFlag::RESOLVE_NO_XDEV,
        );
    for _ in 0..PATIENCE {
        match openat2(folder.as_fd(), name, how) {
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            other => return other,
        }
    }
    Err(Errno::EAGAIN)
}

/// Takes hold of `name` without opening it: no device answers, no fifo waits.
pub(super) fn hold(folder: impl AsFd, name: &CStr) -> Result<OwnedFd, Errno> {
    open(folder, name, OFlag::O_PATH, Mode::empty())
}

/// A folder, to be read.
pub(super) fn enter(folder: impl AsFd, name: &CStr) -> Result<OwnedFd, Errno> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
    open(folder, name, flags, Mode::empty())
}

/// The names in a folder, so many at a time: a folder can have more of them than
/// there is memory.
pub(super) struct Names {
    folder: OwnedFd,
    /// Until the last name was read.
    reader: Option<OwningIter>,
    /// Read and not yet given, the next one last.
    batch: Vec<CString>,
}

impl Names {
    /// Of a folder that is held or open.
    pub(super) fn of(folder: impl AsFd) -> Result<Names, Errno> {
        let folder = enter(folder, c".")?;
        let reader = Dir::from_fd(enter(&folder, c".")?)?;
        Ok(Names {
            folder,
            reader: Some(reader.into_iter()),
            batch: Vec::new(),
        })
    }

    /// Names that are held in memory.
    pub(super) fn held(&self) -> usize {
        self.batch.len()
    }

    pub(super) fn folder(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }

    /// The next name, in the order of bytes among `most` that are read at once.
    pub(super) fn next(&mut self, most: usize) -> Result<Option<CString>, Errno> {
        if self.batch.is_empty() {
            self.read(most)?;
        }
        Ok(self.batch.pop())
    }

    fn read(&mut self, most: usize) -> Result<(), Errno> {
        let Some(reader) = &mut self.reader else {
            return Ok(());
        };
        while self.batch.len() < most {
            let Some(entry) = reader.next() else {
                self.reader = None;
                break;
            };
            let name = entry?.file_name().to_owned();
            if !matches!(name.to_bytes(), b"." | b"..") {
                self.batch.push(name);
            }
        }
        self.batch.sort_unstable_by(|one, other| other.cmp(one));
        // A folder that changes while it is read can name a file twice.
        self.batch.dedup();
        Ok(())
    }
}
