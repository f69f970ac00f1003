//! One reading of everything, at one moment.

use std::collections::{BTreeMap, HashMap};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use dock_space::Space;
use dock_space::admin::{ContainerUsage, Counters, HostUsage};
use nix::time::ClockId;

use super::cgroup::{Group, Trees};
use super::host::Host;
use super::network::{Namespace, Networks, Traffic};
use super::text::read;

/// The most threads that look at containers, and how many make one worth its start.
const MOST_THREADS: usize = 4;
const ENOUGH_FOR_A_THREAD: usize = 32;

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

/// Reads below a root: the host's, or a test's. It is kept between two readings,
/// so that the second looks for nothing that the first has found.
pub(super) struct Reader {
    proc: PathBuf,
    sys: PathBuf,
    trees: Trees,
    /// One process of each container, by the container's id.
    processes: HashMap<String, Process>,
}

/// Where a container is.
struct Place {
    space: Space,
    id: String,
    group: Group,
}

/// What was found there.
struct Found {
    process: Process,
    traffic: Traffic,
    row: Option<ContainerUsage>,
}

/// A process with the network namespace that it was found in.
#[derive(Clone, Debug)]
struct Process {
    pid: u32,
    namespace: Namespace,
}

impl Reader {
    pub(super) fn new(root: &Path) -> Reader {
        let proc = root.join("proc");
        let mounts = read(&proc.join("self/mountinfo")).unwrap_or_default();
        Reader {
            trees: Trees::find(&mounts),
            sys: root.join("sys"),
            proc,
            processes: HashMap::new(),
        }
    }

    /// Everything, blocking; `parent` is the configured one of the spaces' cgroups.
    pub(super) fn read(&mut self, parent: &str, wanted: Wanted) -> Reading {
        let networks = Networks::new(&self.proc);
        let host = Host {
            proc: self.proc.clone(),
            sys: self.sys.clone(),
        };
        let mut reading = Reading {
            at: now(),
            host: host.usage(&self.trees),
            spaces: BTreeMap::new(),
        };
        let mut containers = Vec::new();
        for (space, groups) in self.trees.spaces(parent) {
            let part = reading.spaces.entry(space).or_default();
            for group in &groups {
                let (used, limit) = self.trees.used(group);
                add(&mut part.used, &used);
                part.memory_limit = part.memory_limit.into_iter().chain(limit).min();
                let inside = self.trees.containers(group).into_iter();
                containers.extend(inside.map(|(id, group)| Place { space, id, group }));
            }
        }
        let found = self.look_at_all(&networks, &containers, wanted);
        self.processes.clear();
        // Containers can share a network, which counts once.
        let mut traffics = HashMap::new();
        for (place, found) in containers.into_iter().zip(found) {
            // A cgroup without a process is one that is just made or removed.
            let Some(found) = found else { continue };
            let part = reading.spaces.entry(place.space).or_default();
            part.running += 1;
            part.containers.extend(found.row);
            let namespace = found.process.namespace.clone();
            traffics.insert((place.space, namespace), found.traffic);
            self.processes.insert(place.id, found.process);
        }
        for ((space, _), (received, sent)) in traffics {
            let part = reading.spaces.entry(space).or_default();
            part.used.net_received += received;
            part.used.net_sent += sent;
        }
        reading
    }

    /// Looks at each container, in their order; at many by several threads.
    fn look_at_all(
        &self,
        networks: &Networks,
        containers: &[Place],
        wanted: Wanted,
    ) -> Vec<Option<Found>> {
        let look = |place: &Place| self.look(networks, place, wanted);
        let cpus = thread::available_parallelism().map_or(1, usize::from);
        let threads = cpus
            .min(MOST_THREADS)
            .min(containers.len() / ENOUGH_FOR_A_THREAD);
        if threads < 2 {
            return containers.iter().map(look).collect();
        }
        let each = containers.len().div_ceil(threads);
        thread::scope(|scope| {
            let work = |part: &'_ [Place]| part.iter().map(look).collect::<Vec<_>>();
            let parts: Vec<_> = containers
                .chunks(each)
                .map(|part| {
                    let thread = thread::Builder::new().spawn_scoped(scope, move || work(part));
                    // Limits of the session may allow no thread.
                    thread.map_err(|_| work(part))
                })
                .collect();
            let parts = parts.into_iter().map(|part| match part {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                Err(done) => done,
            });
            parts.flatten().collect()
        })
    }

    /// Looks at one container; none where it has ended.
    fn look(&self, networks: &Networks, place: &Place, wanted: Wanted) -> Option<Found> {
        let process = self.process(networks, &place.group, self.processes.get(&place.id))?;
        let traffic = networks.traffic(process.pid, &process.namespace);
        let is_wanted = wanted.containers || wanted.pids;
        let row = is_wanted.then(|| {
            let mut row = self.container(place.id.clone(), &place.group, wanted);
            (row.used.net_received, row.used.net_sent) = traffic;
            row
        });
        Some(Found {
            process,
            traffic,
            row,
        })
    }

    /// The process that is known already, while it is in the network that it was
    /// found in: a pid can be somebody else's by now. Else any of the container's.
    fn process(
        &self,
        networks: &Networks,
        container: &Group,
        known: Option<&Process>,
    ) -> Option<Process> {
        if let Some(known) = known
            && networks.namespace(known.pid).as_ref() == Some(&known.namespace)
        {
            return Some(known.clone());
        }
        let pid = self.trees.first_process(container)?;
        let namespace = networks.namespace(pid)?;
        Some(Process { pid, namespace })
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
