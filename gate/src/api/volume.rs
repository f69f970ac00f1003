//! The body of `POST /volumes/create`, field by field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::container::Any;

/// The same struct is read from clients and written to the engine.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VolumeCreateBody {
    /// Empty: the engine makes up 64 hex digits.
    pub name: String,
    pub driver: String,
    /// Inspect tells `{}` from null.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver_opts: Option<BTreeMap<String, String>>,
    pub labels: BTreeMap<String, String>,
    /// Of swarm's volumes, which are refused.
    #[serde(skip_serializing)]
    pub cluster_volume_spec: Any,
}
