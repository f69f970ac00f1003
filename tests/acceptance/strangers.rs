//! Those who cannot use dock, each with words of their own.

use crate::harness::{Gate, Person, root};

#[test]
fn somebody_who_is_not_in_the_group_is_told_so() {
    let carol = Person::stranger("carol");
    carol.dock(["ps"]).output().fails(
        125,
        &format!("\"{}\" is not in group \"dock\"", carol.login),
    );
    carol.join("dock");
    carol.dock(["ps"]).output().success();
}

#[test]
fn a_rule_is_explained_to_everybody() {
    let carol = Person::stranger("carol");
    let page = carol.dock(["explain", "--privileged"]).output().success();
    for words in [
        "create.privileged\n",
        "exec.privileged\n",
        "root on this host",
    ] {
        assert!(page.contains(words), "{page}");
    }
    let json = carol.dock(["explain", "--json"]).output().success();
    let rules: serde_json::Value = serde_json::from_str(&json).unwrap();
    let list = carol.dock(["explain"]).output().success();
    assert_eq!(list.lines().count(), rules.as_array().unwrap().len() + 1);
    carol
        .dock(["explain", "create.priviledged"])
        .output()
        .fails(
            2,
            "there is no rule \"create.priviledged\"\n\nhint: there is create.privileged",
        );
    carol
        .dock(["explain", "create.dns", "--jason"])
        .output()
        .fails(2, "--jason");
}

#[test]
fn a_session_from_before_the_group_is_told_so() {
    let carol = Person::stranger("carol");
    let script = "echo ready; read go; dock ps";
    let shell = carol.command("bash", ["-c", script]).on_terminal();
    shell.expect("ready");
    carol.join("dock");
    shell.send("go\n");
    let (code, shown) = shell.wait();
    assert_eq!(code, 125, "{shown}");
    assert!(
        shown.contains("log in again, or run 'newgrp dock'"),
        "{shown}"
    );
}

#[test]
fn a_person_removed_from_the_group_with_an_old_session_is_told_so() {
    let bob = Person::fresh("bob");
    let shell = bob
        .command("bash", ["-c", "dock ps && echo ready; read go; dock ps"])
        .on_terminal();
    shell.expect("ready");
    bob.leave("dock");
    shell.send("go\n");
    let (code, shown) = shell.wait();
    assert_eq!(code, 125, "{shown}");
    assert!(shown.contains("is not in group \"dock\""), "{shown}");
}

#[test]
fn a_gate_of_a_person_who_left_serves_nothing() {
    let bob = Person::fresh("bob");
    let gate = Gate::open(&bob);
    assert_eq!(
        gate.request("GET", "/v1.41/containers/json", None).status,
        200
    );
    bob.leave("dock");
    let answer = gate.request("GET", "/v1.41/containers/json", None);
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(
        answer.message().contains("is not in group \"dock\""),
        "{answer:?}"
    );
}

#[test]
fn root_has_no_space() {
    root("/usr/local/bin/dock", ["ps"])
        .output()
        .fails(125, "root has no space of its own");
}

#[test]
fn a_user_namespace_is_named() {
    let alice = Person::fresh("alice");
    let inside = alice
        .command("unshare", ["-Ur", "/usr/local/bin/dock", "ps"])
        .output();
    inside.fails(125, "inside a user namespace");
}

#[test]
fn no_new_privs_is_named() {
    let alice = Person::fresh("alice");
    let inside = alice
        .command("setpriv", ["--no-new-privs", "/usr/local/bin/dock", "ps"])
        .output();
    inside.fails(125, "no_new_privs");
    alice
        .command("setpriv", ["--inh-caps=-all", "/usr/local/bin/dock", "ps"])
        .output()
        .success();
}

#[test]
fn another_engine_is_dockers_own_affair() {
    let alice = Person::fresh("alice");
    let elsewhere = alice
        .dock(["-H", "unix:///nonexistent.sock", "ps"])
        .output();
    elsewhere.fails(1, "unix:///nonexistent.sock");
    // In the environment it is overridden, with one line.
    let overridden = alice
        .dock(["ps"])
        .env("DOCKER_HOST", "unix:///nonexistent")
        .output();
    overridden.success();
    assert!(
        overridden
            .err()
            .contains("DOCKER_HOST=unix:///nonexistent is not used"),
        "{overridden:?}"
    );
}

#[test]
fn a_dry_run_prints_dockers_command_line() {
    let alice = Person::fresh("alice");
    let printed = alice
        .dock(["--dry-run", "run", "-d", "busybox", "echo", "a b"])
        .output()
        .success();
    assert_eq!(
        printed,
        format!(
            "docker run -d --label author={} busybox echo 'a b'",
            alice.login
        )
    );
}

#[test]
fn a_served_socket_lives_as_long_as_the_command() {
    let alice = Person::fresh("alice");
    alice
        .dock(["env"])
        .output()
        .fails(1, "hint: start one with 'dock serve &'");
    let serve = alice.dock(["serve"]).spawn();
    let socket = alice.home.join(".dock/serve.sock");
    crate::harness::eventually("the socket is there", || socket.exists().then_some(()));
    let line = alice.dock(["env"]).output().success();
    assert_eq!(
        line,
        format!("export DOCKER_HOST=unix://{}", socket.display())
    );
    let script = "eval \"$(dock env)\"; docker run --rm busybox echo through";
    assert_eq!(
        alice.command("bash", ["-c", script]).output().success(),
        "through"
    );
    alice
        .dock(["serve"])
        .output()
        .fails(125, "is being served already");
    serve.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(serve.output().code, 0);
    assert!(!socket.exists());
    alice.clear();
}
