//! Words that nobody would type.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use dock::argv::{laws, parse, table};
use proptest::prelude::*;

/// Words that docker's grammar cares about, so that random lines go deep.
fn word() -> impl Strategy<Value = OsString> {
    let known: Vec<String> = table::VERBS
        .iter()
        .flat_map(|verb| verb.flags.iter().copied().chain([verb.group]))
        .chain([table::GLOBALS])
        .flatten()
        .flat_map(|flag| {
            let long = format!("--{}", flag.long);
            let short = flag.short.map(|letter| format!("-{letter}"));
            [long.clone(), long + "=x"].into_iter().chain(short)
        })
        .collect();
    let verbs: Vec<&str> = table::VERBS
        .iter()
        .flat_map(|verb| verb.path)
        .copied()
        .collect();
    let odd = [
        "",
        "-",
        "--",
        "---",
        "--=",
        "-=",
        "-itd",
        "-itp80:80",
        "-e=",
        "-i=",
        "--rm=false",
        "--help",
        "-h",
        "--dry-run",
        "--label",
        "author=bob",
        "busybox",
        ".",
    ];
    prop_oneof![
        3 => proptest::sample::select(known).prop_map(OsString::from),
        2 => proptest::sample::select(verbs).prop_map(OsString::from),
        3 => proptest::sample::select(odd.to_vec()).prop_map(OsString::from),
        1 => proptest::collection::vec(any::<u8>(), 0..8).prop_map(OsString::from_vec),
    ]
}

/// A line that begins with a verb, so that most lines have a place for labels.
fn line() -> impl Strategy<Value = Vec<OsString>> {
    let verb = (0..table::VERBS.len()).prop_map(|row| table::VERBS[row].path);
    (verb, proptest::collection::vec(word(), 0..12))
        .prop_map(|(path, rest)| path.iter().map(OsString::from).chain(rest).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn laws_hold_for_docker_like_lines(line in line()) {
        laws::hold(&line);
    }

    #[test]
    fn laws_hold_for_lines_without_a_verb(line in proptest::collection::vec(word(), 0..12)) {
        laws::hold(&line);
    }

    #[test]
    fn laws_hold_for_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..256)) {
        laws::fuzz_one(&bytes);
    }

    #[test]
    fn words_after_the_image_change_nothing(tail in proptest::collection::vec(word(), 0..12)) {
        let head = ["run", "-it", "busybox"].map(OsString::from);
        let line: Vec<OsString> = head.into_iter().chain(tail).collect();
        prop_assert_eq!(parse(&line).insert_at, Some(2));
    }

    #[test]
    fn a_flag_that_nobody_knows_keeps_labels_out(name in "[a-z]{3,9}-nobody") {
        let line = ["run", &format!("--{name}"), "busybox"].map(OsString::from);
        let read = parse(&line);
        prop_assert_eq!(read.insert_at, None);
        prop_assert_eq!(read.words, line);
    }
}

#[test]
fn laws_hold_for_the_corpus() {
    let corpus = std::fs::read_to_string("tests/argv/corpus.txt").unwrap();
    let lines: Vec<&str> = corpus
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(lines.len() > 30, "{}", lines.len());
    for line in lines {
        laws::fuzz_one(line.replace('|', "\0").as_bytes());
    }
}

#[test]
fn random_lines_reach_every_verb() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let labelled = (0..500)
        .filter(|_| {
            let line = line().new_tree(&mut runner).unwrap().current();
            parse(&line).insert_at.is_some()
        })
        .count();
    assert!(labelled > 50, "{labelled} of 500 lines took labels");
}
