use std::fs;
use std::path::{Path, PathBuf};

use dock_space::admin::Counters;
use dock_space::{Space, Uid};

use super::reading::{Part, Reader, Reading, Wanted};

const ALICE: Space = Space::User(Uid(1001));
const BOB: Space = Space::User(Uid(1002));

/// A host made of files, gone when dropped.
struct Fake(PathBuf);

impl Fake {
    /// Mounts as `/proc/self/mountinfo` lists them: kind, place, options.
    fn new(name: &str, mounts: &[(&str, &str, &str)]) -> Fake {
        let folder = format!("dock-usage-{name}-{}", std::process::id());
        let fake = Fake(std::env::temp_dir().join(folder));
        let root = fake.0.display();
        let mut text = "22 1 254:0 / / rw - ext4 /dev/vda rw\n".to_owned();
        for (kind, place, options) in mounts {
            text.push_str(&format!(
                "31 22 0:28 / {root}/{place} rw,relatime shared:9 - {kind} {kind} rw,{options}\n"
            ));
        }
        fake.put("proc/self/mountinfo", &text);
        fake.put("proc/stat", "cpu  1 0 1 9 9 0 0 0 0 0\ncpu0 1 0 1\n");
        fake.put("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable:  400 kB\n");
        fake.put("proc/loadavg", "0.1 0.2 0.3 2/99 1234\n");
        fake.network("self", "net:[1]", 0);
        fake
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A process in a network over which that many bytes came and half as many went.
    fn network(&self, pid: &str, namespace: &str, bytes: u64) {
        let half = bytes / 2;
        let text =
            format!("heads\nlo: 5 0 0 0 0 0 0 0 5 0\neth0: {bytes} 0 0 0 0 0 0 0 {half} 0\n");
        self.put(&format!("proc/{pid}/net/dev"), &text);
        let link = self.0.join(format!("proc/{pid}/ns/net"));
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(namespace, link).unwrap();
    }

    fn one(&self, group: &str, cpu: u64, memory: u64, limit: u64) {
        let file = |controller: &str, name: &str, text: String| {
            self.put(&format!("cg/{controller}/{group}/{name}"), &text);
        };
        file("cpuacct", "cpuacct.usage", format!("{cpu}\n"));
        file("memory", "memory.usage_in_bytes", format!("{memory}\n"));
        let stat = format!(
            "inactive_file 99\nhierarchical_memory_limit {limit}\ntotal_inactive_file 10\n"
        );
        file("memory", "memory.stat", stat);
        file("pids", "pids.current", "3\n".into());
        let bytes = "254:0 Read 100\n254:0 Write 20\n254:0 Sync 1\n254:1 Read 1\nTotal 122\n";
        let name = "blkio.throttle.io_service_bytes_recursive";
        file("blkio", name, bytes.into());
    }

    fn two(&self, group: &str, cpu_micros: u64, memory: u64, limit: &str) {
        let file = |name: &str, text: String| self.put(&format!("cg/{group}/{name}"), &text);
        file(
            "cpu.stat",
            format!("usage_usec {cpu_micros}\nuser_usec 1\n"),
        );
        file("memory.current", format!("{memory}\n"));
        file("memory.stat", "anon 1\ninactive_file 10\n".into());
        file("memory.max", format!("{limit}\n"));
        file("pids.current", "3\n".into());
        let bytes = "254:0 rbytes=100 wbytes=20 rios=7 wios=1\n254:1 rbytes=1 wbytes=0\n";
        file("io.stat", bytes.into());
    }

    fn read(&self, wanted: Wanted) -> Reading {
        Reader::new(&self.0).read("dock", wanted)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const ONE: [(&str, &str, &str); 4] = [
    ("cgroup", "cg/cpuacct", "cpu,cpuacct"),
    ("cgroup", "cg/memory", "memory"),
    ("cgroup", "cg/blkio", "blkio"),
    ("cgroup", "cg/pids", "pids"),
];

const ALL: Wanted = Wanted {
    containers: true,
    pids: true,
};

fn id(digit: &str) -> String {
    digit.repeat(64)
}

fn counters(cpu: u64, memory: u64, net: u64) -> Counters {
    Counters {
        cpu,
        memory,
        pids: 3,
        net_received: net,
        net_sent: net / 2,
        block_read: 101,
        block_written: 20,
    }
}

/// Alice runs two containers on one network and one on another; bob runs nothing.
fn spaces_of_version_one(fake: &Fake, space: &str, container: impl Fn(&str) -> String) {
    fake.one(space, 5_000, 4_010, 8_000);
    for (digit, pids, network) in [("a", "11\n12\n", 1), ("b", "0\n21\n", 1), ("c", "31\n", 2)] {
        let group = format!("{space}/{}", container(&id(digit)));
        fake.one(&group, 1_000, 1_010, u64::MAX >> 1);
        fake.put(&format!("cg/memory/{group}/cgroup.procs"), pids);
        let first = pids.lines().find(|pid| *pid != "0").unwrap();
        fake.network(first, &format!("net:[{}]", network + 1), 1000 * network);
    }
    // Just being made: no process yet.
    fake.put(
        &format!("cg/memory/{space}/{}/cgroup.procs", container(&id("d"))),
        "",
    );
    // Somebody else's make.
    fake.put(&format!("cg/memory/{space}/other/cgroup.procs"), "77\n");
}

fn check_alice(part: &Part) {
    assert_eq!(part.used, counters(5_000, 4_000, 3_000));
    assert_eq!(part.memory_limit, Some(8_000));
    assert_eq!(part.running, 3);
    let mut containers = part.containers.clone();
    containers.sort_by(|one, other| one.id.cmp(&other.id));
    let found: Vec<_> = containers
        .iter()
        .map(|row| (row.id.clone(), row.pids.clone(), row.used))
        .collect();
    assert_eq!(
        found,
        [
            (id("a"), vec![11, 12], counters(1_000, 1_000, 1_000)),
            (id("b"), vec![21], counters(1_000, 1_000, 1_000)),
            (id("c"), vec![31], counters(1_000, 1_000, 2_000)),
        ]
    );
}

#[test]
fn version_one_is_read_by_controller() {
    let fake = Fake::new("one", &ONE);
    spaces_of_version_one(&fake, "dock/u1001", str::to_owned);
    fake.one("dock/u1002", 7, 10, u64::MAX >> 1);
    fake.put("cg/memory/dock/not-a-space/cgroup.procs", "");
    fake.put("cg/cpuacct/cpuacct.usage", "123456\n");
    let reading = fake.read(ALL);
    assert_eq!(reading.spaces.keys().collect::<Vec<_>>(), [&ALICE, &BOB]);
    check_alice(&reading.spaces[&ALICE]);
    let bob = &reading.spaces[&BOB];
    assert_eq!(bob.used, counters(7, 0, 0));
    assert_eq!((bob.memory_limit, bob.running), (None, 0));
    assert_eq!(reading.host.used.cpu, 123_456);
    assert_eq!(reading.host.used.memory, 600 * 1024);
    assert_eq!((reading.host.cpus, reading.host.used.pids), (1, 99));
}

#[test]
fn the_systemd_driver_nests_slices() {
    let fake = Fake::new("slices", &ONE);
    let container = |id: &str| format!("docker-{id}.scope");
    spaces_of_version_one(&fake, "dock.slice/dock-u1001.slice", container);
    fake.put("cg/memory/dock.slice/dockets-u1002.slice/cgroup.procs", "");
    let reading = fake.read(ALL);
    assert_eq!(reading.spaces.keys().collect::<Vec<_>>(), [&ALICE]);
    check_alice(&reading.spaces[&ALICE]);
}

#[test]
fn version_two_is_read_in_one_tree() {
    let fake = Fake::new("two", &[("cgroup2", "cg", "nsdelegate")]);
    fake.put(
        "cg/cgroup.controllers",
        "cpuset cpu io memory hugetlb pids\n",
    );
    fake.put("cg/cpu.stat", "usage_usec 9\n");
    fake.two("dock/u1001", 5, 4_010, "8000");
    fake.put("cg/dock/memory.max", "max\n");
    let group = format!("dock/u1001/{}", id("a"));
    fake.two(&group, 1, 1_010, "max");
    // Its processes are in a cgroup that it made itself.
    fake.put(&format!("cg/{group}/cgroup.procs"), "");
    fake.put(&format!("cg/{group}/init/cgroup.procs"), "11\n12\n");
    fake.network("11", "net:[2]", 1000);
    let reading = fake.read(ALL);
    let alice = &reading.spaces[&ALICE];
    assert_eq!(alice.used, counters(5_000, 4_000, 1_000));
    assert_eq!((alice.memory_limit, alice.running), (Some(8_000), 1));
    let [container] = alice.containers.as_slice() else {
        panic!("{alice:?}");
    };
    assert_eq!(container.pids, [11, 12]);
    assert_eq!(container.used, counters(1_000, 1_000, 1_000));
    // What is above it holds for it, too.
    assert_eq!(container.memory_limit, Some(8_000));
    assert_eq!(reading.host.used.cpu, 9_000);
}

#[test]
fn beside_each_other_version_one_counts_what_it_has() {
    for order in [[0, 1, 2, 3, 4], [4, 0, 1, 2, 3]] {
        let mounts = [&ONE[..], &[("cgroup2", "cg/unified", "nsdelegate")]].concat();
        let mounts: Vec<_> = order.iter().map(|at| mounts[*at]).collect();
        let fake = Fake::new(&format!("hybrid{}", order[0]), &mounts);
        fake.put("cg/unified/cgroup.controllers", "hugetlb\n");
        fake.put("cg/unified/cpu.stat", "usage_usec 1\n");
        spaces_of_version_one(&fake, "dock/u1001", str::to_owned);
        check_alice(&fake.read(ALL).spaces[&ALICE]);
    }
}

#[test]
fn what_is_not_asked_for_is_not_told() {
    let fake = Fake::new("sums", &ONE);
    spaces_of_version_one(&fake, "dock/u1001", str::to_owned);
    let reading = fake.read(Wanted::default());
    let alice = &reading.spaces[&ALICE];
    assert_eq!(alice.used, counters(5_000, 4_000, 3_000));
    assert_eq!((alice.running, alice.containers.len()), (3, 0));
}

#[test]
fn many_containers_are_all_looked_at() {
    let fake = Fake::new("many", &ONE);
    const MANY: u32 = 300;
    for number in 0..MANY {
        let group = format!("dock/u100{}/{number:064x}", 1 + number % 2);
        let pid = (1000 + number).to_string();
        fake.put(&format!("cg/memory/{group}/cgroup.procs"), &pid);
        fake.network(&pid, &format!("net:[{pid}]"), u64::from(number));
    }
    let mut reader = Reader::new(&fake.0);
    for _ in 0..2 {
        let reading = reader.read("dock", ALL);
        for (space, first) in [(ALICE, 0), (BOB, 1)] {
            let part = &reading.spaces[&space];
            assert_eq!(part.running, 150);
            let numbers = (first..MANY).step_by(2);
            let sum: u64 = numbers.map(u64::from).sum();
            assert_eq!(part.used.net_received, sum);
            // Each row is its own container's.
            for row in &part.containers {
                let number = u32::from_str_radix(&row.id, 16).unwrap();
                assert_eq!(row.pids, [1000 + number]);
                assert_eq!(row.used.net_received, u64::from(number));
            }
        }
    }
}

/// The kernel gives a pid that is free to whoever comes next.
#[test]
fn a_pid_that_is_somebody_elses_now_is_not_the_containers() {
    let fake = Fake::new("reused", &ONE);
    let group = format!("dock/u1001/{}", id("a"));
    let procs = format!("cg/memory/{group}/cgroup.procs");
    fake.put(&procs, "11\n12\n");
    fake.network("11", "net:[2]", 1000);
    fake.network("12", "net:[2]", 1000);
    let mut reader = Reader::new(&fake.0);
    let mut received = || {
        let alice = reader.read("dock", Wanted::default()).spaces.remove(&ALICE);
        alice.map(|alice| (alice.running, alice.used.net_received))
    };
    assert_eq!(received(), Some((1, 1000)));
    let move_to = |pid: &str, namespace: &str| {
        fs::remove_dir_all(fake.0.join(format!("proc/{pid}"))).unwrap();
        fake.network(pid, namespace, 7);
    };
    move_to("11", "net:[3]");
    fake.put(&procs, "12\n");
    assert_eq!(received(), Some((1, 1000)));
    // The host's own.
    move_to("12", "net:[1]");
    fake.put(&procs, "");
    assert_eq!(received(), Some((0, 0)));
}

#[test]
fn what_has_vanished_counts_nothing() {
    let fake = Fake::new("gone", &ONE);
    let group = format!("dock/u1001/{}", id("a"));
    // Of everything that is read of a container only these were still there.
    fake.put(&format!("cg/memory/{group}/cgroup.procs"), "11\n");
    let link = fake.0.join("proc/11/ns/net");
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("net:[2]", &link).unwrap();
    let reading = fake.read(ALL);
    let alice = &reading.spaces[&ALICE];
    assert_eq!(alice.used, Counters::default());
    assert_eq!(alice.containers[0].used, Counters::default());
    // No /proc, no mounts: an empty answer.
    let nothing = Reader::new(Path::new("/nowhere")).read("dock", ALL);
    assert!(nothing.spaces.is_empty());
    // A container on the host's own network has none of its own.
    fs::remove_file(&link).unwrap();
    fake.network("11", "net:[1]", 1000);
    assert_eq!(fake.read(ALL).spaces[&ALICE].used.net_received, 0);
}
