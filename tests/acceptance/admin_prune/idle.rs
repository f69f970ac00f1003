//! Containers that do nothing, and what is remembered of uses.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::{Host, everything, named, rows, turn};
use crate::harness::{Gate, Person, eventually, unique};

const DAY: i64 = 86_400;

/// A look of somebody who has seen nothing.
const LOOK: &str = r#"{"busy":[]}"#;

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn running(person: &Person, name: &str, mark: &str, command: &[&str]) -> String {
    let words = [
        "run",
        "-d",
        "--stop-timeout",
        "1",
        "--name",
        name,
        "--label",
        mark,
        "busybox",
    ];
    let words = [&words[..], command].concat();
    person.dock(words).output().success().trim().to_owned()
}

#[test]
fn a_container_that_did_nothing_for_long_is_stopped_and_one_that_works_is_not() {
    let (alice, mark) = (Person::fresh("alice"), unique("prune="));
    let lazy = running(&alice, "lazy", &mark, &["sleep", "1000"]);
    let busy = running(&alice, "busy", &mark, &["sh", "-c", "while :; do :; done"]);
    let forgotten = running(&alice, "forgotten", &mark, &["sleep", "1000"]);
    let filter = format!("label={mark}");
    let words = ["--yes", "--json", "--filter", &filter];
    let _turn = turn();
    let host = Host::new("idle = \"14d\"\nwarn = \"0\"");
    assert_eq!(named(&rows(&host.prune(&words)), "action", "stop").len(), 0);
    // Fifteen days of looks, the last of them an hour ago.
    host.remember(|memory| {
        for (id, seen) in [(&lazy, 3_700), (&busy, 3_700), (&forgotten, 3 * DAY)] {
            let run = &mut memory["objects"][format!("container:{id}")]["run"];
            run["idle_since"] = (now() - 15 * DAY).into();
            run["seen"] = (now() - seen).into();
            run["counted"] = (now() - seen).into();
        }
        // What it took since then is more than nothing.
        let run = &mut memory["objects"][format!("container:{busy}")]["run"];
        run["cpu"] = 1.into();
        run["counted"] = (now() - 1).into();
    });
    let one = BTreeSet::from([format!("container {}/lazy", alice.login)]);
    // What works takes its time to be seen.
    eventually("one is idle", || {
        let planned = rows(&host.prune(&[&words[1..], &["--dry-run"]].concat()));
        (named(&planned, "action", "stop") == one).then_some(())
    });
    let done = rows(&host.prune(&words));
    assert_eq!(named(&done, "outcome", "done"), one);
    let states = everything(&mark);
    assert!(
        states.contains(&format!("container {} exited", alice.real("lazy"))),
        "{states:?}"
    );
    assert!(states.contains(&format!("container {} running", alice.real("forgotten"))));
    alice.clear();
}

#[test]
fn a_memory_that_makes_no_sense_is_set_aside_and_nothing_is_old() {
    let (alice, mark) = (Person::fresh("alice"), unique("prune="));
    running(&alice, "lazy", &mark, &["sleep", "1000"]);
    alice
        .dock(["volume", "create", "--label", &mark, "data"])
        .output()
        .success();
    let filter = format!("label={mark}");
    let words = ["--yes", "--json", "--filter", &filter];
    let _turn = turn();
    let host =
        Host::new("idle = \"1d\"\nvolumes = \"1d\"\nvolumes_without_archive = true\nwarn = \"0\"");
    rows(&host.prune(&words));
    let file = host.lib.join("activity");
    for damage in [
        "{\"looked\":true,",
        "{}",
        "{\"looked\":true,\"objects\":{},\"x\":1}",
    ] {
        std::fs::write(&file, damage).unwrap();
        let output = host.prune(&words);
        assert_eq!(named(&rows(&output), "outcome", "done").len(), 0);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.contains("is set aside"), "{words}");
        let aside = std::fs::read_to_string(host.lib.join("activity.damaged")).unwrap();
        assert_eq!(aside, damage);
    }
    // A link that leads elsewhere is not followed, and not written through.
    let other = host.lib.join("other");
    std::fs::write(&other, "x").unwrap();
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink(&other, &file).unwrap();
    rows(&host.prune(&words));
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "x");
    assert!(file.symlink_metadata().unwrap().is_file());
    alice.clear();
}

#[test]
fn what_a_container_that_is_gone_has_used_was_used() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    for (kind, words) in [
        ("volume", ["volume", "create", "data"]),
        ("network", ["network", "create", "data"]),
    ] {
        assert!(words.starts_with(&[kind]));
        alice.dock(words).output().success();
    }
    let gate = Gate::admin(&carol);
    let used = |kind: &str, id: &str| -> Option<i64> {
        let told = gate.request("POST", "/dock/activity", Some(LOOK)).json();
        let found = told["objects"]
            .as_array()
            .unwrap_or_else(|| panic!("{told}"))
            .iter()
            .find(|seen| seen["kind"] == kind && seen["id"] == id);
        found.expect("is seen")["used"].as_i64()
    };
    let volume = alice.real("data");
    let network = alice
        .dock(["network", "inspect", "-f", "{{.Id}}", "data"])
        .output()
        .success();
    assert_eq!(
        (used("volume", &volume), used("network", &network)),
        (None, None)
    );
    let before = now();
    let words = [
        "run",
        "--rm",
        "-v",
        "data:/data",
        "--network",
        "data",
        "busybox",
        "true",
    ];
    alice.dock(words).output().success();
    for (kind, id) in [("volume", &volume), ("network", &network)] {
        assert!(used(kind, id) >= Some(before), "{kind}");
    }
    alice.clear();
    let told: Value = gate.request("POST", "/dock/activity", Some(LOOK)).json();
    let seen = told["objects"].as_array().unwrap();
    assert!(seen.iter().all(|seen| seen["id"] != volume.as_str()));
    // Nothing is remembered of what is gone.
    assert!(!std::path::Path::new(&format!("/var/lib/dock/use/volume/{volume}")).exists());
}
