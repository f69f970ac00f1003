//! The space's networks: its default one, shown as `bridge`, those that its
//! people made, and the engine's `none` and `host`, which can be looked at.

mod alias;
mod calls;
mod default;

use std::collections::HashMap;

use dock_space::{Space, label, name};
use serde_json::Value;

use super::engine::{Engine, Wire};
use super::translate;
use super::{encode, opaque};
use crate::audit::Object;
use crate::failure::Failure;
use crate::policy::NetworkFact;

pub(crate) use alias::follow_rename;
pub(crate) use calls::{connect, create, disconnect, inspect, list, remove};
pub(crate) use default::{DEFAULT, ensure_default, find_default, remove_unused, tidy_at_the_end};

/// A network of the space's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) id: String,
    /// The real name.
    pub(crate) name: String,
}

impl<'a> From<&'a Network> for Object<'a> {
    fn from(network: &'a Network) -> Object<'a> {
        let shown = dock_space::name::split(&network.name);
        Object {
            object: &network.id,
            name: shown.map_or("", |(_, shown)| shown),
        }
    }
}

impl Network {
    /// The network that the engine describes, when name and label say that it
    /// is the space's: the name is the authority, and without the label it was
    /// not made by a gate.
    pub(crate) fn of(space: Space, found: &Value) -> Option<Network> {
        let name = found["Name"].as_str()?;
        let owner = found["Labels"][label::SPACE].as_str();
        let is_own = space.shown_name(name).is_some() && owner == Some(&space.to_string());
        is_own.then_some(Network {
            id: found["Id"].as_str()?.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    Own(Network),
    /// The default network, which is not made yet.
    Unmade,
    /// `none` or `host`.
    BuiltIn(&'static str),
}

/// The engine's filter for the space's networks.
fn own_filter(space: Space) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".into(), vec![format!("{}={space}", label::SPACE)])])
}

/// All networks of `space` as the engine describes them.
pub(crate) async fn own(engine: &Engine, space: Space) -> Result<Vec<Value>, Failure> {
    let filters = encode::json_value(&own_filter(space))?;
    let wire = Wire::get(format!("/networks?filters={filters}"));
    let listed: Vec<Value> = engine.look_up(wire).await?.unwrap_or_default();
    Ok(listed
        .into_iter()
        .filter(|network| Network::of(space, network).is_some())
        .collect())
}

/// `none` and `host` as the engine describes them.
async fn built_in(engine: &Engine) -> Result<Vec<Value>, Failure> {
    let filters = encode::json_value(&HashMap::from([("type", ["builtin"])]))?;
    let wire = Wire::get(format!("/networks?filters={filters}"));
    let listed: Vec<Value> = engine.look_up(wire).await?.unwrap_or_default();
    Ok(listed
        .into_iter()
        .filter(|network| built_in_name(network).is_some())
        .collect())
}

fn built_in_name(network: &Value) -> Option<&'static str> {
    ["none", "host"]
        .into_iter()
        .find(|name| network["Name"] == *name)
}

/// The network that `typed` names: full id, then name, then unique prefix of an id.
///
/// # Errors
/// `network ... not found` in the engine's words, or its words for a prefix
/// that fits several.
pub(crate) async fn find(engine: &Engine, space: Space, typed: &str) -> Result<Reference, Failure> {
    let missing = || Failure::Missing(format!("network {typed} not found"));
    match typed {
        "none" => return Ok(Reference::BuiltIn("none")),
        "host" => return Ok(Reference::BuiltIn("host")),
        _ if !name::is_object_name(typed) => return Err(missing()),
        _ => {}
    }
    let own = own(engine, space).await?;
    let mut all: Vec<(String, String, Reference)> = own
        .iter()
        .filter_map(|network| Network::of(space, network))
        .filter_map(|network| {
            let shown = translate::shown_network(space, &network.name)?;
            Some((network.id.clone(), shown, Reference::Own(network)))
        })
        .collect();
    let has_default = all.iter().any(|(_, shown, _)| shown == "bridge");
    if !has_default {
        all.push((unmade_id(space), "bridge".into(), Reference::Unmade));
    }
    if let Some((_, _, found)) = all.iter().find(|(_, shown, _)| shown == typed) {
        return Ok(found.clone());
    }
    if !name::is_hex(typed) {
        return Err(missing());
    }
    for network in built_in(engine).await? {
        let id = network["Id"].as_str().unwrap_or_default().to_owned();
        if let Some(name) = built_in_name(&network) {
            all.push((id, name.to_owned(), Reference::BuiltIn(name)));
        }
    }
    let fits: Vec<_> = all
        .iter()
        .filter(|(id, _, _)| id.starts_with(typed))
        .collect();
    match fits.as_slice() {
        [] => Err(missing()),
        [(_, _, found)] => Ok(found.clone()),
        several => Err(Failure::Engine(
            400,
            format!(
                "network {typed} is ambiguous ({} matches found based on ID prefix)",
                several.len()
            ),
        )),
    }
}

/// The same for the judgement of a container; `None` when nothing is there, or
/// when what is there (`host`, `none`) has rules of its own.
pub(crate) async fn fact(
    engine: &Engine,
    space: Space,
    typed: &str,
) -> Result<Option<NetworkFact>, Failure> {
    match find(engine, space, typed).await {
        Ok(Reference::Own(network)) => return Ok(Some(NetworkFact::Own(network.name))),
        Ok(Reference::Unmade | Reference::BuiltIn(_)) => return Ok(None),
        Err(Failure::Missing(_)) => {}
        Err(other) => return Err(other),
    }
    let target = format!("/networks/{}", encode::segment(&space.real_name(typed)));
    let found: Option<Value> = engine.look_up(Wire::get(target)).await?;
    Ok(found.map(|_| NetworkFact::Foreign))
}

/// The id under which the default network is shown while there is none: always
/// the same for one space, and no network's.
fn unmade_id(space: Space) -> String {
    opaque::hex(&format!("default network of {space}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;
    use serde_json::json;

    #[test]
    fn a_label_or_a_name_alone_does_not_make_an_owner() {
        let alice = Space::User(Uid(1001));
        let network = |name: &str, owner: &str| {
            Network::of(
                alice,
                &json!({"Id": "ab", "Name": name, "Labels": {"dock.space": owner}}),
            )
        };
        assert!(network("u1001-lab", "u1001").is_some());
        assert!(network("u1002-lab", "u1001").is_none());
        assert!(network("u1001-lab", "u1002").is_none());
        assert!(network("lab", "u1001").is_none());
    }

    #[test]
    fn an_unmade_network_has_an_id_of_its_own() {
        let id = |uid| unmade_id(Space::User(Uid(uid)));
        assert!(name::is_full_id(&id(1001)));
        assert_ne!(id(1001), id(1002));
        assert_eq!(id(1001), id(1001));
    }
}
