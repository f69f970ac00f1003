//! SHA-256.

use ring::digest::{Context, SHA256};

use std::fmt::Write as _;

/// A sum that grows with what it is given.
pub(super) struct Digest(Context);

impl Default for Digest {
    fn default() -> Digest {
        Digest(Context::new(&SHA256))
    }
}

impl Digest {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> [u8; 32] {
        let sum = self.0.finish();
        let mut bytes = [0; 32];
        bytes.copy_from_slice(sum.as_ref());
        bytes
    }

    pub(super) fn hex(self) -> String {
        hex(&self.finish())
    }

    /// The sum of one text.
    pub(super) fn of(bytes: &[u8]) -> [u8; 32] {
        let mut sum = Digest::default();
        sum.add(bytes);
        sum.finish()
    }
}

/// Lower-case hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
