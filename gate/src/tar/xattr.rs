//! Extended attributes of open files: which of them travel.

use std::ffi::{CStr, CString};
use std::os::fd::BorrowedFd;

use nix::errno::Errno;

use super::entry::Kind;
use super::error::{Fault, system};
use super::{Form, Ids, MAX_XATTRS};
use crate::sys;

const ACL_ACCESS: &[u8] = b"system.posix_acl_access";
const ACL_DEFAULT: &[u8] = b"system.posix_acl_default";
const CAPABILITY: &[u8] = b"security.capability";

/// What overlayfs keeps for itself. The engine mounts as root, so what is below
/// "user.overlay." is a container's own business.
const OVERLAY: &[u8] = b"trusted.overlay.";
pub(super) const OPAQUE: &CStr = c"trusted.overlay.opaque";

/// The attributes of one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Those that travel, as the container sees them, sorted.
    pub(super) kept: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether one was left out that a container would see.
    pub(super) left_out: bool,
    /// Whether nothing of the layers below shows in this folder.
    pub(super) opaque: bool,
}

/// The names of those of `file` that travel.
///
/// # Errors
/// The kernel's.
pub(super) fn travelling(file: BorrowedFd<'_>) -> Result<Vec<CString>, Errno> {
    let listed = match sys::list_xattrs(file) {
        Err(Errno::ENOTSUP) => Vec::new(),
        listed => listed?,
    };
    let names = listed.split(|byte| *byte == 0).filter(|name| travels(name));
    Ok(names.filter_map(|name| CString::new(name).ok()).collect())
}

/// Reads those of `file`.
///
/// # Errors
/// When they cannot be read, or say that what is here is not the file itself.
pub(super) fn read(file: BorrowedFd<'_>, form: Form, ids: &Ids) -> Result<Found, Fault> {
    let mut found = Found::default();
    let listed = match sys::list_xattrs(file) {
        Ok(listed) => listed,
        // The file system has none.
        Err(Errno::ENOTSUP) => return Ok(found),
        Err(errno) => return Err(Fault::System("list extended attributes", errno)),
    };
    let mut sum = 0;
    for name in listed.split_inclusive(|byte| *byte == 0) {
        let Ok(name) = CStr::from_bytes_with_nul(name) else {
            continue;
        };
        if !travels(name.to_bytes()) {
            if form == Form::Layer {
                overlay(file, name, &mut found)?;
            }
            continue;
        }
        let value = match sys::get_xattr(file, name) {
            Ok(value) => value,
            // Removed since it was listed.
            Err(Errno::ENODATA) => continue,
            Err(errno) => return Err(Fault::System("read an extended attribute", errno)),
        };
        sum += name.to_bytes().len() + value.len();
        match ids.xattr_inside(name.to_bytes(), &value) {
            Some(value) if sum <= MAX_XATTRS => found.kept.push((name.to_bytes().to_vec(), value)),
            _ => found.left_out = true,
        }
    }
    found.kept.sort();
    Ok(found)
}

/// What overlayfs says of a file of an upper layer. Origin, impure and their
/// like only speed things up.
fn overlay(file: BorrowedFd<'_>, name: &CStr, found: &mut Found) -> Result<(), Fault> {
    match name.to_bytes().strip_prefix(OVERLAY) {
        Some(b"metacopy") => Err(Fault::Metacopy),
        Some(b"redirect") => Err(Fault::Redirect),
        Some(b"opaque") => {
            let value = sys::get_xattr(file, name).map_err(system("read an extended attribute"))?;
            found.opaque = value == b"y";
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Those that a container can set and see.
fn travels(name: &[u8]) -> bool {
    name.starts_with(b"user.") || [ACL_ACCESS, ACL_DEFAULT, CAPABILITY].contains(&name)
}

/// Name and value on disk of one that a stream brings.
///
/// # Errors
/// When a file of that kind has none of that name or with that value.
pub(super) fn on_disk(
    (name, value): &(Vec<u8>, Vec<u8>),
    kind: &Kind,
    ids: &Ids,
) -> Result<(CString, Vec<u8>), Fault> {
    let refused = || Fault::Attribute(name.escape_ascii().to_string());
    let has = match name.as_slice() {
        ACL_ACCESS => matches!(kind, Kind::File { .. } | Kind::Folder | Kind::Fifo),
        ACL_DEFAULT => *kind == Kind::Folder,
        CAPABILITY => matches!(kind, Kind::File { .. }),
        name => name.len() > 5 && travels(name) && matches!(kind, Kind::File { .. } | Kind::Folder),
    };
    let name = CString::new(name.as_slice()).ok().filter(|_| has);
    let name = name.ok_or_else(refused)?;
    let value = ids.xattr_on_disk(name.to_bytes(), value);
    Ok((name, value.ok_or_else(refused)?))
}
