//! References to containers, execs and images, as the caller typed them,
//! turned into full ids of what the caller may touch.
//!
//! A reference is looked up among the caller's own objects with the engine's
//! rules (full id, then name, then unique prefix). What is not the caller's
//! does not exist: the engine is never asked about it, so status, text and
//! timing are those of a random name.

use std::collections::HashMap;

use dock_space::{Space, label, name};
use hyper::StatusCode;
use serde::Deserialize;

use super::encode;
use super::engine::{Engine, Wire, parse_answer};
use crate::audit::Object;
use crate::failure::Failure;

/// One of the caller's containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Container {
    /// The engine's 64 hex digits.
    pub(crate) id: String,
    /// The name that its owner gave it.
    pub(crate) shown: String,
}

impl<'a> From<&'a Container> for Object<'a> {
    fn from(container: &'a Container) -> Object<'a> {
        Object {
            object: &container.id,
            name: &container.shown,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    id: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    labels: Option<HashMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    name: String,
    config: InspectedConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectedConfig {
    #[serde(default)]
    labels: Option<HashMap<String, String>>,
}

/// The engine's filter for what can only be `space`'s: real names by prefix,
/// and the label as a second lock.
pub(crate) fn own_filter(space: Space) -> HashMap<&'static str, Vec<String>> {
    HashMap::from([
        ("name", vec![format!("^/{space}-")]),
        ("label", vec![format!("{}={space}", label::SPACE)]),
    ])
}

/// The caller's container that `typed` refers to.
///
/// # Errors
/// `No such container: ...` in the engine's words, or its words for a prefix
/// that fits several.
pub(crate) async fn container(
    engine: &Engine,
    space: Space,
    typed: &str,
) -> Result<Container, Failure> {
    let missing = || Failure::Missing(format!("No such container: {typed}"));
    let bare = typed.strip_prefix('/').unwrap_or(typed);
    if !is_reference(bare) {
        return Err(missing());
    }
    if name::is_hex(bare) {
        return among(own_containers(engine, space).await?, bare, typed);
    }
    // Not hex, so it is no id, and with the space's prefix it names nobody else's.
    let target = format!(
        "/containers/{}/json",
        encode::segment(&space.real_name(bare))
    );
    let found: Option<Inspected> = engine.look_up(Wire::get(target)).await?;
    let found = found.ok_or_else(missing)?;
    let shown = own(space, &found.name, found.config.labels.as_ref()).ok_or_else(missing)?;
    if shown != bare {
        return Err(missing());
    }
    Ok(Container {
        shown: shown.to_owned(),
        id: found.id,
    })
}

/// All containers of `space`, newest first.
pub(crate) async fn own_containers(
    engine: &Engine,
    space: Space,
) -> Result<Vec<Container>, Failure> {
    let filters = encode::json_value(&own_filter(space))?;
    let wire = Wire::get(format!("/containers/json?all=1&filters={filters}"));
    let listed: Vec<Listed> = engine.look_up(wire).await?.unwrap_or_default();
    Ok(listed
        .into_iter()
        .filter_map(|row| {
            let shown = row
                .names
                .iter()
                .find_map(|name| own(space, name, row.labels.as_ref()))?
                .to_owned();
            Some(Container { id: row.id, shown })
        })
        .collect())
}

/// The states of all containers of `space`: `running`, `exited`, ...
pub(crate) async fn own_states(engine: &Engine, space: Space) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Row {
        state: String,
    }
    let filters = encode::json_value(&own_filter(space))?;
    let wire = Wire::get(format!("/containers/json?all=1&filters={filters}"));
    let rows: Vec<Row> = engine.look_up(wire).await?.unwrap_or_default();
    Ok(rows.into_iter().map(|row| row.state).collect())
}

/// The shown name behind a real one, when both the name and the label are the space's.
pub(crate) fn own<'a>(
    space: Space,
    real: &'a str,
    labels: Option<&HashMap<String, String>>,
) -> Option<&'a str> {
    let labelled = labels?
        .get(label::SPACE)
        .is_some_and(|owner| *owner == space.to_string());
    let real = real.strip_prefix('/').unwrap_or(real);
    if labelled {
        space.shown_name(real)
    } else {
        None
    }
}

/// The engine's order: full id, name, unique prefix.
fn among(own: Vec<Container>, bare: &str, typed: &str) -> Result<Container, Failure> {
    if let Some(found) = own.iter().find(|container| container.id == bare) {
        return Ok(found.clone());
    }
    if let Some(found) = own.iter().find(|container| container.shown == bare) {
        return Ok(found.clone());
    }
    let mut fits = own
        .into_iter()
        .filter(|container| container.id.starts_with(bare));
    match (fits.next(), fits.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => Err(Failure::Ambiguous(bare.to_owned())),
        (None, _) => Err(Failure::Missing(format!("No such container: {typed}"))),
    }
}

/// The shown name that `typed` must be: what is no hex is no id.
pub(crate) fn as_name(typed: &str) -> Option<&str> {
    let bare = typed.strip_prefix('/').unwrap_or(typed);
    (name::is_object_name(bare) && !name::is_hex(bare)).then_some(bare)
}

fn is_reference(bare: &str) -> bool {
    let mut bytes = bare.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bare.len() <= name::MAX_OBJECT_NAME
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// The caller's container that the exec `id` runs in.
///
/// # Errors
/// `No such exec instance: ...` in the engine's words.
pub(crate) async fn exec(
    engine: &Engine,
    space: Space,
    known: Option<String>,
    remembered: &super::known::Known,
    id: &str,
) -> Result<Container, Failure> {
    #[derive(Deserialize)]
    struct Exec {
        #[serde(rename = "ContainerID")]
        container: String,
    }
    let missing = || Failure::Missing(format!("No such exec instance: {id}"));
    if !name::is_full_id(id) {
        return Err(missing());
    }
    if let Some(container) = known.as_deref().and_then(|known| remembered.find(known)) {
        return Ok(container);
    }
    let own = own_containers(engine, space);
    let container = match known {
        Some(container) => container,
        None => {
            let (status, bytes) = engine
                .whole(Wire::get(format!("/exec/{id}/json")), None)
                .await?;
            // Somebody else's exec and none at all must look alike: both are
            // followed by the look at the caller's containers.
            match status {
                StatusCode::OK => parse_answer::<Exec>(status, &bytes)?.container,
                _ => String::new(),
            }
        }
    };
    own.await?
        .into_iter()
        .find(|own| own.id == container)
        .ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(id: &str, shown: &str) -> Container {
        Container {
            id: id.repeat(64 / id.len()),
            shown: shown.into(),
        }
    }

    #[test]
    fn a_name_wins_over_a_prefix_and_a_full_id_over_a_name() {
        let own = || {
            vec![
                container("ab", "web"),
                container("cd", "abab"),
                container("ac", "x"),
            ]
        };
        assert_eq!(among(own(), "abab", "abab").unwrap().shown, "abab");
        assert_eq!(among(own(), "aba", "aba").unwrap().shown, "web");
        assert_eq!(among(own(), &"ab".repeat(32), "").unwrap().shown, "web");
        assert!(matches!(among(own(), "a", "a"), Err(Failure::Ambiguous(_))));
        assert!(matches!(among(own(), "e", "e"), Err(Failure::Missing(_))));
    }

    #[test]
    fn a_label_or_a_name_alone_does_not_make_an_owner() {
        let alice = Space::User(dock_space::Uid(1001));
        let labels = HashMap::from([(label::SPACE.to_owned(), "u1001".to_owned())]);
        assert_eq!(own(alice, "/u1001-web", Some(&labels)), Some("web"));
        assert_eq!(own(alice, "/web", Some(&labels)), None);
        assert_eq!(own(alice, "/u1001-web", Some(&HashMap::new())), None);
        assert_eq!(own(alice, "/u1001-web", None), None);
        assert_eq!(own(alice, "/u1002-web", Some(&labels)), None);
    }
}
