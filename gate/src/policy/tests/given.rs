//! What is decided by more than the body: by the image, by the engine, by other
//! containers, by the configuration.

use dock_space::settings::Settings;
use serde_json::{Value, json};

use super::{create, facts, host, identity, judged, looked_up, pairs};
use crate::api::container::{CreateBody, Healthcheck};
use crate::policy::*;

fn with_image(change: impl FnOnce(&mut ImageFacts), body: Value) -> Result<CreateBody, Refusal> {
    let mut facts = facts();
    change(&mut facts.image);
    judged(&Settings::default(), facts, body)
}

fn with_volume(path: &str, host: Value) -> Result<CreateBody, Refusal> {
    let volumes = [(path.to_owned(), Default::default())].into();
    with_image(
        |image| image.volumes = volumes,
        json!({"Image": "b", "HostConfig": host}),
    )
}

#[test]
fn each_rule_of_an_exec_refuses_and_permits() {
    for (field, refused, rule, permitted) in pairs::of_exec() {
        let exec = |value: Value| {
            let text = serde_json::to_vec(&json!({"Cmd": ["true"], field: value})).unwrap();
            let body = Box::new(crate::api::json::parse(&text).unwrap());
            let id = ContainerId::new(&"ab".repeat(32)).unwrap();
            let operation = Operation::ExecCreate { id, body };
            judge(&Settings::default(), &identity(), operation, &looked_up())
        };
        match exec(refused) {
            Verdict::Refuse(refusal) => assert_eq!(refusal.rule, rule, "{field}"),
            Verdict::Permit(permit) => panic!("{field}: {permit:?}"),
        }
        assert!(matches!(exec(permitted), Verdict::Permit(_)), "{field}");
    }
}

#[test]
fn an_image_cannot_start_its_check_in_a_storm() {
    let check = |start_interval| {
        move |image: &mut ImageFacts| {
            image.healthcheck = Some(Healthcheck {
                start_interval,
                ..Healthcheck::default()
            });
        }
    };
    // The engine would fill a start interval of the client's own from the image
    // where its API is too old to have one.
    let asked = json!({"Image": "b", "Healthcheck": {"StartInterval": 2_000_000_000}});
    let refusal = with_image(check(1_000_000), asked.clone()).unwrap_err();
    assert_eq!(refusal.rule, "create.healthcheck");
    assert!(refusal.to_string().contains("--no-healthcheck"));
    with_image(check(1_000_000_000), asked).unwrap();
    let off = json!({"Image": "b", "Healthcheck": {"Test": ["NONE"]}});
    with_image(check(1_000_000), off).unwrap();
}

#[test]
fn an_image_that_checks_too_often_is_slowed_down() {
    let often = |image: &mut ImageFacts| {
        image.healthcheck = Some(Healthcheck {
            interval: 1_000_000,
            ..Healthcheck::default()
        });
    };
    let interval = |body: Value| {
        let sent = with_image(often, body).unwrap();
        sent.healthcheck.map(|check| check.interval)
    };
    assert_eq!(interval(json!({"Image": "b"})), Some(1_000_000_000));
    let own = json!({"Image": "b", "Healthcheck": {"Interval": 5_000_000_000_i64}});
    assert_eq!(interval(own), Some(5_000_000_000));
    let retries = json!({"Image": "b", "Healthcheck": {"Retries": 2}});
    assert_eq!(interval(retries), Some(1_000_000_000));
}

#[test]
fn a_relative_volume_of_an_image_is_refused() {
    // The engine makes its own, unlabelled, beside any mount (seen on 20.10).
    let refusal = with_volume("data", json!({})).unwrap_err();
    assert_eq!(refusal.rule, "mount.target");
    with_volume("/data", json!({})).unwrap();
}

#[test]
fn a_volume_of_an_image_does_not_hide_what_is_lent() {
    let targets = |path: &str| -> Vec<String> {
        let sent = with_volume(path, json!({"VolumesFrom": ["db:ro"]})).unwrap();
        let mounts = sent.host_config.mounts;
        mounts.into_iter().map(|mount| mount.target).collect()
    };
    assert!(targets("/lent").is_empty());
    assert!(targets("/lent/").is_empty());
    assert_eq!(targets("/other"), ["/other"]);
    let body = |path: &str| {
        let host = json!({"VolumesFrom": ["db"]});
        let sent = create(json!({"Image": "b", "Volumes": {path: {}}, "HostConfig": host}));
        sent.unwrap().host_config.mounts.len()
    };
    assert_eq!((body("/lent"), body("/other")), (0, 1));
}

#[test]
fn runc_is_no_way_around_a_hardened_default() {
    let runtime = |default: &str, asked: &str| {
        let mut facts = facts();
        facts.engine.runtime = default.into();
        let body = json!({"Image": "b", "HostConfig": {"Runtime": asked}});
        judged(&Settings::default(), facts, body).map(|sent| sent.host_config.runtime)
    };
    for (default, asked, sent) in [
        ("runc", "", Some("")),
        ("runc", "runc", Some("runc")),
        ("runsc", "", Some("")),
        ("runsc", "runsc", Some("runsc")),
        ("runsc", "runc", None),
        ("", "runc", Some("runc")),
        // GPUs are not granted yet, so nobody gets the runtime that gives them.
        ("nvidia", "", Some("runc")),
        ("nvidia", "nvidia", None),
        ("nvidia", "runc", Some("runc")),
        ("NVIDIA-cdi", "", Some("runc")),
    ] {
        let got = runtime(default, asked).ok();
        assert_eq!(got.as_deref(), sent, "default {default}, asked {asked}");
    }
}

#[test]
fn a_listed_log_driver_takes_no_address_and_no_file() {
    let settings = Settings {
        log_drivers: vec!["syslog".into()],
        ..Settings::default()
    };
    let log = |option: &str, value: &str| {
        let log = json!({"Type": "syslog", "Config": {option: value}});
        let body = json!({"Image": "b", "HostConfig": {"LogConfig": log}});
        judged(&settings, facts(), body)
    };
    for (option, value) in [
        ("syslog-address", "unixgram:///run/x"),
        ("syslog-tls-ca-cert", "/etc/shadow"),
        ("max-size", "1m"),
    ] {
        let refusal = log(option, value).expect_err(option);
        assert_eq!(refusal.rule, "create.log-driver");
    }
    let sent = log("tag", "{{.Name}}").unwrap().host_config.log_config;
    assert_eq!(sent.r#type, "syslog");
    assert_eq!(sent.config.len(), 1);
}

#[test]
fn a_device_keeps_the_rights_that_were_asked_for_but_to_make_nodes() {
    let settings = Settings {
        devices: vec!["/dev/fuse".into()],
        ..Settings::default()
    };
    let rights = |rights: &str| {
        let device = json!([{"PathOnHost": "/dev/fuse", "CgroupPermissions": rights}]);
        let body = json!({"Image": "b", "HostConfig": {"Devices": device}});
        let sent = judged(&settings, facts(), body).ok()?;
        Some(sent.host_config.devices[0].cgroup_permissions.clone())
    };
    for (asked, sent) in [
        ("rwm", Some("rw")),
        ("rm", Some("r")),
        ("", Some("rw")),
        ("m", None),
        ("x", None),
    ] {
        assert_eq!(rights(asked).as_deref(), sent, "{asked}");
    }
}

#[test]
fn a_bind_of_a_path_alone_is_an_anonymous_volume() {
    let mounts = host(json!({"Binds": ["/data"]})).unwrap().mounts;
    let [mount] = mounts.as_slice() else {
        panic!("{mounts:?}")
    };
    assert_eq!(
        (mount.source.as_str(), mount.target.as_str()),
        ("", "/data")
    );
    let options = mount.volume_options.as_ref().unwrap();
    assert_eq!(options.labels["dock.space"], "u1001");
}

#[test]
fn publishing_all_is_refused_by_its_own_flag() {
    let all = |count: u32| {
        let body = json!({"Image": "b", "HostConfig": {"PublishAllPorts": true}});
        with_image(|image| image.exposed = count, body)
    };
    let refusal = all(65).unwrap_err();
    assert_eq!(
        (refusal.rule, refusal.what.as_str()),
        ("create.port", "--publish-all")
    );
    all(64).unwrap();
}

#[test]
fn a_port_without_a_binding_counts_as_one_on_every_address() {
    let settings = Settings {
        publish_addresses: vec!["127.0.0.1".into()],
        ..Settings::default()
    };
    let publish = |bindings: Value| {
        let host = json!({"PortBindings": {"80/tcp": bindings}});
        judged(
            &settings,
            facts(),
            json!({"Image": "b", "HostConfig": host}),
        )
    };
    for open in [
        json!([]),
        json!(null),
        json!([{}]),
        json!([{"HostIp": "0.0.0.0"}]),
    ] {
        assert_eq!(publish(open).unwrap_err().rule, "create.port");
    }
    publish(json!([{"HostIp": "127.0.0.1"}])).unwrap();
}

#[test]
fn each_ceiling_of_the_configuration_holds_at_its_edge() {
    const MIB: i64 = 1 << 20;
    let settings = Settings {
        memory: 100 * MIB,
        cpus: 1.5,
        shm_size: MIB,
        pids_limit: 10,
        ulimits: [("nofile".to_owned(), 10)].into(),
        ..Settings::default()
    };
    let ulimit = |hard: i64| json!([{"Name": "nofile", "Hard": hard, "Soft": 1}]);
    for (field, within, beyond, rule) in [
        (
            "Memory",
            json!(100 * MIB),
            json!(100 * MIB + 1),
            "limit.memory",
        ),
        // Memory and swap together.
        (
            "MemorySwap",
            json!(200 * MIB),
            json!(200 * MIB + 1),
            "limit.memory",
        ),
        ("MemorySwap", json!(0), json!(-1), "limit.memory"),
        (
            "MemoryReservation",
            json!(200 * MIB),
            json!(200 * MIB + 1),
            "limit.memory",
        ),
        (
            "NanoCpus",
            json!(1_500_000_000),
            json!(1_500_000_001),
            "limit.cpu",
        ),
        ("CpuQuota", json!(150_000), json!(150_001), "limit.cpu"),
        ("ShmSize", json!(MIB), json!(MIB + 1), "limit.shm"),
        ("PidsLimit", json!(10), json!(11), "limit.pids"),
        ("Ulimits", ulimit(10), ulimit(11), "limit.ulimit"),
        ("Ulimits", ulimit(10), ulimit(-1), "limit.ulimit"),
    ] {
        let ask = |value: &Value| {
            let body = json!({"Image": "b", "HostConfig": {field: value}});
            judged(&settings, facts(), body)
        };
        ask(&within).unwrap_or_else(|e| panic!("{field}: {within}: {e}"));
        let refusal = ask(&beyond).expect_err(&format!("{field}: {beyond}"));
        assert_eq!(refusal.rule, rule, "{field}: {beyond}");
    }
}

#[test]
fn what_an_sdk_says_twice_counts_once() {
    // docker-py and Compose 1 name the target of a bind among the volumes, too.
    let body = create(json!({
        "Image": "b", "Volumes": {"/data": {}, "/scratch": {}}, "HostConfig": {"Binds": ["vol:/data:rw"]},
    }))
    .unwrap();
    let targets: Vec<&str> = body
        .host_config
        .mounts
        .iter()
        .map(|mount| mount.target.as_str())
        .collect();
    assert_eq!(targets, ["/data", "/scratch"]);
    // docker-py names the container in the body of an exec.
    let exec: crate::api::exec::ExecCreateBody =
        crate::api::json::parse(br#"{"Container": "web", "Cmd": ["true"]}"#).unwrap();
    let sent = serde_json::to_value(&exec).unwrap();
    assert!(sent.get("Container").is_none());
}
