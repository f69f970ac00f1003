//! Values that are refused, and their twins that differ in one thing.

use serde_json::{Value, json};

/// A field, a value that is refused and by which rule, a value that is permitted.
pub(super) type Pair = (&'static str, Value, &'static str, Value);

pub(super) fn of_host_config() -> Vec<Pair> {
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
        ("Binds", json!(["/proc"]), "mount.target", json!(["/data"])),
        ("Binds", json!([":/x"]), "", json!(["vv:/x"])),
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
            json!([{"Type": "volume", "Source": "vv", "Target": "/x", "VolumeOptions": {"DriverConfig":
                {"Options": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,bind"}}}}]),
            "mount.volume-opt",
            json!([{"Type": "volume", "Source": "vv", "Target": "/x", "VolumeOptions": {"DriverConfig":
                {"Options": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,nodev"}}}}]),
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
            json!({"Config": {"labels": "com.docker.compose.service"}}),
        ),
        (
            "LogConfig",
            json!({"Config": {"labels": "a, dock.space"}}),
            "create.log-driver",
            json!({"Config": {"labels": "a, docker.space"}}),
        ),
        (
            "NetworkMode",
            json!("host"),
            "create.network",
            json!("bridge"),
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
        (
            "MemoryReservation",
            json!(-5),
            "limit.memory",
            json!(1 << 30),
        ),
        ("MemorySwap", json!(-2), "limit.memory", json!(-1)),
        // In the engine's own words.
        (
            "RestartPolicy",
            json!({"Name": "sometimes"}),
            "",
            json!({"Name": "always"}),
        ),
        (
            "RestartPolicy",
            json!({"Name": "always", "MaximumRetryCount": 3}),
            "",
            json!({"Name": "on-failure", "MaximumRetryCount": 3}),
        ),
        (
            "PortBindings",
            json!({"1-65/tcp": []}),
            "create.port",
            json!({"1-64/tcp": []}),
        ),
        (
            "PortBindings",
            json!({"http/tcp": []}),
            "",
            json!({"80/tcp": [{"HostIp": "127.0.0.1"}]}),
        ),
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
        ("Links", json!(["db:d e"]), "create.link", json!(["db:d"])),
    ]
}

pub(super) fn of_config() -> Vec<Pair> {
    let long = "x".repeat(200 * 1024);
    vec![
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
    ]
}

pub(super) fn of_exec() -> Vec<Pair> {
    let long = "x".repeat(200 * 1024);
    vec![
        ("Privileged", json!(true), "exec.privileged", json!(false)),
        ("User", json!("a:b:c"), "exec.user", json!("a:b")),
        (
            "WorkingDir",
            json!("/proc/self/fd/8"),
            "exec.workdir",
            json!("/process"),
        ),
        ("Env", json!([long]), "exec.env", json!(["A=b"])),
        // In the engine's own words.
        ("DetachKeys", json!("a b"), "", json!("ctrl-a,b")),
    ]
}

pub(super) fn of_volume() -> Vec<Pair> {
    let tmpfs = |words: &str| json!({"type": "tmpfs", "device": "tmpfs", "o": words});
    let plain = json!({"type": "tmpfs", "device": "tmpfs"});
    let mut pairs = vec![
        (
            "Name",
            json!("a".repeat(201)),
            "volume.name",
            json!("a".repeat(200)),
        ),
        ("Name", json!("x"), "", json!("xx")),
        ("Name", json!("../etc"), "", json!("etc")),
        ("Name", json!("a/b"), "", json!("a.b")),
        ("Driver", json!("nfs"), "volume.driver", json!("local")),
        ("Driver", json!("Local"), "volume.driver", json!("")),
        (
            "Labels",
            json!({"dock.space": "u1002"}),
            "volume.label",
            json!({"Dock.space": "x"}),
        ),
        (
            "ClusterVolumeSpec",
            json!({"Group": "g"}),
            "volume.cluster",
            json!({}),
        ),
    ];
    // What mounts something else than memory, whatever it is called.
    for refused in [
        json!({"type": "none", "device": "/etc", "o": "bind"}),
        json!({"o": "bind", "device": "/etc"}),
        json!({"type": "tmpfs", "device": "/etc"}),
        json!({"type": "nfs", "device": ":/home", "o": "addr=10.0.0.1"}),
        json!({"type": "cifs", "device": "//h/s", "o": "username=x"}),
        json!({"type": "ext4", "device": "/dev/sda1"}),
        json!({"type": "proc", "device": "proc"}),
        json!({"type": "overlay", "device": "overlay", "o": "lowerdir=/etc"}),
        json!({"type": "tmpfs", "device": "tmpfs", "O": "bind"}),
        json!({"type": "tmpfs", "device": "tmpfs", "size": "1g"}),
        json!({"type": "tmpfs"}),
        json!({"device": "tmpfs"}),
        json!({"size": "1g"}),
        json!({"o": "size=1m"}),
    ] {
        pairs.push(("DriverOpts", refused, "volume.options", plain.clone()));
    }
    for word in [
        "bind",
        "rbind",
        "size=1m,bind",
        "bind,size=1m",
        "size=1m, bind",
        " bind",
        "size=1m,,bind",
        "BIND",
        "size=1m,remount",
        "size=1m\nbind",
        "move",
        "rshared",
        "suid",
        "dev",
        "exec",
        "size",
        "size=",
        "size=-1",
        "size=1m bind",
        "uid=x",
        "mode=0x1ff",
        "nosuid=1",
        "lowerdir=/etc",
        "context=x",
        "huge=always",
        "mpol=bind:0",
        "size=1m;bind",
        "bind\0",
    ] {
        let twin = tmpfs("size=1m,uid=1000,gid=1000,mode=0700,nosuid,nodev,noexec");
        pairs.push(("DriverOpts", tmpfs(word), "volume.options", twin));
    }
    pairs
}
