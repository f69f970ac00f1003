//! Purging a space: all of one person's and nothing of anybody else's.

use std::time::Duration;

use crate::harness::{Gate, Person, eventually, root_docker};
use nix::sys::signal::Signal;

/// Fills a space with one of everything.
fn fill(person: &Person) {
    for words in [
        &[
            "run",
            "-d",
            "--name",
            "web",
            "-v",
            "data:/d",
            "-v",
            "/anonymous",
            "busybox",
            "sleep",
            "1000",
        ][..],
        &["create", "--name", "stopped", "busybox"],
        &["volume", "create", "lonely"],
        &["network", "create", "back"],
        &[
            "run",
            "-d",
            "--name",
            "in-back",
            "--network",
            "back",
            "--restart",
            "always",
            "busybox",
            "sleep",
            "1000",
        ],
    ] {
        person.dock(words).output().success();
    }
}

/// How many objects the engine holds of the person's.
fn held(person: &Person) -> usize {
    let space = format!("label=dock.space=u{}", person.uid);
    ["ps -aq", "network ls -q", "volume ls -q"]
        .iter()
        .map(|list| {
            let words = list.split(' ').chain(["--filter", &space]);
            root_docker(words).output().success().lines().count()
        })
        .sum()
}

#[test]
fn a_purge_takes_all_of_one_space_and_nothing_of_another() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    fill(&alice);
    fill(&bob);
    let bobs = held(&bob);
    let purge = |more: &[&str]| {
        let words = [&["admin", "purge", alice.login.as_str()], more].concat();
        carol.dock(words).output()
    };
    let dry = purge(&["--dry-run"]);
    assert_eq!(dry.code, 0);
    for line in [
        "  - 3 containers, 2 of them running\n",
        "  - 2 networks\n",
        "  - 3 volumes\n",
    ] {
        assert!(dry.err().contains(line), "{line}: {dry:?}");
    }
    assert_eq!(held(&alice), bobs);
    let unasked = purge(&[]);
    assert_eq!(unasked.code, 2);
    assert!(
        unasked.err().contains("no terminal to ask at"),
        "{unasked:?}"
    );
    assert_eq!(held(&alice), bobs);

    let done = purge(&["--yes"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(
        done.out().starts_with("Total reclaimed space: "),
        "{done:?}"
    );
    assert_eq!((held(&alice), held(&bob)), (0, bobs));
    // Again, and nothing is left to do; her space is hers to use.
    assert_eq!(purge(&["--yes"]).code, 0);
    alice
        .dock(["run", "--rm", "busybox", "true"])
        .output()
        .success();
    bob.clear();
    alice.clear();
}

#[test]
fn the_name_is_asked_for_at_a_terminal() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    alice.dock(["volume", "create", "data"]).output().success();
    let words = ["admin", "purge", alice.login.as_str()];
    for (typed, code, left) in [("yes", 1, 1), (alice.login.as_str(), 0, 0)] {
        let terminal = carol.dock(words).on_terminal();
        terminal.expect("to go on: ");
        terminal.send(&format!("{typed}\r"));
        assert_eq!(terminal.wait().0, code, "{typed}");
        assert_eq!(held(&alice), left, "{typed}");
    }
}

#[test]
fn running_commands_of_the_person_are_cut() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    let (hers, his) = (Gate::open(&alice), Gate::open(&bob));
    for gate in [&hers, &his] {
        assert_eq!(gate.request("GET", "/_ping", None).status, 200);
    }
    let running = alice
        .dock(["run", "--rm", "busybox", "sleep", "1000"])
        .spawn();
    eventually("she has a container", || (held(&alice) > 0).then_some(()));
    let purged = carol
        .dock(["admin", "purge", "--yes", &alice.login])
        .output();
    assert_eq!(purged.code, 0, "{purged:?}");
    assert!(purged.err().contains("2 running commands of"), "{purged:?}");
    let ended = running.output();
    assert_ne!(ended.code, 0, "{ended:?}");
    eventually("her gate is gone", || (!hers.is_running()).then_some(()));
    assert_eq!(his.request("GET", "/_ping", None).status, 200);
    assert_eq!(held(&alice), 0);
}

#[test]
fn a_space_that_is_held_is_closed_to_its_owner_alone() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    let mut admin = Gate::admin(&carol);
    let path = format!("/dock/spaces/u{}/hold", alice.uid);
    assert_eq!(admin.request("POST", &path, Some("null")).status, 200);
    let refused = alice.dock(["ps"]).output();
    assert_ne!(refused.code, 0);
    assert!(
        refused
            .err()
            .contains("an administrator is working on your space"),
        "{refused:?}"
    );
    bob.dock(["ps"]).output().success();
    // A second admin waits for the first.
    let other = Gate::admin(&carol);
    assert_eq!(other.request("POST", &path, Some("null")).status, 409);
    admin.close();
    eventually("her space is open again", || {
        (alice.dock(["ps"]).output().code == 0).then_some(())
    });
}

#[test]
fn a_purge_that_was_killed_is_run_again() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    for pause in [0, 60, 120, 240, 400] {
        fill(&alice);
        let purge = || carol.dock(["admin", "purge", "--yes", &alice.login]);
        let running = purge().spawn();
        std::thread::sleep(Duration::from_millis(pause));
        running.signal(Signal::SIGKILL);
        running.output();
        eventually("the gate of the killed command is gone", || {
            (purge().output().code == 0).then_some(())
        });
        assert_eq!(held(&alice), 0);
    }
}

#[test]
fn a_space_is_archived_first_or_stays() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    fill(&alice);
    let holds = held(&alice);
    let purge = |place: &str| {
        let words = ["admin", "purge", "--yes", "--archive-first", place];
        carol.dock([&words[..], &[&alice.login]].concat()).output()
    };
    let refused = purge("/proc/nowhere");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.err().contains("; nothing was removed"),
        "{refused:?}"
    );
    assert_eq!(held(&alice), holds);

    let place = carol.home.join("archives").display().to_string();
    carol.command("mkdir", [&place]).output().success();
    let done = purge(&place);
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(held(&alice), 0);
    let listed = carol.dock(["admin", "archives", "ls", "-q", "--from", &place]);
    let name = listed.output().success();
    // Brought back in one command.
    let words = ["admin", "restore", "--from", &place, &name];
    carol.dock(words).output().success();
    let volumes = alice.dock(["volume", "ls", "-q"]).output().success();
    assert!(volumes.lines().any(|name| name == "data"), "{volumes}");
    assert_eq!(held(&alice), holds);
    alice.clear();
}

#[test]
fn an_index_stays_with_its_space() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let index = || {
        let listed = carol
            .dock(["admin", "ls", "--no-size", "--json"])
            .output()
            .success();
        let spaces: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
        let name = format!("u{}", alice.uid);
        let row = spaces
            .iter()
            .find(|row| row["space"] == name.as_str())
            .unwrap();
        row["index"].as_u64().unwrap()
    };
    alice
        .dock(["run", "--rm", "busybox", "true"])
        .output()
        .success();
    let before = index();
    carol
        .dock(["admin", "purge", "--yes", &alice.login])
        .output()
        .success();
    assert_eq!(index(), before);
}

/// Who may freeze a cgroup with a gate in it may do so while the gate asks.
#[test]
fn asking_whether_a_space_is_held_keeps_nobody_from_holding_it() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let path = format!("/dock/spaces/u{}/hold", alice.uid);
    let hold = |gate: &Gate| gate.request("POST", &path, Some("null")).status;
    let mut first = Gate::admin(&carol);
    assert_eq!(hold(&first), 200);
    first.close();
    let file = std::fs::File::open(format!("/run/dock/u{}.hold", alice.uid)).unwrap();
    let _asks = nix::fcntl::Flock::lock(file, nix::fcntl::FlockArg::LockShared).unwrap();
    let second = Gate::admin(&carol);
    assert_eq!(hold(&second), 200);
    // The twin holds it.
    assert_eq!(hold(&Gate::admin(&carol)), 409);
}

#[test]
fn a_gate_that_was_replaced_while_it_ran_is_cut() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    alice.dock(["volume", "create", "data"]).output().success();
    let old = Gate::open(&alice);
    assert_eq!(old.request("GET", "/_ping", None).status, 200);
    let gate = crate::harness::GATE;
    let new = format!("{gate}.replaced");
    std::fs::copy(gate, &new).unwrap();
    std::fs::rename(&new, gate).unwrap();
    let purged = carol
        .dock(["admin", "purge", "--yes", &alice.login])
        .output();
    assert_eq!(purged.code, 0, "{purged:?}");
    assert!(purged.err().contains("1 running commands of"), "{purged:?}");
    eventually("her gate is gone", || (!old.is_running()).then_some(()));
}
