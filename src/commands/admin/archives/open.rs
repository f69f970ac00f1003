//! An archive in a store, opened.

use std::io;

use age::x25519::Identity;

use crate::archive::bandwidth::Limited;
use crate::archive::damage::Damage;
use crate::archive::encrypt;
use crate::archive::name::Name;
use crate::archive::reader::{ReadError, Reader};
use crate::archive::store::{Input, Store};
use crate::error::Error;
use crate::ui;

/// An archive whose manifest was read.
pub(in crate::commands::admin) struct Opened {
    pub(in crate::commands::admin) file: String,
    pub(in crate::commands::admin) reader: Reader<Box<dyn Input>>,
    is_encrypted: bool,
    place: String,
}

/// Opens `file` and reads no more of it than its end.
///
/// # Errors
/// When it is not there, cannot be read, is damaged, or is for others.
pub(in crate::commands::admin) fn open(
    store: &Store,
    file: &str,
    identities: &[Identity],
    bandwidth: Option<u64>,
) -> Result<Opened, Error> {
    let mut input = store.open(file)?;
    if let Some(rate) = bandwidth {
        input = Box::new(Limited::new(input, rate));
    }
    let is_encrypted = Name::parse(file).is_some_and(|name| name.encrypted);
    if is_encrypted {
        input = encrypt::open(file, input, identities)?;
    }
    let told = Told {
        file,
        place: store.place(),
        is_encrypted,
    };
    match Reader::open(input) {
        Ok(reader) => Ok(Opened {
            file: file.to_owned(),
            reader,
            is_encrypted,
            place: store.place().to_owned(),
        }),
        Err(ReadError::Damage(damage)) => Err(told.damage(&damage)),
        Err(ReadError::Io(error)) => Err(told.error(error)),
    }
}

impl Opened {
    fn told(&self) -> Told<'_> {
        Told {
            file: &self.file,
            place: &self.place,
            is_encrypted: self.is_encrypted,
        }
    }

    /// A damage in words.
    pub(in crate::commands::admin) fn damage(&self, damage: &Damage) -> Error {
        self.told().damage(damage)
    }

    /// Why it cannot be read.
    pub(in crate::commands::admin) fn failed(&self, error: io::Error) -> Error {
        self.told().error(error)
    }
}

/// What words for an error need.
struct Told<'a> {
    file: &'a str,
    place: &'a str,
    is_encrypted: bool,
}

impl Told<'_> {
    fn damage(&self, damage: &Damage) -> Error {
        Error::Damaged {
            archive: ui::safe(self.file),
            damage: ui::safe(&damage.to_string()),
        }
    }

    fn error(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::Interrupted => Error::Interrupted,
            // What age finds is no error of the place.
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof if self.is_encrypted => {
                let damage = Damage::new("the encrypted file", "is not what was written");
                self.damage(&damage)
            }
            _ => Error::Store {
                doing: "read",
                place: self.place.to_owned(),
                error,
            },
        }
    }
}
