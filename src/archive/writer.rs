//! An archive as it is written: parts one after another, then the manifest.

use std::io::{self, Write};

use serde::Serialize;

use super::about::About;
use super::damage::Damage;
use super::digest::{Digest, hex};
use super::frames::{self, Packer};
use super::manifest::{Image, MANIFEST, Manifest};
use super::part::{Kind, Part};
use super::tarball::{self, BLOCK, Scan};
use super::trailer::Trailer;

/// What keeps an archive from being written.
#[derive(Debug)]
pub enum WriteError {
    Io(io::Error),
    /// What was to be archived is no tar, or names what is not its own.
    Content(Damage),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> WriteError {
        WriteError::Io(error)
    }
}

impl From<Damage> for WriteError {
    fn from(damage: Damage) -> WriteError {
        WriteError::Content(damage)
    }
}

/// Writes one archive.
pub struct Writer<W: Write> {
    packer: Packer<W>,
    about: About,
    parts: Vec<Part>,
    offset: u64,
    open: Option<Open>,
}

/// The part that is being written.
struct Open {
    part: Part,
    scan: Scan,
    sum: Digest,
}

impl<W: Write> Writer<W> {
    /// Begins an archive with its first part.
    ///
    /// # Errors
    /// What writing says.
    pub fn new(out: W, about: About, threads: usize) -> Result<Writer<W>, WriteError> {
        let mut writer = Writer {
            packer: Packer::new(out, threads)?,
            about,
            parts: Vec::new(),
            offset: 0,
            open: None,
        };
        let about = writer.about.clone();
        writer.document(Kind::About, "", &about)?;
        Ok(writer)
    }

    /// A part that is one document.
    ///
    /// # Errors
    /// What writing says.
    pub fn document(
        &mut self,
        kind: Kind,
        object: &str,
        value: &impl Serialize,
    ) -> Result<(), WriteError> {
        let text = serde_json::to_vec_pretty(value).map_err(io::Error::other)?;
        self.begin(kind, object);
        let name = kind.part(object);
        self.add(&tarball::document(&name, &text, self.about.moment))?;
        self.end(Vec::new())
    }

    /// Begins a part of many members; [`Writer::add`] takes its tar.
    pub fn begin(&mut self, kind: Kind, object: &str) {
        self.open = Some(Open {
            part: Part {
                name: kind.part(object),
                kind,
                offset: self.offset,
                length: 0,
                size: 0,
                sha256: String::new(),
                packed_sha256: String::new(),
                entries: 0,
                notes: Vec::new(),
            },
            scan: Scan::default(),
            sum: Digest::default(),
        });
    }

    /// The next bytes of the part that was begun.
    ///
    /// # Errors
    /// What writing says; and when they are no tar of members of this part.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let Some(Open { part, scan, sum }) = &mut self.open else {
            return Ok(());
        };
        scan.take(&part.name, bytes, |member| match part.owns(member) {
            true => Ok(()),
            false => Err(Damage::new(
                &part.name,
                format!("was given \"{}\"", String::from_utf8_lossy(member)),
            )),
        })?;
        part.size += bytes.len() as u64;
        sum.add(bytes);
        Ok(self.packer.add(bytes)?)
    }

    /// Ends the part that was begun; `notes` say what was left out of it.
    ///
    /// # Errors
    /// What writing says; and when the part ends in the middle of a member.
    pub fn end(&mut self, notes: Vec<String>) -> Result<(), WriteError> {
        let Some(Open {
            mut part,
            scan,
            sum,
        }) = self.open.take()
        else {
            return Ok(());
        };
        part.entries = scan.end(&part.name)?;
        let (length, packed) = self.packer.end()?;
        part.length = length;
        part.sha256 = sum.hex();
        part.packed_sha256 = hex(&packed);
        part.notes = notes;
        self.offset += length;
        self.parts.push(part);
        Ok(())
    }

    /// Bytes that the parts so far have in the file.
    pub fn length(&self) -> u64 {
        self.offset
    }

    /// Ends the archive; what was written to, and the manifest.
    ///
    /// # Errors
    /// What writing says; and when the parts cannot be an archive.
    pub fn finish(
        self,
        images: Vec<Image>,
        index: Option<u32>,
    ) -> Result<(W, Manifest), WriteError> {
        let manifest = Manifest {
            about: self.about,
            parts: self.parts,
            images,
            index,
        };
        manifest.check(self.offset)?;
        let text = serde_json::to_vec_pretty(&manifest).map_err(io::Error::other)?;
        let mut tar = tarball::document(MANIFEST, &text, manifest.about.moment);
        tar.resize(tar.len() + 2 * BLOCK, 0);
        let frame = frames::pack(&tar)?;
        let trailer = Trailer::of(self.offset, &text, &frame);
        let mut out = self.packer.into_inner();
        out.write_all(&frame)?;
        out.write_all(&trailer.bytes())?;
        Ok((out, manifest))
    }
}
