//! The space's default network: what the caller sees as `bridge`.
//!
//! It is made with the first container that needs it and removed when no
//! container, running or stopped, refers to it: permanent bridges do not scale
//! (DESIGN.md 5). Its subnet is a function of the space's index.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use dock_space::{Space, config};
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::caller::Caller;
use super::super::engine::{Engine, Wire, message, parse_answer};
use super::super::listen::Gate;
use super::super::{allocation, encode, lock};
use super::Network;
use crate::failure::Failure;

/// The shown name under which the default network is stored; the user sees `bridge`.
pub(crate) const DEFAULT: &str = "default";

/// The addresses of the default network, made or not, as the engine wants them.
///
/// # Errors
/// When the space has no index, or one that was given when the pool was larger.
pub(super) async fn addresses(engine: &Engine, caller: &Caller) -> Result<Value, Failure> {
    let (space, network) = (caller.identity.space, &caller.config.network);
    let index = allocation::find_or_add(engine, caller).await?.index;
    let subnet = network.subnet(index, 0).ok_or_else(|| {
        Failure::Host(format!(
            "space {space} has index {index}, beyond the pool of addresses"
        ))
    })?;
    let gateway = config::Network::gateway(subnet).to_string();
    Ok(json!({"Subnet": subnet.to_string(), "Gateway": gateway}))
}

/// The space's default network, made if there is none. The caller holds the
/// space's lock.
///
/// # Errors
/// When the engine fails, or the space's block of addresses is in use by
/// something else.
pub(crate) async fn ensure_default(engine: &Engine, caller: &Caller) -> Result<Network, Failure> {
    let space = caller.identity.space;
    if let Some(network) = find_default(engine, space).await? {
        return Ok(network);
    }
    let name = space.real_name(DEFAULT);
    if caller.explains {
        let id = super::unmade_id(space);
        return Ok(Network { id, name });
    }
    let addresses = addresses(engine, caller).await?;
    let body = json!({
        "Name": name,
        "CheckDuplicate": true,
        "Driver": "bridge",
        "IPAM": {
            "Driver": "default",
            "Config": [addresses],
        },
        "Labels": caller.identity.labelled(BTreeMap::new()),
    });
    let wire = Wire {
        body: Some(serde_json::to_vec(&body).unwrap_or_default()),
        ..Wire::post("/networks/create")
    };
    let version = engine.about().await?.api;
    let (status, bytes) = engine.whole(wire, Some(version)).await?;
    if status == StatusCode::CREATED {
        #[derive(Deserialize)]
        struct Created {
            #[serde(rename = "Id")]
            id: String,
        }
        let Created { id } = parse_answer(status, &bytes)?;
        return Ok(Network { id, name });
    }
    Err(Failure::Host(format!(
        "cannot make your private network {}: {}\n\nhint: an administrator can move `[network] pool` in dock.toml to addresses that nothing else on this host uses",
        addresses["Subnet"].as_str().unwrap_or_default(),
        message(&bytes)
    )))
}

/// The space's default network, when there is one.
///
/// # Errors
/// When the engine does not answer.
pub(crate) async fn find_default(
    engine: &Engine,
    space: Space,
) -> Result<Option<Network>, Failure> {
    let name = space.real_name(DEFAULT);
    let target = format!("/networks/{}", encode::segment(&name));
    let found: Option<Value> = engine.look_up(Wire::get(target)).await?;
    Ok(found
        .as_ref()
        .and_then(|found| Network::of(space, found))
        .filter(|network| network.name == name))
}

/// Removes the default network when no container refers to it. Best effort:
/// what is left over is found by the next command.
pub(crate) async fn remove_unused(engine: &Engine, space: Space) -> Result<(), Failure> {
    let Some(network) = find_default(engine, space).await? else {
        return Ok(());
    };
    let _lock = lock::space(space).await?;
    // By name as well: a container that was never started knows no id yet.
    let references = vec![network.id.as_str(), network.name.as_str()];
    let filters = encode::json_value(&HashMap::from([("network", references)]))?;
    let wire = Wire::get(format!("/containers/json?all=1&filters={filters}"));
    let users: Vec<Value> = engine.look_up(wire).await?.unwrap_or_default();
    if users.is_empty() {
        let wire = Wire::new(
            Method::DELETE,
            format!("/networks/{}", encode::segment(&network.id)),
        );
        // The engine refuses while an endpoint is on it, and that is right.
        let version = engine.about().await?.api;
        engine.whole(wire, Some(version)).await?;
    }
    Ok(())
}

/// What a gate does last, when it made or removed something.
pub(crate) async fn tidy_at_the_end(gate: &Rc<Gate>) {
    if !gate.touched.get() {
        return;
    }
    if let Ok(caller) = gate.caller().await {
        let engine = gate.engine(&caller.config);
        // Nobody is left to tell.
        let _ = remove_unused(&engine, caller.identity.space).await;
    }
}
