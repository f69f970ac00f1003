//! Work that is cut: nothing is lost, nothing is doubled, nothing stays.
//!
//! `DOCK_KILLS=N` plays N rounds.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::given::{Furnished, admin, archived, names_of, objects_of};
use crate::harness::{Person, eventually};

/// Rounds without `DOCK_KILLS`.
const ROUNDS: u64 = 10;

fn rounds() -> u64 {
    let asked = std::env::var("DOCK_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(ROUNDS)
}

fn files_in(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn states(person: &Person) -> String {
    let words = ["ps", "-a", "--format", "{{.Names}} {{.State}}"];
    person.dock(words).output().success()
}

#[test]
fn an_archive_that_is_killed_leaves_nothing_that_stays() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    Furnished::of(&alice);
    let before = states(&alice);
    let file = archived(&carol, &[&alice.login]);
    let (folder, _) = file.rsplit_once('/').unwrap();
    std::fs::remove_file(&file).unwrap();
    for round in 0..rounds() {
        let words = ["admin", "archive", "--to", folder, &alice.login];
        let running = carol.dock(words).spawn();
        std::thread::sleep(Duration::from_millis(20 + round * 37 % 700));
        let signal = match round % 3 {
            0 => Signal::SIGINT,
            _ => Signal::SIGKILL,
        };
        running.signal(signal);
        let ended = running.output();
        if ended.code == 130 {
            let left = files_in(folder);
            assert!(left.iter().all(|name| !name.starts_with('.')), "{left:?}");
        }
        eventually("everything goes on again", || {
            (states(&alice) == before).then_some(())
        });
        for name in files_in(folder)
            .iter()
            .filter(|name| !name.starts_with('.'))
        {
            let path = format!("{folder}/{name}");
            admin(&carol, &["archives", "verify", &path]).success();
            std::fs::remove_file(path).unwrap();
        }
    }
    archived(&carol, &[&alice.login]);
    assert_eq!(files_in(folder).len(), 1, "{:?}", files_in(folder));
    assert_eq!(states(&alice), before);
    alice.clear();
}

#[test]
fn a_restore_that_is_killed_is_undone_by_the_next() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    Furnished::of(&alice);
    alice.dock(["stop", "-t", "0", "web"]).output().success();
    let file = archived(&carol, &[&alice.login]);
    let words = ["restore", "--as", &bob.login, &file];
    for round in 0..rounds() {
        let running = carol.dock([&["admin"], &words[..]].concat()).spawn();
        std::thread::sleep(Duration::from_millis(100 + round * 73 % 1200));
        running.signal(match round % 3 {
            0 => Signal::SIGINT,
            _ => Signal::SIGKILL,
        });
        let ended = running.output();
        if ended.code == 130 {
            assert_eq!(objects_of(&bob), "", "{ended:?}");
        }
        // What a gate has begun for somebody who is gone comes to an end.
        std::thread::sleep(Duration::from_millis(300));
        let again = admin(&carol, &words);
        if ended.code == 0 {
            again.fails(1, "stand in the way");
        } else {
            again.success();
        }
        assert_eq!(names_of(&bob, "container"), ["db", "job", "web"]);
        assert_eq!(names_of(&bob, "network"), ["back", "front"]);
        assert_eq!(names_of(&bob, "volume").len(), 2);
        bob.clear();
    }
    alice.clear();
}
