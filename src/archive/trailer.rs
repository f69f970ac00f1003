//! The last bytes of an archive: where its manifest is.
//!
//! They are a skippable frame of zstd, so that `zstd -d` passes over them.

use super::damage::Damage;
use super::digest::Digest;

/// `ZSTD_MAGIC_SKIPPABLE_START`
const SKIPPABLE: u32 = 0x184D_2A50;

/// What says that this is an archive of dock's.
const MAGIC: &[u8; 16] = b"dock archive\r\n\x1a\n";

const VERSION: u32 = super::about::FORMAT;

/// Bytes of the whole frame.
pub const LENGTH: usize = 8 + PAYLOAD;

const PAYLOAD: usize = 16 + 4 + 8 + 8 + 32 + 32;

/// What the last bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// Where the manifest's frame begins.
    pub offset: u64,
    /// Bytes of that frame.
    pub length: u64,
    /// Of the manifest's text.
    pub sha256: [u8; 32],
    /// Of the frame.
    pub packed_sha256: [u8; 32],
}

impl Trailer {
    /// The one behind a manifest of that text and frame, which begins at `offset`.
    pub fn of(offset: u64, text: &[u8], frame: &[u8]) -> Trailer {
        Trailer {
            offset,
            length: frame.len() as u64,
            sha256: Digest::of(text),
            packed_sha256: Digest::of(frame),
        }
    }

    /// The bytes at the end of the file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend_from_slice(&SKIPPABLE.to_le_bytes());
        bytes.extend_from_slice(&(PAYLOAD as u32).to_le_bytes());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.offset.to_le_bytes());
        bytes.extend_from_slice(&self.length.to_le_bytes());
        bytes.extend_from_slice(&self.sha256);
        bytes.extend_from_slice(&self.packed_sha256);
        bytes
    }

    /// Reads the last bytes of a file of `whole` bytes.
    ///
    /// # Errors
    /// When they are no trailer, or one that cannot be true of such a file.
    pub fn read(bytes: &[u8; LENGTH], whole: u64) -> Result<Trailer, Damage> {
        let mut rest = bytes.as_slice();
        let head = (u32::from_le_bytes(take(&mut rest)), take(&mut rest));
        if head != (SKIPPABLE, (PAYLOAD as u32).to_le_bytes()) || take(&mut rest) != *MAGIC {
            return Err(Damage::trailer(
                "is not the end of an archive: the file was cut, or is something else",
            ));
        }
        let version = u32::from_le_bytes(take(&mut rest));
        if version != VERSION {
            return Err(Damage::trailer(format!(
                "is of format {version}, this program reads {VERSION}"
            )));
        }
        let trailer = Trailer {
            offset: u64::from_le_bytes(take(&mut rest)),
            length: u64::from_le_bytes(take(&mut rest)),
            sha256: take(&mut rest),
            packed_sha256: take(&mut rest),
        };
        let end = trailer.offset.checked_add(trailer.length);
        if end.and_then(|end| end.checked_add(LENGTH as u64)) != Some(whole) {
            return Err(Damage::trailer(
                "says that the manifest is where it is not: the file was cut or put together",
            ));
        }
        Ok(trailer)
    }
}

/// The first bytes of `rest`, which holds as many.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (first, after) = rest.split_first_chunk().unwrap_or((&[0; N], &[]));
    *rest = after;
    *first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_it_counts() {
        let trailer = Trailer {
            offset: 1000,
            length: 24,
            sha256: [7; 32],
            packed_sha256: [9; 32],
        };
        let whole = 1024 + LENGTH as u64;
        let bytes: [u8; LENGTH] = trailer.bytes().try_into().unwrap();
        assert_eq!(Trailer::read(&bytes, whole), Ok(trailer.clone()));
        assert!(Trailer::read(&bytes, whole - 1).is_err());
        for at in 0..LENGTH {
            let mut wrong = bytes;
            wrong[at] ^= 1;
            assert_ne!(Trailer::read(&wrong, whole), Ok(trailer.clone()), "{at}");
        }
    }
}
