//! Makes the files of a stream in an empty folder.
//!
//! The folders from the top to the entry at hand are open, and an entry goes
//! into the last of them: a name is never looked up over a folder that this
//! stream did not just make, so no link can lead elsewhere. Whatever is wrong,
//! the folder is empty again afterwards.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, BufRead};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileExt as _;

use dock_space::admin::Transfer;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag};
use nix::sys::stat::{Mode, SFlag, fstat, mkdirat, mknodat};
use nix::unistd::{linkat, mkfifoat, symlinkat, syncfs};

use super::clear::{self, What};
use super::disk::{self, OnDisk};
use super::entry::{Entry, Extent, Kind};
use super::error::{Error, Fault, system};
use super::reader::Reader;
use super::{Form, Ids, Prefix, folder, xattr};
use crate::sys;

/// What the name of a mark begins with, and the mark that nothing of the layers
/// below shows.
const MARK: &[u8] = b".wh.";
const OPAQUE: &[u8] = b".wh..wh..opq";

/// Reads `source` to its end and makes its entries in `target`, which must be
/// empty; a layer may hold the empty folders that the engine makes.
///
/// # Errors
/// For everything that a stream of this form does not have, and for what the
/// host does not do. Nothing of the stream is left in `target` then.
pub fn unpack(
    source: impl BufRead,
    target: OwnedFd,
    prefix: &Prefix,
    form: Form,
    ids: Ids,
    announced: Option<u64>,
) -> Result<Transfer, Error> {
    let top = target.as_fd();
    let before = ready(top, form).map_err(|fault| fault.of(b""))?;
    let mut unpacking = Unpacking {
        reader: Reader::new(source, announced),
        prefix,
        form,
        ids,
        top,
        open: Vec::new(),
    };
    let done = unpacking.all().and_then(|()| {
        let synced = syncfs(top).map_err(system("write it to the disk"));
        synced.map_err(|fault| fault.of(b""))
    });
    let (entries, bytes) = (unpacking.reader.entries(), unpacking.reader.taken());
    drop(unpacking);
    match done {
        Ok(()) => Ok(Transfer {
            entries,
            bytes,
            ..Transfer::default()
        }),
        Err(error) => {
            let undone = clear::clear(top, What::Everything)
                .and_then(|()| disk::strip(top))
                .is_ok()
                && before.give(top).is_ok();
            Err(Error {
                remains: !undone,
                ..error
            })
        }
    }
}

/// Makes sure that nothing is in the folder; what it has now.
fn ready(top: BorrowedFd<'_>, form: Form) -> Result<OnDisk, Fault> {
    if form == Form::Layer {
        match clear::clear(top, What::Folders) {
            Ok(()) | Err(Errno::ENOTEMPTY) => {}
            Err(errno) => return Err(Fault::System("empty the target", errno)),
        }
    }
    match clear::is_empty(top) {
        Ok(true) => OnDisk::of_folder(top).map_err(system("look at the target")),
        Ok(false) => Err(Fault::Full),
        Err(errno) => Err(Fault::System("look at the target", errno)),
    }
}

struct Unpacking<'a, R> {
    reader: Reader<R>,
    prefix: &'a Prefix,
    form: Form,
    ids: Ids,
    top: BorrowedFd<'a>,
    /// From the top to the folder of the entry at hand.
    open: Vec<Open>,
}

/// A folder whose entries are being made.
struct Open {
    name: Vec<u8>,
    folder: OwnedFd,
    /// Given when nothing more is made in it.
    attributes: OnDisk,
}

impl<R: BufRead> Unpacking<'_, R> {
    fn all(&mut self) -> Result<(), Error> {
        while let Some(entry) = self.reader.entry()? {
            let named = |fault: Fault| fault.of(&entry.name);
            if self.open.is_empty() {
                self.first(&entry).map_err(named)?;
                continue;
            }
            let parts = self.prefix.below(&entry.name).map_err(named)?;
            let Some((name, parents)) = parts.split_last() else {
                return Err(Fault::Duplicate.of(&entry.name));
            };
            self.close_down_to(parents)?;
            if self.open.len() <= parents.len() {
                return Err(Fault::Apart.of(&entry.name));
            }
            self.one(name, &entry).map_err(named)?;
        }
        if self.open.is_empty() {
            return Err(Fault::Cut.of(b""));
        }
        while !self.open.is_empty() {
            self.close()?;
        }
        Ok(())
    }

    /// The folder itself, which is there already.
    fn first(&mut self, entry: &Entry) -> Result<(), Fault> {
        if entry.kind != Kind::Folder || !self.prefix.below(&entry.name)?.is_empty() {
            return Err(Fault::Apart);
        }
        let attributes = OnDisk::of_entry(entry, &self.ids)?;
        disk::strip(self.top).map_err(system("change the target"))?;
        let folder = folder::enter(self.top, c".").map_err(system("open the target"))?;
        self.open.push(Open {
            name: Vec::new(),
            folder,
            attributes,
        });
        Ok(())
    }

    /// Makes what is called `name` in the last folder.
    fn one(&mut self, name: &[u8], entry: &Entry) -> Result<(), Fault> {
        let parent = self.open.last().ok_or(Fault::Apart)?.folder.as_fd();
        if self.form == Form::Layer && name.starts_with(MARK) {
            return mark(parent, name, entry);
        }
        let attributes = OnDisk::of_entry(entry, &self.ids)?;
        let c_name = c_name(name)?;
        match &entry.kind {
            Kind::Folder => {
                mkdirat(parent, &*c_name, Mode::S_IRWXU).map_err(made("make the folder"))?;
                let folder = folder::enter(parent, &c_name).map_err(system("open the folder"))?;
                self.open.push(Open {
                    name: name.to_vec(),
                    folder,
                    attributes,
                });
                Ok(())
            }
            Kind::File { size, extents } => {
                let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL;
                let mode = Mode::S_IRUSR | Mode::S_IWUSR;
                let file = folder::open(parent, &c_name, flags, mode);
                let file = File::from(file.map_err(made("make the file"))?);
                self.fill(&file, *size, extents.as_deref())?;
                attributes.give(file.as_fd())
            }
            Kind::Link(target) => link(self.top, self.prefix, target, parent, &c_name),
            Kind::Symlink(target) => {
                let target = CString::new(target.as_slice());
                let target = target.map_err(|_| Fault::Name("the name has a NUL"))?;
                symlinkat(&*target, parent, &*c_name).map_err(made("make the symbolic link"))?;
                attributes.give(held(parent, &c_name)?.as_fd())
            }
            Kind::Fifo => {
                mkfifoat(parent, &*c_name, Mode::S_IRUSR).map_err(made("make the fifo"))?;
                attributes.give(held(parent, &c_name)?.as_fd())
            }
        }
    }

    /// Writes the content where the map has it.
    fn fill(&mut self, file: &File, size: u64, extents: Option<&[Extent]>) -> Result<(), Fault> {
        let whole = [Extent {
            offset: 0,
            length: size,
        }];
        for extent in extents.unwrap_or(&whole) {
            let mut at = extent.offset;
            while at < extent.end() {
                let content = self.reader.content().map_err(|error| error.fault)?;
                let left = usize::try_from(extent.end() - at).unwrap_or(usize::MAX);
                let some = &content[..content.len().min(left)];
                let length = some.len();
                file.write_all_at(some, at)
                    .map_err(host("write the file"))?;
                at += length as u64;
                self.reader.used(length).map_err(|error| error.fault)?;
            }
        }
        match extents {
            Some(_) => file.set_len(size).map_err(host("write the file")),
            None => Ok(()),
        }
    }

    /// Closes what does not lead to the folder of these names.
    fn close_down_to(&mut self, parents: &[&[u8]]) -> Result<(), Error> {
        let same = self.open[1..]
            .iter()
            .zip(parents)
            .take_while(|(open, parent)| open.name == **parent)
            .count();
        while self.open.len() > same + 1 {
            self.close()?;
        }
        Ok(())
    }

    /// Nothing more comes into the last folder: now its time stays.
    fn close(&mut self) -> Result<(), Error> {
        let given = match self.open.last() {
            Some(open) => open.attributes.give(open.folder.as_fd()),
            None => Ok(()),
        };
        given.map_err(|fault| {
            let names: Vec<&[u8]> = self.open.iter().map(|open| &*open.name).collect();
            let below = names.join(&b'/');
            fault.of(&[
                self.prefix.bytes(),
                below.strip_prefix(b"/").unwrap_or(&below),
            ]
            .concat())
        })?;
        self.open.pop();
        Ok(())
    }
}

/// A mark of a layer, as overlayfs keeps it.
fn mark(parent: BorrowedFd<'_>, name: &[u8], entry: &Entry) -> Result<(), Fault> {
    let nothing = Kind::File {
        size: 0,
        extents: None,
    };
    if entry.kind != nothing || !entry.attributes.xattrs.is_empty() {
        return Err(Fault::Name("a mark of a layer is not an empty file"));
    }
    if name == OPAQUE {
        return match sys::get_xattr(parent, xattr::OPAQUE) {
            Ok(_) => Err(Fault::Duplicate),
            Err(Errno::ENODATA) => sys::set_xattr(parent, xattr::OPAQUE, b"y")
                .map_err(system("set an extended attribute")),
            Err(errno) => Err(Fault::System("read an extended attribute", errno)),
        };
    }
    let removed = &name[MARK.len()..];
    super::path::check(removed)?;
    if removed.starts_with(MARK) {
        return Err(Fault::Name("a mark of a layer is not known"));
    }
    let removed = c_name(removed)?;
    mknodat(parent, &*removed, SFlag::S_IFCHR, Mode::empty(), 0).map_err(made("make the mark"))
}

/// One more name of a file that is there, found from the top without following
/// anything.
fn link(
    top: BorrowedFd<'_>,
    prefix: &Prefix,
    target: &[u8],
    parent: BorrowedFd<'_>,
    name: &CStr,
) -> Result<(), Fault> {
    let refused = || Fault::Link(target.escape_ascii().to_string());
    let parts = prefix.below(target).map_err(|_| refused())?;
    let mut at: Option<OwnedFd> = None;
    for part in parts {
        let folder = at.as_ref().map_or(top, AsFd::as_fd);
        at = Some(folder::hold(folder, &c_name(part)?).map_err(|_| refused())?);
    }
    let file = at.ok_or_else(refused)?;
    let stat = fstat(&file).map_err(|_| refused())?;
    let kind = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
    if !matches!(kind, SFlag::S_IFREG | SFlag::S_IFIFO | SFlag::S_IFLNK) {
        return Err(refused());
    }
    linkat(&file, c"", parent, name, AtFlags::AT_EMPTY_PATH).map_err(made("make the hard link"))
}

fn held(parent: BorrowedFd<'_>, name: &CStr) -> Result<OwnedFd, Fault> {
    folder::hold(parent, name).map_err(system("look at what was made"))
}

fn c_name(name: &[u8]) -> Result<CString, Fault> {
    CString::new(name).map_err(|_| Fault::Name("the name has a NUL"))
}

/// What is there already was made by this stream: the folder was empty.
fn made(what: &'static str) -> impl Fn(Errno) -> Fault {
    move |errno| match errno {
        Errno::EEXIST => Fault::Duplicate,
        errno => Fault::System(what, errno),
    }
}

fn host(what: &'static str) -> impl Fn(io::Error) -> Fault {
    move |error| {
        let errno = error.raw_os_error().map_or(Errno::EIO, Errno::from_raw);
        Fault::System(what, errno)
    }
}
