//! The table is sorted, says nothing twice, and is what docker says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use dock::argv::table::{
    Arity, BUILD, BUILDX, CREATE, Flag, GLOBALS, NETWORK_CREATE, RUN, VERBS, VOLUME_CREATE,
};

const TABLES: &[&[Flag]] = &[
    BUILD,
    BUILDX,
    CREATE,
    GLOBALS,
    NETWORK_CREATE,
    RUN,
    VOLUME_CREATE,
];

/// A command's flags: long name to shorthand and arity.
type Flags = BTreeMap<String, (Option<char>, Arity)>;

/// The flags that argv uses, under the commands' names in the recordings.
fn ours() -> BTreeMap<&'static str, Flags> {
    let tables: [(&str, &[&[Flag]]); 7] = [
        ("docker", &[GLOBALS]),
        ("run", &[CREATE, RUN]),
        ("create", &[CREATE]),
        ("build", &[BUILD]),
        ("buildx", &[BUILDX]),
        ("network create", &[NETWORK_CREATE]),
        ("volume create", &[VOLUME_CREATE]),
    ];
    let row = |flag: &Flag| (flag.long.to_owned(), (flag.short, flag.arity));
    tables
        .into_iter()
        .map(|(command, flags)| (command, flags.concat_rows().map(row).collect()))
        .collect()
}

trait ConcatRows {
    fn concat_rows(&self) -> impl Iterator<Item = &'static Flag>;
}

impl ConcatRows for [&'static [Flag]] {
    fn concat_rows(&self) -> impl Iterator<Item = &'static Flag> {
        self.iter().flat_map(|table| table.iter())
    }
}

/// Reads what `argv-table.sh` prints.
fn rows(text: &str) -> BTreeMap<&str, Flags> {
    let mut commands: BTreeMap<&str, Flags> = BTreeMap::new();
    for line in text.lines() {
        let [command, long, short, arity] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("not a row: {line:?}");
        };
        let short = short.chars().next().filter(|letter| *letter != '-');
        let arity = match arity {
            "Value" => Arity::Value,
            "Switch" => Arity::Switch,
            other => panic!("not an arity: {other:?}"),
        };
        let flags = commands.entry(command).or_default();
        let before = flags.insert(long.to_owned(), (short, arity));
        let same = before.is_none_or(|before| before == (short, arity));
        assert!(same, "{command} --{long} differs between versions");
    }
    commands
}

/// What the docker CLI `program` says of its flags; `config` is its DOCKER_CONFIG.
fn asked(program: &Path, config: &Path) -> String {
    let output = Command::new("tests/argv-table.sh")
        .arg(program)
        .env("DOCKER_CONFIG", config)
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn rows_are_sorted_and_unique() {
    for table in TABLES {
        let sorted = table.is_sorted_by(|one, next| one.long < next.long);
        assert!(sorted, "not sorted: {table:?}");
    }
    assert!(VERBS.is_sorted_by(|one, next| one.path < next.path));
}

#[test]
fn a_command_has_each_name_once() {
    for verb in VERBS {
        let flags: Vec<&Flag> = verb.flags.concat_rows().collect();
        let longs: BTreeSet<_> = flags.iter().map(|flag| flag.long).collect();
        assert_eq!(longs.len(), flags.len(), "{:?}", verb.path);
        let shorts: Vec<_> = flags.iter().filter_map(|flag| flag.short).collect();
        let unique: BTreeSet<_> = shorts.iter().collect();
        assert_eq!(unique.len(), shorts.len(), "{:?}", verb.path);
        assert!(shorts.iter().all(char::is_ascii_alphanumeric));
    }
}

#[test]
fn every_verb_takes_label_with_a_value() {
    for verb in VERBS {
        let label = verb.flags.concat_rows().find(|flag| flag.long == "label");
        assert_eq!(label.map(|flag| flag.arity), Some(Arity::Value), "{verb:?}");
        assert!((1..=2).contains(&verb.path.len()));
    }
}

#[test]
fn table_is_the_union_of_the_recordings() {
    let mut recorded = String::new();
    for entry in std::fs::read_dir("tests/argv/flags").unwrap() {
        recorded += &std::fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    assert_eq!(ours(), rows(&recorded));
}

#[test]
fn table_agrees_with_every_docker_here() {
    let config = std::env::temp_dir();
    for program in crate::dockers_or_skip() {
        let text = asked(&program, &config);
        let theirs = rows(&text);
        assert!(theirs.len() >= 6, "{}: {theirs:?}", program.display());
        let ours = ours();
        for (command, flags) in theirs {
            assert!(flags.len() > 1, "{}: {command}", program.display());
            for (long, flag) in flags {
                assert_eq!(
                    ours[command].get(&long),
                    Some(&flag),
                    "{}: {command} --{long}",
                    program.display()
                );
            }
        }
    }
}
