//! Two people on one engine, each as if alone.

use crate::harness::{Gate, Output, Person, Record, root_docker};

/// 64 hexadecimal digits that are nobody's.
const RANDOM_ID: &str = "4f0a9c31d27be85f4f0a9c31d27be85f4f0a9c31d27be85f4f0a9c31d27be85f";

/// Two people who each run a container "web", and the ids of the two.
struct Pair {
    alice: Person,
    bob: Person,
    hers: String,
    his: String,
}

impl Pair {
    fn start() -> Pair {
        let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
        let web = |person: &Person| {
            person
                .dock(["run", "-d", "--name", "web", "busybox", "sleep", "1000"])
                .output()
                .success()
        };
        let (hers, his) = (web(&alice), web(&bob));
        assert_ne!(hers, his);
        Pair {
            alice,
            bob,
            hers,
            his,
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        self.alice.clear();
        self.bob.clear();
    }
}

#[test]
fn each_sees_one_web_which_is_the_own() {
    let pair = Pair::start();
    for (person, id) in [(&pair.alice, &pair.hers), (&pair.bob, &pair.his)] {
        let listed = person
            .dock([
                "ps",
                "--all",
                "--no-trunc",
                "--format",
                "{{.ID}} {{.Names}}",
            ])
            .output()
            .success();
        assert_eq!(listed, format!("{id} web"));
        let inspected = person
            .dock(["inspect", "--format", "{{.Id}} {{.Name}}", "web"])
            .output()
            .success();
        assert_eq!(inspected, format!("{id} /web"));
    }
}

#[test]
fn the_engine_holds_both_under_their_owners_names() {
    let pair = Pair::start();
    for (person, id) in [(&pair.alice, &pair.hers), (&pair.bob, &pair.his)] {
        let real = root_docker([
            "inspect",
            "--format",
            "{{.Name}} {{index .Config.Labels \"author\"}} {{index .Config.Labels \"dock.space\"}}",
            id,
        ])
        .output()
        .success();
        let (login, uid) = (&person.login, person.uid);
        assert_eq!(real, format!("/u{uid}-web {login} u{uid}"));
    }
}

#[test]
fn filters_do_not_reach_the_other() {
    let pair = Pair::start();
    let space = format!("label=dock.space=u{}", pair.alice.uid);
    let author = format!("label=author={}", pair.alice.login);
    let id = format!("id={}", pair.hers);
    let real = format!("name={}", pair.alice.real("web"));
    for filter in [&space, &author, &id, &real] {
        let output = pair.bob.dock(["ps", "-aq", "--filter", filter]).output();
        assert_eq!(output.out(), "", "{filter}");
    }
    // The twin: the same filter in the owner's hand.
    let owns = pair
        .alice
        .dock(["ps", "-aq", "--no-trunc", "--filter", &id])
        .output();
    assert_eq!(owns.success(), pair.hers);
}

#[test]
fn an_id_or_prefix_of_the_other_looks_like_a_random_one() {
    let pair = Pair::start();
    let looks = |output: &Output, reference: &str| {
        let hidden = |text: String| text.replace(reference, "REFERENCE");
        (output.code, hidden(output.out()), hidden(output.err()))
    };
    for verb in VERBS {
        for length in [64, 12] {
            let answer = |id: &str| {
                let reference = &id[..length];
                let words: Vec<&str> = verb
                    .iter()
                    .map(|word| {
                        if *word == "REFERENCE" {
                            reference
                        } else {
                            *word
                        }
                    })
                    .collect();
                looks(&pair.bob.dock(words).output(), reference)
            };
            assert_eq!(answer(&pair.hers), answer(RANDOM_ID), "{verb:?}");
        }
    }
    let running = root_docker(["inspect", "--format", "{{.State.Running}}", &pair.hers]);
    assert_eq!(running.output().success(), "true", "a verb reached it");
}

/// Verbs that name a container.
const VERBS: &[&[&str]] = &[
    &["attach", "--no-stdin", "REFERENCE"],
    &["exec", "REFERENCE", "true"],
    &["inspect", "--type", "container", "REFERENCE"],
    &["kill", "REFERENCE"],
    &["logs", "REFERENCE"],
    &["rm", "REFERENCE"],
    &["rm", "--force", "REFERENCE"],
    &["start", "REFERENCE"],
    &["stop", "REFERENCE"],
    &["wait", "REFERENCE"],
];

#[test]
fn raw_answers_for_the_other_equal_those_for_a_random_name() {
    let pair = Pair::start();
    let gate = Gate::open(&pair.bob);
    let real = pair.alice.real("web");
    let absent = pair.alice.real("wax");
    let pairs = [
        (pair.hers.as_str(), RANDOM_ID),
        (&pair.hers[..12], &RANDOM_ID[..12]),
        (&pair.hers[..4], &RANDOM_ID[..4]),
        (real.as_str(), absent.as_str()),
    ];
    for (method, before, after, body) in REQUESTS {
        for (theirs, random) in pairs {
            let answer = |reference: &str| {
                let target = format!("/v1.41/containers/{before}{reference}{after}");
                let mut answer = gate.request(method, &target, *body);
                answer.head = lines_without_date(&answer.head);
                let text = answer.text().replace(reference, "REFERENCE");
                let length = random.len().abs_diff(theirs.len());
                assert_eq!(length, 0, "the pairs must be of one length");
                (answer.status, answer.head, text)
            };
            let (theirs, random) = (answer(theirs), answer(random));
            assert_eq!(theirs, random, "{method} {after}");
            assert_eq!(theirs.0, 404, "{method} {after}: {theirs:?}");
        }
    }
}

/// Method, what stands before and after the reference, body.
const REQUESTS: &[(&str, &str, &str, Option<&str>)] = &[
    ("DELETE", "", "", None),
    ("DELETE", "", "?force=1&v=1", None),
    ("GET", "", "/json", None),
    ("GET", "", "/logs?stdout=1", None),
    ("POST", "", "/attach?stream=1&stdout=1", None),
    ("POST", "", "/exec", Some(r#"{"Cmd":["true"]}"#)),
    ("POST", "", "/kill?signal=KILL", None),
    ("POST", "", "/resize?h=10&w=10", None),
    ("POST", "", "/start", None),
    ("POST", "", "/stop?t=0", None),
    ("POST", "", "/wait", None),
];

#[test]
fn nothing_is_done_to_the_other_on_the_engine() {
    let pair = Pair::start();
    let gate = Gate::open(&pair.bob);
    let record = Record::mark();
    gate.request(
        "POST",
        &format!("/v1.41/containers/{}/kill", pair.hers),
        None,
    );
    let asked = record.requests_of(&pair.bob);
    assert!(
        asked.iter().all(|line| line.starts_with("GET ")),
        "{asked:?}"
    );
    // The twin: the own container is killed, and the record shows it.
    let answer = gate.request(
        "POST",
        &format!("/v1.41/containers/{}/kill", pair.his),
        None,
    );
    assert_eq!(answer.status, 204, "{answer:?}");
    let asked = record.requests_of(&pair.bob);
    let kill = format!("/containers/{}/kill", pair.his);
    assert!(asked.iter().any(|line| line.contains(&kill)), "{asked:?}");
}

#[test]
fn an_exec_of_the_other_looks_like_a_random_one() {
    let pair = Pair::start();
    let hers = Gate::open(&pair.alice);
    let target = format!("/v1.41/containers/{}/exec", pair.hers);
    let made = hers.request("POST", &target, Some(r#"{"Cmd":["true"]}"#));
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let exec = made["Id"].as_str().unwrap();
    let his = Gate::open(&pair.bob);
    for (method, after, body) in [
        ("GET", "json", None),
        ("POST", "start", Some(r#"{"Detach":true}"#)),
        ("POST", "resize?h=10&w=10", None),
    ] {
        let answer = |id: &str| {
            let answer = his.request(method, &format!("/v1.41/exec/{id}/{after}"), body);
            let text = answer.text().replace(id, "ID");
            (answer.status, lines_without_date(&answer.head), text)
        };
        assert_eq!(answer(exec), answer(RANDOM_ID), "{method} {after}");
    }
    // The twin: its owner sees it.
    let seen = hers.request("GET", &format!("/v1.41/exec/{exec}/json"), None);
    assert_eq!(seen.status, 200, "{seen:?}");
}

/// The clock may tick between two answers.
fn lines_without_date(head: &str) -> String {
    head.lines()
        .filter(|line| !line.to_ascii_lowercase().starts_with("date:"))
        .collect::<Vec<_>>()
        .join("\n")
}
