//! `events`: what happens to the caller's own containers.
//!
//! The engine is asked for container events with the space's label, and each
//! event is believed by its real name, which only the gate can give. Events of
//! images, networks and volumes come with their own families.

use std::collections::HashMap;

use dock_space::{Space, label};
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::body::{self, Answer};
use super::call::Call;
use super::filter::invalid;
use super::{lines, resolve, translate};
use crate::api::filters;
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{Facts, Operation};

/// Filters that mean the same for everybody.
const PLAIN: [&str; 2] = ["event", "label"];

/// Filters of objects that have no events here: with one of them nothing can fit.
const OTHERS: [&str; 8] = [
    "config", "daemon", "network", "node", "plugin", "secret", "service", "volume",
];

/// A value that no event has.
const NOTHING: &str = "\u{2}nothing";

/// `GET /events`
pub(crate) async fn events(mut call: Call<'_>) -> Result<Answer, Failure> {
    let since = call.query.take("since")?;
    let until = call.query.take("until")?;
    let asked = filters::parse(call.query.take("filters")?.as_deref())?;
    call.query.finish()?;
    let mut upstream = HashMap::from([
        ("type".to_owned(), vec!["container".to_owned()]),
        (
            "label".to_owned(),
            vec![format!("{}={}", label::SPACE, call.space())],
        ),
    ]);
    let mut images: Vec<String> = Vec::new();
    for (key, values) in asked {
        for value in values {
            match key.as_str() {
                "type" if value != "container" => {
                    // Asked for another kind alone: unless "container" is asked
                    // for as well, there is nothing to tell.
                    upstream.entry("other".into()).or_default().push(value);
                }
                "type" => upstream
                    .entry("container-asked".into())
                    .or_default()
                    .push(value),
                // The gate's own labels do not exist for clients.
                "label" if label::is_reserved(&value) => {
                    upstream
                        .entry(key.clone())
                        .or_default()
                        .push(NOTHING.into());
                }
                "container" => {
                    let id = match resolve::container(&call.engine, call.space(), &value).await {
                        Ok(container) => container.id,
                        Err(Failure::Missing(_)) => NOTHING.into(),
                        Err(other) => return Err(other),
                    };
                    upstream.entry(key.clone()).or_default().push(id);
                }
                // The engine would compare with the id that the gate sent.
                "image" => images.push(value),
                "scope" if value == "local" => {}
                plain if PLAIN.contains(&plain) => {
                    upstream.entry(key.clone()).or_default().push(value);
                }
                other if OTHERS.contains(&other) || other == "scope" => {
                    upstream
                        .entry("container".into())
                        .or_default()
                        .push(NOTHING.into());
                }
                unknown => return Err(invalid(call.version, unknown)),
            }
        }
    }
    let others = upstream.remove("other").is_some();
    let containers = upstream.remove("container-asked").is_some();
    if others && !containers {
        upstream
            .entry("container".into())
            .or_default()
            .push(NOTHING.into());
    }
    let operation = Operation::Events {
        since,
        until,
        filters: upstream,
    };
    let permit = call.judge(Weight::Read, "", operation, &Facts::None)?;
    let answer = call.send(permit, None).await?;
    let space = call.space();
    let body = lines::rewrite(answer.into_body(), move |line| {
        let event = serde_json::from_slice(line).ok()?;
        serde_json::to_vec(&shown(space, &images, event)?).ok()
    });
    Ok(body::with_body(StatusCode::OK, "application/json", body))
}

/// One event in the caller's words; `None` when it is not the space's.
fn shown(space: Space, images: &[String], event: Value) -> Option<Value> {
    let Value::Object(mut event) = event else {
        return None;
    };
    if event.get("Type")?.as_str()? != "container" {
        return None;
    }
    translate::keep(
        &mut event,
        &[
            "status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano",
        ],
    );
    let actor = event.get_mut("Actor")?.as_object_mut()?;
    translate::keep(actor, &["ID", "Attributes"]);
    let taken = translate::take_reserved(actor.get_mut("Attributes"));
    if taken.get(label::SPACE)?.as_str()? != space.to_string() {
        return None;
    }
    let attributes: &mut Map<String, Value> = actor.get_mut("Attributes")?.as_object_mut()?;
    let name = space
        .shown_name(attributes.get("name")?.as_str()?)?
        .to_owned();
    attributes.insert("name".into(), name.into());
    if let Some(old) = attributes.get_mut("oldName") {
        let shown = translate::names(space, old.as_str().unwrap_or_default());
        *old = shown.into();
    }
    let image = taken
        .get(label::IMAGE)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if !images.is_empty() && !images.iter().any(|asked| same_image(asked, &image)) {
        return None;
    }
    attributes.insert("image".into(), image.clone().into());
    if event.contains_key("from") {
        event.insert("from".into(), image.into());
    }
    Some(Value::Object(event))
}

/// The engine takes a name without its tag for every tag of it.
fn same_image(asked: &str, image: &str) -> bool {
    let bare = |text: &str| {
        let end = text.rfind(':').filter(|at| !text[*at..].contains('/'));
        text[..end.unwrap_or(text.len())].to_owned()
    };
    asked == image || asked == bare(image)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;
    use serde_json::json;

    const ALICE: Space = Space::User(Uid(1001));

    fn event(name: &str, owner: &str) -> Value {
        json!({
            "status": "start", "id": "ab", "from": "sha256:0", "Type": "container", "Action": "start",
            "Actor": {"ID": "ab", "Attributes": {
                "name": name, "image": "sha256:0", "a": "b",
                "dock.space": owner, "dock.image": "busybox:1", "dock.net": "default",
            }},
            "scope": "local", "time": 1, "timeNano": 2, "New": "leak",
        })
    }

    #[test]
    fn an_event_is_shown_in_its_owners_words() {
        assert_eq!(
            shown(ALICE, &[], event("u1001-web", "u1001")).unwrap(),
            json!({
                "status": "start", "id": "ab", "from": "busybox:1", "Type": "container", "Action": "start",
                "Actor": {"ID": "ab", "Attributes": {"name": "web", "image": "busybox:1", "a": "b"}},
                "scope": "local", "time": 1, "timeNano": 2,
            })
        );
    }

    #[test]
    fn an_event_that_is_not_the_spaces_is_none() {
        assert!(shown(ALICE, &[], event("u1002-web", "u1001")).is_none());
        assert!(shown(ALICE, &[], event("web", "u1001")).is_none());
        assert!(shown(ALICE, &[], event("u1001-web", "u1002")).is_none());
        let mut network = event("u1001-web", "u1001");
        network["Type"] = "network".into();
        assert!(shown(ALICE, &[], network).is_none());
    }

    #[test]
    fn an_image_filter_compares_with_what_was_typed() {
        let fits =
            |asked: &str| shown(ALICE, &[asked.to_owned()], event("u1001-web", "u1001")).is_some();
        assert!(fits("busybox:1") && fits("busybox"));
        assert!(!fits("busybox:2") && !fits("sha256:0"));
    }
}
