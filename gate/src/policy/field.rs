//! What the policy says of each field of a container, as data.
//!
//! One row a field, sorted: the flag as people type it, what becomes of it, the
//! rule's stable name, why, and what is possible instead. Refusals take their
//! words from here.

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Sent as it came.
    Safe,
    /// Sent when the rule holds.
    Check,
    /// The gate's own value is sent, whatever came.
    Force,
    /// Refused unless unset.
    Forbid,
    /// Taken and not sent: it is the client's own affair, or the engine's to fill in.
    Drop,
}

/// One field.
#[derive(Debug)]
pub struct Row {
    pub field: &'static str,
    pub flag: &'static str,
    pub treatment: Treatment,
    pub rule: &'static str,
    pub why: &'static str,
    pub instead: &'static str,
}

use Treatment::{Check, Drop, Forbid, Force, Safe};

const fn new(
    field: &'static str,
    flag: &'static str,
    treatment: Treatment,
    rule: &'static str,
    why: &'static str,
    instead: &'static str,
) -> Row {
    Row {
        field,
        flag,
        treatment,
        rule,
        why,
        instead,
    }
}

/// A field that needs no words.
const fn safe(field: &'static str, flag: &'static str) -> Row {
    new(field, flag, Safe, "", "", "")
}

const HOST_NAMESPACE: &str = "it joins what all users of this host share";
const OWN_NAMESPACE: &str = "leave it out, or name a container of yours: container:NAME";
const BLKIO: &str = "its device paths are looked at as root on the host";
const WINDOWS: &str = "it exists on Windows alone";

/// Every field of the create, update and exec bodies, and the query values
/// that have a rule; sorted by field.
pub static FIELDS: &[Row] = &[
    new("Config.ArgsEscaped", "ArgsEscaped", Drop, "", "", ""),
    safe("Config.AttachStderr", "--attach"),
    safe("Config.AttachStdin", "--attach"),
    safe("Config.AttachStdout", "--attach"),
    safe("Config.Cmd", "COMMAND"),
    new(
        "Config.Domainname",
        "--domainname",
        Check,
        "create.hostname",
        "it is no host name",
        "use letters, digits, \"-\" and \".\"",
    ),
    safe("Config.Entrypoint", "--entrypoint"),
    new(
        "Config.Env",
        "--env",
        Check,
        "create.env",
        "it is larger than an environment may be",
        "mount a file in a volume",
    ),
    new(
        "Config.ExposedPorts",
        "--expose",
        Check,
        "create.expose",
        "it names too many ports",
        "expose at most 256 ports",
    ),
    new(
        "Config.Healthcheck",
        "--health-cmd",
        Check,
        "create.healthcheck",
        "it runs more often than once a second",
        "use an interval of 1s or more",
    ),
    new(
        "Config.Hostname",
        "--hostname",
        Check,
        "create.hostname",
        "it is no host name",
        "use letters, digits, \"-\" and \".\"",
    ),
    new("Config.Image", "IMAGE", Force, "create.image", "", ""),
    new(
        "Config.Labels",
        "--label",
        Check,
        "create.label",
        "labels under \"dock.\" are dock's own",
        "choose another prefix",
    ),
    new(
        "Config.MacAddress",
        "--mac-address",
        Check,
        "network.mac",
        "it is no unicast MAC address",
        "leave it out, and one is chosen",
    ),
    safe("Config.NetworkDisabled", "NetworkDisabled"),
    new("Config.OnBuild", "OnBuild", Drop, "", "", ""),
    safe("Config.OpenStdin", "--interactive"),
    safe("Config.Shell", "Shell"),
    safe("Config.StdinOnce", "--interactive"),
    new(
        "Config.StopSignal",
        "--stop-signal",
        Check,
        "create.stop-signal",
        "it is no signal",
        "use a name such as SIGTERM",
    ),
    new(
        "Config.StopTimeout",
        "--stop-timeout",
        Check,
        "create.stop-timeout",
        "the engine would wait for it when it shuts down",
        "use 0 to 120 seconds",
    ),
    safe("Config.Tty", "--tty"),
    new(
        "Config.User",
        "--user",
        Check,
        "create.user",
        "it is no user that a container can have",
        "use NAME, UID or UID:GID",
    ),
    new(
        "Config.Volumes",
        "--volume",
        Check,
        "mount.target",
        "containers cannot have a volume there",
        "use an absolute path outside /proc, /sys and /dev",
    ),
    new(
        "Config.WorkingDir",
        "--workdir",
        Check,
        "create.workdir",
        "a container must not begin there",
        "use an absolute path outside /proc, /sys and /dev",
    ),
    safe("Exec.AttachStderr", "--detach"),
    safe("Exec.AttachStdin", "--interactive"),
    safe("Exec.AttachStdout", "--detach"),
    safe("Exec.Cmd", "COMMAND"),
    safe("Exec.ConsoleSize", "ConsoleSize"),
    safe("Exec.Detach", "--detach"),
    new(
        "Exec.DetachKeys",
        "--detach-keys",
        Check,
        "exec.detach-keys",
        "they are no keys",
        "for example ctrl-p,ctrl-q",
    ),
    new(
        "Exec.Env",
        "--env",
        Check,
        "exec.env",
        "it is larger than an environment may be",
        "mount a file in a volume",
    ),
    new(
        "Exec.Privileged",
        "--privileged",
        Forbid,
        "exec.privileged",
        "it gives all of root's powers over this host",
        "'dock exec --user root' is root inside the container",
    ),
    safe("Exec.Tty", "--tty"),
    new(
        "Exec.User",
        "--user",
        Check,
        "exec.user",
        "it is no user that a container can have",
        "use NAME, UID or UID:GID",
    ),
    new(
        "Exec.WorkingDir",
        "--workdir",
        Check,
        "exec.workdir",
        "a command must not begin there",
        "use an absolute path outside /proc, /sys and /dev",
    ),
    new(
        "HostConfig.Annotations",
        "--annotation",
        Forbid,
        "create.annotation",
        "annotations steer the runtime, which is root's",
        "use --label",
    ),
    safe("HostConfig.AutoRemove", "--rm"),
    new(
        "HostConfig.Binds",
        "--volume",
        Check,
        "mount.bind",
        "paths of the host are not served yet",
        "use a volume: 'dock run -v NAME:/path'",
    ),
    new(
        "HostConfig.BlkioDeviceReadBps",
        "--device-read-bps",
        Forbid,
        "create.blkio-device",
        BLKIO,
        "",
    ),
    new(
        "HostConfig.BlkioDeviceReadIOps",
        "--device-read-iops",
        Forbid,
        "create.blkio-device",
        BLKIO,
        "",
    ),
    new(
        "HostConfig.BlkioDeviceWriteBps",
        "--device-write-bps",
        Forbid,
        "create.blkio-device",
        BLKIO,
        "",
    ),
    new(
        "HostConfig.BlkioDeviceWriteIOps",
        "--device-write-iops",
        Forbid,
        "create.blkio-device",
        BLKIO,
        "",
    ),
    new(
        "HostConfig.BlkioWeight",
        "--blkio-weight",
        Check,
        "create.blkio-weight",
        "it takes the disk from others",
        "use 10 to 500",
    ),
    new(
        "HostConfig.BlkioWeightDevice",
        "--blkio-weight-device",
        Forbid,
        "create.blkio-device",
        BLKIO,
        "--blkio-weight",
    ),
    new(
        "HostConfig.CapAdd",
        "--cap-add",
        Check,
        "create.cap-add",
        "this capability reaches beyond the container",
        "the engine's default capabilities are allowed, and what an administrator lists under `cap_add` in dock.toml",
    ),
    new(
        "HostConfig.CapDrop",
        "--cap-drop",
        Check,
        "create.cap-drop",
        "it is no capability",
        "",
    ),
    new(
        "HostConfig.Capabilities",
        "Capabilities",
        Forbid,
        "create.capabilities",
        "it replaces the whole set of capabilities",
        "--cap-add and --cap-drop",
    ),
    new(
        "HostConfig.Cgroup",
        "Cgroup",
        Forbid,
        "create.cgroup",
        HOST_NAMESPACE,
        "",
    ),
    new(
        "HostConfig.CgroupParent",
        "--cgroup-parent",
        Forbid,
        "create.cgroup-parent",
        "your containers share the limits of your space",
        "--memory, --cpus and --pids-limit set limits of a container's own",
    ),
    new(
        "HostConfig.CgroupnsMode",
        "--cgroupns",
        Check,
        "create.cgroupns",
        HOST_NAMESPACE,
        "--cgroupns private is what you get",
    ),
    safe("HostConfig.ConsoleSize", "ConsoleSize"),
    safe("HostConfig.ContainerIDFile", "--cidfile"),
    new(
        "HostConfig.CpuCount",
        "--cpu-count",
        Forbid,
        "create.windows",
        WINDOWS,
        "--cpus",
    ),
    new(
        "HostConfig.CpuPercent",
        "--cpu-percent",
        Forbid,
        "create.windows",
        WINDOWS,
        "--cpus",
    ),
    new(
        "HostConfig.CpuPeriod",
        "--cpu-period",
        Check,
        "limit.cpu",
        "it is beyond what you may have",
        "--cpus",
    ),
    new(
        "HostConfig.CpuQuota",
        "--cpu-quota",
        Check,
        "limit.cpu",
        "it is beyond what you may have",
        "--cpus",
    ),
    new(
        "HostConfig.CpuRealtimePeriod",
        "--cpu-rt-period",
        Forbid,
        "create.realtime",
        "real-time processes starve everybody else's",
        "--cpu-shares",
    ),
    new(
        "HostConfig.CpuRealtimeRuntime",
        "--cpu-rt-runtime",
        Forbid,
        "create.realtime",
        "real-time processes starve everybody else's",
        "--cpu-shares",
    ),
    new(
        "HostConfig.CpuShares",
        "--cpu-shares",
        Check,
        "limit.cpu",
        "it is beyond what you may have",
        "use 2 to 1024",
    ),
    new(
        "HostConfig.CpusetCpus",
        "--cpuset-cpus",
        Check,
        "limit.cpuset",
        "it is no list of CPUs",
        "for example 0-3,7",
    ),
    new(
        "HostConfig.CpusetMems",
        "--cpuset-mems",
        Check,
        "limit.cpuset",
        "it is no list of memory nodes",
        "for example 0",
    ),
    new(
        "HostConfig.DeviceCgroupRules",
        "--device-cgroup-rule",
        Forbid,
        "create.device-cgroup-rule",
        "it opens devices of the host",
        "",
    ),
    new(
        "HostConfig.DeviceRequests",
        "--gpus",
        Forbid,
        "create.gpu",
        "GPUs are not granted yet",
        "",
    ),
    new(
        "HostConfig.Devices",
        "--device",
        Check,
        "create.device",
        "this device is the host's",
        "an administrator can list devices under `devices` in dock.toml",
    ),
    new(
        "HostConfig.Dns",
        "--dns",
        Check,
        "create.dns",
        "it is no address",
        "",
    ),
    new(
        "HostConfig.DnsOptions",
        "--dns-option",
        Check,
        "create.dns",
        "it is no resolver option",
        "",
    ),
    new(
        "HostConfig.DnsSearch",
        "--dns-search",
        Check,
        "create.dns",
        "it is no domain",
        "",
    ),
    new(
        "HostConfig.ExtraHosts",
        "--add-host",
        Check,
        "create.add-host",
        "it is no NAME:ADDRESS",
        "",
    ),
    new(
        "HostConfig.GroupAdd",
        "--group-add",
        Check,
        "create.group-add",
        "it is no group that a container can have",
        "use a name or a gid",
    ),
    new(
        "HostConfig.IOMaximumBandwidth",
        "--io-maxbandwidth",
        Forbid,
        "create.windows",
        WINDOWS,
        "",
    ),
    new(
        "HostConfig.IOMaximumIOps",
        "--io-maxiops",
        Forbid,
        "create.windows",
        WINDOWS,
        "",
    ),
    safe("HostConfig.Init", "--init"),
    new(
        "HostConfig.IpcMode",
        "--ipc",
        Check,
        "create.ipc",
        HOST_NAMESPACE,
        OWN_NAMESPACE,
    ),
    new(
        "HostConfig.Isolation",
        "--isolation",
        Check,
        "create.windows",
        WINDOWS,
        "leave it out",
    ),
    new(
        "HostConfig.KernelMemory",
        "--kernel-memory",
        Forbid,
        "create.kernel-memory",
        "the kernel no longer has it",
        "--memory",
    ),
    new(
        "HostConfig.KernelMemoryTCP",
        "KernelMemoryTCP",
        Forbid,
        "create.kernel-memory",
        "the kernel no longer has it",
        "--memory",
    ),
    new(
        "HostConfig.Links",
        "--link",
        Check,
        "create.link",
        "it is no NAME or NAME:ALIAS",
        "",
    ),
    new(
        "HostConfig.LogConfig",
        "--log-driver",
        Check,
        "create.log-driver",
        "the engine would write to it as root",
        "json-file, local and none are allowed",
    ),
    new(
        "HostConfig.MaskedPaths",
        "--security-opt systempaths",
        Forbid,
        "create.systempaths",
        "it uncovers the host's kernel",
        "",
    ),
    new(
        "HostConfig.Memory",
        "--memory",
        Check,
        "limit.memory",
        "it is beyond what you may have",
        "",
    ),
    new(
        "HostConfig.MemoryReservation",
        "--memory-reservation",
        Check,
        "limit.memory",
        "it is beyond what you may have",
        "",
    ),
    new(
        "HostConfig.MemorySwap",
        "--memory-swap",
        Check,
        "limit.memory",
        "it is beyond what you may have",
        "",
    ),
    new(
        "HostConfig.MemorySwappiness",
        "--memory-swappiness",
        Check,
        "limit.swappiness",
        "it is not between 0 and 100",
        "",
    ),
    new(
        "HostConfig.Mounts",
        "--mount",
        Check,
        "mount.type",
        "this kind of mount is refused",
        "type=volume and type=tmpfs are allowed",
    ),
    new(
        "HostConfig.NanoCpus",
        "--cpus",
        Check,
        "limit.cpu",
        "it is beyond what you may have",
        "",
    ),
    new(
        "HostConfig.NetworkMode",
        "--network",
        Check,
        "create.network",
        "it is no network of yours",
        "leave it out for your private network, or use none or container:NAME",
    ),
    new(
        "HostConfig.OomKillDisable",
        "--oom-kill-disable",
        Forbid,
        "create.oom",
        "a container that cannot be killed takes the host down with it",
        "--memory",
    ),
    new(
        "HostConfig.OomScoreAdj",
        "--oom-score-adj",
        Check,
        "create.oom",
        "it makes others' processes die first",
        "use 0 to 1000",
    ),
    new(
        "HostConfig.PidMode",
        "--pid",
        Check,
        "create.pid",
        HOST_NAMESPACE,
        OWN_NAMESPACE,
    ),
    new(
        "HostConfig.PidsLimit",
        "--pids-limit",
        Check,
        "limit.pids",
        "it is beyond what you may have",
        "",
    ),
    new(
        "HostConfig.PortBindings",
        "--publish",
        Check,
        "create.port",
        "this port of the host is not for users",
        "leave the host port out, and a free one is chosen",
    ),
    new(
        "HostConfig.Privileged",
        "--privileged",
        Forbid,
        "create.privileged",
        "root in the container would be root on this host",
        "say what it is for: --cap-add or --device may be enough",
    ),
    new(
        "HostConfig.PublishAllPorts",
        "--publish-all",
        Check,
        "create.port",
        "the image exposes too many ports",
        "publish those that you need: -p PORT",
    ),
    new(
        "HostConfig.ReadonlyPaths",
        "--security-opt systempaths",
        Forbid,
        "create.systempaths",
        "it uncovers the host's kernel",
        "",
    ),
    safe("HostConfig.ReadonlyRootfs", "--read-only"),
    new(
        "HostConfig.RestartPolicy",
        "--restart",
        Check,
        "create.restart",
        "it is no restart policy",
        "use no, on-failure[:COUNT], always or unless-stopped",
    ),
    new(
        "HostConfig.Runtime",
        "--runtime",
        Check,
        "create.runtime",
        "a runtime is root's program",
        "an administrator can list runtimes under `runtimes` in dock.toml",
    ),
    new(
        "HostConfig.SecurityOpt",
        "--security-opt",
        Check,
        "create.security-opt",
        "it weakens what keeps the container in",
        "no-new-privileges is allowed",
    ),
    new(
        "HostConfig.ShmSize",
        "--shm-size",
        Check,
        "limit.shm",
        "it is beyond what you may have",
        "",
    ),
    new(
        "HostConfig.StorageOpt",
        "--storage-opt",
        Forbid,
        "create.storage-opt",
        "sizes of containers are not granted yet",
        "",
    ),
    new(
        "HostConfig.Sysctls",
        "--sysctl",
        Check,
        "create.sysctl",
        "this setting is the whole host's",
        "settings of the container's own network and IPC are allowed",
    ),
    new(
        "HostConfig.Tmpfs",
        "--tmpfs",
        Check,
        "mount.tmpfs",
        "this option of tmpfs is refused",
        "rw, ro, exec, noexec, nosuid, nodev, size, mode, uid, gid and nr_inodes are allowed",
    ),
    new(
        "HostConfig.UTSMode",
        "--uts",
        Check,
        "create.uts",
        HOST_NAMESPACE,
        "leave it out",
    ),
    new(
        "HostConfig.Ulimits",
        "--ulimit",
        Check,
        "limit.ulimit",
        "it is beyond what you may have",
        "",
    ),
    new(
        "HostConfig.UsernsMode",
        "--userns",
        Check,
        "create.userns",
        HOST_NAMESPACE,
        "leave it out",
    ),
    new(
        "HostConfig.VolumeDriver",
        "--volume-driver",
        Check,
        "mount.driver",
        "volume drivers are root's programs",
        "local volumes are allowed",
    ),
    new(
        "HostConfig.VolumesFrom",
        "--volumes-from",
        Check,
        "create.volumes-from",
        "it is no CONTAINER or CONTAINER:ro",
        "",
    ),
    new(
        "Mount.Docker",
        "--volume /var/run/docker.sock",
        Forbid,
        "mount.docker-socket",
        "the engine's socket is root on this host",
        "'dock serve' gives you a socket of your own; mounting it comes with host paths",
    ),
    new(
        "Mount.Target",
        "--mount",
        Check,
        "mount.target",
        "containers cannot have a mount there",
        "use an absolute path outside /proc, /sys and /dev",
    ),
    new(
        "Mount.VolumeOptions",
        "--mount volume-opt",
        Check,
        "mount.volume-opt",
        "options of volumes can mount the host",
        "those of a tmpfs are allowed: type=tmpfs, device=tmpfs and o= with size, uid, gid, mode, nosuid, nodev, noexec",
    ),
    new(
        "Network.Endpoint",
        "--network",
        Check,
        "network.endpoint",
        "this option of a network is refused",
        "",
    ),
    new(
        "Volume.ClusterVolumeSpec",
        "--type",
        Forbid,
        "volume.cluster",
        "volumes of a swarm are not served",
        "",
    ),
    new(
        "Volume.Driver",
        "--driver",
        Check,
        "volume.driver",
        "volume drivers are root's programs",
        "local volumes are allowed",
    ),
    new(
        "Volume.DriverOpts",
        "--opt",
        Check,
        "volume.options",
        "options of volumes can mount the host",
        "those of a tmpfs are allowed: type=tmpfs, device=tmpfs and o= with size, uid, gid, mode, nosuid, nodev, noexec",
    ),
    new(
        "Volume.Labels",
        "--label",
        Check,
        "volume.label",
        "labels under \"dock.\" are dock's own",
        "choose another prefix",
    ),
    new(
        "Volume.Name",
        "VOLUME",
        Check,
        "volume.name",
        "it is longer than 200 letters",
        "choose another name",
    ),
    new(
        "remove.link",
        "--link",
        Forbid,
        "remove.link",
        "removing a link is not served",
        "remove the container",
    ),
    new(
        "start.checkpoint",
        "--checkpoint",
        Forbid,
        "start.checkpoint",
        "a checkpoint is a path of the host that the engine reads as root",
        "",
    ),
    new(
        "top.ps_args",
        "ps option",
        Check,
        "top.ps-args",
        "the engine runs ps as root on the host",
        "-ef, aux and -o with columns such as pid,user,time,args are allowed",
    ),
];

/// The row of `field`.
///
/// # Panics
/// Never for a field that a test has seen: names are literals of this package,
/// and [`FIELDS`] is tested against them.
pub fn row_of(field: &str) -> Option<&'static Row> {
    FIELDS.iter().find(|row| row.field == field)
}

/// A row for words; a field without one gets words that still make sense.
pub(super) fn row(field: &'static str) -> &'static Row {
    static UNKNOWN: Row = new(
        "",
        "this option",
        Forbid,
        "create.unknown",
        "it is not known here",
        "",
    );
    row_of(field).unwrap_or(&UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_stand_once() {
        for pair in FIELDS.windows(2) {
            assert!(
                pair[0].field < pair[1].field,
                "{} {}",
                pair[0].field,
                pair[1].field
            );
        }
    }

    #[test]
    fn a_row_that_can_refuse_has_a_rule_and_a_reason() {
        for row in FIELDS {
            if matches!(row.treatment, Check | Forbid) {
                assert!(!row.rule.is_empty() && !row.why.is_empty(), "{}", row.field);
            }
        }
    }

    #[test]
    fn no_words_decide_dockers_exit_code() {
        for row in FIELDS {
            let words = format!("{}{}{}", row.flag, row.why, row.instead).to_lowercase();
            for bad in [
                "permission denied",
                "no such file or directory",
                "executable file not found",
            ] {
                assert!(!words.contains(bad), "{}", row.field);
            }
        }
    }
}
