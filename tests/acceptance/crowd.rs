//! Many gates of one person and of two at once, all after the same names.

use std::time::{Duration, Instant};

use crate::harness::{Output, Person, eventually, root_docker};

/// How long the crowd pushes; longer by `DOCK_CROWD_SECONDS`.
const SECONDS: u64 = 8;

const GATES: usize = 4;

/// How docker says that somebody else was faster: nothing else may go wrong.
const LOST: [&str; 7] = [
    "already exists",
    "is already in use by container",
    "No such container",
    "No such network",
    // The same in newer words.
    "network net0 not found",
    "network net1 not found",
    "Renaming a container with the same name",
];

#[track_caller]
fn is_done_or_lost(said: &Output) {
    let text = said.err();
    let is_lost = LOST.iter().any(|words| text.contains(words));
    assert!(said.code == 0 || (said.code == 1 && is_lost), "{text}");
}

fn push(person: &Person, gate: usize, until: Instant) {
    // Every gate goes through the names in another order.
    for turn in gate.. {
        if Instant::now() > until {
            return;
        }
        let name = |step: usize| format!("same{}", (turn * (gate + 1) + step) % 3);
        let network = format!("net{}", turn % 2);
        let said = match turn % 7 {
            0 => person.dock(["create", "--name", &name(0), "busybox", "true"]),
            1 => person.dock(["rename", &name(1), &name(2)]),
            2 => person.dock(["network", "create", &network]),
            3 => {
                // On the default network, which others make and remove meanwhile.
                let hi = person.dock(["run", "--rm", "busybox", "echo", "hi"]);
                assert_eq!(hi.output().success(), "hi");
                continue;
            }
            4 => person.dock(["network", "rm", &network]),
            5 => person.dock(["volume", "create", "data"]),
            _ => person.dock(["rm", "-f", &name(0)]),
        };
        is_done_or_lost(&said.output());
    }
}

/// Names of the person's objects as root sees them.
fn real_names(person: &Person, list: &[&str]) -> Vec<String> {
    let label = format!("label=dock.space=u{}", person.uid);
    let words = [list, &["--filter", &label]].concat();
    let listed = root_docker(words).output().success();
    listed.lines().map(str::to_owned).collect()
}

#[test]
fn many_gates_lose_nothing_cross_nothing_and_lock_nobody_out() {
    let seconds = std::env::var("DOCK_CROWD_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let until = Instant::now() + Duration::from_secs(seconds);
    let people = [Person::fresh("alice"), Person::fresh("bob")];
    std::thread::scope(|scope| {
        for person in &people {
            for gate in 0..GATES {
                scope.spawn(move || push(person, gate, until));
            }
        }
    });
    for person in &people {
        let lists: [&[&str]; 3] = [
            &["ps", "-a", "--format", "{{.Names}}"],
            &["network", "ls", "--format", "{{.Name}}"],
            &["volume", "ls", "--format", "{{.Name}}"],
        ];
        for list in lists {
            let mut real = real_names(person, list);
            real.sort();
            let count = real.len();
            real.dedup();
            assert_eq!(real.len(), count, "a name was made twice: {real:?}");
            assert!(
                real.iter().all(|name| name.starts_with(&person.real(""))),
                "{real:?}"
            );
        }
        // Whoever created has what the others see, and can remove it.
        let own = person.dock(["ps", "-aq"]).output().success();
        for id in own.split_whitespace() {
            person.dock(["rm", "-f", id]).output().success();
        }
        person.dock(["network", "prune", "-f"]).output().success();
        eventually("no network is left, the default one included", || {
            let left = real_names(person, &["network", "ls", "--format", "{{.Name}}"]);
            left.is_empty().then_some(())
        });
        person.clear();
    }
}
