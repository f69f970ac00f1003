//! What needs a terminal: keys, the window's size, leaving without ending.

use super::Side;
use crate::harness::{Terminal, eventually};

/// Plays a scene with docker and with dock; what both showed must be equal.
#[track_caller]
fn alike(scene: impl Fn(&Side) -> String) {
    let (mut docker, mut dock) = (Side::docker(), Side::dock());
    let theirs = scene(&docker);
    let ours = scene(&dock);
    assert_eq!(docker.screen(&theirs), dock.screen(&ours));
}

/// A shell without a line editor, whose drawing would depend on the time of day.
const SHELL: &str = "echo ready; while read line; do eval \"$line\"; echo done; done";

fn on_terminal(side: &Side, words: &[&str]) -> Terminal {
    side.run(words).on_terminal()
}

fn ended(terminal: Terminal) -> String {
    let (code, shown) = terminal.wait();
    format!("exit code {code}\n{shown}\n")
}

/// One more command without a terminal, and what it said.
fn then(side: &Side, words: &[&str]) -> String {
    let output = side.run(words).output();
    format!(
        "exit code {}\n{}{}",
        output.code,
        output.out(),
        output.err()
    )
}

/// The state of `@web`, once it is `wanted`.
fn reaches(side: &Side, wanted: &str) {
    eventually("the container's state", || {
        let state = side
            .run(&["inspect", "-f", "{{.State.Status}}", "@web"])
            .output();
        (state.out().trim() == wanted).then_some(())
    });
}

#[test]
fn a_shell_on_a_terminal_is_alike() {
    alike(|side| {
        let shell = on_terminal(
            side,
            &[
                "run", "-it", "--rm", "--name", "@web", "busybox", "sh", "-c", SHELL,
            ],
        );
        shell.expect("ready");
        // docker tells the size after the start, in its own time.
        shell.send("tty; until stty size 2>/dev/null | grep '[1-9]'; do sleep 0.1; done\r");
        shell.expect("\ndone");
        shell.send("exit 4\r");
        ended(shell)
    });
}

/// Whether a new size of the window is seen inside, whenever it arrives.
fn sees_size(shell: &Terminal) -> bool {
    shell.expect("ready");
    (30..80).any(|rows| {
        // docker hears of the change as a signal, for which it may not be ready yet.
        shell.resize(rows, 111);
        shell.send("stty size\r");
        shell.expect("done");
        shell.shown().contains(" 111\r\n")
    })
}

#[test]
fn the_windows_size_reaches_the_container() {
    alike(|side| {
        let words = [
            "run", "-it", "--rm", "--name", "@web", "busybox", "sh", "-c", SHELL,
        ];
        let shell = on_terminal(side, &words);
        let seen = sees_size(&shell);
        shell.send("exit\r");
        format!(
            "exit code {}, the new size was seen: {seen}",
            shell.wait().0
        )
    });
}

#[test]
fn the_windows_size_reaches_an_exec() {
    alike(|side| {
        then(
            side,
            &["run", "-d", "--name", "@web", "busybox", "sleep", "1000"],
        );
        let shell = on_terminal(side, &["exec", "-it", "@web", "sh", "-c", SHELL]);
        let seen = sees_size(&shell);
        shell.send("exit 6\r");
        format!(
            "exit code {}, the new size was seen: {seen}",
            shell.wait().0
        )
    });
}

#[test]
fn the_detach_keys_leave_the_container_running() {
    alike(|side| {
        let shell = on_terminal(
            side,
            &["run", "-it", "--name", "@web", "busybox", "sh", "-c", SHELL],
        );
        shell.expect("ready");
        shell.send("\x10\x11");
        let left = ended(shell);
        let state = then(side, &["inspect", "-f", "{{.State.Status}}", "@web"]);
        let again = on_terminal(side, &["attach", "@web"]);
        again.send("echo again\r");
        again.expect("done");
        again.send("\x10\x11");
        let left_again = ended(again);
        let back = on_terminal(side, &["attach", "@web"]);
        back.send("echo back\r");
        back.expect("done");
        back.send("exit 8\r");
        let (code, _) = back.wait();
        let waited = then(side, &["wait", "@web"]);
        format!(
            "{left}{state}{}exit code {code}\n{waited}",
            last_line(&left_again)
        )
    });
}

/// How a prompt is drawn depends on when the terminal came; the end does not.
fn last_line(shown: &str) -> &str {
    shown.trim_end().lines().last().unwrap_or_default()
}

#[test]
fn other_detach_keys_are_obeyed() {
    alike(|side| {
        let words = [
            "run",
            "-it",
            "--name",
            "@web",
            "--detach-keys",
            "ctrl-x,x",
            "busybox",
            "sh",
            "-c",
            SHELL,
        ];
        let shell = on_terminal(side, &words);
        shell.expect("ready");
        shell.send("\x18x");
        let left = ended(shell);
        left + &then(side, &["inspect", "-f", "{{.State.Status}}", "@web"])
    });
}

#[test]
fn the_detach_keys_leave_an_exec() {
    alike(|side| {
        then(
            side,
            &["run", "-d", "--name", "@web", "busybox", "sleep", "1000"],
        );
        let shell = on_terminal(side, &["exec", "-it", "@web", "sh", "-c", SHELL]);
        shell.expect("ready");
        shell.send("\x10\x11");
        let left = ended(shell);
        left + &then(side, &["inspect", "-f", "{{.State.Status}}", "@web"])
    });
}

#[test]
fn the_interrupt_key_reaches_what_runs_inside() {
    alike(|side| {
        let script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done";
        let shell = on_terminal(
            side,
            &[
                "run", "-it", "--name", "@web", "busybox", "sh", "-c", script,
            ],
        );
        shell.expect("ready");
        shell.send("\x03");
        ended(shell) + &then(side, &["wait", "@web"])
    });
}

#[test]
fn without_a_terminal_inside_the_interrupt_key_is_a_signal() {
    alike(|side| {
        let script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done";
        let run = on_terminal(
            side,
            &["run", "--name", "@web", "busybox", "sh", "-c", script],
        );
        run.expect("ready");
        run.send("\x03");
        ended(run) + &then(side, &["wait", "@web"])
    });
}

#[test]
fn start_takes_the_terminal_that_create_asked_for() {
    alike(|side| {
        then(
            side,
            &[
                "create", "-it", "--name", "@web", "busybox", "sh", "-c", SHELL,
            ],
        );
        let shell = on_terminal(side, &["start", "-ai", "@web"]);
        shell.expect("ready");
        shell.send("exit 5\r");
        ended(shell)
    });
}

#[test]
fn killing_it_from_elsewhere_ends_the_terminal() {
    alike(|side| {
        let shell = on_terminal(
            side,
            &["run", "-it", "--name", "@web", "busybox", "sh", "-c", SHELL],
        );
        shell.expect("ready");
        reaches(side, "running");
        let killed = then(side, &["kill", "@web"]);
        killed + &ended(shell)
    });
}

#[test]
fn a_terminal_that_is_not_there_is_refused_alike() {
    alike(|side| {
        let refused = then(side, &["run", "-it", "--rm", "busybox", "true"]);
        then(
            side,
            &["run", "-d", "--name", "@web", "busybox", "sleep", "1000"],
        );
        refused + &then(side, &["exec", "-it", "@web", "true"])
    });
}

#[test]
fn colours_and_raw_bytes_pass_a_terminal() {
    alike(|side| {
        let script = r"printf '\033[31mred\033[0m \001\002 \303\244\n'";
        ended(on_terminal(
            side,
            &["run", "-t", "--rm", "busybox", "sh", "-c", script],
        ))
    });
}
