//! The same steps with docker as root and with dock as a person: the same exit
//! codes and the same output, but for what must differ.
//!
//! Steps are data, in [`steps`]. A step is a command line; `{NAME}` stands for
//! a container, network or volume of the scenario, `{t}` for its label. What
//! differs by nature (ids, times, addresses, the names' prefix on the shared
//! side) is replaced in both before they are compared; nothing else is.

mod normal;
mod steps;

use crate::harness::{Output, Person, Step, root_docker, unique};
use steps::{SCENARIOS, Scenario};

/// Whose turn it is.
enum Side {
    /// Root's docker on the shared engine: its names carry a prefix.
    Docker { prefix: String },
    /// A person's dock: names are theirs alone.
    Dock { person: Person },
}

impl Side {
    fn name(&self, name: &str) -> String {
        match self {
            Side::Docker { prefix } => format!("{prefix}{name}"),
            Side::Dock { .. } => name.to_owned(),
        }
    }

    fn step(&self, words: &[String]) -> Step {
        match self {
            Side::Docker { .. } => root_docker(words),
            Side::Dock { person } => person.dock(words),
        }
    }

    /// What came out, without what differs by nature.
    fn normal(&self, output: &Output) -> (i32, String, String) {
        let text = |text: String| {
            let text = match self {
                Side::Docker { prefix } => text.replace(prefix.as_str(), ""),
                Side::Dock { .. } => text,
            };
            normal::text(&text)
        };
        (output.code, text(output.out()), text(output.err()))
    }
}

/// Splits a command line as a shell does with single quotes alone.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut begun) = (false, false);
    for c in line.chars() {
        match c {
            '\'' => {
                quoted = !quoted;
                begun = true;
            }
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// Puts the side's names into a line: `{web}`, but not docker's `{{.Names}}`.
fn filled(side: &Side, tag: &str, scenario: &Scenario, line: &str) -> String {
    let mut line = line.replace("{t}", tag);
    for name in scenario.names {
        line = line.replace(&format!("{{{name}}}"), &side.name(name));
    }
    line
}

fn run(scenario: &Scenario) {
    let person = Person::fresh("compare");
    let prefix = format!("{}-", unique("cmp"));
    let tags = [unique("t"), unique("t")];
    let sides = [
        Side::Docker {
            prefix: prefix.clone(),
        },
        Side::Dock {
            person: person.clone(),
        },
    ];
    let mut problems = Vec::new();
    for step in scenario.steps {
        let [docker, dock] = [0, 1].map(|at| {
            let side = &sides[at];
            let line = filled(side, &tags[at], scenario, step.line);
            let mut command = side.step(&words(&line));
            if let Some(stdin) = step.stdin {
                command = command.stdin(stdin);
            }
            side.normal(&command.output())
        });
        if docker != dock {
            problems.push(format!(
                "{}\n  docker: {docker:?}\n  dock:   {dock:?}",
                step.line
            ));
        }
    }
    for name in scenario.names {
        let name = format!("{prefix}{name}");
        // Whatever of it is left.
        root_docker(["rm", "-fv", &name]).output();
        root_docker(["volume", "rm", "-f", &name]).output();
    }
    person.clear();
    assert!(
        problems.is_empty(),
        "{}: {} steps differ\n{}",
        scenario.name,
        problems.len(),
        problems.join("\n")
    );
}

fn scenario(name: &str) -> &'static Scenario {
    SCENARIOS
        .iter()
        .find(|scenario| scenario.name == name)
        .expect("a scenario of steps.rs")
}

macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            run(scenario(stringify!($name)));
        })+

        #[test]
        fn every_scenario_runs_and_there_are_enough_steps() {
            let run = [$(stringify!($name)),+];
            for scenario in SCENARIOS {
                assert!(run.contains(&scenario.name), "{} is not run", scenario.name);
            }
            let steps: usize = SCENARIOS.iter().map(|scenario| scenario.steps.len()).sum();
            assert!(steps >= 100, "{steps} steps");
        }
    };
}

scenarios!(
    lifecycle,
    lists,
    inspecting,
    exit_codes,
    input_and_output,
    execs,
    logs,
    changes,
    resources,
    volumes,
    networks_and_ports,
    namespaces,
    images,
    mistakes,
    two_at_once,
);
