//! The parts of an archive and their names.

use serde::{Deserialize, Serialize};

use super::about::ABOUT;
use super::damage::Damage;
use dock_space::name::{is_full_id, is_object_name};

/// The largest part that is one document.
pub const MAX_DOCUMENT: u64 = 16 << 20;

/// One part of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// What its members' names begin with; a document's whole name.
    pub name: String,
    pub kind: Kind,
    /// Where its frames begin in the file, and how many bytes they have there.
    pub offset: u64,
    pub length: u64,
    /// Bytes of its tar when it is unpacked.
    pub size: u64,
    /// Of the unpacked bytes.
    pub sha256: String,
    /// Of the bytes as they are in the file.
    pub packed_sha256: String,
    /// How many members.
    pub entries: u64,
    /// What was left out: sockets, devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What a part is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `dock-archive/about.json`
    About,
    /// `networks/NAME.json`
    Network,
    /// `volumes/NAME/volume.json`
    Volume,
    /// `volumes/NAME/data/...`
    Data,
    /// `containers/NAME/container.json`
    Container,
    /// `containers/NAME/changes/...`
    Changes,
    /// `images/HEX/...`: what `docker save` writes. Nothing writes these three
    /// yet: their place is kept, so that today's program can verify tomorrow's file.
    Image,
    /// `binds/NAME/...`
    Bind,
    /// `tags/NAME.json`
    Tags,
}

impl Kind {
    /// The name of the part for an object.
    pub fn part(self, object: &str) -> String {
        let (before, after) = self.around();
        format!("{before}{object}{after}")
    }

    /// Whether the part is one JSON document.
    pub fn is_document(self) -> bool {
        match self {
            Kind::Data | Kind::Changes | Kind::Image | Kind::Bind => false,
            Kind::About | Kind::Network | Kind::Volume | Kind::Container | Kind::Tags => true,
        }
    }

    fn around(self) -> (&'static str, &'static str) {
        match self {
            Kind::About => (ABOUT, ""),
            Kind::Network => ("networks/", ".json"),
            Kind::Volume => ("volumes/", "/volume.json"),
            Kind::Data => ("volumes/", "/data"),
            Kind::Container => ("containers/", "/container.json"),
            Kind::Changes => ("containers/", "/changes"),
            Kind::Image => ("images/", ""),
            Kind::Bind => ("binds/", ""),
            Kind::Tags => ("tags/", ".json"),
        }
    }
}

impl Part {
    /// The object's name in the part's name.
    pub fn object(&self) -> Option<&str> {
        let (before, after) = self.kind.around();
        self.name.strip_prefix(before)?.strip_suffix(after)
    }

    /// Whether a member of the tar belongs to this part.
    pub fn owns(&self, member: &[u8]) -> bool {
        match self.kind.is_document() {
            true => member == self.name.as_bytes(),
            false => owns(&self.name, member),
        }
    }

    /// Whether the part's name fits its kind, and its sizes can be true.
    ///
    /// # Errors
    /// What is wrong.
    pub(super) fn check(&self) -> Result<(), Damage> {
        let is_named = match (self.kind, self.object()) {
            (Kind::About, object) => object == Some(""),
            (_, Some(object)) => is_object_name(object) || is_full_id(object),
            (_, None) => false,
        };
        if !is_named {
            return Err(Damage::new(&self.name, "is no name of such a part"));
        }
        let is_digest = |text: &str| is_full_id(text);
        if !is_digest(&self.sha256) || !is_digest(&self.packed_sha256) {
            return Err(Damage::new(&self.name, "has a checksum that is none"));
        }
        if !self.size.is_multiple_of(512) || self.size / 512 < self.entries {
            return Err(Damage::new(&self.name, "has a size that no tar has"));
        }
        if self.kind.is_document() && (self.entries != 1 || self.size > MAX_DOCUMENT) {
            return Err(Damage::new(&self.name, "is no document"));
        }
        if (self.length == 0) != (self.size == 0) {
            return Err(Damage::new(&self.name, "has a length that cannot be"));
        }
        Ok(())
    }
}

/// Whether a member's name is the folder `prefix` or below it.
fn owns(prefix: &str, member: &[u8]) -> bool {
    match member.strip_prefix(prefix.as_bytes()) {
        Some([]) => true,
        Some([b'/', rest @ ..]) => !rest
            .split(|byte| *byte == b'/')
            .any(|word| word == b"." || word == b".."),
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: Kind, name: &str) -> Part {
        Part {
            name: name.into(),
            kind,
            offset: 0,
            length: 1,
            size: 1024,
            sha256: "a".repeat(64),
            packed_sha256: "b".repeat(64),
            entries: 1,
            notes: vec![],
        }
    }

    #[test]
    fn a_parts_name_is_made_of_its_kind_and_object() {
        for kind in [
            Kind::Network,
            Kind::Volume,
            Kind::Data,
            Kind::Container,
            Kind::Changes,
        ] {
            let made = part(kind, &kind.part("web"));
            assert_eq!(made.object(), Some("web"));
            made.check().unwrap();
            for wrong in ["", "a/b", "..", ".x", "x", &"y".repeat(201)] {
                assert!(part(kind, &kind.part(wrong)).check().is_err(), "{wrong}");
            }
        }
        part(Kind::About, ABOUT).check().unwrap();
        assert!(part(Kind::About, "networks/web.json").check().is_err());
        assert!(part(Kind::Network, ABOUT).check().is_err());
    }

    #[test]
    fn a_member_belongs_to_the_part_that_it_lies_in() {
        let data = part(Kind::Data, "volumes/db/data");
        for own in ["volumes/db/data", "volumes/db/data/", "volumes/db/data/a/b"] {
            assert!(data.owns(own.as_bytes()), "{own}");
        }
        for other in [
            "",
            "volumes/db",
            "volumes/db/database",
            "volumes/db/data/../../x",
            "volumes/db/data/./x",
            "/volumes/db/data/x",
        ] {
            assert!(!data.owns(other.as_bytes()), "{other}");
        }
        let document = part(Kind::Network, "networks/back.json");
        assert!(document.owns(b"networks/back.json"));
        assert!(!document.owns(b"networks/back.json/x"));
    }

    #[test]
    fn sizes_that_cannot_be_are_found() {
        for change in [
            |part: &mut Part| part.size = 100,
            |part: &mut Part| part.entries = 3,
            |part: &mut Part| part.size = 0,
            |part: &mut Part| part.length = 0,
            |part: &mut Part| part.sha256 = "A".repeat(64),
            |part: &mut Part| part.packed_sha256 = String::new(),
        ] {
            let mut wrong = part(Kind::Data, "volumes/db/data");
            change(&mut wrong);
            assert!(wrong.check().is_err(), "{wrong:?}");
        }
    }
}
