//! The checks of one person's place on this host.

use super::facts::{Facts, Step};
use crate::check::{Check, Looked, Severity, Unknown, Verdict, found, found_if, known};
use crate::units;

/// Less than this is little, whatever the size of the disk.
const LITTLE: u64 = 1 << 30;

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "start.surroundings",
        title: "dock cannot start from here",
        severity: Severity::Error,
        why: "sudo has to start the gate, and cannot in this process",
        remedy: "run dock outside of the sandbox or container",
        look: |facts| step(&facts.surroundings),
    },
    Check {
        id: "start.config",
        title: "dock's configuration cannot be used",
        severity: Severity::Error,
        why: "nobody is served until it can",
        remedy: "tell an administrator of this host",
        look: |facts| step(&facts.config),
    },
    Check {
        id: "start.person",
        title: "this host does not know who you are",
        severity: Severity::Error,
        why: "a space belongs to an account",
        remedy: "tell an administrator of this host",
        look: |facts| step(&facts.person),
    },
    Check {
        id: "start.group",
        title: "you may not use dock",
        severity: Severity::Error,
        why: "members of its group have a space",
        remedy: "ask an administrator, or log in again if you were added meanwhile",
        look: |facts| match &facts.group {
            Some(group) => step(group),
            None => Err(Unknown("who you are is not known".into())),
        },
    },
    Check {
        id: "start.installed",
        title: "a part of dock is missing",
        severity: Severity::Error,
        why: "dock needs sudo and its gate",
        remedy: "tell an administrator of this host",
        look: |facts| step(&facts.installed),
    },
    Check {
        id: "start.docker",
        title: "there is no docker CLI that dock can run",
        severity: Severity::Error,
        why: "every docker command is docker's own program",
        remedy: "tell an administrator of this host",
        look: |facts| step(&facts.docker),
    },
    Check {
        id: "start.gate",
        title: "the gate does not serve you",
        severity: Severity::Error,
        why: "every docker command goes through it",
        remedy: "what it says names the reason; an administrator can run 'dock admin doctor'",
        look: |facts| match &facts.gate {
            Some(gate) => step(gate),
            None => Err(Unknown("something else keeps a gate from starting".into())),
        },
    },
    Check {
        id: "past.socket",
        title: "you can use the engine past dock",
        severity: Severity::Warning,
        why: "you are root on this host by it, and a slip can remove others' things",
        remedy: "ask to be taken out of group docker, and use dock",
        look: |facts| found(facts.past.iter().cloned()),
    },
    Check {
        id: "past.variables",
        title: "your environment leads docker elsewhere",
        severity: Severity::Warning,
        why: "dock does not use it, and other docker clients do not use dock",
        remedy: "'unset DOCKER_HOST DOCKER_CONTEXT'; 'dock -H ...' reaches another engine",
        look: |facts| found(facts.variables.iter().cloned()),
    },
    Check {
        id: "past.alias",
        title: "'docker' is docker's own program in your $PATH",
        severity: Severity::Info,
        why: "it may not use the engine; scripts that say docker do not get dock",
        remedy: "'alias docker=dock' in your shell; for scripts, 'dock serve' and 'dock env'",
        look: |facts| {
            found(
                facts
                    .other_docker
                    .iter()
                    .map(|path| format!("'{}'", path.display())),
            )
        },
    },
    Check {
        id: "home.disk",
        title: "little room where your home lies",
        severity: Severity::Warning,
        why: "what containers write into your folders, and 'docker save', will fail",
        remedy: "remove what you do not need",
        look: disk,
    },
    Check {
        id: "home.range",
        title: "you have no range of uids of your own",
        severity: Severity::Info,
        why: "in your folders a container can have files of your own uid alone",
        remedy: "volumes take every uid; an administrator can add a range ('usermod --add-subuids')",
        look: |facts| found_if(!*known(&facts.range)?, || "not in /etc/subuid".into()),
    },
    Check {
        id: "home.socket",
        title: "a socket of 'dock serve' is left, and nobody listens on it",
        severity: Severity::Info,
        why: "clients that were told of it fail",
        remedy: "'dock serve' takes its place",
        look: |facts| {
            found(
                facts
                    .dead_sockets
                    .iter()
                    .map(|path| format!("'{}'", path.display())),
            )
        },
    },
];

fn step(step: &Step) -> Looked {
    found(step.as_ref().err().cloned())
}

fn disk(facts: &Facts) -> Looked {
    let disk = known(&facts.disk)?;
    if disk.whole == 0 {
        return Ok(Verdict::Skipped("its file system does not count blocks"));
    }
    let little = disk.free < LITTLE || disk.free < disk.whole / 20;
    let bytes = |bytes: u64| units::bytes(i64::try_from(bytes).unwrap_or(i64::MAX));
    found_if(little, || {
        format!("{} of {} are free", bytes(disk.free), bytes(disk.whole))
    })
}

#[cfg(test)]
mod tests {
    use super::super::facts::Disk;
    use super::*;
    use crate::check::Status;

    fn fine() -> Facts {
        Facts {
            surroundings: Ok(()),
            config: Ok(()),
            person: Ok(()),
            group: Some(Ok(())),
            installed: Ok(()),
            docker: Ok(()),
            gate: Some(Ok(())),
            past: vec![],
            variables: vec![],
            other_docker: None,
            disk: Ok(Disk {
                free: 50 << 30,
                whole: 100 << 30,
            }),
            range: Ok(true),
            dead_sockets: vec![],
        }
    }

    fn not_ok(facts: &Facts) -> Vec<&'static str> {
        let outcomes = CHECKS.iter().map(|check| check.run(facts));
        let bad = outcomes.filter(|outcome| outcome.status != Status::Ok);
        bad.map(|outcome| outcome.id).collect()
    }

    #[test]
    fn each_fault_is_its_own_finding_and_a_fine_place_has_none() {
        assert_eq!(not_ok(&fine()), [""; 0]);
        let wrong = || Err("x".to_owned());
        type Fault<'a> = (&'a str, Box<dyn Fn(&mut Facts)>);
        let faults: Vec<Fault<'_>> = vec![
            (
                "start.surroundings",
                Box::new(move |it| it.surroundings = wrong()),
            ),
            ("start.config", Box::new(move |it| it.config = wrong())),
            ("start.person", Box::new(move |it| it.person = wrong())),
            ("start.group", Box::new(move |it| it.group = Some(wrong()))),
            (
                "start.installed",
                Box::new(move |it| it.installed = wrong()),
            ),
            ("start.docker", Box::new(move |it| it.docker = wrong())),
            ("start.gate", Box::new(move |it| it.gate = Some(wrong()))),
            ("past.socket", Box::new(|it| it.past = vec!["x".into()])),
            (
                "past.variables",
                Box::new(|it| it.variables = vec!["x".into()]),
            ),
            (
                "past.alias",
                Box::new(|it| it.other_docker = Some("/x".into())),
            ),
            (
                "home.disk",
                Box::new(|it| {
                    it.disk = Ok(Disk {
                        free: 1 << 30,
                        whole: 100 << 30,
                    })
                }),
            ),
            ("home.range", Box::new(|it| it.range = Ok(false))),
            (
                "home.socket",
                Box::new(|it| it.dead_sockets = vec!["/x".into()]),
            ),
        ];
        assert_eq!(faults.len(), CHECKS.len());
        for (id, plant) in faults {
            let mut facts = fine();
            plant(&mut facts);
            assert_eq!(not_ok(&facts), [id]);
        }
    }
}
