//! Archives: spaces taken away whole and brought back, and everything that is
//! wrong with an archive found before it does harm.

mod damage;
mod given;
mod hostile;
mod kept;
mod places;
mod undone;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::harness::{Person, Record, root, root_docker};
use given::{Furnished, admin, archived, kept_in, names_of, objects_of};

/// Everything of an inspect that is not the old object's alone.
fn lasting(person: &Person, kind: &str, name: &str) -> Value {
    let text = person.dock([kind, "inspect", name]).output().success();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    let object = value[0].as_object_mut().unwrap();
    for key in [
        "Id",
        "Created",
        "CreatedAt",
        "State",
        "Containers",
        "LogPath",
        "Path",
        "SizeRw",
    ] {
        object.remove(key);
    }
    for labels in ["/Labels", "/Config/Labels"] {
        if let Some(labels) = value[0].pointer_mut(labels).and_then(Value::as_object_mut) {
            labels.remove("author");
        }
    }
    if let Some(config) = value[0].pointer_mut("/Config") {
        config["Hostname"] = Value::Null;
    }
    // Addresses are of the space; anonymous volumes have new names.
    if let Some(settings) = value[0].pointer_mut("/NetworkSettings") {
        let networks = settings["Networks"].as_object().unwrap();
        let networks: BTreeMap<&String, Value> = networks
            .iter()
            .map(|(name, endpoint)| {
                let aliases = endpoint["Aliases"].as_array().into_iter().flatten();
                // The beginning of the id, before engine 25.0.
                let aliases: Vec<&Value> = aliases
                    .filter(|alias| alias.as_str().unwrap().len() != 12)
                    .collect();
                (name, json!(aliases))
            })
            .collect();
        *settings = json!(networks);
    }
    if let Some(mounts) = value[0]["Mounts"].as_array_mut() {
        for mount in mounts.iter_mut() {
            if mount["Name"].as_str().is_some_and(|name| name.len() == 64) {
                mount["Name"] = "(anonymous)".into();
            }
            mount["Source"] = Value::Null;
        }
        mounts.sort_by_key(|mount| mount["Destination"].as_str().unwrap().to_owned());
    }
    if kind == "volume" || kind == "network" {
        value[0]["Mountpoint"] = Value::Null;
        value[0]["IPAM"] = Value::Null;
    }
    value[0].take()
}

#[test]
fn a_space_comes_back_as_another_persons() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    let furnished = Furnished::of(&alice);
    let file = archived(&carol, &[&alice.login]);
    admin(&carol, &["archives", "verify", &file]).success();
    alice.dock(["stop", "-t", "0", "web"]).output().success();
    admin(&carol, &["restore", "--as", &bob.login, &file]).success();

    for name in ["web", "db", "job"] {
        assert_eq!(
            lasting(&alice, "container", name),
            lasting(&bob, "container", name),
            "{name}"
        );
    }
    assert_eq!(
        lasting(&alice, "network", "back"),
        lasting(&bob, "network", "back")
    );
    assert_eq!(
        lasting(&alice, "volume", "data"),
        lasting(&bob, "volume", "data")
    );
    for (old, new) in [
        (
            furnished.folder(&alice, "data"),
            furnished.folder(&bob, "data"),
        ),
        (furnished.anonymous(&alice), furnished.anonymous(&bob)),
    ] {
        assert_eq!(kept_in(&old), kept_in(&new), "{old} {new}");
        assert!(kept_in(&old).lines().count() > 1);
    }
    for name in ["web", "db"] {
        let files = |person: &Person| {
            let exported = root_docker(["export", &person.real(name)]).output();
            assert_eq!(exported.code, 0, "{}", exported.err());
            given::listed(&exported.stdout)
        };
        assert_eq!(files(&alice), files(&bob), "{name}");
        let changed = |person: &Person| {
            let text = person.dock(["diff", name]).output().success();
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(changed(&alice), changed(&bob), "{name}");
    }
    // It starts, and does what it did.
    bob.dock(["start", "web"]).output().success();
    let shown = bob.dock([
        "exec",
        "web",
        "cat",
        "/data/words",
        "/cache/warm",
        "/etc/changed",
    ]);
    assert_eq!(shown.output().success(), "words\nwarm\nchanged");
    let gone = bob.dock(["exec", "web", "ls", "/etc/group"]).output();
    assert_eq!(gone.code, 1, "{gone:?}");
    alice.clear();
    bob.clear();
}

#[test]
fn a_space_comes_back_after_everything_was_lost() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let furnished = Furnished::of(&alice);
    let network = alice.dock(["network", "inspect", "back", "-f", "{{json .IPAM.Config}}"]);
    let addresses = network.output().success();
    let file = archived(&carol, &["--mode", "stop", &alice.login]);
    let files = kept_in(&furnished.folder(&alice, "data"));
    admin(&carol, &["purge", "--yes", &alice.login]).success();
    assert_eq!(objects_of(&alice), "");
    admin(&carol, &["restore", "--start", &file]).success();
    assert_eq!(kept_in(&furnished.folder(&alice, "data")), files);
    let network = alice.dock(["network", "inspect", "back", "-f", "{{json .IPAM.Config}}"]);
    assert_eq!(network.output().success(), addresses);
    let running = alice
        .dock(["ps", "--format", "{{.Names}}"])
        .output()
        .success();
    assert_eq!(running, "web");
    alice.clear();
}

#[test]
fn an_archive_is_read_with_zstd_and_tar_alone() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let furnished = Furnished::of(&alice);
    let file = archived(&carol, &[&alice.login]);
    let folder = carol.home.join("by-hand");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let words = format!(
        "set -o pipefail; zstd -dc '{file}' | tar -C '{folder}' -x --xattrs --xattrs-include='*' --numeric-owner"
    );
    root("/bin/bash", ["-c", &words]).output().success();
    let by_hand = format!("{folder}/volumes/data/data");
    assert_eq!(
        kept_in(&by_hand),
        kept_in(&furnished.folder(&alice, "data"))
    );
    let manifest = std::fs::read(format!("{folder}/dock-archive/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest["about"]["login"], alice.login.as_str());
    let shown = admin(&carol, &["archives", "show", "--json", &file]).success();
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), manifest);
    alice.clear();
}

#[test]
fn one_container_goes_with_what_it_has() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    Furnished::of(&alice);
    alice.dock(["stop", "-t", "0", "web"]).output().success();
    let file = archived(&carol, &["--container", "web", &alice.login]);
    assert!(file.contains(&format!("{}_web_", alice.login)), "{file}");
    admin(&carol, &["restore", "--as", &bob.login, &file]).success();
    assert_eq!(names_of(&bob, "container"), ["web"]);
    assert_eq!(names_of(&bob, "network"), ["back", "front"]);
    assert_eq!(names_of(&bob, "volume").len(), 2);
    // The same out of an archive of everything.
    bob.clear();
    let file = archived(&carol, &[&alice.login]);
    let words = ["restore", "--as", &bob.login, "--container", "job", &file];
    admin(&carol, &words).success();
    assert_eq!(names_of(&bob, "container"), ["job"]);
    assert_eq!(names_of(&bob, "volume"), Vec::<String>::new());
    let words = ["restore", "--as", &bob.login, "--container", "none", &file];
    admin(&carol, &words).fails(1, "no such container");
    admin(
        &carol,
        &[
            "archive",
            "--container",
            "none",
            "--to",
            "./x",
            &alice.login,
        ],
    )
    .fails(1, "no such container");
    alice.clear();
    bob.clear();
}

#[test]
fn what_is_in_the_way_is_told_before_anything_is_made() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    Furnished::of(&alice);
    let file = archived(&carol, &[&alice.login]);
    let refused = admin(&carol, &["restore", &file]);
    refused.fails(1, "things stand in the way; nothing was made");
    for thing in [
        "a container named \"web\" is there already",
        "a network named \"back\" is there already",
        "a volume named \"data\" is there already",
        &format!(
            "port {}/tcp of \"web\" is taken by \"{}/web\"",
            given::port_of(&alice),
            alice.login
        ),
    ] {
        assert!(refused.err().contains(thing), "{thing}\n{refused:?}");
    }
    let words = ["restore", "--as", &bob.login, "--dry-run", &file];
    admin(&carol, &words).fails(1, "one thing stands in the way");
    alice.dock(["stop", "-t", "0", "web"]).output().success();
    let record = Record::mark();
    let plan = admin(&carol, &words).success();
    for line in ["network back", "container web of busybox", "volume data, "] {
        assert!(plan.contains(line), "{line}\n{plan}");
    }
    record.only_reads(&carol);
    assert_eq!(objects_of(&bob), "");
    admin(&carol, &["restore", "--as", &bob.login, &file]).success();
    alice.clear();
    bob.clear();
}

#[test]
fn who_reads_what_stands_still_and_goes_on_again() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    for name in ["one", "two"] {
        let words = ["run", "-d", "--name", name, "busybox", "sleep", "1000"];
        alice.dock(words).output().success();
    }
    let words = [
        "run", "-d", "--rm", "--name", "fleeting", "busybox", "sleep", "1000",
    ];
    alice.dock(words).output().success();
    alice.dock(["pause", "two"]).output().success();
    let states = || {
        let words = ["ps", "-a", "--format", "{{.Names}} {{.State}}"];
        let text = alice.dock(words).output().success();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let before = states();
    assert_eq!(before, ["fleeting running", "one running", "two paused"]);
    for (mode, verb) in [("pause", "/pause"), ("stop", "/stop"), ("live", "/nothing")] {
        let record = Record::mark();
        archived(&carol, &["--mode", mode, &alice.login]);
        assert_eq!(states(), before, "{mode}");
        let asked = record.requests_of(&carol);
        let changes: Vec<&String> = asked
            .iter()
            .filter(|line| !line.starts_with("GET"))
            .collect();
        assert_eq!(mode == "live", changes.is_empty(), "{changes:?}");
        assert!(mode == "live" || changes.iter().any(|line| line.contains(verb)));
    }
    alice.clear();
}

#[test]
fn who_is_no_admin_makes_and_reads_no_archive() {
    let alice = Person::fresh("alice");
    for words in [
        &["archive", "--to", "./x", &alice.login][..],
        &["archives", "ls", "--from", "./x"],
        &["restore", "./x"],
    ] {
        admin(&alice, words).fails(125, "is not in group \"dock-admin\"");
    }
}

#[test]
fn a_place_that_is_none_is_told() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    alice.dock(["volume", "create", "data"]).output().success();
    admin(&carol, &["archive", &alice.login]).fails(2, "nobody said where archives go");
    admin(&carol, &["archive", "--to", "nas", &alice.login])
        .fails(2, "\"nas\" is no place for archives");
    admin(&carol, &["archive", "--to", "/proc/x", &alice.login]).fails(125, "cannot write to");
    admin(&carol, &["archives", "ls", "--from", "/nowhere"]).fails(125, "cannot list");
    admin(&carol, &["restore", "./none"]).fails(1, "no such archive");
    admin(&carol, &["archives", "verify", "./none"]).fails(1, "no such archive");
    admin(&carol, &["archive", "--to", "./x", "nobody-here"]).fails(1, "no such space");
    admin(
        &carol,
        &["archive", "--to", "./x", "--encrypt", "age1x", &alice.login],
    )
    .fails(2, "\"age1x\" is no recipient");
    alice.clear();
}
