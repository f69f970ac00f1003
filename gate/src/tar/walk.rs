//! Reads a folder into a stream.
//!
//! Whoever may change the folder while it is read gets files that are left out
//! or half changed, and counted as such: never a file from elsewhere, never a
//! wait. A name is looked up in the folder that is open, held, and opened from
//! that hold.

use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use dock_space::admin::Transfer;
use nix::errno::Errno;
use nix::fcntl::{OFlag, readlinkat};
use nix::sys::stat::{FileStat, SFlag, fstat};

use super::entry::{Attributes, Entry, Extent, Kind, Time};
use super::error::{Error, Fault, system};
use super::folder::{self, Names};
use super::links::Links;
use super::writer::{Sink, Writer};
use super::xattr::{self, Found};
use super::{Form, Ids, MAX_DEPTH, MAX_ENTRIES, Prefix, extents};
use crate::sys;

/// Names that are held in memory at a time, and what each folder has at least.
const MAX_NAMES: usize = 500_000;
const LEAST_NAMES: usize = 256;

/// Writes all of `folder` to `sink`, names beginning with `prefix`: first the
/// folder itself, then its files in the order of their names.
///
/// # Errors
/// When something cannot be read, or `sink` takes no more.
pub fn pack<S: Sink>(
    folder: OwnedFd,
    prefix: &Prefix,
    form: Form,
    ids: Ids,
    sink: S,
) -> Result<(S, Transfer), Error> {
    let mut walk = Walk {
        writer: Writer::new(sink),
        form,
        ids,
        links: Links::default(),
        facts: Transfer::default(),
        name: prefix.bytes().to_vec(),
    };
    // Its slash comes back with its first file.
    walk.name.pop();
    let done = walk.all(&folder);
    let done = done.map_err(|fault| fault.of(&walk.name));
    done?;
    let Walk {
        writer, mut facts, ..
    } = walk;
    facts.entries = writer.entries();
    facts.bytes = writer.bytes();
    let sink = writer.finish().map_err(|fault| fault.of(b""))?;
    Ok((sink, facts))
}

struct Walk<S> {
    writer: Writer<S>,
    form: Form,
    ids: Ids,
    links: Links,
    facts: Transfer,
    /// Of the entry at hand.
    name: Vec<u8>,
}

/// A folder whose files are being written.
struct Level {
    names: Names,
    /// How long its own name is.
    length: usize,
}

impl<S: Sink> Walk<S> {
    fn all(&mut self, folder: &OwnedFd) -> Result<(), Fault> {
        let stat = fstat(folder).map_err(system("look at the folder"))?;
        let mut levels = vec![self.folder(folder.as_fd(), &stat)?];
        loop {
            let depth = levels.len();
            let held = || levels.iter().map(|level| level.names.held()).sum();
            let room = match levels.last() {
                Some(level) if level.names.held() == 0 => MAX_NAMES.saturating_sub(held()),
                _ => 0,
            };
            let Some(level) = levels.last_mut() else {
                return Ok(());
            };
            self.name.truncate(level.length);
            let next = level.names.next(room.max(LEAST_NAMES));
            let Some(name) = next.map_err(system("read the folder"))? else {
                levels.pop();
                continue;
            };
            self.name.push(b'/');
            self.name.extend_from_slice(name.to_bytes());
            let deeper = self.one(level.names.folder(), &name, depth < MAX_DEPTH)?;
            if self.writer.entries() > MAX_ENTRIES {
                return Err(Fault::Many);
            }
            levels.extend(deeper);
        }
    }

    /// Writes what is called `name`; the level of a folder that has files.
    fn one(
        &mut self,
        folder: BorrowedFd<'_>,
        name: &CString,
        may_go_deeper: bool,
    ) -> Result<Option<Level>, Fault> {
        let left_out = &mut self.facts.left_out;
        if self.form == Form::Layer && name.to_bytes().starts_with(b".wh.") {
            left_out.reserved += 1;
            return Ok(None);
        }
        let held = match folder::hold(folder, name) {
            Ok(held) => held,
            Err(Errno::ENOENT) => {
                left_out.vanished += 1;
                return Ok(None);
            }
            Err(Errno::EXDEV) => {
                left_out.mounts += 1;
                return Ok(None);
            }
            Err(errno) => return Err(Fault::System("look at it", errno)),
        };
        let stat = fstat(&held).map_err(system("look at it"))?;
        let kind = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
        match kind {
            SFlag::S_IFDIR if !may_go_deeper => left_out.deep += 1,
            SFlag::S_IFDIR => return self.folder(held.as_fd(), &stat).map(Some),
            SFlag::S_IFSOCK => left_out.sockets += 1,
            SFlag::S_IFCHR if self.form == Form::Layer && stat.st_rdev == 0 => self.whiteout()?,
            SFlag::S_IFCHR | SFlag::S_IFBLK => left_out.devices += 1,
            _ => self.leaf(held.as_fd(), kind, &stat)?,
        }
        Ok(None)
    }

    fn folder(&mut self, held: BorrowedFd<'_>, stat: &FileStat) -> Result<Level, Fault> {
        let names = Names::of(held).map_err(system("read the folder"))?;
        let found = xattr::read(names.folder(), self.form, &self.ids)?;
        let opaque = found.opaque;
        let attributes = self.attributes(stat, found);
        self.write(Kind::Folder, attributes)?;
        let length = self.name.len();
        if opaque {
            self.name.extend_from_slice(b"/.wh..wh..opq");
            self.write(NOTHING, Attributes::default())?;
            self.name.truncate(length);
        }
        Ok(Level { names, length })
    }

    /// What overlayfs keeps as a device says that a file is removed.
    fn whiteout(&mut self) -> Result<(), Fault> {
        let slash = self.name.iter().rposition(|byte| *byte == b'/');
        let at = slash.map_or(0, |slash| slash + 1);
        self.name.splice(at..at, *b".wh.");
        self.write(NOTHING, Attributes::default())
    }

    /// A file, a fifo or a symbolic link.
    fn leaf(&mut self, held: BorrowedFd<'_>, kind: SFlag, stat: &FileStat) -> Result<(), Fault> {
        if kind == SFlag::S_IFREG {
            return self.file(held);
        }
        if self.is_link(stat)? {
            return Ok(());
        }
        match kind {
            SFlag::S_IFIFO => {
                let found = xattr::read(held, self.form, &self.ids)?;
                let attributes = self.attributes(stat, found);
                self.write(Kind::Fifo, attributes)
            }
            SFlag::S_IFLNK => {
                let target = readlinkat(held, c"").map_err(system("read the symbolic link"))?;
                let attributes = self.attributes(stat, Found::default());
                let target = std::os::unix::ffi::OsStringExt::into_vec(target);
                self.write(Kind::Symlink(target), attributes)
            }
            _ => Err(Fault::Form("it is of no kind that is known")),
        }
    }

    /// Writes a file that was written before as one more name of it.
    fn is_link(&mut self, stat: &FileStat) -> Result<bool, Fault> {
        let Some(first) = self.links.meet(stat, &self.name) else {
            return Ok(false);
        };
        let (uid, gid, _) = self.ids.inside(stat.st_uid, stat.st_gid);
        let attributes = Attributes {
            mode: stat.st_mode & 0o7777,
            uid,
            gid,
            mtime: time(stat),
            xattrs: Vec::new(),
        };
        self.write(Kind::Link(first), attributes)?;
        Ok(true)
    }

    fn file(&mut self, held: BorrowedFd<'_>) -> Result<(), Fault> {
        let Some(file) = open(held)? else {
            self.facts.left_out.busy += 1;
            return Ok(());
        };
        let stat = fstat(&file).map_err(system("look at it"))?;
        if self.is_link(&stat)? {
            return Ok(());
        }
        let found = xattr::read(file.as_fd(), self.form, &self.ids)?;
        let ranges = extents::of(file.as_fd(), &stat)?;
        let attributes = self.attributes(&stat, found);
        // Never negative.
        let size = stat.st_size as u64;
        let whole = [Extent {
            offset: 0,
            length: size,
        }];
        let kind = Kind::File {
            size,
            extents: ranges,
        };
        let entry = self.write_entry(kind, attributes)?;
        let ranges = match &entry.kind {
            Kind::File {
                extents: Some(extents),
                ..
            } => extents,
            _ => &whole[..],
        };
        let mut is_whole = true;
        for range in ranges {
            is_whole &= self.writer.content(&file, *range)?;
        }
        self.writer.pad(entry.stored())?;
        let after = fstat(&file).map_err(system("look at it"))?;
        let same = |stat: &FileStat| (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
        if !is_whole || same(&stat) != same(&after) {
            self.facts.changed += 1;
        }
        Ok(())
    }

    fn attributes(&mut self, stat: &FileStat, found: Found) -> Attributes {
        let (uid, gid, known) = self.ids.inside(stat.st_uid, stat.st_gid);
        self.facts.foreign += u64::from(!known);
        self.facts.left_out.attributes += u64::from(found.left_out);
        Attributes {
            mode: stat.st_mode & 0o7777,
            uid,
            gid,
            mtime: time(stat),
            xattrs: found.kept,
        }
    }

    fn write(&mut self, kind: Kind, attributes: Attributes) -> Result<(), Fault> {
        self.write_entry(kind, attributes).map(drop)
    }

    fn write_entry(&mut self, kind: Kind, attributes: Attributes) -> Result<Entry, Fault> {
        let entry = Entry {
            name: self.name.clone(),
            kind,
            attributes,
        };
        self.writer.entry(&entry)?;
        Ok(entry)
    }
}

/// How often, and at which distance, a file is asked for whose holder has a lease.
const LEASE_TRIES: usize = 20;
const LEASE_PAUSE: Duration = Duration::from_millis(50);

/// Opens the file that is held; nothing when its holder does not let go of it:
/// an open that waits would wait for the container.
fn open(held: BorrowedFd<'_>) -> Result<Option<OwnedFd>, Fault> {
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOATIME;
    for _ in 0..LEASE_TRIES {
        match sys::reopen(held, flags) {
            Ok(file) => return Ok(Some(file)),
            Err(Errno::EAGAIN) => std::thread::sleep(LEASE_PAUSE),
            Err(errno) => return Err(Fault::System("open the file", errno)),
        }
    }
    Ok(None)
}

/// An empty file, which its name makes a mark.
const NOTHING: Kind = Kind::File {
    size: 0,
    extents: None,
};

fn time(stat: &FileStat) -> Time {
    Time {
        seconds: stat.st_mtime,
        nanos: u32::try_from(stat.st_mtime_nsec).unwrap_or(0),
    }
}
