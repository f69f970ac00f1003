//! The path of a request: split first, each segment decoded once.
//!
//! The engine decodes, then cleans and redirects; cleaning is how two parsers
//! come to disagree, so what would need it is refused here.

use std::fmt;

/// The oldest API version that is spoken (minor).
const OLDEST: u8 = 24;

/// One segment, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub decoded: String,
    /// The segment held an encoded `/`: only image names may.
    pub had_slash: bool,
}

/// A path without its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Minor of `/v1.N`; `None` for a path without a version.
    pub version: Option<u8>,
    pub segments: Vec<Segment>,
}

/// Why a path is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    /// Not `/...`.
    NotOrigin,
    EmptySegment,
    DotSegment,
    Escape,
    Character,
    /// `v1.041`, `v1.`, `v2`.
    Version(String),
    TooOld(u8),
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathError::NotOrigin => f.write_str("the path does not begin with \"/\""),
            PathError::EmptySegment => f.write_str("the path has an empty segment"),
            PathError::DotSegment => f.write_str("the path has a segment \".\" or \"..\""),
            PathError::Escape => f.write_str("the path has a wrong percent-escape"),
            PathError::Character => f.write_str("the path has a character that no name has"),
            PathError::Version(text) => write!(f, "\"{text}\" is no API version"),
            PathError::TooOld(minor) => f.write_str(&too_old(*minor, OLDEST)),
        }
    }
}

impl std::error::Error for PathError {}

/// The engine's words for a client that speaks an older API.
pub fn too_old(asked: u8, oldest: u8) -> String {
    format!(
        "client version 1.{asked} is too old. Minimum supported API version is 1.{oldest}, please upgrade your client to a newer version"
    )
}

/// The engine's words for a client that speaks a newer API.
pub fn too_new(asked: u8, newest: u8) -> String {
    format!("client version 1.{asked} is too new. Maximum supported API version is 1.{newest}")
}

impl Path {
    /// Reads the path of a request line.
    ///
    /// # Errors
    /// When the engine and the gate could come to read it differently.
    pub fn parse(raw: &str) -> Result<Path, PathError> {
        let mut rest = raw.strip_prefix('/').ok_or(PathError::NotOrigin)?;
        let first = rest.split('/').next().unwrap_or_default();
        let version = version(first)?;
        if version.is_some() {
            rest = rest[first.len()..]
                .strip_prefix('/')
                .ok_or(PathError::EmptySegment)?;
        }
        // The engine serves `/networks/` as `/networks`.
        rest = rest.strip_suffix('/').unwrap_or(rest);
        let mut segments = Vec::new();
        let mut previous = "";
        let mut words = rest.split('/').peekable();
        while let Some(word) = words.next() {
            // Old clients send the leading slash of a container's name.
            if word.is_empty() && previous == "containers" && words.peek().is_some() {
                previous = word;
                continue;
            }
            segments.push(segment(word)?);
            previous = word;
        }
        Ok(Path { version, segments })
    }
}

/// The version that a first segment names; `None` when it names none.
fn version(segment: &str) -> Result<Option<u8>, PathError> {
    let wrong = || PathError::Version(segment.chars().take(16).collect());
    let Some(number) = segment.strip_prefix('v') else {
        return Ok(None);
    };
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Ok(None);
    }
    let minor = number.strip_prefix("1.").ok_or_else(wrong)?;
    let canonical = (1..=2).contains(&minor.len())
        && minor.bytes().all(|b| b.is_ascii_digit())
        && (minor == "0" || !minor.starts_with('0'));
    if !canonical {
        return Err(wrong());
    }
    let minor: u8 = minor.parse().map_err(|_| wrong())?;
    if minor < OLDEST {
        Err(PathError::TooOld(minor))
    } else {
        Ok(Some(minor))
    }
}

fn segment(raw: &str) -> Result<Segment, PathError> {
    let decoded = decode(raw.as_bytes(), false).ok_or(PathError::Escape)?;
    let decoded = String::from_utf8(decoded).map_err(|_| PathError::Character)?;
    if decoded.is_empty() {
        return Err(PathError::EmptySegment);
    }
    if decoded.split('/').any(|part| matches!(part, "." | "..")) {
        return Err(PathError::DotSegment);
    }
    if decoded.split('/').any(str::is_empty) {
        return Err(PathError::EmptySegment);
    }
    if decoded.chars().any(|c| c.is_control() || c == '\\') {
        return Err(PathError::Character);
    }
    let had_slash = decoded.contains('/');
    Ok(Segment { decoded, had_slash })
}

/// Percent-decodes once; `None` for a wrong escape.
pub(super) fn decode(raw: &[u8], plus_is_space: bool) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                decoded.push(u8::try_from(high * 16 + low).ok()?);
            }
            b'+' if plus_is_space => decoded.push(b' '),
            byte => decoded.push(*byte),
        }
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(raw: &str) -> Result<(Option<u8>, Vec<String>), PathError> {
        let path = Path::parse(raw)?;
        Ok((
            path.version,
            path.segments
                .into_iter()
                .map(|segment| segment.decoded)
                .collect(),
        ))
    }

    #[test]
    fn versions_have_one_form() {
        assert_eq!(
            words("/v1.41/info").unwrap(),
            (Some(41), vec!["info".into()])
        );
        assert_eq!(words("/version").unwrap(), (None, vec!["version".into()]));
        assert_eq!(words("/volumes").unwrap(), (None, vec!["volumes".into()]));
        for raw in [
            "/v1.041/info",
            "/v1.04/info",
            "/v1./info",
            "/v2/info",
            "/v1.100/info",
            "/v1.4a/info",
            "/v1/info",
            "/v./info",
            "/v1.+4/info",
        ] {
            assert!(matches!(words(raw), Err(PathError::Version(_))), "{raw}");
        }
        assert_eq!(words("/v1.23/info"), Err(PathError::TooOld(23)));
        assert_eq!(words("/v1.24/info").unwrap().0, Some(24));
        assert_eq!(words("/v1.99/info").unwrap().0, Some(99));
        for (raw, minor) in [("/v1.0/info", 0), ("/v1.9/info", 9), ("/v1.19/info", 19)] {
            assert_eq!(words(raw), Err(PathError::TooOld(minor)));
        }
    }

    #[test]
    fn other_versions_are_refused_in_the_engines_words() {
        assert_eq!(
            PathError::TooOld(23).to_string(),
            "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version"
        );
        assert_eq!(
            too_old(24, 44),
            "client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version"
        );
        assert_eq!(
            too_new(99, 41),
            "client version 1.99 is too new. Maximum supported API version is 1.41"
        );
    }

    #[test]
    fn what_a_cleaner_would_change_is_refused() {
        for (raw, twin) in [
            ("/containers/x//json", "/containers/x/json"),
            ("/./info", "/info"),
            ("/containers/../info", "/containers/a/info"),
            ("/containers/%2e%2e/json", "/containers/%2ee/json"),
            ("/containers/a%5Cb/json", "/containers/a%5Fb/json"),
            ("/containers/a%00/json", "/containers/a%30/json"),
            ("/containers/a%0a/json", "/containers/a%20/json"),
            ("/containers/a%7f/json", "/containers/a%7e/json"),
            ("/images/a%2F%2Fb/json", "/images/a%2Fb/json"),
            ("/networks//", "/networks/"),
            ("/containers/a%/json", "/containers/a%41/json"),
            ("/containers/a%zz/json", "/containers/a%4a/json"),
            ("/containers/%ff/json", "/containers/%c3%a9/json"),
            ("info", "/info"),
            ("/images/a%2F..%2Fb/json", "/images/a%2Fb/json"),
            ("//info", "/info"),
            ("/v1.41", "/v1.41/info"),
        ] {
            assert!(words(raw).is_err(), "{raw}");
            assert!(words(twin).is_ok(), "{twin}");
        }
    }

    #[test]
    fn each_segment_is_decoded_once() {
        assert_eq!(words("/containers/a%252e/json").unwrap().1[1], "a%2e");
        let path = Path::parse("/images/a%2Fb/json").unwrap();
        assert!(path.segments[1].had_slash);
        assert_eq!(path.segments[1].decoded, "a/b");
    }

    #[test]
    fn the_leading_slash_of_a_containers_name_is_dropped() {
        assert_eq!(
            words("/v1.24/containers//web/json").unwrap().1,
            ["containers", "web", "json"]
        );
        assert_eq!(words("/networks/").unwrap().1, ["networks"]);
        assert!(words("/containers//").is_err());
        assert!(words("/containers///web/json").is_err());
    }

    proptest! {
        #[test]
        fn no_segment_can_lead_elsewhere(raw in "/[a-z./%0-9A-F]{0,30}") {
            if let Ok(path) = Path::parse(&raw) {
                for segment in path.segments {
                    prop_assert!(!segment.decoded.is_empty());
                    prop_assert!(segment.decoded.split('/').all(|part| !matches!(part, "" | "." | "..")));
                }
            }
        }
    }
}
