//! `dock admin explain`: what would become of a command, and nothing becomes of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::configuration::{append, copied};
use crate::harness::{GATE, Gate, Output, Person, Record, root, with_configuration};

fn explain(admin: &Person, person: &Person, words: &[&str]) -> Output {
    let begin = ["admin", "explain", person.login.as_str(), "--"];
    admin.dock([&begin[..], words].concat()).output()
}

/// The same with `folder` in the place of /etc/dock, as JSON.
fn explained(admin: &Person, folder: &Path, person: &Person, words: &[&str]) -> Value {
    let begin = [
        "/usr/local/bin/dock",
        "admin",
        "explain",
        "--json",
        &person.login,
        "--",
    ];
    let output = with_configuration(admin, folder)
        .args(begin)
        .args(words)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// The key `name` of the last step.
fn key<'a>(report: &'a Value, name: &str) -> &'a Value {
    let steps = report["steps"].as_array().unwrap();
    let keys = steps.last().unwrap()["keys"].as_array().unwrap();
    let found = keys.iter().find(|key| key["key"] == name);
    found.unwrap_or_else(|| panic!("no {name}: {report}"))
}

/// What dock keeps on the host of all spaces, with what is in it.
fn kept() -> BTreeMap<PathBuf, (u64, std::time::SystemTime)> {
    let listed = root("find", ["/var/lib/dock", "-type", "f"])
        .output()
        .success();
    let files = listed.lines().map(|path| {
        let found = fs::metadata(path).unwrap();
        (
            PathBuf::from(path),
            (found.len(), found.modified().unwrap()),
        )
    });
    files.collect()
}

#[test]
fn what_would_be_refused_is_told_with_its_rule_and_what_would_be_allowed_with_its_values() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    let refused = explain(&carol, &alice, &["run", "-d", "--privileged", "busybox"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let text = refused.out();
    assert!(
        text.starts_with("would be refused: --privileged is not allowed: "),
        "{text}"
    );
    assert!(
        text.contains("[rule create.privileged]\n  instead: "),
        "{text}"
    );
    assert!(
        text.contains("no key of dock.toml changes this rule"),
        "{text}"
    );
    // The twin: one word less.
    let allowed = explain(&carol, &alice, &["run", "-d", "--name", "web", "busybox"]).success();
    assert!(
        allowed.starts_with("would be allowed: container.create \"web\"\n"),
        "{allowed}"
    );
    for text in [
        &format!("u{}-web", alice.uid),
        "cap drop",
        "containers.memory",
        "built in",
    ] {
        assert!(allowed.contains(text), "{text}: {allowed}");
    }
    for (words, code, text) in [
        (&["ps"][..], 0, "only reads, and reads are always allowed"),
        (
            &["network", "create", "lab"],
            0,
            "would be allowed: network.create \"lab\"",
        ),
        (
            &["volume", "create", "data"],
            0,
            "would be allowed: volume.create \"data\"",
        ),
        (
            &["volume", "create", "-d", "nfs", "xy"],
            1,
            "[rule volume.driver]",
        ),
        (
            &["pull", "python:3.12"],
            0,
            "would be allowed: image.pull \"python:3.12\"",
        ),
        (&["pull", "localhost:1/x"], 1, "[rule image.registry]"),
        (&["rmi", "busybox"], 1, "[rule image.public]"),
        (&["swarm", "init"], 1, "[rule route.swarm]"),
        (&["exec", "web", "sh"], 1, "No such container: web"),
        (&["logs", "web"], 1, "No such container: web"),
        (&["cp", "x:/y", "-"], 1, "not served yet"),
        (
            &["system", "prune", "-f"],
            0,
            "would be allowed: container.prune",
        ),
        (&["context", "ls"], 0, "docker asks nothing of the engine"),
    ] {
        let output = explain(&carol, &alice, words);
        assert!(
            output.code == code && output.out().contains(text),
            "{text}: {output:?}"
        );
    }
}

#[test]
fn words_that_docker_does_not_take_and_other_engines_are_no_question() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    explain(&carol, &alice, &["run", "--frobnicate", "busybox"]).fails(125, "--frobnicate");
    explain(&carol, &alice, &["-H", "unix:///x", "ps"]).fails(2, "this host's engine");
    explain(&alice, &alice, &["ps"]).fails(125, "is not in group \"dock-admin\"");
    carol
        .dock(["admin", "explain", &alice.login])
        .output()
        .fails(2, "DOCKER-COMMAND");
    carol
        .dock(["admin", "explain", "nobody-at-all", "--", "ps"])
        .output()
        .fails(1, "there is no user");
}

#[test]
fn who_has_no_space_is_told_of_the_group() {
    let (stranger, carol) = (Person::stranger("dave"), Person::admin("carol"));
    let output = explain(&carol, &stranger, &["ps"]);
    assert_eq!(output.code, 1, "{output:?}");
    let text = output.out();
    assert!(
        text.contains("is not in group \"dock\"") && text.contains("access.group"),
        "{text}"
    );
    stranger.join("dock");
    explain(&carol, &stranger, &["ps"]).success();
}

#[test]
fn the_file_and_the_table_that_decide_are_named() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    let group = format!("g{}", alice.uid);
    root("groupadd", [&group]).output().success();
    alice.join(&group);
    let folder = copied();
    append(
        &folder.join("dock.toml"),
        "\n[defaults.containers]\nmemory = 1073741824\n",
    );
    let students = format!("[groups.{group}.containers]\nmemory = 4294967296\npids_limit = 100\n");
    fs::write(folder.join("conf.d/10-students.toml"), students).unwrap();
    let own = format!(
        "[users.{}.containers]\npids_limit = 200\n[images]\nregistries = [\"docker.io\"]\n",
        alice.login
    );
    fs::write(folder.join("conf.d/20-alice.toml"), own).unwrap();

    // Refused for bob by the defaults, allowed for alice by her group.
    let run = ["run", "-m", "2g", "busybox"];
    let bobs = explained(&carol, &folder, &bob, &run);
    assert_eq!(bobs["allowed"], false, "{bobs}");
    assert_eq!(bobs["steps"][0]["rule"], "limit.memory");
    let memory = key(&bobs, "containers.memory");
    assert_eq!(
        (&memory["value"], &memory["table"]),
        (&"1GiB".into(), &"defaults".into())
    );
    assert_eq!(memory["file"], "/etc/dock/dock.toml");

    let alices = explained(&carol, &folder, &alice, &run);
    assert_eq!(alices["allowed"], true, "{alices}");
    let memory = key(&alices, "containers.memory");
    assert_eq!(memory["file"], "/etc/dock/conf.d/10-students.toml");
    assert_eq!(
        (&memory["line"], &memory["table"]),
        (&2.into(), &format!("groups.{group}").into())
    );
    let pids = key(&alices, "containers.pids_limit");
    assert_eq!(
        (&pids["value"], &pids["file"]),
        (&"200".into(), &"/etc/dock/conf.d/20-alice.toml".into())
    );
    assert_eq!(key(&alices, "containers.shm_size")["file"], Value::Null);
    let facts = alices["steps"][0]["facts"].as_array().unwrap();
    assert!(
        facts
            .iter()
            .any(|fact| fact["name"] == "pids" && fact["value"] == "200"),
        "{alices}"
    );

    // An image that would have to be pulled is judged as a pull first.
    let words = ["run", "quay.io/none/such"];
    let pulled = explained(&carol, &folder, &alice, &words);
    assert_eq!(pulled["steps"][0]["rule"], "image.registry", "{pulled}");
    assert_eq!(key(&pulled, "images.registries")["line"], 4);
    let pulled = explained(&carol, &copied(), &alice, &words);
    let verbs: Vec<&Value> = pulled["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| &s["verb"])
        .collect();
    assert_eq!(verbs, ["image.pull", "container.create"], "{pulled}");
}

/// Each in a space that has nothing, in one that has all of it, and in one whose
/// container is on no network.
#[test]
fn nothing_is_changed_on_the_engine_or_the_host() {
    let (alice, bob, carol) = (
        Person::fresh("alice"),
        Person::fresh("bob"),
        Person::admin("carol"),
    );
    let eve = Person::fresh("eve");
    let words = ["create", "--network", "none", "--name", "web", "busybox"];
    eve.dock(words).output().success();
    let words = [
        "run",
        "-d",
        "--name",
        "web",
        "-v",
        "data:/data",
        "busybox",
        "sleep",
        "1000",
    ];
    bob.dock(words).output().success();
    bob.dock(["create", "--name", "old", "busybox"])
        .output()
        .success();
    bob.dock(["network", "create", "lab"]).output().success();
    bob.dock(["volume", "create", "unused"]).output().success();
    for person in [&alice, &bob, &eve] {
        let record = Record::mark();
        // Other tests write there, too: what is hers alone is compared.
        let own = || {
            let own = format!("u{}", person.uid);
            let rows = fs::read_to_string("/var/lib/dock/spaces").unwrap_or_default();
            let rows: Vec<String> = rows
                .lines()
                .filter(|row| row.contains(&own))
                .map(str::to_owned)
                .collect();
            let mut kept = kept();
            kept.retain(|path, _| path.ends_with(&own));
            (rows, kept)
        };
        let lock = PathBuf::from(format!("/run/dock/u{}.lock", person.uid));
        let (before, locked) = (own(), lock.exists());
        for words in [
            &[
                "run",
                "--rm",
                "-it",
                "-p",
                "80",
                "-v",
                "new:/x",
                "-v",
                "/anonymous",
                "busybox",
            ][..],
            &["run", "--network", "lab", "busybox"],
            &["run", "none-such:1"],
            &["run", "--pull", "always", "busybox"],
            &["create", "--name", "web", "busybox"],
            &["pull", "pulled:1"],
            &["search", "busybox"],
            &["start", "old"],
            &["start", "-a", "old"],
            &["stop", "web"],
            &["restart", "web"],
            &["kill", "web"],
            &["pause", "web"],
            &["unpause", "web"],
            &["rename", "web", "other"],
            &["update", "--memory", "64m", "web"],
            &["exec", "web", "true"],
            &["exec", "-it", "web", "sh"],
            &["attach", "web"],
            &["wait", "web"],
            &["logs", "-f", "web"],
            &["stats", "web"],
            &["events"],
            &["top", "web"],
            &["cp", "web:/etc/passwd", "-"],
            &["rm", "-fv", "web", "old"],
            &["network", "inspect", "bridge"],
            &["network", "create", "new"],
            &["network", "connect", "bridge", "web"],
            &["network", "connect", "lab", "web"],
            &["network", "disconnect", "bridge", "web"],
            &["network", "rm", "lab"],
            &["volume", "create", "new"],
            &["volume", "create"],
            &["volume", "rm", "-f", "unused", "data"],
            &["container", "prune", "-f"],
            &["network", "prune", "-f"],
            &["volume", "prune", "-f"],
            &["image", "prune", "-af"],
            &["system", "prune", "-af", "--volumes"],
            &["system", "df"],
        ] {
            let output = explain(&carol, person, words);
            assert!(matches!(output.code, 0 | 1), "{words:?}: {output:?}");
            assert!(output.out().starts_with("would "), "{words:?}: {output:?}");
        }
        record.only_reads(&carol);
        record.only_reads(person);
        assert!(record.requests_of(&carol).len() + record.requests_of(person).len() > 20);
        assert_eq!(own(), before);
        // A test that installs dock anew takes the locks away.
        assert!(locked || !lock.exists());
    }
    bob.dock(["exec", "web", "true"]).output().success();
    bob.clear();
    eve.clear();
}

/// What the prunes would remove is told piece by piece.
#[test]
fn every_object_that_a_command_would_touch_is_told() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    for name in ["one", "two"] {
        alice
            .dock(["create", "--name", name, "busybox"])
            .output()
            .success();
    }
    let report = explained(&carol, &copied(), &alice, &["container", "prune", "-f"]);
    let steps = report["steps"].as_array().unwrap();
    let removed = steps
        .iter()
        .filter(|step| step["verb"] == "container.remove");
    assert_eq!(removed.count(), 2, "{report}");
    let taken = explain(&carol, &alice, &["create", "--name", "one", "busybox"]);
    assert!(
        taken.code == 1 && taken.out().contains("already in use"),
        "{taken:?}"
    );
    alice.clear();
}

/// Whoever speaks to the gate without docker in between gets no further.
#[test]
fn a_gate_that_explains_changes_nothing_whatever_is_asked() {
    let (alice, carol) = (Person::fresh("alice"), Person::admin("carol"));
    alice
        .dock(["run", "-d", "--name", "web", "busybox", "sleep", "1000"])
        .output()
        .success();
    let gate = Gate::start(&carol, &["sudo", "-n", GATE, "--admin"]);
    let body = format!("{{\"user\":\"{}\",\"explain\":true}}", alice.login);
    assert_eq!(gate.request("POST", "/dock/as", Some(&body)).status, 204);
    let record = Record::mark();
    for (method, target, body) in [
        ("POST", "/v1.41/containers/web/stop", None),
        ("POST", "/v1.41/containers/web/resize?h=1&w=1", None),
        (
            "POST",
            "/v1.41/containers/web/exec",
            Some(r#"{"Cmd":["true"]}"#),
        ),
        (
            "POST",
            "/v1.41/containers/web/attach?stream=1&stdout=1",
            None,
        ),
        ("DELETE", "/v1.41/containers/web?force=1", None),
        ("POST", "/v1.41/volumes/create", Some(r#"{"Name":"xy"}"#)),
    ] {
        let answer = gate.request(method, target, body);
        assert_eq!(answer.status, 403, "{target}: {answer:?}");
        assert_eq!(
            answer.message(),
            "dock: explained, and not done",
            "{target}"
        );
    }
    let told = gate.request("GET", "/dock/explained", None).json();
    assert_eq!(told.as_array().unwrap().len(), 6, "{told}");
    // It acts in no other space, and does not begin to act.
    let act = format!("{{\"user\":\"{}\"}}", alice.login);
    assert_eq!(gate.request("POST", "/dock/as", Some(&act)).status, 409);
    drop(gate);
    record.only_reads(&carol);
    record.only_reads(&alice);
    alice.dock(["exec", "web", "true"]).output().success();
    alice.clear();
}
