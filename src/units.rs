//! Numbers as docker writes them for people.

/// `1.5GB`, in steps of 1,000 as `docker system df` has them.
pub(crate) fn bytes(bytes: i64) -> String {
    human(bytes, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB"], 3)
}

/// `1.5GiB`, in steps of 1,024 as `docker stats` has them.
pub(crate) fn binary(bytes: i64) -> String {
    human(bytes, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"], 4)
}

/// go-units: that many significant digits at most.
fn human(bytes: i64, step: f64, units: &[&str], digits: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "four digits are shown")]
    let mut number = bytes as f64;
    let mut unit = 0;
    while number.abs() >= step && unit + 1 < units.len() {
        number /= step;
        unit += 1;
    }
    let whole = format!("{:.0}", number.abs().trunc()).len();
    let text = format!("{number:.*}", digits.saturating_sub(whole));
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    format!("{text}{}", units[unit])
}

/// `2 hours`, as docker says how long ago something was.
pub(crate) fn duration(seconds: i64) -> String {
    let minutes = seconds / 60;
    let hours = (seconds + 1800) / 3600;
    match seconds {
        ..1 => "Less than a second".into(),
        1 => "1 second".into(),
        2..60 => format!("{seconds} seconds"),
        _ if minutes == 1 => "About a minute".into(),
        _ if minutes < 60 => format!("{minutes} minutes"),
        _ if hours == 1 => "About an hour".into(),
        _ if hours < 48 => format!("{hours} hours"),
        _ if hours < 24 * 7 * 2 => format!("{} days", hours / 24),
        _ if hours < 24 * 30 * 2 => format!("{} weeks", hours / 24 / 7),
        _ if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}

/// `2 hours ago`; empty for a moment that nobody knows.
pub(crate) fn ago(moment: i64, now: i64) -> String {
    if moment <= 0 {
        return String::new();
    }
    format!("{} ago", duration(now - moment))
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A moment in the host's zone: `2026-11-25 14:47:01 +0000 UTC`, as docker has it.
pub(crate) fn moment(seconds: i64) -> String {
    let Ok(moment) = jiff::Timestamp::from_second(seconds) else {
        return String::new();
    };
    let zoned = moment.to_zoned_datetime(jiff::tz::TimeZone::system());
    zoned.strftime("%Y-%m-%d %H:%M:%S %z %Z").to_string()
}

/// The same in short: `2026-11-25 14:47:01`.
pub(crate) fn local(seconds: i64) -> String {
    let Ok(moment) = jiff::Timestamp::from_second(seconds) else {
        return String::new();
    };
    let zoned = moment.to_zoned_datetime(jiff::tz::TimeZone::system());
    zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_dockers() {
        for (number, decimal, two) in [
            (0, "0B", "0B"),
            (999, "999B", "999B"),
            (1_000, "1kB", "1000B"),
            (1_536, "1.54kB", "1.5KiB"),
            (20_000_000, "20MB", "19.07MiB"),
            (123_456_789, "123MB", "117.7MiB"),
        ] {
            assert_eq!(bytes(number), decimal);
            assert_eq!(binary(number), two);
        }
    }

    #[test]
    fn durations_are_dockers() {
        for (seconds, text) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (3599, "59 minutes"),
            (3600, "About an hour"),
            (7200, "2 hours"),
            (86_400 * 3, "3 days"),
            (86_400 * 20, "2 weeks"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(ago(0, 100), "");
        assert_eq!(ago(40, 100), "About a minute ago");
    }
}
