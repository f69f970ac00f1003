//! Events in the caller's words, and which of them are the caller's at all.

use std::collections::HashSet;
use std::rc::Rc;

use dock_space::{Space, label, name};
use serde_json::{Map, Value};

use super::super::engine::{Engine, Wire};
use super::super::{encode, translate, volumes};
use crate::failure::Failure;

/// The most ids that are remembered; older ones are forgotten, and with them
/// events that only an id tells whose they are.
const MAX_KNOWN: usize = 16 * 1024;

/// Knows which objects without a telling name are the space's: containers by
/// their ids, anonymous volumes by theirs.
pub(super) struct Witness {
    engine: Rc<Engine>,
    space: Space,
    containers: HashSet<String>,
    volumes: HashSet<String>,
}

impl Witness {
    pub(super) fn new(engine: Rc<Engine>, space: Space) -> Witness {
        Witness {
            engine,
            space,
            containers: HashSet::new(),
            volumes: HashSet::new(),
        }
    }

    /// What exists when the stream begins: these containers, and the space's
    /// anonymous volumes.
    pub(super) async fn knows(
        &mut self,
        containers: impl Iterator<Item = String>,
    ) -> Result<(), Failure> {
        self.containers.extend(containers);
        let listed = volumes::listed(&self.engine, self.space, false).await?;
        let names = listed.into_iter().map(|volume| volume.name);
        self.volumes
            .extend(names.filter(|name| name::is_full_id(name)));
        Ok(())
    }

    /// One event in the caller's words; `None` when it is not the space's.
    pub(super) async fn shown(&mut self, event: Value) -> Option<Value> {
        let Value::Object(event) = event else {
            return None;
        };
        match event.get("Type")?.as_str()? {
            "container" => {
                let shown = container(self.space, event)?;
                let id = shown["Actor"]["ID"].as_str()?;
                remember(&mut self.containers, id);
                Some(shown)
            }
            "network" => self.network(event),
            "volume" => self.volume(event).await,
            _ => None,
        }
    }

    fn network(&self, mut event: Map<String, Value>) -> Option<Value> {
        keep_event(&mut event);
        let action = event.get("Action")?.as_str()?.to_owned();
        let attributes = event
            .get_mut("Actor")?
            .get_mut("Attributes")?
            .as_object_mut()?;
        translate::keep(attributes, &["container", "name", "type"]);
        let shown = match attributes.get("name")?.as_str()? {
            host @ ("none" | "host") => host.to_owned(),
            real => translate::shown_network(self.space, real)?,
        };
        if let Some(container) = attributes.get("container") {
            // Root may have connected a container that is not the space's.
            self.containers.get(container.as_str()?)?;
        } else if matches!(shown.as_str(), "bridge" | "none" | "host") {
            // Docker's own networks are there from the first day on.
            return None;
        }
        // With a container or not is not the action's to leave open.
        if matches!(action.as_str(), "connect" | "disconnect") {
            attributes.get("container")?;
        }
        attributes.insert("name".into(), shown.into());
        Some(Value::Object(event))
    }

    async fn volume(&mut self, mut event: Map<String, Value>) -> Option<Value> {
        keep_event(&mut event);
        let action = event.get("Action")?.as_str()?.to_owned();
        let actor = event.get_mut("Actor")?.as_object_mut()?;
        let real = actor.get("ID")?.as_str()?.to_owned();
        let attributes = actor.get_mut("Attributes")?.as_object_mut()?;
        translate::keep(
            attributes,
            &[
                "container",
                "destination",
                "driver",
                "propagation",
                "read/write",
            ],
        );
        if let Some(container) = attributes.get("container") {
            self.containers.get(container.as_str()?)?;
        }
        if name::is_full_id(&real) {
            let by_container = attributes.contains_key("container");
            if !by_container && !self.is_own_volume(&action, &real).await {
                return None;
            }
            remember(&mut self.volumes, &real);
            return Some(Value::Object(event));
        }
        let shown = self.space.shown_name(&real)?.to_owned();
        actor.insert("ID".into(), shown.into());
        Some(Value::Object(event))
    }

    /// Whether an anonymous volume is the space's: known, or just made.
    async fn is_own_volume(&self, action: &str, id: &str) -> bool {
        if self.volumes.contains(id) {
            return true;
        }
        if action != "create" {
            return false;
        }
        let wire = Wire::get(format!("/volumes/{}", encode::segment(id)));
        match self.engine.look_up::<Value>(wire).await {
            Ok(Some(volume)) => {
                let owner = volume["Labels"][label::SPACE].as_str();
                owner == Some(&self.space.to_string())
            }
            // Gone by now: nobody can say whose it was.
            Ok(None) | Err(_) => false,
        }
    }
}

fn remember(known: &mut HashSet<String>, id: &str) {
    if known.len() >= MAX_KNOWN {
        known.clear();
    }
    known.insert(id.to_owned());
}

fn keep_event(event: &mut Map<String, Value>) {
    translate::keep(
        event,
        &[
            "status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano",
        ],
    );
    if let Some(actor) = event.get_mut("Actor").and_then(Value::as_object_mut) {
        translate::keep(actor, &["ID", "Attributes"]);
    }
}

fn container(space: Space, mut event: Map<String, Value>) -> Option<Value> {
    keep_event(&mut event);
    let actor = event.get_mut("Actor")?.as_object_mut()?;
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
    attributes.insert("image".into(), image.clone().into());
    if event.contains_key("from") {
        event.insert("from".into(), image.into());
    }
    Some(Value::Object(event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;
    use serde_json::json;

    const ALICE: Space = Space::User(Uid(1001));

    /// What a witness who knows container "ab" shows of the event.
    fn shown(event: Value) -> Option<Value> {
        // Nobody listens there: nothing that is tried here may ask the engine.
        let engine = Rc::new(Engine::new("/nonexistent".into()));
        let mut witness = Witness::new(engine, ALICE);
        witness.containers.insert("ab".into());
        witness.volumes.insert("0".repeat(64));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(witness.shown(event))
    }

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
            shown(event("u1001-web", "u1001")).unwrap(),
            json!({
                "status": "start", "id": "ab", "from": "busybox:1", "Type": "container", "Action": "start",
                "Actor": {"ID": "ab", "Attributes": {"name": "web", "image": "busybox:1", "a": "b"}},
                "scope": "local", "time": 1, "timeNano": 2,
            })
        );
    }

    #[test]
    fn an_event_that_is_not_the_spaces_is_none() {
        assert!(shown(event("u1002-web", "u1001")).is_none());
        assert!(shown(event("web", "u1001")).is_none());
        assert!(shown(event("u1001-web", "u1002")).is_none());
        let mut image = event("u1001-web", "u1001");
        image["Type"] = "image".into();
        assert!(shown(image).is_none());
    }

    fn network(action: &str, name: &str, container: Option<&str>) -> Option<Value> {
        let mut attributes = json!({"name": name, "type": "bridge", "new": "leak"});
        if let Some(container) = container {
            attributes["container"] = container.into();
        }
        let event = json!({"Type": "network", "Action": action, "Actor": {"ID": "01", "Attributes": attributes}});
        shown(event).map(|event| event["Actor"]["Attributes"].clone())
    }

    #[test]
    fn events_of_networks_are_shown_to_their_owner() {
        assert_eq!(
            network("create", "u1001-lab", None).unwrap(),
            json!({"name": "lab", "type": "bridge"})
        );
        assert_eq!(
            network("connect", "u1001-default", Some("ab")).unwrap(),
            json!({"name": "bridge", "type": "bridge", "container": "ab"})
        );
        assert!(network("connect", "none", Some("ab")).is_some());
        // Not hers, not a private daemon's, and not of a container of hers.
        assert!(network("create", "u1002-lab", None).is_none());
        assert!(network("create", "u1001-default", None).is_none());
        assert!(network("connect", "none", Some("cd")).is_none());
        assert!(network("connect", "u1001-lab", Some("cd")).is_none());
        assert!(network("connect", "u1001-lab", None).is_none());
    }

    fn volume(action: &str, id: &str, container: Option<&str>) -> Option<Value> {
        let mut attributes = json!({"driver": "local"});
        if let Some(container) = container {
            attributes["container"] = container.into();
        }
        let event = json!({"Type": "volume", "Action": action, "Actor": {"ID": id, "Attributes": attributes}});
        shown(event).map(|event| event["Actor"]["ID"].clone())
    }

    #[test]
    fn events_of_volumes_are_shown_to_their_owner() {
        assert_eq!(volume("create", "u1001-data", None).unwrap(), "data");
        assert_eq!(volume("mount", "u1001-data", Some("ab")).unwrap(), "data");
        assert!(volume("destroy", &"0".repeat(64), None).is_some());
        assert!(volume("mount", &"1".repeat(64), Some("ab")).is_some());
        assert!(volume("create", "u1002-data", None).is_none());
        assert!(volume("create", "data", None).is_none());
        assert!(volume("mount", "u1001-data", Some("cd")).is_none());
        assert!(volume("mount", &"1".repeat(64), Some("cd")).is_none());
        assert!(volume("destroy", &"1".repeat(64), None).is_none());
        // Asked of the engine, which does not answer here.
        assert!(volume("create", &"1".repeat(64), None).is_none());
    }
}
