//! What every kind of file has, as it stands on disk.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd as _, BorrowedFd};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::sys::stat::{FchmodatFlags, Mode, UtimensatFlags, fchmodat, fstat, utimensat};
use nix::sys::time::TimeSpec;
use nix::unistd::{Gid, Uid, fchownat};

use super::entry::{Entry, Kind, Time};
use super::error::{Fault, system};
use super::{Ids, xattr};
use crate::sys;

/// Attributes with ids of the host.
#[derive(Debug)]
pub(super) struct OnDisk {
    uid: u32,
    gid: u32,
    /// None for a symbolic link, which has none of its own.
    mode: Option<u32>,
    mtime: Time,
    xattrs: Vec<(CString, Vec<u8>)>,
}

impl OnDisk {
    /// Those that a stream gives an entry.
    ///
    /// # Errors
    /// When no file here can have them.
    pub(super) fn of_entry(entry: &Entry, ids: &Ids) -> Result<OnDisk, Fault> {
        let attributes = &entry.attributes;
        let (uid, gid) = ids.on_disk(attributes.uid, attributes.gid)?;
        let xattrs = attributes
            .xattrs
            .iter()
            .map(|given| xattr::on_disk(given, &entry.kind, ids));
        Ok(OnDisk {
            uid,
            gid,
            mode: (!matches!(entry.kind, Kind::Symlink(_))).then_some(attributes.mode),
            mtime: attributes.mtime,
            xattrs: xattrs.collect::<Result<_, Fault>>()?,
        })
    }

    /// Those that a folder has.
    ///
    /// # Errors
    /// The kernel's.
    pub(super) fn of_folder(folder: BorrowedFd<'_>) -> Result<OnDisk, Errno> {
        let stat = fstat(folder)?;
        let mut xattrs = Vec::new();
        for name in xattr::travelling(folder)? {
            let value = sys::get_xattr(folder, &name)?;
            xattrs.push((name, value));
        }
        Ok(OnDisk {
            uid: stat.st_uid,
            gid: stat.st_gid,
            mode: Some(stat.st_mode & 0o7777),
            mtime: Time {
                seconds: stat.st_mtime,
                nanos: u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
            },
            xattrs,
        })
    }

    /// Gives them to `file`, which is held or open. The order matters: a change
    /// of owner takes capabilities and the setuid bit away, an access list sets
    /// bits of the mode.
    ///
    /// # Errors
    /// When the file system does not take one.
    pub(super) fn give(&self, file: BorrowedFd<'_>) -> Result<(), Fault> {
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        fchownat(file, c"", Some(uid), Some(gid), AtFlags::AT_EMPTY_PATH)
            .map_err(system("change its owner"))?;
        let path = sys::held_path(file);
        let path: &CStr = &path;
        if let Some(mode) = self.mode {
            let mode = Mode::from_bits_truncate(mode);
            fchmodat(AT_FDCWD, path, mode, FchmodatFlags::FollowSymlink)
                .map_err(system("change its mode"))?;
        }
        for (name, value) in &self.xattrs {
            sys::set_xattr(file.as_fd(), name, value)
                .map_err(system("set an extended attribute"))?;
        }
        let mtime = TimeSpec::new(self.mtime.seconds, self.mtime.nanos.into());
        let follow = UtimensatFlags::FollowSymlink;
        utimensat(AT_FDCWD, path, &mtime, &mtime, follow).map_err(system("set its time"))
    }
}

/// Takes away what a folder has and its entry may not have.
///
/// # Errors
/// The kernel's.
pub(super) fn strip(folder: BorrowedFd<'_>) -> Result<(), Errno> {
    for name in xattr::travelling(folder)? {
        match sys::remove_xattr(folder, &name) {
            Ok(()) | Err(Errno::ENODATA) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
