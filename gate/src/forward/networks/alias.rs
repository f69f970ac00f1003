//! A container's own name in the DNS of its networks.
//!
//! The engine's DNS knows the real name; the shown one is an alias of each
//! endpoint on a network that a person made. An alias cannot be changed, only
//! given anew, which would break the connections of a container that runs: so
//! a rename gives it to those that do not (Compose renames before it starts),
//! and the others have it from their next `network connect` on.

use serde_json::Value;

use super::super::engine::{Engine, Wire};
use super::{DEFAULT, Network};
use crate::failure::Failure;
use dock_space::Space;

/// Gives the endpoints of the container `id` the alias `new` in the place of
/// `old`. The caller holds the space's lock.
///
/// # Errors
/// When the engine does not do it; then the container has the networks that it had.
pub(crate) async fn follow_rename(
    engine: &Engine,
    space: Space,
    id: &str,
    old: &str,
    new: &str,
) -> Result<(), Failure> {
    let wire = Wire::get(format!("/containers/{id}/json"));
    let Some(container) = engine.look_up::<Value>(wire).await? else {
        return Ok(());
    };
    let state = container["State"]["Status"].as_str().unwrap_or_default();
    if !matches!(state, "created" | "exited") {
        return Ok(());
    }
    let own = super::own(engine, space).await?;
    let endpoints = container["NetworkSettings"]["Networks"].as_object();
    for (real, endpoint) in endpoints.into_iter().flatten() {
        let network = own
            .iter()
            .filter_map(|network| Network::of(space, network))
            .find(|network| network.name == *real);
        let (Some(network), Some(aliases)) = (network, endpoint["Aliases"].as_array()) else {
            continue;
        };
        if network.name == space.real_name(DEFAULT) || !aliases.iter().any(|alias| alias == old) {
            continue;
        }
        let kept: Vec<&str> = aliases.iter().filter_map(Value::as_str).collect();
        let renamed = renamed(&kept, id, old, new);
        let config = |aliases: &[&str]| {
            let mut config = serde_json::Map::new();
            for key in ["IPAMConfig", "Links", "DriverOpts", "GwPriority"] {
                if let Some(value) = endpoint.get(key) {
                    config.insert(key.into(), value.clone());
                }
            }
            // A container that does not run has no address but one of choice.
            if let Some(mac) = endpoint["MacAddress"]
                .as_str()
                .filter(|mac| !mac.is_empty())
            {
                config.insert("MacAddress".into(), mac.into());
            }
            config.insert("Aliases".into(), aliases.into());
            Value::from(config)
        };
        let body = serde_json::json!({"Container": id, "Force": false});
        post(
            engine,
            format!("/networks/{}/disconnect", network.id),
            &body,
        )
        .await?;
        let connect = format!("/networks/{}/connect", network.id);
        let body = serde_json::json!({"Container": id, "EndpointConfig": config(&renamed)});
        if let Err(failure) = post(engine, connect.clone(), &body).await {
            // As it was, then.
            let body = serde_json::json!({"Container": id, "EndpointConfig": config(&kept)});
            post(engine, connect, &body).await?;
            return Err(failure);
        }
    }
    Ok(())
}

/// The aliases with the last `old` replaced, and without the short id, which
/// the engine adds itself.
fn renamed<'a>(aliases: &[&'a str], id: &str, old: &str, new: &'a str) -> Vec<&'a str> {
    let mut aliases: Vec<&str> = aliases
        .iter()
        .copied()
        .filter(|alias| !(alias.len() == 12 && id.starts_with(alias)))
        .collect();
    if let Some(at) = aliases.iter().rposition(|alias| *alias == old) {
        aliases.remove(at);
    }
    aliases.push(new);
    aliases
}

async fn post(engine: &Engine, target: String, body: &Value) -> Result<(), Failure> {
    let wire = Wire {
        body: Some(serde_json::to_vec(body).unwrap_or_default()),
        ..Wire::post(target)
    };
    let version = engine.about().await?.api;
    let (status, bytes) = engine.whole(wire, Some(version)).await?;
    if status.is_success() {
        return Ok(());
    }
    let text = super::super::engine::message(&bytes);
    Err(Failure::Engine(status.as_u16(), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rename_changes_the_alias_that_the_gate_gave_alone() {
        let id = "abcdef012345".repeat(6);
        let id = &id[..64];
        assert_eq!(
            renamed(&["web", "db", "web", "abcdef012345"], id, "web", "new"),
            ["web", "db", "new"]
        );
    }
}
