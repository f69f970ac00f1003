//! Folders of the tests' own.

use std::ffi::{CStr, OsStr};
use std::fs::{self, File};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::stat::{Mode, SFlag, UtimensatFlags, mknod, utimensat};
use nix::sys::time::TimeSpec;
use nix::unistd::mkfifo;

use crate::sys;

/// A folder that is removed at the end. Not below /tmp: what is there may have no
/// holes, or be an overlay, which takes no marks of layers.
pub(super) struct Place {
    top: PathBuf,
    owned: bool,
}

impl Place {
    pub(super) fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let own = std::env::current_exe().unwrap();
        let name = format!("tar-{}-{number}", std::process::id());
        let top = own.parent().unwrap().join(name);
        fs::create_dir(&top).unwrap();
        Place { top, owned: true }
    }

    /// A folder in it, which is made.
    pub(super) fn inner(&self, name: &str) -> Place {
        fs::create_dir_all(self.path(name)).unwrap();
        Place {
            top: self.path(name),
            owned: false,
        }
    }

    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.top.join(name)
    }

    pub(super) fn open(&self) -> OwnedFd {
        File::open(&self.top).unwrap().into()
    }

    pub(super) fn is_empty(&self) -> bool {
        fs::read_dir(&self.top).unwrap().next().is_none()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.owned {
            let _ = fs::remove_dir_all(&self.top);
        }
    }
}

pub(super) fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

pub(super) fn time(path: &Path, seconds: i64, nanos: i64) {
    let time = TimeSpec::new(seconds, nanos);
    let no_follow = UtimensatFlags::NoFollowSymlink;
    utimensat(nix::fcntl::AT_FDCWD, path, &time, &time, no_follow).unwrap();
}

/// Whether a file has an extended attribute.
pub(super) fn has(place: &Place, name: &str, key: &CStr) -> bool {
    let file = File::open(place.path(name)).unwrap();
    sys::get_xattr(file.as_fd(), key).is_ok()
}

/// Sets a mark of overlayfs; whether that can be done here.
pub(super) fn mark_of(place: &Place, name: &str, key: &CStr) -> bool {
    let file = File::open(place.path(name)).unwrap();
    sys::set_xattr(file.as_fd(), key, b"y").is_ok()
}

/// An access list: the owner's, one user's, the group's, the mask, the others'.
pub(super) fn acl(user: u32) -> Vec<u8> {
    let mut list = 2u32.to_le_bytes().to_vec();
    let none = u32::MAX;
    for (tag, may, id) in [
        (1u16, 6u16, none),
        (2, 4, user),
        (4, 4, none),
        (16, 6, none),
        (32, 4, none),
    ] {
        list.extend_from_slice(&tag.to_le_bytes());
        list.extend_from_slice(&may.to_le_bytes());
        list.extend_from_slice(&id.to_le_bytes());
    }
    list
}

/// One of each that a volume can have.
pub(super) fn everything(place: &Place) {
    let path = |name: &str| place.path(name);
    let deep = format!(
        "{}/{}",
        "folder/with a long name".repeat(3),
        "x".repeat(200)
    );
    fs::create_dir_all(path(&deep)).unwrap();
    fs::write(path(&format!("{deep}/file")), "deep").unwrap();
    fs::create_dir_all(path("folder/empty")).unwrap();
    fs::set_permissions(path("folder/empty"), PermissionsExt::from_mode(0o1777)).unwrap();
    fs::write(path("plain"), "some text\n").unwrap();
    fs::write(path("nothing"), "").unwrap();
    fs::write(path("large"), vec![b'l'; 300_001]).unwrap();
    fs::write(path("setuid"), "#!/bin/sh\n").unwrap();
    fs::write(path("na\u{ef}ve"), "utf-8").unwrap();
    fs::write(
        place.top().join(OsStr::from_bytes(b"raw\xff\xfe")),
        "no utf-8",
    )
    .unwrap();
    fs::write(path("with\na line feed"), "").unwrap();
    symlink("nowhere/../at all", path("dangling")).unwrap();
    symlink("/etc", path("escape")).unwrap();
    symlink("t".repeat(300), path("long target")).unwrap();
    fs::write(path("link a"), "linked").unwrap();
    fs::hard_link(path("link a"), path("link b")).unwrap();
    fs::hard_link(path("link a"), path("folder/link c")).unwrap();
    mkfifo(&path("fifo"), Mode::S_IRUSR).unwrap();
    // A socket's name has to be short.
    let here = place.open();
    let socket = format!("/proc/self/fd/{}/socket", here.as_raw_fd());
    drop(UnixListener::bind(socket).unwrap());
    let holes = File::create(path("holes")).unwrap();
    holes.set_len(64 << 20).unwrap();
    for megabyte in [0, 9, 40] {
        holes.write_all_at(b"data!", megabyte << 20).unwrap();
    }
    File::create(path("all hole"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let attributed = File::create(path("attributed")).unwrap();
    for (key, value) in [
        (c"user.key=100%", &b"a\nb\0c"[..]),
        (c"user.empty", b""),
        (c"system.posix_acl_access", &acl(1234)),
    ] {
        sys::set_xattr(attributed.as_fd(), key, value).unwrap();
    }
    let folder = File::open(path("folder")).unwrap();
    sys::set_xattr(folder.as_fd(), c"user.folder", b"yes").unwrap();
    sys::set_xattr(folder.as_fd(), c"system.posix_acl_default", &acl(77)).unwrap();
    if is_root() {
        chown(path("plain"), Some(1234), Some(5_000_000)).unwrap();
        chown(path("setuid"), Some(0), Some(50)).unwrap();
        std::os::unix::fs::lchown(path("dangling"), Some(9), Some(9)).unwrap();
        let capability = [&0x0200_0001u32.to_le_bytes()[..], &[0, 4, 0, 0], &[0; 12]].concat();
        let capable = File::create(path("capable")).unwrap();
        sys::set_xattr(capable.as_fd(), c"security.capability", &capability).unwrap();
        drop(capable);
        time(&path("capable"), 3, 3);
    }
    fs::set_permissions(path("setuid"), PermissionsExt::from_mode(0o4755)).unwrap();
    time(&path("plain"), -2, 123_456_789);
    time(&path("holes"), 1_700_000_000, 1);
    time(&path("dangling"), 5, 0);
    time(&path("folder"), 7, 0);
    time(place.top(), 11, 0);
}

/// A layer; whether one can be made here.
pub(super) fn layer(place: &Place) -> bool {
    fs::create_dir_all(place.path("etc")).unwrap();
    fs::write(place.path("etc/passwd"), "changed").unwrap();
    fs::write(place.path("etc/.wh.reserved"), "").unwrap();
    fs::create_dir(place.path("replaced")).unwrap();
    fs::write(place.path("replaced/new"), "new").unwrap();
    let nothing = Mode::empty();
    is_root()
        && mark_of(place, "replaced", super::xattr::OPAQUE)
        && mknod(&place.path("etc/removed"), SFlag::S_IFCHR, nothing, 0).is_ok()
}
