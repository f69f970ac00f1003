//! The files of a volume or of a container's writable layer as a pax tar
//! stream, and back.
//!
//! [`walk`] reads a folder by descriptors and [`writer`] writes what it finds;
//! [`reader`] parses a stream and [`mod@unpack`] makes files of it. In between stand
//! [`entry`] (what an entry is), [`header`], [`pax`] and [`sparse`] (how it is
//! written), [`path`] (which names are taken), [`ids`] (whose a file is) and
//! [`xattr`].
//!
//! Both sides are hostile: a running container changes the folder while it is
//! read, and a stream may be anybody's. So no name is ever looked up over more
//! than one component, nothing is followed, and what stands in memory does not
//! grow with the number of files.

mod clear;
mod disk;
mod entry;
mod error;
mod extents;
mod folder;
mod header;
mod ids;
mod links;
mod path;
mod pax;
mod reader;
mod sparse;
#[cfg(test)]
mod tests;
mod unpack;
mod walk;
mod writer;
mod xattr;

pub use clear::empty;
pub use entry::{Attributes, Entry, Extent, Kind, Time};
pub use error::{Error, Fault};
pub use ids::{Ids, Range};
pub use path::Prefix;
pub use reader::Reader;
pub use unpack::unpack;
pub use walk::pack;
pub use writer::{Sink, Writer};

/// What a folder is: it decides what its entries mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Plain files.
    Volume,
    /// The writable layer of a container on overlayfs, written as a layer of an
    /// image: `.wh.NAME` says that NAME is removed, `.wh..wh..opq` that nothing
    /// of the layers below shows in the folder.
    Layer,
}

/// The deepest folder: one descriptor is held for each level.
const MAX_DEPTH: usize = 1000;

/// The most entries of one stream.
const MAX_ENTRIES: u64 = 20_000_000;

/// The most bytes of one file's extended attributes.
const MAX_XATTRS: usize = 16 << 20;

/// The most ranges of data of one file with holes.
const MAX_EXTENTS: usize = 2_000_000;

/// The unit of a tar.
const BLOCK: usize = 512;

/// Bytes that are missing to a whole number of blocks.
fn padding(size: u64) -> usize {
    // Less than a block, which fits.
    (size.next_multiple_of(BLOCK as u64) - size) as usize
}
