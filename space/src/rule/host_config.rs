//! Fields of HostConfig, in the create body and in that of update.

use super::{Row, check, forbid, safe};

const DEFAULT_CAPABILITIES: &str = "the engine's default capabilities are allowed, and what an administrator lists under `cap_add` in dock.toml";
const HOST_NAMESPACE: &str = "it joins what all users of this host share";
const OWN_NAMESPACE: &str = "leave it out, or name a container of yours: container:NAME";
const BLKIO: &str = "its device paths are looked at as root on the host";
const WINDOWS: &str = "it exists on Windows alone";

/// Sorted by field.
pub(super) static ROWS: &[Row] = &[
    forbid(
        "HostConfig.Annotations",
        "--annotation",
        "create.annotation",
    )
    .because("annotations steer the runtime, which is root's")
    .instead("use --label"),
    safe("HostConfig.AutoRemove", "--rm"),
    check("HostConfig.Binds", "--volume", "mount.bind")
        .because("paths of the host are not served yet")
        .instead("use a volume: 'dock run -v NAME:/path'"),
    forbid(
        "HostConfig.BlkioDeviceReadBps",
        "--device-read-bps",
        "create.blkio-device",
    )
    .because(BLKIO),
    forbid(
        "HostConfig.BlkioDeviceReadIOps",
        "--device-read-iops",
        "create.blkio-device",
    )
    .because(BLKIO),
    forbid(
        "HostConfig.BlkioDeviceWriteBps",
        "--device-write-bps",
        "create.blkio-device",
    )
    .because(BLKIO),
    forbid(
        "HostConfig.BlkioDeviceWriteIOps",
        "--device-write-iops",
        "create.blkio-device",
    )
    .because(BLKIO),
    check(
        "HostConfig.BlkioWeight",
        "--blkio-weight",
        "create.blkio-weight",
    )
    .because("it takes the disk from others")
    .instead("use 10 to 500"),
    forbid(
        "HostConfig.BlkioWeightDevice",
        "--blkio-weight-device",
        "create.blkio-device",
    )
    .because(BLKIO)
    .instead("--blkio-weight"),
    check("HostConfig.CapAdd", "--cap-add", "create.cap-add")
        .because("this capability reaches beyond the container")
        .instead(DEFAULT_CAPABILITIES)
        .widened_by(&["cap_add"]),
    check("HostConfig.CapDrop", "--cap-drop", "create.cap-drop").because("it is no capability"),
    forbid(
        "HostConfig.Capabilities",
        "Capabilities",
        "create.capabilities",
    )
    .because("it replaces the whole set of capabilities")
    .instead("--cap-add and --cap-drop"),
    forbid("HostConfig.Cgroup", "Cgroup", "create.cgroup").because(HOST_NAMESPACE),
    forbid(
        "HostConfig.CgroupParent",
        "--cgroup-parent",
        "create.cgroup-parent",
    )
    .because("your containers share the limits of your space")
    .instead("--memory, --cpus and --pids-limit set limits of a container's own"),
    check("HostConfig.CgroupnsMode", "--cgroupns", "create.cgroupns")
        .because(HOST_NAMESPACE)
        .instead("--cgroupns private is what you get"),
    safe("HostConfig.ConsoleSize", "ConsoleSize"),
    safe("HostConfig.ContainerIDFile", "--cidfile"),
    forbid("HostConfig.CpuCount", "--cpu-count", "create.windows")
        .because(WINDOWS)
        .instead("--cpus"),
    forbid("HostConfig.CpuPercent", "--cpu-percent", "create.windows")
        .because(WINDOWS)
        .instead("--cpus"),
    check("HostConfig.CpuPeriod", "--cpu-period", "limit.cpu")
        .because("it is beyond what you may have")
        .instead("--cpus"),
    check("HostConfig.CpuQuota", "--cpu-quota", "limit.cpu")
        .because("it is beyond what you may have")
        .instead("--cpus")
        .widened_by(&["cpus"]),
    forbid(
        "HostConfig.CpuRealtimePeriod",
        "--cpu-rt-period",
        "create.realtime",
    )
    .because("real-time processes starve everybody else's")
    .instead("--cpu-shares"),
    forbid(
        "HostConfig.CpuRealtimeRuntime",
        "--cpu-rt-runtime",
        "create.realtime",
    )
    .because("real-time processes starve everybody else's")
    .instead("--cpu-shares"),
    check("HostConfig.CpuShares", "--cpu-shares", "limit.cpu")
        .because("it is beyond what you may have")
        .instead("use 2 to 1024"),
    check("HostConfig.CpusetCpus", "--cpuset-cpus", "limit.cpuset")
        .because("it is no list of CPUs")
        .instead("for example 0-3,7"),
    check("HostConfig.CpusetMems", "--cpuset-mems", "limit.cpuset")
        .because("it is no list of memory nodes")
        .instead("for example 0"),
    forbid(
        "HostConfig.DeviceCgroupRules",
        "--device-cgroup-rule",
        "create.device-cgroup-rule",
    )
    .because("it opens devices of the host"),
    forbid("HostConfig.DeviceRequests", "--gpus", "create.gpu").because("GPUs are not granted yet"),
    check("HostConfig.Devices", "--device", "create.device")
        .because("this device is the host's")
        .instead("an administrator can list devices under `devices` in dock.toml")
        .widened_by(&["devices"]),
    check("HostConfig.Dns", "--dns", "create.dns").because("it is no address"),
    check("HostConfig.DnsOptions", "--dns-option", "create.dns")
        .because("it is no resolver option"),
    check("HostConfig.DnsSearch", "--dns-search", "create.dns").because("it is no domain"),
    check("HostConfig.ExtraHosts", "--add-host", "create.add-host")
        .because("it is no NAME:ADDRESS"),
    check("HostConfig.GroupAdd", "--group-add", "create.group-add")
        .because("it is no group that a container can have")
        .instead("use a name or a gid"),
    forbid(
        "HostConfig.IOMaximumBandwidth",
        "--io-maxbandwidth",
        "create.windows",
    )
    .because(WINDOWS),
    forbid("HostConfig.IOMaximumIOps", "--io-maxiops", "create.windows").because(WINDOWS),
    safe("HostConfig.Init", "--init"),
    check("HostConfig.IpcMode", "--ipc", "create.ipc")
        .because(HOST_NAMESPACE)
        .instead(OWN_NAMESPACE),
    check("HostConfig.Isolation", "--isolation", "create.windows")
        .because(WINDOWS)
        .instead("leave it out"),
    forbid(
        "HostConfig.KernelMemory",
        "--kernel-memory",
        "create.kernel-memory",
    )
    .because("the kernel no longer has it")
    .instead("--memory"),
    forbid(
        "HostConfig.KernelMemoryTCP",
        "KernelMemoryTCP",
        "create.kernel-memory",
    )
    .because("the kernel no longer has it")
    .instead("--memory"),
    check("HostConfig.Links", "--link", "create.link").because("it is no NAME or NAME:ALIAS"),
    check("HostConfig.LogConfig", "--log-driver", "create.log-driver")
        .because("the engine would write to it as root")
        .instead("json-file, local and none are allowed")
        .widened_by(&["log_drivers", "log_max_size", "log_max_file"]),
    forbid(
        "HostConfig.MaskedPaths",
        "--security-opt systempaths",
        "create.systempaths",
    )
    .because("it uncovers the host's kernel"),
    check("HostConfig.Memory", "--memory", "limit.memory")
        .because("it is beyond what you may have")
        .widened_by(&["memory"]),
    check(
        "HostConfig.MemoryReservation",
        "--memory-reservation",
        "limit.memory",
    )
    .because("it is beyond what you may have")
    .widened_by(&["memory"]),
    check("HostConfig.MemorySwap", "--memory-swap", "limit.memory")
        .because("it is beyond what you may have")
        .widened_by(&["memory"]),
    check(
        "HostConfig.MemorySwappiness",
        "--memory-swappiness",
        "limit.swappiness",
    )
    .because("it is not between 0 and 100"),
    check("HostConfig.Mounts", "--mount", "mount.type")
        .because("this kind of mount is refused")
        .instead("type=volume and type=tmpfs are allowed"),
    check("HostConfig.NanoCpus", "--cpus", "limit.cpu")
        .because("it is beyond what you may have")
        .widened_by(&["cpus"]),
    check("HostConfig.NetworkMode", "--network", "create.network")
        .because("it is no network of yours")
        .instead("leave it out for your private network, or use a network of yours, none or container:NAME"),
    forbid(
        "HostConfig.OomKillDisable",
        "--oom-kill-disable",
        "create.oom",
    )
    .because("a container that cannot be killed takes the host down with it")
    .instead("--memory"),
    check("HostConfig.OomScoreAdj", "--oom-score-adj", "create.oom")
        .because("it makes others' processes die first")
        .instead("use 0 to 1000"),
    check("HostConfig.PidMode", "--pid", "create.pid")
        .because(HOST_NAMESPACE)
        .instead(OWN_NAMESPACE),
    check("HostConfig.PidsLimit", "--pids-limit", "limit.pids")
        .because("it is beyond what you may have")
        .widened_by(&["pids_limit"]),
    check("HostConfig.PortBindings", "--publish", "create.port")
        .because("this port of the host is not for users")
        .instead("leave the host port out, and a free one is chosen")
        .widened_by(&["publish_addresses", "first_port", "max_ports"]),
    forbid("HostConfig.Privileged", "--privileged", "create.privileged")
        .because("root in the container would be root on this host")
        .instead("say what it is for: --cap-add or --device may be enough"),
    check("HostConfig.PublishAllPorts", "--publish-all", "create.port")
        .because("the image exposes too many ports")
        .instead("publish those that you need: -p PORT")
        .widened_by(&["publish_addresses", "max_ports"]),
    forbid(
        "HostConfig.ReadonlyPaths",
        "--security-opt systempaths",
        "create.systempaths",
    )
    .because("it uncovers the host's kernel"),
    safe("HostConfig.ReadonlyRootfs", "--read-only"),
    check("HostConfig.RestartPolicy", "--restart", "create.restart")
        .because("it is no restart policy")
        .instead("use no, on-failure[:COUNT], always or unless-stopped"),
    check("HostConfig.Runtime", "--runtime", "create.runtime")
        .because("a runtime is root's program")
        .instead("an administrator can list runtimes under `runtimes` in dock.toml")
        .widened_by(&["runtimes"]),
    check(
        "HostConfig.SecurityOpt",
        "--security-opt",
        "create.security-opt",
    )
    .because("it weakens what keeps the container in")
    .instead("no-new-privileges is allowed"),
    check("HostConfig.ShmSize", "--shm-size", "limit.shm")
        .because("it is beyond what you may have")
        .widened_by(&["shm_size"]),
    forbid(
        "HostConfig.StorageOpt",
        "--storage-opt",
        "create.storage-opt",
    )
    .because("sizes of containers are not granted yet"),
    check("HostConfig.Sysctls", "--sysctl", "create.sysctl")
        .because("this setting is the whole host's")
        .instead("settings of the container's own network and IPC are allowed")
        .widened_by(&["sysctls"]),
    check("HostConfig.Tmpfs", "--tmpfs", "mount.tmpfs")
        .because("this option of tmpfs is refused")
        .instead(
            "rw, ro, exec, noexec, nosuid, nodev, size, mode, uid, gid and nr_inodes are allowed",
        )
        .widened_by(&["shm_size"]),
    check("HostConfig.UTSMode", "--uts", "create.uts")
        .because(HOST_NAMESPACE)
        .instead("leave it out"),
    check("HostConfig.Ulimits", "--ulimit", "limit.ulimit")
        .because("it is beyond what you may have")
        .widened_by(&["ulimits"]),
    check("HostConfig.UsernsMode", "--userns", "create.userns")
        .because(HOST_NAMESPACE)
        .instead("leave it out"),
    check("HostConfig.VolumeDriver", "--volume-driver", "mount.driver")
        .because("volume drivers are root's programs")
        .instead("local volumes are allowed"),
    check(
        "HostConfig.VolumesFrom",
        "--volumes-from",
        "create.volumes-from",
    )
    .because("it is no CONTAINER or CONTAINER:ro"),
];
