//! The map of a file with holes, in GNU's form 1.0: it stands before the data,
//! decimal numbers with a line feed behind each (count, then offset and length
//! of each range of data), filled up to whole blocks.

use super::entry::Extent;
use super::error::Fault;
use super::pax::decimal;
use super::{BLOCK, MAX_EXTENTS};

/// The map's bytes. A hole at the end is an empty range there, as GNU tar has it.
pub(super) fn encode(extents: &[Extent], size: u64) -> Vec<u8> {
    let last = extents.last().map_or(0, |extent| extent.end());
    let end = Extent {
        offset: size,
        length: 0,
    };
    let tail = (last < size || extents.is_empty()).then_some(end);
    let count = extents.len() + usize::from(tail.is_some());
    let mut map = format!("{count}\n").into_bytes();
    for extent in extents.iter().chain(&tail) {
        map.extend_from_slice(format!("{}\n{}\n", extent.offset, extent.length).as_bytes());
    }
    map.resize(map.len().next_multiple_of(BLOCK), 0);
    map
}

/// Reads a map, block by block.
#[derive(Default)]
pub(super) struct Map {
    digits: Vec<u8>,
    count: Option<u64>,
    offset: Option<u64>,
    end: u64,
    extents: Vec<Extent>,
    found: u64,
}

impl Map {
    /// Takes one block of the map of a file of `size` bytes; the ranges once it
    /// is whole.
    ///
    /// # Errors
    /// For what is no map, for ranges that overlap or lie beyond the size.
    pub(super) fn take(&mut self, block: &[u8], size: u64) -> Result<Option<Vec<Extent>>, Fault> {
        for byte in block {
            if self.is_whole() {
                if *byte != 0 {
                    return Err(Fault::Sparse("there is something behind it"));
                }
            } else if *byte == b'\n' {
                let digits = std::mem::take(&mut self.digits);
                let number = decimal(&digits).ok_or(Fault::Sparse("it has no number"))?;
                self.number(number, size)?;
            } else if self.digits.len() < 20 {
                self.digits.push(*byte);
            } else {
                return Err(Fault::Sparse("a number is too large"));
            }
        }
        Ok(self.is_whole().then(|| std::mem::take(&mut self.extents)))
    }

    fn is_whole(&self) -> bool {
        self.count == Some(self.found)
    }

    fn number(&mut self, number: u64, size: u64) -> Result<(), Fault> {
        if self.count.is_none() {
            if number == 0 || number > MAX_EXTENTS as u64 + 1 {
                return Err(Fault::Sparse("it has too few or too many ranges"));
            }
            self.count = Some(number);
            return Ok(());
        }
        let Some(offset) = self.offset.take() else {
            self.offset = Some(number);
            return Ok(());
        };
        let end = offset
            .checked_add(number)
            .ok_or(Fault::Sparse("a number is too large"))?;
        if offset < self.end {
            return Err(Fault::Sparse("two ranges overlap"));
        }
        if end > size {
            return Err(Fault::Sparse("a range lies beyond the end of the file"));
        }
        self.end = end;
        self.found += 1;
        if number > 0 {
            self.extents.push(Extent {
                offset,
                length: number,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], size: u64) -> Result<Option<Vec<Extent>>, Fault> {
        let mut map = Map::default();
        for block in bytes.chunks(BLOCK) {
            if let Some(extents) = map.take(block, size)? {
                return Ok(Some(extents));
            }
        }
        Ok(None)
    }

    #[test]
    fn ranges_lie_one_behind_the_other_in_the_file() {
        assert!(read(b"2\n0\n5\n5\n5\n", 10).unwrap().is_some());
        for (bad, why) in [
            (&b"2\n0\n5\n4\n5\n"[..], "overlap"),
            (b"2\n0\n5\n6\n5\n", "beyond the end"),
            (b"1\n18446744073709551615\n1\n", "too large"),
            (b"1\n99999999999999999999\n1\n", "no number"),
            (b"1\n999999999999999999999\n1\n", "too large"),
            (b"0\n", "too few"),
            (b"9999999999\n", "too many"),
            (b"1\n-1\n1\n", "no number"),
            (b"1\n\n1\n", "no number"),
            (b"1\n0\n5\n7", "something behind"),
        ] {
            let fault = read(bad, 10).unwrap_err().to_string();
            assert!(fault.contains(why), "{}: {fault}", bad.escape_ascii());
        }
        assert_eq!(read(b"1\n0\n", 10), Ok(None));
    }

    proptest! {
        #[test]
        fn a_map_is_read_as_written(
            steps in prop::collection::vec((1u64..1 << 40, 1u64..1 << 40), 0..200),
            tail in 0u64..2,
        ) {
            let mut end = 0;
            let extents: Vec<Extent> = steps
                .into_iter()
                .map(|(hole, length)| {
                    let extent = Extent { offset: end + hole, length };
                    end = extent.end();
                    extent
                })
                .collect();
            let size = end + tail * 4096;
            let map = encode(&extents, size);
            prop_assert_eq!(map.len() % BLOCK, 0);
            prop_assert_eq!(read(&map, size), Ok(Some(extents)));
        }

        #[test]
        fn nothing_makes_the_reader_panic(bytes in "[0-9\n]{0,60}", size in any::<u64>()) {
            let _ = read(bytes.as_bytes(), size);
        }
    }
}
