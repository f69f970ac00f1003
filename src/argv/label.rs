//! Labels in argv.
//!
//! This module puts words in; where, [`super::parse`] says. The labels here are a
//! courtesy to those who read `dock --dry-run`: the gate stamps its own.

use std::ffi::OsString;

/// `words` with `--label KEY=VALUE` for each label at `at`, a place that
/// [`super::parse`] gave for these words. Taking them out again gives `words`.
pub fn insert(words: &[OsString], at: usize, labels: &[(&str, String)]) -> Vec<OsString> {
    let (before, after) = words.split_at(at);
    let labels = labels.iter().flat_map(|(key, value)| {
        [
            OsString::from("--label"),
            OsString::from(format!("{key}={value}")),
        ]
    });
    before
        .iter()
        .cloned()
        .chain(labels)
        .chain(after.iter().cloned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_before_the_place_given_in_their_order() {
        let words = ["run", "img", "sh"].map(OsString::from);
        let labels = [("author", "alice".to_owned()), ("org", "a b".to_owned())];
        let sent = insert(&words, 1, &labels);
        let expected = [
            "run",
            "--label",
            "author=alice",
            "--label",
            "org=a b",
            "img",
            "sh",
        ];
        assert_eq!(sent, expected.map(OsString::from));
    }
}
