//! What needs a terminal: keys, the window's size, leaving without ending.

use crate::harness::{Terminal, eventually};
use crate::side::Side;

/// Its name, and what plays it: it gives what the terminal and the commands after
/// it showed.
pub(crate) type Scene = (&'static str, fn(&Side) -> String);

pub(crate) static ALL: &[Scene] = &[
    ("a shell on a terminal", a_shell_on_a_terminal),
    (
        "the windows size reaches the container",
        the_windows_size_reaches_the_container,
    ),
    (
        "the windows size reaches an exec",
        the_windows_size_reaches_an_exec,
    ),
    (
        "the detach keys leave the container running",
        the_detach_keys_leave_the_container_running,
    ),
    ("other detach keys are obeyed", other_detach_keys_are_obeyed),
    (
        "the detach keys leave an exec",
        the_detach_keys_leave_an_exec,
    ),
    (
        "the interrupt key reaches what runs inside",
        the_interrupt_key_reaches_what_runs_inside,
    ),
    (
        "without a terminal inside the interrupt key is a signal",
        without_a_terminal_inside_the_interrupt_key_is_a_signal,
    ),
    (
        "start takes the terminal that create asked for",
        start_takes_the_terminal_that_create_asked_for,
    ),
    (
        "killing it from elsewhere ends the terminal",
        killing_it_from_elsewhere_ends_the_terminal,
    ),
    (
        "a terminal that is not there is refused",
        a_terminal_that_is_not_there_is_refused,
    ),
    (
        "colours and raw bytes pass a terminal",
        colours_and_raw_bytes_pass_a_terminal,
    ),
];

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

fn a_shell_on_a_terminal(side: &Side) -> String {
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
}

/// Whether a new size of the window is seen inside, whenever it arrives.
fn sees_size(shell: &Terminal) -> bool {
    shell.expect("ready");
    (30..80).any(|rows| {
        // docker hears of the change as a signal, for which it may not be ready yet.
        shell.resize(rows, 111);
        std::thread::sleep(std::time::Duration::from_millis(50));
        shell.send("stty size\r");
        shell.expect("done");
        shell.shown().contains(" 111\r\n")
    })
}

fn the_windows_size_reaches_the_container(side: &Side) -> String {
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
}

fn the_windows_size_reaches_an_exec(side: &Side) -> String {
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
}

fn the_detach_keys_leave_the_container_running(side: &Side) -> String {
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
}

/// How a prompt is drawn depends on when the terminal came; the end does not.
fn last_line(shown: &str) -> &str {
    shown.trim_end().lines().last().unwrap_or_default()
}

fn other_detach_keys_are_obeyed(side: &Side) -> String {
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
}

fn the_detach_keys_leave_an_exec(side: &Side) -> String {
    then(
        side,
        &["run", "-d", "--name", "@web", "busybox", "sleep", "1000"],
    );
    let shell = on_terminal(side, &["exec", "-it", "@web", "sh", "-c", SHELL]);
    shell.expect("ready");
    shell.send("\x10\x11");
    let left = ended(shell);
    left + &then(side, &["inspect", "-f", "{{.State.Status}}", "@web"])
}

fn the_interrupt_key_reaches_what_runs_inside(side: &Side) -> String {
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
}

fn without_a_terminal_inside_the_interrupt_key_is_a_signal(side: &Side) -> String {
    let script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done";
    let run = on_terminal(
        side,
        &["run", "--name", "@web", "busybox", "sh", "-c", script],
    );
    run.expect("ready");
    run.send("\x03");
    ended(run) + &then(side, &["wait", "@web"])
}

fn start_takes_the_terminal_that_create_asked_for(side: &Side) -> String {
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
}

fn killing_it_from_elsewhere_ends_the_terminal(side: &Side) -> String {
    let shell = on_terminal(
        side,
        &["run", "-it", "--name", "@web", "busybox", "sh", "-c", SHELL],
    );
    shell.expect("ready");
    reaches(side, "running");
    let killed = then(side, &["kill", "@web"]);
    killed + &ended(shell)
}

fn a_terminal_that_is_not_there_is_refused(side: &Side) -> String {
    let refused = then(side, &["run", "-it", "--rm", "busybox", "true"]);
    then(
        side,
        &["run", "-d", "--name", "@web", "busybox", "sleep", "1000"],
    );
    refused + &then(side, &["exec", "-it", "@web", "true"])
}

fn colours_and_raw_bytes_pass_a_terminal(side: &Side) -> String {
    let script = r"printf '\033[31mred\033[0m \001\002 \303\244\n'";
    ended(on_terminal(
        side,
        &["run", "-t", "--rm", "busybox", "sh", "-c", script],
    ))
}
