//! One reading of everything, at one moment.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use dock_space::Space;
use dock_space::admin::{ContainerUsage, Counters, HostUsage};
use nix::time::ClockId;

use super::cgroup::{Group, Trees};
use super::host::Host;
use super::network::Networks;
use super::text::read;

/// What is wanted beside the spaces' sums.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted {
    pub(super) containers: bool,
    pub(super) pids: bool,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) at: u64,
    pub(super) host: HostUsage,
    pub(super) spaces: BTreeMap<Space, Part>,
}

/// A space's part of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) used: Counters,
    pub(super) memory_limit: Option<u64>,
    pub(super) running: usize,
    pub(super) containers: Vec<ContainerUsage>,
}

/// Reads below a root: the host's, or a test's.
pub(super) struct Reader {
    proc: PathBuf,
    sys: PathBuf,
    trees: Trees,
}

impl Reader {
    pub(super) fn new(root: &Path) -> Reader {
        let proc = root.join("proc");
        let mounts = read(&proc.join("self/mountinfo")).unwrap_or_default();
        Reader {
            trees: Trees::find(&mounts),
            sys: root.join("sys"),
            proc,
        }
    }

    /// Everything, blocking; `parent` is the configured one of the spaces' cgroups.
    pub(super) fn read(&self, parent: &str, wanted: Wanted) -> Reading {
        let networks = Networks::new(&self.proc);
        let spaces = self.trees.spaces(parent);
        let host = Host {
            proc: self.proc.clone(),
            sys: self.sys.clone(),
        };
        Reading {
            at: now(),
            host: host.usage(&self.trees),
            spaces: spaces
                .into_iter()
                .map(|(space, groups)| (space, self.part(&networks, &groups, wanted)))
                .collect(),
        }
    }

    fn part(&self, networks: &Networks, groups: &[Group], wanted: Wanted) -> Part {
        let mut part = Part::default();
        // Containers can share a network, which counts once.
        let mut traffic = HashMap::new();
        for group in groups {
            let (used, limit) = self.trees.used(group);
            add(&mut part.used, &used);
            part.memory_limit = part.memory_limit.into_iter().chain(limit).min();
            for (id, container) in self.trees.containers(group) {
                // A cgroup without a process is one that is just made or removed.
                let Some(first) = self.trees.first_process(&container) else {
                    continue;
                };
                part.running += 1;
                let network = networks.of(first);
                if wanted.containers || wanted.pids {
                    let (received, sent) =
                        network.as_ref().map(|(_, sums)| *sums).unwrap_or_default();
                    let mut row = self.container(id, &container, wanted);
                    (row.used.net_received, row.used.net_sent) = (received, sent);
                    part.containers.push(row);
                }
                traffic.extend(network);
            }
        }
        for (received, sent) in traffic.into_values() {
            part.used.net_received += received;
            part.used.net_sent += sent;
        }
        part
    }

    fn container(&self, id: String, group: &Group, wanted: Wanted) -> ContainerUsage {
        let (used, memory_limit) = match wanted.containers {
            true => self.trees.used(group),
            false => Default::default(),
        };
        let pids = match wanted.pids {
            true => self.trees.processes(group),
            false => Vec::new(),
        };
        ContainerUsage {
            id,
            name: String::new(),
            used,
            memory_limit,
            disk: None,
            pids,
        }
    }
}

/// Adds up what two cgroups of one space use.
fn add(sum: &mut Counters, more: &Counters) {
    let Counters {
        cpu,
        memory,
        pids,
        net_received,
        net_sent,
        block_read,
        block_written,
    } = more;
    sum.cpu += cpu;
    sum.memory += memory;
    sum.pids += pids;
    sum.net_received += net_received;
    sum.net_sent += net_sent;
    sum.block_read += block_read;
    sum.block_written += block_written;
}

/// Nanoseconds by a clock that only goes forward.
fn now() -> u64 {
    let Ok(now) = ClockId::CLOCK_MONOTONIC.now() else {
        return 0;
    };
    let seconds = u64::try_from(now.tv_sec()).unwrap_or_default();
    seconds * 1_000_000_000 + u64::try_from(now.tv_nsec()).unwrap_or_default()
}
