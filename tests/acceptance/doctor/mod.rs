//! `dock admin doctor` and `dock doctor`: each planted fault is found, and the
//! same place without it has no such finding.
//!
//! Faults of the host are planted in a mount namespace of the test's own, where
//! /etc is a copy: others go on with the bed's.

mod faults;
mod person;

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use serde_json::Value;

use crate::harness::{Output, Person, Step, bed, root, root_docker, unique};
use faults::{BOTH_WAYS, FAULTS};

/// What runs before each plant: in memory, an /etc of the test's own.
const PRIVATE: &str = "
    mount -t tmpfs tmpfs /mnt
    chmod 755 /mnt
    # Accounts of other tests may be half made.
    cp -a /etc /mnt/ 2>/dev/null || true
    mount --bind /mnt/etc /etc
    over() { mount --bind /mnt/over \"$1\"; }
    copy() { cp -p \"$1\" /mnt/over; over \"$1\"; }
    says() { printf '%s\\n' \"$2\" >/mnt/over; chmod 644 /mnt/over; over \"$1\"; }
";

/// What the bed has by nature: an engine of a distribution's, by hand, in a
/// sandbox, with its defaults.
const OF_THE_BED: [&str; 16] = [
    "cgroups.driver",
    "cgroups.swap",
    "cgroups.version",
    "engine.live-restore",
    "engine.warnings",
    "homes.mapped",
    "homes.options",
    "kernel.inotify-instances",
    "kernel.inotify-watches",
    "kernel.pid-max",
    "kernel.unprivileged-namespaces",
    "logs.limit",
    "network.icc",
    "network.reach",
    "network.resolution",
    "network.bridge-nf",
];

/// And those that a distribution's packages or the engine's defaults bring.
const THEMES_OF_THE_BED: [&str; 2] = ["runtime.", "version."];

/// What other tests may do at the same time.
fn is_others(id: &str) -> bool {
    id.starts_with("containers.") || id == "homes.gone"
}

/// A shell of root's with mounts and a host name of its own, after `plant`.
fn planted(plant: &str, then: &str) -> Step {
    let script = format!("{PRIVATE}\n{plant}\n{then}");
    let words = [
        "--mount",
        "--uts",
        "--propagation",
        "private",
        "bash",
        "-euc",
    ];
    root("unshare", words.iter().copied().chain([script.as_str()]))
}

/// The results of a doctor by check, but for those that others change.
fn read(output: &Output) -> BTreeMap<String, Value> {
    let outcomes: Vec<Value> =
        serde_json::from_str(&output.out()).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    outcomes
        .into_iter()
        .map(|outcome| (outcome["id"].as_str().unwrap().to_owned(), outcome))
        .filter(|(id, _)| !is_others(id))
        .collect()
}

/// What `dock admin doctor` finds after `plant`.
fn examined(plant: &str) -> (i32, BTreeMap<String, Value>) {
    let output = planted(plant, "exec /usr/local/bin/dock admin doctor --json").output();
    (output.code, read(&output))
}

/// What it finds on an engine of its own, which is started in a network of its
/// own with this configuration and these options.
fn examined_engine(json: &str, options: &str) -> (i32, BTreeMap<String, Value>) {
    let name = bed("DOCK_BED_NAME");
    let plant = format!(
        "ip link set lo up
         echo '{json}' >/mnt/own.json
         dockerd -H unix:///mnt/own.sock {options} --data-root /mnt/data --exec-root /mnt/exec \
             --pidfile /mnt/pid --config-file /mnt/own.json --cgroup-parent /{name}doctor >/mnt/log 2>&1 &
         for _ in $(seq 200); do
             docker -H unix:///mnt/own.sock version >/dev/null 2>&1 && break
             sleep 0.1
         done
         mount --bind /mnt/pid /run/docker.pid
         printf '[engine]\nsocket = \"/mnt/own.sock\"\n' >/etc/dock/conf.d/99-x.toml"
    );
    let then = "code=0; /usr/local/bin/dock admin doctor --json || code=$?
                kill $(cat /mnt/pid); wait; exit $code";
    let script = format!("{PRIVATE}\n{plant}\n{then}");
    let words = [
        "--mount",
        "--net",
        "--propagation",
        "private",
        "bash",
        "-euc",
    ];
    let output = root("unshare", words.iter().copied().chain([script.as_str()])).output();
    (output.code, read(&output))
}

fn findings(outcomes: &BTreeMap<String, Value>) -> Vec<&str> {
    let is_finding =
        |status: &Value| *status == "error" || *status == "warning" || *status == "info";
    let found = outcomes
        .iter()
        .filter(|(_, outcome)| is_finding(&outcome["status"]));
    found.map(|(id, _)| id.as_str()).collect()
}

fn evidence(outcome: &Value) -> String {
    let lines = outcome["evidence"].as_array().unwrap().iter();
    let lines: Vec<&str> = lines.filter_map(Value::as_str).collect();
    lines.join("\n")
}

#[test]
fn a_healthy_host_has_no_finding_but_what_the_bed_is() {
    let (code, outcomes) = examined("");
    for id in findings(&outcomes) {
        let by_nature =
            OF_THE_BED.contains(&id) || THEMES_OF_THE_BED.iter().any(|theme| id.starts_with(theme));
        assert!(by_nature, "{id}: {}", outcomes[id]);
        assert_ne!(outcomes[id]["status"], "error", "{}", outcomes[id]);
    }
    let unknown = outcomes
        .values()
        .find(|outcome| outcome["status"] == "unknown");
    assert_eq!(unknown, None);
    assert_eq!(code, 1);
}

#[test]
fn each_planted_fault_is_found_and_nothing_beside_it() {
    let (_, before) = examined("");
    let before = findings(&before);
    for (id, plant, says) in FAULTS {
        let (code, outcomes) = examined(plant);
        let mut expected = before.clone();
        expected.push(id);
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(findings(&outcomes), expected, "{id}: {plant}");
        let outcome = &outcomes[*id];
        assert!(evidence(outcome).contains(says), "{outcome}");
        let is_error = outcome["status"] == "error";
        assert_eq!(code, if is_error { 2 } else { 1 }, "{outcome}");
    }
}

#[test]
fn what_the_bed_fails_by_nature_passes_when_it_is_repaired() {
    for (id, wrong, right) in BOTH_WAYS {
        let (_, outcomes) = examined(wrong);
        assert!(findings(&outcomes).contains(id), "{id}: {}", outcomes[*id]);
        let (_, outcomes) = examined(right);
        assert_eq!(outcomes[*id]["status"], "ok", "{}", outcomes[*id]);
    }
}

#[test]
fn a_socket_that_everybody_may_use_is_found() {
    let socket = format!("/run/bed/{}.sock", unique("open"));
    let listener = UnixListener::bind(&socket).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            relay(stream);
        }
    });
    let plant = format!("printf '[engine]\\nsocket = \"{socket}\"\\n' >/etc/dock/conf.d/99-x.toml");
    for (mode, found) in [(0o666, true), (0o660, false)] {
        std::fs::set_permissions(&socket, Permissions::from_mode(mode)).unwrap();
        let (code, outcomes) = examined(&plant);
        assert_eq!(findings(&outcomes).contains(&"access.socket"), found);
        assert_eq!(code, if found { 2 } else { 1 });
        assert_eq!(outcomes["engine.answers"]["status"], "ok");
    }
    std::fs::remove_file(&socket).unwrap();
}

/// Passes a connection on to the bed's engine.
fn relay(client: UnixStream) {
    let engine = UnixStream::connect(bed("DOCK_BED_RECORDER")).unwrap();
    let pairs = [
        (client.try_clone().unwrap(), engine.try_clone().unwrap()),
        (engine, client),
    ];
    for (mut from, mut to) in pairs {
        thread::spawn(move || {
            // Either side may end it.
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
    }
}

#[test]
fn an_engine_that_listens_over_tcp_is_found_in_its_words_and_its_sockets() {
    let (code, outcomes) = examined_engine("{}", "-H tcp://127.0.0.1:2375");
    assert_eq!(code, 2);
    for id in ["engine.tcp-words", "engine.tcp-open"] {
        assert_eq!(outcomes[id]["status"], "error", "{}", outcomes[id]);
        assert!(evidence(&outcomes[id]).contains("127.0.0.1:2375"));
    }
    let (_, twin) = examined_engine("{}", "--live-restore=false");
    for id in ["engine.tcp-words", "engine.tcp-open"] {
        assert_eq!(twin[id]["status"], "ok", "{}", twin[id]);
    }
}

#[test]
fn an_engine_that_is_set_up_well_has_no_findings_of_its_setup() {
    let json = "{\"live-restore\": true, \"no-new-privileges\": true, \"icc\": false, \
                 \"userns-remap\": \"default\", \"log-opts\": {\"max-size\": \"50m\"}}";
    let of_setup = [
        "engine.live-restore",
        "logs.limit",
        "network.icc",
        "runtime.no-new-privileges",
        "runtime.userns",
    ];
    let (_, outcomes) = examined_engine(json, "");
    for id in of_setup {
        assert_eq!(outcomes[id]["status"], "ok", "{}", outcomes[id]);
    }
    let (_, twin) = examined_engine("{}", "");
    for id in of_setup {
        assert!(findings(&twin).contains(&id), "{}", twin[id]);
    }
}

#[test]
fn an_engine_that_is_down_is_found_and_the_rest_is_still_looked_at() {
    let plant = "printf '[engine]\\nsocket = \"/run/none.sock\"\\n' >/etc/dock/conf.d/99-x.toml";
    let (code, outcomes) = examined(plant);
    assert_eq!(code, 2);
    assert_eq!(outcomes["engine.answers"]["status"], "error");
    assert_eq!(outcomes["access.socket-missing"]["status"], "error");
    assert_eq!(outcomes["runtime.userns"]["status"], "unknown");
    assert_eq!(outcomes["sudo.rule"]["status"], "ok");
}

#[test]
fn a_configuration_that_cannot_be_used_is_the_finding() {
    for plant in [
        "chmod 666 /etc/dock/dock.toml",
        "chown mallory /etc/dock/dock.toml",
        "echo 'alow = true' >>/etc/dock/dock.toml",
    ] {
        let (code, outcomes) = examined(plant);
        assert_eq!(code, 2);
        assert_eq!(outcomes["files.config"]["status"], "error");
        assert!(evidence(&outcomes["files.config"]).contains("dock.toml"));
        // The gate serves nobody then: that is said, and not taken for fine.
        assert_eq!(outcomes["sudo.rule"]["status"], "unknown");
        assert_eq!(outcomes["sudo.gate"]["status"], "ok");
    }
}

#[test]
fn a_gate_that_cannot_start_is_the_finding() {
    let plant = "echo 'root ALL=(ALL) ALL, !/usr/local/libexec/dock-gate' >/etc/sudoers.d/zz
                 chmod 440 /etc/sudoers.d/zz";
    let (code, outcomes) = examined(plant);
    assert_eq!(code, 2);
    assert_eq!(outcomes["sudo.gate"]["status"], "error", "{outcomes:?}");
    assert_eq!(outcomes["jobs.prune"]["status"], "unknown");
}

#[test]
fn containers_past_dock_are_found_until_they_are_gone() {
    let name = unique("past");
    let words = [
        "create",
        "--name",
        &name,
        "--privileged",
        "--pid",
        "host",
        "-v",
        "/:/host",
        "-v",
        "/run/docker.sock:/run/docker.sock",
        "--cap-add",
        "SYS_ADMIN",
        "busybox",
    ];
    root_docker(words).output().success();
    let alice = Person::fresh("alice");
    let forged = alice.real("web");
    let label = format!("dock.space=u{}", alice.uid);
    let words = [
        "create",
        "--name",
        &forged,
        "--label",
        &label,
        "--privileged",
        "busybox",
    ];
    root_docker(words).output().success();
    let found = |name: &str| {
        let words = ["admin", "doctor", "--json", "--check", "containers"];
        let output = root("/usr/local/bin/dock", words).output();
        let outcomes: Vec<Value> = serde_json::from_str(&output.out()).unwrap();
        let with_it = outcomes
            .iter()
            .filter(|outcome| evidence(outcome).contains(name));
        let ids = with_it.map(|outcome| outcome["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(
        found(&name),
        [
            "containers.privileged",
            "containers.namespaces",
            "containers.socket",
            "containers.folders",
            "containers.capabilities",
            "containers.logs",
        ]
    );
    assert_eq!(found(&forged), ["containers.of-spaces", "containers.logs"]);
    root_docker(["rm", &name, &forged]).output().success();
    assert_eq!(found(&name), [""; 0]);
    assert_eq!(found(&forged), [""; 0]);
}

#[test]
fn an_admin_sees_what_root_sees_but_for_the_firewall() {
    let carol = Person::admin("carol");
    let output = carol.dock(["admin", "doctor", "--json"]).output();
    let outcomes = read(&output);
    let unknown = outcomes
        .values()
        .filter(|outcome| outcome["status"] == "unknown");
    let unknown: Vec<&str> = unknown
        .map(|outcome| outcome["id"].as_str().unwrap())
        .collect();
    assert_eq!(unknown, ["network.reach"]);
    assert_eq!(output.code, 1);
}

#[test]
fn no_secret_leaves_the_gate() {
    let plant = "
        says /run/bed/daemon.json '{\"proxies\": {\"http-proxy\": \"http://u:hunter2@proxy\"}, \"log-opts\": {\"splunk-token\": \"hunter2\"}}'
        mkdir -p /etc/cron.d
        echo '* * * * * root backup --password hunter2' >/etc/cron.d/backup
        echo 'docker system prune hunter2' >/mnt/secret
        chmod 600 /mnt/secret
        ln -s /mnt/secret /etc/cron.d/link
        echo 'zoe ALL=(ALL) /usr/bin/hunter2' >/etc/sudoers.d/zoe; chmod 440 /etc/sudoers.d/zoe";
    let output = planted(plant, "exec /usr/local/bin/dock admin doctor --json").output();
    assert!(!output.out().contains("hunter2"), "{output:?}");
    let outcomes = read(&output);
    assert_eq!(outcomes["jobs.prune"]["status"], "unknown");
    assert!(evidence(&outcomes["jobs.prune"]).contains("it is a link"));
    // The same file without the link is read.
    let output = planted(
        "mkdir -p /etc/cron.d; echo 'docker system prune hunter2' >/etc/cron.d/file",
        "exec /usr/local/bin/dock admin doctor --json",
    );
    assert!(output.output().out().contains("hunter2"));
}

#[test]
fn a_report_begins_with_findings_and_ends_with_a_count() {
    let plant = "sed -i 's/^docker:.*:/&mallory/' /etc/group";
    let report = planted(
        plant,
        "exec /usr/local/bin/dock admin doctor --check access",
    )
    .output();
    assert_eq!(report.code, 2);
    let lines: Vec<String> = report.out().lines().map(str::to_owned).collect();
    assert!(
        lines[0].starts_with("error    access.docker-group: "),
        "{lines:?}"
    );
    assert_eq!(lines[1].trim(), "group \"docker\": mallory");
    assert!(lines[3].trim().starts_with("remedy: "));
    assert_eq!(
        lines.last().unwrap(),
        "7 checks: 1 error, 0 warnings, 0 infos, 0 unknown, 0 skipped, 6 ok"
    );
    let wrong = root(
        "/usr/local/bin/dock",
        ["admin", "doctor", "--check", "nothing"],
    )
    .output();
    wrong.fails(2, "there is no check \"nothing\"");
    let list = root("/usr/local/bin/dock", ["admin", "doctor", "--list"]).output();
    assert!(list.success().contains("access.docker-group"));
}
