//! Two readings made into what people ask for: percent and bytes a second.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use dock_space::admin::{ContainerUsage, Counters, Owner, Usage};
use serde::Serialize;

use crate::gpu::{GpuSample, GpuShare};
use crate::units;

/// One reading.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    pub(super) usage: Usage,
    /// None where there is no GPU.
    pub(super) gpu: Option<GpuSample>,
    /// Whether containers were read, too.
    pub(super) containers: bool,
}

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Report {
    /// Seconds since 1970.
    pub(super) time: i64,
    /// Between the two readings; none before the second.
    pub(super) window_seconds: Option<f64>,
    pub(super) host: Host,
    /// When the disk was measured, seconds since 1970.
    pub(super) disk_measured: Option<i64>,
    pub(super) spaces: Vec<Space>,
    /// The host without the spaces.
    pub(super) outside: Share,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Host {
    pub(super) cpus: u32,
    pub(super) memory_total: u64,
    /// None where there is no GPU.
    pub(super) gpus: Option<u32>,
    pub(super) gpu_memory_total: Option<u64>,
    #[serde(flatten)]
    pub(super) share: Share,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Space {
    #[serde(flatten)]
    pub(super) owner: Owner,
    /// Containers that run.
    pub(super) running: usize,
    #[serde(flatten)]
    pub(super) share: Share,
    /// Empty when they were not asked for.
    pub(super) containers: Vec<Container>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) share: Share,
}

impl Container {
    /// Its name, or the short id of one that has none (yet).
    pub(super) fn label(&self) -> &str {
        match self.name.is_empty() {
            true => self.id.get(..12).unwrap_or(&self.id),
            false => &self.name,
        }
    }
}

/// A part of the host. Rates are none when there is nothing to compare with.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Share {
    /// 100 is one CPU.
    pub(super) cpu_percent: Option<f64>,
    pub(super) cpu_nanoseconds: u64,
    pub(super) memory: u64,
    pub(super) memory_limit: Option<u64>,
    /// 100 is one GPU.
    pub(super) gpu_percent: Option<f64>,
    pub(super) gpu_memory: Option<u64>,
    pub(super) disk: Option<i64>,
    pub(super) net_received: u64,
    pub(super) net_sent: u64,
    pub(super) net_received_per_second: Option<u64>,
    pub(super) net_sent_per_second: Option<u64>,
    pub(super) block_read: u64,
    pub(super) block_written: u64,
    pub(super) block_read_per_second: Option<u64>,
    pub(super) block_written_per_second: Option<u64>,
    pub(super) pids: u64,
}

/// Both directions together.
fn both(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one?.saturating_add(other?))
}

impl Share {
    /// Bytes a second over the network.
    pub(super) fn net(&self) -> Option<u64> {
        both(self.net_received_per_second, self.net_sent_per_second)
    }

    /// Bytes a second from and to block devices.
    pub(super) fn block(&self) -> Option<u64> {
        both(self.block_read_per_second, self.block_written_per_second)
    }

    fn new(now: &Counters, before: Option<&Counters>, nanoseconds: u64) -> Share {
        let rate = |of: fn(&Counters) -> u64| {
            // What was counted by something that has ended since is gone: no rate, not a negative one.
            let difference = of(now).saturating_sub(of(before?));
            let a_second = u128::from(difference) * 1_000_000_000;
            let a_second = a_second.checked_div(u128::from(nanoseconds))?;
            u64::try_from(a_second).ok()
        };
        Share {
            // Nanoseconds a second: ten millions are one percent.
            cpu_percent: rate(|counters| counters.cpu).map(|rate| number(rate) / 1e7),
            cpu_nanoseconds: now.cpu,
            memory: now.memory,
            net_received: now.net_received,
            net_sent: now.net_sent,
            net_received_per_second: rate(|counters| counters.net_received),
            net_sent_per_second: rate(|counters| counters.net_sent),
            block_read: now.block_read,
            block_written: now.block_written,
            block_read_per_second: rate(|counters| counters.block_read),
            block_written_per_second: rate(|counters| counters.block_written),
            pids: now.pids,
            ..Share::default()
        }
    }

    /// What is left when `part` is taken away; the numbers are of moments that
    /// are not quite the same, so what would be less than nothing is nothing.
    fn without(&self, part: &Share) -> Share {
        let less = |whole: Option<u64>, part: Option<u64>| {
            whole.map(|whole| whole.saturating_sub(part.unwrap_or_default()))
        };
        let percent = |whole: Option<f64>, part: Option<f64>| {
            whole.map(|whole| (whole - part.unwrap_or_default()).max(0.0))
        };
        Share {
            cpu_percent: percent(self.cpu_percent, part.cpu_percent),
            cpu_nanoseconds: self.cpu_nanoseconds.saturating_sub(part.cpu_nanoseconds),
            memory: self.memory.saturating_sub(part.memory),
            memory_limit: None,
            gpu_percent: percent(self.gpu_percent, part.gpu_percent),
            gpu_memory: less(self.gpu_memory, part.gpu_memory),
            disk: None,
            net_received: self.net_received.saturating_sub(part.net_received),
            net_sent: self.net_sent.saturating_sub(part.net_sent),
            net_received_per_second: less(
                self.net_received_per_second,
                part.net_received_per_second,
            ),
            net_sent_per_second: less(self.net_sent_per_second, part.net_sent_per_second),
            block_read: self.block_read.saturating_sub(part.block_read),
            block_written: self.block_written.saturating_sub(part.block_written),
            block_read_per_second: less(self.block_read_per_second, part.block_read_per_second),
            block_written_per_second: less(
                self.block_written_per_second,
                part.block_written_per_second,
            ),
            pids: self.pids.saturating_sub(part.pids),
        }
    }

    fn with_gpu(mut self, gpu: Option<GpuShare>) -> Share {
        self.gpu_percent = gpu.map(|gpu| gpu.percent);
        self.gpu_memory = gpu.map(|gpu| gpu.memory);
        self
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few digits of it are shown")]
pub(super) fn number(number: u64) -> f64 {
    number as f64
}

impl Report {
    /// What `now` says, with rates since `before`.
    pub(super) fn new(before: Option<&Sample>, now: &Sample) -> Report {
        let usage = &now.usage;
        let nanoseconds = before.map(|before| usage.at.saturating_sub(before.usage.at));
        let nanoseconds = nanoseconds.filter(|nanoseconds| *nanoseconds > 0);
        let since = before.filter(|_| nanoseconds.is_some());
        let nanoseconds = nanoseconds.unwrap_or_default();
        let host_before = since.map(|before| &before.usage.host.used);
        let whole = Share::new(&usage.host.used, host_before, nanoseconds);
        let spaces_before = spaces_of(since);
        let containers_before = containers_of(since);
        let zero = Counters::default();
        let spaces: Vec<Space> = usage
            .spaces
            .iter()
            .map(|space| {
                // What was not there began with nothing.
                let counters =
                    since.map(|_| *spaces_before.get(&*space.owner.space).unwrap_or(&&zero));
                let share = Share {
                    memory_limit: space.memory_limit,
                    disk: space.disk,
                    ..Share::new(&space.used, counters, nanoseconds)
                };
                let pids = space.containers.iter().flat_map(|row| &row.pids);
                let gpu = now.gpu.as_ref().map(|gpu| gpu.of(pids));
                let rows = space.containers.iter().filter(|_| now.containers);
                let containers = rows.map(|row| {
                    let known = since.filter(|before| before.containers);
                    let counters =
                        known.map(|_| *containers_before.get(&*row.id).unwrap_or(&&zero));
                    container(row, counters, nanoseconds, now.gpu.as_ref())
                });
                Space {
                    owner: space.owner.clone(),
                    running: space.running,
                    share: share.with_gpu(gpu),
                    containers: containers.collect(),
                }
            })
            .collect();
        let whole = whole.with_gpu(now.gpu.as_ref().map(|gpu| gpu.whole));
        let outside = spaces
            .iter()
            .fold(whole.clone(), |left, space| left.without(&space.share));
        Report {
            time: units::now(),
            window_seconds: since.map(|_| number(nanoseconds) / 1e9),
            host: Host {
                cpus: usage.host.cpus,
                memory_total: usage.host.memory_total,
                gpus: now.gpu.as_ref().map(|gpu| gpu.gpus),
                gpu_memory_total: now.gpu.as_ref().map(|gpu| gpu.memory_total),
                share: whole,
            },
            disk_measured: usage.disk_measured,
            spaces,
            outside,
        }
    }
}

fn spaces_of(sample: Option<&Sample>) -> HashMap<&str, &Counters> {
    let spaces = sample.into_iter().flat_map(|sample| &sample.usage.spaces);
    spaces
        .map(|space| (&*space.owner.space, &space.used))
        .collect()
}

fn containers_of(sample: Option<&Sample>) -> HashMap<&str, &Counters> {
    let spaces = sample.into_iter().flat_map(|sample| &sample.usage.spaces);
    spaces
        .flat_map(|space| &space.containers)
        .map(|row| (&*row.id, &row.used))
        .collect()
}

fn container(
    row: &ContainerUsage,
    before: Option<&Counters>,
    nanoseconds: u64,
    gpu: Option<&GpuSample>,
) -> Container {
    let share = Share {
        memory_limit: row.memory_limit,
        disk: row.disk,
        ..Share::new(&row.used, before, nanoseconds)
    };
    Container {
        id: row.id.clone(),
        name: row.name.clone(),
        share: share.with_gpu(gpu.map(|gpu| gpu.of(&row.pids))),
    }
}
