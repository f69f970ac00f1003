//! Image references: docker's grammar and normal form.
//!
//! The grammar is that of the distribution project's `reference` package. What
//! holds [`IMAGE_DOMAIN`] anywhere is never a reference that a client may use:
//! under it the gate keeps the private images of all spaces.

use std::fmt;

use crate::name::IMAGE_DOMAIN;

/// The registry of a reference that names none.
const DEFAULT_DOMAIN: &str = "docker.io";
/// The part of the default registry for names of one word.
const OFFICIAL: &str = "library/";
/// The longest `domain/path`.
const MAX_NAME: usize = 255;

/// A reference in normal form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// `docker.io`, `localhost:5000`.
    pub domain: String,
    /// `library/busybox`.
    pub path: String,
    pub tag: Option<String>,
    /// `sha256:` and 64 hex digits.
    pub digest: Option<String>,
}

/// Why a text is not a reference; the words are docker's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceError {
    Format,
    UpperCase,
    IsAnId,
    TooLong,
    /// Reserved for the gate itself.
    Reserved,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReferenceError::Format => "invalid reference format",
            ReferenceError::UpperCase => {
                "invalid reference format: repository name must be lowercase"
            }
            ReferenceError::IsAnId => {
                "invalid repository name: cannot specify 64-byte hexadecimal strings"
            }
            ReferenceError::TooLong => "repository name must not be more than 255 characters",
            ReferenceError::Reserved => "names under \".dock.invalid\" are dock's own",
        })
    }
}

impl std::error::Error for ReferenceError {}

impl Reference {
    /// Parses what a person types (`busybox`, `ghcr.io/a/b:1`, `a@sha256:...`).
    ///
    /// # Errors
    /// When docker would not take it either, or it is reserved.
    pub fn parse(text: &str) -> Result<Reference, ReferenceError> {
        if text.to_ascii_lowercase().contains(IMAGE_DOMAIN) {
            return Err(ReferenceError::Reserved);
        }
        if crate::name::is_full_id(text) {
            return Err(ReferenceError::IsAnId);
        }
        let (text, digest) = match text.split_once('@') {
            Some((name, digest)) if is_digest(digest) => (name, Some(digest.to_owned())),
            Some(_) => return Err(ReferenceError::Format),
            None => (text, None),
        };
        let (domain, rest) = split_domain(text);
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if is_tag(tag) => (path, Some(tag.to_owned())),
            Some(_) => return Err(ReferenceError::Format),
            None => (rest, None),
        };
        if path.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(ReferenceError::UpperCase);
        }
        if !is_domain(domain) || !path.split('/').all(is_component) {
            return Err(ReferenceError::Format);
        }
        let path = match domain == DEFAULT_DOMAIN && !path.contains('/') {
            true => format!("{OFFICIAL}{path}"),
            false => path.to_owned(),
        };
        if domain.len() + 1 + path.len() > MAX_NAME {
            return Err(ReferenceError::TooLong);
        }
        Ok(Reference {
            domain: domain.to_owned(),
            path,
            tag,
            digest,
        })
    }

    /// The name as docker shows it, without tag and digest: `busybox`.
    pub fn familiar_name(&self) -> String {
        if self.domain != DEFAULT_DOMAIN {
            return format!("{}/{}", self.domain, self.path);
        }
        match self.path.strip_prefix(OFFICIAL) {
            // `library/a/b` is not the official image `a/b`.
            Some(path) if !path.contains('/') => path.to_owned(),
            _ => self.path.clone(),
        }
    }

    /// The reference as docker shows it, with the tag `latest` when it has
    /// neither tag nor digest.
    pub fn familiar(&self) -> String {
        let mut text = self.familiar_name();
        match (&self.tag, &self.digest) {
            (None, None) => text.push_str(":latest"),
            (tag, digest) => {
                if let Some(tag) = tag {
                    text.push(':');
                    text.push_str(tag);
                }
                if let Some(digest) = digest {
                    text.push('@');
                    text.push_str(digest);
                }
            }
        }
        text
    }
}

/// docker's rule for whether the first part is a registry.
fn split_domain(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.bytes().any(|b| b.is_ascii_uppercase()) =>
        {
            (
                if first == "index.docker.io" {
                    DEFAULT_DOMAIN
                } else {
                    first
                },
                rest,
            )
        }
        _ => (DEFAULT_DOMAIN, text),
    }
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port = port.is_none_or(|port| {
        !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit())
    });
    let ipv6 = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let host = match ipv6 {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.split('.').all(|part| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        }),
    };
    port && host
}

/// `[a-z0-9]+` joined by one `.`, one or two `_`, or any number of `-`.
fn is_component(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends =
        bytes.first().is_some_and(|b| is_word(*b)) && bytes.last().is_some_and(|b| is_word(*b));
    ends && bytes.split(|b| is_word(*b)).all(|separator| {
        matches!(separator, b"" | b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-')
    })
}

fn is_tag(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let bytes = text.as_bytes();
    bytes.len() <= 128
        && bytes.first().is_some_and(|b| is_word(*b))
        && bytes
            .iter()
            .all(|b| is_word(*b) || matches!(b, b'.' | b'-'))
}

/// Only what engines use: SHA-256.
fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(crate::name::is_full_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_are_normalised_as_docker_does() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (typed, familiar) in [
            ("busybox", "busybox:latest"),
            ("docker.io/library/busybox:1.36", "busybox:1.36"),
            ("index.docker.io/a/b", "a/b:latest"),
            ("localhost/x", "localhost/x:latest"),
            ("localhost:5000/a/b:c", "localhost:5000/a/b:c"),
            ("ghcr.io/a__b/c--d.e:V1", "ghcr.io/a__b/c--d.e:V1"),
            ("LOCAL/x", "LOCAL/x:latest"),
            ("[::1]:5000/x", "[::1]:5000/x:latest"),
            ("library/a/b", "library/a/b:latest"),
        ] {
            assert_eq!(
                Reference::parse(typed).unwrap().familiar(),
                familiar,
                "{typed}"
            );
        }
        let with_digest = Reference::parse(&format!("a:1@{digest}")).unwrap();
        assert_eq!(with_digest.familiar(), format!("a:1@{digest}"));
    }

    #[test]
    fn what_docker_does_not_take_is_refused() {
        for typed in [
            "",
            "Busybox",
            "a:",
            ":a",
            "a//b",
            "a/",
            "/a",
            "a:b:c",
            "a_.b",
            "a___b",
            "-a",
            "a@sha256:1",
            "a b",
            "a:é",
            "x.y:port/a",
            "sha256:",
            "a@",
            "a/Upper",
        ] {
            assert!(Reference::parse(typed).is_err(), "{typed}");
        }
        assert_eq!(
            Reference::parse(&"a".repeat(64)),
            Err(ReferenceError::IsAnId)
        );
    }

    #[test]
    fn the_gates_own_domain_is_reserved_wherever_it_stands() {
        for typed in [
            "u1001.dock.invalid/x",
            "docker.io/u1001.dock.invalid/x",
            "U1001.DOCK.INVALID/x",
            "localhost:5000/a.dock.invalid/x",
        ] {
            assert_eq!(
                Reference::parse(typed),
                Err(ReferenceError::Reserved),
                "{typed}"
            );
        }
        assert!(Reference::parse("u1001.dock.example/x").is_ok());
    }

    proptest! {
        #[test]
        fn the_normal_form_is_a_fixed_point(text in "[a-z0-9.:/@_A-Z-]{1,40}") {
            if let Ok(reference) = Reference::parse(&text) {
                let again = Reference::parse(&reference.familiar()).unwrap();
                prop_assert_eq!(again.familiar(), reference.familiar());
            }
        }
    }
}
