//! Whether an admin's gate opens somebody's files, and which it can.
//!
//! What nobody owns was made past dock: its files are root's, and reading or
//! changing them would be root's power.

use dock_space::Space;

use super::admin::Rights;
use super::operation::ContainerId;
use super::refusal::Refusal;

/// The one driver of layers whose folders are understood.
const LAYERS: &str = "overlay2";

/// The one driver of volumes whose folders are the engine's.
const VOLUMES: &str = "local";

/// Which way files go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Read,
    Write,
}

/// Whose files, and what the engine says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// What a container has changed.
    Layer {
        id: ContainerId,
        driver: String,
        state: String,
    },
    Volume {
        /// The engine's name.
        name: String,
        driver: String,
        /// Whether it has options, as that of a tmpfs has.
        options: bool,
        /// A container that is up and has it.
        user: Option<String>,
    },
}

impl Files {
    /// The operation's name in the audit.
    pub fn verb(&self, way: Way) -> &'static str {
        match (self, way) {
            (Files::Layer { .. }, Way::Read) => "container.read",
            (Files::Layer { .. }, Way::Write) => "container.write",
            (Files::Volume { .. }, Way::Read) => "volume.read",
            (Files::Volume { .. }, Way::Write) => "volume.write",
        }
    }

    /// The engine's name for it.
    pub fn object(&self) -> String {
        match self {
            Files::Layer { id, .. } => id.to_string(),
            Files::Volume { name, .. } => name.clone(),
        }
    }
}

/// Proof that [`judge`] allowed to open these files this way.
#[must_use]
#[derive(Debug)]
pub struct Permit {
    way: Way,
    files: Files,
}

impl Permit {
    pub fn way(&self) -> Way {
        self.way
    }

    pub fn files(&self) -> &Files {
        &self.files
    }
}

/// Judges opening `files` of `owner`'s, or of nobody's.
///
/// # Errors
/// The refusal.
pub fn judge(
    rights: Rights,
    owner: Option<Space>,
    way: Way,
    files: Files,
) -> Result<Permit, Refusal> {
    if owner.is_none() && !rights.root {
        return Err(Refusal::of("admin.files"));
    }
    match &files {
        Files::Layer { driver, .. } if driver != LAYERS => Err(Refusal::conflict(format!(
            "dock: the engine keeps the files of containers with the driver \"{driver}\", and \
             dock knows those of \"{LAYERS}\" alone"
        ))),
        Files::Layer { state, .. } if way == Way::Write && state != "created" => {
            Err(Refusal::conflict(format!(
                "dock: the container is in the state \"{state}\", and files are put only into \
                 one that was never started"
            )))
        }
        Files::Volume { driver, .. } if driver != VOLUMES => Err(Refusal::conflict(format!(
            "dock: the volume is kept by the driver \"{driver}\", and dock knows the folders of \
             \"{VOLUMES}\" alone"
        ))),
        Files::Volume { options: true, .. } => Err(Refusal::conflict(
            "dock: the volume has options, so its files are not in the engine's folder\n\n\
             hint: a tmpfs is empty whenever no container uses it",
        )),
        Files::Volume {
            user: Some(user), ..
        } if way == Way::Write => Err(Refusal::conflict(format!(
            "dock: the volume is in use by the container \"{user}\"\n\nhint: stop it first"
        ))),
        Files::Layer { .. } | Files::Volume { .. } => Ok(Permit { way, files }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;

    const ALICE: Option<Space> = Some(Space::User(Uid(1001)));

    fn layer(driver: &str, state: &str) -> Files {
        Files::Layer {
            id: ContainerId::new(&"a".repeat(64)).unwrap(),
            driver: driver.into(),
            state: state.into(),
        }
    }

    fn volume(driver: &str, options: bool, user: Option<&str>) -> Files {
        Files::Volume {
            name: "u1001-data".into(),
            driver: driver.into(),
            options,
            user: user.map(str::to_owned),
        }
    }

    fn is_permitted(root: bool, owner: Option<Space>, way: Way, files: Files) -> bool {
        judge(Rights { root }, owner, way, files).is_ok()
    }

    #[test]
    fn the_files_of_nobody_are_roots() {
        for way in [Way::Read, Way::Write] {
            for files in [layer(LAYERS, "created"), volume(VOLUMES, false, None)] {
                let refused = judge(Rights { root: false }, None, way, files.clone());
                assert_eq!(refused.unwrap_err().rule, "admin.files");
                assert!(is_permitted(true, None, way, files.clone()));
                assert!(is_permitted(false, ALICE, way, files));
            }
        }
    }

    #[test]
    fn what_is_not_a_folder_of_the_engines_is_not_opened() {
        for way in [Way::Read, Way::Write] {
            assert!(!is_permitted(
                true,
                ALICE,
                way,
                layer("overlayfs", "created")
            ));
            assert!(!is_permitted(true, ALICE, way, volume("nfs", false, None)));
            assert!(!is_permitted(true, ALICE, way, volume(VOLUMES, true, None)));
        }
    }

    #[test]
    fn what_is_in_use_is_read_and_not_written() {
        for state in ["running", "exited", "paused", "dead", ""] {
            assert!(is_permitted(false, ALICE, Way::Read, layer(LAYERS, state)));
            assert!(!is_permitted(true, ALICE, Way::Write, layer(LAYERS, state)));
        }
        assert!(is_permitted(
            false,
            ALICE,
            Way::Write,
            layer(LAYERS, "created")
        ));
        let used = volume(VOLUMES, false, Some("u1001-web"));
        assert!(is_permitted(false, ALICE, Way::Read, used.clone()));
        assert!(!is_permitted(true, ALICE, Way::Write, used));
    }
}
