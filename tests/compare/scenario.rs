//! The steps, as they stand in `*.steps`.
//!
//! `== NAME` begins a scenario, whose steps share a life; `#` begins a comment; a
//! line that ends in `\` goes on. A step is a line of shell. In it, `@web` is a
//! name of this scenario's own, `$OWN` the words that narrow root's list to it
//! (nothing for dock, where a list holds nobody else's), `$PORT` a free port of the
//! host, `$SECRET` a word that nobody else knows, and `$DOCKER` the program for
//! words that take one.

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

/// Steps that follow on each other.
pub(crate) struct Scenario {
    pub(crate) file: &'static str,
    pub(crate) name: &'static str,
    pub(crate) steps: Vec<String>,
}

pub(crate) fn all() -> Vec<Scenario> {
    FILES
        .iter()
        .flat_map(|(file, text)| parse(file, text))
        .collect()
}

fn parse(file: &'static str, text: &'static str) -> Vec<Scenario> {
    let mut scenarios: Vec<Scenario> = Vec::new();
    let mut begun = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            scenarios.push(Scenario {
                file,
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

#[test]
fn the_suite_is_as_long_as_it_was_meant_to_be() {
    let steps: usize = all().iter().map(|scenario| scenario.steps.len()).sum();
    assert!(steps >= 650, "only {steps} steps");
}

#[test]
fn every_file_of_steps_is_played() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compare");
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if let Some(name) = name.strip_suffix(".steps") {
            assert!(FILES.iter().any(|(file, _)| *file == name), "{name}.steps");
        }
    }
}
