//! No more than so many bytes a second.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use super::store::Output;

/// How far ahead of the rate a burst may be.
const BURST: Duration = Duration::from_millis(200);

/// Counts bytes and waits.
struct Meter {
    rate: u64,
    /// When everything so far would have gone at that rate.
    due: Instant,
}

impl Meter {
    fn new(rate: u64) -> Meter {
        Meter {
            rate: rate.max(1),
            due: Instant::now(),
        }
    }

    /// The largest piece: what a tenth of a second may take.
    fn piece(&self, bytes: usize) -> usize {
        bytes.min(usize::try_from(self.rate / 10).unwrap_or(usize::MAX).max(1))
    }

    fn count(&mut self, bytes: usize) {
        let now = Instant::now();
        #[expect(clippy::cast_precision_loss, reason = "a rate is no exact thing")]
        let taken = Duration::from_secs_f64(bytes as f64 / self.rate as f64);
        // Time in which nothing was sent is not saved up.
        self.due = self.due.max(now) + taken;
        let ahead = self.due.saturating_duration_since(now);
        if let Some(wait) = ahead.checked_sub(BURST) {
            std::thread::sleep(wait);
        }
    }
}

/// Writes or reads no faster than a rate.
pub(crate) struct Limited<T> {
    inner: T,
    meter: Meter,
}

impl<T> Limited<T> {
    pub(crate) fn new(inner: T, rate: u64) -> Limited<T> {
        Limited {
            inner,
            meter: Meter::new(rate),
        }
    }
}

impl<T: Write> Write for Limited<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = self.meter.piece(bytes.len());
        let written = self.inner.write(&bytes[..piece])?;
        self.meter.count(written);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Output for Limited<Box<dyn Output>> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        self.inner.finish()
    }
}

impl<T: Read> Read for Limited<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let piece = self.meter.piece(bytes.len());
        let read = self.inner.read(&mut bytes[..piece])?;
        self.meter.count(read);
        Ok(read)
    }
}

impl<T: Seek> Seek for Limited<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept() {
        let start = Instant::now();
        let mut slow = Limited::new(Vec::new(), 1_000_000);
        slow.write_all(&[0; 500_000]).unwrap();
        let taken = start.elapsed();
        assert!(taken >= Duration::from_millis(250), "{taken:?}");
        assert_eq!(slow.inner.len(), 500_000);
    }
}
