//! The 512 bytes before each entry: POSIX ustar.

use super::BLOCK;
use super::error::Fault;

/// A header's fields, with numbers as numbers. What does not fit stands in a pax
/// record, and 0 or a shortened name stands here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: Vec<u8>,
    pub(super) mode: u64,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) size: u64,
    pub(super) mtime: u64,
    pub(super) flag: u8,
    pub(super) link: Vec<u8>,
}

/// The longest name and the longest target of a link that stand in a header.
pub(super) const MAX_NAME: usize = 100;

/// The largest numbers of 7 and of 11 octal digits.
pub(super) const MAX_SHORT: u64 = 0o7_777_777;
pub(super) const MAX_LONG: u64 = 0o77_777_777_777;

const MAGIC: &[u8] = b"ustar\x0000";
const CHECKSUM: std::ops::Range<usize> = 148..156;

impl Header {
    /// The block. Numbers must fit; names are cut.
    pub(super) fn encode(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        put(&mut block[0..100], &self.name);
        octal(&mut block[100..108], self.mode);
        octal(&mut block[108..116], self.uid);
        octal(&mut block[116..124], self.gid);
        octal(&mut block[124..136], self.size);
        octal(&mut block[136..148], self.mtime);
        block[156] = self.flag;
        put(&mut block[157..257], &self.link);
        put(&mut block[257..265], MAGIC);
        octal(&mut block[329..337], 0);
        octal(&mut block[337..345], 0);
        let sum = checksum(&block);
        octal(&mut block[148..155], sum);
        block[155] = b' ';
        block
    }

    /// # Errors
    /// When it is not the header of a pax tar.
    pub(super) fn decode(block: &[u8; BLOCK]) -> Result<Header, Fault> {
        if number(&block[CHECKSUM])? != checksum(block) {
            return Err(Fault::Checksum);
        }
        if &block[257..265] != MAGIC {
            return Err(Fault::Form("a header is not POSIX ustar"));
        }
        let mut name = text(&block[0..100])?.to_vec();
        let prefix = text(&block[345..500])?;
        if !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        Ok(Header {
            name,
            mode: number(&block[100..108])?,
            uid: number(&block[108..116])?,
            gid: number(&block[116..124])?,
            size: number(&block[124..136])?,
            mtime: number(&block[136..148])?,
            flag: block[156],
            link: text(&block[157..257])?.to_vec(),
        })
    }
}

fn put(field: &mut [u8], value: &[u8]) {
    let length = value.len().min(field.len());
    field[..length].copy_from_slice(&value[..length]);
}

/// Octal digits and a NUL.
fn octal(field: &mut [u8], mut value: u64) {
    let digits = field.len() - 1;
    for digit in field[..digits].iter_mut().rev() {
        *digit = b'0' + (value & 7) as u8;
        value >>= 3;
    }
    debug_assert_eq!(value, 0, "a number does not fit");
}

/// Octal digits up to a NUL or a space, and nothing else behind: no sign, no
/// base 256.
fn number(field: &[u8]) -> Result<u64, Fault> {
    let end = field
        .iter()
        .position(|byte| matches!(byte, 0 | b' '))
        .unwrap_or(field.len());
    let (digits, rest) = field.split_at(end);
    let is_octal = digits.iter().all(|digit| matches!(digit, b'0'..=b'7'));
    if !is_octal || !rest.iter().all(|byte| matches!(byte, 0 | b' ')) {
        return Err(Fault::Form("a number in a header is not octal"));
    }
    // At most 12 digits: no number of them overflows.
    Ok(digits
        .iter()
        .fold(0, |sum, digit| sum << 3 | u64::from(digit - b'0')))
}

/// Bytes up to a NUL, behind which is nothing.
fn text(field: &[u8]) -> Result<&[u8], Fault> {
    let end = field
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(field.len());
    let (text, rest) = field.split_at(end);
    if rest.iter().any(|byte| *byte != 0) {
        return Err(Fault::Form("a text in a header goes on behind a NUL"));
    }
    Ok(text)
}

/// The sum of all bytes, with spaces in the place of the checksum.
fn checksum(block: &[u8; BLOCK]) -> u64 {
    let all: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    let own: u64 = block[CHECKSUM].iter().map(|byte| u64::from(*byte)).sum();
    all - own + 8 * u64::from(b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            name: b"v/a".to_vec(),
            mode: 0o4755,
            uid: MAX_SHORT,
            gid: 7,
            size: MAX_LONG,
            mtime: 1_700_000_000,
            flag: b'0',
            link: Vec::new(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(Header::decode(&header().encode()), Ok(header()));
    }

    #[test]
    fn a_changed_byte_is_seen() {
        for at in [0, 100, 156, 257] {
            let mut block = header().encode();
            block[at] ^= 1;
            assert_eq!(Header::decode(&block), Err(Fault::Checksum), "{at}");
        }
    }

    #[test]
    fn numbers_are_octal_alone() {
        for good in [
            &b"0000644\0"[..],
            b"0000644 ",
            b"644\0\0\0\0\0",
            b"\0\0\0\0\0\0\0\0",
        ] {
            assert!(number(good).is_ok(), "{}", good.escape_ascii());
        }
        for bad in [
            &b"-000644\0"[..],
            b"0000648\0",
            b"\x80\0\0\0\0\0\x01\x01",
            b"\xff\xff\xff\xff\xff\xff\xff\xff",
            b"64\x004\0\0\0\0",
            b"+1\0\0\0\0\0\0",
        ] {
            assert!(number(bad).is_err(), "{}", bad.escape_ascii());
        }
    }
}
