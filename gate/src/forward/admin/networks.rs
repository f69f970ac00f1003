//! `GET /dock/networks`: everybody's networks.

use std::collections::HashMap;

use dock_space::Space;
use dock_space::admin::Network;
use hyper::StatusCode;
use serde_json::Value;

use super::super::body::{self, Answer};
use super::super::networks as space_networks;
use super::call::AdminCall;
use super::filters::Filters;
use super::{containers, owners};
use crate::api::moment;
use crate::failure::Failure;

const FILTERS: [&str; 6] = ["dangling", "driver", "id", "label", "scope", "type"];

pub(super) async fn list(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let filters = Filters::read(&mut call, &FILTERS).await?;
    call.query.finish()?;
    call.tell_of_read("admin.networks");
    let target = format!("/networks?filters={}", filters.upstream()?);
    let mut found = all(&call, &target).await?;
    let used = used(&call).await?;
    for (space, row) in &mut found {
        let count = |key: &str| used.get(key).copied().unwrap_or_default();
        row.containers = count(&row.id) + count(&real_name(*space, &row.name));
    }
    let wanted: Vec<Network> = found
        .into_iter()
        .map(|(_, row)| row)
        .filter(|row| filters.fit(row.owner.as_ref(), &row.name))
        .collect();
    Ok(body::json(StatusCode::OK, &wanted))
}

/// All networks, with their spaces; what refers to them is not counted.
pub(super) async fn all(
    call: &AdminCall<'_>,
    target: &str,
) -> Result<Vec<(Option<Space>, Network)>, Failure> {
    let found: Vec<Value> = call.ask(target).await?;
    let spaces: Vec<Option<Space>> = found
        .iter()
        .map(|row| {
            let name = row["Name"].as_str()?;
            owners::named(name, &row["Labels"]).map(|(space, _)| space)
        })
        .collect();
    let owners = call.owners();
    owners.meet(spaces.iter().copied().flatten()).await;
    let rows = found.iter().zip(spaces).map(|(row, space)| {
        let mut network = network(row, space);
        network.owner = space.map(|space| owners.of(space));
        (space, network)
    });
    Ok(rows.collect())
}

/// How many containers refer to each network, by its id or its real name; the
/// engine counts only those that run.
async fn used(call: &AdminCall<'_>) -> Result<HashMap<String, usize>, Failure> {
    let found: Vec<Value> = call.ask("/containers/json?all=1").await?;
    let mut used = HashMap::new();
    for row in &found {
        let networks = row["NetworkSettings"]["Networks"].as_object();
        for (name, endpoint) in networks.into_iter().flatten() {
            // Before its first start a container knows its network by name alone.
            let id = endpoint["NetworkID"].as_str().unwrap_or_default();
            let key = if id.is_empty() { name } else { id };
            *used.entry(key.to_owned()).or_default() += 1;
        }
    }
    Ok(used)
}

fn network(row: &Value, space: Option<Space>) -> Network {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let real = text("Name");
    let shown = space
        .and_then(|space| space.shown_name(&real))
        .map(str::to_owned);
    Network {
        id: text("Id"),
        name: shown.map_or(real, |shown| as_owner_sees(&shown)),
        owner: None,
        author: containers::author(&row["Labels"]),
        driver: text("Driver"),
        scope: text("Scope"),
        internal: row["Internal"] == true,
        created: row["Created"]
            .as_str()
            .and_then(moment::written)
            .unwrap_or_default(),
        subnets: row["IPAM"]["Config"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|range| range["Subnet"].as_str().map(str::to_owned))
            .collect(),
        labels: containers::plain_labels(&row["Labels"]),
        containers: 0,
    }
}

/// The engine's name of what [`network`] named.
fn real_name(space: Option<Space>, name: &str) -> String {
    match (space, name) {
        (None, name) => name.to_owned(),
        (Some(space), "bridge") => space.real_name(space_networks::DEFAULT),
        (Some(space), name) => space.real_name(name),
    }
}

/// The owner sees the space's default network as `bridge`.
pub(super) fn as_owner_sees(shown: &str) -> String {
    match shown {
        space_networks::DEFAULT => "bridge".to_owned(),
        other => other.to_owned(),
    }
}
