//! Public images: which exist for a caller, and how they are shown.
//!
//! An image is public when any tag or digest of it lies outside `.dock.invalid`.
//! What has no public reference does not exist here.

use std::collections::HashMap;

use dock_space::Space;
use dock_space::image::{Reference, ReferenceError};
use dock_space::name::{IMAGE_DOMAIN, is_hex};
use serde::Deserialize;
use serde_json::Value;

use super::encode;
use super::engine::{Engine, Wire};
use super::translate::{keep, take_reserved};
use crate::failure::Failure;

/// An image that the caller may use.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    /// `sha256:` and 64 hex digits.
    pub(crate) id: String,
    /// The engine's whole answer to inspect.
    pub(crate) inspected: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    repo_digests: Option<Vec<String>>,
}

/// Whether a reference in an engine's answer is one that everybody sees.
pub(crate) fn is_public(reference: &str) -> bool {
    !reference.to_ascii_lowercase().contains(IMAGE_DOMAIN) && !reference.starts_with("<none>")
}

/// The image that `typed` refers to: as a name first, then as an id or a
/// prefix of one, as the engine does it.
///
/// # Errors
/// `No such image: ...` in the engine's words.
pub(crate) async fn find(engine: &Engine, _space: Space, typed: &str) -> Result<Image, Failure> {
    match Reference::parse(typed) {
        Ok(reference) => {
            if let Some(image) = by_name(engine, &reference).await? {
                return Ok(image);
            }
        }
        Err(ReferenceError::IsAnId) => {}
        Err(_) if is_id(typed).is_some() => {}
        Err(ReferenceError::Reserved) => return Err(missing(typed)),
        Err(error) => {
            return Err(Failure::Engine(
                400,
                format!("no such image: {typed}: {error}"),
            ));
        }
    }
    match is_id(typed) {
        Some(prefix) => by_id(engine, typed, prefix).await,
        None => Err(missing(typed)),
    }
}

fn missing(typed: &str) -> Failure {
    // The engine names the tag that it looked for.
    let reference = Reference::parse(typed).map_or_else(|_| typed.to_owned(), |r| r.familiar());
    Failure::Missing(format!("No such image: {reference}"))
}

/// The hex digits of what may be an id: `sha256:ab...` or `ab...`.
fn is_id(typed: &str) -> Option<&str> {
    let digits = typed.strip_prefix("sha256:").unwrap_or(typed);
    (digits.len() <= 64 && is_hex(digits)).then_some(digits)
}

async fn by_name(engine: &Engine, reference: &Reference) -> Result<Option<Image>, Failure> {
    // With its tag or digest a name cannot be taken for a prefix of an id.
    inspect(engine, &reference.familiar()).await
}

async fn inspect(engine: &Engine, reference: &str) -> Result<Option<Image>, Failure> {
    let wire = Wire::get(format!("/images/{}/json", encode::image(reference)));
    let inspected: Option<Value> = engine.look_up(wire).await?;
    Ok(inspected.and_then(|inspected| {
        let public = ["RepoTags", "RepoDigests"].iter().any(|key| {
            inspected[*key].as_array().is_some_and(|references| {
                references.iter().filter_map(Value::as_str).any(is_public)
            })
        });
        let id = inspected["Id"].as_str()?.to_owned();
        public.then_some(Image { id, inspected })
    }))
}

async fn by_id(engine: &Engine, typed: &str, prefix: &str) -> Result<Image, Failure> {
    let rows: Vec<Row> = engine
        .look_up(Wire::get("/images/json"))
        .await?
        .unwrap_or_default();
    let mut fits = rows.into_iter().filter(|row| {
        row.id
            .strip_prefix("sha256:")
            .is_some_and(|id| id.starts_with(prefix))
            && [&row.repo_tags, &row.repo_digests]
                .iter()
                .any(|references| references.iter().flatten().any(|r| is_public(r)))
    });
    match (fits.next(), fits.next()) {
        (Some(row), None) => inspect(engine, &row.id)
            .await?
            .ok_or_else(|| missing(typed)),
        // The engine, too, answers an ambiguous prefix this way.
        _ => Err(missing(typed)),
    }
}

const ROW: [&str; 11] = [
    "Id",
    "ParentId",
    "RepoTags",
    "RepoDigests",
    "Created",
    "Size",
    "SharedSize",
    "VirtualSize",
    "Labels",
    "Containers",
    "Descriptor",
];

/// One row of the image list; `None` when nothing of it is public.
pub(crate) fn row(row: Value) -> Option<Value> {
    let Value::Object(mut row) = row else {
        return None;
    };
    keep(&mut row, &ROW);
    let mut visible = false;
    for key in ["RepoTags", "RepoDigests"] {
        if let Some(Value::Array(references)) = row.get_mut(key) {
            references.retain(|reference| reference.as_str().is_some_and(is_public));
            visible |= !references.is_empty();
        }
    }
    if !visible {
        return None;
    }
    row.insert("ParentId".into(), "".into());
    // Counting everybody's containers would tell of theirs.
    row.insert("Containers".into(), (-1).into());
    row.insert("SharedSize".into(), (-1).into());
    take_reserved(row.get_mut("Labels"));
    Some(Value::Object(row))
}

const IMAGE: [&str; 24] = [
    "Id",
    "RepoTags",
    "RepoDigests",
    "Parent",
    "Comment",
    "Created",
    "Container",
    "ContainerConfig",
    "DockerVersion",
    "Author",
    "Config",
    "Architecture",
    "Variant",
    "Os",
    "OsVersion",
    "Size",
    "VirtualSize",
    "GraphDriver",
    "RootFS",
    "Metadata",
    "Descriptor",
    "Identity",
    "Manifests",
    "History",
];

/// The answer of an image's inspect.
pub(crate) fn inspected(answer: Value) -> Option<Value> {
    let Value::Object(mut answer) = answer else {
        return None;
    };
    keep(&mut answer, &IMAGE);
    for key in ["RepoTags", "RepoDigests"] {
        if let Some(Value::Array(references)) = answer.get_mut(key) {
            references.retain(|reference| reference.as_str().is_some_and(is_public));
        }
    }
    for key in ["Parent", "Container"] {
        if let Some(value) = answer.get_mut(key) {
            *value = "".into();
        }
    }
    if let Some(Value::Object(config)) = answer.get_mut("ContainerConfig") {
        for key in ["Hostname", "Image"] {
            if let Some(value) = config.get_mut(key) {
                *value = "".into();
            }
        }
        take_reserved(config.get_mut("Labels"));
    }
    if let Some(Value::Object(driver)) = answer.get_mut("GraphDriver") {
        keep(driver, &["Name", "Data"]);
        driver.insert("Data".into(), Value::Null);
    }
    if let Some(Value::Object(config)) = answer.get_mut("Config") {
        take_reserved(config.get_mut("Labels"));
    }
    Some(Value::Object(answer))
}

/// History: the tags of parents that are not public go, ids that nobody can
/// name become docker's `<missing>`.
pub(crate) fn history(own_id: &str, mut rows: Vec<Value>) -> Vec<Value> {
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        keep(
            row,
            &["Id", "Created", "CreatedBy", "Tags", "Size", "Comment"],
        );
        let mut visible = row.get("Id").and_then(Value::as_str) == Some(own_id);
        if let Some(Value::Array(tags)) = row.get_mut("Tags") {
            tags.retain(|tag| tag.as_str().is_some_and(is_public));
            visible |= !tags.is_empty();
        }
        if row
            .get("Tags")
            .and_then(Value::as_array)
            .is_some_and(Vec::is_empty)
        {
            row.insert("Tags".into(), Value::Null);
        }
        if !visible {
            row.insert("Id".into(), "<missing>".into());
        }
    }
    rows
}

/// Keys of the image list's filters that mean the same for everybody.
pub(crate) const PLAIN_FILTERS: [&str; 5] = ["dangling", "label", "label!", "reference", "until"];

/// The image list's filters with `before` and `since` as full ids.
///
/// # Errors
/// For an unknown key, or a reference to an image that does not exist.
pub(crate) async fn filters(
    engine: &Engine,
    space: Space,
    version: u8,
    filters: super::filter::Filters,
) -> Result<HashMap<String, Vec<String>>, Failure> {
    let mut upstream: HashMap<String, Vec<String>> = HashMap::new();
    for (key, values) in filters {
        if matches!(key.as_str(), "before" | "since") {
            super::filter::few(&key, &values)?;
        }
        for value in values {
            let value = match key.as_str() {
                "before" | "since" => find(engine, space, &value).await?.id,
                plain if PLAIN_FILTERS.contains(&plain) => value,
                unknown => return Err(super::filter::invalid(version, unknown)),
            };
            upstream.entry(key.clone()).or_default().push(value);
        }
    }
    Ok(upstream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_public_references_are_shown() {
        let listed = json!({"Id": "sha256:0", "RepoTags": ["busybox:latest", "u1002.dock.invalid/x:1"],
            "RepoDigests": null, "ParentId": "sha256:1", "Containers": 3, "SharedSize": 1, "X": 1});
        assert_eq!(
            row(listed).unwrap(),
            json!({"Id": "sha256:0", "RepoTags": ["busybox:latest"], "RepoDigests": null,
                "ParentId": "", "Containers": -1, "SharedSize": -1})
        );
        for hidden in [
            json!(["u1002.dock.invalid/x:1"]),
            json!(["<none>:<none>"]),
            json!(null),
        ] {
            assert!(row(json!({"Id": "sha256:0", "RepoTags": hidden})).is_none());
        }
    }

    #[test]
    fn history_does_not_name_the_private_tags_of_parents() {
        let rows = vec![
            json!({"Id": "sha256:0", "Tags": ["a:1"]}),
            json!({"Id": "sha256:1", "Tags": ["u1002.dock.invalid/secret:1"]}),
        ];
        assert_eq!(
            history("sha256:0", rows),
            vec![
                json!({"Id": "sha256:0", "Tags": ["a:1"]}),
                json!({"Id": "<missing>", "Tags": null})
            ]
        );
    }
}
