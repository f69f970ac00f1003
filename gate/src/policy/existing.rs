//! A container that exists, judged again before it runs (G19).
//!
//! The configuration may have been tightened since it was made, and somebody
//! with root may have given a container of their own a space's name. So what
//! the engine holds is judged by the rules of today, at start, restart,
//! unpause, update and exec. What is looked at is what the configuration can
//! widen, and what would be root on the host.

use dock_space::Space;
use dock_space::settings::Settings;

use super::create::EngineFacts;
use super::refusal::Refusal;
use super::{host, limits, ports, security};
use crate::api::container::HostConfig;

/// What the engine holds of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Existing {
    /// Its HostConfig, reduced to [`MEMBERS`].
    pub host: HostConfig,
    /// Whether the engine covers the kernel's files in /proc and /sys.
    pub masked: bool,
    pub engine: EngineFacts,
}

/// The members of HostConfig that are judged again, as inspect spells them.
pub const MEMBERS: [&str; 38] = [
    "Annotations",
    "Binds",
    "BlkioDeviceReadBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceWriteIOps",
    "BlkioWeight",
    "BlkioWeightDevice",
    "CapAdd",
    "Cgroup",
    "CgroupParent",
    "CgroupnsMode",
    "CpuPeriod",
    "CpuQuota",
    "CpuShares",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Devices",
    "IpcMode",
    "LogConfig",
    "Memory",
    "MemoryReservation",
    "MemorySwap",
    "Mounts",
    "NanoCpus",
    "NetworkMode",
    "OomScoreAdj",
    "PidMode",
    "PidsLimit",
    "PortBindings",
    "Privileged",
    "Runtime",
    "SecurityOpt",
    "ShmSize",
    "Sysctls",
    "UTSMode",
    "Ulimits",
    "UsernsMode",
];

/// # Errors
/// The refusal of the first rule that the container breaks, with what to do.
pub(super) fn judge(settings: &Settings, space: Space, existing: &Existing) -> Result<(), Refusal> {
    rules(settings, space, existing).map_err(Refusal::of_before)
}

fn rules(settings: &Settings, space: Space, existing: &Existing) -> Result<(), Refusal> {
    let Existing {
        host,
        masked,
        engine,
    } = existing;
    // The space's own cgroup is what the gate itself gave.
    let own = HostConfig {
        cgroup_parent: String::new(),
        ..host.clone()
    };
    host::refuse_unserved(&own)?;
    under_own_cgroup(space, &host.cgroup_parent)?;
    if !masked {
        return Err(Refusal::of("HostConfig.MaskedPaths"));
    }
    limits::check(settings, host)?;
    match host.pids_limit {
        Some(count) if count > 0 => drop(limits::pids(settings, Some(count))?),
        _ => return Err(Refusal::value("HostConfig.PidsLimit", -1)),
    }
    limits::shm(settings, host.shm_size)?;
    limits::ulimits(settings, &host.ulimits)?;
    security::runtime(settings, engine, host.runtime.clone())?;
    security::sysctls(settings, &host.sysctls)?;
    security::added(settings, &host.cap_add.0)?;
    security::devices(settings, &host.devices)?;
    security::options(&host.security_opt)?;
    security::logs(settings, host.log_config.clone())?;
    ports::check(settings, &host.port_bindings)?;
    if !(0..=1000).contains(&host.oom_score_adj) {
        return Err(Refusal::value("HostConfig.OomScoreAdj", host.oom_score_adj));
    }
    namespaces(space, host)?;
    if let Some(bind) = host.binds.first() {
        return Err(Refusal::value("HostConfig.Binds", bind));
    }
    match host
        .mounts
        .iter()
        .find(|mount| !matches!(mount.r#type.as_str(), "volume" | "tmpfs"))
    {
        Some(mount) => Err(Refusal::value("HostConfig.Mounts", &mount.r#type)),
        None => Ok(()),
    }
}

fn namespaces(space: Space, host: &HostConfig) -> Result<(), Refusal> {
    let joined = |mode: &str| mode.starts_with("container:");
    let own_network = space.shown_name(&host.network_mode).is_some();
    if !(own_network || host.network_mode == "none" || joined(&host.network_mode)) {
        return Err(Refusal::value("HostConfig.NetworkMode", &host.network_mode));
    }
    let pid = &host.pid_mode;
    if !(pid.is_empty() || joined(pid)) {
        return Err(Refusal::value("HostConfig.PidMode", pid));
    }
    let ipc = host.ipc_mode.as_str();
    if !(matches!(ipc, "none" | "private" | "shareable") || joined(ipc)) {
        return Err(Refusal::value("HostConfig.IpcMode", ipc));
    }
    for (field, mode, wanted) in [
        ("HostConfig.CgroupnsMode", &host.cgroupns_mode, "private"),
        ("HostConfig.UTSMode", &host.uts_mode, ""),
        ("HostConfig.UsernsMode", &host.userns_mode, ""),
    ] {
        if mode != wanted {
            return Err(Refusal::value(field, mode));
        }
    }
    Ok(())
}

/// `/dock/u1001`, or `dock-u1001.slice`; the part before is the configuration's.
fn under_own_cgroup(space: Space, parent: &str) -> Result<(), Refusal> {
    let own =
        parent.ends_with(&format!("/{space}")) || parent.ends_with(&format!("-{space}.slice"));
    if own {
        Ok(())
    } else {
        Err(Refusal::value("HostConfig.CgroupParent", parent))
    }
}

/// What the gate makes of `docker run busybox`.
#[cfg(test)]
pub(super) fn plain() -> Existing {
    Existing {
        host: HostConfig {
            cgroup_parent: "/dock/u1001".into(),
            cgroupns_mode: "private".into(),
            ipc_mode: "private".into(),
            network_mode: "u1001-default".into(),
            pids_limit: Some(4096),
            runtime: "runc".into(),
            shm_size: 64 << 20,
            log_config: crate::api::container::LogConfig {
                r#type: "json-file".into(),
                config: [("max-size", "50m"), ("max-file", "3")]
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .into(),
            },
            ..HostConfig::default()
        },
        masked: true,
        engine: EngineFacts {
            runtime: "runc".into(),
            memory: 0,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::container::{Device, Mount, Words};
    use dock_space::Uid;

    type Change = fn(&mut Existing);

    const ALICE: Space = Space::User(Uid(1001));

    fn with(change: impl FnOnce(&mut Existing)) -> Result<(), Refusal> {
        let mut existing = plain();
        change(&mut existing);
        judge(&Settings::default(), ALICE, &existing)
    }

    #[test]
    fn what_the_gate_makes_is_permitted() {
        assert_eq!(with(|_| {}), Ok(()));
        assert_eq!(with(|e| e.host.network_mode = "none".into()), Ok(()));
        assert_eq!(
            with(|e| e.host.cgroup_parent = "dock-u1001.slice".into()),
            Ok(())
        );
    }

    #[test]
    fn what_the_configuration_no_longer_grants_is_refused() {
        let granting = Settings {
            cap_add: vec!["SYS_PTRACE".into()],
            devices: vec!["/dev/fuse".into()],
            pids_limit: 8192,
            ..Settings::default()
        };
        let changes: [(Change, &str); 3] = [
            (
                |e| e.host.cap_add = Words(vec!["SYS_PTRACE".into()]),
                "create.cap-add",
            ),
            (
                |e| {
                    e.host.devices = vec![Device {
                        path_on_host: "/dev/fuse".into(),
                        ..Device::default()
                    }];
                },
                "create.device",
            ),
            (|e| e.host.pids_limit = Some(8192), "limit.pids"),
        ];
        for (change, rule) in changes {
            let mut existing = plain();
            change(&mut existing);
            assert_eq!(judge(&granting, ALICE, &existing), Ok(()), "{rule}");
            let refusal = judge(&Settings::default(), ALICE, &existing).unwrap_err();
            assert_eq!(refusal.rule, rule);
            assert!(refusal.instead.contains("make it again"));
        }
    }

    #[test]
    fn a_container_that_only_looks_like_a_spaces_is_refused() {
        let changes: [(Change, &str); 9] = [
            (|e| e.host.privileged = true, "create.privileged"),
            (|e| e.masked = false, "create.systempaths"),
            (
                |e| e.host.cgroup_parent = String::new(),
                "create.cgroup-parent",
            ),
            (
                |e| e.host.cgroup_parent = "/dock/u1002".into(),
                "create.cgroup-parent",
            ),
            (|e| e.host.network_mode = "host".into(), "create.network"),
            (|e| e.host.pid_mode = "host".into(), "create.pid"),
            (|e| e.host.binds = vec!["/:/host".into()], "mount.bind"),
            (
                |e| {
                    e.host.mounts = vec![Mount {
                        r#type: "bind".into(),
                        ..Mount::default()
                    }];
                },
                "mount.type",
            ),
            (|e| e.host.pids_limit = None, "limit.pids"),
        ];
        for (change, rule) in changes {
            assert_eq!(with(change).unwrap_err().rule, rule);
        }
    }
}
