//! Writes entries as a pax tar, in pieces of one size.

use std::os::fd::AsFd;

use super::entry::{Attributes, Entry, Extent, Kind};
use super::error::{Fault, system};
use super::header::{Header, MAX_LONG, MAX_NAME, MAX_SHORT};
use super::{padding, pax, sparse};
use crate::sys;

/// How much is handed over at once.
const PIECE: usize = 128 * 1024;

/// What the header of a pax header is called, as Python's tarfile has it.
const PAX_NAME: &[u8] = b"././@PaxHeader";

/// Who takes the stream.
pub trait Sink {
    /// Takes the next piece.
    ///
    /// # Errors
    /// When nobody is left who wants it.
    fn take(&mut self, piece: Vec<u8>) -> Result<(), Fault>;
}

/// A stream that is being written.
pub struct Writer<S> {
    sink: S,
    piece: Vec<u8>,
    bytes: u64,
    entries: u64,
}

impl<S: Sink> Writer<S> {
    pub fn new(sink: S) -> Writer<S> {
        Writer {
            sink,
            piece: Vec::with_capacity(PIECE),
            bytes: 0,
            entries: 0,
        }
    }

    /// Entries so far.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Hands over what is left. No blocks of zeros: more may follow the stream.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn finish(mut self) -> Result<S, Fault> {
        if !self.piece.is_empty() {
            self.hand_over()?;
        }
        Ok(self.sink)
    }

    /// Writes an entry up to where its content begins.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn entry(&mut self, entry: &Entry) -> Result<(), Fault> {
        self.entries += 1;
        let map = match &entry.kind {
            Kind::File {
                size,
                extents: Some(extents),
            } => sparse::encode(extents, *size),
            _ => Vec::new(),
        };
        let (header, records) = header(entry, map.len() as u64);
        if !records.is_empty() {
            let before = Header {
                name: PAX_NAME.to_vec(),
                mode: 0o644,
                size: records.len() as u64,
                flag: b'x',
                ..Header::default()
            };
            self.put(&before.encode())?;
            self.put(&records)?;
            self.pad(records.len() as u64)?;
        }
        self.put(&header.encode())?;
        self.put(&map)
    }

    /// Writes `range` of `file`; whether the file had all of it. What it lacks
    /// becomes zeros: the header has the size already.
    ///
    /// # Errors
    /// When it cannot be read, or nobody takes it.
    pub fn content(&mut self, file: impl AsFd, range: Extent) -> Result<bool, Fault> {
        let mut at = range.offset;
        while at < range.end() {
            let room = PIECE - self.piece.len();
            let wanted = usize::try_from(range.end() - at).map_or(room, |left| left.min(room));
            let read = sys::read_at(file.as_fd(), &mut self.piece, wanted, at)
                .map_err(system("read the file"))?;
            if read == 0 {
                self.zeros(range.end() - at)?;
                return Ok(false);
            }
            self.bytes += read as u64;
            at += read as u64;
            if self.piece.len() == PIECE {
                self.hand_over()?;
            }
        }
        Ok(true)
    }

    /// Fills up to a whole block behind `size` bytes of content.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn pad(&mut self, size: u64) -> Result<(), Fault> {
        self.zeros(padding(size) as u64)
    }

    fn zeros(&mut self, mut count: u64) -> Result<(), Fault> {
        while count > 0 {
            let room = PIECE - self.piece.len();
            let some = usize::try_from(count).map_or(room, |count| count.min(room));
            self.piece.resize(self.piece.len() + some, 0);
            self.bytes += some as u64;
            count -= some as u64;
            if self.piece.len() == PIECE {
                self.hand_over()?;
            }
        }
        Ok(())
    }

    /// Bytes of headers, and of files that are in memory.
    ///
    /// # Errors
    /// When nobody takes them.
    pub fn put(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let (some, rest) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(some);
            self.bytes += some.len() as u64;
            bytes = rest;
            if self.piece.len() == PIECE {
                self.hand_over()?;
            }
        }
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), Fault> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.sink.take(piece)
    }
}

/// The header of an entry, and the pax records with what does not fit in it.
fn header(entry: &Entry, map: u64) -> (Header, Vec<u8>) {
    let Entry {
        name,
        kind,
        attributes,
    } = entry;
    let Attributes {
        mode,
        uid,
        gid,
        mtime,
        xattrs,
    } = attributes;
    let mut records = Vec::new();
    let (flag, target) = match kind {
        Kind::Fifo => (b'6', &[][..]),
        Kind::File { .. } => (b'0', &[][..]),
        Kind::Folder => (b'5', &[][..]),
        Kind::Link(target) => (b'1', target.as_slice()),
        Kind::Symlink(target) => (b'2', target.as_slice()),
    };
    let mut name = name.clone();
    if flag == b'5' {
        name.push(b'/');
    }
    // Before the names that it is about.
    if [&name, target]
        .iter()
        .any(|text| std::str::from_utf8(text).is_err())
    {
        pax::push(&mut records, b"hdrcharset", b"BINARY");
    }
    if let Kind::File {
        size,
        extents: Some(_),
    } = kind
    {
        pax::push(&mut records, b"GNU.sparse.major", b"1");
        pax::push(&mut records, b"GNU.sparse.minor", b"0");
        pax::push(&mut records, b"GNU.sparse.name", &name);
        pax::push(
            &mut records,
            b"GNU.sparse.realsize",
            size.to_string().as_bytes(),
        );
        name = [b"GNUSparseFile.0/", base(&name)].concat();
    } else if !fits(&name) {
        pax::push(&mut records, b"path", &name);
    }
    if !fits(target) {
        pax::push(&mut records, b"linkpath", target);
    }
    let mut number = |key: &[u8], value: u64, most: u64| {
        if value > most {
            pax::push(&mut records, key, value.to_string().as_bytes());
            return 0;
        }
        value
    };
    let size = number(b"size", entry.stored() + map, MAX_LONG);
    let uid = number(b"uid", u64::from(*uid), MAX_SHORT);
    let gid = number(b"gid", u64::from(*gid), MAX_SHORT);
    let seconds = u64::try_from(mtime.seconds)
        .ok()
        .filter(|seconds| *seconds <= MAX_LONG);
    if mtime.nanos != 0 || seconds.is_none() {
        pax::push(&mut records, b"mtime", pax::time(*mtime).as_bytes());
    }
    for (name, value) in xattrs {
        pax::push(&mut records, &pax::xattr_key(name), value);
    }
    let header = Header {
        name: name[..name.len().min(MAX_NAME)].to_vec(),
        mode: u64::from(*mode),
        uid,
        gid,
        size,
        mtime: seconds.unwrap_or(0),
        flag,
        link: target[..target.len().min(MAX_NAME)].to_vec(),
    };
    (header, records)
}

/// Whether a name stands in a header as it is: POSIX has only ASCII there.
fn fits(name: &[u8]) -> bool {
    name.len() <= MAX_NAME && name.is_ascii()
}

fn base(name: &[u8]) -> &[u8] {
    name.rsplit(|byte| *byte == b'/').next().unwrap_or(name)
}
