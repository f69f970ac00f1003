//! Archives that only some can read: the whole file in age's format.

use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use age::stream::StreamWriter;
use age::x25519;
use age::{Decryptor, Encryptor, Identity, Recipient};
use nix::fcntl::OFlag;

use super::store::{Input, Output};
use crate::error::{self, Error};

/// The largest file with keys.
const MAX_KEYS: u64 = 1 << 20;

/// Those who are to read an archive.
///
/// # Errors
/// For a text that is no recipient.
pub(crate) fn recipients(texts: &[String]) -> Result<Vec<x25519::Recipient>, Error> {
    let read = |text: &String| text.parse().map_err(|_| Error::Recipient(text.clone()));
    texts.iter().map(read).collect()
}

/// The identities in a file that only its owner can read.
///
/// # Errors
/// When it cannot be used, or holds none.
pub(crate) fn identities(path: &Path) -> Result<Vec<x25519::Identity>, Error> {
    let wrong = |why: String| Error::Keys {
        path: path.to_owned(),
        why,
    };
    let unreadable = |error: io::Error| wrong(error::words(&error));
    let file = std::fs::File::options()
        .read(true)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_CLOEXEC).bits())
        .open(path)
        .map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() || metadata.mode() & 0o077 != 0 {
        let mode = metadata.mode() & 0o7777;
        return Err(wrong(format!("mode {mode:04o} lets others read it")));
    }
    let mut text = String::new();
    let read = file.take(MAX_KEYS).read_to_string(&mut text);
    read.map_err(unreadable)?;
    let keys = text.lines().map(str::trim);
    let keys = keys.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Result<Vec<x25519::Identity>, _> = keys.map(str::parse).collect();
    match keys {
        Ok(keys) if !keys.is_empty() => Ok(keys),
        Ok(_) => Err(wrong("it holds no identity".into())),
        Err(why) => Err(wrong(format!("it holds what is no identity: {why}"))),
    }
}

/// A file whose content only `recipients` can read.
pub(crate) struct Encrypting(StreamWriter<Box<dyn Output>>);

impl Encrypting {
    /// # Errors
    /// What writing says.
    pub(crate) fn new(
        output: Box<dyn Output>,
        recipients: &[x25519::Recipient],
    ) -> io::Result<Encrypting> {
        let recipients = recipients.iter().map(|one| one as &dyn Recipient);
        let encryptor = Encryptor::with_recipients(recipients).map_err(io::Error::other)?;
        Ok(Encrypting(encryptor.wrap_output(output)?))
    }
}

impl Write for Encrypting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Output for Encrypting {
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.0.finish()?.finish()
    }
}

/// The content of an encrypted file.
///
/// # Errors
/// [`Error::Locked`] when none of `identities` opens it.
pub(crate) fn open(
    archive: &str,
    input: Box<dyn Input>,
    identities: &[x25519::Identity],
) -> Result<Box<dyn Input>, Error> {
    let locked = |_| Error::Locked(archive.to_owned());
    let decryptor = Decryptor::new_buffered(io::BufReader::new(input)).map_err(locked)?;
    let identities = identities.iter().map(|one| one as &dyn Identity);
    let mut content = decryptor.decrypt(identities).map_err(locked)?;
    // Seeking to its end is what says that nothing was cut off.
    content.rewind().map_err(|error| Error::Store {
        doing: "read",
        place: archive.to_owned(),
        error,
    })?;
    Ok(Box::new(content))
}
