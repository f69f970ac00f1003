//! Who gets past dock: the engine's socket and its group.

use dock_space::admin::host::{Kind, Role};

use super::facts::{Facts, Group, described, others_write};
use crate::check::{Check, Looked, Severity, found, known};

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "access.docker-group",
        title: "people are in a group that may use the engine past dock",
        severity: Severity::Error,
        why: "whoever may use the engine's socket is root on this host",
        remedy: "'gpasswd -d LOGIN GROUP' for each; they log in again and use dock",
        look: docker_group,
    },
    Check {
        id: "access.socket",
        title: "others than root and a group may use the engine's socket",
        severity: Severity::Error,
        why: "whoever may use the engine's socket is root on this host",
        remedy: "'chown root SOCKET; chmod 660 SOCKET', and take out what opens it at each start",
        look: |facts| {
            let open = facts.stats(Role::Socket)?.into_iter();
            let open = open.filter(|(_, stat)| stat.uid != 0 || stat.mode & 0o002 != 0);
            found(open.map(|(path, stat)| described(path, &stat)))
        },
    },
    Check {
        id: "access.containerd-socket",
        title: "others than root may use a socket of containerd",
        severity: Severity::Error,
        why: "containerd starts any container for whoever reaches its socket",
        remedy: "'chown root:root SOCKET; chmod 660 SOCKET'; see [grpc] in containerd's config.toml",
        look: |facts| {
            let open = facts.stats(Role::ContainerdSocket)?.into_iter();
            let open = open.filter(|(_, stat)| others_write(stat));
            found(open.map(|(path, stat)| described(path, &stat)))
        },
    },
    Check {
        id: "access.engine-config",
        title: "others than root can write the engine's configuration",
        severity: Severity::Error,
        why: "whoever writes it decides what the engine runs as root",
        remedy: "'chown root:root FILE; chmod go-w FILE'",
        look: |facts| {
            let open = facts.stats(Role::EngineConfig)?.into_iter();
            let open = open.filter(|(_, stat)| others_write(stat));
            found(open.map(|(path, stat)| described(path, &stat)))
        },
    },
    Check {
        id: "access.dock-group",
        title: "there is no group of dock's people",
        severity: Severity::Error,
        why: "nobody can have a space",
        remedy: "'groupadd --system dock', or set `[access] group` in dock.toml",
        look: |facts| {
            let group = known(&facts.groups.dock)?;
            missing(group.as_ref(), &facts.config().access.group)
        },
    },
    Check {
        id: "access.admin-group",
        title: "there is no group of dock's admins",
        severity: Severity::Warning,
        why: "root alone can run 'dock admin'",
        remedy: "'groupadd --system dock-admin', or set `[access] admin_group` in dock.toml",
        look: |facts| {
            let group = known(&facts.groups.admin)?;
            missing(group.as_ref(), &facts.config().access.admin_group)
        },
    },
    Check {
        id: "access.socket-missing",
        title: "there is no socket where dock looks for the engine's",
        severity: Severity::Error,
        why: "dock cannot reach the engine",
        remedy: "start the engine, or set `[engine] socket` in dock.toml",
        look: |facts| {
            let config = facts.config();
            let socket = config.engine.socket.display();
            let stats = facts.stats(Role::Socket)?;
            let is_there = stats.iter().any(|(_, stat)| stat.kind == Kind::Socket);
            found((!is_there).then(|| format!("'{socket}'")))
        },
    },
];

fn docker_group(facts: &Facts) -> Looked {
    let line = |group: &Group| {
        let members: Vec<&str> = group.members.iter().map(String::as_str).collect();
        format!("group \"{}\": {}", group.name, members.join(", "))
    };
    let holders = known(&facts.groups.holders)?.iter();
    let with_members = holders.filter(|group| !group.members.is_empty());
    let evidence: Vec<String> = with_members.map(line).collect();
    if evidence.is_empty() {
        // Which group the socket has is the gate's to say.
        facts.stats(Role::Socket)?;
    }
    found(evidence)
}

fn missing(group: Option<&Group>, name: &str) -> Looked {
    found(group.is_none().then(|| format!("group \"{name}\"")))
}
