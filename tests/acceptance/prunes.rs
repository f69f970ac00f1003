//! Prunes take the caller's own and nothing else, and `system df` counts nothing else.

use std::collections::BTreeSet;

use crate::harness::{Answer, Connection, Gate, Person, root_docker};

/// Everything of a person's that root can see.
fn everything(person: &Person) -> BTreeSet<String> {
    let space = format!("label=dock.space=u{}", person.uid);
    let mut all = BTreeSet::new();
    for words in [
        &["ps", "-aq", "--no-trunc"][..],
        &["volume", "ls", "-q"],
        &["network", "ls", "-q", "--no-trunc"],
    ] {
        let words = words.iter().copied().chain(["--filter", &space]);
        let listed = root_docker(words).output().success();
        all.extend(listed.split_whitespace().map(str::to_owned));
    }
    all
}

/// Stopped, running, paused and made containers, volumes in use and not, named
/// and not, networks in use and not.
fn mixed(person: &Person) {
    for words in [
        &["run", "--name", "done", "-v", "/scratch", "busybox", "true"][..],
        &["create", "--name", "made", "busybox"],
        &[
            "run",
            "-d",
            "--name",
            "busy",
            "-v",
            "used:/used",
            "busybox",
            "sleep",
            "1000",
        ],
        &["run", "-d", "--name", "paused", "busybox", "sleep", "1000"],
        &["pause", "paused"],
        &["volume", "create", "idle"],
        &["volume", "create"],
        &["network", "create", "idle"],
        &["network", "create", "used"],
        &[
            "run",
            "-d",
            "--name",
            "inside",
            "--network",
            "used",
            "busybox",
            "sleep",
            "1000",
        ],
    ] {
        person.dock(words).output().success();
    }
}

#[test]
fn a_prune_of_everything_takes_nothing_of_anybody_elses() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    mixed(&alice);
    mixed(&bob);
    // Root's own, without dock.
    let root = format!("root-of-{}", alice.login);
    root_docker(["create", "--name", &root, "busybox"])
        .output()
        .success();
    let volume = root_docker(["volume", "create", &root]).output().success();
    let before = everything(&bob);
    let words = ["system", "prune", "-af", "--volumes"];
    let told = alice.dock(words).output().success();
    assert!(told.contains("Total reclaimed space:"), "{told}");
    assert!(
        !told.contains(&alice.real("")) && !told.contains(&bob.real("")),
        "{told}"
    );
    assert_eq!(everything(&bob), before);
    root_docker(["inspect", &root, &volume]).output().success();
    // What is in use stays, hers too.
    let names = ["ps", "-a", "--format", "{{.Names}}"];
    let left = alice.dock(names).output().success();
    let left: BTreeSet<&str> = left.lines().collect();
    assert_eq!(left, BTreeSet::from(["busy", "inside", "paused"]));
    let networks = [
        "network",
        "ls",
        "--filter",
        "type=custom",
        "--format",
        "{{.Name}}",
    ];
    assert_eq!(alice.dock(networks).output().success(), "used");
    let volumes = alice.dock(["volume", "ls", "-q"]).output().success();
    assert!(volumes.lines().any(|name| name == "used"), "{volumes}");
    root_docker(["rm", &root]).output().success();
    root_docker(["volume", "rm", &root]).output().success();
    alice.clear();
    bob.clear();
}

#[test]
fn a_volume_prune_means_by_the_clients_version_what_it_means_to_the_engine() {
    let alice = Person::fresh("alice");
    let gate = Gate::open(&alice);
    let newest = gate.request("GET", "/version", None).json()["ApiVersion"].to_string();
    let newer = newest.trim_matches('"') >= "1.42";
    let prune = |version: &str, filters: &str| {
        let target = format!("/{version}/volumes/prune?filters={filters}");
        let answer = gate.request("POST", &target, None);
        assert_eq!(answer.status, 200, "{answer:?}");
        let deleted = answer.json()["VolumesDeleted"].clone();
        deleted.as_array().map_or(0, Vec::len)
    };
    let make = || {
        alice.dock(["volume", "create", "named"]).output().success();
        alice.dock(["volume", "create"]).output().success();
    };
    make();
    assert_eq!(prune("v1.41", ""), 2);
    if newer {
        make();
        assert_eq!(prune("v1.42", ""), 1);
        assert_eq!(prune("v1.42", "%7B%22all%22%3A%5B%22true%22%5D%7D"), 1);
    }
    alice.clear();
}

/// A kind, and filters that fit nothing on any engine.
const NOTHING: &[(&str, &str)] = &[
    ("containers", r#"{"label":["nobody.has.it"]}"#),
    ("networks", r#"{"label":["nobody.has.it"]}"#),
    ("volumes", r#"{"label":["nobody.has.it"]}"#),
    ("volumes", r#"{"label":{"nobody.has.it":true}}"#),
    ("images", r#"{"label":["nobody.has.it"]}"#),
    ("build", r#"{"label":["nobody.has.it"]}"#),
    ("containers", r#"{"until":["nonsense"]}"#),
    ("volumes", r#"{"until":["1h"]}"#),
    ("images", r#"{"dangling":["maybe"]}"#),
    ("networks", r#"{"nosuch":["x"]}"#),
    ("images", r#"{"nosuch":["x"]}"#),
    ("containers", r#"{"dangling":["true"]}"#),
];

/// The same since API 1.42.
const NOTHING_NEWER: &[(&str, &str)] = &[
    ("volumes", r#"{"all":["maybe"]}"#),
    ("volumes", r#"{"all":["T"],"label":["nobody.has.it"]}"#),
];

#[test]
fn a_prune_of_nothing_is_answered_as_by_the_engine() {
    let alice = Person::fresh("alice");
    let gate = Gate::open(&alice);
    let newest = gate.request("GET", "/version", None).json()["ApiVersion"].clone();
    let newest = newest.as_str().unwrap();
    let newer = if newest >= "1.42" { NOTHING_NEWER } else { &[] };
    for (kind, filters) in NOTHING.iter().chain(newer) {
        let escaped: String = filters.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let target = format!("/v{newest}/{kind}/prune?filters={escaped}");
        let said = |answer: Answer| {
            // What 20.10 calls its own fault is the client's everywhere else.
            let status = if answer.status == 500 {
                400
            } else {
                answer.status
            };
            (status, answer.text())
        };
        let theirs = said(Connection::to_engine().request("POST", &target, None));
        let ours = said(gate.request("POST", &target, None));
        assert_eq!(ours, theirs, "{kind} {filters}");
    }
    for kinds in [
        "type=volume",
        "type=container",
        "type=volume&type=build-cache",
        "type=nosuch",
    ] {
        let target = format!("/v{newest}/system/df?{kinds}");
        let theirs = Connection::to_engine().request("GET", &target, None);
        let ours = gate.request("GET", &target, None);
        let keys = |answer: &Answer| -> Vec<String> {
            answer.json().as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(
            (ours.status, keys(&ours)),
            (theirs.status, keys(&theirs)),
            "{kinds}"
        );
    }
}

#[test]
fn disk_use_is_counted_for_many_at_once() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    dock_all(&[&alice, &bob], &["volume", "create", "data"]);
    // Engines up to 20.10 refuse a second count while one runs.
    let running: Vec<_> = (0..4)
        .flat_map(|_| [&alice, &bob])
        .map(|person| {
            person
                .dock(["system", "df", "--format", "{{.TotalCount}}"])
                .spawn()
        })
        .collect();
    for running in running {
        let told = running.output().success();
        assert_eq!(told.lines().nth(2), Some("1"), "{told}");
    }
    let running: Vec<_> = [&alice, &bob]
        .map(|person| {
            person
                .dock(["volume", "prune", "-f", "--filter", "label=author"])
                .spawn()
        })
        .into_iter()
        .collect();
    for running in running {
        running.output().success();
    }
    alice.clear();
    bob.clear();
}

fn dock_all(people: &[&Person], words: &[&str]) {
    for person in people {
        person.dock(words).output().success();
    }
}

#[test]
fn disk_use_is_that_of_ones_own() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let write = "head -c 300000 /dev/zero > /data/file";
    for person in [&alice, &bob] {
        let words = [
            "run",
            "--name",
            "fat",
            "-v",
            "data:/data",
            "busybox",
            "sh",
            "-c",
            write,
        ];
        person.dock(words).output().success();
    }
    let counts = [
        "system",
        "df",
        "--format",
        "{{.Type}} {{.TotalCount}} {{.Active}} {{.Size}}",
    ];
    let told = alice.dock(counts).output().success();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[1], "Containers 1 0 0B", "{told}");
    let volumes = lines[2];
    assert!(volumes.starts_with("Local Volumes 1 1 3"), "{told}");
    assert_eq!(lines[3], "Build Cache 0 0 0B", "{told}");
    let long = alice.dock(["system", "df", "-v"]).output().success();
    assert!(long.contains("fat") && long.contains("data"), "{long}");
    for foreign in [&alice.real(""), &bob.real(""), &bob.login, "dock."] {
        assert!(!long.contains(foreign), "{foreign}: {long}");
    }
    // Everybody's images are everybody's to see, with one's own use of them.
    let images = root_docker(["image", "ls", "-q", "--no-trunc"])
        .output()
        .success();
    let images: BTreeSet<&str> = images.lines().collect();
    let counted: usize = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
    assert!(counted >= 1 && counted <= images.len(), "{told}");
    alice.clear();
    bob.clear();
}
