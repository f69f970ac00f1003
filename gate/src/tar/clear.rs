//! Empties a folder.

use std::ffi::CString;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::unistd::{UnlinkatFlags, unlinkat};

use super::error::{Error, Fault};
use super::folder::{self, Names};

/// What may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Everything,
    /// Stops at the first thing that is no folder.
    Folders,
}

/// Names that are read at once.
const BATCH: usize = 1000;

/// How often the folder is gone through.
const PASSES: usize = 3;

/// Removes what is in `folder`, and not the folder.
///
/// # Errors
/// `ENOTEMPTY` when there is what may not be removed; else the kernel's.
pub(super) fn clear(folder: BorrowedFd<'_>, what: What) -> Result<(), Errno> {
    // A file system may pass over a name while others are removed around it.
    for _ in 0..PASSES {
        match pass(folder, what) {
            Err(Errno::ENOTEMPTY) if what == What::Everything => {}
            Ok(()) if !is_empty(folder)? => {}
            done => return done,
        }
    }
    Err(Errno::ENOTEMPTY)
}

fn pass(top: BorrowedFd<'_>, what: What) -> Result<(), Errno> {
    let mut open: Vec<(CString, Names)> = vec![(CString::default(), Names::of(top)?)];
    while let Some((_, names)) = open.last_mut() {
        let Some(name) = names.next(BATCH)? else {
            let left = open.pop();
            if let (Some((name, _)), Some((_, parent))) = (left, open.last()) {
                remove(parent, &name, UnlinkatFlags::RemoveDir)?;
            }
            continue;
        };
        if what == What::Everything {
            match remove(names, &name, UnlinkatFlags::NoRemoveDir) {
                Err(Errno::EISDIR) => {}
                done => {
                    done?;
                    continue;
                }
            }
        }
        let inner = folder::enter(names.folder(), &name).and_then(Names::of);
        match inner {
            Ok(inner) => open.push((name, inner)),
            Err(Errno::ENOTDIR | Errno::ELOOP) if what == What::Folders => {
                return Err(Errno::ENOTEMPTY);
            }
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// The same folder with nothing in it.
///
/// # Errors
/// What the host says.
pub fn empty(folder: OwnedFd) -> Result<OwnedFd, Error> {
    let cleared = clear(folder.as_fd(), What::Everything);
    cleared.map_err(|errno| Fault::System("empty the target", errno).of(b""))?;
    Ok(folder)
}

/// What is gone already is removed.
fn remove(parent: &Names, name: &CString, flag: UnlinkatFlags) -> Result<(), Errno> {
    match unlinkat(parent.folder(), name.as_c_str(), flag) {
        Err(Errno::ENOENT) => Ok(()),
        done => done,
    }
}

/// Whether nothing is in `folder`.
pub(super) fn is_empty(folder: BorrowedFd<'_>) -> Result<bool, Errno> {
    Ok(Names::of(folder)?.next(1)?.is_none())
}
