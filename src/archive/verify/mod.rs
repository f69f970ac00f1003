//! Whether an archive is what was written: every byte of it.

use std::convert::Infallible;
use std::io::{self, Read, Seek};

use super::damage::Damage;
use super::frames::Stop;
use super::reader::{ReadError, Reader};

/// Reads the whole file; `seen` is told of the bytes of each part when it is
/// through with it, and ends the work by returning false. The damages, one for
/// each part at most; none for a sound archive.
///
/// # Errors
/// When the file cannot be read.
pub fn verify<R: Read + Seek>(
    reader: &mut Reader<R>,
    mut seen: impl FnMut(u64) -> bool,
) -> io::Result<Vec<Damage>> {
    let mut damages = Vec::new();
    let parts = reader.manifest.parts.clone();
    for (at, part) in parts.iter().enumerate() {
        let found = match at {
            0 => reader.about().map(drop),
            _ if part.kind.is_document() => reader.text(part).map(drop),
            _ => match reader.part(part, |_| Ok::<(), Infallible>(())) {
                Ok(()) => Ok(()),
                Err(Stop::Damage(damage)) => Err(damage.into()),
                Err(Stop::Read(error)) => Err(error.into()),
                Err(Stop::Taker(never)) => match never {},
            },
        };
        match found {
            Ok(()) => {}
            Err(ReadError::Damage(damage)) => damages.push(damage),
            Err(ReadError::Io(error)) => return Err(error),
        }
        if !seen(part.length) {
            return Err(io::ErrorKind::Interrupted.into());
        }
    }
    Ok(damages)
}

#[cfg(test)]
mod tests;
