//! Volumes of one's own: nobody else's can be seen, mounted or taken away.

use std::collections::BTreeSet;

use crate::harness::{Gate, Person, Record, root_docker};

/// Somebody with a named and an anonymous volume, whose names come back.
fn owner(stem: &str) -> (Person, String) {
    let person = Person::fresh(stem);
    let words = [
        "run",
        "--name",
        "web",
        "-v",
        "data:/data",
        "-v",
        "/scratch",
        "busybox",
        "sh",
        "-c",
        "echo hers > /data/file; echo hers > /scratch/file",
    ];
    person.dock(words).output().success();
    let listed = person.dock(["volume", "ls", "-q"]).output().success();
    let anonymous = listed.lines().find(|name| name.len() == 64).unwrap();
    (person.clone(), anonymous.to_owned())
}

#[test]
fn anothers_volume_does_not_exist() {
    let (alice, hers) = owner("alice");
    let mallory = Person::fresh("mallory");
    let random = "4f0a9c31d27be85f".repeat(4);
    // The answers about hers and about nobody's differ in nothing but the name.
    let gate = Gate::open(&mallory);
    let asked = |name: &str| {
        let answer = gate.request("GET", &format!("/v1.41/volumes/{name}"), None);
        (answer.status, answer.message().replace(name, "NAME"))
    };
    assert_eq!(asked(&hers), asked(&random));
    for reference in ["data", &hers, &alice.real("data")] {
        let missing = format!("get {reference}: no such volume");
        let cli = format!("No such volume: {reference}");
        for verb in ["inspect", "rm"] {
            let output = mallory.dock(["volume", verb, reference]).output();
            assert_eq!(output.code, 1, "{output:?}");
            assert!(
                output.err().contains(&missing) || output.err().contains(&cli),
                "{output:?}"
            );
        }
        // Removed by force: nothing to do, as of a name that nobody has.
        mallory
            .dock(["volume", "rm", "-f", reference])
            .output()
            .success();
        // As a mount it is a new one of her own.
        let mount = format!("{reference}:/x");
        let words = ["run", "--rm", "-v", &mount, "busybox", "ls", "/x"];
        assert_eq!(mallory.dock(words).output().success(), "", "{reference}");
    }
    // Hers is as it was.
    for volume in [&hers, &alice.real("data")] {
        root_docker(["volume", "inspect", volume])
            .output()
            .success();
    }
    let words = [
        "run",
        "--rm",
        "--volumes-from",
        "web",
        "busybox",
        "cat",
        "/data/file",
        "/scratch/file",
    ];
    assert_eq!(alice.dock(words).output().success(), "hers\nhers");
    let seen = mallory.dock(["volume", "ls", "-q"]).output().success();
    let seen: BTreeSet<&str> = seen.lines().collect();
    // Those that her own mounts made, one for each name.
    assert_eq!(seen, BTreeSet::from(["data", &hers, &alice.real("data")]));
    for filter in ["label=dock.space", &format!("label=author={}", alice.login)] {
        let words = ["volume", "ls", "-q", "--filter", filter];
        assert_eq!(mallory.dock(words).output().success(), "", "{filter}");
    }
    alice.clear();
    mallory.clear();
}

#[test]
fn a_volume_is_shared_among_ones_own_containers_by_either_name() {
    let (alice, anonymous) = owner("alice");
    for source in ["data", &anonymous] {
        let mount = format!("source={source},target=/x");
        let words = [
            "run", "--rm", "--mount", &mount, "busybox", "cat", "/x/file",
        ];
        assert_eq!(alice.dock(words).output().success(), "hers", "{source}");
        let used = alice.dock(["volume", "rm", source]).output();
        used.fails(1, "volume is in use");
    }
    alice.dock(["rm", "-v", "web"]).output().success();
    let left = alice.dock(["volume", "ls", "-q"]).output().success();
    assert_eq!(left, "data");
    alice.clear();
}

#[test]
fn a_volume_of_roots_under_the_spaces_name_is_not_mounted() {
    let mallory = Person::fresh("mallory");
    let real = mallory.real("trap");
    root_docker(["volume", "create", &real]).output().success();
    let record = Record::mark();
    let words = ["run", "--rm", "-v", "trap:/x", "busybox", "true"];
    mallory
        .dock(words)
        .output()
        .fails(125, "[rule volume.name]");
    mallory
        .dock(["volume", "create", "trap"])
        .output()
        .fails(1, "[rule volume.name]");
    let reached = record.requests_of(&mallory);
    assert!(
        reached.iter().all(|line| !line.contains("/create")),
        "{reached:?}"
    );
    root_docker(["volume", "rm", &real]).output().success();
    mallory.dock(words).output().success();
    mallory.clear();
}

#[test]
fn two_make_one_volume_at_once_and_both_have_it() {
    let alice = Person::fresh("alice");
    let words = ["volume", "create", "--label", "a=b", "same"];
    let making: Vec<_> = (0..6).map(|_| alice.dock(words).spawn()).collect();
    for making in making {
        assert_eq!(making.output().success(), "same");
    }
    let format = r#"{{index .Labels "dock.space"}} {{.Labels.a}}"#;
    let words = ["volume", "inspect", "-f", format, &alice.real("same")];
    let held = root_docker(words).output().success();
    assert_eq!(held, format!("u{} b", alice.uid));
    alice.clear();
}
