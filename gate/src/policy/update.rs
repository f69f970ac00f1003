//! New limits for a container that exists.

use dock_space::settings::Settings;

use super::refusal::Refusal;
use super::{host, limits, mounts};
use crate::api::container::{HostConfig, UpdateBody};

/// Zero means "unchanged", but for the number of processes, where the engine
/// takes it for "unlimited": there it is left out.
pub(super) fn judge(settings: &Settings, body: UpdateBody) -> Result<UpdateBody, Refusal> {
    host::refuse_unserved(&body)?;
    limits::check(settings, &body)?;
    if !body.devices.is_empty() {
        return Err(Refusal::of("HostConfig.Devices").because("it cannot be changed"));
    }
    if !body.ulimits.is_empty() {
        return Err(Refusal::of("HostConfig.Ulimits").because("it cannot be changed"));
    }
    let pids_limit = match body.pids_limit {
        None | Some(0) => None,
        Some(count) => Some(limits::pids(settings, Some(count))?),
    };
    let sent = HostConfig {
        restart_policy: host::restart(body.restart_policy.clone(), false)?,
        cpu_shares: body.cpu_shares,
        memory: body.memory,
        nano_cpus: body.nano_cpus,
        blkio_weight: body.blkio_weight,
        cpu_period: body.cpu_period,
        cpu_quota: body.cpu_quota,
        cpuset_cpus: body.cpuset_cpus.clone(),
        cpuset_mems: body.cpuset_mems.clone(),
        memory_reservation: body.memory_reservation,
        memory_swap: body.memory_swap,
        memory_swappiness: body.memory_swappiness.filter(|value| *value >= 0),
        pids_limit,
        ..HostConfig::default()
    };
    // Whatever else was set is not the engine's to update: say so by name.
    let rest = UpdateBody {
        restart_policy: body.restart_policy,
        pids_limit: body.pids_limit,
        memory_swappiness: body.memory_swappiness,
        oom_kill_disable: body.oom_kill_disable,
        ..body
    };
    let unknown = serde_json::to_value(&rest).ok().and_then(|value| {
        let sent = serde_json::to_value(&sent).ok()?;
        let members = value.as_object()?.iter();
        members
            .filter(|(key, value)| !mounts::is_zero(value) && sent.get(key).is_none())
            .map(|(key, _)| key.clone())
            .find(|key| !matches!(key.as_str(), "PidsLimit" | "MemorySwappiness"))
    });
    match unknown {
        Some(key) => Err(Refusal::invalid(format!("unknown field \"{key}\""))),
        None => Ok(sent),
    }
}
