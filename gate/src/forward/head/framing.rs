//! Where a body ends.
//!
//! Counts the bytes of one body as they pass and keeps none of them. Of chunked
//! encoding exactly one spelling is accepted: no extensions, no trailers.

use super::check::{BodyLength, HeadError};

/// What of a body is still to come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    Known(u64),
    Chunked(Chunk),
}

/// What the next byte of a chunked body belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    Size { digits: u8, size: u64 },
    SizeEnd(u64),
    Data(u64),
    DataCr,
    DataLf,
    LastCr,
    LastLf,
    Done,
}

impl Body {
    pub(super) fn new(length: BodyLength) -> Body {
        match length {
            BodyLength::Known(length) => Body::Known(length),
            BodyLength::Chunked => Body::Chunked(Chunk::START),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self, Body::Known(0) | Body::Chunked(Chunk::Done))
    }

    /// How many of `bytes` belong to this body.
    ///
    /// # Errors
    /// When chunked encoding is not spelled as accepted.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<usize, HeadError> {
        match self {
            Body::Known(left) => Ok(count_down(left, bytes.len())),
            Body::Chunked(chunk) => chunk.pass(bytes),
        }
    }
}

impl Chunk {
    const START: Chunk = Chunk::Size { digits: 0, size: 0 };

    fn pass(&mut self, bytes: &[u8]) -> Result<usize, HeadError> {
        let mut at = 0;
        while at < bytes.len() && *self != Chunk::Done {
            if let Chunk::Data(left) = self {
                at += count_down(left, bytes.len() - at);
                if *left == 0 {
                    *self = Chunk::DataCr;
                }
            } else {
                *self = self.step(bytes[at])?;
                at += 1;
            }
        }
        Ok(at)
    }

    /// What follows one byte outside the data.
    fn step(&self, byte: u8) -> Result<Chunk, HeadError> {
        match (self, byte) {
            (Chunk::Size { digits: 1.., size }, b'\r') => Ok(Chunk::SizeEnd(*size)),
            // 16 digits fill the 64 bits.
            (
                Chunk::Size {
                    digits: digits @ ..16,
                    size,
                },
                byte,
            ) => match hex(byte) {
                Some(digit) => Ok(Chunk::Size {
                    digits: digits + 1,
                    size: size << 4 | digit,
                }),
                None => Err(HeadError::Malformed(
                    "the size of a chunk is not a hexadecimal number",
                )),
            },
            (Chunk::Size { .. }, _) => Err(HeadError::Malformed("the size of a chunk is too long")),
            (Chunk::SizeEnd(0), b'\n') => Ok(Chunk::LastCr),
            (Chunk::SizeEnd(size), b'\n') => Ok(Chunk::Data(*size)),
            (Chunk::DataCr, b'\r') => Ok(Chunk::DataLf),
            (Chunk::DataLf, b'\n') => Ok(Chunk::START),
            (Chunk::LastCr, b'\r') => Ok(Chunk::LastLf),
            (Chunk::LastLf, b'\n') => Ok(Chunk::Done),
            (Chunk::LastCr, _) => Err(HeadError::Malformed("trailers are not accepted")),
            (
                Chunk::SizeEnd(_)
                | Chunk::Data(_)
                | Chunk::DataCr
                | Chunk::DataLf
                | Chunk::LastLf
                | Chunk::Done,
                _,
            ) => Err(HeadError::Malformed("a chunk does not end in CR LF")),
        }
    }
}

/// Takes off `left` as much of `offered` as it holds, and says how much.
fn count_down(left: &mut u64, offered: usize) -> usize {
    match usize::try_from(*left) {
        Ok(fits) if fits <= offered => {
            *left = 0;
            fits
        }
        _ => {
            *left -= offered as u64;
            offered
        }
    }
}

fn hex(byte: u8) -> Option<u64> {
    char::from(byte).to_digit(16).map(u64::from)
}
