//! One of those who type: root with plain docker, or a person with dock.

use std::sync::atomic::{AtomicU16, Ordering};

use crate::harness::{Output, Person, Step, bed, root, root_docker};
use crate::leaks::witnessed;
use crate::normal::Normal;

/// How many ports a side may use.
const PORTS: u16 = 10;

pub(crate) struct Side {
    person: Option<Person>,
    prefix: String,
    port: u16,
    secret: String,
    normal: Normal,
}

impl Side {
    /// Docker first, then the people. They want the same names, so what the host
    /// gives once (a port) is each one's own, and nothing else.
    pub(crate) fn all(people: &[Person]) -> Vec<Side> {
        let docker = Side::new(None, None);
        // Of one length on all sides, so that tables are as wide.
        let prefix = format!("d{}-", docker.port);
        let compare_self = std::env::var_os("DOCK_COMPARE_SELF").is_some();
        let people = people.iter().map(|person| {
            if compare_self {
                Side::new(None, None)
            } else {
                Side::new(Some(person.clone()), Some(prefix.clone()))
            }
        });
        let people: Vec<Side> = people.collect();
        [vec![docker], people].into_iter().flatten().collect()
    }

    fn new(person: Option<Person>, prefix: Option<String>) -> Side {
        static NEXT: AtomicU16 = AtomicU16::new(20_000);
        let port = NEXT.fetch_add(PORTS, Ordering::Relaxed);
        let prefix = prefix.unwrap_or_else(|| format!("c{port}-"));
        let secret = secret(person.as_ref());
        Side {
            normal: Normal::new(&prefix, &secret, port..port + PORTS),
            person,
            prefix,
            port,
            secret,
        }
    }

    /// One step, about to run.
    pub(crate) fn step(&self, line: &str) -> Step {
        let line = line.replace('@', &self.prefix);
        let script = format!("set -o pipefail\ndocker() {{ \"$DOCKER\" \"$@\"; }}\n{line}");
        let words = ["-c", script.as_str()];
        let (step, program, own) = match &self.person {
            Some(person) => (
                witnessed(person.command("/bin/bash", words)),
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
            .env("SECRET", &self.secret)
    }

    /// The program itself, without a shell between.
    pub(crate) fn run(&self, words: &[&str]) -> Step {
        let words = words.iter().map(|word| word.replace('@', &self.prefix));
        match &self.person {
            Some(person) => witnessed(person.dock(words)),
            None => root_docker(words),
        }
    }

    /// What must be equal on all sides.
    pub(crate) fn plain(&mut self, text: &str) -> String {
        self.normal.text(text)
    }

    /// # Panics
    /// When a person is shown what dock is made of.
    pub(crate) fn nothing_shows_through(&self, output: &Output) {
        let Some(person) = &self.person else {
            return;
        };
        let (out, err) = (output.out(), output.err());
        for own in [person.real(""), "dock.space".into(), "/dock/".into()] {
            let seen = out.contains(&own) || err.contains(&own);
            assert!(!seen, "{own:?} is nobody's to see: {output:?}");
        }
    }
}

/// A word of somebody's own, of one length for all.
pub(crate) fn secret(person: Option<&Person>) -> String {
    format!("secret{:08}", person.map_or(0, |person| person.uid))
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
