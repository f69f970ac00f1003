//! What an admin may do to an object.
//!
//! An admin sees and ends everything; she does not become root by it. What
//! nobody owns was made past dock and may be privileged, so only root starts
//! it, and a container that somebody owns starts by its owner's rules.

use dock_space::Space;

use super::operation::{ContainerId, Logs, NetworkId};
use super::refusal::Refusal;

/// What this admin may do beyond what every admin may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Is root anyway.
    pub root: bool,
}

/// What is sent to the engine on behalf of an admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
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
    },
    /// Of a container that nobody owns; the others start by their owners' rules.
    ContainerStart {
        id: ContainerId,
    },
    ContainerStop {
        id: ContainerId,
        seconds: Option<i64>,
    },
    /// Of a container that this gate paused, or that nobody owns; the others go
    /// on by their owners' rules.
    ContainerUnpause {
        id: ContainerId,
        /// Whether this gate paused it.
        here: bool,
    },
    ImageRemove {
        /// A reference or an id.
        name: String,
        force: bool,
    },
    NetworkRemove {
        id: NetworkId,
    },
    VolumeRemove {
        /// The engine's name.
        name: String,
        force: bool,
    },
}

impl Operation {
    /// The operation's name in the audit.
    pub fn verb(&self) -> &'static str {
        match self {
            Operation::ContainerLogs { .. } => "container.logs",
            Operation::ContainerPause { .. } => "container.pause",
            Operation::ContainerRemove { .. } => "container.remove",
            Operation::ContainerStart { .. } => "container.start",
            Operation::ContainerStop { .. } => "container.stop",
            Operation::ContainerUnpause { .. } => "container.unpause",
            Operation::ImageRemove { .. } => "image.remove",
            Operation::NetworkRemove { .. } => "network.remove",
            Operation::VolumeRemove { .. } => "volume.remove",
        }
    }

    /// What it is done to.
    pub fn object(&self) -> String {
        match self {
            Operation::ContainerLogs { id, .. }
            | Operation::ContainerPause { id }
            | Operation::ContainerRemove { id, .. }
            | Operation::ContainerStart { id }
            | Operation::ContainerStop { id, .. }
            | Operation::ContainerUnpause { id, .. } => id.to_string(),
            Operation::NetworkRemove { id } => id.to_string(),
            Operation::ImageRemove { name, .. } | Operation::VolumeRemove { name, .. } => {
                name.clone()
            }
        }
    }
}

/// Proof that [`judge`] allowed this operation.
#[must_use]
#[derive(Debug)]
pub struct Permit {
    operation: Operation,
}

impl Permit {
    /// The operation, in the form in which it is to be sent.
    pub fn into_operation(self) -> Operation {
        self.operation
    }
}

/// Judges `operation` on an object of `owner`'s, or of nobody's.
///
/// # Errors
/// The refusal.
pub fn judge(
    rights: Rights,
    owner: Option<Space>,
    operation: Operation,
) -> Result<Permit, Refusal> {
    match &operation {
        Operation::ContainerUnpause { here: true, .. } => Ok(Permit { operation }),
        Operation::ContainerStart { .. } | Operation::ContainerUnpause { .. }
            if owner.is_some() =>
        {
            Err(Refusal::invalid(
                "the container was not judged by its owner's rules",
            ))
        }
        Operation::ContainerStart { .. } | Operation::ContainerUnpause { .. } if !rights.root => {
            Err(Refusal::of("admin.unowned"))
        }
        Operation::ContainerLogs { .. }
        | Operation::ContainerPause { .. }
        | Operation::ContainerRemove { .. }
        | Operation::ContainerStart { .. }
        | Operation::ContainerStop { .. }
        | Operation::ContainerUnpause { .. }
        | Operation::ImageRemove { .. }
        | Operation::NetworkRemove { .. }
        | Operation::VolumeRemove { .. } => Ok(Permit { operation }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;

    const ALICE: Option<Space> = Some(Space::User(Uid(1001)));

    fn start(root: bool, owner: Option<Space>) -> Result<Permit, Refusal> {
        let id = ContainerId::new(&"a".repeat(64)).unwrap();
        judge(Rights { root }, owner, Operation::ContainerStart { id })
    }

    #[test]
    fn what_nobody_owns_is_started_by_root_alone() {
        assert_eq!(start(false, None).unwrap_err().rule, "admin.unowned");
        assert!(start(true, None).is_ok());
    }

    #[test]
    fn what_somebody_owns_starts_by_the_owners_rules_alone() {
        assert!(start(true, ALICE).is_err());
        assert!(start(false, ALICE).is_err());
    }

    #[test]
    fn what_this_gate_did_not_pause_goes_on_as_it_would_start() {
        let id = ContainerId::new(&"a".repeat(64)).unwrap();
        for (root, owner, here, good) in [
            (false, ALICE, true, true),
            (false, ALICE, false, false),
            (true, ALICE, false, false),
            (false, None, true, true),
            (false, None, false, false),
            (true, None, false, true),
        ] {
            let id = id.clone();
            let operation = Operation::ContainerUnpause { id, here };
            assert_eq!(judge(Rights { root }, owner, operation).is_ok(), good);
        }
    }

    #[test]
    fn everybody_elses_objects_can_be_ended() {
        let id = ContainerId::new(&"a".repeat(64)).unwrap();
        for owner in [None, ALICE] {
            let stop = Operation::ContainerStop {
                id: id.clone(),
                seconds: None,
            };
            assert!(judge(Rights { root: false }, owner, stop).is_ok());
        }
    }
}
