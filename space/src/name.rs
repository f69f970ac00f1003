//! Real names and shown names.
//!
//! A container, network or named volume that its owner calls `web` is called
//! `u1001-web` in the engine. The real name is the authority on ownership:
//! only the gate can give it, while labels are inherited from images and can
//! be forged. This module is the only place that knows the form.

use std::fmt;
use std::str::FromStr;

use crate::identity::Uid;

/// The top-level domain that no resolver answers (RFC 6761), under which the
/// private image references of all spaces live.
pub const IMAGE_DOMAIN: &str = ".dock.invalid";

/// A private namespace on the engine: one person's or one group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    User(Uid),
    Group(u32),
}

impl fmt::Display for Space {
    /// `u1001` or `g2000`: the space's name in the engine, in labels and to admins.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Space::User(uid) => write!(f, "u{uid}"),
            Space::Group(gid) => write!(f, "g{gid}"),
        }
    }
}

/// The text is not the name of a space.
#[derive(Debug, PartialEq, Eq)]
pub struct NotASpace;

impl FromStr for Space {
    type Err = NotASpace;

    /// Parses exactly what `Display` writes: no sign, no leading zero.
    fn from_str(text: &str) -> Result<Space, NotASpace> {
        let (kind, digits) = text.split_at_checked(1).ok_or(NotASpace)?;
        let canonical = digits.bytes().all(|b| b.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        let number = digits.parse().map_err(|_| NotASpace)?;
        match kind {
            "u" if canonical => Ok(Space::User(Uid(number))),
            "g" if canonical => Ok(Space::Group(number)),
            _ => Err(NotASpace),
        }
    }
}

impl Space {
    /// What the engine calls the object that this space calls `shown`.
    pub fn real_name(&self, shown: &str) -> String {
        format!("{self}-{shown}")
    }

    /// What this space calls the object that the engine calls `real`; `None`
    /// when the object is not this space's.
    pub fn shown_name<'a>(&self, real: &'a str) -> Option<&'a str> {
        match split(real)? {
            (space, shown) if space == *self => Some(shown),
            _ => None,
        }
    }

    /// The host under which this space's private image references live.
    pub fn image_host(&self) -> String {
        format!("{self}{IMAGE_DOMAIN}")
    }
}

/// Splits a real name at its first `-` into the owning space and the shown
/// name; `None` when no space owns such a name.
pub fn split(real: &str) -> Option<(Space, &str)> {
    let (space, shown) = real.split_once('-')?;
    let space = space.parse().ok()?;
    (!shown.is_empty()).then_some((space, shown))
}

/// Whether `name` is a legal shown name of a container, network or volume:
/// the engine's own rule `[a-zA-Z0-9][a-zA-Z0-9_.-]+` with a length that leaves
/// room for the space's prefix in what the engine and the kernel accept.
pub fn is_object_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && (2..=MAX_OBJECT_NAME).contains(&name.len())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// The longest shown name. The engine's volumes are folders (255 bytes); the
/// prefix takes at most 12 (`u4294967294-`).
pub const MAX_OBJECT_NAME: usize = 200;

/// Whether `text` is a full object id of the engine: 64 lower-case hex digits.
pub fn is_full_id(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

/// Whether `text` could be a prefix of an object id: lower-case hex digits.
pub fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALICE: Space = Space::User(Uid(1001));

    #[test]
    fn names_of_other_spaces_are_not_ours() {
        assert_eq!(ALICE.shown_name("u1001-web"), Some("web"));
        assert_eq!(ALICE.shown_name("u1001-my-web"), Some("my-web"));
        for real in [
            "u1002-web",
            "u01001-web",
            "u1001",
            "u1001-",
            "web",
            "g1001-web",
            "u+1001-x",
            "U1001-x",
        ] {
            assert_eq!(ALICE.shown_name(real), None, "{real}");
        }
    }

    #[test]
    fn object_names_follow_the_engine() {
        assert!(is_object_name("web_1.a-b"));
        for bad in ["", "a", "-web", ".web", "we b", "wéb", "web/x"] {
            assert!(!is_object_name(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn real_and_shown_names_are_each_others_inverse(uid in 0u32.., name in "[a-zA-Z0-9][a-zA-Z0-9_.-]{1,30}") {
            let space = Space::User(Uid(uid));
            let real = space.real_name(&name);
            prop_assert_eq!(space.shown_name(&real), Some(name.as_str()));
            prop_assert_eq!(Space::Group(uid).shown_name(&real), None);
        }

        #[test]
        fn a_parsed_space_prints_as_it_was_read(text in "[ug][0-9]{0,12}") {
            if let Ok(space) = text.parse::<Space>() {
                prop_assert_eq!(space.to_string(), text);
            }
        }
    }
}
