//! Everything that may be sent to the engine on behalf of a client.

use std::collections::HashMap;
use std::fmt;

use dock_space::Space;

use super::refusal::Refusal;
use crate::api::container::{CreateBody, Endpoint, UpdateBody};
use crate::api::exec::{ExecCreateBody, ExecStartBody};
use crate::api::network::NetworkBody;
use crate::api::volume::VolumeCreateBody;

/// A full id of a container: 64 hex digits, and the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerId(String);

/// A full id of an exec: 64 hex digits, in a container of the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecId(String);

macro_rules! full_id {
    ($name:ident) => {
        impl $name {
            /// # Errors
            /// When `text` is not 64 lower-case hex digits.
            pub fn new(text: &str) -> Result<$name, Refusal> {
                if dock_space::name::is_full_id(text) {
                    Ok($name(text.to_owned()))
                } else {
                    Err(Refusal::invalid("not a full id"))
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

full_id!(ContainerId);
full_id!(ExecId);
full_id!(NetworkId);

/// A full id of a network: 64 hex digits, and the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkId(String);

/// The real name of a volume of the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolumeName(String);

impl VolumeName {
    /// # Errors
    /// When `real` is neither a name of the space's nor that of an anonymous
    /// volume, whose owner only its label can tell.
    pub fn new(space: Space, real: &str) -> Result<VolumeName, Refusal> {
        if space.shown_name(real).is_some() || dock_space::name::is_full_id(real) {
            Ok(VolumeName(real.to_owned()))
        } else {
            Err(Refusal::invalid("not a volume of this space"))
        }
    }
}

impl fmt::Display for VolumeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A container to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Create {
    /// The shown name when asked for; the real one once permitted.
    pub name: String,
    pub platform: Option<String>,
    pub body: CreateBody,
    /// Whether the space's default network has to exist before; filled in by
    /// the judgement.
    pub default_network: bool,
}

/// Query of `GET /containers/{id}/logs`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logs {
    pub follow: bool,
    pub stdout: bool,
    pub stderr: bool,
    pub timestamps: bool,
    pub details: bool,
    pub since: Option<String>,
    pub until: Option<String>,
    pub tail: Option<String>,
}

/// Query of `POST /containers/{id}/attach`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attach {
    pub logs: bool,
    pub stream: bool,
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    pub detach_keys: Option<String>,
}

/// A typed request: full ids, parsed values.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    ContainerAttach {
        id: ContainerId,
        attach: Attach,
    },
    ContainerChanges {
        id: ContainerId,
    },
    ContainerCreate(Box<Create>),
    ContainerInspect {
        id: ContainerId,
        size: bool,
    },
    /// A shown name of the caller's: for this one read a name is as good as an
    /// id, because whose the answer is shows in the answer.
    ContainerInspectNamed {
        name: String,
        size: bool,
    },
    ContainerKill {
        id: ContainerId,
        signal: Option<String>,
    },
    ContainerList {
        all: bool,
        size: bool,
        limit: Option<i64>,
        filters: HashMap<String, Vec<String>>,
    },
    ContainerLogs {
        id: ContainerId,
        logs: Logs,
    },
    ContainerPause {
        id: ContainerId,
    },
    ContainerRemove {
        id: ContainerId,
        force: bool,
        volumes: bool,
        link: bool,
    },
    /// `name` is the shown name; the wire carries the real one.
    ContainerRename {
        id: ContainerId,
        name: String,
    },
    ContainerResize {
        id: ContainerId,
        height: u16,
        width: u16,
    },
    ContainerRestart {
        id: ContainerId,
        seconds: Option<i64>,
        signal: Option<String>,
    },
    ContainerStart {
        id: ContainerId,
        checkpoint: Option<String>,
        directory: Option<String>,
    },
    ContainerStats {
        id: ContainerId,
        stream: bool,
        one_shot: bool,
    },
    ContainerStop {
        id: ContainerId,
        seconds: Option<i64>,
        signal: Option<String>,
    },
    ContainerTop {
        id: ContainerId,
        ps_args: Option<String>,
    },
    ContainerUnpause {
        id: ContainerId,
    },
    ContainerUpdate {
        id: ContainerId,
        body: Box<UpdateBody>,
    },
    ContainerWait {
        id: ContainerId,
        condition: Option<String>,
    },
    ExecCreate {
        id: ContainerId,
        body: Box<ExecCreateBody>,
    },
    ExecInspect {
        id: ExecId,
    },
    ExecResize {
        id: ExecId,
        height: u16,
        width: u16,
    },
    ExecStart {
        id: ExecId,
        body: ExecStartBody,
    },
    Events {
        since: Option<String>,
        until: Option<String>,
        filters: HashMap<String, Vec<String>>,
    },
    ImageHistory {
        id: String,
    },
    ImageInspect {
        id: String,
        platform: Option<String>,
    },
    ImageList {
        all: bool,
        digests: bool,
        filters: HashMap<String, Vec<String>>,
    },
    ImagePull {
        name: String,
        tag: String,
        platform: Option<String>,
    },
    ImageSearch {
        term: String,
        limit: Option<i64>,
        filters: HashMap<String, Vec<String>>,
    },
    NetworkConnect {
        id: NetworkId,
        /// Whether it is the space's default network.
        default: bool,
        container: ContainerId,
        /// The container's shown name.
        shown: String,
        endpoint: Box<Endpoint>,
    },
    NetworkCreate(Box<NetworkBody>),
    NetworkDisconnect {
        id: NetworkId,
        container: ContainerId,
        force: bool,
    },
    NetworkInspect {
        id: NetworkId,
    },
    NetworkList {
        filters: HashMap<String, Vec<String>>,
    },
    NetworkRemove {
        id: NetworkId,
    },
    /// The shown name when asked for; the real one once permitted.
    VolumeCreate(Box<VolumeCreateBody>),
    VolumeList {
        filters: HashMap<String, Vec<String>>,
    },
    VolumeRemove {
        name: VolumeName,
        force: bool,
    },
}

impl Operation {
    /// Whether a container runs, changes or takes a command by it: then what the
    /// engine holds of it is judged again.
    pub fn runs(&self) -> bool {
        matches!(
            self,
            Operation::ContainerRestart { .. }
                | Operation::ContainerStart { .. }
                | Operation::ContainerUnpause { .. }
                | Operation::ContainerUpdate { .. }
                | Operation::ExecCreate { .. }
        )
    }

    /// Whether the engine only looks at what it has: it changes nothing, dials
    /// nobody, and its answer ends.
    pub fn only_looks(&self) -> bool {
        match self {
            Operation::ContainerChanges { .. }
            | Operation::ContainerInspect { .. }
            | Operation::ContainerInspectNamed { .. }
            | Operation::ContainerList { .. }
            | Operation::ExecInspect { .. }
            | Operation::ImageHistory { .. }
            | Operation::ImageInspect { .. }
            | Operation::ImageList { .. }
            | Operation::NetworkInspect { .. }
            | Operation::NetworkList { .. }
            | Operation::VolumeList { .. } => true,
            Operation::ContainerAttach { .. }
            | Operation::ContainerCreate(_)
            | Operation::ContainerKill { .. }
            | Operation::ContainerLogs { .. }
            | Operation::ContainerPause { .. }
            | Operation::ContainerRemove { .. }
            | Operation::ContainerRename { .. }
            | Operation::ContainerResize { .. }
            | Operation::ContainerRestart { .. }
            | Operation::ContainerStart { .. }
            | Operation::ContainerStats { .. }
            | Operation::ContainerStop { .. }
            | Operation::ContainerTop { .. }
            | Operation::ContainerUnpause { .. }
            | Operation::ContainerUpdate { .. }
            | Operation::ContainerWait { .. }
            | Operation::ExecCreate { .. }
            | Operation::ExecResize { .. }
            | Operation::ExecStart { .. }
            | Operation::Events { .. }
            | Operation::ImagePull { .. }
            | Operation::ImageSearch { .. }
            | Operation::NetworkConnect { .. }
            | Operation::NetworkCreate(_)
            | Operation::NetworkDisconnect { .. }
            | Operation::NetworkRemove { .. }
            | Operation::VolumeCreate(_)
            | Operation::VolumeRemove { .. } => false,
        }
    }

    /// The operation's name in the audit: `container.create`.
    pub fn verb(&self) -> &'static str {
        match self {
            Operation::ContainerAttach { .. } => "container.attach",
            Operation::ContainerChanges { .. } => "container.changes",
            Operation::ContainerCreate(_) => "container.create",
            Operation::ContainerInspect { .. } | Operation::ContainerInspectNamed { .. } => {
                "container.inspect"
            }
            Operation::ContainerKill { .. } => "container.kill",
            Operation::ContainerList { .. } => "container.list",
            Operation::ContainerLogs { .. } => "container.logs",
            Operation::ContainerPause { .. } => "container.pause",
            Operation::ContainerRemove { .. } => "container.remove",
            Operation::ContainerRename { .. } => "container.rename",
            Operation::ContainerResize { .. } => "container.resize",
            Operation::ContainerRestart { .. } => "container.restart",
            Operation::ContainerStart { .. } => "container.start",
            Operation::ContainerStats { .. } => "container.stats",
            Operation::ContainerStop { .. } => "container.stop",
            Operation::ContainerTop { .. } => "container.top",
            Operation::ContainerUnpause { .. } => "container.unpause",
            Operation::ContainerUpdate { .. } => "container.update",
            Operation::ContainerWait { .. } => "container.wait",
            Operation::ExecCreate { .. } => "exec.create",
            Operation::ExecInspect { .. } => "exec.inspect",
            Operation::ExecResize { .. } => "exec.resize",
            Operation::ExecStart { .. } => "exec.start",
            Operation::Events { .. } => "events",
            Operation::ImageHistory { .. } => "image.history",
            Operation::ImageInspect { .. } => "image.inspect",
            Operation::ImageList { .. } => "image.list",
            Operation::ImagePull { .. } => "image.pull",
            Operation::ImageSearch { .. } => "image.search",
            Operation::NetworkConnect { .. } => "network.connect",
            Operation::NetworkCreate(_) => "network.create",
            Operation::NetworkDisconnect { .. } => "network.disconnect",
            Operation::NetworkInspect { .. } => "network.inspect",
            Operation::NetworkList { .. } => "network.list",
            Operation::NetworkRemove { .. } => "network.remove",
            Operation::VolumeCreate(_) => "volume.create",
            Operation::VolumeList { .. } => "volume.list",
            Operation::VolumeRemove { .. } => "volume.remove",
        }
    }
}
