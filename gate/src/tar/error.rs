//! Why a stream ends early, in words that never hold what docker searches for.

use std::fmt;

use nix::errno::Errno;

/// What went wrong, and with which entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The entry's name in the stream; empty where none is known.
    pub entry: String,
    pub fault: Fault,
    /// Whether what was made before could not be removed again.
    pub remains: bool,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An extended attribute that an entry may not have, or not with this value.
    Attribute(String),
    /// A folder was closed before this entry of it came, or never opened.
    Apart,
    /// A checksum that its header does not have.
    Checksum,
    /// The stream ends inside something, or its sender left.
    Cut,
    /// More levels of folders than are taken.
    Deep,
    /// A device.
    Device,
    /// An entry of that name was made already.
    Duplicate,
    /// A header or record that is not written as it must be.
    Form(&'static str),
    /// The folder that is to take the files is not empty.
    Full,
    /// Nobody takes the stream any more.
    Gone,
    /// An id that no file can have, or that lies outside the engine's range.
    Id(u64),
    /// A hard link to what this stream did not make.
    Link(String),
    /// The file is more ranges of data than are kept.
    Holes,
    /// More entries than are taken.
    Many,
    /// A file whose content lies in a layer below.
    Metacopy,
    /// A name that is not taken, and why.
    Name(&'static str),
    /// Does not lie below the prefix.
    Outside,
    /// A folder that was renamed by reference.
    Redirect,
    /// More or less than was announced.
    Size { announced: u64, found: u64 },
    /// A map of holes that does not fit the file, and why.
    Sparse(&'static str),
    /// The host's own word.
    System(&'static str, Errno),
    /// A type that is not taken.
    Type(u8),
}

impl Fault {
    /// The fault of the entry that is called so.
    #[must_use]
    pub fn of(self, name: &[u8]) -> Error {
        let entry = name.escape_ascii().to_string();
        let mut end = entry.len().min(256);
        while !entry.is_char_boundary(end) {
            end -= 1;
        }
        Error {
            entry: entry[..end].to_owned(),
            fault: self,
            remains: false,
        }
    }

    /// Whether the stream itself is wrong, not what the host made of it.
    #[must_use]
    pub fn is_the_streams(&self) -> bool {
        !matches!(
            self,
            Fault::Full
                | Fault::Gone
                | Fault::Holes
                | Fault::Metacopy
                | Fault::Redirect
                | Fault::System(..)
        )
    }
}

/// A fault of the host's: what was tried, and its word.
pub(super) fn system(what: &'static str) -> impl Fn(Errno) -> Fault {
    move |errno| Fault::System(what, errno)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.entry.is_empty() {
            write!(f, "\"{}\": ", self.entry)?;
        }
        self.fault.fmt(f)?;
        if self.remains {
            f.write_str("; what was made before could not be removed")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Attribute(name) => write!(f, "the extended attribute \"{name}\" is not taken"),
            Fault::Apart => f.write_str("its folder does not stand right before it"),
            Fault::Checksum => f.write_str("the checksum of a header is wrong"),
            Fault::Cut => f.write_str("the stream ends too early"),
            Fault::Deep => write!(f, "it lies deeper than {} folders", super::MAX_DEPTH),
            Fault::Device => f.write_str("devices are not taken"),
            Fault::Duplicate => f.write_str("it stands there twice"),
            Fault::Form(what) => f.write_str(what),
            Fault::Full => f.write_str("there are files already"),
            Fault::Gone => f.write_str("nobody takes the stream any more"),
            Fault::Id(id) => write!(f, "no file here can belong to the id {id}"),
            Fault::Link(target) => write!(
                f,
                "it is a hard link to \"{target}\", which is no file of this stream"
            ),
            Fault::Holes => write!(
                f,
                "the file has more than {} ranges of data between holes",
                super::MAX_EXTENTS
            ),
            Fault::Many => write!(f, "there are more than {} entries", super::MAX_ENTRIES),
            Fault::Metacopy => f.write_str(
                "the content of the file lies in a layer below (overlayfs with metacopy=on)",
            ),
            Fault::Name(why) => f.write_str(why),
            Fault::Outside => f.write_str("the name does not begin with the prefix"),
            Fault::Redirect => {
                f.write_str("the folder was renamed by reference (overlayfs with redirect_dir=on)")
            }
            Fault::Size { announced, found } => {
                write!(f, "{announced} bytes were announced, and {found} are there")
            }
            Fault::Sparse(why) => write!(f, "the map of its holes is wrong: {why}"),
            Fault::System(what, errno) => write!(f, "cannot {what}: {}", words(*errno)),
            Fault::Type(flag) => write!(
                f,
                "entries of type \"{}\" are not taken",
                char::from(*flag).escape_default()
            ),
        }
    }
}

/// docker reads an exit code out of some of the kernel's words.
fn words(errno: Errno) -> &'static str {
    match errno {
        Errno::ENOENT => "it is not there",
        Errno::EACCES | Errno::EPERM => "the file system does not allow it",
        Errno::EXDEV => "another file system is mounted there",
        other => other.desc(),
    }
}
