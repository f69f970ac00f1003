//! Volumes: each rule, whose a volume must be, and what is sent.

use dock_space::settings::Settings;
use serde_json::{Value, json};

use super::{facts, identity, judged, pairs};
use crate::api::container::Mount;
use crate::api::volume::VolumeCreateBody;
use crate::policy::*;

fn volume(settings: &Settings, body: Value) -> Result<VolumeCreateBody, Refusal> {
    let text = serde_json::to_vec(&body).unwrap();
    let body = Box::new(crate::api::json::parse(&text).unwrap());
    let facts = Facts::Engine(facts().engine);
    match judge(settings, &identity(), Operation::VolumeCreate(body), &facts) {
        Verdict::Permit(permit) => match permit.into_operation() {
            Operation::VolumeCreate(body) => Ok(*body),
            other => panic!("{other:?}"),
        },
        Verdict::Refuse(refusal) => Err(refusal),
    }
}

#[test]
fn each_rule_of_a_volume_refuses_and_permits() {
    for (field, refused, rule, permitted) in pairs::of_volume() {
        let ask = |value: &Value| volume(&Settings::default(), json!({ field: value }));
        let error = ask(&refused).expect_err(&format!("{field}: {refused}"));
        let status = if rule.is_empty() { 400 } else { 403 };
        let got = (error.rule, error.status);
        assert_eq!(got, (rule, status), "{field}: {refused}: {error}");
        ask(&permitted).unwrap_or_else(|e| panic!("{field}: {permitted}: {e}"));
    }
}

#[test]
fn a_volume_is_made_with_its_owners_name_and_labels() {
    let asked = json!({"Name": "data", "Labels": {"a": "b", "author": "bob"}});
    let sent = volume(&Settings::default(), asked).unwrap();
    assert_eq!(
        serde_json::to_value(sent).unwrap(),
        json!({"Name": "u1001-data", "Driver": "local",
            "Labels": {"a": "b", "author": "alice", "dock.space": "u1001", "dock.v": "1"}})
    );
    // The engine makes up the name of an anonymous one.
    assert_eq!(volume(&Settings::default(), json!({})).unwrap().name, "");
}

#[test]
fn nothing_of_a_volume_is_sent_that_was_not_judged_with_the_engine() {
    let operation = || Operation::VolumeCreate(Box::default());
    let verdict = |facts| judge(&Settings::default(), &identity(), operation(), &facts);
    assert!(matches!(verdict(Facts::None), Verdict::Refuse(_)));
    let engine = Facts::Engine(EngineFacts::default());
    assert!(matches!(verdict(engine), Verdict::Permit(_)));
}

#[test]
fn a_tmpfs_volume_has_the_ceiling_of_every_tmpfs() {
    let settings = Settings {
        shm_size: 64 << 20,
        ..Settings::default()
    };
    let words = |words: &str| {
        let options = json!({"type": "tmpfs", "device": "tmpfs", "o": words});
        let sent = volume(&settings, json!({"DriverOpts": options})).ok()?;
        sent.driver_opts.unwrap().get("o").cloned()
    };
    assert_eq!(words("size=64m").as_deref(), Some("size=64m"));
    assert_eq!(words("size=65m"), None);
    assert_eq!(words("nodev").as_deref(), Some("nodev,size=67108864"));
    assert_eq!(words("").as_deref(), Some("size=67108864"));
}

fn mounted(fact: Option<VolumeFact>, host: Value) -> Result<Vec<Mount>, Refusal> {
    let mut facts = facts();
    facts
        .volumes
        .extend(fact.map(|fact| ("data".to_owned(), fact)));
    let body = json!({"Image": "b", "HostConfig": host});
    judged(&Settings::default(), facts, body).map(|sent| sent.host_config.mounts)
}

#[test]
fn a_volume_that_no_gate_made_is_not_mounted() {
    for host in [
        json!({"Binds": ["data:/x"]}),
        json!({"Mounts": [{"Type": "volume", "Source": "data", "Target": "/x"}]}),
    ] {
        let refusal = mounted(Some(VolumeFact::Foreign), host.clone()).unwrap_err();
        assert_eq!((refusal.rule, refusal.status), ("volume.name", 409));
        let own = Some(VolumeFact::Own("u1001-data".into()));
        for fact in [own, Some(VolumeFact::Absent)] {
            let mounts = mounted(fact, host.clone()).unwrap();
            assert_eq!(mounts[0].source, "u1001-data");
        }
    }
}

#[test]
fn an_anonymous_volume_of_hers_is_mounted_by_its_own_name() {
    let hex = "cd".repeat(32);
    let host = json!({"Binds": [format!("{hex}:/x")]});
    let source = |fact: VolumeFact| {
        let mut facts = facts();
        facts.volumes.insert(hex.clone(), fact);
        let body = json!({"Image": "b", "HostConfig": host});
        let sent = judged(&Settings::default(), facts, body).unwrap();
        sent.host_config.mounts[0].source.clone()
    };
    assert_eq!(source(VolumeFact::Own(hex.clone())), hex);
    // Somebody else's looks like none: a volume of her own is made.
    assert_eq!(source(VolumeFact::Absent), format!("u1001-{hex}"));
}

#[test]
fn a_volume_that_was_not_looked_up_is_not_mounted() {
    let body: crate::api::container::CreateBody = crate::api::json::parse(
        br#"{"Image":"b","HostConfig":{"Binds":["one:/1","/two","/3:/3","four:/4:ro"],
            "Mounts":[{"Type":"volume","Source":"five","Target":"/5"},
                {"Type":"volume","Target":"/6"},{"Type":"bind","Source":"seven","Target":"/7"}]}}"#,
    )
    .unwrap();
    let named: Vec<&str> = volumes_named(&body).into_iter().collect();
    assert_eq!(named, ["five", "four", "one"]);
    let create = Create {
        name: "web".into(),
        platform: None,
        body: crate::api::json::parse(br#"{"Image":"b","HostConfig":{"Binds":["one:/1"]}}"#)
            .unwrap(),
        default_network: false,
    };
    let operation = Operation::ContainerCreate(Box::new(create));
    let facts = Facts::Create(Box::new(facts()));
    let verdict = judge(&Settings::default(), &identity(), operation, &facts);
    assert!(matches!(verdict, Verdict::Refuse(r) if r.why.contains("not looked up")));
}

#[test]
fn what_is_said_of_a_volume_of_a_mount_is_sent() {
    let options = json!({"NoCopy": true, "Labels": {"a": "b"}, "Subpath": "x/y",
        "DriverConfig": {"Name": "local", "Options": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}}});
    let mount =
        json!({"Type": "volume", "Source": "data", "Target": "/x", "VolumeOptions": options});
    let sent = mounted(None, json!({"Mounts": [mount]})).unwrap();
    assert_eq!(
        serde_json::to_value(sent[0].volume_options.as_ref().unwrap()).unwrap(),
        json!({"NoCopy": true, "Subpath": "x/y",
            "Labels": {"a": "b", "author": "alice", "dock.space": "u1001", "dock.v": "1"},
            "DriverConfig": {"Name": "local", "Options": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}}})
    );
}

#[test]
fn a_volumes_name_is_the_spaces_or_an_anonymous_one() {
    let hex = "cd".repeat(32);
    for (real, own) in [
        ("u1001-data", true),
        (hex.as_str(), true),
        ("u1002-data", false),
        ("data", false),
        (&hex[1..], false),
    ] {
        assert_eq!(
            VolumeName::new(identity().space, real).is_ok(),
            own,
            "{real}"
        );
    }
}
