//! kill -9 at random points of all kinds of commands: nothing is lost from its
//! owner's sight, and nobody else notices.
//!
//! `DOCK_KILLS=N` plays N rounds, `DOCK_KILLS_SEED=N` those of an earlier run.

use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::endings::{nothing_is_left, processes};
use crate::harness::{Person, root_docker};

/// Rounds without `DOCK_KILLS`.
const ROUNDS: u64 = 40;

/// The commands; `NAME` is the round's own.
const COMMANDS: &[&[&str]] = &[
    &["run", "--rm", "--name", "NAME", "busybox", "sleep", "0.2"],
    &[
        "run", "-d", "--name", "NAME", "-v", "/scratch", "busybox", "sleep", "1000",
    ],
    &[
        "run",
        "-d",
        "--rm",
        "--name",
        "NAME",
        "-v",
        "data:/data",
        "busybox",
        "sleep",
        "0.2",
    ],
    &["create", "--name", "NAME", "-p", "80", "busybox"],
    &[
        "run",
        "--name",
        "NAME",
        "--restart",
        "on-failure:1",
        "busybox",
        "false",
    ],
    &["exec", "standing", "sleep", "0.1"],
    &["restart", "-t", "0", "standing"],
    &["rename", "standing", "standing"],
    &["rm", "-fv", "standing"],
    &["run", "-i", "--rm", "--name", "NAME", "busybox", "cat"],
    &["network", "create", "NAME"],
    &["network", "connect", "--alias", "there", "lab", "standing"],
    &["network", "disconnect", "-f", "lab", "standing"],
    &[
        "run",
        "-d",
        "--name",
        "NAME",
        "--network",
        "lab",
        "busybox",
        "sleep",
        "1000",
    ],
    &["volume", "create", "data"],
    &["container", "prune", "-f"],
    &["network", "prune", "-f"],
    &["system", "df"],
];

const VICTIMS: [&[&str]; 5] = [
    &["docker"],
    &["dock"],
    &["dock-gate"],
    &["sudo", "dock-gate"],
    &["docker", "dock", "sudo", "dock-gate"],
];

/// xorshift: enough to be anywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.below(list.len() as u64);
        &list[usize::try_from(at).unwrap()]
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    setting("DOCK_KILLS_SEED").unwrap_or(now.unwrap().as_secs())
}

#[test]
fn kills_at_random_points_lose_nothing_and_touch_nobody() {
    let seed = seed();
    // However it fails: the same rounds can be played again.
    let played = std::panic::catch_unwind(|| play(seed));
    assert!(played.is_ok(), "DOCK_KILLS_SEED={seed}");
}

fn play(seed: u64) {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let words = [
        "run", "-d", "--name", "standing", "busybox", "sleep", "1000",
    ];
    let his = bob.dock(words).output().success();
    let state = || {
        let format = "{{.Name}} {{.State.Running}} {{.State.StartedAt}} {{.RestartCount}}";
        root_docker(["inspect", "-f", format, &his])
            .output()
            .success()
    };
    let before = state();
    let mut random = Random(seed.max(1));
    let rounds = setting("DOCK_KILLS").unwrap_or(ROUNDS);
    for round in 0..rounds {
        // There or not, as the rounds before left them.
        alice.dock(words).output();
        alice.dock(["network", "create", "lab"]).output();
        if round % 6 == 5 {
            // A space has seven networks.
            alice.dock(["network", "prune", "-f"]).output();
        }
        let name = format!("round-{round}");
        let command = random.pick(COMMANDS).iter();
        let command: Vec<&str> = command
            .map(|word| if *word == "NAME" { &name } else { *word })
            .collect();
        let running = alice.dock(&command).stdin("").spawn();
        std::thread::sleep(Duration::from_millis(random.below(250)));
        let victims = random.pick(&VICTIMS);
        for (process, pid) in processes(&alice) {
            if victims.contains(&process.as_str()) {
                // It may have ended meanwhile.
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
        }
        running.output();
        if round % 10 == 9 {
            nothing_is_left(&alice);
        }
    }
    nothing_is_left(&alice);
    assert_eq!(state(), before);
    let seen = bob.dock(["ps", "-aq", "--no-trunc"]).output().success();
    assert_eq!(seen, his);
    // Volumes with a name stay, as with docker; those without went with their containers.
    let space = format!("label=dock.space=u{}", alice.uid);
    let left = root_docker(["volume", "ls", "-q", "--filter", &space])
        .output()
        .success();
    let named = [alice.real("data")];
    assert!(
        left.split_whitespace()
            .all(|name| named.contains(&name.to_owned())),
        "{left}"
    );
    alice.clear();
    bob.clear();
}
