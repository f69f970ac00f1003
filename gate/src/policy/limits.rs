//! Memory, CPU, processes, ulimits: what one container may take.

use dock_space::settings::Settings;

use super::refusal::Refusal;
use crate::api::container::{HostConfig, Ulimit};

/// The ceilings of memory and CPU. Unset stays unset: the space's own cgroup
/// holds the sum.
pub(super) fn check(settings: &Settings, host: &HostConfig) -> Result<(), Refusal> {
    for (field, bytes) in [
        ("HostConfig.Memory", host.memory),
        ("HostConfig.MemoryReservation", host.memory_reservation),
        ("HostConfig.MemorySwap", host.memory_swap),
    ] {
        // -1 is "as much swap as there is" for MemorySwap alone.
        let unlimited_swap =
            field == "HostConfig.MemorySwap" && bytes == -1 && settings.memory == 0;
        if (bytes < 0 && !unlimited_swap) || over(bytes, settings.memory.saturating_mul(2)) {
            return Err(Refusal::value(field, bytes));
        }
    }
    if over(host.memory, settings.memory) {
        return Err(Refusal::value("HostConfig.Memory", host.memory));
    }
    let cpus = host.nano_cpus as f64 / 1e9;
    if host.nano_cpus < 0 || (settings.cpus > 0.0 && cpus > settings.cpus) {
        return Err(Refusal::value("HostConfig.NanoCpus", cpus));
    }
    quota(settings, host)?;
    if host.cpu_shares != 0 && !(2..=1024).contains(&host.cpu_shares) {
        return Err(Refusal::value("HostConfig.CpuShares", host.cpu_shares));
    }
    if host.blkio_weight != 0 && !(10..=500).contains(&host.blkio_weight) {
        return Err(Refusal::value("HostConfig.BlkioWeight", host.blkio_weight));
    }
    for (field, list) in [
        ("HostConfig.CpusetCpus", &host.cpuset_cpus),
        ("HostConfig.CpusetMems", &host.cpuset_mems),
    ] {
        let plain = list.len() <= 256
            && list
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b',' | b'-'));
        if !plain {
            return Err(Refusal::value(field, list));
        }
    }
    // -1 is what CLIs send for "not set".
    if host
        .memory_swappiness
        .is_some_and(|value| !(-1..=100).contains(&value))
    {
        return Err(Refusal::of("HostConfig.MemorySwappiness"));
    }
    Ok(())
}

fn over(asked: i64, ceiling: i64) -> bool {
    ceiling > 0 && asked > ceiling
}

/// `--cpu-quota` and `--cpu-period` are `--cpus` in other words.
fn quota(settings: &Settings, host: &HostConfig) -> Result<(), Refusal> {
    if host.cpu_period != 0 && !(1_000..=1_000_000).contains(&host.cpu_period) {
        return Err(Refusal::value("HostConfig.CpuPeriod", host.cpu_period));
    }
    let period = if host.cpu_period == 0 {
        100_000
    } else {
        host.cpu_period
    };
    let cpus = host.cpu_quota as f64 / period as f64;
    if host.cpu_quota < 0 || (settings.cpus > 0.0 && cpus > settings.cpus) {
        return Err(Refusal::value("HostConfig.CpuQuota", host.cpu_quota));
    }
    Ok(())
}

/// The number of processes: the default where unset or "unlimited" is the
/// engine's own default, never more than the ceiling.
pub(super) fn pids(settings: &Settings, asked: Option<i64>) -> Result<i64, Refusal> {
    match asked {
        None | Some(0 | -1) => Ok(settings.pids_limit),
        Some(count) if (1..=settings.pids_limit).contains(&count) => Ok(count),
        Some(count) => Err(
            Refusal::value("HostConfig.PidsLimit", count).because(format!(
                "a container can have {} processes",
                settings.pids_limit
            )),
        ),
    }
}

pub(super) fn shm(settings: &Settings, bytes: i64) -> Result<(), Refusal> {
    if bytes < 0 || over(bytes, settings.shm_size) {
        return Err(Refusal::value("HostConfig.ShmSize", bytes));
    }
    Ok(())
}

pub(super) fn ulimits(settings: &Settings, asked: &[Ulimit]) -> Result<(), Refusal> {
    for Ulimit { name, hard, soft } in asked {
        let fits = match settings.ulimits.get(name) {
            None => false,
            Some(-1) => *hard >= -1 && *soft >= -1,
            Some(ceiling) => (0..=*ceiling).contains(hard) && (0..=*ceiling).contains(soft),
        };
        if !fits {
            return Err(Refusal::value(
                "HostConfig.Ulimits",
                format!("{name}={soft}:{hard}"),
            ));
        }
    }
    Ok(())
}
