//! Whether what the gates answered to one shows anything of another.
//!
//! While somebody plays, all that their gates answer is written down by
//! `tests/bed/witness.rs`, which stands where dock looks for docker. At the end it is
//! searched for what is somebody else's ([`crate::secrets`]) and for dock's own labels.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::harness::{Person, Running, Step, bed, root_docker};
use crate::holdings::processes;
use crate::secrets::Secrets;

/// Where the witnesses write: a file named `UID.PID.NUMBER` for each connection.
const ANSWERS: &str = "/run/bed/answers";
/// Makes dock take a witness for docker.
const CONFIGURATION: &str = "/etc/dock/conf.d/01-witness.toml";

/// How long a play may take.
const PLAY: Duration = Duration::from_secs(1500);

/// At least so many own ids stand in what somebody was answered, when all is played.
const OWN_IDS: usize = 100;

pub(crate) struct Watch {
    people: Vec<Person>,
    /// Root's view, which says whose each object is.
    engine: Running,
    /// Each person's own view of the same: it is open while the others are busy.
    streams: Vec<Running>,
}

/// What a gate said on one connection.
struct Answer {
    file: String,
    bytes: Vec<u8>,
}

impl Watch {
    pub(crate) fn begin(people: &[Person]) -> Watch {
        std::fs::create_dir(ANSWERS).unwrap();
        let for_all = std::fs::Permissions::from_mode(0o1777);
        std::fs::set_permissions(ANSWERS, for_all).unwrap();
        let witness = format!("[engine]\ndocker = \"{}\"\n", bed("DOCK_BED_WITNESS"));
        std::fs::write(CONFIGURATION, witness).unwrap();
        let events = ["events", "--format", "{{json .}}"];
        let streams = people.iter().map(|person| {
            let events = witnessed(person.dock(events));
            events.timeout(PLAY).spawn()
        });
        Watch {
            streams: streams.collect(),
            engine: root_docker(events).timeout(PLAY).spawn(),
            people: people.to_vec(),
        }
    }

    /// Everything that stands in an answer to somebody who should not see it.
    pub(crate) fn end(self) -> Vec<String> {
        for running in self.streams.iter().chain([&self.engine]) {
            running.signal(Signal::SIGTERM);
        }
        for stream in self.streams {
            stream.output();
        }
        let events = self.engine.output().out();
        wait_for_the_end_of(&self.people);
        std::fs::remove_file(CONFIGURATION).unwrap();
        let secrets = Secrets::of_all(&self.people, &events);
        let told = self.people.iter().flat_map(|person| {
            let answers = answers_to(person);
            let mut told = shown_to(person, &answers, &secrets);
            told.extend(unseen_in(person, &answers, &secrets));
            told
        });
        let told = told.collect();
        std::fs::remove_dir_all(ANSWERS).unwrap();
        told
    }
}

/// The same step, with a witness.
pub(crate) fn witnessed(step: Step) -> Step {
    step.env("DOCK_BED_DOCKER", bed("DOCK_BED_DOCKER"))
        .env("DOCK_BED_ANSWERS", ANSWERS)
}

/// Until no gate of theirs can say any more.
fn wait_for_the_end_of(people: &[Person]) {
    let end = Instant::now() + Duration::from_secs(30);
    while !processes(people).is_empty() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn answers_to(person: &Person) -> Vec<Answer> {
    let whose = format!("{}.", person.uid);
    let mut answers = Vec::new();
    for entry in Path::new(ANSWERS).read_dir().unwrap().flatten() {
        let file = entry.file_name().into_string().unwrap();
        if file.starts_with(&whose) && !file.ends_with(".sock") {
            let bytes = std::fs::read(entry.path()).unwrap();
            answers.push(Answer { file, bytes });
        }
    }
    answers
}

/// What was answered to `person` and is another's, or dock's own.
fn shown_to(person: &Person, answers: &[Answer], secrets: &[Secrets]) -> Vec<String> {
    let hidden = Secrets::of_dock(person);
    let others = secrets.iter().filter(|other| !other.is_of(person));
    let foreign: Vec<&Secrets> = others.chain([&hidden]).collect();
    let mut told = Vec::new();
    for Answer { file, bytes } in answers {
        for foreign in &foreign {
            if let Some(what) = foreign.found_in(bytes) {
                let (whose, login) = (&foreign.whose, &person.login);
                told.push(format!(
                    "{file}: {login} was shown {what}, which is {whose}'s"
                ));
            }
        }
    }
    told
}

/// The search is no better than what it searches for and in: a person's own ids do
/// stand there, and what is somebody else's is found once it is put there.
fn unseen_in(person: &Person, answers: &[Answer], secrets: &[Secrets]) -> Vec<String> {
    let mut told = Vec::new();
    let own = secrets.iter().filter(|own| own.is_of(person));
    let seen: usize = own
        .map(|own| {
            let with_ids = answers.iter().filter(|it| own.has_id_in(&it.bytes));
            with_ids.count()
        })
        .sum();
    let all_is_played = std::env::var_os("DOCK_COMPARE_ONLY").is_none();
    if seen < if all_is_played { OWN_IDS } else { 1 } {
        told.push(format!(
            "only {seen} answers to {} hold own ids",
            person.login
        ));
    }
    let Some(largest) = answers.iter().max_by_key(|answer| answer.bytes.len()) else {
        return told;
    };
    for other in secrets.iter().filter(|other| !other.is_of(person)) {
        for planted in other.planted_in(&largest.bytes) {
            if other.found_in(&planted).is_none() {
                told.push(format!(
                    "a word of {} is not found where it was put",
                    other.whose
                ));
            }
        }
    }
    told
}
