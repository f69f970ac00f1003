//! Lengths of time as people write them: `30d`, `12h`, `90m`, `2w`, `1d12h`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// Units, the longest first, with their seconds.
const UNITS: [(char, i64); 5] = [
    ('w', 7 * 86_400),
    ('d', 86_400),
    ('h', 3_600),
    ('m', 60),
    ('s', 1),
];

/// A length of time, in whole seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(i64);

impl Span {
    /// Days.
    pub const fn days(days: u32) -> Span {
        Span(days as i64 * 86_400)
    }

    /// Its seconds.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// What is no length of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotASpan(String);

impl fmt::Display for NotASpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is no length of time, as \"30d\" is", self.0)
    }
}

impl std::error::Error for NotASpan {}

impl FromStr for Span {
    type Err = NotASpan;

    /// `0`, or numbers with a unit each, the longest unit first.
    fn from_str(text: &str) -> Result<Span, NotASpan> {
        if text == "0" {
            return Ok(Span(0));
        }
        read(text)
            .map(Span)
            .ok_or_else(|| NotASpan(text.to_owned()))
    }
}

fn read(text: &str) -> Option<i64> {
    let (mut rest, mut sum, mut next) = (text, 0i64, 0);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(end);
        let unit = tail.chars().next()?;
        let at = UNITS.iter().position(|(letter, _)| *letter == unit)?;
        if at < next {
            return None;
        }
        next = at + 1;
        let number: i64 = number.parse().ok()?;
        sum = sum.checked_add(number.checked_mul(UNITS[at].1)?)?;
        rest = &tail[1..];
    }
    // Ten thousand years: more is a slip of the finger, and sums must not overflow.
    (!text.is_empty() && sum <= 10_000 * 366 * 86_400).then_some(sum)
}

impl fmt::Display for Span {
    /// As [`Span::from_str`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0");
        }
        let mut rest = self.0;
        for (letter, seconds) in UNITS {
            // Weeks only where nothing else is left: nobody says "4w2d" for 30 days.
            if letter == 'w' && rest % seconds != 0 {
                continue;
            }
            if rest >= seconds {
                write!(f, "{}{letter}", rest / seconds)?;
                rest %= seconds;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A span, or an empty text for none.
///
/// # Errors
/// For what is neither.
pub fn perhaps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Span>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_written() {
        for (text, seconds, shown) in [
            ("0", 0, "0"),
            ("0s", 0, "0"),
            ("90s", 90, "1m30s"),
            ("90m", 5_400, "1h30m"),
            ("12h", 43_200, "12h"),
            ("30d", 2_592_000, "30d"),
            ("2w", 1_209_600, "2w"),
            ("14d", 1_209_600, "2w"),
            ("1d12h", 129_600, "1d12h"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.seconds(), seconds, "{text}");
            assert_eq!(span.to_string(), shown, "{text}");
            assert_eq!(shown.parse(), Ok(span));
        }
    }

    #[test]
    fn what_is_no_span_is_an_error() {
        for text in [
            "",
            " ",
            "30",
            "d",
            "-1d",
            "1.5h",
            "1y",
            "1h1d",
            "1d1d",
            "1 d",
            "+1d",
            "9999999w",
            "99999999999999999999d",
            "1D",
            "1dé",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text:?}");
        }
    }
}
