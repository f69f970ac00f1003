//! What one entry of a stream says.

/// A point in time, as files have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970; negative before.
    pub seconds: i64,
    /// 0 to 999,999,999, always forward.
    pub nanos: u32,
}

/// What every kind of file has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// The twelve lower bits.
    pub mode: u32,
    /// As the container sees it.
    pub uid: u32,
    /// As the container sees it.
    pub gid: u32,
    pub mtime: Time,
    /// Name and value, sorted by name.
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A range of data in a file with holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub offset: u64,
    pub length: u64,
}

impl Extent {
    /// Where it ends.
    pub fn end(self) -> u64 {
        self.offset + self.length
    }
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Fifo,
    File {
        /// As `stat` shows it.
        size: u64,
        /// What is not a hole; `None` for a file without holes.
        extents: Option<Vec<Extent>>,
    },
    Folder,
    /// One more name of an earlier entry.
    Link(Vec<u8>),
    /// What the symbolic link holds.
    Symlink(Vec<u8>),
}

/// One entry: the content of a file follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The whole name, without the slash at the end of a folder's.
    pub name: Vec<u8>,
    pub kind: Kind,
    pub attributes: Attributes,
}

impl Entry {
    /// Bytes of content that follow.
    pub fn stored(&self) -> u64 {
        match &self.kind {
            Kind::File {
                extents: Some(extents),
                ..
            } => extents.iter().map(|extent| extent.length).sum(),
            Kind::File { size, .. } => *size,
            _ => 0,
        }
    }
}
