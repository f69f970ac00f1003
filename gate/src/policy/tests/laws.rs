//! What holds for every value, not for one.

use dock_space::rule::{self, Treatment};
use dock_space::settings::Settings;
use serde_json::{Value, json};

use super::{create, facts, host, judged, pairs};

/// Settings that leave as little as the configuration can.
fn tight() -> Settings {
    Settings {
        pids_limit: 1,
        memory: 8 << 20,
        cpus: 0.5,
        shm_size: 1 << 10,
        ulimits: Default::default(),
        publish_addresses: vec!["192.0.2.1".into()],
        first_port: u16::MAX,
        max_ports: 0,
        log_max_size: "1k".into(),
        log_max_file: 1,
        ..Settings::default()
    }
}

/// Settings that widen whatever the configuration can widen.
fn wide() -> Settings {
    let every = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Settings {
        cap_add: every(&["NET_ADMIN", "SYS_PTRACE", "SYS_ADMIN", "ALL", "MKNOD"]),
        devices: every(&["/dev/fuse"]),
        runtimes: every(&["runsc"]),
        sysctls: every(&["net.ipv4.conf.all.*"]),
        log_drivers: every(&["journald"]),
        pids_limit: i64::MAX,
        memory: 0,
        cpus: 0.0,
        shm_size: 0,
        first_port: 1,
        max_ports: u32::MAX,
        ..Settings::default()
    }
}

/// Bodies of every pair: refused, permitted.
fn bodies() -> Vec<(Value, Value)> {
    let of_host = pairs::of_host_config()
        .into_iter()
        .map(|(field, no, _, yes)| {
            let body = |value| json!({"Image": "b", "HostConfig": {field: value}});
            (body(no), body(yes))
        });
    let of_config = pairs::of_config().into_iter().map(|(field, no, _, yes)| {
        let body = |value| json!({"Image": "b", field: value});
        (body(no), body(yes))
    });
    of_host.chain(of_config).collect()
}

#[test]
fn a_restriction_never_permits_more() {
    let mut refused_by_tight = 0;
    for (no, yes) in bodies() {
        assert!(judged(&tight(), facts(), no.clone()).is_err(), "{no}");
        assert!(judged(&wide(), facts(), yes.clone()).is_ok(), "{yes}");
        refused_by_tight += usize::from(judged(&tight(), facts(), yes).is_err());
    }
    // It does restrict.
    assert!(refused_by_tight > 5, "{refused_by_tight}");
}

#[test]
fn what_no_configuration_can_open_stays_shut() {
    for row in rule::rows() {
        let Some(field) = row.field.strip_prefix("HostConfig.") else {
            continue;
        };
        if row.treatment != Treatment::Forbid {
            continue;
        }
        let pairs = pairs::of_host_config();
        let mine = pairs.into_iter().filter(|(name, ..)| *name == field);
        for (_, no, rule, _) in mine {
            let body = json!({"Image": "b", "HostConfig": {field: no}});
            let refusal = judged(&wide(), facts(), body).expect_err(field);
            assert_eq!(refusal.rule, rule);
        }
    }
}

#[test]
fn a_field_that_is_refused_or_dropped_is_never_sent() {
    let never: Vec<&str> = rule::rows()
        .filter(|row| matches!(row.treatment, Treatment::Forbid | Treatment::Drop))
        .map(|row| row.field)
        // Forced as well: the space's own is sent.
        .filter(|field| *field != "HostConfig.CgroupParent")
        .collect();
    for (_, yes) in bodies() {
        let sent = create(yes.clone()).unwrap_or_else(|e| panic!("{yes}: {e}"));
        let sent = serde_json::to_value(&sent).unwrap();
        let keys = |prefix: &str, value: &Value| -> Vec<String> {
            let members = value.as_object().unwrap().keys();
            members.map(|key| format!("{prefix}.{key}")).collect()
        };
        let config = keys("Config", &sent);
        for key in keys("HostConfig", &sent["HostConfig"])
            .iter()
            .chain(&config)
        {
            assert!(!never.contains(&key.as_str()), "{key} is sent for {yes}");
        }
    }
}

#[test]
fn whatever_is_asked_the_gates_own_values_stand() {
    for (_, yes) in bodies() {
        let sent = create(yes.clone()).unwrap();
        let host = &sent.host_config;
        assert_eq!(host.cgroup_parent, "/dock/u1001", "{yes}");
        assert_eq!(host.cgroupns_mode, "private", "{yes}");
        assert!(!host.privileged && host.binds.is_empty(), "{yes}");
        assert!(host.pids_limit.is_some_and(|count| count > 0), "{yes}");
        let all = host.cap_drop.0.iter().any(|name| name == "ALL");
        let mknod = host.cap_drop.0.iter().any(|name| name == "MKNOD");
        assert!(all || mknod, "{yes}");
        assert!(!host.cap_add.0.iter().any(|name| name == "MKNOD"), "{yes}");
        assert_eq!(sent.labels["dock.space"], "u1001", "{yes}");
        for mount in &host.mounts {
            assert!(matches!(mount.r#type.as_str(), "volume" | "tmpfs"), "{yes}");
            let own = mount.source.is_empty() || mount.source.starts_with("u1001-");
            assert!(own, "{yes}");
        }
    }
}

#[test]
fn update_takes_limits_and_the_restart_policy_and_nothing_else() {
    let limits = [
        "BlkioWeight",
        "CpuPeriod",
        "CpuQuota",
        "CpuShares",
        "CpusetCpus",
        "CpusetMems",
        "Memory",
        "MemoryReservation",
        "MemorySwap",
        "MemorySwappiness",
        "NanoCpus",
        "PidsLimit",
        "RestartPolicy",
    ];
    let mut taken = std::collections::BTreeSet::new();
    for (field, no, _, yes) in pairs::of_host_config() {
        let judged = |value: Value| super::update(json!({ field: value }));
        if limits.contains(&field) {
            assert!(judged(no.clone()).is_err(), "{field}: {no}");
            judged(yes.clone()).unwrap_or_else(|e| panic!("{field}: {yes}: {e}"));
            taken.insert(field);
            continue;
        }
        // What is no limit is refused, or is unset and not sent.
        for value in [no, yes] {
            let sent = judged(value.clone()).unwrap_or(json!({}));
            assert_eq!(sent, json!({}), "{field}: {value}");
        }
    }
    assert_eq!(taken.len(), limits.len());
}

#[test]
fn what_was_judged_once_is_judged_the_same_again() {
    let again = [
        "CapAdd",
        "CapDrop",
        "LogConfig",
        "SecurityOpt",
        "PidsLimit",
        "Tmpfs",
        "Devices",
        "Runtime",
        "IpcMode",
        "RestartPolicy",
    ];
    for (field, _, _, yes) in pairs::of_host_config() {
        if !again.contains(&field) {
            continue;
        }
        let once = serde_json::to_value(host(json!({ field: yes })).unwrap()).unwrap();
        let twice = host(json!({ field: once[field].clone() })).unwrap();
        let twice = serde_json::to_value(twice).unwrap();
        assert_eq!(once[field], twice[field], "{field}");
    }
}
