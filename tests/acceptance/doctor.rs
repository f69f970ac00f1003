//! `dock admin doctor` and `dock doctor`: each planted fault is found, and the
//! same place without it has no such finding.
//!
//! Faults of the host are planted in a mount namespace of the test's own, where
//! /etc is a copy: others go on with the bed's.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use serde_json::Value;

use crate::harness::{Output, Person, Step, bed, root, root_docker, unique};

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

/// Each: the check, what is planted, what its evidence says.
const FAULTS: &[(&str, &str, &str)] = &[
    (
        "access.docker-group",
        "sed -i 's/^docker:.*:/&mallory/' /etc/group",
        "group \"docker\": mallory",
    ),
    (
        "access.docker-group",
        "gid=$(getent group docker | cut -d: -f3)
         echo \"zoe:x:4711:$gid::/nonexistent:/bin/false\" >>/etc/passwd",
        "group \"docker\": zoe",
    ),
    (
        "access.engine-config",
        "copy /run/bed/daemon.json; chmod 666 /run/bed/daemon.json",
        "'/run/bed/daemon.json': mode 0666",
    ),
    (
        "access.dock-group",
        "sed -i '/^dock:/d' /etc/group",
        "group \"dock\"",
    ),
    (
        "access.admin-group",
        "sed -i '/^dock-admin:/d' /etc/group",
        "group \"dock-admin\"",
    ),
    (
        "sudo.rule",
        "sed -i '/^%dock /d' /etc/sudoers.d/dock",
        "no line '%dock ALL=(root) NOPASSWD: /usr/local/libexec/dock-gate \"\"'",
    ),
    (
        "sudo.drift",
        "echo '%dock ALL=(ALL) NOPASSWD: ALL' >>/etc/sudoers.d/dock",
        "'%dock ALL=(ALL) NOPASSWD: ALL'",
    ),
    (
        "sudo.mode",
        "chmod 646 /etc/sudoers.d/dock",
        "'/etc/sudoers.d/dock': mode 0646",
    ),
    (
        "sudo.others",
        "echo '%dock ALL=(ALL) ALL' >/etc/sudoers.d/aa; chmod 440 /etc/sudoers.d/aa",
        "'/etc/sudoers.d/aa': %dock ALL=(ALL) ALL",
    ),
    (
        "sudo.docker",
        "echo 'bob ALL=(root) NOPASSWD: /usr/bin/docker' >/etc/sudoers.d/zz; chmod 440 /etc/sudoers.d/zz",
        "bob ALL=(root) NOPASSWD: /usr/bin/docker",
    ),
    (
        "sudo.include",
        "sed -i '/includedir/d' /etc/sudoers; echo 'root ALL=(ALL) NOPASSWD: ALL' >>/etc/sudoers",
        "no line '@includedir /etc/sudoers.d'",
    ),
    (
        "sudo.settings",
        "sed -i '/!use_pty/d' /etc/sudoers.d/dock",
        "!use_pty",
    ),
    (
        "files.gate",
        "copy /usr/local/libexec/dock-gate; chmod 777 /usr/local/libexec/dock-gate",
        "'/usr/local/libexec/dock-gate': mode 0777",
    ),
    (
        "files.above-gate",
        "cp -a /usr/local/libexec /mnt/libexec; mount --bind /mnt/libexec /usr/local/libexec
         chmod 777 /usr/local/libexec",
        "'/usr/local/libexec': mode 0777",
    ),
    (
        "files.dock",
        "copy /usr/local/bin/dock; chmod 777 /usr/local/bin/dock",
        "'/usr/local/bin/dock': mode 0777",
    ),
    (
        "files.dock-state",
        "mount -t tmpfs -o mode=777 tmpfs /var/lib/dock",
        "'/var/lib/dock': mode 0777",
    ),
    (
        "files.state",
        "mount -t tmpfs -o mode=755 tmpfs /run/docker",
        "'/run/docker': mode 0755",
    ),
    (
        "files.units",
        "mkdir -p /etc/systemd/system; echo '[Timer]' >/etc/systemd/system/dock-x.timer
         chmod 666 /etc/systemd/system/dock-x.timer",
        "'/etc/systemd/system/dock-x.timer': mode 0666",
    ),
    (
        "files.docker",
        "printf '[engine]\\ndocker = \"/nonexistent/docker\"\\n' >/etc/dock/conf.d/99-x.toml",
        "no docker CLI at '/nonexistent/docker'",
    ),
    (
        "engine.tcp-file",
        "says /run/bed/daemon.json '{\"hosts\": [\"tcp://0.0.0.0:2375\"]}'",
        "tcp://0.0.0.0:2375",
    ),
    (
        "engine.tcp-tls",
        "says /run/bed/daemon.json '{\"hosts\": [\"tcp://0.0.0.0:2376\"], \"tlsverify\": true}'",
        "tcp://0.0.0.0:2376",
    ),
    (
        "engine.tcp-units",
        "mkdir -p /etc/systemd/system/docker.service.d
         printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/dockerd -H fd:// \\\\\\n  -H tcp://:2375\\n' \
            >/etc/systemd/system/docker.service.d/tcp.conf",
        "-H tcp://:2375",
    ),
    (
        "engine.socket-unit",
        "mkdir -p /etc/systemd/system/docker.socket.d
         printf '[Socket]\\nSocketMode=0666\\n' >/etc/systemd/system/docker.socket.d/open.conf",
        "SocketMode=0666",
    ),
    (
        "network.iptables",
        "says /run/bed/daemon.json '{\"iptables\": false}'",
        "iptables is off",
    ),
    (
        "logs.audit",
        "echo >/mnt/audit.log; chmod 666 /mnt/audit.log
         printf '[audit]\\nfile = \"/mnt/audit.log\"\\n' >/etc/dock/conf.d/99-x.toml",
        "'/mnt/audit.log': mode 0666",
    ),
    (
        "logs.syslog",
        "mount -t tmpfs tmpfs /var/log; sed -i '/^file = /d' /etc/dock/conf.d/00-bed.toml",
        "no '/dev/log'",
    ),
    (
        "jobs.prune",
        "mkdir -p /etc/cron.d; echo '0 3 * * 0 root docker system prune -af' >/etc/cron.d/clean",
        "'/etc/cron.d/clean': 0 3 * * 0 root docker system prune -af",
    ),
    (
        "jobs.prune",
        "mkdir -p /var/spool/cron; mount -t tmpfs tmpfs /var/spool/cron; mkdir /var/spool/cron/crontabs
         echo '@daily /usr/bin/docker image prune -a' >/var/spool/cron/crontabs/root",
        "'/var/spool/cron/crontabs/root': @daily",
    ),
    (
        "jobs.prune",
        "mkdir -p /etc/systemd/system
         printf '[Service]\\nExecStart=/usr/bin/docker system prune -f\\n' >/etc/systemd/system/clean.service",
        "clean.service': ExecStart=/usr/bin/docker system prune -f",
    ),
];

/// What changes the answer of a check that the bed may fail by nature: a plant
/// that makes it fail, and one that makes it pass.
const BOTH_WAYS: &[(&str, &str, &str)] = &[
    (
        "kernel.inotify-instances",
        "says /proc/sys/fs/inotify/max_user_instances 128",
        "says /proc/sys/fs/inotify/max_user_instances 8192",
    ),
    (
        "kernel.inotify-watches",
        "says /proc/sys/fs/inotify/max_user_watches 8192",
        "says /proc/sys/fs/inotify/max_user_watches 1048576",
    ),
    (
        "kernel.pid-max",
        "says /proc/sys/kernel/pid_max 32768",
        "says /proc/sys/kernel/pid_max 4194304",
    ),
    (
        "network.resolution",
        "hostname no-such-name.invalid",
        "hostname found; echo '127.0.1.1 found' >>/etc/hosts",
    ),
    (
        "logs.limit",
        "says /run/bed/daemon.json '{}'",
        "says /run/bed/daemon.json '{\"log-opts\": {\"max-size\": \"50m\"}}'",
    ),
    (
        "runtime.no-new-privileges",
        "says /run/bed/daemon.json '{}'",
        "says /run/bed/daemon.json '{\"no-new-privileges\": true}'",
    ),
    (
        "homes.options",
        "mount -o remount,bind,suid,dev /home",
        "mount -o remount,bind,nosuid,nodev /home",
    ),
    (
        "homes.mapped",
        "mkdir /mnt/lower /mnt/upper /mnt/work
         mount -t overlay overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /home",
        "mount -t tmpfs tmpfs /home; says /proc/sys/kernel/osrelease 6.12.0",
    ),
];

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

/// What `dock doctor` says to a person after `plant`; the gate is `dock`'s own.
fn says_to(person: &Person, plant: &str) -> (i32, BTreeMap<String, Value>) {
    says_in_session(person, plant, "--init-groups")
}

fn says_in_session(person: &Person, plant: &str, groups: &str) -> (i32, BTreeMap<String, Value>) {
    let then = format!(
        "export HOME={} PATH=/usr/local/bin:/usr/bin:/bin
         cd /; exec setpriv --reuid {} --regid {} {groups} /usr/local/bin/dock doctor --json",
        person.home.display(),
        person.uid,
        person.gid
    );
    let output = planted(plant, &then).output();
    (output.code, read(&output))
}

#[test]
fn a_person_with_a_space_has_nothing_to_worry_about() {
    let alice = Person::fresh("alice");
    let (code, outcomes) = says_to(&alice, "");
    assert_eq!(findings(&outcomes), ["past.alias"]);
    assert_eq!(code, 0);
    let plain = alice
        .command("/bin/bash", ["-c", "mkdir bin; ln -s /usr/local/bin/dock bin/docker; PATH=$PWD/bin:$PATH exec dock doctor --json"])
        .output();
    assert_eq!(findings(&read(&plain)), [""; 0]);
}

#[test]
fn what_concerns_a_person_is_found() {
    let alice = Person::fresh("alice");
    let stranger = Person::stranger("zoe");
    let little = format!(
        "mount -t tmpfs -o size=100m tmpfs /home; mkdir -m 700 {home}; chown {uid} {home}",
        home = alice.home.display(),
        uid = alice.uid
    );
    let docker_group = format!("sed -i 's/^docker:.*:/&{}/' /etc/group", alice.login);
    for (person, plant, id, code) in [
        (&stranger, "", "start.group", 2),
        (&alice, "chmod 666 /etc/dock/dock.toml", "start.config", 2),
        (
            &alice,
            "mount -t tmpfs tmpfs /usr/local/libexec",
            "start.installed",
            2,
        ),
        (
            &alice,
            "sed -i '/^%dock /d' /etc/sudoers.d/dock",
            "start.gate",
            2,
        ),
        (&alice, &docker_group, "past.socket", 1),
        (
            &alice,
            "export DOCKER_HOST=tcp://elsewhere:2375",
            "past.variables",
            1,
        ),
        (
            &alice,
            "export DOCKER_CONTEXT=elsewhere",
            "past.variables",
            1,
        ),
        (&alice, "sed -i '/^alice/d' /etc/subuid", "home.range", 0),
        (
            &alice,
            "printf '[engine]\\ndocker = \"/nonexistent/docker\"\\n' >/etc/dock/conf.d/99-x.toml",
            "start.docker",
            2,
        ),
        (&alice, &little, "home.disk", 1),
    ] {
        let (exit, outcomes) = says_to(person, plant);
        let found = findings(&outcomes);
        let beside: Vec<&&str> = found
            .iter()
            .filter(|found| **found != "past.alias")
            .collect();
        assert_eq!(beside, [&id], "{plant}: {outcomes:?}");
        assert_eq!(exit, code, "{plant}");
    }
}

#[test]
fn a_session_that_is_older_than_the_membership_is_told() {
    let alice = Person::fresh("alice");
    let (code, outcomes) = says_in_session(&alice, "", "--clear-groups");
    assert_eq!(code, 2);
    let group = &outcomes["start.group"];
    assert!(evidence(group).contains("this session is older"), "{group}");
    assert!(evidence(group).contains("newgrp dock"), "{group}");
    let (_, outcomes) = says_to(&alice, "");
    assert_eq!(outcomes["start.group"]["status"], "ok");
}
