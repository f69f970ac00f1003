//! Images whose configuration is an attack: whoever runs one gets a refusal, or
//! a container that is as harmless as any, hers to see and to remove.

use crate::harness::{Person, bed, root, root_docker, unique};

/// An image of root's with these changes, removed when dropped.
struct Image(String);

impl Image {
    fn with(changes: &[&str]) -> Image {
        let name = unique("hostile");
        let mut words = vec![
            format!("{}/tests/bed/image", bed("DOCK_BED_ROOT")),
            name.clone(),
        ];
        for change in changes {
            words.extend(["--change".to_owned(), (*change).to_owned()]);
        }
        let program = words.remove(0);
        root(&program, words)
            .env("DOCK_BED_DOCKER", bed("DOCK_BED_DOCKER"))
            .env("DOCKER_HOST", format!("unix://{}", bed("DOCK_BED_SOCKET")))
            .output()
            .success();
        Image(name)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        root_docker(["rmi", "-f", &self.0]).output();
    }
}

/// What root's docker says, in one line.
fn held(format: &str, name: &str) -> String {
    root_docker(["inspect", "-f", format, name])
        .output()
        .success()
}

/// Volumes of the engine that nobody owns.
fn unowned_volumes() -> usize {
    let all = root_docker(["volume", "ls", "-q"]).output().success();
    all.lines()
        .filter(|name| name.len() == 64)
        .filter(|name| {
            let format = r#"{{index .Labels "dock.space"}}"#;
            let owner = root_docker(["volume", "inspect", "-f", format, name]).output();
            // Another test's may go while this one looks.
            owner.code == 0 && owner.out().trim().is_empty()
        })
        .count()
}

#[track_caller]
fn is_refused(change: &str, rule: &str) {
    let mallory = Person::fresh("mallory");
    let image = Image::with(&[change]);
    let words = ["run", "--rm", "--name", "trap", &image.0, "true"];
    mallory
        .dock(words)
        .output()
        .fails(125, &format!("[rule {rule}]"));
    assert_eq!(mallory.dock(["ps", "-aq"]).output().success(), "");
    mallory.clear();
}

#[test]
fn a_user_that_wraps_around_to_root_is_refused() {
    is_refused("USER 4294967296", "create.user");
    is_refused("USER 2147483648:0", "create.user");
}

#[test]
fn a_folder_of_the_hosts_to_begin_in_is_refused() {
    is_refused("WORKDIR /proc/self/fd/8", "create.workdir");
    is_refused("WORKDIR /sys/fs", "create.workdir");
    is_refused("WORKDIR /tmp/../proc/self/fd/8", "create.workdir");
}

#[test]
fn a_volume_over_the_kernels_files_is_refused() {
    is_refused("VOLUME /proc", "mount.target");
    is_refused("VOLUME /sys/kernel", "mount.target");
    is_refused("VOLUME data", "mount.target");
    is_refused("VOLUME /", "mount.target");
}

#[test]
fn all_ports_at_once_are_refused_and_some_are_not() {
    let mallory = Person::fresh("mallory");
    let many = Image::with(&["EXPOSE 1-65535"]);
    let words = ["run", "--rm", "-P", &many.0, "true"];
    mallory
        .dock(words)
        .output()
        .fails(125, "[rule create.port]");
    // Exposed and not published they are a number in the configuration.
    mallory
        .dock(["run", "--rm", &many.0, "true"])
        .output()
        .success();
    let few = Image::with(&["EXPOSE 80 81"]);
    mallory
        .dock(["run", "--rm", "-P", &few.0, "true"])
        .output()
        .success();
    mallory.clear();
}

#[test]
fn a_check_that_runs_a_thousand_times_a_second_does_not() {
    let mallory = Person::fresh("mallory");
    let image = Image::with(&["HEALTHCHECK --interval=1ms CMD true"]);
    let words = ["run", "-d", "--name", "busy", &image.0, "sleep", "1000"];
    mallory.dock(words).output().success();
    let interval = held("{{.Config.Healthcheck.Interval}}", &mallory.real("busy"));
    assert_eq!(interval, "1s");
    mallory.clear();
}

#[test]
fn labels_of_an_image_make_nobody_an_owner() {
    let (mallory, alice) = (Person::fresh("mallory"), Person::fresh("alice"));
    let space = format!("u{}", alice.uid);
    let image = Image::with(&[
        &format!(
            "LABEL dock.space={space} dock.v=9 dock.image=alpine dock.binds={{}} dock.ports=x"
        ),
        &format!("LABEL author={}", alice.login),
    ]);
    let words = ["run", "-d", "--name", "mine", &image.0, "sleep", "1000"];
    mallory.dock(words).output().success();
    let real = mallory.real("mine");
    let label = |key: &str| held(&format!(r#"{{{{index .Config.Labels "{key}"}}}}"#), &real);
    assert_eq!(label("dock.space"), format!("u{}", mallory.uid));
    assert_eq!(label("dock.v"), "1");
    assert_eq!(label("dock.image"), image.0);
    assert_eq!(label("author"), mallory.login);
    assert_eq!(alice.dock(["ps", "-aq"]).output().success(), "");
    let shown = mallory.dock(["inspect", "mine"]).output().success();
    assert!(
        !shown.contains("dock.space") && !shown.contains(&alice.login),
        "{shown}"
    );
    let words = ["image", "inspect", &image.0];
    let shown = alice.dock(words).output().success();
    assert!(!shown.contains("dock."), "{shown}");
    mallory.clear();
    alice.clear();
}

#[test]
fn volumes_of_an_image_have_an_owner_and_go_with_their_container() {
    let mallory = Person::fresh("mallory");
    let before = unowned_volumes();
    for change in [
        "VOLUME /data/",
        "VOLUME /data//sub/",
        r#"VOLUME ["/a","/b/","/a/"]"#,
    ] {
        let image = Image::with(&[change]);
        let words = ["run", "--rm", &image.0, "true"];
        mallory.dock(words).output().success();
        let words = ["run", "-d", "--name", "kept", &image.0, "sleep", "1000"];
        mallory.dock(words).output().success();
        let seen = mallory.dock(["volume", "ls", "-q"]).output().success();
        let mounted = held("{{range .Mounts}}{{.Name}} {{end}}", &mallory.real("kept"));
        for name in mounted.split_whitespace() {
            assert!(seen.contains(name), "{change}: {name} is nobody's: {seen}");
        }
        mallory.dock(["rm", "-fv", "kept"]).output().success();
        assert_eq!(
            mallory.dock(["volume", "ls", "-q"]).output().success(),
            "",
            "{change}"
        );
    }
    assert!(
        unowned_volumes() <= before,
        "a volume without an owner is left"
    );
    let many: Vec<String> = (0..200).map(|number| format!("/v{number}")).collect();
    let many = Image::with(&[&format!("VOLUME {}", many.join(" "))]);
    let words = ["run", "--rm", &many.0, "true"];
    mallory
        .dock(words)
        .output()
        .fails(125, "[rule mount.target]");
    mallory.clear();
}

#[test]
fn what_an_image_says_of_its_environment_stays_inside() {
    let mallory = Person::fresh("mallory");
    let image = Image::with(&[
        "ENV LD_PRELOAD=/evil.so PATH=/evil NVIDIA_VISIBLE_DEVICES=all DOCKER_HOST=unix:///x",
        "ONBUILD RUN id",
        "ENTRYPOINT [\"/bin/busybox\"]",
    ]);
    let words = [
        "run",
        "--rm",
        &image.0,
        "sh",
        "-c",
        "echo $NVIDIA_VISIBLE_DEVICES",
    ];
    assert_eq!(mallory.dock(words).output().success(), "all");
    let words = ["run", "-d", "--name", "mine", &image.0, "sleep", "1000"];
    mallory.dock(words).output().success();
    let real = mallory.real("mine");
    assert_eq!(
        held(
            "{{.HostConfig.Runtime}} {{.HostConfig.DeviceRequests}}",
            &real
        ),
        "runc []"
    );
    mallory.clear();
}

#[test]
fn what_root_made_without_dock_does_not_exist() {
    let mallory = Person::fresh("mallory");
    let name = unique("plain");
    let space = format!("dock.space=u{}", mallory.uid);
    let real = mallory.real(&name);
    // By name alone, by label alone, by neither.
    let made = [
        (vec!["create", "--name", &name, "busybox"], "container"),
        (vec!["create", "--label", &space, "busybox"], "container"),
        (vec!["volume", "create", &real], "volume"),
        (vec!["network", "create", &real], "network"),
    ];
    let mut objects = Vec::new();
    for (words, kind) in &made {
        let id = root_docker(words).output().success();
        objects.push((id.trim().to_owned(), *kind));
    }
    let tag = format!("u{}.dock.invalid/secret:1", mallory.uid);
    root_docker(["tag", "busybox", &tag]).output().success();
    for list in [
        &["ps", "-aq", "--no-trunc"][..],
        &["volume", "ls", "-q"],
        &[
            "network",
            "ls",
            "-q",
            "--no-trunc",
            "--filter",
            "type=custom",
        ],
    ] {
        assert_eq!(mallory.dock(list).output().success(), "", "{list:?}");
    }
    assert!(
        !mallory
            .dock(["images"])
            .output()
            .success()
            .contains("dock.invalid")
    );
    for (id, kind) in &objects {
        let references = [id.as_str(), name.as_str(), real.as_str()];
        for reference in references {
            let words = [kind, "inspect", reference];
            assert_ne!(mallory.dock(words).output().code, 0, "{kind} {reference}");
            let words = [kind, "rm", reference];
            assert_ne!(mallory.dock(words).output().code, 0, "{kind} {reference}");
        }
    }
    for words in [
        vec!["run", "--rm", "--network", &name, "busybox", "true"],
        vec!["run", "--rm", &tag, "true"],
        vec![
            "run",
            "--rm",
            "-v",
            &format!("{name}:/x"),
            "busybox",
            "true",
        ],
    ] {
        assert_ne!(mallory.dock(&words).output().code, 0, "{words:?}");
    }
    for (id, kind) in &objects {
        let words = match *kind {
            "container" => vec!["rm", "-f", id.as_str()],
            kind => vec![kind, "rm", id.as_str()],
        };
        root_docker(words).output().success();
    }
    root_docker(["rmi", &tag]).output().success();
    mallory.clear();
}
