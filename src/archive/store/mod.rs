//! Where archives lie: a folder here, one on another machine, a bucket.
//!
//! A store lists, reads and removes files, and takes one that has its name only
//! when it is whole. What a run that was killed has left of one is removed by the
//! next run that writes there ([`partial`]).

mod background;
mod folder;
mod partial;
mod ranged;
mod s3;
mod sftp;
mod ssh;

use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use dock_space::config::{self, Place};

use crate::error::Error;

/// A file in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) file: String,
    pub(crate) size: u64,
}

/// What is read of a file, from any place in it.
pub(crate) trait Input: Read + Seek + Send {}

impl<T: Read + Seek + Send> Input for T {}

/// A file on its way into a store. When it is dropped before its end, nothing
/// stays of it.
pub(crate) trait Output: Write + Send {
    /// Gives the file its name, when all of it is where it belongs.
    ///
    /// # Errors
    /// When it is not; then nothing stays of it.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// The kinds of places.
trait Shelf {
    fn list(&self) -> io::Result<Vec<Item>>;
    fn open(&self, file: &str) -> io::Result<Box<dyn Input>>;
    /// Begins a file of about `expected` bytes.
    fn create(&self, file: &str, expected: u64) -> io::Result<Box<dyn Output>>;
    fn remove(&self, file: &str) -> io::Result<()>;
}

/// A place for archives.
pub(crate) struct Store {
    shelf: Box<dyn Shelf>,
    /// As people call it.
    place: String,
}

impl Store {
    /// The place that `named` means, or the configured one: a target's name, a
    /// path that holds a slash, or `sftp://user@machine:port/folder`.
    ///
    /// # Errors
    /// When it is none of them, or its credentials cannot be used.
    pub(crate) fn find(named: Option<&str>, config: &config::Archive) -> Result<Store, Error> {
        let named = match named {
            Some(named) => named,
            None if config.target.is_empty() => return Err(Error::NoTarget(String::new())),
            None => &config.target,
        };
        let failed = |error| Error::Store {
            doing: "use",
            place: named.to_owned(),
            error,
        };
        let shelf: Box<dyn Shelf> = if let Some(target) = config.targets.get(named) {
            match target.place() {
                Place::Folder(path) => Box::new(folder::Folder::new(path)),
                Place::Machine(target) => Box::new(sftp::Machine::new(target)),
                Place::Bucket(target) => Box::new(s3::Bucket::new(target).map_err(failed)?),
            }
        } else if let Some(rest) = named.strip_prefix("sftp://") {
            let target = machine(rest).ok_or_else(|| Error::NoTarget(named.to_owned()))?;
            Box::new(sftp::Machine::new(&target))
        } else if named.contains('/') {
            Box::new(folder::Folder::new(Path::new(named)))
        } else {
            return Err(Error::NoTarget(named.to_owned()));
        };
        Ok(Store {
            shelf,
            place: named.to_owned(),
        })
    }

    /// The folder that `path` lies in, and its name there.
    ///
    /// # Errors
    /// When it has no name.
    pub(crate) fn of_file(path: &Path) -> Result<(Store, String), Error> {
        let name = path.file_name().and_then(std::ffi::OsStr::to_str);
        let name = name.ok_or_else(|| Error::NoArchive(path.display().to_string()))?;
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let store = Store {
            shelf: Box::new(folder::Folder::new(&folder)),
            place: folder.display().to_string(),
        };
        Ok((store, name.to_owned()))
    }

    /// As people call it.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// All files, unfinished ones left out.
    ///
    /// # Errors
    /// When the place cannot be reached or read.
    pub(crate) fn list(&self) -> Result<Vec<Item>, Error> {
        let mut items = self.shelf.list().map_err(self.failed("list"))?;
        items.retain(|item| !item.file.starts_with('.'));
        items.sort_by(|one, other| one.file.cmp(&other.file));
        Ok(items)
    }

    /// A file, to be read from any place.
    ///
    /// # Errors
    /// [`Error::NoArchive`] when it is not there.
    pub(crate) fn open(&self, file: &str) -> Result<Box<dyn Input>, Error> {
        self.shelf.open(file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::NoArchive(format!("{}: {file}", self.place)),
            _ => self.failed("read")(error),
        })
    }

    /// Begins a file; one of that name must not be there.
    ///
    /// # Errors
    /// When the place cannot be reached or written.
    pub(crate) fn create(&self, file: &str, expected: u64) -> Result<Box<dyn Output>, Error> {
        let output = self.shelf.create(file, expected);
        output.map_err(self.failed("write to"))
    }

    /// # Errors
    /// When it cannot be removed; one that is not there is no error.
    pub(crate) fn remove(&self, file: &str) -> Result<(), Error> {
        match self.shelf.remove(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(self.failed("remove from")),
        }
    }

    /// Makes an empty file.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub(crate) fn mark(&self, file: &str) -> Result<(), Error> {
        self.create(file, 0)?
            .finish()
            .map_err(self.failed("write to"))
    }

    /// Words for what went wrong while `doing`.
    pub(crate) fn failed(&self, doing: &'static str) -> impl Fn(io::Error) -> Error {
        let place = self.place.clone();
        move |error| Error::Store {
            doing,
            place: place.clone(),
            error,
        }
    }
}

/// `user@machine:port/folder`; the folder is below the person's home there, or
/// begins with a second slash.
fn machine(text: &str) -> Option<config::Target> {
    let (host, folder) = text.split_once('/')?;
    let plain = !host.is_empty() && !host.starts_with('-') && !host.contains(char::is_whitespace);
    plain.then(|| config::Target {
        host: host.to_owned(),
        folder: match folder {
            "" => ".".into(),
            folder => folder.into(),
        },
        ..config::Target::default()
    })
}
