//! What the whole host uses.

use std::path::{Path, PathBuf};

use dock_space::admin::{Counters, HostUsage};

use super::cgroup::Trees;
use super::network::traffic;
use super::text::{keyed, read};

/// `/proc/stat` counts in hundredths of a second, on every architecture that Linux has today.
const NANOS_PER_TICK: u64 = 10_000_000;

/// `/proc/diskstats` counts in these, whatever the device's own are.
const SECTOR: u64 = 512;

/// Where the kernel tells of the host.
pub(super) struct Host {
    pub(super) proc: PathBuf,
    pub(super) sys: PathBuf,
}

impl Host {
    pub(super) fn usage(&self, trees: &Trees) -> HostUsage {
        let proc = |name: &str| read(&self.proc.join(name)).unwrap_or_default();
        let stat = proc("stat");
        let memory = proc("meminfo");
        let bytes = |key: &str| keyed(&memory, key).unwrap_or_default() * 1024;
        let memory_total = bytes("MemTotal");
        // Interfaces and disks that are made of others would count twice.
        let interfaces = self.sys.join("class/net");
        let (net_received, net_sent) = traffic(&proc("self/net/dev"), |interface| {
            is_device(&interfaces.join(interface))
        });
        let disks = self.sys.join("block");
        let (block_read, block_written) = block(&proc("diskstats"), |disk| {
            is_device(&disks.join(disk.replace('/', "!")))
        });
        HostUsage {
            cpus: cpus(&stat),
            memory_total,
            used: Counters {
                cpu: trees.host_cpu().unwrap_or_else(|| busy(&stat)),
                memory: memory_total.saturating_sub(bytes("MemAvailable")),
                pids: tasks(&proc("loadavg")),
                net_received,
                net_sent,
                block_read,
                block_written,
            },
        }
    }
}

/// Whether hardware, or what a virtual machine takes for it, stands behind it.
fn is_device(folder: &Path) -> bool {
    folder.join("device").exists()
}

fn cpus(stat: &str) -> u32 {
    let lines = stat.lines().filter(|line| {
        let rest = line.strip_prefix("cpu");
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    u32::try_from(lines.count()).unwrap_or(u32::MAX)
}

/// Nanoseconds in which a CPU did something: all but idle and iowait.
fn busy(stat: &str) -> u64 {
    let numbers = stat.lines().next().unwrap_or_default();
    let numbers = numbers.split_whitespace().skip(1).take(8);
    let busy = numbers.enumerate().filter(|(at, _)| !matches!(at, 3 | 4));
    let ticks: u64 = busy
        .map(|(_, ticks)| ticks.parse::<u64>().unwrap_or_default())
        .sum();
    ticks * NANOS_PER_TICK
}

/// Processes and threads: `0.20 0.18 0.12 1/80 11206`.
fn tasks(loadavg: &str) -> u64 {
    let all = loadavg
        .split_whitespace()
        .nth(3)
        .and_then(|word| word.split_once('/'));
    all.and_then(|(_, all)| all.parse().ok())
        .unwrap_or_default()
}

/// Bytes read and written, of those disks that count.
fn block(diskstats: &str, counts: impl Fn(&str) -> bool) -> (u64, u64) {
    let (mut bytes_read, mut bytes_written) = (0, 0);
    for line in diskstats.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, _, name, _, _, read, _, _, _, written, ..] = words.as_slice() else {
            continue;
        };
        if counts(name) {
            bytes_read += read.parse::<u64>().unwrap_or_default() * SECTOR;
            bytes_written += written.parse::<u64>().unwrap_or_default() * SECTOR;
        }
    }
    (bytes_read, bytes_written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_counts_once() {
        let text = " 254 0 vda 10 0 8 3 20 0 16 8 0 2 4\n 254 1 vda1 10 0 8 3 20 0 16 8 0 2 4\n";
        assert_eq!(block(text, |disk| disk == "vda"), (8 * 512, 16 * 512));
        assert_eq!(block("nonsense\n", |_| true), (0, 0));
    }

    #[test]
    fn what_waits_is_not_busy() {
        let stat = "cpu  1 2 3 1000 500 4 5 6 9 9\ncpu0 1 2 3\ncpu1 0 0 0\nctxt 1\n";
        assert_eq!(busy(stat), 21 * NANOS_PER_TICK);
        assert_eq!(cpus(stat), 2);
        assert_eq!(tasks("0.20 0.18 0.12 1/80 11206\n"), 80);
        assert_eq!((busy(""), cpus(""), tasks("")), (0, 0, 0));
    }
}
