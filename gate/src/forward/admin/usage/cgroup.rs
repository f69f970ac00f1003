//! Where the kernel counts what the spaces use: control groups of version 1, of
//! version 2, or of both beside each other.
//!
//! A cgroup can vanish between two reads; what is not there counts nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dock_space::Space;
use dock_space::admin::Counters;
use dock_space::name::is_full_id;

use super::text::{folders, keyed, keyed_words, number, read};

/// How deep below a container's cgroup processes are looked for: some
/// containers make cgroups of their own.
const DEPTH: usize = 4;

/// The most processes of one container that are listed.
const MAX_PIDS: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// A mounted hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tree {
    version: Version,
    root: PathBuf,
}

/// Which hierarchy counts what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trees {
    cpu: Option<Tree>,
    memory: Option<Tree>,
    block: Option<Tree>,
    pids: Option<Tree>,
}

/// A cgroup, by its path below the root of every hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group(PathBuf);

impl Trees {
    /// The hierarchies among the mounts that `/proc/self/mountinfo` lists.
    pub(super) fn find(mountinfo: &str) -> Trees {
        let mut trees = Trees::default();
        for mount in mountinfo.lines() {
            let Some((before, after)) = mount.split_once(" - ") else {
                continue;
            };
            let Some(place) = before.split(' ').nth(4) else {
                continue;
            };
            let mut after = after.split(' ');
            let (kind, options) = (after.next(), after.nth(1).unwrap_or_default());
            let root = PathBuf::from(place);
            match kind {
                Some("cgroup") => trees.add_one(&root, options),
                Some("cgroup2") => trees.add_two(&root),
                _ => {}
            }
        }
        trees
    }

    /// A hierarchy of version 1: what it counts stands in the mount's options.
    fn add_one(&mut self, root: &Path, options: &str) {
        for controller in options.split(',') {
            let place = match controller {
                "cpuacct" => &mut self.cpu,
                "memory" => &mut self.memory,
                "blkio" => &mut self.block,
                "pids" => &mut self.pids,
                _ => continue,
            };
            // A controller of version 1 is not one of version 2.
            if place
                .as_ref()
                .is_none_or(|tree| tree.version == Version::Two)
            {
                *place = Some(Tree {
                    version: Version::One,
                    root: root.to_owned(),
                });
            }
        }
    }

    /// The one hierarchy of version 2, which may have no controllers.
    fn add_two(&mut self, root: &Path) {
        let controllers = read(&root.join("cgroup.controllers")).unwrap_or_default();
        // CPU time is counted without a controller.
        let cpu = (!controllers.trim().is_empty()).then_some("cpu");
        for controller in controllers.split_whitespace().chain(cpu) {
            let place = match controller {
                "cpu" => &mut self.cpu,
                "memory" => &mut self.memory,
                "io" => &mut self.block,
                "pids" => &mut self.pids,
                _ => continue,
            };
            place.get_or_insert_with(|| Tree {
                version: Version::Two,
                root: root.to_owned(),
            });
        }
    }

    /// A hierarchy in which every container has its cgroup.
    fn any(&self) -> Option<&Path> {
        let trees = [&self.memory, &self.pids, &self.cpu, &self.block];
        let tree = trees.into_iter().find_map(Option::as_ref)?;
        Some(&tree.root)
    }

    /// The cgroups of the spaces below `parent`, as either of the engine's
    /// drivers lays them out: a driver that was changed leaves both.
    pub(super) fn spaces(&self, parent: &str) -> BTreeMap<Space, Vec<Group>> {
        let mut found: BTreeMap<Space, Vec<Group>> = BTreeMap::new();
        let Some(root) = self.any() else {
            return found;
        };
        let plain = PathBuf::from(parent);
        for name in folders(&root.join(&plain)) {
            if let Ok(space) = name.parse() {
                found
                    .entry(space)
                    .or_default()
                    .push(Group(plain.join(name)));
            }
        }
        let slice = PathBuf::from(format!("{parent}.slice"));
        for name in folders(&root.join(&slice)) {
            let inner = name
                .strip_prefix(parent)
                .and_then(|rest| rest.strip_prefix('-'))
                .and_then(|rest| rest.strip_suffix(".slice"));
            if let Some(Ok(space)) = inner.map(str::parse) {
                found
                    .entry(space)
                    .or_default()
                    .push(Group(slice.join(name)));
            }
        }
        found
    }

    /// The containers in the cgroup of a space, with their ids.
    pub(super) fn containers(&self, space: &Group) -> Vec<(String, Group)> {
        let Some(root) = self.any() else {
            return Vec::new();
        };
        let names = folders(&root.join(&space.0)).into_iter();
        names
            .filter_map(|name| {
                let inner = name
                    .strip_prefix("docker-")
                    .and_then(|rest| rest.strip_suffix(".scope"))
                    .unwrap_or(&name);
                is_full_id(inner).then(|| (inner.to_owned(), Group(space.0.join(&name))))
            })
            .collect()
    }

    /// One process of a container; none where it has ended.
    pub(super) fn first_process(&self, container: &Group) -> Option<u32> {
        let mut pids = Vec::new();
        self.gather(&self.any()?.join(&container.0), DEPTH, 1, &mut pids);
        pids.first().copied()
    }

    /// All processes of a container.
    pub(super) fn processes(&self, container: &Group) -> Vec<u32> {
        let mut pids = Vec::new();
        if let Some(root) = self.any() {
            self.gather(&root.join(&container.0), DEPTH, MAX_PIDS, &mut pids);
        }
        pids
    }

    fn gather(&self, folder: &Path, depth: usize, wanted: usize, pids: &mut Vec<u32>) {
        let listed = read(&folder.join("cgroup.procs")).unwrap_or_default();
        let room = wanted.saturating_sub(pids.len());
        // 0 is a process that this one's pid namespace does not show.
        let found = listed.lines().filter_map(|line| line.parse::<u32>().ok());
        pids.extend(found.filter(|pid| *pid != 0).take(room));
        if depth == 0 || pids.len() >= wanted {
            return;
        }
        for name in folders(folder) {
            self.gather(&folder.join(name), depth - 1, wanted, pids);
        }
    }

    /// What a cgroup and all below it use, networks apart, and the memory that
    /// it may use at most.
    pub(super) fn used(&self, group: &Group) -> (Counters, Option<u64>) {
        let at = |tree: &Tree| tree.root.join(&group.0);
        let cpu = self.cpu.as_ref().map(|tree| cpu(tree.version, &at(tree)));
        let memory = self.memory.as_ref().map(|tree| memory(tree, &group.0));
        let block = self
            .block
            .as_ref()
            .map(|tree| block(tree.version, &at(tree)));
        let pids = self.pids.as_ref().and_then(|tree| {
            let text = read(&at(tree).join("pids.current"))?;
            number(&text)
        });
        let (memory, memory_limit) = memory.unwrap_or_default();
        let (block_read, block_written) = block.unwrap_or_default();
        let counters = Counters {
            cpu: cpu.unwrap_or_default(),
            memory,
            pids: pids.unwrap_or_default(),
            block_read,
            block_written,
            ..Counters::default()
        };
        (counters, memory_limit)
    }

    /// CPU time of the whole host, finer than `/proc/stat` has it.
    pub(super) fn host_cpu(&self) -> Option<u64> {
        let tree = self.cpu.as_ref()?;
        Some(cpu(tree.version, &tree.root)).filter(|time| *time > 0)
    }
}

/// Nanoseconds.
fn cpu(version: Version, folder: &Path) -> u64 {
    let time = match version {
        Version::One => read(&folder.join("cpuacct.usage")).and_then(|text| number(&text)),
        Version::Two => read(&folder.join("cpu.stat"))
            .and_then(|text| keyed(&text, "usage_usec"))
            .map(|micros| micros.saturating_mul(1000)),
    };
    time.unwrap_or_default()
}

/// Bytes in use, as docker counts: without the page cache that nothing has used
/// lately. And the limit, ancestors' limits included.
fn memory(tree: &Tree, group: &Path) -> (u64, Option<u64>) {
    let folder = tree.root.join(group);
    let (usage, cache) = match tree.version {
        Version::One => ("memory.usage_in_bytes", "total_inactive_file"),
        Version::Two => ("memory.current", "inactive_file"),
    };
    let usage = read(&folder.join(usage)).and_then(|text| number(&text));
    let usage = usage.unwrap_or_default();
    let stat = read(&folder.join("memory.stat")).unwrap_or_default();
    let cache = keyed(&stat, cache).unwrap_or_default();
    let limit = match tree.version {
        // Without a limit it is the largest number of pages, in bytes.
        Version::One => keyed(&stat, "hierarchical_memory_limit").filter(|limit| *limit < 1 << 62),
        // "max" is no number.
        Version::Two => group
            .ancestors()
            .filter(|path| !path.as_os_str().is_empty())
            .filter_map(|path| number(&read(&tree.root.join(path).join("memory.max"))?))
            .min(),
    };
    // As docker has it: a difference that makes no sense is not taken.
    (usage.checked_sub(cache).unwrap_or(usage), limit)
}

/// Bytes read and written, of all devices.
fn block(version: Version, folder: &Path) -> (u64, u64) {
    let (mut bytes_read, mut bytes_written) = (0u64, 0u64);
    match version {
        // 254:0 Read 4096
        Version::One => {
            let file = folder.join("blkio.throttle.io_service_bytes_recursive");
            for line in read(&file).unwrap_or_default().lines() {
                let mut words = line.split_whitespace().skip(1);
                let (kind, bytes) = (words.next(), words.next());
                let bytes = bytes.and_then(number).unwrap_or_default();
                match kind {
                    Some("Read") => bytes_read += bytes,
                    Some("Write") => bytes_written += bytes,
                    _ => {}
                }
            }
        }
        // 254:0 rbytes=4096 wbytes=0 rios=1 ...
        Version::Two => {
            for line in read(&folder.join("io.stat")).unwrap_or_default().lines() {
                bytes_read += keyed_words(line, "rbytes").unwrap_or_default();
                bytes_written += keyed_words(line, "wbytes").unwrap_or_default();
            }
        }
    }
    (bytes_read, bytes_written)
}
