//! What the engine's networks say of rows that the file does not have (any
//! more): subnets are functions of an index, so a subnet tells the index.

use std::collections::{BTreeSet, HashMap};

use dock_space::config::Network;
use dock_space::{IdentityError, Person, Space, label, name};
use ipnet::IpNet;
use serde_json::Value;

use super::super::encode;
use super::super::engine::{Engine, Wire};
use super::super::networks::DEFAULT;
use super::file::{Content, Row};
use crate::failure::Failure;

/// What stands in the place of a login that nobody knows: no login is like it.
const UNKNOWN: &str = "-";

/// A network of some space's on the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) space: Space,
    pub(super) is_default: bool,
    pub(super) subnets: Vec<IpNet>,
}

impl Held {
    /// The name is the authority; without the label no gate made it.
    fn of(network: &Value) -> Option<Held> {
        let (space, shown) = name::split(network["Name"].as_str()?)?;
        let owner = network["Labels"][label::SPACE].as_str()?;
        let ranges = network["IPAM"]["Config"].as_array();
        (owner == space.to_string()).then(|| Held {
            space,
            is_default: shown == DEFAULT,
            subnets: ranges
                .into_iter()
                .flatten()
                .filter_map(|range| range["Subnet"].as_str()?.parse().ok())
                .collect(),
        })
    }
}

/// Every space's networks.
///
/// # Errors
/// When the engine does not answer in time.
pub(super) async fn held(engine: &Engine) -> Result<Vec<Held>, Failure> {
    let filters = encode::json_value(&HashMap::from([("label", [label::SPACE])]))?;
    let wire = Wire::get(format!("/networks?filters={filters}"));
    let listed: Vec<Value> = engine.look_up(wire).await?.unwrap_or_default();
    Ok(listed.iter().filter_map(Held::of).collect())
}

/// The indexes whose addresses are in use by others than `space`.
pub(super) fn in_use(network: &Network, held: &[Held], space: Space) -> BTreeSet<u32> {
    held.iter()
        .filter(|held| held.space != space)
        .flat_map(|held| &held.subnets)
        .filter_map(|subnet| network.indexes(*subnet))
        .flatten()
        .collect()
}

/// The index that each space's networks tell, for spaces without a row.
pub(super) fn lost(network: &Network, held: &[Held], content: &Content) -> Vec<(Space, u32)> {
    let mut owners: HashMap<u32, Space> = HashMap::new();
    let mut found: Vec<(Space, u32)> = Vec::new();
    for row in content.rows() {
        owners.insert(row.index, row.space);
    }
    // A default network's subnet is the index's; others may be where people chose.
    let (default, others): (Vec<&Held>, Vec<&Held>) = held.iter().partition(|held| held.is_default);
    for held in default.into_iter().chain(others) {
        let is_known = content.row(held.space).is_some()
            || found.iter().any(|(space, _)| *space == held.space);
        if is_known {
            continue;
        }
        for subnet in &held.subnets {
            let Some(indexes) = network.indexes(*subnet) else {
                continue;
            };
            let index = *indexes.start();
            if index == *indexes.end() && !owners.contains_key(&index) {
                owners.insert(index, held.space);
                found.push((held.space, index));
                break;
            }
        }
    }
    found
}

/// The row of a space whose index was found. This asks NSS, and blocks.
///
/// # Errors
/// When NSS does not answer: a login that is not written is never compared.
pub(super) fn row(space: Space, index: u32) -> Result<Row, Failure> {
    let login = match space {
        Space::Group(_) => UNKNOWN.to_owned(),
        Space::User(uid) => match Person::look_up(uid) {
            Ok(person) => person.login,
            Err(IdentityError::UnknownUid(_) | IdentityError::UnusableLogin(_)) => {
                UNKNOWN.to_owned()
            }
            Err(error) => return Err(Failure::Host(error.to_string())),
        },
    };
    Ok(Row {
        index,
        space,
        login,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_network_is_a_spaces_by_name_and_label() {
        let network = |name: &str, owner: &str| {
            Held::of(&json!({
                "Name": name,
                "Labels": {"dock.space": owner},
                "IPAM": {"Config": [{"Subnet": "10.128.8.0/24"}]},
            }))
        };
        let found = network("u1001-default", "u1001").unwrap();
        assert!(found.is_default && found.subnets.len() == 1);
        assert!(!network("u1001-lab", "u1001").unwrap().is_default);
        assert_eq!(network("u1001-lab", "u1002"), None);
        assert_eq!(network("lab", "u1002"), None);
    }
}
