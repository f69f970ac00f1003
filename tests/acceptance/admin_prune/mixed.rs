//! Fifty objects of two people and of root's, and a prune that is killed half way.

use std::collections::BTreeSet;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{Host, ended, everything, named, prune, rows, turn};
use crate::harness::{Person, eventually, root_docker, unique};

/// Twenty-one objects; the names of those that are of no use to anybody begin with `old`.
fn fill(person: &Person, mark: &str) {
    let dock = |words: &[&str]| {
        person.dock(words).output().success();
    };
    let labelled = |words: &[&str], rest: &[&str]| {
        dock(&[words, &["--label", mark], rest].concat());
    };
    for name in ["old-a", "old-b", "old-c", "old-d"] {
        labelled(&["create", "--name", name], &["busybox", "true"]);
    }
    ended(person, "old-e", mark);
    for name in ["kept-a", "kept-b", "kept-c"] {
        let volume = format!("held-{}:/data", &name[5..]);
        let words = [
            "create",
            "--name",
            name,
            "-v",
            &volume,
            "--label",
            "protected",
        ];
        labelled(&words, &["busybox", "true"]);
    }
    labelled(&["network", "create"], &["used"]);
    for name in ["runs-a", "runs-b", "paused"] {
        let words = ["run", "-d", "--name", name, "--network", "used"];
        labelled(&words, &["busybox", "sleep", "1000"]);
    }
    dock(&["pause", "paused"]);
    for name in ["old-x", "old-y", "old-z"] {
        labelled(&["volume", "create"], &[name]);
    }
    labelled(&["volume", "create", "--label", "protected=yes"], &["kept"]);
    // Volumes that a container made have its labels nowhere: two more that are held.
    for (volume, container) in [("held-x", "keeper-x"), ("held-y", "keeper-y")] {
        labelled(&["volume", "create"], &[volume]);
        let bind = format!("{volume}:/data");
        let words = [
            "create",
            "--name",
            container,
            "-v",
            &bind,
            "--label",
            "protected",
        ];
        labelled(&words, &["busybox", "true"]);
    }
    labelled(&["network", "create"], &["old-n"]);
}

/// Eight objects that root made past dock.
fn strays(mark: &str, stem: &str) {
    for name in ["a", "b", "c"] {
        let name = format!("{stem}-{name}");
        root_docker([
            "create", "--name", &name, "--label", mark, "busybox", "true",
        ])
        .output()
        .success();
        root_docker(["volume", "create", "--label", mark, &name])
            .output()
            .success();
    }
    let name = format!("{stem}-r");
    let words = [
        "run", "-d", "--name", &name, "--label", mark, "busybox", "sleep", "1000",
    ];
    root_docker(words).output().success();
    root_docker(["network", "create", "--label", mark, &name])
        .output()
        .success();
}

fn clear_strays(stem: &str) {
    for name in ["a", "b", "c", "r"] {
        let name = format!("{stem}-{name}");
        root_docker(["rm", "-f", &name]).output();
        root_docker(["volume", "rm", &name]).output();
        root_docker(["network", "rm", &name]).output();
    }
}

/// What of `before` begins with `old` and is `person`'s.
fn old(before: &BTreeSet<String>, person: &Person) -> BTreeSet<String> {
    let start = format!(" {}", person.real("old-"));
    before
        .iter()
        .filter(|line| line.contains(&start))
        .cloned()
        .collect()
}

#[test]
fn fifty_mixed_objects_lose_exactly_what_the_policy_names() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let (mark, stem) = (unique("prune="), unique("stray"));
    fill(&alice, &mark);
    fill(&bob, &mark);
    strays(&mark, &stem);
    let before = everything(&mark);
    assert_eq!(before.len(), 50, "{before:#?}");
    let filter = format!("label={mark}");
    let ages = ["containers", "volumes", "networks"].map(|key| format!("{key} = \"1s\"\n"));
    let policy = format!(
        "{}warn = \"0\"\nvolumes_without_archive = true\n",
        ages.concat()
    );
    let _turn = turn();

    // Volumes count from the first look on.
    let host = Host::new(&policy);
    let words = |more: &[&'static str]| {
        let mut words = vec!["--json", "--filter", &filter];
        words.extend(more);
        host.prune(&words)
    };
    rows(&words(&["--dry-run"]));
    std::thread::sleep(Duration::from_secs(2));

    // One owner's alone.
    let owner = format!("owner={}", alice.login);
    let hers = ["--json", "--filter", &filter, "--filter", &owner];
    let planned = rows(&host.prune(&[&hers[..], &["--dry-run"]].concat()));
    assert_eq!(everything(&mark), before, "a dry run changes nothing");
    let done = rows(&host.prune(&[&hers[..], &["--yes"]].concat()));
    assert_eq!(
        named(&planned, "action", "remove"),
        named(&done, "outcome", "done")
    );
    assert_eq!(
        named(&done, "action", "keep"),
        named(&planned, "action", "keep")
    );
    let after = everything(&mark);
    let gone: BTreeSet<String> = before.difference(&after).cloned().collect();
    assert_eq!(gone, old(&before, &alice));
    assert_eq!(gone.len(), 9);

    // Everybody's, and what nobody made is spoken of by nobody.
    let done = rows(&words(&["--yes"]));
    let gone: BTreeSet<String> = after.difference(&everything(&mark)).cloned().collect();
    assert_eq!(gone, old(&before, &bob));
    assert_eq!(named(&done, "action", "report"), BTreeSet::new());

    // Root's are reported, and go when that is configured; what runs never does.
    let strays: BTreeSet<String> = before
        .iter()
        .filter(|line| line.contains(&stem))
        .cloned()
        .collect();
    let after = everything(&mark);
    let reported = rows(&words(&["--yes", "--unowned", "report"]));
    assert_eq!(named(&reported, "action", "report").len(), strays.len());
    assert_eq!(everything(&mark), after);
    rows(&words(&["--yes", "--unowned", "remove"]));
    let gone: BTreeSet<String> = after.difference(&everything(&mark)).cloned().collect();
    let running = format!("container {stem}-r running");
    assert_eq!(strays.difference(&gone).collect::<Vec<_>>(), [&running]);
    assert_eq!(gone.len(), strays.len() - 1);

    // A second run finds nothing to do.
    let again = rows(&words(&["--yes", "--unowned", "remove"]));
    assert_eq!(named(&again, "outcome", "done"), BTreeSet::new());
    clear_strays(&stem);
    alice.clear();
    bob.clear();
}

#[test]
fn volumes_stay_without_an_archive_and_patterns_and_exempt_people_keep() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let mark = unique("prune=");
    for person in [&alice, &bob] {
        for name in ["one", "two"] {
            let words = ["volume", "create", "--label", &mark, name];
            person.dock(words).output().success();
        }
    }
    let before = everything(&mark);
    let filter = format!("label={mark}");
    let reasons = |more: &str| {
        let host = Host::new(&format!("volumes = \"1s\"\nwarn = \"0\"\n{more}"));
        let words = ["--json", "--filter", &filter];
        rows(&host.prune(&[&words[..], &["--dry-run"]].concat()));
        std::thread::sleep(Duration::from_secs(2));
        rows(&host.prune(&[&words[..], &["--yes"]].concat()))
    };
    let _turn = turn();
    let kept = reasons("");
    assert_eq!(everything(&mark), before);
    assert_eq!(named(&kept, "action", "keep").len(), 4);
    let why = kept[0]["reason"].as_str().unwrap();
    assert!(why.contains("see volumes_without_archive"), "{why}");
    let exempt = format!(
        "volumes_without_archive = true\nexempt_users = [\"{}\"]\nprotected = [\"volume:*/two\"]",
        alice.login
    );
    let done = reasons(&exempt);
    assert_eq!(
        named(&done, "outcome", "done"),
        BTreeSet::from([format!("volume {}/one", bob.login)])
    );
    assert_eq!(everything(&mark).len(), 3);
    let group = "volumes_without_archive = true\nexempt_groups = [\"dock\"]";
    assert_eq!(named(&reasons(group), "action", "keep").len(), 3);
    let done = reasons("volumes_without_archive = true\nexempt_groups = [\"no-such-group\"]");
    assert_eq!(named(&done, "outcome", "done").len(), 3);
    assert_eq!(everything(&mark).len(), 0);
}

#[test]
fn an_image_goes_with_all_its_names_and_one_in_use_stays() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let (mark, stem) = (unique("prune="), unique("picture"));
    let make = |name: &str| {
        let script = format!(
            "echo {name} >/tmp/{name} && tar -C /tmp -c {name} | \"$0\" import --change 'LABEL {mark}' --change 'CMD [\"true\"]' - {name}:1 && rm /tmp/{name}"
        );
        crate::harness::root(
            "bash",
            ["-c", &script, &crate::harness::bed("DOCK_BED_DOCKER")],
        )
        .env(
            "DOCKER_HOST",
            format!("unix://{}", crate::harness::bed("DOCK_BED_SOCKET")),
        )
        .output()
        .success();
    };
    let (free, used) = (format!("{stem}-free"), format!("{stem}-used"));
    make(&free);
    make(&used);
    root_docker(["tag", &format!("{free}:1"), &format!("{free}-too:2")])
        .output()
        .success();
    alice
        .dock(["create", "--name", "user", &format!("{used}:1")])
        .output()
        .success();
    let before = everything(&mark);
    let filter = format!("label={mark}");
    let words = ["--images", "0", "--now", "--json", "--filter", &filter];
    let _turn = turn();
    let read = |more| -> Vec<serde_json::Value> {
        let text = prune(&carol, &[&words[..], &[more]].concat()).success();
        serde_json::from_str(&text).unwrap()
    };
    let planned = read("--dry-run");
    assert_eq!(everything(&mark), before);
    let done = read("--yes");
    assert_eq!(
        named(&planned, "action", "remove"),
        named(&done, "outcome", "done")
    );
    let bytes = |rows: &[serde_json::Value]| {
        rows.iter()
            .map(|row| row["bytes"].as_i64())
            .collect::<Vec<_>>()
    };
    assert_eq!(bytes(&planned), bytes(&done));
    let gone: BTreeSet<String> = before.difference(&everything(&mark)).cloned().collect();
    assert_eq!(
        gone,
        BTreeSet::from([format!("image {free}"), format!("image {free}-too")])
    );
    alice.clear();
    root_docker(["rmi", &format!("{used}:1")])
        .output()
        .success();
}

#[test]
fn a_prune_that_is_killed_half_way_is_simply_run_again() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let mark = unique("prune=");
    let words = [
        "run", "-d", "--name", "runs", "--label", &mark, "busybox", "sleep", "1000",
    ];
    alice.dock(words).output().success();
    let filter = format!("label={mark}");
    let words = [
        "admin",
        "prune",
        "--containers",
        "0",
        "--now",
        "--yes",
        "--filter",
        &filter,
    ];
    let _turn = turn();
    // On a busy machine it may be over before it is killed: then it is tried again.
    let hit = (0..5).any(|_| {
        for number in 0..30 {
            let name = format!("old-{number}");
            let words = [
                "create", "--name", &name, "--label", &mark, "busybox", "true",
            ];
            alice.dock(words).output().success();
        }
        let running = carol.dock(words).spawn();
        let left = || {
            let left = root_docker(["ps", "-aq", "--filter", &filter]).output();
            left.success().lines().count()
        };
        eventually("something is gone", || (left() < 31).then_some(()));
        running.signal(Signal::SIGKILL);
        let was_killed = running.output().code == 128 + 9 && left() > 1;
        carol.dock(words).output().success();
        let runs = format!("container {} running", alice.real("runs"));
        assert_eq!(everything(&mark), BTreeSet::from([runs]));
        was_killed
    });
    assert!(hit, "it was never killed half way");
    alice.clear();
}
