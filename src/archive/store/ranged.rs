//! A file far away, read in ranges as it is asked for.

use std::io::{self, Read, Seek, SeekFrom};

/// What is fetched first: the end of an archive is short.
const FIRST: u64 = 64 << 10;

/// What is fetched at most, when one range follows another.
const MOST: u64 = 8 << 20;

/// Fetches ranges of one file.
pub(super) trait Fetch: Send {
    /// `length` bytes from `offset` on; all of them are there.
    fn fetch(&mut self, offset: u64, length: u64) -> io::Result<Vec<u8>>;
}

/// Reads and seeks over what is fetched.
pub(super) struct Ranged<F> {
    source: F,
    length: u64,
    position: u64,
    held: Vec<u8>,
    /// Where `held` begins.
    start: u64,
    next: u64,
}

impl<F: Fetch> Ranged<F> {
    pub(super) fn new(source: F, length: u64) -> Ranged<F> {
        Ranged {
            source,
            length,
            position: 0,
            held: Vec::new(),
            start: 0,
            next: FIRST,
        }
    }
}

impl<F: Fetch> Read for Ranged<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.length || buffer.is_empty() {
            return Ok(0);
        }
        let end = self.start + self.held.len() as u64;
        if !(self.start..end).contains(&self.position) {
            self.next = match self.position == end && end > 0 {
                true => (self.next * 2).min(MOST),
                false => FIRST,
            };
            let wanted = self.next.min(self.length - self.position);
            let fetched = self.source.fetch(self.position, wanted)?;
            if fetched.len() as u64 != wanted {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.held = fetched;
            self.start = self.position;
        }
        let at = usize::try_from(self.position - self.start).unwrap_or(usize::MAX);
        let rest = &self.held[at..];
        let here = rest.len().min(buffer.len());
        buffer[..here].copy_from_slice(&rest[..here]);
        self.position += here as u64;
        Ok(here)
    }
}

impl<F: Fetch> Seek for Ranged<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Memory(Vec<u8>);

    impl Fetch for Memory {
        fn fetch(&mut self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
            let (offset, length) = (offset as usize, length as usize);
            Ok(self.0[offset..offset + length].to_vec())
        }
    }

    proptest! {
        #[test]
        fn any_place_reads_as_in_a_file(steps in proptest::collection::vec((0u64..400_000, 1usize..100_000), 1..20)) {
            let bytes: Vec<u8> = (0..300_000u32).map(|number| (number % 251) as u8).collect();
            let mut ranged = Ranged::new(Memory(bytes.clone()), bytes.len() as u64);
            for (place, count) in steps {
                ranged.seek(SeekFrom::Start(place)).unwrap();
                let mut read = Vec::new();
                (&mut ranged).take(count as u64).read_to_end(&mut read).unwrap();
                let start = (place as usize).min(bytes.len());
                let end = (start + count).min(bytes.len());
                prop_assert!(read == bytes[start..end]);
            }
        }
    }
}
