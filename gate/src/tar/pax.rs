//! Records of a pax extended header: `LENGTH KEY=VALUE\n`.

use std::collections::BTreeMap;

use super::entry::Time;
use super::error::Fault;

/// Keys and values, each key once.
pub(super) type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// Appends one record. Its length counts itself.
pub(super) fn push(records: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    // A space, an equals sign and a line feed.
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() > length {
        length = rest + length.to_string().len();
    }
    records.extend_from_slice(length.to_string().as_bytes());
    records.push(b' ');
    records.extend_from_slice(key);
    records.push(b'=');
    records.extend_from_slice(value);
    records.push(b'\n');
}

/// # Errors
/// When a length does not fit, a key is empty or stands there twice.
pub(super) fn parse(mut bytes: &[u8]) -> Result<Records, Fault> {
    let mut records = Records::new();
    while !bytes.is_empty() {
        let space = bytes
            .iter()
            .take(20)
            .position(|byte| *byte == b' ')
            .ok_or(Fault::Form("a pax record has no length"))?;
        let length = decimal(&bytes[..space]).ok_or(Fault::Form("a pax record has no length"))?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > bytes.len() || length < space + 4 {
            return Err(Fault::Form("the length of a pax record is wrong"));
        }
        let record = &bytes[space + 1..length];
        bytes = &bytes[length..];
        let record = record
            .strip_suffix(b"\n")
            .ok_or(Fault::Form("a pax record does not end with a line feed"))?;
        let equals = record
            .iter()
            .position(|byte| *byte == b'=')
            .filter(|at| *at > 0)
            .ok_or(Fault::Form("a pax record has no key"))?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        if records.insert(key.to_vec(), value.to_vec()).is_some() {
            return Err(Fault::Form("a pax record stands there twice"));
        }
    }
    Ok(records)
}

/// Digits alone, without a zero in front.
pub(super) fn decimal(digits: &[u8]) -> Option<u64> {
    let is_plain = match digits {
        [] => false,
        [b'0'] => true,
        [first, ..] => *first != b'0' && digits.iter().all(u8::is_ascii_digit),
    };
    std::str::from_utf8(digits)
        .ok()
        .filter(|_| is_plain)?
        .parse()
        .ok()
}

/// `1700000000.123456789`; what is before 1970 has a sign.
pub(super) fn time(time: Time) -> String {
    let Time { seconds, nanos } = time;
    let (sign, whole, part) = match (seconds < 0, nanos) {
        (false, nanos) => ("", seconds.unsigned_abs(), nanos),
        (true, 0) => ("-", seconds.unsigned_abs(), 0),
        (true, nanos) => ("-", seconds.unsigned_abs() - 1, 1_000_000_000 - nanos),
    };
    let text = format!("{sign}{whole}.{part:09}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The other way; further digits than nanoseconds are cut.
pub(super) fn parse_time(text: &[u8]) -> Option<Time> {
    let (negative, text) = match text.strip_prefix(b"-") {
        Some(text) => (true, text),
        None => (false, text),
    };
    let mut halves = text.splitn(2, |byte| *byte == b'.');
    let whole = i64::try_from(decimal(halves.next()?)?).ok()?;
    let part = halves.next().unwrap_or(b"0");
    if part.is_empty() || part.len() > 20 || !part.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let nanos = (0..9).fold(0, |sum, at| {
        sum * 10 + u32::from(part.get(at).unwrap_or(&b'0') - b'0')
    });
    Some(match (negative, nanos) {
        (false, nanos) => Time {
            seconds: whole,
            nanos,
        },
        (true, 0) => Time {
            seconds: -whole,
            nanos: 0,
        },
        (true, nanos) => Time {
            seconds: (-whole).checked_sub(1)?,
            nanos: 1_000_000_000 - nanos,
        },
    })
}

/// What stands before the name of an extended attribute.
const XATTR: &[u8] = b"SCHILY.xattr.";

/// The key of an extended attribute: `=` would end it, so GNU tar writes `%3D`.
pub(super) fn xattr_key(name: &[u8]) -> Vec<u8> {
    let mut key = XATTR.to_vec();
    for byte in name {
        match byte {
            b'%' => key.extend_from_slice(b"%25"),
            b'=' => key.extend_from_slice(b"%3D"),
            byte => key.push(*byte),
        }
    }
    key
}

/// The name of the extended attribute that `key` is about.
pub(super) fn xattr_name(key: &[u8]) -> Option<Vec<u8>> {
    let mut rest = key.strip_prefix(XATTR)?;
    let mut name = Vec::with_capacity(rest.len());
    while let Some((first, others)) = rest.split_first() {
        (rest, name) = match rest {
            [b'%', b'2', b'5', rest @ ..] => (rest, [&name[..], b"%"].concat()),
            [b'%', b'3', b'D', rest @ ..] => (rest, [&name[..], b"="].concat()),
            _ => {
                name.push(*first);
                (others, name)
            }
        };
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_length_counts_itself() {
        for length in [1, 4, 5, 6, 90, 91, 92, 93, 94, 95, 990, 9_990] {
            let mut bytes = Vec::new();
            push(&mut bytes, b"k", &vec![b'v'; length]);
            let text = String::from_utf8_lossy(&bytes);
            let (number, _) = text.split_once(' ').unwrap();
            assert_eq!(number.parse::<usize>().unwrap(), bytes.len());
        }
    }

    #[test]
    fn a_record_that_lies_about_its_length_is_none() {
        assert!(parse(b"7 k=ab\n").is_ok());
        for bad in [
            &b"8 k=ab\n"[..],
            b"6 k=ab\n",
            b"07 k=ab\n",
            b"-7 k=ab\n",
            b"7 =kab\n",
            b"7 kabc\n",
            b"3 \n",
            b"99999999999999999999 k=ab\n",
            b" k=ab\n",
            b"6 k=a\n6 k=b\n",
        ] {
            assert!(parse(bad).is_err(), "{}", bad.escape_ascii());
        }
    }

    #[test]
    fn times_have_a_sign_and_a_fraction() {
        for (seconds, nanos, text) in [
            (0, 0, "0"),
            (1_700_000_000, 120_000_000, "1700000000.12"),
            (10, 1, "10.000000001"),
            (-1, 0, "-1"),
            (-1, 500_000_000, "-0.5"),
            (-2, 250_000_000, "-1.75"),
        ] {
            assert_eq!(time(Time { seconds, nanos }), text);
            assert_eq!(parse_time(text.as_bytes()), Some(Time { seconds, nanos }));
        }
        for bad in [
            "",
            "-",
            ".5",
            "1.",
            "1.5x",
            "+1",
            "9223372036854775808",
            "1e3",
            " 1",
        ] {
            assert_eq!(parse_time(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn records_are_read_as_written(records in prop::collection::btree_map(
            prop::collection::vec(any::<u8>().prop_filter("", |byte| *byte != b'='), 1..20),
            prop::collection::vec(any::<u8>(), 0..300),
            0..6,
        )) {
            let mut bytes = Vec::new();
            for (key, value) in &records {
                push(&mut bytes, key, value);
            }
            prop_assert_eq!(parse(&bytes), Ok(records));
        }

        #[test]
        fn names_of_attributes_are_read_as_written(name in prop::collection::vec(any::<u8>(), 1..40)) {
            let key = xattr_key(&name);
            prop_assert!(!key.contains(&b'='));
            prop_assert_eq!(xattr_name(&key), Some(name));
        }

        #[test]
        fn nothing_makes_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
            let _ = parse_time(&bytes);
        }
    }
}
