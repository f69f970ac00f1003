//! The same steps with plain docker as root and with dock as a person: the same
//! exit code, the same output.
//!
//! The steps are lines of shell in `*.steps`: `== NAME` begins a scenario, whose
//! steps share a life; `#` begins a comment; a line that ends in `\` goes on. In a
//! step, `@web` is a name of this scenario's own, `$OWN` the words that narrow
//! root's list to it (nothing for dock, where a list holds nobody else's), `$PORT`
//! a free port of the host and `$DOCKER` the program for words that take one.
//!
//! `DOCK_COMPARE_SELF=1` puts plain docker on both sides: what differs then is the
//! comparison's own fault. `DOCK_COMPARE_ONLY=TEXT` plays the scenarios whose name
//! holds the text.

mod normal;
mod terminal;

use std::sync::atomic::{AtomicU16, Ordering};

use crate::harness::{Output, Person, Step, bed, root, root_docker};
use normal::Normal;

/// How many ports a side may use.
const PORTS: u16 = 10;

const FILES: &[(&str, &str)] = &[
    ("creating", include_str!("creating.steps")),
    ("errors", include_str!("errors.steps")),
    ("images", include_str!("images.steps")),
    ("inside", include_str!("inside.steps")),
    ("life", include_str!("life.steps")),
    ("lists", include_str!("lists.steps")),
    ("networks", include_str!("networks.steps")),
    ("options", include_str!("options.steps")),
    ("prunes", include_str!("prunes.steps")),
    ("volumes", include_str!("volumes.steps")),
];

/// One of the two who type.
pub(super) struct Side {
    person: Option<Person>,
    prefix: String,
    port: u16,
    normal: Normal,
}

impl Side {
    fn docker() -> Side {
        Side::new(None)
    }

    fn dock() -> Side {
        let compare_self = std::env::var_os("DOCK_COMPARE_SELF").is_some();
        Side::new((!compare_self).then(|| Person::fresh("alice")))
    }

    fn new(person: Option<Person>) -> Side {
        static NEXT: AtomicU16 = AtomicU16::new(20_000);
        let port = NEXT.fetch_add(PORTS, Ordering::Relaxed);
        // Of one length on both sides, so that tables are as wide.
        let prefix = format!("c{port}-");
        Side {
            normal: Normal::new(&prefix, port..port + PORTS),
            person,
            prefix,
            port,
        }
    }

    /// One step, about to run.
    fn step(&self, line: &str) -> Step {
        let line = line.replace('@', &self.prefix);
        let script = format!("set -o pipefail\ndocker() {{ \"$DOCKER\" \"$@\"; }}\n{line}");
        let words = ["-c", script.as_str()];
        let (step, program, own) = match &self.person {
            Some(person) => (
                person.command("/bin/bash", words),
                "/usr/local/bin/dock".into(),
                String::new(),
            ),
            None => (
                root("/bin/bash", words)
                    .env("DOCKER_HOST", format!("unix://{}", bed("DOCK_BED_SOCKET"))),
                bed("DOCK_BED_DOCKER"),
                format!("--filter name={}", self.prefix),
            ),
        };
        step.env("DOCKER", program)
            .env("OWN", own)
            .env("PORT", self.port.to_string())
    }

    /// The program itself, without a shell between.
    pub(super) fn run(&self, words: &[&str]) -> Step {
        let words = words.iter().map(|word| word.replace('@', &self.prefix));
        match &self.person {
            Some(person) => person.dock(words),
            None => root_docker(words),
        }
    }

    /// What must be equal on both sides.
    fn plain(&mut self, output: &Output) -> String {
        let (out, err) = (output.out(), output.err());
        if let Some(person) = &self.person {
            for own in [person.real(""), "dock.space".into(), "/dock/".into()] {
                let seen = out.contains(&own) || err.contains(&own);
                assert!(!seen, "{own:?} is nobody's to see: {output:?}");
            }
        }
        format!(
            "exit code {}\n{}--- stderr\n{}",
            output.code,
            self.normal.text(&out),
            self.normal.text(&err)
        )
    }

    pub(super) fn screen(&mut self, text: &str) -> String {
        self.normal.text(text)
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        match &self.person {
            Some(person) => person.clear(),
            None => {
                let script = "docker ps -aq --filter name=@ | xargs -r \"$DOCKER\" rm -fv\n\
                              docker network ls -q --filter name=@ | xargs -r \"$DOCKER\" network rm\n\
                              docker volume ls -q --filter name=@ | xargs -r \"$DOCKER\" volume rm";
                // A second panic would hide the first.
                let _ = self.step(script).output();
            }
        }
    }
}

/// Steps that follow on each other.
struct Scenario {
    name: &'static str,
    steps: Vec<String>,
}

fn scenarios(file: &'static str) -> Vec<Scenario> {
    let mut scenarios: Vec<Scenario> = Vec::new();
    let mut begun = String::new();
    for line in file.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            scenarios.push(Scenario {
                name,
                steps: Vec::new(),
            });
        } else if let Some(part) = line.strip_suffix('\\') {
            begun += part.trim_start();
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            let step = std::mem::take(&mut begun) + line.trim_start();
            let scenario = scenarios.last_mut().expect("a step without a scenario");
            scenario.steps.push(step);
        }
    }
    assert!(begun.is_empty(), "a step does not end: {begun}");
    scenarios
}

/// Every scenario of a file; all differences are told at the end.
fn compare(file: &str) {
    let (_, text) = FILES
        .iter()
        .find(|(name, _)| *name == file)
        .expect("a file of steps");
    let only = std::env::var("DOCK_COMPARE_ONLY").unwrap_or_default();
    let mut differences = Vec::new();
    for scenario in scenarios(text) {
        if scenario.name.contains(&only) {
            play(&scenario, &mut differences);
        }
    }
    let count = differences.len();
    assert!(
        count == 0,
        "{count} steps differ:\n\n{}",
        differences.join("\n")
    );
}

fn play(scenario: &Scenario, differences: &mut Vec<String>) {
    let (mut docker, mut dock) = (Side::docker(), Side::dock());
    for line in &scenario.steps {
        // At the same time: what takes docker a second takes the test no two.
        let (theirs, ours) = (docker.step(line).spawn(), dock.step(line).spawn());
        let (theirs, ours) = (docker.plain(&theirs.output()), dock.plain(&ours.output()));
        if theirs != ours {
            differences.push(format!(
                "## {}: {line}\n[docker] {theirs}[dock] {ours}",
                scenario.name
            ));
        }
    }
}

#[test]
fn creating_and_running_is_alike() {
    compare("creating");
}

#[test]
fn errors_are_alike() {
    compare("errors");
}

#[test]
fn images_are_alike() {
    compare("images");
}

#[test]
fn work_inside_a_container_is_alike() {
    compare("inside");
}

#[test]
fn a_containers_life_is_alike() {
    compare("life");
}

#[test]
fn lists_are_alike() {
    compare("lists");
}

#[test]
fn networks_are_alike() {
    compare("networks");
}

#[test]
fn options_are_alike() {
    compare("options");
}

#[test]
fn prunes_are_alike() {
    compare("prunes");
}

#[test]
fn volumes_are_alike() {
    compare("volumes");
}

#[test]
fn the_suite_is_as_long_as_it_was_meant_to_be() {
    let steps: usize = FILES
        .iter()
        .flat_map(|(_, text)| scenarios(text))
        .map(|scenario| scenario.steps.len())
        .sum();
    assert!(steps >= 500, "only {steps} steps");
}
