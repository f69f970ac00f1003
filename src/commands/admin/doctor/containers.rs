//! Containers that undo the separation.

use dock_space::admin::host::Checked;

use super::facts::Facts;
use crate::check::{Check, Looked, Severity, found};

/// Sockets that make whoever holds them root, and the folders that hold them.
const SOCKETS: [&str; 6] = [
    "/run",
    "/var/run",
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd",
    "/run/containerd/containerd.sock",
];

/// Folders whose writer is root.
const FOLDERS: [&str; 9] = [
    "/",
    "/boot",
    "/dev",
    "/etc",
    "/proc",
    "/root",
    "/sys",
    "/usr",
    "/var/lib/docker",
];

/// Capabilities that are as good as root's.
const CAPABILITIES: [&str; 6] = [
    "ALL",
    "BPF",
    "DAC_READ_SEARCH",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_RAWIO",
];

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "containers.of-spaces",
        title: "a container of a space has what dock gives to nobody",
        severity: Severity::Error,
        why: "it was made past dock under a person's name: that person is root on this host",
        remedy: "'dock admin rm -f OWNER/NAME', and find out who made it",
        look: |facts| {
            let owned = facts.containers()?.iter();
            let owned = owned.filter(|container| container.owner.is_some());
            found(owned.filter_map(|container| {
                let mut what: Vec<String> = container.shares.clone();
                what.extend(container.privileged.then(|| "privileged".to_owned()));
                what.extend(among(&container.binds, &SOCKETS));
                line(container, &what)
            }))
        },
    },
    Check {
        id: "containers.privileged",
        title: "containers that nobody owns are privileged",
        severity: Severity::Warning,
        why: "whoever gets into one is root on this host",
        remedy: "find out what they are for; most need a device or a capability alone",
        look: |facts| {
            unowned(facts, |container| {
                container
                    .privileged
                    .then(|| "privileged".to_owned())
                    .into_iter()
                    .collect()
            })
        },
    },
    Check {
        id: "containers.namespaces",
        title: "containers that nobody owns share the host's namespaces",
        severity: Severity::Warning,
        why: "they see the host's processes or network",
        remedy: "find out what they are for, and publish ports instead of '--network host'",
        look: |facts| unowned(facts, |container| container.shares.clone()),
    },
    Check {
        id: "containers.socket",
        title: "containers that nobody owns hold the engine's socket",
        severity: Severity::Warning,
        why: "whoever can use their service may use the engine past dock",
        remedy: "find out who can reach them; 'dock serve' gives a socket of one space",
        look: |facts| unowned(facts, |container| among(&container.binds, &SOCKETS)),
    },
    Check {
        id: "containers.folders",
        title: "containers that nobody owns hold folders of the host that make root",
        severity: Severity::Warning,
        why: "whoever writes there is root on this host",
        remedy: "mount less of the host, read-only",
        look: |facts| unowned(facts, |container| among(&container.binds, &FOLDERS)),
    },
    Check {
        id: "containers.capabilities",
        title: "containers that nobody owns have capabilities that make root",
        severity: Severity::Warning,
        why: "whoever gets into one is root on this host",
        remedy: "'--cap-add' for what is needed alone",
        look: |facts| {
            unowned(facts, |container| {
                let plain = container.capabilities.iter();
                let plain: Vec<String> = plain
                    .map(|name| name.trim_start_matches("CAP_").to_uppercase())
                    .collect();
                among(&plain, &CAPABILITIES)
            })
        },
    },
    Check {
        id: "containers.logs",
        title: "containers write logs without limit",
        severity: Severity::Warning,
        why: "they fill the disk for all",
        remedy: "make them anew with '--log-opt max-size=50m', or set log-opts in daemon.json first",
        look: |facts| {
            let unlimited = facts.containers()?.iter().filter(|container| {
                container.log_driver == "json-file" && container.log_max_size.is_none()
            });
            found(unlimited.map(name))
        },
    },
];

/// What each container that nobody owns has of something.
fn unowned(facts: &Facts, what: fn(&Checked) -> Vec<String>) -> Looked {
    let containers = facts.containers()?.iter();
    let unowned = containers.filter(|container| container.owner.is_none());
    found(unowned.filter_map(|container| line(container, &what(container))))
}

fn line(container: &Checked, what: &[String]) -> Option<String> {
    (!what.is_empty()).then(|| format!("{}: {}", name(container), what.join(", ")))
}

/// `alice: u1001-web`, or the engine's name alone.
fn name(container: &Checked) -> String {
    match &container.owner {
        Some(owner) => format!("\"{}\" of {}", container.name, owner.login),
        None => format!("\"{}\"", container.name),
    }
}

fn among(values: &[String], table: &[&str]) -> Vec<String> {
    let plain = |value: &str| match value.trim_end_matches('/') {
        "" => "/".to_owned(),
        value => value.to_owned(),
    };
    let values = values.iter().map(|value| plain(value));
    values
        .filter(|value| table.contains(&value.as_str()))
        .collect()
}
