//! What is protected by name: `alice/*`, `*/db`, `volume:bob/data`.

use dock_space::admin::Kind;

use super::object::Object;

/// A pattern of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Of this kind alone.
    kind: Option<Kind>,
    text: String,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Pattern {
        let kind = text
            .split_once(':')
            .and_then(|(kind, rest)| Some((kind.parse().ok()?, rest)));
        match kind {
            Some((kind, rest)) => Pattern {
                kind: Some(kind),
                text: rest.to_owned(),
            },
            None => Pattern {
                kind: None,
                text: text.to_owned(),
            },
        }
    }

    pub(super) fn fits(&self, object: &Object) -> bool {
        self.kind.is_none_or(|kind| kind == object.kind)
            && object
                .full_names()
                .iter()
                .any(|name| fits(self.text.as_bytes(), name.as_bytes()))
    }
}

/// `*` is anything, a slash included. In steps of pattern times name at most.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    // Where the last star stood, and what it has swallowed up to.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(byte) if *byte == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, swallowed)) => {
                    star = Some((at, swallowed + 1));
                    p = at + 1;
                    n = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn stars_are_anything() {
        for (pattern, name, expected) in [
            ("alice/*", "alice/web", true),
            ("alice/*", "alice/", true),
            ("alice/*", "alicea/web", false),
            ("*/db", "bob/db", true),
            ("*/db", "bob/db2", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("***", "abc", true),
            ("alice/web", "alice/web", true),
            ("alice/we", "alice/web", false),
        ] {
            let is_fit = fits(pattern.as_bytes(), name.as_bytes());
            assert_eq!(is_fit, expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_kind_in_front_means_that_kind_alone() {
        let container = samples::container("alice", "data");
        let volume = samples::volume("alice", "data");
        let both = Pattern::new("alice/data");
        assert!(both.fits(&container) && both.fits(&volume));
        let one = Pattern::new("volume:alice/*");
        assert!(!one.fits(&container) && one.fits(&volume));
        // The space's own name, which stays when the account is gone.
        assert!(Pattern::new("u1005/data").fits(&volume));
        // What is no kind belongs to the name, as in an image's.
        let image = samples::image(&["python:3.12"]);
        assert!(Pattern::new("python:*").fits(&image));
        assert!(!Pattern::new("volume:python*").fits(&image));
        assert!(Pattern::new("image:python:3*").fits(&image));
    }
}
