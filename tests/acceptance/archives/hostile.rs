//! Archives that somebody wrote to do harm. They are sound: each sum is right.

use dock::archive::about::{About, FORMAT, Kind as Of, Mode};
use dock::archive::manifest::Image;
use dock::archive::part::Kind;
use dock::archive::tarball;
use dock::archive::writer::Writer;
use serde_json::{Value, json};

use super::given::{admin, objects_of, written};
use crate::harness::{Person, Record, root_docker};

/// An archive of these containers and volumes.
fn archive(
    containers: &[(&str, Value)],
    volumes: &[(&str, Value, Vec<u8>)],
    changes: &[u8],
) -> Vec<u8> {
    let about = About {
        format: FORMAT,
        dock: "0".into(),
        kind: Of::Space,
        space: "u4000".into(),
        login: "nobody-here".into(),
        author: "x".into(),
        organisation: None,
        container: None,
        moment: 1_769_860_800,
        mode: Mode::Live,
        engine: String::new(),
        api: String::new(),
    };
    let mut writer = Writer::new(Vec::new(), about, 1).unwrap();
    for (name, described, tar) in volumes {
        writer.document(Kind::Volume, name, described).unwrap();
        writer.begin(Kind::Data, name);
        writer.add(tar).unwrap();
        writer.end(vec![]).unwrap();
    }
    for (name, described) in containers {
        writer.document(Kind::Container, name, described).unwrap();
        writer.begin(Kind::Changes, name);
        writer.add(changes).unwrap();
        writer.end(vec![]).unwrap();
    }
    let image = Image {
        reference: "busybox".into(),
        id: busybox(),
        digests: vec![],
        size: 0,
    };
    writer.finish(vec![image], None).unwrap().0
}

fn busybox() -> String {
    let words = ["image", "inspect", "-f", "{{.Id}}", "busybox"];
    root_docker(words).output().success()
}

fn container(name: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut described = json!({
        "Id": "ab".repeat(32), "Name": format!("/{name}"), "Image": busybox(),
        "Config": {"Image": "busybox", "Cmd": ["true"], "Labels": {}},
        "HostConfig": {"NetworkMode": "default"}, "Mounts": [],
        "NetworkSettings": {"Networks": {}},
    });
    change(&mut described);
    described
}

fn volume<'a>(name: &'a str, members: &[Vec<u8>]) -> (&'a str, Value, Vec<u8>) {
    let described = json!({"Name": name, "Driver": "local", "Options": null, "Labels": {}});
    (name, described, members.concat())
}

/// A head of any kind, with a right sum.
fn head(name: &str, kind: u8, link: &str) -> Vec<u8> {
    let mut block = tarball::document(name, b"", 0);
    block[156] = kind;
    block[157..157 + link.len()].copy_from_slice(link.as_bytes());
    block[329..336].copy_from_slice(b"0000001");
    block[148..156].fill(b' ');
    let sum: u32 = block[..512].iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[test]
fn an_archive_makes_nothing_that_its_owner_could_not() {
    let (bob, carol) = (Person::fresh("bob"), Person::admin("carol"));
    let alice = Person::fresh("alice");
    alice
        .dock(["volume", "create", "secret"])
        .output()
        .success();
    type Change = fn(&mut Value);
    let changes: [(&str, Change, &str); 8] = [
        (
            "privileged",
            |it| it["HostConfig"]["Privileged"] = true.into(),
            "--privileged",
        ),
        (
            "bind",
            |it| it["HostConfig"]["Binds"] = json!(["/etc:/host"]),
            "mount.bind",
        ),
        (
            "mount",
            |it| {
                it["HostConfig"]["Mounts"] =
                    json!([{"Type": "bind", "Source": "/", "Target": "/host"}])
            },
            "mount.bind",
        ),
        (
            "network",
            |it| it["HostConfig"]["NetworkMode"] = "host".into(),
            "create.",
        ),
        (
            "pid",
            |it| it["HostConfig"]["PidMode"] = "host".into(),
            "create.",
        ),
        (
            "capability",
            |it| it["HostConfig"]["CapAdd"] = json!(["SYS_ADMIN"]),
            "create.",
        ),
        (
            "device",
            |it| it["HostConfig"]["Devices"] = json!([{"PathOnHost": "/dev/sda", "PathInContainer": "/dev/sda", "CgroupPermissions": "rwm"}]),
            "create.",
        ),
        (
            "unknown",
            |it| it["HostConfig"]["Surprise"] = "x".into(),
            "Surprise",
        ),
    ];
    for (what, change, word) in changes {
        let containers = [
            ("fine", container("fine", |_| {})),
            ("harm", container("harm", change)),
        ];
        let volumes = [volume(
            "data",
            &[tarball::document("volumes/data/data/file", b"x", 0)],
        )];
        let file = written(&carol, "hostile", &archive(&containers, &volumes, b""));
        admin(&carol, &["archives", "verify", &file]).success();
        let refused = admin(&carol, &["restore", "--as", &bob.login, &file]);
        assert_eq!(refused.code, 1, "{what}: {refused:?}");
        assert!(refused.err().contains(word), "{what}: {refused:?}");
        assert_eq!(objects_of(&bob), "", "{what}");
    }
    // Labels are not believed.
    let forged = container("harm", |it| {
        let space = format!("u{}", alice.uid);
        it["Config"]["Labels"] = json!({"dock.space": space, "author": alice.login, "a": "b"});
    });
    let file = written(&carol, "hostile", &archive(&[("harm", forged)], &[], b""));
    admin(&carol, &["restore", "--as", &bob.login, &file]).success();
    let words = [
        "inspect",
        "-f",
        "{{json .Config.Labels}}",
        &bob.real("harm"),
    ];
    let labels: Value = serde_json::from_str(&root_docker(words).output().success()).unwrap();
    assert_eq!(labels["dock.space"], format!("u{}", bob.uid));
    assert_eq!(labels["author"], bob.login.as_str());
    assert_eq!(labels["a"], "b");
    bob.clear();
    alice.clear();
}

#[test]
fn files_that_lead_elsewhere_are_refused_and_nothing_stays() {
    let (bob, carol) = (Person::fresh("bob"), Person::admin("carol"));
    let record = Record::mark();
    let at = |name: &str| format!("volumes/data/data/{name}");
    let top = head("volumes/data/data/", b'5', "");
    let file = |name: &str| tarball::document(&at(name), b"x", 0);
    for (what, members) in [
        ("device", vec![top.clone(), head(&at("sda"), b'4', "")]),
        (
            "hard link",
            vec![top.clone(), head(&at("x"), b'1', "/etc/passwd")],
        ),
        (
            "through a link",
            vec![
                top.clone(),
                head(&at("out"), b'2', "/etc"),
                file("out/passwd"),
            ],
        ),
        ("twice", vec![top.clone(), file("a"), file("a")]),
        ("no parent", vec![top.clone(), file("a/b")]),
        ("empty name", vec![top.clone(), file("a//b")]),
    ] {
        let bytes = archive(&[], &[volume("data", &members)], b"");
        let path = written(&carol, "hostile", &bytes);
        let refused = admin(&carol, &["restore", "--as", &bob.login, &path]);
        assert_eq!(refused.code, 1, "{what}: {refused:?}");
        assert_eq!(objects_of(&bob), "", "{what}");
    }
    assert!(!record.requests_of(&carol).is_empty());
    // The twin.
    let bytes = archive(&[], &[volume("data", &[top, file("a")])], b"");
    let path = written(&carol, "hostile", &bytes);
    admin(&carol, &["restore", "--as", &bob.login, &path]).success();
    bob.clear();
}

#[test]
fn a_bomb_is_refused_before_anything_is_unpacked() {
    let (bob, carol) = (Person::fresh("bob"), Person::admin("carol"));
    let mut members = head("volumes/data/data/", b'5', "");
    members.extend_from_slice(&tarball::document(
        "volumes/data/data/zeros",
        &vec![0; 64 << 20],
        0,
    ));
    let bytes = archive(&[], &[volume("data", &[members])], b"");
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    let path = written(&carol, "hostile", &bytes);
    let words = ["restore", "--as", &bob.login, "--max-size", "32m", &path];
    admin(&carol, &words).fails(1, "more than the");
    assert_eq!(objects_of(&bob), "");
    let words = ["restore", "--as", &bob.login, "--max-size", "128m", &path];
    admin(&carol, &words).success();
    bob.clear();
}
