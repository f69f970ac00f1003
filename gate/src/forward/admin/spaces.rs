//! `GET /dock/spaces`: every space that holds something or has held an index.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dock_space::admin::SpaceRow;
use dock_space::config::Config;
use dock_space::{Person, Space, author};
use hyper::StatusCode;
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::super::allocation::{self, Row};
use super::super::body::{self, Answer};
use super::super::last_use;
use super::call::AdminCall;
use super::{containers, disk, images, networks, volumes};
use crate::failure::Failure;

/// What a space holds, counted.
#[derive(Default)]
struct Count {
    containers: usize,
    running: usize,
    images: usize,
    volumes: usize,
    networks: usize,
    ports: BTreeSet<u16>,
    disk: i64,
}

pub(super) async fn list(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let size = call.query.bool("size")?;
    call.query.finish()?;
    call.tell_of_read("admin.spaces");
    let mut counts: BTreeMap<Space, Count> = BTreeMap::new();
    let path = Path::new(allocation::FILE);
    let rows = allocation::all(path).map_err(Failure::Host)?;
    for row in &rows {
        counts.entry(row.space).or_default();
    }
    for (space, container) in containers::all(&call, false).await? {
        let Some(space) = space else { continue };
        let count = counts.entry(space).or_default();
        count.containers += 1;
        count.running += usize::from(container.is_up());
        let published = container.ports.iter().map(|port| port.public);
        count.ports.extend(published.filter(|port| *port > 0));
    }
    for (space, _) in volumes::all(&call, "/volumes").await? {
        if let Some(space) = space {
            counts.entry(space).or_default().volumes += 1;
        }
    }
    for (space, _) in networks::all(&call, "/networks").await? {
        if let Some(space) = space {
            counts.entry(space).or_default().networks += 1;
        }
    }
    let found: Vec<Value> = call.ask("/images/json").await?;
    for space in found.iter().filter_map(images::space_of) {
        counts.entry(space).or_default().images += 1;
    }
    if size {
        for (space, bytes) in disk::measure(&call).await?.spaces {
            counts.entry(space).or_default().disk += bytes;
        }
    }
    let config = call.admin.config.clone();
    let shown = spawn_blocking(move || shown(&config, &rows, counts, size)).await;
    let shown = shown.map_err(|error| Failure::Host(error.to_string()))?;
    Ok(body::json(StatusCode::OK, &shown))
}

/// Rows in the order of their spaces; asks NSS, which blocks.
fn shown(
    config: &Config,
    rows: &[Row],
    counts: BTreeMap<Space, Count>,
    size: bool,
) -> Vec<SpaceRow> {
    counts
        .into_iter()
        .map(|(space, count)| {
            let row = rows.iter().rfind(|row| row.space == space);
            let person = match space {
                Space::User(uid) => Person::look_up(uid).ok(),
                Space::Group(_) => None,
            };
            // A uid that was given to somebody else is not the space's person.
            let person = person.filter(|person| row.is_none_or(|row| row.login == person.login));
            let labels = person.as_ref().map(|person| {
                let settings = config.settings_for(person);
                (author::author(&settings, person), settings.organisation)
            });
            let (author, organisation) = labels.unwrap_or_default();
            let login = match (row, &person) {
                (Some(row), _) => row.login.clone(),
                (None, Some(person)) => person.login.clone(),
                (None, None) => space.to_string(),
            };
            SpaceRow {
                owner: dock_space::admin::Owner {
                    space: space.to_string(),
                    login,
                },
                account: person.is_some(),
                full_name: person.map(|person| person.full_name).unwrap_or_default(),
                organisation,
                author,
                index: row.map(|row| row.index),
                containers: count.containers,
                running: count.running,
                images: count.images,
                volumes: count.volumes,
                networks: count.networks,
                ports: count.ports.into_iter().collect(),
                disk: size.then_some(count.disk),
                last_use: last_use::of(space),
            }
        })
        .collect()
}
