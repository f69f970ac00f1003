//! Volumes of two people on one engine: each has their own and nobody else's,
//! and none is a way to the host.

use crate::harness::{Gate, Person, Record, root_docker};

/// 64 hexadecimal digits that are nobody's.
const RANDOM: &str = "4f0a9c31d27be85f4f0a9c31d27be85f4f0a9c31d27be85f4f0a9c31d27be85f";

/// Words of dock's that have to succeed; what they said.
#[track_caller]
fn dock(person: &Person, words: &[&str]) -> String {
    person.dock(words).output().success()
}

/// A person with a volume "data" and an anonymous one, each with a secret in it;
/// and the name of the second.
fn owner(stem: &str) -> (Person, String) {
    let person = Person::fresh(stem);
    let write = format!(
        "echo {stem} >/data/secret; echo {stem} >/anonymous/secret",
        stem = person.login
    );
    dock(
        &person,
        &[
            "run",
            "--name",
            "web",
            "-v",
            "data:/data",
            "-v",
            "/anonymous",
            "busybox",
            "sh",
            "-c",
            &write,
        ],
    );
    let format = r#"{{range .Mounts}}{{if eq .Destination "/anonymous"}}{{.Name}}{{end}}{{end}}"#;
    let anonymous = dock(&person, &["inspect", "--format", format, "web"]);
    assert_eq!(anonymous.len(), 64, "{anonymous}");
    (person, anonymous)
}

#[test]
fn each_sees_one_data_which_is_the_own() {
    let ((alice, hers), (bob, his)) = (owner("alice"), owner("bob"));
    for (person, own) in [(&alice, &hers), (&bob, &his)] {
        let listed = dock(person, &["volume", "ls", "-q"]);
        let mut listed: Vec<&str> = listed.lines().collect();
        listed.sort_unstable_by_key(|name| name.len());
        assert_eq!(listed, ["data", own]);
        let read = [
            "run",
            "--rm",
            "-v",
            "data:/d",
            "busybox",
            "cat",
            "/d/secret",
        ];
        assert_eq!(dock(person, &read), person.login);
        for name in [person.real("data"), own.clone()] {
            let format = r#"{{index .Labels "author"}} {{index .Labels "dock.space"}} {{index .Labels "dock.v"}}"#;
            let labels = root_docker(["volume", "inspect", "--format", format, &name])
                .output()
                .success();
            assert_eq!(labels, format!("{} u{} 1", person.login, person.uid));
        }
    }
    alice.clear();
    bob.clear();
}

#[test]
fn a_volume_of_the_other_looks_like_a_random_one() {
    let (alice, hers) = owner("alice");
    let mallory = Person::fresh("mallory");
    let gate = Gate::open(&mallory);
    let record = Record::mark();
    let pairs = [
        (hers.clone(), RANDOM.to_owned()),
        (alice.real("data"), alice.real("nope")),
        ("data".to_owned(), "nope".to_owned()),
    ];
    for (theirs, random) in pairs {
        for (method, after, status) in [
            ("GET", "", 404),
            ("DELETE", "", 404),
            ("DELETE", "?force=1", 204),
        ] {
            let answer = |name: &str| {
                let answer = gate.request(method, &format!("/v1.41/volumes/{name}{after}"), None);
                let head: Vec<&str> = answer
                    .head
                    .lines()
                    .filter(|line| !line.to_ascii_lowercase().starts_with("date:"))
                    .collect();
                (
                    answer.status,
                    head.join("\n"),
                    answer.text().replace(name, "NAME"),
                )
            };
            let (theirs, random) = (answer(&theirs), answer(&random));
            assert_eq!(theirs, random, "{method} {after}");
            assert_eq!(theirs.0, status, "{method} {after}");
        }
    }
    for filter in [
        format!("label=dock.space=u{}", alice.uid),
        format!("label=author={}", alice.login),
        format!("name={}", alice.real("")),
        format!("name={hers}"),
        "dangling=false".to_owned(),
        "driver=local".to_owned(),
    ] {
        assert_eq!(
            dock(&mallory, &["volume", "ls", "-q", "--filter", &filter]),
            "",
            "{filter}"
        );
    }
    record.only_reads(&mallory);
    // The twin: what is hers is found, and removed once it is free.
    dock(&alice, &["rm", "web"]);
    assert_eq!(
        dock(&alice, &["volume", "rm", "data", &hers]),
        format!("data\n{hers}")
    );
    alice.clear();
}

#[test]
fn an_anonymous_volume_is_named_by_its_owner_alone() {
    let (alice, hers) = owner("alice");
    let mallory = Person::fresh("mallory");
    let bind = format!("{hers}:/x");
    let mount = format!("type=volume,source={hers},target=/x");
    let read = |person: &Person, words: [&str; 2]| {
        let words = [
            "run",
            "--rm",
            words[0],
            words[1],
            "busybox",
            "cat",
            "/x/secret",
        ];
        person.dock(words).output()
    };
    for words in [["-v", bind.as_str()], ["--mount", mount.as_str()]] {
        assert_eq!(read(&alice, words).success(), alice.login, "{words:?}");
        let stolen = read(&mallory, words);
        assert_eq!((stolen.code, stolen.out().as_str()), (1, ""), "{stolen:?}");
    }
    // As in docker a volume of that name was made, and it is mallory's.
    assert_eq!(dock(&mallory, &["volume", "ls", "-q"]), hers);
    let real = mallory.real(&hers);
    root_docker(["volume", "inspect", &real]).output().success();
    dock(&mallory, &["volume", "rm", &hers]);
    assert_eq!(read(&alice, ["-v", &bind]).success(), alice.login);
    alice.clear();
    mallory.clear();
}

#[test]
fn a_volume_is_shared_among_ones_own_containers_by_either_name() {
    let (alice, anonymous) = owner("alice");
    for source in ["data", &anonymous] {
        let mount = format!("source={source},target=/x");
        let words = [
            "run",
            "--rm",
            "--mount",
            &mount,
            "busybox",
            "cat",
            "/x/secret",
        ];
        assert_eq!(dock(&alice, &words), alice.login, "{source}");
        let used = alice.dock(["volume", "rm", source]).output();
        used.fails(1, "volume is in use");
    }
    dock(&alice, &["rm", "-v", "web"]);
    assert_eq!(dock(&alice, &["volume", "ls", "-q"]), "data");
    alice.clear();
}

/// Options that would mount something of the host, as members of a body.
const OPTIONS: &[&str] = &[
    r#"{"type":"none","o":"bind","device":"/etc"}"#,
    r#"{"o":"bind","device":"/etc"}"#,
    r#"{"type":"tmpfs","device":"/etc","o":"bind"}"#,
    r#"{"type":"tmpfs","device":"tmpfs","o":"size=1m,bind"}"#,
    r#"{"type":"tmpfs","device":"tmpfs","o":"bind,size=1m"}"#,
    r#"{"type":"tmpfs","device":"tmpfs","o":"size=1m,rbind,nosuid"}"#,
    r#"{"type":"tmpfs","device":"tmpfs","o":" bind"}"#,
    r#"{"type":"tmpfs","device":"tmpfs","o":"size=1m,remount"}"#,
    r#"{"type":"nfs","device":":/home","o":"addr=127.0.0.1"}"#,
    r#"{"type":"cifs","device":"//127.0.0.1/c","o":"username=x"}"#,
    r#"{"type":"ext4","device":"/dev/sda1"}"#,
    r#"{"type":"proc","device":"proc"}"#,
    r#"{"type":"overlay","device":"overlay","o":"lowerdir=/etc"}"#,
    r#"{"type":"tmpfs","device":"tmpfs","size":"1g"}"#,
    r#"{"type":"tmpfs","device":"tmpfs","Device":"/etc"}"#,
];

#[test]
fn no_options_of_a_volume_mount_the_host() {
    let mallory = Person::fresh("mallory");
    let gate = Gate::open(&mallory);
    let volume = |options: &str| {
        let body = format!(r#"{{"Name":"way","DriverOpts":{options}}}"#);
        gate.request("POST", "/v1.41/volumes/create", Some(&body))
    };
    let container = |options: &str| {
        let body = format!(
            r#"{{"Image":"busybox","HostConfig":{{"Mounts":[{{"Type":"volume","Source":"inn","Target":"/x",
                "VolumeOptions":{{"DriverConfig":{{"Options":{options}}}}}}}]}}}}"#
        );
        gate.request("POST", "/v1.41/containers/create", Some(&body))
    };
    let record = Record::mark();
    for options in OPTIONS {
        for (answer, rule) in [
            (volume(options), "volume.options"),
            (container(options), "mount.volume-opt"),
        ] {
            assert_eq!(answer.status, 403, "{options}: {answer:?}");
            assert!(
                answer.text().contains(&format!("[rule {rule}]")),
                "{options}: {answer:?}"
            );
        }
    }
    // Two spellings of one field, and one field twice.
    for body in [
        r#"{"Name":"way","DriverOpts":{},"driveropts":{"type":"none","o":"bind","device":"/etc"}}"#,
        r#"{"Name":"way","DriverOpt\u017f":{"type":"none","o":"bind","device":"/etc"}}"#,
        r#"{"Name":"way","DriverOpts":{"o":"size=1m","o":"bind","type":"tmpfs","device":"tmpfs"}}"#,
        r#"{"Name":"way","Driver":"nfs"}"#,
        r#"{"Name":"way","Options":{"o":"bind"}}"#,
        r#"{"Name":"way","ClusterVolumeSpec":{"Group":"x"}}"#,
        r#"{"Name":"way","Labels":{"dock.space":"u0"}}"#,
        r#"{"Name":"way"}{"Name":"way2"}"#,
    ] {
        let answer = gate.request("POST", "/v1.41/volumes/create", Some(body));
        assert!(matches!(answer.status, 400 | 403), "{body}: {answer:?}");
    }
    record.only_reads(&mallory);
    // The twin.
    let memory = r#"{"type":"tmpfs","device":"tmpfs","o":"size=1m,uid=1000,mode=0700,nosuid"}"#;
    assert_eq!(volume(memory).status, 201);
    assert_eq!(container(memory).status, 201);
    let mounted = dock(
        &mallory,
        &[
            "run",
            "--rm",
            "-v",
            "way:/x",
            "busybox",
            "grep",
            " /x ",
            "/proc/mounts",
        ],
    );
    assert!(
        mounted.starts_with("tmpfs /x tmpfs ") && mounted.contains("size=1024k"),
        "{mounted}"
    );
    mallory.clear();
}

#[test]
fn a_volume_that_no_gate_made_is_not_hers() {
    let alice = Person::fresh("alice");
    let real = alice.real("trap");
    let words = [
        "volume",
        "create",
        "--opt",
        "type=none",
        "--opt",
        "o=bind",
        "--opt",
        "device=/root",
    ];
    root_docker(words.iter().chain(&[real.as_str()]))
        .output()
        .success();
    assert_eq!(dock(&alice, &["volume", "ls", "-q"]), "");
    alice
        .dock(["volume", "inspect", "trap"])
        .output()
        .fails(1, "o such volume");
    alice
        .dock(["volume", "rm", "trap"])
        .output()
        .fails(1, "o such volume");
    alice
        .dock(["volume", "rm", "-f", "trap"])
        .output()
        .success();
    let taken = "exists that dock did not make";
    alice
        .dock(["volume", "create", "trap"])
        .output()
        .fails(1, taken);
    for words in [["-v", "trap:/x"], ["--mount", "source=trap,target=/x"]] {
        let words = ["run", "--rm", words[0], words[1], "busybox", "ls", "/x"];
        alice.dock(words).output().fails(125, taken);
    }
    root_docker(["volume", "inspect", &real]).output().success();
    // The twin: with root's own word for it, it is hers.
    root_docker(["volume", "rm", &real]).output().success();
    let space = format!("dock.space=u{}", alice.uid);
    root_docker(["volume", "create", "--label", &space, &real])
        .output()
        .success();
    assert_eq!(dock(&alice, &["volume", "create", "trap"]), "trap");
    dock(
        &alice,
        &["run", "--rm", "-v", "trap:/x", "busybox", "ls", "/x"],
    );
    alice.clear();
}

#[test]
fn a_volume_in_use_names_nobody_elses_container() {
    let (alice, _) = owner("alice");
    let bind = format!("{}:/data", alice.real("data"));
    let foreign = root_docker(["create", "-v", &bind, "busybox"])
        .output()
        .success();
    let own = dock(&alice, &["inspect", "--format", "{{.Id}}", "web"]);
    let text = |words: &[&str]| {
        let output = alice.dock(words).output();
        assert_eq!(output.code, 1, "{output:?}");
        output.err()
    };
    let said = text(&["volume", "rm", "data"]);
    assert!(
        said.contains(&format!("remove data: volume is in use - [{own}]")),
        "{said}"
    );
    dock(&alice, &["rm", "web"]);
    let said = text(&["volume", "rm", "--force", "data"]);
    assert!(
        said.contains("volume is in use") && !said.contains(&foreign[..12]),
        "{said}"
    );
    root_docker(["rm", &foreign]).output().success();
    dock(&alice, &["volume", "rm", "data"]);
    alice.clear();
}

#[test]
fn many_commands_at_once_make_one_volume() {
    let (alice, bob) = (Person::fresh("alice"), Person::fresh("bob"));
    let running: Vec<_> = [&alice, &bob]
        .into_iter()
        .flat_map(|person| {
            let create = || person.dock(["volume", "create", "data"]).spawn();
            let run = || {
                person
                    .dock(["run", "--rm", "-v", "data:/d", "busybox", "touch", "/d/x"])
                    .spawn()
            };
            [create(), run(), create(), run()]
        })
        .collect();
    for running in running {
        running.output().success();
    }
    for person in [&alice, &bob] {
        assert_eq!(dock(person, &["volume", "ls", "-q"]), "data");
        let author = dock(
            person,
            &[
                "volume",
                "inspect",
                "--format",
                r#"{{index .Labels "author"}}"#,
                "data",
            ],
        );
        assert_eq!(author, person.login);
    }
    alice.clear();
    bob.clear();
}

#[test]
fn a_part_of_a_volume_is_mounted_and_nothing_beside_it() {
    let alice = Person::fresh("alice");
    let gate = Gate::open(&alice);
    let newest = gate.request("GET", "/version", None).json()["ApiVersion"].to_string();
    let version = newest.trim_matches('"');
    let fill = "mkdir /d/part && echo inside >/d/part/file && ln -s / /d/out";
    dock(
        &alice,
        &["run", "--rm", "-v", "data:/d", "busybox", "sh", "-c", fill],
    );
    let run = |part: &str| {
        let body = format!(
            r#"{{"Image":"busybox","Cmd":["cat","/x/file"],"HostConfig":{{"Mounts":[{{"Type":"volume",
                "Source":"data","Target":"/x","VolumeOptions":{{"Subpath":"{part}"}}}}]}}}}"#
        );
        let made = gate.request(
            "POST",
            &format!("/v{version}/containers/create?name=part"),
            Some(&body),
        );
        if made.status != 201 {
            return made.status;
        }
        let started = gate
            .request("POST", "/v1.45/containers/part/start", None)
            .status;
        if started == 204 {
            assert_eq!(dock(&alice, &["wait", "part"]), "0");
            assert_eq!(dock(&alice, &["logs", "part"]), "inside");
        }
        dock(&alice, &["rm", "part"]);
        started
    };
    for outside in ["../data", "/etc", "part/../.."] {
        assert_eq!(run(outside), 403, "{outside}");
    }
    // Older engines know no parts.
    if version >= "1.45" {
        assert_eq!(run("part"), 204);
        // A link out of the volume: the engine itself does not follow it.
        assert!(run("out/etc") >= 400);
    }
    alice.clear();
}

#[test]
fn a_volume_with_options_survives_a_prune_as_in_docker() {
    let alice = Person::fresh("alice");
    let memory = [
        "volume",
        "create",
        "--opt",
        "type=tmpfs",
        "--opt",
        "device=tmpfs",
        "memory",
    ];
    dock(&alice, &memory);
    dock(&alice, &["volume", "create", "plain"]);
    let gate = Gate::open(&alice);
    let pruned = gate.request("POST", "/v1.41/volumes/prune", None).json();
    assert_eq!(pruned["VolumesDeleted"], serde_json::json!(["plain"]));
    assert_eq!(dock(&alice, &["volume", "ls", "-q"]), "memory");
    alice.clear();
}

/// Of what was used and is gone nothing stays behind: she can make any number.
#[test]
fn the_trace_of_a_use_goes_with_its_object() {
    let alice = Person::fresh("alice");
    let traces = |name: &str| {
        let real = format!("u{}-{name}", alice.uid);
        ["volume", "network"].map(|kind| {
            let folder = std::path::Path::new("/var/lib/dock/use").join(kind);
            folder.join(&real).exists()
        })
    };
    for name in ["gone", "kept"] {
        dock(&alice, &["network", "create", name]);
        let mount = format!("{name}:/d");
        let words = ["run", "--rm", "-v", &mount, "--network", name];
        dock(&alice, &[&words[..], &["busybox", "true"]].concat());
        assert_eq!(traces(name), [true, true], "{name}");
    }
    dock(&alice, &["volume", "rm", "gone"]);
    dock(&alice, &["network", "rm", "gone"]);
    assert_eq!(traces("gone"), [false, false]);
    assert_eq!(traces("kept"), [true, true]);
    alice.clear();
}
