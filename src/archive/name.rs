//! Names of archives: `{org}_{author}_{UTC time}.tar.zst`, and with a container's
//! name before the time where one container was archived.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// What every archive's name ends with, before [`AGE`].
const END: &str = ".tar.zst";

/// What the name of an encrypted one ends with.
const AGE: &str = ".age";

/// What stands beside an archive that no retention removes.
const PROTECTED: &str = ".protected";

/// How the time is written; it sorts as text.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// The longest word of a name: three of them, the time and the endings fit into
/// the 255 bytes of a file's name with the mark of an unfinished one.
const MAX_WORD: usize = 48;

/// The name of an archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// What stands before the time.
    pub stem: String,
    /// Seconds since 1970.
    pub moment: i64,
    pub encrypted: bool,
}

impl Name {
    /// The name for an archive made at `moment`.
    pub fn new(
        organisation: Option<&str>,
        author: &str,
        container: Option<&str>,
        moment: i64,
        encrypted: bool,
    ) -> Name {
        let words: Vec<String> = [organisation, Some(author), container]
            .into_iter()
            .flatten()
            .map(word)
            .collect();
        Name {
            stem: words.join("_"),
            moment,
            encrypted,
        }
    }

    /// Reads a file's name; `None` when it is no archive's.
    pub fn parse(file: &str) -> Option<Name> {
        let (rest, encrypted) = match file.strip_suffix(AGE) {
            Some(rest) => (rest, true),
            None => (file, false),
        };
        let (stem, time) = rest.strip_suffix(END)?.rsplit_once('_')?;
        let moment = DateTime::strptime(TIME, time).ok()?;
        let moment = moment
            .to_zoned_datetime(TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_second();
        let name = Name {
            stem: stem.to_owned(),
            moment,
            encrypted,
        };
        // One text for one name: nothing else is taken for an archive.
        let is_plain = !stem.is_empty() && !stem.starts_with('.') && !stem.contains(['/', '\0']);
        (is_plain && name.to_string() == file).then_some(name)
    }

    /// The name of the file that keeps this archive from retention.
    pub fn protection(&self) -> String {
        format!("{self}{PROTECTED}")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Timestamp::from_second(self.moment).unwrap_or_default();
        let time = time.to_zoned_datetime(TimeZone::UTC);
        let age = if self.encrypted { AGE } else { "" };
        write!(f, "{}_{}{END}{age}", self.stem, time.strftime(TIME))
    }
}

/// A text as one word of a file's name: what is no letter, digit, `.` or `-`
/// becomes `-`, so that `_` stands between words alone.
fn word(text: &str) -> String {
    let plain = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => c,
        _ => '-',
    };
    let text: String = text.chars().take(MAX_WORD).map(plain).collect();
    match text.trim_start_matches(['.', '-']) {
        "" => "unnamed".to_owned(),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_says_whose_and_when() {
        let name = |org, container, encrypted| {
            Name::new(org, "alice", container, 1_769_860_800, encrypted).to_string()
        };
        assert_eq!(name(None, None, false), "alice_20260131T120000Z.tar.zst");
        assert_eq!(
            name(Some("lab"), Some("web_1"), true),
            "lab_alice_web-1_20260131T120000Z.tar.zst.age"
        );
    }

    #[test]
    fn what_is_no_archive_has_no_name() {
        for file in [
            "",
            "alice.tar.zst",
            "_20260131T120000Z.tar.zst",
            ".alice_20260131T120000Z.tar.zst",
            ".alice_20260131T120000Z.tar.zst.1-2-3.partial",
            "alice_20260131T120000Z.tar.zst.protected",
            "alice_20260131T120000Z.tar.gz",
            "alice_20261331T120000Z.tar.zst",
            "alice_20260131T12000Z.tar.zst",
            "a/b_20260131T120000Z.tar.zst",
        ] {
            assert_eq!(Name::parse(file), None, "{file}");
        }
    }

    proptest! {
        #[test]
        fn every_name_is_a_file_and_read_back(
            organisation in proptest::option::of(".*"),
            author in ".*",
            container in proptest::option::of(".*"),
            moment in 0i64..10_000_000_000,
            encrypted: bool,
        ) {
            let name = Name::new(organisation.as_deref(), &author, container.as_deref(), moment, encrypted);
            let file = name.to_string();
            prop_assert!(file.len() < 200 && !file.starts_with('.') && !file.contains('/'));
            prop_assert_eq!(Name::parse(&file), Some(name));
        }
    }
}
