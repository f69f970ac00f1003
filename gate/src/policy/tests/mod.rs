//! Each rule of a container's body: a refusal, and its permitting twin that
//! differs in one thing.

use super::create::CreateFacts;
use super::*;
use crate::api::container::{CreateBody, HostConfig};
use dock_space::Uid;
use serde_json::{Value, json};
use std::collections::HashMap;

mod given;
mod laws;
mod networks;
mod pairs;
mod rows;
mod volumes;

fn identity() -> Identity {
    let person = Person {
        uid: Uid(1001),
        login: "alice".into(),
        full_name: String::new(),
        home: "/home/alice".into(),
        gid: 1001,
        groups: vec![],
    };
    Identity {
        person,
        space: Space::User(Uid(1001)),
        labels: vec![("author", "alice".into())],
    }
}

fn facts() -> CreateFacts {
    CreateFacts {
        engine: EngineFacts {
            runtime: "runc".into(),
            memory: 16 << 30,
        },
        image: ImageFacts {
            id: format!("sha256:{}", "0".repeat(64)),
            ..ImageFacts::default()
        },
        containers: [("db".to_owned(), "ab".repeat(32))].into(),
        names: [("db".to_owned(), "db".to_owned())].into(),
        networks: [
            ("lab".to_owned(), NetworkFact::Own("u1001-lab".to_owned())),
            ("foreign".to_owned(), NetworkFact::Foreign),
        ]
        .into(),
        mounted: [("db".to_owned(), vec!["/lent".to_owned()])].into(),
        volumes: HashMap::new(),
        cgroup_parent: "/dock/u1001".into(),
    }
}

/// A container as the gate makes it.
fn looked_up() -> Facts {
    Facts::Existing(Box::new(super::existing::plain()))
}

fn judged(settings: &Settings, mut facts: CreateFacts, body: Value) -> Result<CreateBody, Refusal> {
    let text = serde_json::to_vec(&body).unwrap();
    let body: CreateBody = crate::api::json::parse(&text).unwrap();
    for name in volumes_named(&body) {
        let known = facts.volumes.entry(name.to_owned());
        known.or_insert(VolumeFact::Absent);
    }
    let create = Create {
        name: "web".into(),
        platform: None,
        body,
        default_network: false,
    };
    let operation = Operation::ContainerCreate(Box::new(create));
    match judge(
        settings,
        &identity(),
        operation,
        &Facts::Create(Box::new(facts)),
    ) {
        Verdict::Permit(permit) => match permit.into_operation() {
            Operation::ContainerCreate(create) => Ok(create.body),
            other => panic!("{other:?}"),
        },
        Verdict::Refuse(refusal) => Err(refusal),
    }
}

fn create(body: Value) -> Result<CreateBody, Refusal> {
    judged(&Settings::default(), facts(), body)
}

fn host(host: Value) -> Result<HostConfig, Refusal> {
    create(json!({"Image": "busybox", "HostConfig": host})).map(|body| body.host_config)
}

#[test]
fn each_rule_of_host_config_refuses_and_permits() {
    for (field, refused, rule, permitted) in pairs::of_host_config() {
        let error = host(json!({ field: refused })).expect_err(&format!("{field}: {refused}"));
        // What no engine would take has the engine's words and no rule.
        let status = if rule.is_empty() { 400 } else { 403 };
        assert_eq!(
            (error.rule, error.status),
            (rule, status),
            "{field}: {refused}: {error}"
        );
        host(json!({ field: permitted })).unwrap_or_else(|e| panic!("{field}: {permitted}: {e}"));
    }
}

#[test]
fn each_rule_of_config_refuses_and_permits() {
    for (field, refused, rule, permitted) in pairs::of_config() {
        let error = create(json!({"Image": "b", field: refused})).expect_err(field);
        assert_eq!(error.rule, rule, "{field}: {error}");
        create(json!({"Image": "b", field: permitted})).unwrap_or_else(|e| panic!("{field}: {e}"));
    }
}

#[test]
fn what_is_forced_is_forced() {
    let body = create(json!({"Image": "busybox", "Labels": {"a": "b"}})).unwrap();
    let host = &body.host_config;
    assert_eq!(host.cgroup_parent, "/dock/u1001");
    assert_eq!(host.ipc_mode, "private");
    assert_eq!(host.cgroupns_mode, "private");
    assert_eq!(host.pids_limit, Some(4096));
    assert_eq!(host.cap_drop.0, ["AUDIT_WRITE", "MKNOD"]);
    assert_eq!(host.network_mode, "u1001-default");
    assert_eq!(host.log_config.config["max-size"], "50m");
    assert_eq!(body.image, format!("sha256:{}", "0".repeat(64)));
    let labels: Vec<(&str, &str)> = body
        .labels
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        labels,
        [
            ("a", "b"),
            ("author", "alice"),
            ("dock.binds", ""),
            ("dock.image", "busybox"),
            ("dock.net", "default"),
            ("dock.ports", ""),
            ("dock.space", "u1001"),
            ("dock.v", "1"),
        ]
    );
}

#[test]
fn what_is_always_dropped_cannot_be_added_back() {
    let host = host(json!({"CapAdd": ["AUDIT_WRITE", "CHOWN"]})).unwrap();
    assert_eq!(host.cap_add.0, ["CHOWN"]);
    assert!(self::host(json!({"CapAdd": ["MKNOD"]})).is_err());
}

#[test]
fn an_operational_field_of_an_endpoint_is_never_sent() {
    let body = create(json!({"Image": "b", "NetworkingConfig": {"EndpointsConfig":
        {"default": {"NetworkID": "ab".repeat(32), "IPAddress": "10.0.0.9", "Gateway": "10.0.0.1"}}}}))
    .unwrap();
    let sent = serde_json::to_value(&body.networking_config).unwrap();
    assert_eq!(sent, json!({"EndpointsConfig": {"u1001-default": {}}}));
}

#[test]
fn a_network_is_the_spaces_under_any_key() {
    for key in ["host", "container:db", "ns:/proc/1/ns/net"] {
        let body = json!({"Image": "b", "NetworkingConfig": {"EndpointsConfig": {key: {}}}});
        assert_eq!(create(body).unwrap_err().rule, "create.network", "{key}");
    }
    // A name that looks real is a name like any other.
    let body =
        json!({"Image": "b", "NetworkingConfig": {"EndpointsConfig": {"u1002-default": {}}}});
    let sent = create(body).unwrap().networking_config.endpoints_config;
    assert!(sent.keys().eq(["u1001-default", "u1001-u1002-default"]));
}

#[test]
fn volumes_of_the_image_get_labels_and_no_name() {
    let mut facts = facts();
    facts.image.volumes = [
        ("/data".to_owned(), Default::default()),
        ("/own".to_owned(), Default::default()),
    ]
    .into();
    let body =
        json!({"Image": "b", "HostConfig": {"Binds": ["mine:/own/"]}, "Volumes": {"/v": {}}});
    let body = judged(&Settings::default(), facts, body).unwrap();
    let mounts: Vec<(String, String, bool)> = body
        .host_config
        .mounts
        .iter()
        .map(|mount| {
            let labelled = mount
                .volume_options
                .as_ref()
                .is_some_and(|o| o.labels.get("dock.space").is_some_and(|s| s == "u1001"));
            (mount.source.clone(), mount.target.clone(), labelled)
        })
        .collect();
    assert_eq!(
        mounts,
        [
            ("u1001-mine".to_owned(), "/own/".to_owned(), true),
            (String::new(), "/v".to_owned(), true),
            (String::new(), "/data".to_owned(), true),
        ]
    );
    assert_eq!(body.volumes.keys().collect::<Vec<_>>(), ["/v"]);
}

#[test]
fn what_the_image_brings_is_judged_as_well() {
    type Change = fn(&mut ImageFacts);
    let changes: [(Change, Change, &str); 2] = [
        (
            |i| i.working_dir = "/proc/self/fd/7".into(),
            |i| i.working_dir = "/srv".into(),
            "create.workdir",
        ),
        (
            |i| i.user = "4294967296".into(),
            |i| i.user = "1000".into(),
            "create.user",
        ),
    ];
    for (bad, good, rule) in changes {
        let mut facts_bad = facts();
        bad(&mut facts_bad.image);
        let error = judged(&Settings::default(), facts_bad, json!({"Image": "b"})).unwrap_err();
        assert_eq!(error.rule, rule);
        let mut facts_good = facts();
        good(&mut facts_good.image);
        judged(&Settings::default(), facts_good, json!({"Image": "b"})).unwrap();
    }
    let mut facts = facts();
    facts.image.healthcheck = Some(crate::api::container::Healthcheck {
        interval: 1,
        ..Default::default()
    });
    let body = judged(&Settings::default(), facts, json!({"Image": "b"})).unwrap();
    assert_eq!(body.healthcheck.unwrap().interval, 1_000_000_000);
}

#[test]
fn the_configuration_widens_and_never_opens_the_host() {
    let settings = Settings {
        cap_add: vec!["SYS_PTRACE".into(), "SYS_ADMIN".into()],
        devices: vec!["/dev/fuse".into()],
        runtimes: vec!["runsc".into()],
        ..Settings::default()
    };
    let ask = |host: Value| {
        judged(
            &settings,
            facts(),
            json!({"Image": "b", "HostConfig": host}),
        )
    };
    assert_eq!(
        ask(json!({"CapAdd": ["SYS_PTRACE"]}))
            .unwrap()
            .host_config
            .cap_add
            .0,
        ["SYS_PTRACE"]
    );
    assert!(
        ask(json!({"CapAdd": ["SYS_ADMIN"]})).is_err(),
        "never, whatever is listed"
    );
    let device = |path: &str| json!({"Devices": [{"PathOnHost": path, "PathInContainer": path, "CgroupPermissions": "rwm"}]});
    assert_eq!(
        ask(device("/dev/fuse")).unwrap().host_config.devices[0].cgroup_permissions,
        "rw"
    );
    assert!(ask(device("/dev/../dev/fuse")).is_err());
    assert!(ask(json!({"Runtime": "runsc"})).is_ok());
}

#[test]
fn a_missing_container_has_the_engines_words() {
    let error = host(json!({"PidMode": "container:other"})).unwrap_err();
    assert_eq!(
        (error.status, error.to_string().as_str()),
        (400, "No such container: other")
    );
}

#[test]
fn a_refusal_reads_well() {
    let text = host(json!({"Privileged": true})).unwrap_err().to_string();
    assert_eq!(
        text,
        "dock: --privileged is not allowed: root in the container would be root on this host [rule create.privileged]\n\nhint: say what it is for: --cap-add or --device may be enough"
    );
}

fn update(body: Value) -> Result<Value, String> {
    let text = serde_json::to_vec(&body).unwrap();
    let body = Box::new(crate::api::json::parse(&text).unwrap());
    let id = ContainerId::new(&"ab".repeat(32)).unwrap();
    let operation = Operation::ContainerUpdate { id, body };
    match judge(&Settings::default(), &identity(), operation, &looked_up()) {
        Verdict::Permit(permit) => match permit.into_operation() {
            Operation::ContainerUpdate { body, .. } => Ok(serde_json::to_value(*body).unwrap()),
            other => panic!("{other:?}"),
        },
        Verdict::Refuse(refusal) => Err(refusal.to_string()),
    }
}

#[test]
fn update_sends_what_was_asked_and_refuses_the_rest_by_name() {
    assert_eq!(
        update(json!({"Memory": 1 << 20, "Devices": null, "PidsLimit": 0})).unwrap(),
        json!({"Memory": 1 << 20})
    );
    assert!(update(json!({"PidsLimit": 100_000})).is_err());
    assert!(update(json!({"CgroupParent": "/"})).is_err());
    assert_eq!(
        update(json!({"Binds": ["/:/x"]})).unwrap_err(),
        "unknown field \"Binds\""
    );
    assert_eq!(
        update(json!({"RestartPolicy": {"Name": "always"}})).unwrap()["RestartPolicy"]["Name"],
        "always"
    );
}

#[test]
fn query_values_have_rules() {
    let id = || ContainerId::new(&"ab".repeat(32)).unwrap();
    let refused = |operation: Operation| {
        matches!(
            judge(&Settings::default(), &identity(), operation, &looked_up()),
            Verdict::Refuse(_)
        )
    };
    let kill = |signal: &str| Operation::ContainerKill {
        id: id(),
        signal: Some(signal.into()),
    };
    assert!(refused(kill("KILL&x=1")) && !refused(kill("SIGKILL")));
    let stop = |seconds| Operation::ContainerStop {
        id: id(),
        seconds: Some(seconds),
        signal: None,
    };
    assert!(refused(stop(-2)) && !refused(stop(-1)));
    let top = |args: &str| Operation::ContainerTop {
        id: id(),
        ps_args: Some(args.into()),
    };
    for args in [
        "-eoppid=PID -opid=X -oargs",
        "axeo pid,args",
        "e",
        "-o pid,environ",
        "--pid 1",
        "-o",
    ] {
        assert!(refused(top(args)), "{args}");
    }
    for args in ["-ef", "aux", "-o pid,args", "-opid,user", "-eo pid,comm"] {
        assert!(!refused(top(args)), "{args}");
    }
    let start = |text: &str| Operation::ContainerStart {
        id: id(),
        checkpoint: Some(text.into()),
        directory: None,
    };
    assert!(refused(start("x")) && !refused(start("")));
    let keys = |text: &str| Operation::ContainerAttach {
        id: id(),
        attach: Attach {
            detach_keys: Some(text.into()),
            ..Attach::default()
        },
    };
    assert!(refused(keys("a b")) && !refused(keys("ctrl-p,ctrl-q")));
    let tail = |text: &str| Operation::ContainerLogs {
        id: id(),
        logs: Logs {
            tail: Some(text.into()),
            ..Logs::default()
        },
    };
    assert!(refused(tail("1;2")) && !refused(tail("all")) && !refused(tail("12")));
    let rename = |text: &str| Operation::ContainerRename {
        id: id(),
        name: text.into(),
    };
    assert!(refused(rename("a/b")) && !refused(rename("ab")));
}
