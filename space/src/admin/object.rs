//! Rows of the admin's lists. Names are those that the owner gave; an object
//! that nobody owns keeps the engine's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Owner;

/// A container, as `dock admin ps` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// The engine's 64 hex digits.
    pub id: String,
    pub name: String,
    pub owner: Option<Owner>,
    /// The label `author`.
    pub author: Option<String>,
    /// As the owner typed it.
    pub image: String,
    pub image_id: String,
    pub command: String,
    /// Seconds since 1970.
    pub created: i64,
    /// `running`, `exited`, `created`, `paused`, ...
    pub state: String,
    /// The engine's words: `Up 2 hours`.
    pub status: String,
    pub ports: Vec<Port>,
    /// Without dock's own.
    pub labels: BTreeMap<String, String>,
    /// Names of networks: the owner's.
    pub networks: Vec<String>,
    /// Real names of volumes.
    pub volumes: Vec<String>,
    /// Bytes of the writable layer, when asked for.
    pub size_rw: Option<i64>,
    /// Bytes of the writable layer and the image, when asked for.
    pub size_root_fs: Option<i64>,
}

impl Container {
    /// Whether its processes exist: they can be paused.
    pub fn is_up(&self) -> bool {
        matches!(self.state.as_str(), "running" | "paused" | "restarting")
    }
}

/// A port of a container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The host's address; empty when the port is not published.
    pub address: String,
    /// The host's port; 0 when the port is not published.
    pub public: u16,
    pub private: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// An image, as `dock admin images` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// `sha256:` and 64 hex digits.
    pub id: String,
    /// Empty for a dangling one.
    pub tags: Vec<String>,
    pub digests: Vec<String>,
    /// Whose the image is; public images are nobody's.
    pub owner: Option<Owner>,
    /// The label `author`.
    pub author: Option<String>,
    pub created: i64,
    /// Bytes with all layers.
    pub size: i64,
    /// How many containers, running or not, are of it.
    pub containers: usize,
    pub labels: BTreeMap<String, String>,
}

/// A volume, as `dock admin volumes` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    pub name: String,
    /// The engine's name.
    pub real: String,
    pub owner: Option<Owner>,
    pub author: Option<String>,
    /// Made without a name.
    pub anonymous: bool,
    pub driver: String,
    pub mountpoint: String,
    /// Seconds since 1970; 0 when the engine does not say.
    pub created: i64,
    pub labels: BTreeMap<String, String>,
    /// Containers, running or not, that have it.
    pub containers: usize,
    /// Bytes, when asked for.
    pub size: Option<i64>,
}

/// A network, as `dock admin networks` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    pub id: String,
    pub name: String,
    pub owner: Option<Owner>,
    pub author: Option<String>,
    pub driver: String,
    pub scope: String,
    pub internal: bool,
    /// Seconds since 1970; 0 when the engine does not say.
    pub created: i64,
    pub subnets: Vec<String>,
    pub labels: BTreeMap<String, String>,
    /// Containers, running or not, that refer to it.
    pub containers: usize,
}
