//! Versions as programs and distributions write them.

/// `20.10.24+dfsg1`, `1.4.0-rc.3`, `v2`, `6.1.0-18-amd64`: numbers, and whether
/// it comes before the release of these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    numbers: [u64; 3],
    /// The number of a candidate; the release itself comes after all of them.
    candidate: u64,
}

impl Version {
    /// Nothing where the text does not begin as a version does.
    pub(super) fn parse(text: &str) -> Option<Version> {
        let text = text.trim().trim_start_matches('v');
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (numbers, rest) = text.split_at(end.unwrap_or(text.len()));
        let mut parts = numbers.trim_end_matches('.').split('.');
        let mut next = || parts.next().map_or(Some(0), |part| part.parse().ok());
        let first = numbers.chars().next()?;
        let numbers = [next()?, next()?, next()?];
        first.is_ascii_digit().then(|| Version {
            numbers,
            candidate: candidate(rest).unwrap_or(u64::MAX),
        })
    }

    /// Whether both are of one line of releases: the fixes of one go into the next.
    pub(super) fn is_of_line(self, other: Version) -> bool {
        self.numbers[..2] == other.numbers[..2]
    }
}

/// `-rc.3`, `-rc3`, `~rc3`, `-beta.1`: what comes before a release.
fn candidate(rest: &str) -> Option<u64> {
    let rest = rest.strip_prefix(['-', '~'])?;
    let kinds = ["rc", "beta", "alpha"];
    let kind = kinds.iter().find(|kind| rest.starts_with(**kind))?;
    let digits = rest[kind.len()..].trim_start_matches(['.', '-']);
    let end = digits.find(|c: char| !c.is_ascii_digit());
    let number: u64 = digits[..end.unwrap_or(digits.len())].parse().unwrap_or(0);
    // A beta comes before every candidate.
    Some(if *kind == "rc" { number + 1000 } else { number })
}

/// Whether a version carries a distribution's mark: its fixes may be in it.
pub(super) fn is_distributions(text: &str) -> bool {
    let marks = ["+", "~", "ubuntu", "deb", ".el", ".fc", "dfsg", "ds1"];
    marks.iter().any(|mark| text.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_they_were_released() {
        let in_order = [
            "1.1.5+ds1",
            "1.1.12",
            "1.2.8",
            "1.4.0-beta.2",
            "1.4.0-rc.3",
            "v1.4.0",
            "1.6.20~ds1",
            "20.10.24+dfsg1",
            "28.5.2+dfsg2",
            "29",
        ];
        let parsed = in_order.map(|text| Version::parse(text).unwrap());
        assert!(parsed.is_sorted_by(|one, next| one < next), "{parsed:?}");
        assert_eq!(Version::parse("6.1.0-18-amd64"), Version::parse("6.1"));
        for text in ["", "dev", "library-import", ".5", "x1.2"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_distributions_build_is_known_by_its_mark() {
        for text in [
            "1.1.5+ds1",
            "20.10.24+dfsg1",
            "1.6.20~ds1",
            "1.1.12-0ubuntu2",
        ] {
            assert!(is_distributions(text), "{text}");
        }
        for text in ["29.5.1", "1.4.0-rc.3", "v1.7.24"] {
            assert!(!is_distributions(text), "{text}");
        }
    }
}
