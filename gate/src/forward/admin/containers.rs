//! `GET /dock/containers`: everybody's containers.

use std::collections::BTreeMap;

use dock_space::admin::{Container, Port};
use dock_space::{Space, label};
use hyper::StatusCode;
use serde_json::Value;

use super::super::body::{self, Answer};
use super::call::AdminCall;
use super::filters::Filters;
use super::usage::Names;
use super::{networks, owners};
use crate::failure::Failure;

/// What the engine evaluates; the API names them all.
const FILTERS: [&str; 13] = [
    "ancestor", "before", "exited", "expose", "health", "id", "is-task", "label", "network",
    "publish", "since", "status", "volume",
];

pub(super) async fn list(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let all = call.query.bool("all")?;
    let size = call.query.bool("size")?;
    let filters = Filters::read(&mut call, &FILTERS).await?;
    call.query.finish()?;
    call.tell_of_read("admin.containers");
    let rows = rows(&call, all, size, &filters.upstream()?).await?;
    let wanted: Vec<Container> = rows
        .into_iter()
        .map(|(_, row)| row)
        .filter(|row| filters.fit(row.owner.as_ref(), &row.name))
        .collect();
    Ok(body::json(StatusCode::OK, &wanted))
}

/// All containers, with their spaces.
pub(super) async fn all(
    call: &AdminCall<'_>,
    size: bool,
) -> Result<Vec<(Option<Space>, Container)>, Failure> {
    rows(call, true, size, "{}").await
}

/// The names of those that run, by their ids.
pub(super) async fn names(call: &AdminCall<'_>) -> Result<Names, Failure> {
    let found: Vec<Value> = call.ask("/containers/json").await?;
    let names = found.iter().filter_map(|row| {
        let (space, shown) = owners::named(real_name(row), &row["Labels"])?;
        Some((row["Id"].as_str()?.to_owned(), (space, shown.to_owned())))
    });
    Ok(names.collect())
}

async fn rows(
    call: &AdminCall<'_>,
    all: bool,
    size: bool,
    filters: &str,
) -> Result<Vec<(Option<Space>, Container)>, Failure> {
    let (all, size) = (u8::from(all), u8::from(size));
    let target = format!("/containers/json?all={all}&size={size}&filters={filters}");
    let found: Vec<Value> = call.ask(&target).await?;
    let spaces: Vec<Option<Space>> = found
        .iter()
        .map(|row| owners::named(real_name(row), &row["Labels"]).map(|(space, _)| space))
        .collect();
    let owners = call.owners();
    owners.meet(spaces.iter().copied().flatten()).await;
    let rows = found.iter().zip(spaces).map(|(row, space)| {
        let owner = space.map(|space| owners.of(space));
        (
            space,
            Container {
                owner,
                ..container(row, space)
            },
        )
    });
    Ok(rows.collect())
}

/// The engine's own name: links give a container others, which hold a slash.
fn real_name(row: &Value) -> &str {
    let names = row["Names"].as_array();
    names
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|name| name.strip_prefix('/').unwrap_or(name))
        .find(|name| !name.contains('/'))
        .unwrap_or_default()
}

fn container(row: &Value, space: Option<Space>) -> Container {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let real = real_name(row);
    let shown = |real: &str| {
        let own = space.and_then(|space| space.shown_name(real));
        own.unwrap_or(real).to_owned()
    };
    let networks = row["NetworkSettings"]["Networks"].as_object();
    let mounts = row["Mounts"].as_array();
    let typed_image = row["Labels"][label::IMAGE]
        .as_str()
        .filter(|image| space.is_some() && !image.is_empty());
    Container {
        id: text("Id"),
        name: shown(real),
        owner: None,
        author: author(&row["Labels"]),
        image: typed_image.map_or_else(|| text("Image"), str::to_owned),
        image_id: text("ImageID"),
        command: text("Command"),
        created: row["Created"].as_i64().unwrap_or_default(),
        state: text("State"),
        status: text("Status"),
        ports: ports(&row["Ports"]),
        labels: plain_labels(&row["Labels"]),
        networks: networks
            .into_iter()
            .flatten()
            .map(|(name, _)| match space {
                Some(_) => networks::as_owner_sees(&shown(name)),
                None => name.clone(),
            })
            .collect(),
        volumes: mounts
            .into_iter()
            .flatten()
            .filter(|mount| mount["Type"] == "volume")
            .filter_map(|mount| mount["Name"].as_str().map(str::to_owned))
            .collect(),
        size_rw: row["SizeRw"].as_i64(),
        size_root_fs: row["SizeRootFs"].as_i64(),
    }
}

fn ports(found: &Value) -> Vec<Port> {
    let number =
        |port: &Value| u16::try_from(port.as_u64().unwrap_or_default()).unwrap_or_default();
    let mut ports: Vec<Port> = found
        .as_array()
        .into_iter()
        .flatten()
        .map(|port| Port {
            address: port["IP"].as_str().unwrap_or_default().to_owned(),
            public: number(&port["PublicPort"]),
            private: number(&port["PrivatePort"]),
            protocol: port["Type"].as_str().unwrap_or_default().to_owned(),
        })
        .collect();
    ports.sort();
    ports
}

/// The label `author`.
pub(super) fn author(labels: &Value) -> Option<String> {
    labels[label::AUTHOR].as_str().map(str::to_owned)
}

/// Labels without dock's own.
pub(super) fn plain_labels(labels: &Value) -> BTreeMap<String, String> {
    labels
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !label::is_reserved(key))
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
