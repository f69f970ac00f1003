//! Moments as docker's clients write them: `24h`, `1700000000`, `2024-01-31`,
//! `2024-01-31T12:00:00Z`.
//!
//! The engine's own order (moby, timetypes.GetTimestamp): a duration is so long
//! before now, then a date, then seconds since 1970. A date without a zone is
//! the host's local time.

/// Nanoseconds.
const SECOND: i128 = 1_000_000_000;

/// What a relative or local moment refers to, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since 1970.
    pub seconds: i64,
    /// The host's zone, east of Greenwich.
    pub offset: i64,
}

/// Seconds since 1970; `None` for what is no moment.
pub fn parse(text: &str, now: Now) -> Option<i64> {
    if text != "0"
        && let Some(duration) = duration(text)
    {
        let ago = i64::try_from(duration.div_euclid(SECOND)).ok()?;
        return now.seconds.checked_sub(ago);
    }
    date(text, now.offset).or_else(|| seconds(text))
}

/// Seconds since 1970 of a date as engines write it (`2024-01-31T12:00:00.5Z`).
pub fn written(text: &str) -> Option<i64> {
    date(text, 0)
}

/// `1h30m`, `1.5h`, `-300ms`, as Go reads them; in nanoseconds.
fn duration(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.split_at_checked(1)? {
        ("-", rest) => (-1, rest),
        ("+", rest) => (1, rest),
        _ => (1, text),
    };
    if rest.is_empty() {
        return None;
    }
    let mut sum = 0i128;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, tail) = rest.split_at(digits);
        let end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let unit = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3600 * SECOND,
            _ => return None,
        };
        sum = sum.checked_add(decimal(number, unit)?)?;
        rest = tail;
    }
    // What Go's own type holds, some 292 years.
    (sum <= i128::from(i64::MAX)).then_some(sign * sum)
}

/// `number` times `unit`.
fn decimal(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let parse = |text: &str| -> Option<i128> {
        match text {
            "" => Some(0),
            text if text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()) => {
                text.parse().ok()
            }
            _ => None,
        }
    };
    let scale = 10i128.pow(u32::try_from(fraction.len()).ok()?.min(18));
    parse(whole)?
        .checked_mul(unit)?
        .checked_add(parse(fraction)? * unit / scale)
}

/// `1700000000` or `1700000000.5`.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if plain(whole) && plain(fraction) {
        whole.parse().ok()
    } else {
        None
    }
}

/// A date, with or without a time, with or without a zone.
fn date(text: &str, local: i64) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let (rest, offset) = zone(rest, local)?;
    let time = match rest.strip_prefix('T') {
        Some(time) => time_of_day(time)?,
        None if rest.is_empty() => 0,
        None => return None,
    };
    Some(days(year, month, day) * 86_400 + time - offset)
}

/// What stands before the zone, and the zone's seconds east.
fn zone(rest: &str, local: i64) -> Option<(&str, i64)> {
    if let Some(before) = rest.strip_suffix(['Z', 'z']) {
        return Some((before, 0));
    }
    let Some(at) = rest.rfind(['+', '-']) else {
        return Some((rest, local));
    };
    let (before, zone) = rest.split_at(at);
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = number(hours, 2)? * 3600 + number(minutes, 2)? * 60;
    Some((
        before,
        if zone.starts_with('-') {
            -seconds
        } else {
            seconds
        },
    ))
}

/// `15`, `15:04`, `15:04:05`, `15:04:05.999`.
fn time_of_day(text: &str) -> Option<i64> {
    let (text, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut seconds = 0;
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    for (part, (unit, limit)) in parts.iter().zip([(3600, 24), (60, 60), (1, 60)]) {
        let value = number(part, 2)?;
        if value >= limit {
            return None;
        }
        seconds += value * unit;
    }
    Some(seconds)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let plain = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let leaps = before / 4 - before / 100 + before / 400;
    let months: i64 = (1..month).map(|month| days_in(year, month)).sum();
    // 719,162 days lie before 1970.
    before * 365 + leaps + months + day - 1 - 719_162
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Now = Now {
        seconds: 1_700_000_000,
        offset: 3600,
    };

    #[test]
    fn moments_are_read_as_the_engine_reads_them() {
        for (text, expected) in [
            ("24h", 1_700_000_000 - 86_400),
            ("1h30m", 1_700_000_000 - 5400),
            ("1.5h", 1_700_000_000 - 5400),
            ("-1h", 1_700_003_600),
            ("0s", 1_700_000_000),
            ("0", 0),
            ("1700000000", 1_700_000_000),
            ("1700000000.123", 1_700_000_000),
            ("1970-01-01", -3600),
            ("1970-01-01Z", 0),
            ("2023-11-14T22:13:20Z", 1_700_000_000),
            ("2023-11-14T22:13:20.999999999Z", 1_700_000_000),
            ("2023-11-14T23:13:20+01:00", 1_700_000_000),
            ("2023-11-14T23:13:20", 1_700_000_000),
            ("2023-11-14T23:13", 1_699_999_980),
            ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("2000-03-01T00:00:00-05:00", 951_886_800),
        ] {
            assert_eq!(parse(text, NOW), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "h",
            "1",
            "1d",
            "1h-",
            "yesterday",
            "2023-02-29",
            "2023-13-01",
            "2023-11-14T25:00",
            "2023-11-14 12:00",
            "1..5h",
            ".h",
            "99999999999999999999h",
            "2023-11-14T",
            "-",
            "+",
        ] {
            let expected = (text == "1").then_some(1);
            assert_eq!(parse(text, NOW), expected, "{text}");
        }
    }
}
