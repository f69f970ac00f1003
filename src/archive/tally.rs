//! How many bytes went by, and their sum.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

use super::digest::Digest;
use super::store::Output;

/// Passes everything on to a file.
pub(crate) struct Tally {
    inner: Box<dyn Output>,
    length: u64,
    sum: Digest,
    told: Told,
}

/// Where the total is told.
pub(crate) type Told = Arc<OnceLock<Total>>;

/// What went by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) length: u64,
    pub(crate) sha256: String,
}

impl Tally {
    /// The total is told when the file has ended, and only then.
    pub(crate) fn new(inner: Box<dyn Output>) -> (Tally, Told) {
        let told = Arc::new(OnceLock::new());
        let tally = Tally {
            inner,
            length: 0,
            sum: Digest::default(),
            told: Arc::clone(&told),
        };
        (tally, told)
    }
}

impl Output for Tally {
    fn finish(self: Box<Self>) -> io::Result<()> {
        let Tally {
            inner,
            length,
            sum,
            told,
        } = *self;
        inner.finish()?;
        let sha256 = sum.hex();
        // It ends once: nobody has set it before.
        let _ = told.set(Total { length, sha256 });
        Ok(())
    }
}

impl Write for Tally {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.add(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Total {
    /// The total of what `input` gives.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn of(input: &mut impl io::Read, mut seen: impl FnMut(u64)) -> io::Result<Total> {
        let mut piece = vec![0; 1 << 20];
        let (mut length, mut sum) = (0, Digest::default());
        loop {
            let count = input.read(&mut piece)?;
            if count == 0 {
                return Ok(Total {
                    length,
                    sha256: sum.hex(),
                });
            }
            sum.add(&piece[..count]);
            length += count as u64;
            seen(count as u64);
        }
    }
}
