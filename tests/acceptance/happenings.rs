//! `events`: one's own, as they happen.

use crate::harness::{Gate, Person, eventually, root_docker, unique};

#[test]
fn each_sees_the_events_of_the_own_containers() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let since = now();
    for person in [&alice, &bob] {
        let name = format!("of-{}", person.login);
        person
            .dock([
                "run", "--rm", "--name", &name, "--label", "a=b", "busybox", "true",
            ])
            .output()
            .success();
    }
    // Root's own, with a forged label.
    let forged = unique("forged");
    let label = format!("dock.space=u{}", alice.uid);
    root_docker([
        "run", "--rm", "--name", &forged, "--label", &label, "busybox", "true",
    ])
    .output()
    .success();
    let until = now() + 1;
    for (person, other) in [(&alice, &bob), (&bob, &alice)] {
        let events = |filters: &[&str]| {
            let mut words = vec![
                "events".to_owned(),
                "--since".into(),
                since.to_string(),
                "--until".into(),
                until.to_string(),
            ];
            for filter in filters {
                words.extend(["--filter".to_owned(), (*filter).to_owned()]);
            }
            person.dock(words).output().success()
        };
        let all = events(&[]);
        for action in [
            "container create",
            "container start",
            "container die",
            "container destroy",
        ] {
            assert!(all.contains(action), "{action}: {all}");
        }
        assert!(
            all.contains(&format!("name=of-{}", person.login)) && all.contains("image=busybox"),
            "{all}"
        );
        for foreign in [
            other.login.as_str(),
            &forged,
            "dock.",
            &person.real(""),
            "u1",
        ] {
            assert!(!all.contains(foreign), "{foreign}: {all}");
        }
        assert_eq!(events(&["event=die"]).lines().count(), 1);
        assert_eq!(events(&["label=a=b", "event=start"]).lines().count(), 1);
        assert_eq!(events(&["label=dock.space"]), "");
        let networks = events(&["type=network"]);
        let of_bridge = |line: &str| line.contains(" network ") && line.contains("name=bridge");
        assert_eq!(networks.lines().count(), 2, "{networks}");
        assert!(networks.lines().all(of_bridge), "{networks}");
        assert_eq!(events(&["type=image"]), "");
        assert_eq!(events(&["image=busybox", "event=start"]).lines().count(), 1);
        assert_eq!(events(&["image=alpine"]), "");
        assert_eq!(events(&["container=nothing"]), "");
    }
    alice.clear();
    bob.clear();
}

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// What a stream of events has told once `enough` is in it.
fn told(stream: &std::path::Path, enough: &str) -> String {
    eventually(enough, || {
        let text = std::fs::read_to_string(stream).unwrap_or_default();
        text.contains(enough).then_some(text)
    })
}

#[test]
fn events_of_networks_and_volumes_are_told_live_and_to_their_owner_alone() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let streams: Vec<_> = [&alice, &bob]
        .into_iter()
        .map(|person| {
            let file = person.home.join("events");
            let script = "exec dock events --format '{{.Type}} {{.Action}} {{.Actor.ID}} {{json .Actor.Attributes}}' > events";
            let running = person.command("/bin/bash", ["-c", script]).spawn();
            (person, file, running)
        })
        .collect();
    // Until both hear: of something of their own.
    for (person, file, _) in &streams {
        eventually("the stream begins", || {
            person
                .dock(["create", "--rm", "--name", "probe", "busybox"])
                .output();
            person.dock(["rm", "probe"]).output().success();
            let text = std::fs::read_to_string(file).unwrap_or_default();
            text.contains("container destroy").then_some(())
        });
    }
    for (person, _, _) in &streams {
        let steps: [&[&str]; 5] = [
            &["network", "create", "lab"],
            &[
                "run",
                "-d",
                "--name",
                "web",
                "--network",
                "lab",
                "-v",
                "data:/data",
                "-v",
                "/scratch",
                "busybox",
                "sleep",
                "1000",
            ],
            &["network", "disconnect", "lab", "web"],
            &["rm", "-fv", "web"],
            &["network", "rm", "lab"],
        ];
        for step in steps {
            person.dock(step).output().success();
        }
    }
    for (person, file, running) in streams {
        let text = told(&file, "network destroy");
        running.signal(nix::sys::signal::Signal::SIGTERM);
        running.output();
        for expected in [
            "network create ",
            "\"name\":\"lab\"",
            "network connect ",
            "network disconnect ",
            "volume mount data ",
            "volume unmount data ",
            "container start ",
        ] {
            assert!(text.contains(expected), "{expected}: {text}");
        }
        // The anonymous volume, from its mount to its end.
        let anonymous = |action: &str| {
            let of = |line: &&str| line.starts_with(action) && !line.contains(" data ");
            text.lines().filter(of).count()
        };
        assert_eq!(
            (anonymous("volume mount"), anonymous("volume destroy")),
            (1, 1),
            "{text}"
        );
        let other = if person.uid == alice.uid {
            &bob
        } else {
            &alice
        };
        for foreign in [
            other.login.as_str(),
            &other.real(""),
            &person.real(""),
            "dock.",
        ] {
            assert!(!text.contains(foreign), "{foreign}: {text}");
        }
        let created = text
            .lines()
            .filter(|line| line.starts_with("network create"))
            .count();
        assert_eq!(created, 1, "{text}");
        person.clear();
    }
}

#[test]
fn a_subscriber_who_sleeps_is_let_go_and_one_who_reads_is_not() {
    let mallory = Person::fresh("mallory");
    let gate = Gate::open(&mallory);
    let big = "x".repeat(200_000);
    let body = serde_json::json!({
        "Image": "busybox", "Cmd": ["sleep", "1000"], "Labels": {"a": big},
        "HostConfig": {"NetworkMode": "none"},
    });
    let made = gate.request(
        "POST",
        "/containers/create?name=big",
        Some(&body.to_string()),
    );
    assert_eq!(made.status, 201, "{made:?}");
    gate.request("POST", "/containers/big/start", None);
    let until = now() + 15;
    let subscribe = || {
        let mut connection = gate.connect();
        let target = format!(
            "GET /events?until={until} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
        );
        connection.send(target.as_bytes());
        connection
    };
    let mut sleeping = subscribe();
    let mut reading = subscribe();
    let reading = std::thread::spawn(move || reading.rest());
    // Far more than the buffers on the way hold.
    for _ in 0..10 {
        for verb in ["pause", "unpause"] {
            let done = gate.request("POST", &format!("/containers/big/{verb}"), None);
            assert_eq!(done.status, 204, "{done:?}");
        }
    }
    std::thread::sleep(std::time::Duration::from_secs(3));
    mallory
        .dock(["volume", "create", "last"])
        .output()
        .success();
    let count = |bytes: &[u8], text: &str| {
        let shown = String::from_utf8_lossy(bytes);
        shown.matches(text).count()
    };
    let read = reading.join().unwrap();
    assert_eq!(count(&read, "\"Action\":\"unpause\""), 10);
    assert_eq!(count(&read, "\"ID\":\"last\""), 1);
    let slept = sleeping.rest();
    assert!(count(&slept, "\"Action\":\"unpause\"") < 10);
    assert_eq!(count(&slept, "\"ID\":\"last\""), 0);
    drop(gate);
    mallory.clear();
}
