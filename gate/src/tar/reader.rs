//! Parses a stream: bytes in, entries out. It knows how things are written, not
//! which names may be made.

use std::io::{BufRead, ErrorKind};

use super::entry::{Attributes, Entry, Kind, Time};
use super::error::{Error, Fault};
use super::header::Header;
use super::pax::{self, Records};
use super::sparse::Map;
use super::{BLOCK, MAX_ENTRIES, MAX_XATTRS, padding};

/// The longest pax header: extended attributes, and names on top.
const MAX_PAX: u64 = MAX_XATTRS as u64 + (1 << 20);

/// The longest target of a symbolic link, as the kernel has it.
const MAX_TARGET: usize = 4095;

/// A stream that is being read.
pub struct Reader<R> {
    source: R,
    /// So many bytes there must be, where it was announced.
    announced: Option<u64>,
    taken: u64,
    entries: u64,
    /// Bytes of content of the last entry that were not read yet.
    left: u64,
    padding: usize,
    /// The last entry's name, for errors.
    name: Vec<u8>,
}

impl<R: BufRead> Reader<R> {
    /// `announced`: how many bytes there will be, where that is known.
    pub fn new(source: R, announced: Option<u64>) -> Reader<R> {
        Reader {
            source,
            announced,
            taken: 0,
            entries: 0,
            left: 0,
            padding: 0,
            name: Vec::new(),
        }
    }

    /// Entries so far.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Bytes so far.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The next entry; `None` at the end, which may be where the stream ends
    /// or two blocks of zeros. Content of the last entry that was not read is
    /// passed over.
    ///
    /// # Errors
    /// For what is no tar, and for what this one leaves out of it on purpose.
    pub fn entry(&mut self) -> Result<Option<Entry>, Error> {
        let last = std::mem::take(&mut self.name);
        let read = self.pass_over().map_err(|fault| fault.of(&last));
        read?;
        self.next().map_err(|fault| fault.of(&self.name))
    }

    /// Some of the last entry's content; empty at its end.
    ///
    /// # Errors
    /// When the stream ends before.
    pub fn content(&mut self) -> Result<&[u8], Error> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let name = &self.name;
        let buffer = fill(&mut self.source).map_err(|fault| fault.of(name))?;
        if buffer.is_empty() {
            return Err(Fault::Cut.of(name));
        }
        let length = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(&buffer[..buffer.len().min(length)])
    }

    /// So much of what [`Reader::content`] gave was used.
    ///
    /// # Errors
    /// When it was more than was announced.
    pub fn used(&mut self, length: usize) -> Result<(), Error> {
        self.source.consume(length);
        self.left = self.left.saturating_sub(length as u64);
        self.count(length).map_err(|fault| fault.of(&self.name))
    }

    fn pass_over(&mut self) -> Result<(), Fault> {
        while self.left > 0 {
            let length = self.content().map_err(|error| error.fault)?.len();
            self.used(length).map_err(|error| error.fault)?;
        }
        let mut rest = [0; BLOCK];
        let padding = std::mem::take(&mut self.padding);
        self.exactly(&mut rest[..padding])?;
        if rest.iter().any(|byte| *byte != 0) {
            return Err(Fault::Form("the padding of an entry is not zeros"));
        }
        Ok(())
    }

    fn next(&mut self) -> Result<Option<Entry>, Fault> {
        let Some(block) = self.block()?.filter(|block| *block != [0; BLOCK]) else {
            return self.end();
        };
        let mut header = Header::decode(&block)?;
        let mut records = Records::new();
        if header.flag == b'x' {
            records = self.records(header.size)?;
            let block = self.block()?.ok_or(Fault::Cut)?;
            header = Header::decode(&block)?;
        }
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(Fault::Many);
        }
        self.name.clone_from(&header.name);
        let entry = self.read(header, records)?;
        Ok(Some(entry))
    }

    /// Nothing but zeros may follow the zeros at the end.
    fn end(&mut self) -> Result<Option<Entry>, Fault> {
        loop {
            let buffer = fill(&mut self.source)?;
            let length = buffer.len();
            if buffer.iter().any(|byte| *byte != 0) {
                return Err(Fault::Form("something follows the end"));
            }
            if length == 0 {
                break;
            }
            self.source.consume(length);
            self.count(length)?;
        }
        match self.announced {
            Some(announced) if announced != self.taken => Err(Fault::Size {
                announced,
                found: self.taken,
            }),
            _ => Ok(None),
        }
    }

    fn records(&mut self, size: u64) -> Result<Records, Fault> {
        let length = usize::try_from(size).unwrap_or(usize::MAX);
        if size == 0 || size > MAX_PAX {
            return Err(Fault::Form("a pax header is empty or too long"));
        }
        // It grows with what comes, not with what the header says.
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let buffer = fill(&mut self.source)?;
            let some = buffer.len().min(length - bytes.len());
            if some == 0 {
                return Err(Fault::Cut);
            }
            bytes.extend_from_slice(&buffer[..some]);
            self.source.consume(some);
            self.count(some)?;
        }
        self.padding = padding(size);
        self.pass_over()?;
        pax::parse(&bytes)
    }

    /// What header and records say together.
    fn read(&mut self, header: Header, records: Records) -> Result<Entry, Fault> {
        let mut said = Said::default();
        for (key, value) in records {
            said.take(&key, value)?;
        }
        let Said {
            path,
            link,
            uid,
            gid,
            size,
            mtime,
            sparse,
            xattrs,
        } = said;
        let id = |id: u64| u32::try_from(id).map_err(|_| Fault::Id(id));
        let mode = u32::try_from(header.mode)
            .ok()
            .filter(|mode| *mode <= 0o7777)
            .ok_or(Fault::Form("a mode has more than twelve bits"))?;
        let attributes = Attributes {
            mode,
            uid: id(uid.unwrap_or(header.uid))?,
            gid: id(gid.unwrap_or(header.gid))?,
            mtime: mtime.unwrap_or(Time {
                seconds: i64::try_from(header.mtime).unwrap_or(i64::MAX),
                nanos: 0,
            }),
            xattrs,
        };
        let stored = size.unwrap_or(header.size);
        let mut name = path.unwrap_or(header.name);
        if let Some(own) = sparse.name {
            name = own;
        }
        if header.flag == b'5' && name.ends_with(b"/") {
            name.pop();
        }
        self.name.clone_from(&name);
        let target = link.unwrap_or(header.link);
        if name.contains(&0) || target.contains(&0) {
            return Err(Fault::Name("the name has a NUL"));
        }
        let is_file = matches!(header.flag, b'0' | 0);
        if !is_file && (stored > 0 || sparse.size.is_some()) {
            return Err(Fault::Form("an entry that is no file has content"));
        }
        let kind = match header.flag {
            b'0' | 0 => self.file(stored, sparse.size)?,
            b'1' => Kind::Link(target),
            b'2' if is_target(&target) => Kind::Symlink(target),
            b'2' => {
                return Err(Fault::Form(
                    "a symbolic link has no target or too long a one",
                ));
            }
            b'3' | b'4' => return Err(Fault::Device),
            b'5' => Kind::Folder,
            b'6' => Kind::Fifo,
            other => return Err(Fault::Type(other)),
        };
        Ok(Entry {
            name,
            kind,
            attributes,
        })
    }

    fn file(&mut self, stored: u64, sparse: Option<u64>) -> Result<Kind, Fault> {
        // What no file can be.
        if stored.max(sparse.unwrap_or(0)) > i64::MAX as u64 {
            return Err(Fault::Form("the size of a file is too large"));
        }
        self.left = stored;
        self.padding = padding(stored);
        let Some(size) = sparse else {
            return Ok(Kind::File {
                size: stored,
                extents: None,
            });
        };
        let mut map = Map::default();
        let extents = loop {
            if self.left < BLOCK as u64 {
                return Err(Fault::Sparse("it does not end"));
            }
            let block = self.block()?.ok_or(Fault::Cut)?;
            self.left -= BLOCK as u64;
            if let Some(extents) = map.take(&block, size)? {
                break extents;
            }
        };
        let data: u64 = extents.iter().map(|extent| extent.length).sum();
        if data != self.left {
            return Err(Fault::Sparse("its ranges are not what follows it"));
        }
        Ok(Kind::File {
            size,
            extents: Some(extents),
        })
    }

    /// One block; `None` where the stream ends before it.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, Fault> {
        let mut block = [0; BLOCK];
        if fill(&mut self.source)?.is_empty() {
            return Ok(None);
        }
        self.exactly(&mut block)?;
        Ok(Some(block))
    }

    fn exactly(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        let mut done = 0;
        while done < bytes.len() {
            let buffer = fill(&mut self.source)?;
            let some = buffer.len().min(bytes.len() - done);
            if some == 0 {
                return Err(Fault::Cut);
            }
            bytes[done..done + some].copy_from_slice(&buffer[..some]);
            self.source.consume(some);
            done += some;
        }
        self.count(done)
    }

    fn count(&mut self, length: usize) -> Result<(), Fault> {
        self.taken += length as u64;
        match self.announced {
            Some(announced) if self.taken > announced => Err(Fault::Size {
                announced,
                found: self.taken,
            }),
            _ => Ok(()),
        }
    }
}

/// What is there; nothing at the end.
fn fill(source: &mut impl BufRead) -> Result<&[u8], Fault> {
    match source.fill_buf() {
        Ok(buffer) => Ok(buffer),
        Err(error) if error.kind() == ErrorKind::OutOfMemory => {
            Err(Fault::Form("there is no memory"))
        }
        // The one other error of a source: its sender is gone.
        Err(_) => Err(Fault::Cut),
    }
}

fn is_target(target: &[u8]) -> bool {
    (1..=MAX_TARGET).contains(&target.len())
}

/// What the records of an entry say.
#[derive(Default)]
struct Said {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    uid: Option<u64>,
    gid: Option<u64>,
    size: Option<u64>,
    mtime: Option<Time>,
    sparse: SaidSparse,
    xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// The same of a file with holes.
#[derive(Default)]
struct SaidSparse {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Said {
    fn take(&mut self, key: &[u8], value: Vec<u8>) -> Result<(), Fault> {
        let number = |value: &[u8]| {
            pax::decimal(value).ok_or(Fault::Form("a pax record has a wrong number"))
        };
        if let Some(name) = pax::xattr_name(key) {
            let sum = self
                .xattrs
                .iter()
                .map(|(name, value)| name.len() + value.len());
            if sum.sum::<usize>() > MAX_XATTRS {
                return Err(Fault::Attribute(name.escape_ascii().to_string()));
            }
            self.xattrs.push((name, value));
            return Ok(());
        }
        match key {
            // Names of owners are another host's; times of reading nobody's.
            b"atime" | b"comment" | b"ctime" | b"gname" | b"hdrcharset" | b"uname" => {}
            b"gid" => self.gid = Some(number(&value)?),
            b"linkpath" => self.link = Some(value),
            b"mtime" => {
                let time = pax::parse_time(&value);
                self.mtime = Some(time.ok_or(Fault::Form("a pax record has a wrong time"))?);
            }
            b"path" => self.path = Some(value),
            b"size" => self.size = Some(number(&value)?),
            b"uid" => self.uid = Some(number(&value)?),
            b"GNU.sparse.major" if value == b"1" => {}
            b"GNU.sparse.minor" if value == b"0" => {}
            b"GNU.sparse.name" => self.sparse.name = Some(value),
            b"GNU.sparse.realsize" => self.sparse.size = Some(number(&value)?),
            _ => return Err(Fault::Form("a pax record is not known")),
        }
        Ok(())
    }
}
