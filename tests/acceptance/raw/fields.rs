//! Rights that a body may not ask for: refused by the flag that asks for them (G1, fact 6).

use super::{Stage, create, post};
use crate::harness::{Person, root_docker};

/// A field of HostConfig that is refused, the words of the refusal, and its twin.
const HOST: &[(&str, &str, &str)] = &[
    (
        r#""Privileged":true"#,
        "--privileged",
        r#""Privileged":false"#,
    ),
    (
        r#""CgroupParent":"/""#,
        "--cgroup-parent",
        r#""CgroupParent":"""#,
    ),
    (
        r#""NetworkMode":"host""#,
        "--network",
        r#""NetworkMode":"none""#,
    ),
    (
        r#""NetworkMode":"ns:/proc/1/ns/net""#,
        "--network",
        r#""NetworkMode":"bridge""#,
    ),
    (r#""PidMode":"host""#, "--pid", r#""PidMode":"""#),
    (
        r#""PidMode":"container:""#,
        "",
        r#""PidMode":"container:web""#,
    ),
    (r#""IpcMode":"host""#, "--ipc", r#""IpcMode":"private""#),
    (r#""UTSMode":"host""#, "--uts", r#""UTSMode":"""#),
    (r#""UsernsMode":"host""#, "--userns", r#""UsernsMode":"""#),
    (
        r#""CgroupnsMode":"host""#,
        "--cgroupns",
        r#""CgroupnsMode":"private""#,
    ),
    (r#""CapAdd":["ALL"]"#, "--cap-add", r#""CapAdd":["CHOWN"]"#),
    (
        r#""CapAdd":["SYS_ADMIN"]"#,
        "--cap-add",
        r#""CapAdd":["NET_RAW"]"#,
    ),
    (
        r#""CapAdd":["cap_sys_module"]"#,
        "--cap-add",
        r#""CapAdd":["cap_chown"]"#,
    ),
    (
        r#""Capabilities":["SYS_ADMIN"]"#,
        "",
        r#""Capabilities":null"#,
    ),
    (
        r#""Devices":[{"PathOnHost":"/dev/sda","PathInContainer":"/dev/sda","CgroupPermissions":"rwm"}]"#,
        "--device",
        r#""Devices":[]"#,
    ),
    (
        r#""DeviceCgroupRules":["a *:* rwm"]"#,
        "--device-cgroup-rule",
        r#""DeviceCgroupRules":[]"#,
    ),
    (
        r#""DeviceRequests":[{"Count":-1,"Capabilities":[["gpu"]]}]"#,
        "--gpus",
        r#""DeviceRequests":null"#,
    ),
    (
        r#""SecurityOpt":["seccomp=unconfined"]"#,
        "--security-opt",
        r#""SecurityOpt":["no-new-privileges"]"#,
    ),
    (
        r#""SecurityOpt":["apparmor=unconfined"]"#,
        "--security-opt",
        r#""SecurityOpt":[]"#,
    ),
    (
        r#""SecurityOpt":["label=disable"]"#,
        "--security-opt",
        r#""SecurityOpt":[]"#,
    ),
    (
        r#""MaskedPaths":[]"#,
        "systempaths",
        r#""MaskedPaths":null"#,
    ),
    (
        r#""ReadonlyPaths":[]"#,
        "systempaths",
        r#""ReadonlyPaths":null"#,
    ),
    (
        r#""Sysctls":{"kernel.core_pattern":"|/x"}"#,
        "--sysctl",
        r#""Sysctls":{"net.core.somaxconn":"77"}"#,
    ),
    (r#""Runtime":"nosuch""#, "--runtime", r#""Runtime":"runc""#),
    (
        r#""OomKillDisable":true"#,
        "--oom-kill-disable",
        r#""OomKillDisable":false"#,
    ),
    (
        r#""OomScoreAdj":-1000"#,
        "--oom-score-adj",
        r#""OomScoreAdj":100"#,
    ),
    (
        r#""StorageOpt":{"size":"1g"}"#,
        "--storage-opt",
        r#""StorageOpt":{}"#,
    ),
    (
        r#""VolumeDriver":"nosuch""#,
        "--volume-driver",
        r#""VolumeDriver":"local""#,
    ),
    (
        r#""Binds":["/:/host"]"#,
        "--volume",
        r#""Binds":["data:/host"]"#,
    ),
    (
        r#""Binds":["/etc:/host:ro"]"#,
        "--volume",
        r#""Binds":["data:/host:ro"]"#,
    ),
    (
        r#""Binds":["/var/run/docker.sock:/var/run/docker.sock"]"#,
        "--volume",
        r#""Binds":["sock:/var/run/docker.sock"]"#,
    ),
    (
        r#""Binds":["data:/x:Z"]"#,
        "--volume",
        r#""Binds":["data:/x:rw"]"#,
    ),
    (
        r#""Mounts":[{"Type":"bind","Source":"/","Target":"/h"}]"#,
        "--mount",
        r#""Mounts":[{"Type":"volume","Source":"data","Target":"/h"}]"#,
    ),
    (
        r#""Mounts":[{"Type":"volume","Source":"data","Target":"/h","VolumeOptions":{"DriverConfig":{"Name":"local","Options":{"type":"none","o":"bind","device":"/"}}}}]"#,
        "--mount",
        r#""Mounts":[{"Type":"volume","Source":"data","Target":"/h","VolumeOptions":{"NoCopy":true}}]"#,
    ),
    (
        r#""Mounts":[{"Type":"npipe","Source":"/x","Target":"/h"}]"#,
        "",
        r#""Mounts":[{"Type":"tmpfs","Target":"/h"}]"#,
    ),
    (
        r#""LogConfig":{"Type":"syslog","Config":{}}"#,
        "--log-driver",
        r#""LogConfig":{"Type":"json-file","Config":{}}"#,
    ),
    (
        r#""LogConfig":{"Type":"json-file","Config":{"labels":"dock.space"}}"#,
        "--log-",
        r#""LogConfig":{"Type":"json-file","Config":{"labels":"a"}}"#,
    ),
    (
        r#""BlkioWeightDevice":[{"Path":"/dev/sda","Weight":10}]"#,
        "--blkio-weight-device",
        r#""BlkioWeightDevice":[]"#,
    ),
    (
        r#""BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":10}]"#,
        "--device-read-bps",
        r#""BlkioDeviceReadBps":null"#,
    ),
    (
        r#""CpuRealtimeRuntime":1000"#,
        "--cpu-rt-runtime",
        r#""CpuRealtimeRuntime":0"#,
    ),
    (
        r#""PidsLimit":10000000"#,
        "--pids-limit",
        r#""PidsLimit":100"#,
    ),
    (
        r#""Annotations":{"run.oci.keep_original_groups":"1"}"#,
        "--annotation",
        r#""Annotations":{}"#,
    ),
];

/// The same of the body itself.
const CONFIG: &[(&str, &str, &str)] = &[
    (r#""User":"4294967296""#, "--user", r#""User":"1000:1000""#),
    (
        r#""WorkingDir":"/proc/self/fd/8""#,
        "--workdir",
        r#""WorkingDir":"/work""#,
    ),
    (
        r#""WorkingDir":"/a/../../b""#,
        "--workdir",
        r#""WorkingDir":"/a/b""#,
    ),
    (
        r#""StopTimeout":-1"#,
        "--stop-timeout",
        r#""StopTimeout":10"#,
    ),
    (
        r#""Healthcheck":{"Test":["CMD","x"],"Interval":1000000}"#,
        "--health",
        r#""Healthcheck":{"Test":["CMD","x"],"Interval":1000000000}"#,
    ),
    (r#""Hostname":"a\nb""#, "--hostname", r#""Hostname":"ab""#),
];

#[test]
fn fields_of_the_host_are_refused_by_their_flag() {
    let stage = Stage::new();
    let mut problems = Vec::new();
    for (field, flag, twin) in HOST {
        let body = |field: &str| {
            create(&format!(
                r#"{{"Image":"busybox","HostConfig":{{{field}}}}}"#
            ))
        };
        // Where no flag leads to it, the reader may refuse it before the policy.
        let status = stage.raw(&body(field)).unwrap().status;
        assert!(status == 403 || flag.is_empty(), "{field}: {status}");
        let says = stage.refuses(field, &body(field), status, &body(twin));
        if !says.contains(flag) {
            problems.push(format!("{field} is refused without {flag}: {says}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn fields_of_the_container_are_refused_by_their_flag() {
    let stage = Stage::new();
    for (field, flag, twin) in CONFIG {
        let body = |field: &str| create(&format!(r#"{{"Image":"busybox",{field}}}"#));
        let says = stage.refuses(field, &body(field), 403, &body(twin));
        assert!(
            says.contains(flag),
            "{field} is refused without its flag {flag}: {says}"
        );
    }
}

#[test]
fn an_exec_and_an_update_ask_for_no_rights() {
    let stage = Stage::new();
    let path = |rest: &str| format!("/v1.41/containers/{}/{rest}", stage.web);
    for (what, bytes, twin) in [
        (
            "--privileged",
            post(&path("exec"), r#"{"Cmd":["true"],"Privileged":true}"#),
            post(&path("exec"), r#"{"Cmd":["true"],"Privileged":false}"#),
        ),
        (
            "--workdir",
            post(
                &path("exec"),
                r#"{"Cmd":["true"],"WorkingDir":"/proc/self/fd/7"}"#,
            ),
            post(&path("exec"), r#"{"Cmd":["true"],"WorkingDir":"/tmp"}"#),
        ),
        (
            "--device",
            post(
                &path("update"),
                r#"{"Devices":[{"PathOnHost":"/dev/sda","PathInContainer":"/dev/sda","CgroupPermissions":"rwm"}]}"#,
            ),
            post(&path("update"), r#"{"CpuShares":512}"#),
        ),
        (
            "--cgroup-parent",
            post(&path("update"), r#"{"CgroupParent":"/"}"#),
            post(&path("update"), r#"{"CgroupParent":"","CpuShares":512}"#),
        ),
    ] {
        let says = stage.refuses(what, &bytes, 403, &twin);
        assert!(says.contains(what), "{what}: {says}");
    }
}

#[test]
fn fact6_a_foreign_network_id_connects_to_nothing() {
    let stage = Stage::new();
    let alice = Person::fresh("alice");
    alice
        .dock(["run", "-d", "--name", "web", "busybox", "sleep", "1000"])
        .output()
        .success();
    let format = "{{range .NetworkSettings.Networks}}{{.NetworkID}}{{end}}";
    let hers = root_docker(["inspect", "-f", format, &alice.real("web")])
        .output()
        .success();
    assert_eq!(hers.len(), 64, "{hers}");
    let body = format!(
        r#"{{"Image":"busybox","Cmd":["sleep","1000"],"NetworkingConfig":{{"EndpointsConfig":{{"default":{{"NetworkID":"{hers}"}}}}}}}}"#
    );
    // An id that clients copy from an inspect is the engine's to fill in: it is not sent on.
    let made = stage.raw(&post("/v1.41/containers/create?name=spy", &body));
    assert_eq!(made.unwrap().status, 201);
    stage.person.dock(["start", "spy"]).output().success();
    for mode in [
        hers.as_str(),
        &hers[..12],
        &alice.real("default"),
        &format!("u{}-", alice.uid),
    ] {
        // A network that is not there, as with docker: only the start tells.
        let body = format!(r#"{{"Image":"busybox","HostConfig":{{"NetworkMode":"{mode}"}}}}"#);
        let made = stage.raw(&post("/v1.41/containers/create", &body)).unwrap();
        assert_eq!(made.status, 201, "{mode}: {made:?}");
        let id = made.json()["Id"].as_str().unwrap().to_owned();
        let started = stage.raw(&post(&format!("/v1.41/containers/{id}/start"), ""));
        let started = started.unwrap();
        assert_eq!(started.status, 404, "{mode}: {started:?}");
        assert_eq!(started.message(), format!("network {mode} not found"));
    }
    let own = root_docker(["inspect", "-f", format, &stage.person.real("spy")]);
    assert_ne!(own.output().success(), hers);
    let members = root_docker([
        "network",
        "inspect",
        "-f",
        "{{range .Containers}}{{.Name}} {{end}}",
        &hers,
    ]);
    assert_eq!(members.output().success().trim(), alice.real("web"));
    alice.clear();
}

#[test]
fn another_persons_container_lends_nothing() {
    let stage = Stage::new();
    let alice = Person::fresh("alice");
    let hers = alice
        .dock(["run", "-d", "--name", "hers", "busybox", "sleep", "1000"])
        .output()
        .success();
    let body = |field: &str| {
        create(&format!(
            r#"{{"Image":"busybox","HostConfig":{{{field}}}}}"#
        ))
    };
    // Not 404: docker would take that for a missing image, and pull.
    for reference in [&hers, &hers[..12], &alice.real("hers"), "hers"] {
        for (field, twin) in [
            (
                format!(r#""NetworkMode":"container:{reference}""#),
                r#""NetworkMode":"container:web""#,
            ),
            (
                format!(r#""PidMode":"container:{reference}""#),
                r#""PidMode":"container:web""#,
            ),
            (
                format!(r#""VolumesFrom":["{reference}"]"#),
                r#""VolumesFrom":["web"]"#,
            ),
        ] {
            let says = stage.refuses(&field, &body(&field), 400, &body(twin));
            assert!(
                says.contains(&format!("No such container: {reference}")),
                "{says}"
            );
        }
    }
    alice.clear();
}
