//! Where a file has data, and where holes.

use std::os::fd::BorrowedFd;

use nix::errno::Errno;
use nix::sys::stat::FileStat;
use nix::unistd::{Whence, lseek};

use super::MAX_EXTENTS;
use super::entry::Extent;
use super::error::Fault;

/// The unit of `st_blocks`.
const STAT_BLOCK: i64 = 512;

/// The ranges of data of a file of that size; `None` for a file without holes.
///
/// # Errors
/// When there are more than are kept.
pub(super) fn of(file: BorrowedFd<'_>, stat: &FileStat) -> Result<Option<Vec<Extent>>, Fault> {
    let size = stat.st_size;
    if stat.st_blocks.saturating_mul(STAT_BLOCK) >= size {
        return Ok(None);
    }
    let seek = |from: i64, whence: Whence| match lseek(file, from, whence) {
        Ok(at) => Ok(Some(at.min(size))),
        // Nothing of it from there to the end.
        Err(Errno::ENXIO) => Ok(None),
        Err(errno) => Err(Fault::System("look for holes", errno)),
    };
    let mut extents = Vec::new();
    let mut at = 0;
    while at < size {
        let Some(start) = seek(at, Whence::SeekData)?.filter(|start| *start < size) else {
            break;
        };
        // A file system that finds no hole has one at the end.
        at = seek(start, Whence::SeekHole)?.unwrap_or(size);
        if at <= start {
            // Changed in between: the next look sees what is there now.
            at = start;
            continue;
        }
        if extents.len() == MAX_EXTENTS {
            return Err(Fault::Holes);
        }
        // Neither is negative, and the end is behind the start.
        extents.push(Extent {
            offset: start as u64,
            length: (at - start) as u64,
        });
    }
    // Compressed or stored with its inode, but whole.
    let is_whole = matches!(extents.as_slice(), [one] if one.length == size as u64);
    Ok((!is_whole).then_some(extents))
}
