//! What holds for every command line.
//!
//! Called with hostile words by the tests and by the fuzzer, never by dock.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::{Invocation, label, parse};

/// Splits `data` at its NUL bytes, as the kernel keeps argv, and asserts the laws.
pub fn fuzz_one(data: &[u8]) {
    let words: Vec<OsString> = data
        .split(|byte| *byte == 0)
        .map(|word| OsStr::from_bytes(word).to_owned())
        .collect();
    hold(&words);
}

/// Panics when a law is broken.
pub fn hold(words: &[OsString]) {
    let read = parse(words);

    let own = words.len() - read.words.len();
    assert_eq!(read.words, words[own..], "docker's words are kept");
    assert!(words[..own].iter().all(|word| word == "--dry-run"));
    assert_eq!(read.dry_run, own > 0);

    if let Some(verb) = read.verb {
        assert!(verb.at < read.words.len(), "the verb is a word");
    }
    let Some(at) = read.insert_at else { return };
    assert_eq!(read.obstacle, None, "an obstacle keeps labels out");
    let row = read.verb.and_then(|verb| verb.labelled);
    assert!(row.is_some(), "only verbs that take labels get any");

    // Hostile values: each must stay one word, and a value.
    let labels = [
        ("author", "--".to_owned()),
        ("org", "- a\n--privileged".to_owned()),
    ];
    let sent = label::insert(&read.words, at, &labels);
    let mut back = sent.clone();
    let inserted: Vec<OsString> = back.drain(at..at + 2 * labels.len()).collect();
    let expected = ["--label", "author=--", "--label", "org=- a\n--privileged"];
    assert_eq!(inserted, expected.map(OsString::from));
    assert_eq!(back, read.words, "taking them out gives the input back");

    // Docker reads them as options, and the rest as it did without them.
    let again = parse(&sent);
    let expected = Invocation {
        dry_run: false,
        insert_at: Some(at + inserted.len()),
        words: sent,
        ..read
    };
    assert_eq!(again, expected, "labels are read as options");
}
