//! Two readings made into what people ask for: percent and bytes a second.

use std::collections::HashMap;

use dock_space::admin::{ContainerUsage, Counters, Owner, Usage};
use serde::Serialize;

use super::gpu::{GpuSample, GpuShare};
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

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::admin::{HostUsage, SpaceUsage};

    /// Counters that all grow with `time`, so many a second.
    fn counters(a_second: u64, time: u64) -> Counters {
        Counters {
            cpu: a_second * time * 10_000_000,
            memory: a_second,
            pids: a_second,
            net_received: a_second * time,
            net_sent: a_second * time * 2,
            block_read: a_second * time * 3,
            block_written: a_second * time * 4,
        }
    }

    fn space(name: &str, used: Counters, containers: Vec<ContainerUsage>) -> SpaceUsage {
        SpaceUsage {
            owner: Owner {
                space: name.into(),
                login: name.into(),
            },
            used,
            memory_limit: None,
            running: containers.len(),
            disk: Some(1),
            containers,
        }
    }

    fn container(id: &str, used: Counters, pids: &[u32]) -> ContainerUsage {
        ContainerUsage {
            id: id.into(),
            name: String::new(),
            used,
            memory_limit: Some(7),
            disk: None,
            pids: pids.to_vec(),
        }
    }

    fn sample(at_seconds: u64, spaces: Vec<SpaceUsage>) -> Sample {
        Sample {
            usage: Usage {
                at: at_seconds * 1_000_000_000,
                host: HostUsage {
                    cpus: 2,
                    memory_total: 1000,
                    used: counters(100, at_seconds),
                },
                spaces,
                disk_measured: None,
            },
            gpu: None,
            containers: true,
        }
    }

    #[test]
    fn rates_are_differences_over_the_window() {
        let at = |time| sample(time, vec![space("u1", counters(30, time), Vec::new())]);
        let report = Report::new(Some(&at(10)), &at(14));
        assert_eq!(report.window_seconds, Some(4.0));
        let share = &report.spaces[0].share;
        assert_eq!(share.cpu_percent, Some(30.0));
        assert_eq!((share.net(), share.block()), (Some(90), Some(210)));
        assert_eq!((share.memory, share.pids), (30, 30));
        // The host without the space.
        let outside = &report.outside;
        assert_eq!(outside.cpu_percent, Some(70.0));
        assert_eq!((outside.memory, outside.pids), (70, 70));
        assert_eq!((outside.net(), outside.block()), (Some(210), Some(490)));
        assert_eq!(report.host.share.cpu_percent, Some(100.0));
    }

    #[test]
    fn without_a_first_reading_there_are_no_rates() {
        let now = sample(10, vec![space("u1", counters(30, 10), Vec::new())]);
        let first = Report::new(None, &now);
        assert_eq!(first.window_seconds, None);
        assert_eq!(first.spaces[0].share.cpu_percent, None);
        assert_eq!(first.spaces[0].share.memory, 30);
        assert_eq!(first.outside.memory, 70);
        // Nor in no time.
        let again = Report::new(Some(&now), &now);
        assert_eq!(again.spaces[0].share.cpu_percent, None);
    }

    #[test]
    fn what_ends_or_begins_between_two_readings_does_no_harm() {
        let row = |id: &str, time| container(id, counters(10, time), &[]);
        let before = sample(
            10,
            vec![
                space("u1", counters(50, 10), vec![row("a", 10), row("b", 10)]),
                space("u2", counters(50, 10), Vec::new()),
            ],
        );
        // One container less, so its network's bytes are not counted any more; one space
        // less; and a container and a space that have just begun.
        let now = sample(
            11,
            vec![
                space("u1", counters(10, 11), vec![row("a", 11), row("c", 1)]),
                space("u3", counters(20, 1), Vec::new()),
            ],
        );
        let report = Report::new(Some(&before), &now);
        assert_eq!(report.spaces[0].share.cpu_percent, Some(0.0));
        assert_eq!(report.spaces[1].share.cpu_percent, Some(20.0));
        let containers = &report.spaces[0].containers;
        assert_eq!(containers[0].share.cpu_percent, Some(10.0));
        assert_eq!(containers[1].share.cpu_percent, Some(10.0));
        assert_eq!(report.outside.cpu_percent, Some(80.0));
    }

    #[test]
    fn containers_that_were_not_read_before_have_no_rates_yet() {
        let row = |time| vec![container("a", counters(10, time), &[])];
        let mut before = sample(10, vec![space("u1", counters(10, 10), Vec::new())]);
        before.containers = false;
        let now = sample(11, vec![space("u1", counters(10, 11), row(11))]);
        let report = Report::new(Some(&before), &now);
        let container = &report.spaces[0].containers[0];
        assert_eq!(container.share.cpu_percent, None);
        assert_eq!(
            (container.share.memory, container.share.memory_limit),
            (10, Some(7))
        );
        assert_eq!(report.spaces[0].share.cpu_percent, Some(10.0));
    }

    #[test]
    fn gpus_are_shared_out_by_process() {
        let share = |percent, memory| GpuShare { percent, memory };
        let rows = vec![container("a", counters(1, 1), &[11, 12])];
        let mut now = sample(1, vec![space("u1", counters(1, 1), rows)]);
        now.gpu = Some(GpuSample {
            gpus: 2,
            memory_total: 2000,
            whole: share(150.0, 900),
            processes: HashMap::from([
                (11, share(60.0, 100)),
                (12, share(0.0, 200)),
                (99, share(90.0, 600)),
            ]),
        });
        let report = Report::new(None, &now);
        let of = |share: &Share| (share.gpu_percent, share.gpu_memory);
        assert_eq!(of(&report.spaces[0].share), (Some(60.0), Some(300)));
        assert_eq!(
            of(&report.spaces[0].containers[0].share),
            (Some(60.0), Some(300))
        );
        assert_eq!(of(&report.outside), (Some(90.0), Some(600)));
        assert_eq!(
            (report.host.gpus, report.host.gpu_memory_total),
            (Some(2), Some(2000))
        );
        // Where pids were read and containers were not asked for, none are shown.
        now.containers = false;
        let report = Report::new(None, &now);
        assert_eq!(of(&report.spaces[0].share), (Some(60.0), Some(300)));
        assert!(report.spaces[0].containers.is_empty());
    }
}
