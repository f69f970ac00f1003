//! `GET /dock/volumes`: everybody's volumes.

use std::collections::HashMap;

use dock_space::Space;
use dock_space::admin::Volume;
use dock_space::name::is_full_id;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::super::body::{self, Answer};
use super::super::usage;
use super::call::AdminCall;
use super::filters::Filters;
use super::{containers, owners};
use crate::api::moment;
use crate::failure::Failure;

const FILTERS: [&str; 3] = ["dangling", "driver", "label"];

#[derive(Default, Deserialize)]
struct Listed {
    #[serde(rename = "Volumes", default)]
    volumes: Option<Vec<Value>>,
}

pub(super) async fn list(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let size = call.query.bool("size")?;
    let filters = Filters::read(&mut call, &FILTERS).await?;
    call.query.finish()?;
    call.tell_of_read("admin.volumes");
    let target = format!("/volumes?filters={}", filters.upstream()?);
    let mut found = all(&call, &target).await?;
    let used = used(&call).await?;
    for (_, row) in &mut found {
        row.containers = used.get(&row.real).copied().unwrap_or_default();
    }
    if size {
        let sizes = usage::everybodys_volumes(&call.engine).await?;
        for (_, row) in &mut found {
            row.size = sizes.get(&row.real).copied();
        }
    }
    let wanted: Vec<Volume> = found
        .into_iter()
        .map(|(_, row)| row)
        .filter(|row| filters.fit(row.owner.as_ref(), &row.name))
        .collect();
    Ok(body::json(StatusCode::OK, &wanted))
}

/// How many containers have each volume, by its real name.
async fn used(call: &AdminCall<'_>) -> Result<HashMap<String, usize>, Failure> {
    let mut used = HashMap::new();
    for (_, container) in containers::all(call, false).await? {
        for volume in container.volumes {
            *used.entry(volume).or_default() += 1;
        }
    }
    Ok(used)
}

/// All volumes, with their spaces; what uses them is not counted.
pub(super) async fn all(
    call: &AdminCall<'_>,
    target: &str,
) -> Result<Vec<(Option<Space>, Volume)>, Failure> {
    let found: Listed = call.ask(target).await?;
    let found = found.volumes.unwrap_or_default();
    let spaces: Vec<Option<Space>> = found
        .iter()
        .map(|row| {
            let name = row["Name"].as_str()?;
            owners::of_volume(name, &row["Labels"]).map(|(space, _)| space)
        })
        .collect();
    let owners = call.owners();
    owners.meet(spaces.iter().copied().flatten()).await;
    let rows = found.iter().zip(spaces).map(|(row, space)| {
        let mut volume = volume(row, space);
        volume.owner = space.map(|space| owners.of(space));
        (space, volume)
    });
    Ok(rows.collect())
}

fn volume(row: &Value, space: Option<Space>) -> Volume {
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let real = text("Name");
    let shown = space
        .and_then(|space| space.shown_name(&real))
        .unwrap_or(&real);
    Volume {
        name: shown.to_owned(),
        owner: None,
        author: containers::author(&row["Labels"]),
        anonymous: is_full_id(&real),
        driver: text("Driver"),
        mountpoint: text("Mountpoint"),
        created: row["CreatedAt"]
            .as_str()
            .and_then(moment::written)
            .unwrap_or_default(),
        labels: containers::plain_labels(&row["Labels"]),
        containers: 0,
        size: None,
        real,
    }
}
