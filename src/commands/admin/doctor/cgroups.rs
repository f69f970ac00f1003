//! Whether limits can be held.

use super::facts::Facts;
use crate::check::{Check, Looked, Severity, found, found_if};

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "cgroups.limits",
        title: "the kernel cannot hold all limits",
        severity: Severity::Error,
        why: "one person's containers can take everybody's memory, processors or processes",
        remedy: "boot with 'cgroup_enable=memory', and a kernel with all cgroup controllers",
        look: |facts| {
            let engine = facts.engine()?;
            let limits = [
                ("memory", engine.memory_limit),
                ("processors", engine.cpu_quota),
                ("processes", engine.pids_limit),
            ];
            let missing = limits.iter().filter(|(_, held)| !held);
            found(missing.map(|(what, _)| format!("no limit of {what}")))
        },
    },
    Check {
        id: "cgroups.swap",
        title: "limits of memory do not count swap",
        severity: Severity::Warning,
        why: "a container that fills its memory goes on into everybody's swap",
        remedy: "boot with 'swapaccount=1'",
        look: |facts| found_if(!facts.engine()?.swap_limit, || "no limit of swap".into()),
    },
    Check {
        id: "cgroups.version",
        title: "this host has cgroups of version 1",
        severity: Severity::Info,
        why: "writes through the page cache are not limited, and newer engines give it up",
        remedy: "boot with 'systemd.unified_cgroup_hierarchy=1'",
        look: |facts| {
            let version = &facts.engine()?.cgroup_version;
            found_if(version != "2", || format!("version {version}"))
        },
    },
    Check {
        id: "cgroups.driver",
        title: "the engine and the host manage cgroups in different ways",
        severity: Severity::Warning,
        why: "two managers of one tree undo each other's limits",
        remedy: "\"exec-opts\": [\"native.cgroupdriver=systemd\"] in daemon.json where systemd runs, else cgroupfs",
        look: driver,
    },
];

fn driver(facts: &Facts) -> Looked {
    let engine = facts.engine()?;
    let systemd = facts.kernel.systemd;
    let version = &engine.cgroup_version;
    // With version 1 each has a tree of its own, and cgroupfs is docker's default.
    let wrong = match engine.cgroup_driver.as_str() {
        "systemd" => !systemd,
        _ => systemd && version == "2",
    };
    found_if(wrong, || {
        let host = if systemd { "systemd" } else { "no systemd" };
        format!(
            "driver {}, version {version}, on a host with {host}",
            engine.cgroup_driver
        )
    })
}
