//! What flows: output, logs and events, and the gate's memory meanwhile.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bed::{Bed, Side};
use crate::foreign::Foreign;
use crate::stats::compare;

/// Output through exec, and a container's log, in both spaces.
pub(crate) fn throughput(bed: &Bed, pairs: usize, megabytes: usize) {
    let both = [Side::Docker, Side::Dock];
    let bytes = (megabytes * 1_000_000).to_string();
    let output = ["exec", "bench-target", "head", "-c", &bytes, "/dev/zero"];
    let what = format!("exec, {megabytes} MB of output");
    compare(bed, pairs, &what, both, &output);
    let write = format!(
        "yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c {}",
        megabytes * 100_000
    );
    for side in both {
        bed.run(
            side,
            &["run", "--name", "bench-logs", "busybox", "sh", "-c", &write],
        );
    }
    let what = format!("logs, {} MB", megabytes / 10);
    compare(bed, pairs, &what, both, &["logs", "bench-logs"]);
    for side in both {
        bed.run(side, &["rm", "bench-logs"]);
    }
}

/// The gate's memory at the start and at the end of one long stream.
pub(crate) fn memory(bed: &Bed, megabytes: usize) {
    let bytes = (megabytes * 1_000_000).to_string();
    let start = Instant::now();
    let mut child = bed.spawn(
        Side::Dock,
        &["exec", "bench-target", "head", "-c", &bytes, "/dev/zero"],
    );
    let mut seen: Vec<[u64; 2]> = Vec::new();
    while child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(100));
        seen.extend(gate_memory(child.id()));
    }
    let (Some(first), Some(last)) = (seen.first(), seen.last()) else {
        panic!("the gate was never seen");
    };
    let most = seen.iter().map(|[anonymous, _]| anonymous).max().unwrap();
    println!(
        "gate's memory, {megabytes} MB in {:.1} s: anonymous {} KiB at first, {} at the end, {most} at most; peak with its program {} KiB",
        start.elapsed().as_secs_f64(),
        first[0],
        last[0],
        last[1],
    );
}

/// Anonymous and peak resident KiB of the newest gate.
fn gate_memory(after: u32) -> Option<[u64; 2]> {
    let processes = std::fs::read_dir("/proc").unwrap();
    let gate = processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid > after)
        .find(|pid| {
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
            name.is_ok_and(|name| name.trim() == "dock-gate")
        })?;
    let status = std::fs::read_to_string(format!("/proc/{gate}/status")).ok()?;
    let value = |key: &str| -> Option<u64> {
        let line = status.lines().find(|line| line.starts_with(key))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some([value("RssAnon:")?, value("VmHWM:")?])
}

/// CPU time of a subscriber while somebody else makes and removes containers.
pub(crate) fn events(bed: &Bed, containers: usize) {
    let Some(cpu) = &bed.cpu else { return };
    let mut cost = Vec::new();
    for side in [Side::Docker, Side::Dock] {
        let before = cpu.used();
        let mut child = bed.spawn(side, &["events"]);
        std::thread::sleep(Duration::from_millis(500));
        let ready = cpu.used();
        let mut foreign = Foreign::containers(bed);
        foreign.grow(containers);
        drop(foreign);
        std::thread::sleep(Duration::from_millis(200));
        let end = cpu.used();
        kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
        let _ = child.wait();
        cost.push([ready - before, end - ready].map(|time| time.as_secs_f64() * 1e3));
    }
    println!(
        "events, {} of others: cpu to start {:.1} -> {:.1} ms, meanwhile {:.1} -> {:.1} ms",
        2 * containers,
        cost[0][0],
        cost[1][0],
        cost[0][1],
        cost[1][1],
    );
}
