//! An archive as it is read. It is untrusted: whoever made it wants harm.
//!
//! Nothing is believed before it was summed up, and no more is held or unpacked
//! than the manifest admits to.

use std::io::{self, Read, Seek, SeekFrom};

use serde::de::DeserializeOwned;

use super::about::About;
use super::damage::Damage;
use super::digest::Digest;
use super::frames::{self, Stop};
use super::manifest::{MANIFEST, MAX_MANIFEST, Manifest};
use super::part::Part;
use super::tarball::{self, BLOCK, Scan};
use super::trailer::{LENGTH, Trailer};

/// What keeps an archive from being read.
#[derive(Debug)]
pub enum ReadError {
    Io(io::Error),
    Damage(Damage),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::Io(error)
    }
}

impl From<Damage> for ReadError {
    fn from(damage: Damage) -> ReadError {
        ReadError::Damage(damage)
    }
}

/// An archive whose manifest was read and fits the file's length.
pub struct Reader<R> {
    input: R,
    /// Bytes of the file.
    pub length: u64,
    pub manifest: Manifest,
}

impl<R: Read + Seek> Reader<R> {
    /// Reads the end of the file, and no more.
    ///
    /// # Errors
    /// When it is no archive, or its manifest is not what it says.
    pub fn open(mut input: R) -> Result<Reader<R>, ReadError> {
        let length = input.seek(SeekFrom::End(0))?;
        let start = length
            .checked_sub(LENGTH as u64)
            .ok_or_else(|| Damage::trailer("is not there: the file is too short"))?;
        input.seek(SeekFrom::Start(start))?;
        let mut end = [0; LENGTH];
        input.read_exact(&mut end)?;
        let trailer = Trailer::read(&end, length)?;
        let manifest = manifest(&mut input, &trailer)?;
        manifest.check(trailer.offset)?;
        Ok(Reader {
            input,
            length,
            manifest,
        })
    }

    /// Unpacks a part; `take` gets its tar piece by piece, before it is known
    /// whether the whole is what the manifest says.
    ///
    /// # Errors
    /// When it is not, or `take` says no.
    pub fn part<E>(
        &mut self,
        part: &Part,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), Stop<E>> {
        self.input
            .seek(SeekFrom::Start(part.offset))
            .map_err(Stop::Read)?;
        let mut scan = Scan::default();
        let foreign = |member: &[u8]| {
            let member = String::from_utf8_lossy(member);
            Damage::new(
                &part.name,
                format!("holds \"{member}\", which is not its own"),
            )
        };
        let mut broken = None;
        let unpacked = frames::unpack(
            &part.name,
            &mut self.input,
            part.length,
            part.size,
            |piece| {
                let scanned = scan.take(&part.name, piece, |member| match part.owns(member) {
                    true => Ok(()),
                    false => Err(foreign(member)),
                });
                if let Err(damage) = scanned {
                    broken = Some(damage);
                    return Err(None);
                }
                take(piece).map_err(Some)
            },
        );
        let unpacked = match (unpacked, broken) {
            (_, Some(damage)) => return Err(Stop::Damage(damage)),
            (Err(Stop::Taker(Some(error))), None) => return Err(Stop::Taker(error)),
            (Err(Stop::Damage(damage)), None) => return Err(Stop::Damage(damage)),
            (Err(Stop::Read(error)), None) => return Err(Stop::Read(error)),
            (Err(Stop::Taker(None)), None) => {
                return Err(Stop::Damage(Damage::new(&part.name, "is no tar")));
            }
            (Ok(unpacked), None) => unpacked,
        };
        let damage = |what: &str| Stop::Damage(Damage::new(&part.name, what));
        if scan.end(&part.name).map_err(Stop::Damage)? != part.entries {
            return Err(damage("has another number of files than the manifest says"));
        }
        if unpacked.packed_sha256 != part.packed_sha256 {
            return Err(damage("is not what was written: its checksum is another"));
        }
        if unpacked.sha256 != part.sha256 {
            return Err(damage("has another content than the manifest says"));
        }
        Ok(())
    }

    /// The text of a part that is one document, after it was summed up.
    ///
    /// # Errors
    /// When it is not what the manifest says.
    pub fn text(&mut self, part: &Part) -> Result<Vec<u8>, ReadError> {
        // The manifest was checked: a document is not larger than MAX_DOCUMENT.
        let mut tar = Vec::new();
        let read = self.part(part, |piece| -> Result<(), std::convert::Infallible> {
            tar.extend_from_slice(piece);
            Ok(())
        });
        match read {
            Ok(()) => {}
            Err(Stop::Damage(damage)) => return Err(damage.into()),
            Err(Stop::Read(error)) => return Err(error.into()),
            Err(Stop::Taker(never)) => match never {},
        }
        Ok(tarball::text(&part.name, &tar)?.to_vec())
    }

    /// The same, as what it is a text of.
    ///
    /// # Errors
    /// When it is not what the manifest says, or not of this form.
    pub fn document<T: DeserializeOwned>(&mut self, part: &Part) -> Result<T, ReadError> {
        let text = self.text(part)?;
        serde_json::from_slice(&text)
            .map_err(|error| Damage::new(&part.name, format!("cannot be read: {error}")).into())
    }

    /// What the first part says, which the manifest repeats.
    ///
    /// # Errors
    /// When it does not.
    pub fn about(&mut self) -> Result<About, ReadError> {
        let Some(part) = self.manifest.parts.first().cloned() else {
            return Err(Damage::manifest("names no part").into());
        };
        let about: About = self.document(&part)?;
        match about == self.manifest.about {
            true => Ok(about),
            false => Err(Damage::new(part.name, "says something else than the manifest").into()),
        }
    }
}

fn manifest(input: &mut (impl Read + Seek), trailer: &Trailer) -> Result<Manifest, ReadError> {
    if trailer.length > MAX_MANIFEST {
        return Err(Damage::manifest("is larger than any manifest").into());
    }
    input.seek(SeekFrom::Start(trailer.offset))?;
    let mut frame = Vec::new();
    input.take(trailer.length).read_to_end(&mut frame)?;
    if Digest::of(&frame) != trailer.packed_sha256 {
        return Err(Damage::manifest("is not what was written: its checksum is another").into());
    }
    let mut tar = Vec::new();
    let limit = MAX_MANIFEST as usize;
    let unpacked = frames::unpack(
        MANIFEST,
        &mut frame.as_slice(),
        frame.len() as u64,
        content_size(&frame)?,
        |piece| {
            tar.extend_from_slice(piece);
            if tar.len() > limit { Err(()) } else { Ok(()) }
        },
    );
    match unpacked {
        Ok(_) => {}
        Err(Stop::Damage(damage)) => return Err(damage.into()),
        Err(Stop::Read(error)) => return Err(error.into()),
        Err(Stop::Taker(())) => {
            return Err(Damage::manifest("is larger than any manifest").into());
        }
    }
    let end = tar.len().checked_sub(2 * BLOCK);
    let (member, end) = end
        .and_then(|end| tar.split_at_checked(end))
        .ok_or_else(|| Damage::manifest("is not there"))?;
    if end.iter().any(|byte| *byte != 0) {
        return Err(Damage::manifest("is not the last file").into());
    }
    let text = tarball::text(MANIFEST, member)?;
    if Digest::of(text) != trailer.sha256 {
        return Err(Damage::manifest("has another content than was written").into());
    }
    serde_json::from_slice(text)
        .map_err(|error| Damage::manifest(format!("cannot be read: {error}")).into())
}

/// How large a frame says that its content is.
fn content_size(frame: &[u8]) -> Result<u64, Damage> {
    match zstd::zstd_safe::get_frame_content_size(frame) {
        Ok(Some(size)) if size <= MAX_MANIFEST => Ok(size),
        _ => Err(Damage::manifest("does not say how large it is")),
    }
}
