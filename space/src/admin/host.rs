//! `GET /dock/host`: what only root can read of this host, for `dock admin doctor`.
//!
//! Facts alone: what they mean is judged by `dock`. No file is whole: a fixed
//! list of places, and of their text only what a check needs.

use serde::{Deserialize, Serialize};

use super::Owner;

/// A fact, or why it could not be found out.
pub type Known<T> = Result<T, String>;

/// What the gate tells of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    pub places: Vec<Place>,
    /// The lines of sudo's files that are about dock or docker.
    pub sudoers: Known<Vec<Excerpt>>,
    /// The engine's configuration file; none when there is no file.
    pub daemon: Known<Option<Daemon>>,
    pub process: Known<Process>,
    /// The lines of unit files that say how the engine and dock's timers start.
    pub units: Known<Vec<Excerpt>>,
    /// The lines of cron and unit files that remove objects past dock.
    pub jobs: Known<Vec<Excerpt>>,
    pub engine: Known<Engine>,
    pub containers: Known<Vec<Checked>>,
}

/// What a place is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The engine's socket.
    Socket,
    /// A socket of containerd: whoever writes to it is root.
    ContainerdSocket,
    /// Where the engine keeps layers and volumes.
    DataRoot,
    /// Where the engine and containerd keep what runs.
    State,
    /// `/etc/docker` and `daemon.json`.
    EngineConfig,
    /// The gate itself.
    Gate,
    /// A folder above the gate.
    AboveGate,
    /// `dock`, as installed beside the gate.
    Dock,
    /// What dock keeps: `/var/lib/dock` and what is in it.
    DockState,
    /// The configured audit file.
    Audit,
    /// `/dev/log`, where lines of the audit go without a configured file.
    Syslog,
}

/// One place and what is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub role: Role,
    pub path: String,
    /// None when there is nothing.
    pub found: Known<Option<Stat>>,
}

/// Who may do what with a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stat {
    pub kind: Kind,
    pub uid: u32,
    pub gid: u32,
    /// The twelve bits of chmod.
    pub mode: u32,
}

/// What kind of thing a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    File,
    Folder,
    Socket,
    Other,
}

/// Some lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excerpt {
    pub path: String,
    /// Of the file itself; none when it could not be opened.
    pub stat: Option<Stat>,
    /// The lines, or why it was not read.
    pub lines: Known<Vec<String>>,
}

/// The keys of `daemon.json` that a check knows; none when they are not set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Daemon {
    pub hosts: Vec<String>,
    pub tlsverify: Option<bool>,
    pub iptables: Option<bool>,
    pub no_new_privileges: Option<bool>,
    pub log_driver: Option<String>,
    /// `log-opts`: max-size.
    pub log_max_size: Option<String>,
    pub metrics: Option<String>,
}

/// The running engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    pub pid: i32,
    /// The options of its command line that a check knows.
    pub options: Vec<Word>,
    /// TCP addresses that it listens on: `0.0.0.0:2375`.
    pub listens: Known<Vec<String>>,
    /// Whether its mounts are those of the host's first process.
    pub hosts_mounts: Known<bool>,
}

/// An option of a command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// The long name, without dashes.
    pub name: String,
    /// `true` for a switch without a value.
    pub value: String,
}

/// What the engine says of itself (`/info`, `/version`, its default bridge).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    pub version: String,
    /// Of containerd and runc, where the engine says it.
    pub containerd: Option<String>,
    pub runc: Option<String>,
    pub data_root: String,
    pub storage_driver: String,
    /// Whether its storage can hold what a layer says; none when it does not say.
    pub d_type: Option<bool>,
    /// `name=seccomp,profile=default`, ...
    pub security: Vec<String>,
    pub cgroup_driver: String,
    /// `1` or `2`.
    pub cgroup_version: String,
    pub memory_limit: bool,
    pub swap_limit: bool,
    pub cpu_quota: bool,
    pub pids_limit: bool,
    pub live_restore: bool,
    pub log_driver: String,
    /// `inactive`, `active`, ...
    pub swarm: String,
    pub volume_plugins: Vec<String>,
    pub network_plugins: Vec<String>,
    pub authorization_plugins: Vec<String>,
    pub default_runtime: String,
    pub runtimes: Vec<String>,
    /// Registries that it speaks to without TLS, beside this host's own.
    pub insecure_registries: Vec<String>,
    pub experimental: bool,
    pub ip_forwarding: bool,
    /// Whether bridged packets meet the firewall; none where the engine sees to it itself.
    pub bridge_nf: Option<bool>,
    /// `iptables`, `iptables+firewalld`, ...; none before API 1.49.
    pub firewall: Option<String>,
    /// Whether containers on the default bridge reach each other; none without one.
    pub icc: Option<bool>,
    pub warnings: Vec<String>,
}

/// A container, as far as a check wants to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    /// The engine's name.
    pub name: String,
    pub owner: Option<Owner>,
    pub privileged: bool,
    /// The namespaces that it shares with the host: `pid`, `network`, `ipc`, `user`, `uts`.
    pub shares: Vec<String>,
    /// Paths of the host that it holds.
    pub binds: Vec<String>,
    /// Capabilities beyond docker's own set.
    pub capabilities: Vec<String>,
    pub log_driver: String,
    pub log_max_size: Option<String>,
}
