//! A configuration that cannot be trusted serves nobody, and says why.
//!
//! Each test lays a folder of its own over /etc/dock in a mount namespace of its
//! own: others go on with the bed's.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use crate::harness::{Gate, Person, unique, with_configuration};

/// A copy of the bed's configuration.
pub(super) fn copied() -> PathBuf {
    let folder = PathBuf::from(format!("/run/bed/{}", unique("dock.d")));
    for path in ["", "conf.d"] {
        fs::create_dir(folder.join(path)).unwrap();
        fs::set_permissions(folder.join(path), Permissions::from_mode(0o755)).unwrap();
    }
    for file in ["dock.toml", "conf.d/00-bed.toml"] {
        fs::copy(Path::new("/etc/dock").join(file), folder.join(file)).unwrap();
    }
    folder
}

/// What the gate answers and what `dock ps` says with that folder.
fn said(person: &Person, folder: &Path) -> (u16, String, std::process::Output) {
    let answer = Gate::open_with_configuration(person, folder).request("GET", "/v1.41/info", None);
    let mut dock = with_configuration(person, folder);
    let output = dock.args(["/usr/local/bin/dock", "ps"]).output().unwrap();
    (answer.status, answer.text(), output)
}

#[track_caller]
fn is_refused(change: impl Fn(&Person, &Path), reason: &str) {
    let alice = Person::fresh("alice");
    let folder = copied();
    let (status, text, output) = said(&alice, &folder);
    assert_eq!(status, 200, "the twin is served: {text}");
    assert!(output.status.success(), "the twin is served: {output:?}");

    change(&alice, &folder);
    let (status, text, output) = said(&alice, &folder);
    assert_eq!(status, 503, "{text}");
    assert!(
        text.contains(reason) && text.contains("administrator"),
        "{text}"
    );
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{error}");
    assert!(
        error.starts_with("dock: ") && error.contains(reason),
        "{error}"
    );
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

pub(super) fn append(path: &Path, text: &str) {
    let before = fs::read_to_string(path).unwrap();
    fs::write(path, before + text).unwrap();
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    is_refused(
        |_, folder| mode(&folder.join("dock.toml"), 0o646),
        "others than root write it",
    );
}

#[test]
fn a_file_that_a_group_can_write_is_refused() {
    is_refused(
        |_, folder| mode(&folder.join("conf.d/00-bed.toml"), 0o664),
        "others than root write it",
    );
}

#[test]
fn a_file_that_is_not_roots_is_refused() {
    is_refused(
        |person, folder| chown(folder.join("dock.toml"), Some(person.uid), None).unwrap(),
        "root",
    );
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    is_refused(|_, folder| mode(folder, 0o757), "others than root write it");
}

#[test]
fn an_inner_folder_that_is_not_roots_is_refused() {
    is_refused(
        |person, folder| chown(folder.join("conf.d"), Some(person.uid), None).unwrap(),
        "root",
    );
}

#[test]
fn a_link_to_a_file_of_ones_own_is_refused() {
    is_refused(
        |person, folder| {
            let own = person.home.join("own.toml");
            fs::write(&own, "").unwrap();
            chown(&own, Some(person.uid), Some(person.gid)).unwrap();
            symlink(own, folder.join("conf.d/99-own.toml")).unwrap();
        },
        "99-own.toml",
    );
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    is_refused(
        |_, folder| {
            append(
                &folder.join("conf.d/00-bed.toml"),
                "\n[defaults]\nalow = true\n",
            )
        },
        "alow",
    );
}

#[test]
fn what_is_no_toml_is_refused() {
    is_refused(
        |_, folder| append(&folder.join("dock.toml"), "\n[[[\n"),
        "dock.toml",
    );
}

#[test]
fn a_configuration_that_turns_bad_stops_a_gate_that_runs() {
    let alice = Person::fresh("alice");
    let folder = copied();
    let gate = Gate::open_with_configuration(&alice, &folder);
    // The first connection may use what was looked up ahead.
    assert_eq!(gate.request("GET", "/_ping", None).status, 200);
    assert_eq!(gate.request("GET", "/_ping", None).status, 200);
    mode(&folder.join("dock.toml"), 0o666);
    let answer = gate.request("GET", "/_ping", None);
    assert_eq!(answer.status, 503, "{answer:?}");
    mode(&folder.join("dock.toml"), 0o644);
    assert_eq!(gate.request("GET", "/_ping", None).status, 200);
}
