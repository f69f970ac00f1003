//! HostConfig: every field is decided here, by name.

use dock_space::settings::Settings;

use super::create::CreateFacts;
use super::mounts::{self, Asked, Mounts, is_zero};
use super::network::{self, Networks};
use super::refusal::Refusal;
use super::{Identity, limits, ports, process, security};
use crate::api::container::{Empty, HostConfig, NetworkingConfig, RestartPolicy, Words};

/// What the rest of the create body needs to know.
pub(super) struct Judged {
    pub(super) host: HostConfig,
    pub(super) networks: NetworkingConfig,
    pub(super) default_network: bool,
}

/// The HostConfig that is sent. The pattern below names every field and has no
/// `..`: a field that is added to the struct does not compile until somebody
/// decides about it.
pub(super) fn judge(
    settings: &Settings,
    identity: &Identity,
    facts: &CreateFacts,
    shown: &str,
    host: HostConfig,
    config_volumes: std::collections::BTreeMap<String, Empty>,
    networking: NetworkingConfig,
) -> Result<Judged, Refusal> {
    limits::check(settings, &host)?;
    refuse_unserved(&host)?;
    let HostConfig {
        binds,
        container_id_file,
        log_config,
        network_mode,
        port_bindings,
        restart_policy,
        auto_remove,
        volume_driver,
        volumes_from,
        mounts,
        console_size,
        annotations: _,
        cap_add,
        cap_drop,
        capabilities: _,
        cgroupns_mode,
        dns,
        dns_options,
        dns_search,
        extra_hosts,
        group_add,
        ipc_mode,
        cgroup: _,
        links,
        oom_score_adj,
        pid_mode,
        privileged: _,
        publish_all_ports,
        readonly_rootfs,
        security_opt,
        storage_opt: _,
        tmpfs,
        uts_mode,
        userns_mode,
        shm_size,
        sysctls,
        runtime,
        isolation,
        masked_paths: _,
        readonly_paths: _,
        init,
        cpu_shares,
        memory,
        nano_cpus,
        cgroup_parent: _,
        blkio_weight,
        blkio_weight_device: _,
        blkio_device_read_bps: _,
        blkio_device_write_bps: _,
        blkio_device_read_iops: _,
        blkio_device_write_iops: _,
        cpu_period,
        cpu_quota,
        cpu_realtime_period: _,
        cpu_realtime_runtime: _,
        cpuset_cpus,
        cpuset_mems,
        devices,
        device_cgroup_rules: _,
        device_requests: _,
        kernel_memory: _,
        kernel_memory_tcp: _,
        memory_reservation,
        memory_swap,
        memory_swappiness,
        oom_kill_disable: _,
        pids_limit,
        ulimits,
        cpu_count: _,
        cpu_percent: _,
        io_maximum_iops: _,
        io_maximum_bandwidth: _,
    } = host;

    if !matches!(volume_driver.as_str(), "" | "local") {
        return Err(Refusal::value("HostConfig.VolumeDriver", volume_driver));
    }
    only(&["", "private"], "HostConfig.CgroupnsMode", &cgroupns_mode)?;
    only(&[""], "HostConfig.UTSMode", &uts_mode)?;
    only(&[""], "HostConfig.UsernsMode", &userns_mode)?;
    only(&["", "default"], "HostConfig.Isolation", &isolation)?;
    let runtime = security::runtime(settings, &facts.engine, runtime)?;
    security::sysctls(settings, &sysctls)?;
    limits::shm(settings, shm_size)?;
    limits::ulimits(settings, &ulimits)?;
    ports::check(settings, &port_bindings)?;
    network::names(
        dns.as_deref().unwrap_or_default(),
        dns_search.as_deref().unwrap_or_default(),
        dns_options.as_deref().unwrap_or_default(),
        &extra_hosts,
    )?;
    if !(0..=1000).contains(&oom_score_adj) {
        return Err(Refusal::value("HostConfig.OomScoreAdj", oom_score_adj));
    }
    for group in &group_add {
        process::account("HostConfig.GroupAdd", group)?;
    }
    if group_add.len() > 64 {
        return Err(Refusal::of("HostConfig.GroupAdd").because("there are more than 64 of them"));
    }
    let Networks {
        mode,
        endpoints,
        default_network,
    } = network::judge(identity, facts, shown, &network_mode, &links, networking)?;
    let asked = Asked {
        binds,
        mounts,
        tmpfs,
        volumes: config_volumes,
        volumes_from,
    };
    let Mounts {
        mounts,
        tmpfs,
        volumes_from,
    } = mounts::judge(settings, identity, facts, asked)?;
    let host = HostConfig {
        // The client's own file; the engine only remembers its name.
        container_id_file: Some(container_id_file)
            .filter(|path| process::is_straight(path))
            .unwrap_or_default(),
        log_config: security::logs(settings, log_config)?,
        network_mode: mode,
        port_bindings,
        restart_policy: restart(restart_policy, auto_remove)?,
        auto_remove,
        volumes_from,
        mounts,
        console_size,
        cap_add: Words(security::added(settings, &cap_add.0)?),
        cap_drop: Words(security::dropped(&cap_drop.0)?),
        cgroupns_mode: "private".into(),
        dns,
        dns_options,
        dns_search,
        extra_hosts,
        group_add,
        ipc_mode: ipc(facts, &ipc_mode)?,
        oom_score_adj,
        pid_mode: pid(facts, &pid_mode)?,
        publish_all_ports,
        readonly_rootfs,
        security_opt: security::options(&security_opt)?,
        tmpfs,
        shm_size,
        sysctls,
        runtime,
        init,
        cpu_shares,
        memory,
        nano_cpus,
        cgroup_parent: facts.cgroup_parent.clone(),
        blkio_weight,
        cpu_period,
        cpu_quota,
        cpuset_cpus,
        cpuset_mems,
        devices: security::devices(settings, &devices)?,
        memory_reservation,
        memory_swap,
        // -1 is "not set" and means something else to some kernels.
        memory_swappiness: memory_swappiness.filter(|value| *value >= 0),
        pids_limit: Some(limits::pids(settings, pids_limit)?),
        ulimits,
        ..HostConfig::default()
    };
    Ok(Judged {
        host,
        networks: endpoints,
        default_network,
    })
}

/// Fields that are refused unless unset.
pub(super) fn refuse_unserved(host: &HostConfig) -> Result<(), Refusal> {
    let refused = [
        ("HostConfig.Privileged", host.privileged),
        ("HostConfig.Annotations", !host.annotations.is_empty()),
        (
            "HostConfig.BlkioDeviceReadBps",
            !is_zero(&host.blkio_device_read_bps),
        ),
        (
            "HostConfig.BlkioDeviceReadIOps",
            !is_zero(&host.blkio_device_read_iops),
        ),
        (
            "HostConfig.BlkioDeviceWriteBps",
            !is_zero(&host.blkio_device_write_bps),
        ),
        (
            "HostConfig.BlkioDeviceWriteIOps",
            !is_zero(&host.blkio_device_write_iops),
        ),
        (
            "HostConfig.BlkioWeightDevice",
            !is_zero(&host.blkio_weight_device),
        ),
        ("HostConfig.Capabilities", !is_zero(&host.capabilities)),
        ("HostConfig.Cgroup", !host.cgroup.is_empty()),
        ("HostConfig.CgroupParent", !host.cgroup_parent.is_empty()),
        ("HostConfig.CpuCount", !is_zero(&host.cpu_count)),
        ("HostConfig.CpuPercent", !is_zero(&host.cpu_percent)),
        (
            "HostConfig.CpuRealtimePeriod",
            !is_zero(&host.cpu_realtime_period),
        ),
        (
            "HostConfig.CpuRealtimeRuntime",
            !is_zero(&host.cpu_realtime_runtime),
        ),
        (
            "HostConfig.DeviceCgroupRules",
            !is_zero(&host.device_cgroup_rules),
        ),
        ("HostConfig.DeviceRequests", !is_zero(&host.device_requests)),
        (
            "HostConfig.IOMaximumBandwidth",
            !is_zero(&host.io_maximum_bandwidth),
        ),
        ("HostConfig.IOMaximumIOps", !is_zero(&host.io_maximum_iops)),
        ("HostConfig.KernelMemory", !is_zero(&host.kernel_memory)),
        (
            "HostConfig.KernelMemoryTCP",
            !is_zero(&host.kernel_memory_tcp),
        ),
        // `[]` is not null here: it uncovers everything.
        ("HostConfig.MaskedPaths", host.masked_paths.is_some()),
        ("HostConfig.ReadonlyPaths", host.readonly_paths.is_some()),
        (
            "HostConfig.OomKillDisable",
            host.oom_kill_disable == Some(true),
        ),
        ("HostConfig.StorageOpt", !host.storage_opt.is_empty()),
    ];
    match refused.into_iter().find(|(_, set)| *set) {
        Some((field, _)) => Err(Refusal::of(field)),
        None => Ok(()),
    }
}

fn only(allowed: &[&str], field: &'static str, value: &str) -> Result<(), Refusal> {
    if allowed.contains(&value) {
        Ok(())
    } else {
        Err(Refusal::value(field, value))
    }
}

fn ipc(facts: &CreateFacts, mode: &str) -> Result<String, Refusal> {
    match mode {
        // Before API 1.40 the engine's default would be "shareable".
        "" => Ok("private".into()),
        "none" | "private" | "shareable" => Ok(mode.to_owned()),
        _ => joined(facts, "HostConfig.IpcMode", mode),
    }
}

fn pid(facts: &CreateFacts, mode: &str) -> Result<String, Refusal> {
    if mode.is_empty() {
        return Ok(String::new());
    }
    joined(facts, "HostConfig.PidMode", mode)
}

/// `container:REF` with the full id of a container of the caller's.
fn joined(facts: &CreateFacts, field: &'static str, mode: &str) -> Result<String, Refusal> {
    match mode.strip_prefix("container:") {
        Some(reference) => Ok(format!("container:{}", facts.container(reference)?)),
        None => Err(Refusal::value(field, mode)),
    }
}

pub(super) fn restart(policy: RestartPolicy, auto_remove: bool) -> Result<RestartPolicy, Refusal> {
    let RestartPolicy {
        name,
        maximum_retry_count,
    } = &policy;
    let known = matches!(
        name.as_str(),
        "" | "no" | "always" | "unless-stopped" | "on-failure"
    );
    if !known {
        return Err(Refusal::invalid(format!("invalid restart policy '{name}'")));
    }
    if *maximum_retry_count < 0 || (*maximum_retry_count > 0 && name != "on-failure") {
        return Err(Refusal::invalid(
            "maximum retry count cannot be used with restart policy 'no', 'always' or 'unless-stopped', or be negative",
        ));
    }
    if auto_remove && !matches!(name.as_str(), "" | "no") {
        return Err(Refusal::invalid(
            "can't create 'AutoRemove' container with restart policy",
        ));
    }
    Ok(policy)
}
