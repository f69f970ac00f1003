//! `events`: one's own, as they happen.

use crate::harness::{Person, root_docker, unique};

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
        assert_eq!(events(&["type=network"]), "");
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
