//! Public images from a registry, which the bed has as docker.io's mirror.

use nix::fcntl::{Flock, FlockArg};

use crate::configuration::{append, copied};
use crate::harness::{Gate, Person, Record, bed, root, root_docker};

/// An image that only the registry has. Pulls and removals of it meet on one
/// engine, so the steps are one test.
const IMAGE: &str = "pulled:1";

#[test]
fn a_public_image_is_pulled_run_and_shared() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let pulled = alice.dock(["pull", IMAGE]).output();
    let text = pulled.success();
    assert!(text.contains("1: Pulling from library/pulled"), "{text}");
    assert!(
        text.contains("Downloaded newer image for pulled:1"),
        "{text}"
    );
    // Again, by another person: it is there already.
    let again = bob.dock(["pull", IMAGE]).output().success();
    assert!(
        again.contains("Image is up to date for pulled:1"),
        "{again}"
    );
    let digest = alice
        .dock(["image", "inspect", "-f", "{{index .RepoDigests 0}}", IMAGE])
        .output()
        .success();
    assert!(digest.starts_with("pulled@sha256:"), "{digest}");
    let by_digest = bob.dock(["pull", &digest]).output().success();
    assert!(by_digest.contains("Digest: sha256:"), "{by_digest}");
    // Users cannot take it from each other.
    alice
        .dock(["rmi", IMAGE])
        .output()
        .fails(1, "[rule image.public]");
    root_docker(["rmi", IMAGE]).output().success();
    root_docker(["rmi", &digest]).output();
    // A run pulls what is missing.
    let run = bob.dock(["run", "--rm", IMAGE, "echo", "here"]).output();
    assert_eq!(run.success(), "here");
    assert!(
        run.err()
            .contains("Unable to find image 'pulled:1' locally"),
        "{run:?}"
    );
    root_docker(["rmi", IMAGE]).output().success();
    alice.clear();
    bob.clear();
}

#[test]
fn a_pull_that_fails_says_what_docker_says() {
    let alice = Person::fresh("alice");
    let words = ["pull", "pulled:no-such-tag"];
    let (docker, dock) = (root_docker(words).output(), alice.dock(words).output());
    assert_ne!(docker.code, 0);
    assert_eq!((docker.code, docker.err()), (dock.code, dock.err()));
    alice.clear();
}

#[test]
fn the_engine_is_not_made_to_dial_the_host() {
    let alice = Person::fresh("alice");
    let gate = Gate::open(&alice);
    let record = Record::mark();
    for (target, rule) in [
        (
            "fromImage=127.0.0.1:5000/library/pulled&tag=1",
            "image.registry",
        ),
        (
            "fromImage=localhost:5000/library/pulled&tag=1",
            "image.registry",
        ),
        ("fromImage=169.254.169.254/x&tag=1", "image.registry"),
        ("fromImage=u1.dock.invalid/x&tag=1", "image.reserved"),
        (
            "fromImage=docker.io/u1.dock.invalid/x&tag=1",
            "image.reserved",
        ),
    ] {
        let answer = gate.request("POST", &format!("/v1.41/images/create?{target}"), None);
        assert_eq!(answer.status, 403, "{target}: {answer:?}");
        assert!(answer.message().contains(rule), "{target}: {answer:?}");
    }
    let answer = gate.request("GET", "/v1.41/images/search?term=127.0.0.1:5000/x", None);
    assert_eq!(answer.status, 403, "{answer:?}");
    let asked = record.requests_of(&alice);
    assert!(
        asked.iter().all(|line| !line.contains("/images/")),
        "{asked:?}"
    );
    // The twin: the same request with a registry elsewhere reaches the engine.
    gate.request(
        "POST",
        "/v1.41/images/create?fromImage=pulled&tag=no-such-tag",
        None,
    );
    let asked = record.requests_of(&alice);
    assert!(
        asked
            .iter()
            .any(|line| line.contains("/images/create?fromImage=pulled&tag=no-such-tag")),
        "{asked:?}"
    );
}

/// The answer to a pull where `[images]` says `key`.
fn pull_with(person: &Person, key: &str, target: &str) -> (u16, String) {
    let folder = copied();
    append(&folder.join("dock.toml"), &format!("\n[images]\n{key}\n"));
    let gate = Gate::open_with_configuration(person, &folder);
    let answer = gate.request("POST", &format!("/v1.41/images/create?{target}"), None);
    (answer.status, answer.text())
}

#[test]
fn images_have_the_limits_that_the_configuration_sets() {
    let alice = Person::fresh("alice");
    // Bytes that the engine does not have yet, and that do not compress.
    let script = "set -e; d=$(mktemp -d); cd $d; head -c 3000000 /dev/urandom > data; \
                  tar -c data | \"$DOCKER\" import - 127.0.0.1:5000/library/limited:1; \
                  \"$DOCKER\" push 127.0.0.1:5000/library/limited:1; \
                  \"$DOCKER\" rmi 127.0.0.1:5000/library/limited:1; rm -r $d";
    let socket = format!("unix://{}", bed("DOCK_BED_SOCKET"));
    root("/bin/bash", ["-c", script])
        .env("DOCKER", bed("DOCK_BED_DOCKER"))
        .env("DOCKER_HOST", socket)
        .output()
        .success();
    let limited = "fromImage=limited&tag=1";
    let refused = |key: &str, rule: &str| {
        let record = Record::mark();
        let (status, text) = pull_with(&alice, key, limited);
        assert_eq!(status, 403, "{text}");
        assert!(text.contains(rule), "{text}");
        let asked = record.requests_of(&alice);
        assert!(
            asked.iter().all(|line| !line.contains("/images/create")),
            "{asked:?}"
        );
    };
    refused(
        r#"repositories = ["docker.io/library/python", "quay.io/*"]"#,
        "[rule image.repository]",
    );
    refused(r#"registries = ["quay.io"]"#, "[rule image.registry]");
    // More to download than allowed: it is cut, and there is no image afterwards.
    let (status, text) = pull_with(&alice, r#"max_download = "10k""#, limited);
    assert!(
        status == 200 && text.contains("[rule image.size]"),
        "{text}"
    );
    let words = ["image", "inspect", "limited:1"];
    root_docker(words).output().fails(1, "No such image");
    // A place for each pull, and no more.
    let taken: Vec<_> = (0..4)
        .map(|number| {
            let path = format!("/run/dock/u{}.pull.{number}", alice.uid);
            let file = std::fs::File::create(path).unwrap();
            Flock::lock(file, FlockArg::LockExclusiveNonblock)
                .map_err(|(_, error)| error)
                .unwrap()
        })
        .collect();
    let busy = alice.dock(["pull", "limited:1"]).output();
    busy.fails(1, "[rule image.pulls]");
    drop(taken);
    // The twins.
    for key in [
        r#"repositories = ["docker.io/library/*"]"#,
        r#"registries = ["docker.io"]"#,
        r#"max_download = "1g""#,
        "max_pulls = 1",
    ] {
        let (status, text) = pull_with(&alice, key, limited);
        assert!(
            status == 200 && text.contains("Digest: sha256:"),
            "{key}: {text}"
        );
        root_docker(["rmi", "limited:1"]).output().success();
    }
    alice.clear();
}
