//! Each rule of a container's body: a refusal, and its permitting twin that
//! differs in one thing.

use super::create::CreateFacts;
use super::*;
use crate::api::container::{CreateBody, HostConfig};
use dock_space::Uid;
use serde_json::{Value, json};

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
        image: ImageFacts {
            id: format!("sha256:{}", "0".repeat(64)),
            ..ImageFacts::default()
        },
        containers: [("db".to_owned(), "ab".repeat(32))].into(),
        cgroup_parent: "/dock/u1001".into(),
    }
}

fn judged(settings: &Settings, facts: CreateFacts, body: Value) -> Result<CreateBody, Refusal> {
    let text = serde_json::to_vec(&body).unwrap();
    let body: CreateBody = crate::api::json::parse(&text).unwrap();
    let create = Create {
        name: "web".into(),
        platform: None,
        body,
        volumes: vec![],
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

/// Field of HostConfig, a refused value and its rule, a permitted value.
fn pairs() -> Vec<(&'static str, Value, &'static str, Value)> {
    vec![
        ("Privileged", json!(true), "create.privileged", json!(false)),
        (
            "CapAdd",
            json!(["SYS_ADMIN"]),
            "create.cap-add",
            json!(["NET_BIND_SERVICE"]),
        ),
        (
            "CapAdd",
            json!(["all"]),
            "create.cap-add",
            json!(["cap_chown"]),
        ),
        ("CapAdd", json!("ALL"), "create.cap-add", json!("CHOWN")),
        ("CapDrop", json!(["x y"]), "create.cap-drop", json!(["ALL"])),
        (
            "Capabilities",
            json!(["CHOWN"]),
            "create.capabilities",
            json!([]),
        ),
        (
            "Devices",
            json!([{"PathOnHost": "/dev/sda"}]),
            "create.device",
            json!([]),
        ),
        (
            "DeviceCgroupRules",
            json!(["a *:* rwm"]),
            "create.device-cgroup-rule",
            json!(null),
        ),
        (
            "DeviceRequests",
            json!([{"Count": -1}]),
            "create.gpu",
            json!([]),
        ),
        ("Binds", json!(["/etc:/x"]), "mount.bind", json!(["etc:/x"])),
        (
            "Binds",
            json!(["/var/run/docker.sock:/s"]),
            "mount.docker-socket",
            json!(["docker.sock:/s"]),
        ),
        (
            "Binds",
            json!(["vv:/x:z"]),
            "mount.bind",
            json!(["vv:/x:ro"]),
        ),
        (
            "Binds",
            json!(["vv:/x:rshared"]),
            "mount.bind",
            json!(["vv:/x:rprivate"]),
        ),
        (
            "Binds",
            json!(["vv:/proc/x"]),
            "mount.target",
            json!(["vv:/processes/x"]),
        ),
        ("Binds", json!(["vv:/"]), "mount.target", json!(["vv:/x"])),
        (
            "Binds",
            json!(["vv:/etc/./hosts"]),
            "mount.target",
            json!(["vv:/etc/hosts.d"]),
        ),
        (
            "Binds",
            json!(["vv:/dev/sda"]),
            "mount.target",
            json!(["vv:/dev/shm"]),
        ),
        (
            "Binds",
            json!(["vv:/a/../proc"]),
            "mount.target",
            json!(["vv:/a/proc"]),
        ),
        (
            "Mounts",
            json!([{"Type": "bind", "Source": "/etc", "Target": "/x"}]),
            "mount.bind",
            json!([{"Type": "volume", "Source": "etc", "Target": "/x"}]),
        ),
        (
            "Mounts",
            json!([{"Type": "npipe", "Source": "a", "Target": "/x"}]),
            "mount.type",
            json!([{"Type": "tmpfs", "Target": "/x"}]),
        ),
        (
            "Mounts",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x",
                "VolumeOptions": {"DriverConfig": {"Options": {"o": "bind", "device": "/etc"}}}}]),
            "mount.volume-opt",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x",
                "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {}}}}]),
        ),
        (
            "Mounts",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x",
                "VolumeOptions": {"DriverConfig": {"Name": "nfs"}}}]),
            "mount.driver",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x", "VolumeOptions": {"DriverConfig": {"Name": ""}}}]),
        ),
        (
            "Mounts",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x",
                "VolumeOptions": {"Labels": {"dock.space": "u1002"}}}]),
            "create.label",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x", "VolumeOptions": {"Labels": {"a": "b"}}}]),
        ),
        (
            "Mounts",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x",
                "VolumeOptions": {"Subpath": "../x"}}]),
            "mount.target",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x", "VolumeOptions": {"Subpath": "x"}}]),
        ),
        (
            "Mounts",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x", "BindOptions": {"Propagation": "rshared"}}]),
            "mount.type",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x", "BindOptions": {}}]),
        ),
        (
            "Mounts",
            json!([{"Type": "tmpfs", "Target": "/x", "TmpfsOptions": {"SizeBytes": 1_i64 << 50}}]),
            "mount.tmpfs",
            json!([{"Type": "tmpfs", "Target": "/x", "TmpfsOptions": {"SizeBytes": 1 << 20}}]),
        ),
        (
            "Tmpfs",
            json!({"/x": "size=9999g"}),
            "mount.tmpfs",
            json!({"/x": "size=64m,mode=1777"}),
        ),
        (
            "Tmpfs",
            json!({"/x": "suid"}),
            "mount.tmpfs",
            json!({"/x": "nosuid"}),
        ),
        (
            "Tmpfs",
            json!({"/sys/x": ""}),
            "mount.target",
            json!({"/system/x": ""}),
        ),
        ("VolumeDriver", json!("nfs"), "mount.driver", json!("local")),
        (
            "VolumesFrom",
            json!(["db:z"]),
            "create.volumes-from",
            json!(["db:ro"]),
        ),
        (
            "LogConfig",
            json!({"Type": "syslog"}),
            "create.log-driver",
            json!({"Type": "local"}),
        ),
        (
            "LogConfig",
            json!({"Config": {"max-size": "9g"}}),
            "create.log-driver",
            json!({"Config": {"max-size": "9m"}}),
        ),
        (
            "LogConfig",
            json!({"Config": {"mode": "non-blocking", "max-buffer-size": "100g"}}),
            "create.log-driver",
            json!({"Config": {"mode": "non-blocking", "max-buffer-size": "4m"}}),
        ),
        // 2^64 + 1 KiB.
        (
            "LogConfig",
            json!({"Config": {"max-size": "18014398509481985k"}}),
            "create.log-driver",
            json!({"Config": {"max-size": "1k"}}),
        ),
        (
            "LogConfig",
            json!({"Config": {"tag": "{{.ImageFullID}}"}}),
            "create.log-driver",
            json!({"Config": {"tag": "{{.ID}}"}}),
        ),
        (
            "LogConfig",
            json!({"Config": {"labels-regex": ".*"}}),
            "create.log-driver",
            json!({"Config": {"labels": "a"}}),
        ),
        (
            "NetworkMode",
            json!("host"),
            "create.network",
            json!("bridge"),
        ),
        (
            "NetworkMode",
            json!("u1002-default"),
            "create.network",
            json!("default"),
        ),
        (
            "NetworkMode",
            json!("ns:/proc/1/ns/net"),
            "create.network",
            json!("none"),
        ),
        (
            "PidMode",
            json!("host"),
            "create.pid",
            json!("container:db"),
        ),
        ("IpcMode", json!("host"), "create.ipc", json!("shareable")),
        ("UTSMode", json!("host"), "create.uts", json!("")),
        ("UsernsMode", json!("host"), "create.userns", json!("")),
        (
            "CgroupnsMode",
            json!("host"),
            "create.cgroupns",
            json!("private"),
        ),
        ("Cgroup", json!("container:db"), "create.cgroup", json!("")),
        (
            "CgroupParent",
            json!("/"),
            "create.cgroup-parent",
            json!(""),
        ),
        ("OomScoreAdj", json!(-1000), "create.oom", json!(1000)),
        ("OomKillDisable", json!(true), "create.oom", json!(false)),
        (
            "PortBindings",
            json!({"80/tcp": [{"HostPort": "22"}]}),
            "create.port",
            json!({"80/tcp": [{"HostPort": "2222"}]}),
        ),
        (
            "PortBindings",
            json!({"80/tcp": [{"HostPort": "8000-9000"}]}),
            "create.port",
            json!({"80/tcp": [{"HostPort": "8000-8010"}]}),
        ),
        (
            "Annotations",
            json!({"run.oci.x": "1"}),
            "create.annotation",
            json!({}),
        ),
        (
            "Dns",
            json!(["nameserver"]),
            "create.dns",
            json!(["10.0.0.1"]),
        ),
        (
            "DnsSearch",
            json!(["a b"]),
            "create.dns",
            json!(["example.org"]),
        ),
        (
            "DnsOptions",
            json!(["a\nb"]),
            "create.dns",
            json!(["ndots:2"]),
        ),
        (
            "ExtraHosts",
            json!(["a:b"]),
            "create.add-host",
            json!(["a:10.0.0.1"]),
        ),
        (
            "GroupAdd",
            json!(["a b"]),
            "create.group-add",
            json!(["video"]),
        ),
        (
            "SecurityOpt",
            json!(["seccomp=unconfined"]),
            "create.security-opt",
            json!(["seccomp=builtin"]),
        ),
        (
            "SecurityOpt",
            json!(["apparmor:unconfined"]),
            "create.security-opt",
            json!(["apparmor=docker-default"]),
        ),
        (
            "SecurityOpt",
            json!(["no-new-privileges=false"]),
            "create.security-opt",
            json!(["no-new-privileges"]),
        ),
        (
            "SecurityOpt",
            json!(["systempaths=unconfined"]),
            "create.security-opt",
            json!(["no-new-privileges:true"]),
        ),
        (
            "StorageOpt",
            json!({"size": "1g"}),
            "create.storage-opt",
            json!({}),
        ),
        (
            "Sysctls",
            json!({"kernel.core_pattern": "|x"}),
            "create.sysctl",
            json!({"kernel.shmmax": "1"}),
        ),
        (
            "Sysctls",
            json!({"net.ipv4.ip_forward": "1"}),
            "create.sysctl",
            json!({"net.ipv4.tcp_syncookies": "1"}),
        ),
        ("Runtime", json!("evil"), "create.runtime", json!("runc")),
        ("ShmSize", json!(1_i64 << 50), "limit.shm", json!(1 << 20)),
        ("MaskedPaths", json!([]), "create.systempaths", json!(null)),
        (
            "ReadonlyPaths",
            json!([]),
            "create.systempaths",
            json!(null),
        ),
        ("Memory", json!(-5), "limit.memory", json!(1 << 30)),
        ("NanoCpus", json!(-1), "limit.cpu", json!(2_000_000_000)),
        ("CpuShares", json!(100_000), "limit.cpu", json!(512)),
        ("CpuQuota", json!(-1), "limit.cpu", json!(50_000)),
        ("CpuPeriod", json!(1), "limit.cpu", json!(100_000)),
        ("CpusetCpus", json!("0;1"), "limit.cpuset", json!("0-1")),
        ("CpusetMems", json!("a"), "limit.cpuset", json!("0")),
        (
            "CpuRealtimeRuntime",
            json!(1000),
            "create.realtime",
            json!(0),
        ),
        (
            "CpuRealtimePeriod",
            json!(1000),
            "create.realtime",
            json!(0),
        ),
        ("PidsLimit", json!(1_000_000), "limit.pids", json!(100)),
        (
            "BlkioWeight",
            json!(1000),
            "create.blkio-weight",
            json!(500),
        ),
        (
            "BlkioWeightDevice",
            json!([{"Path": "/x", "Weight": 1}]),
            "create.blkio-device",
            json!([]),
        ),
        (
            "BlkioDeviceReadBps",
            json!([{"Path": "/x", "Rate": 1}]),
            "create.blkio-device",
            json!(null),
        ),
        (
            "BlkioDeviceWriteBps",
            json!([{"Path": "/x", "Rate": 1}]),
            "create.blkio-device",
            json!(null),
        ),
        (
            "BlkioDeviceReadIOps",
            json!([{"Path": "/x", "Rate": 1}]),
            "create.blkio-device",
            json!(null),
        ),
        (
            "BlkioDeviceWriteIOps",
            json!([{"Path": "/x", "Rate": 1}]),
            "create.blkio-device",
            json!(null),
        ),
        ("KernelMemory", json!(1), "create.kernel-memory", json!(0)),
        (
            "KernelMemoryTCP",
            json!(1),
            "create.kernel-memory",
            json!(0),
        ),
        (
            "MemorySwappiness",
            json!(101),
            "limit.swappiness",
            json!(-1),
        ),
        (
            "Ulimits",
            json!([{"Name": "rtprio", "Hard": 1, "Soft": 1}]),
            "limit.ulimit",
            json!([{"Name": "nofile", "Hard": 1024, "Soft": 1024}]),
        ),
        ("CpuCount", json!(1), "create.windows", json!(0)),
        ("CpuPercent", json!(1), "create.windows", json!(0)),
        ("IOMaximumIOps", json!(1), "create.windows", json!(0)),
        ("IOMaximumBandwidth", json!(1), "create.windows", json!(0)),
        (
            "Isolation",
            json!("hyperv"),
            "create.windows",
            json!("default"),
        ),
        ("Links", json!(["db:d"]), "create.link", json!([])),
    ]
}

#[test]
fn each_rule_of_host_config_refuses_and_permits() {
    for (field, refused, rule, permitted) in pairs() {
        let error = host(json!({ field: refused })).expect_err(&format!("{field}: {refused}"));
        assert_eq!(
            (error.rule, error.status),
            (rule, 403),
            "{field}: {refused}: {error}"
        );
        host(json!({ field: permitted })).unwrap_or_else(|e| panic!("{field}: {permitted}: {e}"));
    }
}

#[test]
fn each_rule_of_config_refuses_and_permits() {
    let long = "x".repeat(200 * 1024);
    for (field, refused, rule, permitted) in [
        ("Hostname", json!("a b"), "create.hostname", json!("a-b")),
        ("Domainname", json!("a\nb"), "create.hostname", json!("a.b")),
        ("User", json!("root:x:y"), "create.user", json!("root:x")),
        ("User", json!("4294967296"), "create.user", json!("65534")),
        (
            "WorkingDir",
            json!("/proc/self/fd/8"),
            "create.workdir",
            json!("/process"),
        ),
        (
            "WorkingDir",
            json!("/a/../../x"),
            "create.workdir",
            json!("/a/x"),
        ),
        ("Env", json!([long]), "create.env", json!(["A=b"])),
        (
            "ExposedPorts",
            json!({"1-65535/tcp": {}}),
            "create.expose",
            json!({"1-255/tcp": {}}),
        ),
        (
            "Healthcheck",
            json!({"Interval": 1_000_000}),
            "create.healthcheck",
            json!({"Interval": 1_000_000_000}),
        ),
        (
            "Healthcheck",
            json!({"StartInterval": 1}),
            "create.healthcheck",
            json!({"StartInterval": 0}),
        ),
        (
            "Labels",
            json!({"dock.space": "u1002"}),
            "create.label",
            json!({"docker.space": "u1002"}),
        ),
        (
            "MacAddress",
            json!("01:00:00:00:00:00"),
            "network.mac",
            json!("02:00:00:00:00:00"),
        ),
        (
            "StopSignal",
            json!("a b"),
            "create.stop-signal",
            json!("SIGRTMIN+3"),
        ),
        ("StopTimeout", json!(-1), "create.stop-timeout", json!(10)),
        (
            "Volumes",
            json!({"/proc/x": {}}),
            "mount.target",
            json!({"/x": {}}),
        ),
    ] {
        let error = create(json!({"Image": "b", field: refused})).expect_err(field);
        assert_eq!(error.rule, rule, "{field}: {error}");
        create(json!({"Image": "b", field: permitted})).unwrap_or_else(|e| panic!("{field}: {e}"));
    }
}

#[test]
fn every_field_of_host_config_has_a_row() {
    // An empty body serialises every field that serde knows and does not skip,
    // so the reader's own list of fields is asked instead.
    let fields = crate::api::json::fields_of::<HostConfig>();
    assert!(fields.len() > 60, "{}", fields.len());
    for name in fields {
        let field = format!("HostConfig.{name}");
        assert!(field::row_of(&field).is_some(), "{field}");
    }
    let rows = field::FIELDS
        .iter()
        .filter_map(|row| row.field.strip_prefix("HostConfig."));
    let known = crate::api::json::fields_of::<HostConfig>();
    for row in rows {
        assert!(known.contains(&row), "{row}");
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
fn a_network_that_is_not_the_spaces_is_refused_under_any_key() {
    for key in ["u1002-default", "bob", "host", "container:db"] {
        let body = json!({"Image": "b", "NetworkingConfig": {"EndpointsConfig": {key: {}}}});
        assert_eq!(create(body).unwrap_err().rule, "create.network", "{key}");
    }
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
            ("u1001-mine".to_owned(), "/own/".to_owned(), false),
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

#[test]
fn update_sends_what_was_asked_and_refuses_the_rest_by_name() {
    let id = || ContainerId::new(&"ab".repeat(32)).unwrap();
    let update = |body: Value| {
        let text = serde_json::to_vec(&body).unwrap();
        let body = Box::new(crate::api::json::parse(&text).unwrap());
        let operation = Operation::ContainerUpdate { id: id(), body };
        match judge(&Settings::default(), &identity(), operation, &Facts::None) {
            Verdict::Permit(permit) => match permit.into_operation() {
                Operation::ContainerUpdate { body, .. } => Ok(serde_json::to_value(*body).unwrap()),
                other => panic!("{other:?}"),
            },
            Verdict::Refuse(refusal) => Err(refusal.to_string()),
        }
    };
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
            judge(&Settings::default(), &identity(), operation, &Facts::None),
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
