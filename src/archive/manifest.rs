//! What an archive holds: its last member, which all the others are judged by.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::about::{About, FORMAT};
use super::damage::Damage;
use super::part::{Kind, Part};

/// The member that says it.
pub const MANIFEST: &str = "dock-archive/manifest.json";

/// The largest manifest that is read.
pub const MAX_MANIFEST: u64 = 64 << 20;

/// `dock-archive/manifest.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The first part once more, so that the end of the file tells all.
    pub about: About,
    /// In the order of the file, the first one included.
    pub parts: Vec<Part>,
    pub images: Vec<Image>,
    /// The space's index, which host ports and networks follow from.
    pub index: Option<u32>,
}

/// An image that containers of the archive are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// As the owner typed it.
    pub reference: String,
    pub id: String,
    /// `docker.io/library/busybox@sha256:...`; none where no registry is known to have it.
    pub digests: Vec<String>,
    pub size: i64,
}

impl Manifest {
    /// Whether it can be true of a file whose manifest begins at `end`: every
    /// byte before belongs to one part, in order, and no name stands twice.
    ///
    /// # Errors
    /// What is wrong, and with which part.
    pub fn check(&self, end: u64) -> Result<(), Damage> {
        if self.about.format != FORMAT {
            let why = format!(
                "is of format {}, this program reads {FORMAT}",
                self.about.format
            );
            return Err(Damage::manifest(why));
        }
        let mut offset = 0u64;
        let mut names = BTreeSet::new();
        for (at, part) in self.parts.iter().enumerate() {
            part.check()?;
            if (part.kind == Kind::About) != (at == 0) {
                return Err(Damage::new(&part.name, "does not stand where it belongs"));
            }
            if part.offset != offset {
                return Err(Damage::new(
                    &part.name,
                    format!(
                        "begins at byte {}, after one that ends at {offset}",
                        part.offset
                    ),
                ));
            }
            offset = offset
                .checked_add(part.length)
                .ok_or_else(|| Damage::new(&part.name, "is longer than a file can be"))?;
            if !names.insert(&part.name) {
                return Err(Damage::new(&part.name, "stands twice"));
            }
        }
        if self.parts.is_empty() || offset != end {
            return Err(Damage::manifest(format!(
                "its parts end at byte {offset}, the file has them up to {end}"
            )));
        }
        Ok(())
    }

    /// Bytes of all parts when they are unpacked.
    pub fn size(&self) -> u64 {
        self.parts
            .iter()
            .fold(0, |sum, part| sum.saturating_add(part.size))
    }

    /// Names of the parts of a kind, without what is around them.
    pub fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.parts
            .iter()
            .filter(move |part| part.kind == kind)
            .filter_map(Part::object)
    }
}
