//! What the other tests take for granted: the bed is what it seems.

use std::time::Duration;

use crate::harness::{Person, Record, as_user, bed, root_docker};

#[test]
fn people_have_no_way_to_the_engine_but_dock() {
    for login in ["alice", "bob", "mallory", "carol"] {
        let person = as_user(login);
        let groups = person.command("id", ["-nG"]).output().success();
        let groups: Vec<&str> = groups.split(' ').collect();
        assert!(!groups.contains(&"docker"), "{login}: {groups:?}");
        assert_eq!(
            groups.contains(&"dock"),
            login != "carol",
            "{login}: {groups:?}"
        );
        let host = format!("unix://{}", bed("DOCK_BED_SOCKET"));
        let docker = person.command(&bed("DOCK_BED_DOCKER"), ["-H", &host, "ps"]);
        docker.output().fails(1, "permission denied");
    }
    // The twin: root's docker works there.
    root_docker(["ps"]).output().success();
}

#[test]
fn a_step_gives_code_output_and_error_apart() {
    let output = as_user("alice")
        .command("sh", ["-c", "cat; id -un; echo wrong >&2; exit 7"])
        .stdin("typed\n")
        .output();
    assert_eq!(
        (output.code, output.out(), output.err()),
        (7, "typed\nalice\n".into(), "wrong\n".into())
    );
    let killed = as_user("alice")
        .command("sh", ["-c", "kill -KILL $$"])
        .output();
    assert_eq!(killed.code, 137);
}

#[test]
#[should_panic(expected = "hangs")]
fn a_step_that_hangs_is_a_failure() {
    let sleep = as_user("alice").command("sleep", ["1000"]);
    sleep.timeout(Duration::from_millis(200)).output();
}

#[test]
fn a_terminal_has_keys_a_screen_and_a_size() {
    let terminal = as_user("alice").command("bash", ["--norc"]).on_terminal();
    terminal.send("stty size\n");
    terminal.expect("24 80");
    terminal.resize(33, 99);
    terminal.send("stty size\n");
    terminal.expect("33 99");
    terminal.send("tty -s && exit 5\n");
    let (code, shown) = terminal.wait();
    assert_eq!(code, 5, "{shown}");
    // ^C is a signal to what runs in front.
    let script = "trap 'exit 6' INT; echo begun; while :; do sleep 0.1; done";
    let terminal = as_user("alice")
        .command("bash", ["-c", script])
        .on_terminal();
    terminal.expect("begun");
    terminal.send("\x03");
    let (code, shown) = terminal.wait();
    assert_eq!(code, 6, "{shown}");
}

#[test]
fn a_closed_window_ends_what_ran_in_it() {
    let mut terminal = as_user("alice").command("sleep", ["1000"]).on_terminal();
    terminal.hang_up();
    let (code, _) = terminal.wait();
    assert_eq!(code, 129);
}

#[test]
fn a_fresh_person_is_a_member_with_nothing_and_a_stranger_is_not() {
    let (fresh, stranger) = (Person::fresh("fresh"), Person::stranger("stranger"));
    let groups = |person: &Person| person.command("id", ["-nG"]).output().success();
    assert_eq!(groups(&fresh), format!("{} dock", fresh.login));
    assert_eq!(groups(&stranger), stranger.login);
    stranger.join("dock");
    assert_eq!(groups(&stranger), format!("{} dock", stranger.login));
    stranger.leave("dock");
    assert_eq!(groups(&stranger), stranger.login);
}

#[test]
fn the_recorder_changes_no_byte_and_says_what_passed_for_whom() {
    let (person, other) = (Person::stranger("recorded"), Person::stranger("other"));
    let record = Record::mark();
    let recorder = format!("unix://{}", bed("DOCK_BED_RECORDER"));
    // More than any buffer on the way, and no text.
    let bytes: Vec<u8> = (0..3_000_000u32)
        .map(|number| (number * 7 / 5) as u8)
        .collect();
    let output = root_docker(["run", "--rm", "-i", "busybox", "cat"])
        .env("DOCKER_HOST", recorder)
        // As a gate has it from sudo.
        .env("SUDO_UID", person.uid.to_string())
        .stdin(bytes.clone())
        .output();
    assert_eq!(output.code, 0, "{}", output.err());
    assert!(
        output.stdout == bytes,
        "{} of {} bytes",
        output.stdout.len(),
        bytes.len()
    );
    let passed = record.requests_of(&person);
    for request in ["/containers/create", "/attach?", "/start", "/wait?"] {
        let found = passed
            .iter()
            .any(|line| line.starts_with("POST /v1.") && line.contains(request));
        assert!(found, "{request}: {passed:?}");
    }
    assert_eq!(record.requests_of(&other), [""; 0]);
}
