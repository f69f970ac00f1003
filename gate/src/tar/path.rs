//! Which names a stream may have: those below its prefix, without tricks.

use super::MAX_DEPTH;
use super::error::Fault;

/// The longest component, as the kernel has it.
const MAX_COMPONENT: usize = 255;

/// The longest prefix.
const MAX_PREFIX: usize = 1024;

/// What all names of a stream begin with: `volumes/data/data/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(Vec<u8>);

impl Prefix {
    /// Some plain components, each with a slash behind it.
    pub fn parse(text: &str) -> Option<Prefix> {
        let inner = text.strip_suffix('/')?;
        let is_plain = text.len() <= MAX_PREFIX
            && !text.chars().any(char::is_control)
            && inner.split('/').all(|part| check(part.as_bytes()).is_ok());
        is_plain.then(|| Prefix(text.as_bytes().to_vec()))
    }

    /// The prefix with its slash.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The components of `name` below the prefix; none for the folder itself.
    ///
    /// # Errors
    /// For a name outside, and for one that no single file has.
    pub(super) fn below<'a>(&self, name: &'a [u8]) -> Result<Vec<&'a [u8]>, Fault> {
        if self.0.strip_suffix(b"/") == Some(name) {
            return Ok(Vec::new());
        }
        let rest = name.strip_prefix(self.0.as_slice()).ok_or_else(|| {
            if name.starts_with(b"/") {
                Fault::Name("the name is absolute")
            } else {
                Fault::Outside
            }
        })?;
        let mut parts = Vec::new();
        for part in rest.split(|byte| *byte == b'/') {
            check(part)?;
            if parts.len() == MAX_DEPTH {
                return Err(Fault::Deep);
            }
            parts.push(part);
        }
        Ok(parts)
    }
}

/// Whether `part` is the name of one file in one folder.
pub(super) fn check(part: &[u8]) -> Result<(), Fault> {
    match part {
        b"" => Err(Fault::Name("a part of the name is empty")),
        b"." | b".." => Err(Fault::Name("a part of the name is \".\" or \"..\"")),
        _ if part.contains(&0) => Err(Fault::Name("the name has a NUL")),
        _ if part.contains(&b'/') => Err(Fault::Name("a part of the name has a slash")),
        _ if part.len() > MAX_COMPONENT => Err(Fault::Name("a part of the name is too long")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_plain_components() {
        for good in [
            "a/",
            "volumes/data/data/",
            "containers/web/changes/",
            "a b/",
        ] {
            assert!(Prefix::parse(good).is_some(), "{good}");
        }
        for bad in [
            "", "/", "a", "/a/", "a//", "a/../", "./", "a/./b/", "a\n/", "a\0/",
        ] {
            assert!(Prefix::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_name_lies_below_the_prefix() {
        let prefix = Prefix::parse("v/d/").unwrap();
        assert_eq!(prefix.below(b"v/d").unwrap().len(), 0);
        assert_eq!(prefix.below(b"v/d/a/..b").unwrap(), [&b"a"[..], b"..b"]);
        for bad in [
            &b"v"[..],
            b"/v/d/a",
            b"v/da",
            b"v/d/",
            b"v/d//a",
            b"v/d/a/",
            b"v/d/.",
            b"v/d/../x",
            b"v/d/a/..",
            b"v/d/a\0b",
            b"",
        ] {
            assert!(prefix.below(bad).is_err(), "{}", bad.escape_ascii());
        }
        let long = [b"v/d/", &[b'x'; 255][..]].concat();
        assert!(prefix.below(&long).is_ok());
        assert!(prefix.below(&[&long[..], b"x"].concat()).is_err());
        let deep = [b"v/d", &b"/a".repeat(MAX_DEPTH)[..]].concat();
        assert!(prefix.below(&deep).is_ok());
        assert_eq!(prefix.below(&[&deep[..], b"/a"].concat()), Err(Fault::Deep));
    }
}
