//! Owners are warned first, and a program is told.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::{Host, ended, everything, named, rows, turn};
use crate::harness::{Person, unique};

/// What `person` sees at a terminal beside docker's own words.
fn notice(person: &Person) -> String {
    let (code, shown) = person.dock(["ps", "-q"]).on_terminal().wait();
    assert_eq!(code, 0, "{shown}");
    shown.replace('\r', "")
}

#[test]
fn an_owner_is_warned_once_and_has_the_time_that_was_promised() {
    let (alice, mark) = (Person::fresh("alice"), unique("prune="));
    ended(&alice, "old", &mark);
    let filter = format!("label={mark}");
    let words = ["--yes", "--json", "--filter", &filter];
    let _turn = turn();
    let host = Host::new("containers = \"0\"\nwarn = \"4s\"");
    let warned = rows(&host.prune(&words));
    assert_eq!(named(&warned, "action", "warn").len(), 1, "{warned:?}");
    assert_eq!(everything(&mark).len(), 1);
    // Said at a terminal alone, and once.
    let elsewhere = alice.dock(["ps", "-q"]).output();
    assert_eq!(
        (elsewhere.success().as_str(), elsewhere.err().as_str()),
        ("", "")
    );
    let shown = notice(&alice);
    assert!(
        shown.starts_with("dock: these will be removed after 20"),
        "{shown}"
    );
    assert!(shown.contains("\n  container old: stopped "), "{shown}");
    assert_eq!(notice(&alice), "");
    let waiting = rows(&host.prune(&words));
    assert_eq!(named(&waiting, "action", "wait").len(), 1, "{waiting:?}");
    assert_eq!(notice(&alice), "");
    std::thread::sleep(Duration::from_secs(5));

    // Used in between: everything begins anew.
    alice.dock(["start", "-a", "old"]).output().success();
    let again = rows(&host.prune(&words));
    assert_eq!(named(&again, "action", "warn").len(), 1, "{again:?}");
    assert_eq!(everything(&mark).len(), 1);
    std::thread::sleep(Duration::from_secs(5));
    let done = rows(&host.prune(&words));
    assert_eq!(named(&done, "outcome", "done").len(), 1, "{done:?}");
    assert_eq!(everything(&mark).len(), 0);
    let shown = notice(&alice);
    assert!(
        shown.contains("dock: containers of yours were removed"),
        "{shown}"
    );
    alice.clear();
}

/// A program at a place that is root's alone.
fn program(text: &str) -> PathBuf {
    let path = PathBuf::from(format!("/usr/local/libexec/{}", unique("hook")));
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    mode(&path, 0o755);
    path
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_program_is_told_each_owners_part() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let mark = unique("prune=");
    ended(&alice, "one", &mark);
    ended(&alice, "two", &mark);
    ended(&bob, "one", &mark);
    // The admin's rights: what it writes lies where the admin can.
    let told = PathBuf::from(format!("/tmp/{}", unique("told")));
    std::fs::create_dir(&told).unwrap();
    mode(&told, 0o777);
    let hook = program(&format!("cat >\"$(mktemp {}/XXXXXX)\"", told.display()));
    let _turn = turn();
    let host = Host::new(&format!(
        "containers = \"0\"\nwarn = \"0\"\nhook = \"{}\"",
        hook.display()
    ));
    let filter = format!("label={mark}");
    let output = host.prune(&["--yes", "--filter", &filter]);
    assert!(output.status.success(), "{output:?}");
    let mut parts: Vec<Value> = std::fs::read_dir(&told)
        .unwrap()
        .map(|entry| {
            serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap()
        })
        .collect();
    parts.sort_by_key(|part| part["removed"].as_array().unwrap().len());
    assert_eq!(parts.len(), 2, "{parts:#?}");
    assert_eq!(parts[0]["owner"]["login"], bob.login.as_str());
    assert_eq!(parts[0]["owner"]["space"], format!("u{}", bob.uid));
    assert_eq!(parts[1]["owner"]["login"], alice.login.as_str());
    let names: Vec<&str> = parts[1]["removed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["one", "two"]);
    for key in ["warned", "stopped", "failed", "reported"] {
        assert_eq!(parts[1][key], Value::Array(vec![]), "{key}");
    }
    std::fs::remove_dir_all(&told).unwrap();
    std::fs::remove_file(&hook).unwrap();
}

#[test]
fn a_program_that_fails_or_is_not_roots_stops_nothing() {
    let (alice, mark) = (Person::fresh("alice"), unique("prune="));
    let filter = format!("label={mark}");
    let failing = program("cat >/dev/null; exit 3");
    let open = program("cat >/dev/null");
    mode(&open, 0o777);
    let missing = PathBuf::from("/usr/local/libexec/there-is-none");
    let _turn = turn();
    for (hook, why) in [
        (&failing, "exit status: 3"),
        (&open, "others than root can write"),
        (&missing, "No such file"),
    ] {
        ended(&alice, "old", &mark);
        let host = Host::new(&format!(
            "containers = \"0\"\nwarn = \"0\"\nhook = \"{}\"",
            hook.display()
        ));
        let output = host.prune(&["--yes", "--filter", &filter]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            words.contains(&format!("dock: the hook '{}': ", hook.display())),
            "{words}"
        );
        assert!(words.contains(why), "{words}");
        assert_eq!(everything(&mark).len(), 0);
    }
    std::fs::remove_file(&failing).unwrap();
    std::fs::remove_file(&open).unwrap();
}
