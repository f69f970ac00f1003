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
