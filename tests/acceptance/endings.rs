//! How commands end, and what is left then: nothing that its owner cannot see
//! and remove, no process, no socket.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness::{Person, eventually, root_docker};

/// Processes of dock that belong to the person's commands: name, pid, parent.
pub(crate) fn processes(person: &Person) -> Vec<(String, i32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let read =
            |name: &str| std::fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let name = read("comm").trim().to_owned();
        if !matches!(name.as_str(), "dock" | "docker" | "dock-gate" | "sudo") {
            continue;
        }
        let uid = format!("SUDO_UID={}", person.uid);
        let theirs = read("environ").split('\0').any(|entry| entry == uid)
            || read("status").lines().any(|line| {
                line.split_whitespace().eq(["Uid:"; 1]
                    .into_iter()
                    .chain([person.uid.to_string().as_str(); 4]))
            });
        // A zombie is its parent's to collect.
        if theirs && !read("stat").contains(") Z ") {
            found.push((name, pid));
        }
    }
    found
}

/// Socket folders of the person's in /tmp.
fn folders(person: &Person) -> Vec<String> {
    let prefix = format!("dock-{}-", person.uid);
    std::fs::read_dir("/tmp")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(&prefix))
        .collect()
}

#[track_caller]
pub(crate) fn nothing_is_left(person: &Person) {
    eventually(
        &format!("no process is left: {:?}", processes(person)),
        || processes(person).is_empty().then_some(()),
    );
    // A killed waiter leaves its folder to the next command.
    person.dock(["ps"]).output().success();
    eventually(&format!("no folder is left: {:?}", folders(person)), || {
        folders(person).is_empty().then_some(())
    });
    // What runs is what its owner sees, and can be removed.
    let space = format!("label=dock.space=u{}", person.uid);
    // A container with --rm may go between the two lists.
    let seen = eventually("its owner sees all that is there", || {
        let seen = person.dock(["ps", "-aq", "--no-trunc"]).output().success();
        let there = root_docker(["ps", "-aq", "--no-trunc", "--filter", &space])
            .output()
            .success();
        (seen == there).then_some(seen)
    });
    let ids: Vec<&str> = seen.split_whitespace().collect();
    if !ids.is_empty() {
        // One with --rm may go by itself meanwhile, which the command calls an error.
        person.dock(["rm", "-fv"].iter().chain(&ids)).output();
    }
    eventually("all of it can be removed", || {
        let there = root_docker(["ps", "-aq", "--filter", &space])
            .output()
            .success();
        there.is_empty().then_some(())
    });
    // Those that the person made stay until the person removes them.
    person.dock(["network", "prune", "-f"]).output().success();
    let networks = eventually("the network goes with the last container", || {
        let networks = root_docker(["network", "ls", "-q", "--filter", &space])
            .output()
            .success();
        networks.is_empty().then_some(networks)
    });
    assert_eq!(networks, "");
}

#[test]
fn a_command_that_ends_leaves_nothing() {
    let alice = Person::fresh("alice");
    assert_eq!(
        alice
            .dock(["run", "--rm", "busybox", "sh", "-c", "exit 3"])
            .output()
            .code,
        3
    );
    nothing_is_left(&alice);
}

#[test]
fn interrupting_reaches_the_container_and_not_the_gate() {
    let alice = Person::fresh("alice");
    let script = "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.1; done";
    // Without -t docker itself catches ^C and sends the signal on.
    let terminal = alice
        .dock(["run", "--rm", "-i", "busybox", "sh", "-c", script])
        .on_terminal();
    terminal.expect("ready");
    terminal.send("\x03");
    terminal.expect("caught");
    let (code, shown) = terminal.wait();
    assert_eq!(code, 5, "{shown}");
    nothing_is_left(&alice);
}

#[test]
fn a_stopped_command_goes_on_in_the_foreground() {
    let alice = Person::fresh("alice");
    let shell = alice.command("bash", ["--norc", "-i"]).on_terminal();
    shell.send("PS1='>> '\n");
    shell.expect(">> ");
    shell.send("dock run --sig-proxy=false --rm busybox sh -c 'for i in 1 2 3 4 5 6; do echo line $i; sleep 0.4; done'; echo code $?\n");
    shell.expect("line 2");
    shell.send("\x1a");
    shell.expect("Stopped");
    std::thread::sleep(Duration::from_millis(500));
    shell.send("fg\n");
    shell.expect("line 6");
    shell.send("exit 0\n");
    let (code, shown) = shell.wait();
    assert_eq!(code, 0, "{shown}");
    nothing_is_left(&alice);
}

#[test]
fn a_closed_terminal_ends_the_command() {
    let alice = Person::fresh("alice");
    // The signal is the container's to act on, as with docker itself.
    let script = "trap 'exit 0' HUP; echo ready; while :; do sleep 0.1; done";
    let words = [
        "run", "--rm", "-it", "--name", "web", "busybox", "sh", "-c", script,
    ];
    let mut terminal = alice.dock(words).on_terminal();
    terminal.expect("ready");
    terminal.hang_up();
    terminal.wait();
    nothing_is_left(&alice);
}

#[test]
fn whatever_is_killed_and_whenever_nothing_is_lost_from_sight() {
    let alice = Person::fresh("alice");
    for round in 0..24u64 {
        let name = format!("round-{round}");
        let running = alice
            .dock(["run", "--rm", "--name", &name, "busybox", "sleep", "0.3"])
            .spawn();
        // Spread over the whole life of the command.
        std::thread::sleep(Duration::from_millis(round * 17 % 400));
        let victims = ["docker", "dock", "dock-gate", "sudo"];
        let victim = victims[(round % 4) as usize];
        for (process, pid) in processes(&alice) {
            if process == victim {
                // It may have ended meanwhile.
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        running.output();
    }
    nothing_is_left(&alice);
}

#[test]
fn a_person_who_leaves_the_group_loses_long_streams() {
    let alice = Person::fresh("alice");
    alice
        .dock(["run", "-d", "--name", "web", "busybox", "sleep", "1000"])
        .output()
        .success();
    let events = alice
        .dock(["events"])
        .timeout(Duration::from_secs(100))
        .spawn();
    std::thread::sleep(Duration::from_secs(1));
    alice.leave("dock");
    // The gate looks each minute.
    let ended = events.output();
    assert_ne!(ended.code, 137, "{ended:?}");
    alice.clear();
}
