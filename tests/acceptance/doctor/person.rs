//! `dock doctor`: what concerns one person.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{evidence, findings, planted, read};
use crate::harness::Person;

/// What `dock doctor` says to a person after `plant`; the gate is `dock`'s own.
fn says_to(person: &Person, plant: &str) -> (i32, BTreeMap<String, Value>) {
    says_in_session(person, plant, "--init-groups")
}

fn says_in_session(person: &Person, plant: &str, groups: &str) -> (i32, BTreeMap<String, Value>) {
    let then = format!(
        "export HOME={} PATH=/usr/local/bin:/usr/bin:/bin
         cd /; exec setpriv --reuid {} --regid {} {groups} /usr/local/bin/dock doctor --json",
        person.home.display(),
        person.uid,
        person.gid
    );
    let output = planted(plant, &then).output();
    (output.code, read(&output))
}

#[test]
fn a_person_with_a_space_has_nothing_to_worry_about() {
    let alice = Person::fresh("alice");
    let (code, outcomes) = says_to(&alice, "");
    assert_eq!(findings(&outcomes), ["past.alias"]);
    assert_eq!(code, 0);
    let plain = alice
        .command("/bin/bash", ["-c", "mkdir bin; ln -s /usr/local/bin/dock bin/docker; PATH=$PWD/bin:$PATH exec dock doctor --json"])
        .output();
    assert_eq!(findings(&read(&plain)), [""; 0]);
}

#[test]
fn what_concerns_a_person_is_found() {
    let alice = Person::fresh("alice");
    let stranger = Person::stranger("zoe");
    let little = format!(
        "mount -t tmpfs -o size=100m tmpfs /home; mkdir -m 700 {home}; chown {uid} {home}",
        home = alice.home.display(),
        uid = alice.uid
    );
    let docker_group = format!("sed -i 's/^docker:.*:/&{}/' /etc/group", alice.login);
    for (person, plant, id, code) in [
        (&stranger, "", "start.group", 2),
        (&alice, "chmod 666 /etc/dock/dock.toml", "start.config", 2),
        (
            &alice,
            "mount -t tmpfs tmpfs /usr/local/libexec",
            "start.installed",
            2,
        ),
        (
            &alice,
            "sed -i '/^%dock /d' /etc/sudoers.d/dock",
            "start.gate",
            2,
        ),
        (&alice, &docker_group, "past.socket", 1),
        (
            &alice,
            "export DOCKER_HOST=tcp://elsewhere:2375",
            "past.variables",
            1,
        ),
        (
            &alice,
            "export DOCKER_CONTEXT=elsewhere",
            "past.variables",
            1,
        ),
        (&alice, "sed -i '/^alice/d' /etc/subuid", "home.range", 0),
        (
            &alice,
            "printf '[engine]\\ndocker = \"/nonexistent/docker\"\\n' >/etc/dock/conf.d/99-x.toml",
            "start.docker",
            2,
        ),
        (&alice, &little, "home.disk", 1),
    ] {
        let (exit, outcomes) = says_to(person, plant);
        let found = findings(&outcomes);
        let beside: Vec<&&str> = found
            .iter()
            .filter(|found| **found != "past.alias")
            .collect();
        assert_eq!(beside, [&id], "{plant}: {outcomes:?}");
        assert_eq!(exit, code, "{plant}");
    }
}

#[test]
fn a_session_that_is_older_than_the_membership_is_told() {
    let alice = Person::fresh("alice");
    let (code, outcomes) = says_in_session(&alice, "", "--clear-groups");
    assert_eq!(code, 2);
    let group = &outcomes["start.group"];
    assert!(evidence(group).contains("this session is older"), "{group}");
    assert!(evidence(group).contains("newgrp dock"), "{group}");
    let (_, outcomes) = says_to(&alice, "");
    assert_eq!(outcomes["start.group"]["status"], "ok");
}
