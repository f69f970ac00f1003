//! What is wrong with an archive.

use std::fmt;

use super::manifest::MANIFEST;

/// A part, or what stands around the parts, and what is wrong with it. Both hold
/// what the archive itself says: they are shown to people only after
/// [`crate::ui::safe`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    pub part: String,
    pub what: String,
}

impl Damage {
    /// Something is wrong with `part`.
    pub fn new(part: impl Into<String>, what: impl Into<String>) -> Damage {
        Damage {
            part: part.into(),
            what: what.into(),
        }
    }

    /// Something is wrong with the manifest.
    pub fn manifest(what: impl Into<String>) -> Damage {
        Damage::new(MANIFEST, what)
    }

    /// Something is wrong with the end of the file.
    pub fn trailer(what: impl Into<String>) -> Damage {
        Damage::new("the end of the file", what)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.what)
    }
}
