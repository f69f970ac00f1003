//! Moments as people type them: `2h`, `3d`, `2026-01-31`, `2026-01-31T12:00:00Z`.

use jiff::civil::DateTime;
use jiff::{Span, Timestamp, ZonedDateTime};

/// Seconds since 1970; none for what is no moment. A span is so long before
/// `now`, a date without a zone is in that of `now`.
pub(crate) fn parse(text: &str, now: &ZonedDateTime) -> Option<i64> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    if let Ok(span) = text.parse::<Span>() {
        return Some(now.checked_sub(span).ok()?.timestamp().as_second());
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_second());
    }
    let local = text.parse::<DateTime>().ok()?;
    let moment = local.to_zoned_datetime(now.time_zone().clone()).ok()?;
    Some(moment.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::{Offset, TimeZone};

    #[test]
    fn moments_are_read() {
        let zone = TimeZone::fixed(Offset::constant(1));
        let now = Timestamp::from_second(1_700_000_000)
            .unwrap()
            .to_zoned_datetime(zone);
        for (text, expected) in [
            ("1700000000", 1_700_000_000),
            ("2h", 1_700_000_000 - 7200),
            ("1h30m", 1_700_000_000 - 5400),
            ("3d", 1_700_000_000 - 3 * 86_400),
            ("1w", 1_700_000_000 - 7 * 86_400),
            ("1970-01-02", 86_400 - 3600),
            ("1970-01-01 12:00", 11 * 3600),
            ("1970-01-01T12:00:00", 11 * 3600),
            ("1970-01-01T12:00:00Z", 12 * 3600),
        ] {
            assert_eq!(parse(text, &now), Some(expected), "{text}");
        }
        for text in ["", "yesterday", "h", "2026-13-01", "12:00", "2x"] {
            assert_eq!(parse(text, &now), None, "{text}");
        }
    }
}
