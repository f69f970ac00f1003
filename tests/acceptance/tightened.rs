//! A container that exists is judged again before it runs (G19): the
//! configuration may have become stricter, and root may have given one of its own
//! a space's name.

use std::path::Path;

use crate::configuration::{append, copied};
use crate::harness::{Gate, Person, Record, root_docker};

/// The requests that run a container, change it, or give it a command.
fn requests() -> [(&'static str, &'static str, Option<&'static str>); 5] {
    [
        ("POST", "/v1.41/containers/old/start", None),
        ("POST", "/v1.41/containers/old/restart?t=0", None),
        ("POST", "/v1.41/containers/old/unpause", None),
        (
            "POST",
            "/v1.41/containers/old/update",
            Some(r#"{"CpuShares":512}"#),
        ),
        (
            "POST",
            "/v1.41/containers/old/exec",
            Some(r#"{"Cmd":["true"]}"#),
        ),
    ]
}

fn grant(folder: &Path, key: &str) {
    append(
        &folder.join("dock.toml"),
        &format!("\n[defaults.containers]\n{key}\n"),
    );
}

#[test]
fn a_container_from_before_the_configuration_was_tightened_does_not_run() {
    for (key, member, rule) in [
        (
            r#"cap_add = ["SYS_PTRACE"]"#,
            r#""CapAdd":["SYS_PTRACE"]"#,
            "create.cap-add",
        ),
        (
            r#"sysctls = ["net.ipv4.conf.all.*"]"#,
            r#""Sysctls":{"net.ipv4.conf.all.forwarding":"1"}"#,
            "create.sysctl",
        ),
        ("pids_limit = 8192", r#""PidsLimit":8192"#, "limit.pids"),
        (
            r#"ulimits = { locks = 99 }"#,
            r#""Ulimits":[{"Name":"locks","Soft":99,"Hard":99}]"#,
            "limit.ulimit",
        ),
        (
            "first_port = 80",
            r#""PortBindings":{"80/tcp":[{"HostPort":"81"}]}"#,
            "create.port",
        ),
    ] {
        let alice = Person::fresh("alice");
        let wide = copied();
        grant(&wide, key);
        let body =
            format!(r#"{{"Image":"busybox","Cmd":["sleep","1000"],"HostConfig":{{{member}}}}}"#);
        {
            let gate = Gate::open_with_configuration(&alice, &wide);
            let made = gate.request("POST", "/v1.41/containers/create?name=old", Some(&body));
            assert_eq!(made.status, 201, "{key}: {made:?}");
            // The twin: where it is granted, it runs.
            let started = gate.request("POST", "/v1.41/containers/old/start", None);
            assert_eq!(started.status, 204, "{key}: {started:?}");
        }
        let gate = Gate::open(&alice);
        let made = gate.request("POST", "/v1.41/containers/create?name=new", Some(&body));
        assert_eq!(made.status, 403, "{key}: {made:?}");
        for (method, target, body) in requests() {
            let record = Record::mark();
            let answer = gate.request(method, target, body);
            assert_eq!(answer.status, 403, "{target}: {answer:?}");
            let message = answer.message();
            assert!(
                message.contains(&format!("[rule {rule}]")),
                "{target}: {message}"
            );
            assert!(message.contains("make it again"), "{message}");
            let reached = record.requests_of(&alice);
            assert!(
                reached.iter().all(|line| line.starts_with("GET ")),
                "{reached:?}"
            );
        }
        // What it takes to be rid of it stays possible.
        for (method, target) in [
            ("POST", "/v1.41/containers/old/kill"),
            ("DELETE", "/v1.41/containers/old?force=1"),
        ] {
            let answer = gate.request(method, target, None);
            assert_eq!(answer.status, 204, "{target}: {answer:?}");
        }
        alice.clear();
    }
}

#[test]
fn a_container_of_roots_with_a_spaces_name_and_label_does_not_run_for_it() {
    let mallory = Person::fresh("mallory");
    let label = format!("dock.space=u{}", mallory.uid);
    for words in [
        vec!["--privileged"],
        vec!["-v", "/:/host"],
        vec!["--network", "host"],
        vec!["--pid", "host"],
        vec!["--security-opt", "systempaths=unconfined"],
        vec![],
    ] {
        let name = mallory.real("old");
        let mut all = vec!["create", "--name", &name, "--label", &label];
        all.extend(&words);
        all.extend(["busybox", "sleep", "1000"]);
        root_docker(all).output().success();
        let gate = Gate::open(&mallory);
        for (method, target, body) in requests() {
            let answer = gate.request(method, target, body);
            assert_eq!(answer.status, 403, "{words:?} {target}: {answer:?}");
        }
        root_docker(["rm", "-f", &name]).output().success();
    }
}

#[test]
fn what_the_gate_made_runs_however_often_it_is_judged() {
    let alice = Person::fresh("alice");
    let words = [
        "run",
        "-d",
        "--name",
        "old",
        "--memory",
        "64m",
        "--cpus",
        "0.5",
        "--pids-limit",
        "50",
        "--shm-size",
        "32m",
        "--ulimit",
        "nofile=512",
        "--cap-drop",
        "ALL",
        "--cap-add",
        "CHOWN",
        "--security-opt",
        "no-new-privileges",
        "--sysctl",
        "net.core.somaxconn=128",
        "--log-driver",
        "local",
        "--log-opt",
        "max-size=1m",
        "-p",
        "80",
        "-v",
        "data:/data",
        "--tmpfs",
        "/run:size=1m",
        "--init",
        "--restart",
        "on-failure:2",
        "--oom-score-adj",
        "100",
        "busybox",
        "sleep",
        "1000",
    ];
    alice.dock(words).output().success();
    for words in [
        vec!["restart", "-t", "0", "old"],
        vec!["exec", "old", "true"],
        vec!["pause", "old"],
        vec!["unpause", "old"],
        vec!["update", "--memory", "128m", "--memory-swap", "256m", "old"],
        vec!["stop", "-t", "0", "old"],
        vec!["start", "old"],
    ] {
        alice.dock(&words).output().success();
    }
    alice.clear();
}
