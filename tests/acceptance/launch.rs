//! From dock to docker: what the process that stays behind holds, says and leaves.

use std::time::{Duration, Instant};

use crate::harness::{GATE, Person, root};

/// A rule of their own for this person that undoes the group's.
struct NoGate(String);

impl NoGate {
    fn of(person: &Person) -> NoGate {
        let file = format!("/etc/sudoers.d/zz-{}", person.login);
        std::fs::write(&file, format!("{} ALL=(root) !{GATE}\n", person.login)).unwrap();
        root("chmod", ["440", &file]).output().success();
        NoGate(file)
    }
}

impl Drop for NoGate {
    fn drop(&mut self) {
        // The bed goes anyway.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn shell(person: &Person, script: &str) -> crate::harness::Step {
    person.command("bash", ["-c", script])
}

#[test]
fn a_lock_that_docker_inherits_ends_with_docker() {
    let alice = Person::fresh("alice");
    let script = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
        ( flock -n 9 || echo busy; dock ps -q ) 9>lock
    done";
    assert_eq!(shell(&alice, script).output().success(), "");
}

#[test]
fn a_pipe_ends_with_docker_although_the_container_goes_on() {
    let alice = Person::fresh("alice");
    let since = Instant::now();
    let script = "dock run -d --name sleeper busybox sleep 100 3>&1 | cat";
    let id = shell(&alice, script).output().success();
    assert_eq!(id.len(), 64, "{id}");
    assert!(since.elapsed() < Duration::from_secs(50));
    alice.clear();
}

#[test]
fn nobody_is_kept_in_the_folder_or_at_the_terminal() {
    let alice = Person::fresh("alice");
    let script = "mkdir here && cd here
        dock run --rm busybox sleep 3 &
        sleep 1.5
        for process in $(pgrep -u $(id -u) -x dock); do
            readlink /proc/$process/cwd /proc/$process/fd/0 /proc/$process/fd/1 /proc/$process/fd/2
            cut -d ' ' -f 7 /proc/$process/stat
        done
        wait";
    assert_eq!(
        shell(&alice, script).output().success(),
        "/\n/dev/null\n/dev/null\n/dev/null\n0"
    );
}

#[test]
fn whoever_ignores_the_end_of_children_can_use_dock() {
    let alice = Person::fresh("alice");
    let script = "exec env --ignore-signal=CHLD dock ps -q";
    assert_eq!(shell(&alice, script).output().success(), "");
}

#[test]
fn sudos_refusal_is_docks_answer() {
    let alice = Person::fresh("alice");
    let undone = NoGate::of(&alice);
    let words = "dock: sudo does not let you start the gate";
    alice.dock(["ps"]).output().fails(1, words);
    alice.dock(["run", "busybox"]).output().fails(125, words);
    // Some of it is on its way when the answer comes.
    let load = "head -c 50M /dev/zero | dock load";
    for _ in 0..5 {
        shell(&alice, load).output().fails(1, words);
    }
    alice.dock(["serve"]).output().fails(125, words);
    assert!(!alice.home.join(".dock/serve.sock").exists());
    drop(undone);
    alice.dock(["ps"]).output().success();
}

#[test]
fn help_and_version_are_for_everybody() {
    let carol = Person::stranger("carol");
    for words in [&["--version"][..], &["help"], &["run", "--help"]] {
        carol.dock(words).output().success();
    }
    root("/usr/local/bin/dock", ["--version"])
        .output()
        .success();
    carol
        .dock(["exec", "web", "ls", "--help"])
        .output()
        .fails(125, "is not in group \"dock\"");
}

#[test]
fn an_engine_of_ones_own_in_the_environment_is_named() {
    let alice = Person::fresh("alice");
    let other = "unix:///run/user/1001/docker.sock";
    let said = alice.dock(["ps"]).env("DOCKER_HOST", other).output();
    said.success();
    assert!(said.err().contains(other), "{said:?}");
    let same = "unix:///var/run/docker.sock";
    let silent = alice.dock(["ps"]).env("DOCKER_HOST", same).output();
    silent.success();
    assert_eq!(silent.err(), "");
}

#[test]
fn a_dry_run_of_docks_own_verbs_starts_nothing() {
    let alice = Person::fresh("alice");
    for verb in ["env", "serve"] {
        let words = format!("dock: 'dock {verb}' is no command of docker's");
        alice.dock(["--dry-run", verb]).output().fails(2, &words);
    }
    assert!(!alice.home.join(".dock/serve.sock").exists());
}

#[test]
fn verbs_of_a_later_version_are_named() {
    let alice = Person::fresh("alice");
    for verb in ["quota", "snapshot"] {
        let words = format!("dock: 'dock {verb}' is not part of this version");
        alice.dock([verb]).output().fails(2, &words);
    }
}
