//! `GET /dock/images`: all images and who uses how many containers of them.

use std::collections::HashMap;

use dock_space::Space;
use dock_space::admin::Image;
use dock_space::name::IMAGE_DOMAIN;
use hyper::StatusCode;
use serde_json::Value;

use super::super::body::{self, Answer};
use super::call::AdminCall;
use super::containers;
use super::filters::Filters;
use crate::failure::Failure;

const FILTERS: [&str; 5] = ["before", "dangling", "label", "reference", "since"];

pub(super) async fn list(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let all = u8::from(call.query.bool("all")?);
    let filters = Filters::read(&mut call, &FILTERS).await?;
    call.query.finish()?;
    call.tell_of_read("admin.images");
    let target = format!(
        "/images/json?all={all}&digests=1&filters={}",
        filters.upstream()?
    );
    let found: Vec<Value> = call.ask(&target).await?;
    let used = used(&call).await?;
    let owners = call.owners();
    let spaces: Vec<Option<Space>> = found.iter().map(space_of).collect();
    owners.meet(spaces.iter().copied().flatten()).await;
    let wanted: Vec<Image> = found
        .iter()
        .zip(spaces)
        .map(|(row, space)| {
            let mut image = image(row, &used);
            image.owner = space.map(|space| owners.of(space));
            image
        })
        .filter(|image| {
            let name = image.tags.first().map_or("", String::as_str);
            filters.fit(image.owner.as_ref(), name)
        })
        .collect();
    Ok(body::json(StatusCode::OK, &wanted))
}

/// How many containers are of each image, by id.
async fn used(call: &AdminCall<'_>) -> Result<HashMap<String, usize>, Failure> {
    let mut used = HashMap::new();
    for (_, container) in containers::all(call, false).await? {
        *used.entry(container.image_id).or_default() += 1;
    }
    Ok(used)
}

/// The space whose alone an image is: all of its references are.
pub(super) fn space_of(row: &Value) -> Option<Space> {
    let references = references(row, "RepoTags").chain(references(row, "RepoDigests"));
    let mut owner = None;
    for reference in references {
        let (host, _) = reference.split_once(IMAGE_DOMAIN)?;
        let space = host.rsplit('/').next()?.parse().ok()?;
        match owner {
            Some(other) if other != space => return None,
            _ => owner = Some(space),
        }
    }
    owner
}

fn image(row: &Value, used: &HashMap<String, usize>) -> Image {
    let id = row["Id"].as_str().unwrap_or_default().to_owned();
    Image {
        tags: references(row, "RepoTags").collect(),
        digests: references(row, "RepoDigests").collect(),
        owner: None,
        author: containers::author(&row["Labels"]),
        created: row["Created"].as_i64().unwrap_or_default(),
        size: row["Size"].as_i64().unwrap_or_default(),
        containers: used.get(&id).copied().unwrap_or_default(),
        labels: containers::plain_labels(&row["Labels"]),
        id,
    }
}

fn references<'a>(row: &'a Value, key: &str) -> impl Iterator<Item = String> + 'a {
    let list = row[key].as_array();
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(|reference| !reference.starts_with("<none>"))
        .map(str::to_owned)
}
