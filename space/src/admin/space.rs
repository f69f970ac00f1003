//! Spaces, and acting in one.

use serde::{Deserialize, Serialize};

use super::Owner;

/// A space, as `dock admin ls` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceRow {
    #[serde(flatten)]
    pub owner: Owner,
    /// By NSS; empty when the account is gone or has none.
    pub full_name: String,
    /// Whether NSS knows the account, and by the login that the space was made for.
    pub account: bool,
    pub organisation: Option<String>,
    pub author: String,
    /// The index of the allocation file; none before the first network.
    pub index: Option<u32>,
    pub containers: usize,
    pub running: usize,
    /// Images of its own.
    pub images: usize,
    pub volumes: usize,
    pub networks: usize,
    /// Published ports of the host.
    pub ports: Vec<u16>,
    /// Bytes of writable layers and volumes, when asked for.
    pub disk: Option<i64>,
    /// The last command, seconds since 1970; none when it is not known.
    pub last_use: Option<i64>,
}

/// `POST /dock/as`: everything that this gate serves from now on is this space's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acting {
    /// A login, or a space's name (`u1001`) where the account is gone.
    pub user: String,
    /// Changes are judged and told of, and never made.
    #[serde(default)]
    pub explain: bool,
}

/// The answer to `POST /dock/spaces/{space}/hold`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Running commands of the owner's that were cut.
    pub cut: usize,
}
