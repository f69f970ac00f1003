//! The same steps with plain docker as root and with dock as two people at the
//! same time: the same exit code, the same output, for both.
//!
//! Each step is taken by the three at once, so the two people want the same names
//! at the same moment. What the gates answered meanwhile is searched for the
//! other person ([`leaks`]), and afterwards the machine holds what it held before
//! ([`holdings`]). That is why this is a test program of its own: nothing else may
//! use the engine while it runs. Needs the test bed: `tests/run --test compare`.
//!
//! `DOCK_COMPARE_ONLY=TEXT` plays what holds the text in `FILE: SCENARIO`.
//! `DOCK_COMPARE_SELF=1` puts plain docker on all sides: what differs then is the
//! comparison's own fault.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall stop and say where"
)]

#[path = "../harness/mod.rs"]
mod harness;

mod holdings;
mod leaks;
mod normal;
mod scenario;
mod scenes;
mod secrets;
mod side;

use std::sync::Mutex;
use std::thread;

use harness::{Person, root_docker};
use holdings::Holdings;
use leaks::Watch;
use scenario::Scenario;
use scenes::Scene;
use side::Side;

/// How many pairs of people play at the same time.
const PAIRS: usize = 2;

/// What three play alike.
enum Play {
    Steps(Scenario),
    Scene(&'static Scene),
}

impl Play {
    fn name(&self) -> String {
        match self {
            Play::Steps(scenario) => format!("{}: {}", scenario.file, scenario.name),
            Play::Scene((name, _)) => format!("terminal: {name}"),
        }
    }

    /// Everything that differed between docker and one of the people.
    fn differences(&self, pair: &[Person]) -> Vec<String> {
        // The engine itself refuses a second prune at the same time.
        static PRUNES: Mutex<()> = Mutex::new(());
        let _one = self.name().starts_with("prunes").then(|| PRUNES.lock());
        let mut sides = Side::all(pair);
        match self {
            Play::Steps(scenario) => {
                let steps = scenario.steps.iter();
                steps.flat_map(|line| step(&mut sides, line)).collect()
            }
            Play::Scene((name, play)) => at_once(&mut sides, name, |side| {
                let shown = play(side);
                side.plain(&shown)
            }),
        }
    }
}

/// One step on all sides. A container that is gone at once may take its last
/// words with it, with docker (one in 300 of 28.5's on a busy machine) as with
/// dock: a step that leaves nothing behind is taken again before it counts.
fn step(sides: &mut [Side], line: &str) -> Vec<String> {
    let differences = taken(sides, line);
    let leaves_nothing = line.starts_with("docker run --rm ") && !line.contains("--name");
    if differences.is_empty() || !leaves_nothing {
        return differences;
    }
    taken(sides, line)
}

fn taken(sides: &mut [Side], line: &str) -> Vec<String> {
    at_once(sides, line, |side| {
        let output = side.step(line).output();
        side.nothing_shows_through(&output);
        format!(
            "exit code {}\n{}--- stderr\n{}",
            output.code,
            side.plain(&output.out()),
            side.plain(&output.err())
        )
    })
}

/// Lets all sides do the same at the same time, and compares each with the first.
fn at_once(
    sides: &mut [Side],
    what: &str,
    play: impl Fn(&mut Side) -> String + Sync,
) -> Vec<String> {
    let play = &play;
    let shown: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = sides
            .iter_mut()
            .map(|side| scope.spawn(move || play(side)))
            .collect();
        let ended = running.into_iter().map(|thread| thread.join());
        // A side that panicked said why; the others' words are compared all the same.
        ended
            .map(|shown| shown.unwrap_or_else(|_| "panicked, see above".into()))
            .collect()
    });
    let (docker, people) = shown.split_first().expect("docker plays");
    people
        .iter()
        .filter(|shown| *shown != docker)
        .map(|shown| format!("{what}\n[docker] {docker}\n[dock] {shown}"))
        .collect()
}

/// Everything there is to play, for the people to take from its end.
fn plays() -> Vec<Play> {
    let only = std::env::var("DOCK_COMPARE_ONLY").unwrap_or_default();
    let scenes = scenes::ALL.iter().map(Play::Scene);
    scenario::all()
        .into_iter()
        .map(Play::Steps)
        .chain(scenes)
        .filter(|play| play.name().contains(&only))
        .rev()
        .collect()
}

#[test]
fn two_people_at_once_see_what_docker_shows_and_nothing_of_each_other() {
    let pairs: Vec<Vec<Person>> = (0..PAIRS)
        .map(|_| vec![Person::fresh("alice"), Person::fresh("bob")])
        .collect();
    let people: Vec<Person> = pairs.concat();
    // Whatever a first command leaves for good (a lock file, a cgroup) is there before.
    let first = ["run", "--rm", "busybox", "true"];
    root_docker(first).output().success();
    for person in &people {
        person.dock(first).output().success();
        person.dock(["system", "df"]).output().success();
    }
    let before = Holdings::settled(&people);
    let watch = Watch::begin(&people);
    let plays = Mutex::new(plays());
    let differences = Mutex::new(Vec::new());
    let next = || plays.lock().unwrap().pop();
    thread::scope(|scope| {
        for pair in &pairs {
            scope.spawn(|| {
                while let Some(play) = next() {
                    for difference in play.differences(pair) {
                        let told = format!("## {}: {difference}", play.name());
                        differences.lock().unwrap().push(told);
                    }
                }
            });
        }
    });
    let leaks = watch.end();
    let left = before.compared_with_now(&people);
    let differences = differences.into_inner().unwrap();
    assert!(
        differences.is_empty() && leaks.is_empty() && left.is_empty(),
        "{} steps differ, {} leaks, {} things are not as before\n\n{}\n{}\n{}",
        differences.len(),
        leaks.len(),
        left.len(),
        differences.join("\n"),
        leaks.join("\n"),
        left.join("\n")
    );
}
