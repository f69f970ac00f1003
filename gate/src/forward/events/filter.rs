//! The filters of events, evaluated by the engine's rules on what is shown.

use serde_json::Value;

use super::super::filter::{Filters, has_label};

/// Keys whose value is the start of an id or a name.
const NAMES: [&str; 9] = [
    "config",
    "container",
    "daemon",
    "network",
    "node",
    "plugin",
    "secret",
    "service",
    "volume",
];

/// Actions that say more after a colon: asked for without one, they mean all of them.
const LONG_ACTIONS: [&str; 3] = ["exec_create", "exec_start", "health_status"];

/// What the caller asked for.
pub(super) struct Filter(Filters);

impl Filter {
    /// A key that the engine does not know means nothing to it either.
    pub(super) fn new(asked: Filters) -> Filter {
        Filter(asked)
    }

    fn values(&self, key: &str) -> &[String] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether events of no other kind can fit: only those of containers have labels.
    pub(super) fn wants_containers_alone(&self) -> bool {
        let kinds = self.values("type");
        !self.values("label").is_empty()
            || (!kinds.is_empty() && kinds.iter().all(|kind| kind == "container"))
    }

    /// Whether an event, as it is shown, passes.
    pub(super) fn fits(&self, event: &Value) -> bool {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (kind, action) = (text(&event["Type"]), text(&event["Action"]));
        let (id, attributes) = (text(&event["Actor"]["ID"]), &event["Actor"]["Attributes"]);
        let name = text(&attributes["name"]);
        let is_one_of = |key: &str, value: &str| {
            let values = self.values(key);
            values.is_empty() || values.iter().any(|asked| asked == value)
        };
        let starts_with_one_of = |key: &str, value: &str| {
            let values = self.values(key);
            values.is_empty() || values.iter().any(|asked| value.starts_with(asked))
        };
        let actions = self.values("event");
        let fits_action = if actions
            .iter()
            .any(|asked| LONG_ACTIONS.contains(&asked.as_str()))
        {
            starts_with_one_of("event", &action)
        } else {
            is_one_of("event", &action)
        };
        let image = match kind.as_str() {
            "image" => name.clone(),
            _ => text(&attributes["image"]),
        };
        let fits_image = [&id, &image]
            .into_iter()
            .any(|text| is_one_of("image", text) || is_one_of("image", bare(text)));
        fits_action
            && is_one_of("type", &kind)
            && is_one_of("scope", &text(&event["scope"]))
            && NAMES
                .iter()
                .all(|key| starts_with_one_of(key, &id) || starts_with_one_of(key, &name))
            && fits_image
            && self
                .values("label")
                .iter()
                .all(|asked| has_label(asked, |key| attributes.get(key)?.as_str()))
    }
}

/// An image's name without its tag.
fn bare(image: &str) -> &str {
    let end = image.rfind(':').filter(|at| !image[*at..].contains('/'));
    &image[..end.unwrap_or(image.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fits(asked: &[(&str, &str)]) -> bool {
        let mut filters = Filters::new();
        for (key, value) in asked {
            filters
                .entry((*key).to_owned())
                .or_default()
                .push((*value).to_owned());
        }
        Filter::new(filters).fits(&json!({
            "Type": "container", "Action": "exec_create: sh -c x", "scope": "local",
            "Actor": {"ID": "abcd", "Attributes": {"name": "web", "image": "localhost:5000/a:1", "colour": "red"}},
        }))
    }

    #[test]
    fn filters_mean_what_they_mean_to_the_engine() {
        for asked in [
            &[][..],
            &[("type", "container")],
            &[("type", "network"), ("type", "container")],
            &[("event", "exec_create")],
            &[("event", "exec_create: sh -c x")],
            &[("event", "exec"), ("event", "exec_start")],
            &[("container", "we")],
            &[("container", "abc")],
            &[("container", "web"), ("container", "other")],
            &[("image", "localhost:5000/a")],
            &[("image", "localhost:5000/a:1")],
            &[("label", "colour"), ("label", "colour=red")],
            &[("scope", "local")],
            &[("nosuch", "x")],
        ] {
            assert!(fits(asked), "{asked:?}");
        }
        for asked in [
            &[("type", "network")][..],
            &[("event", "exec")],
            &[("event", "start")],
            &[("container", "other")],
            &[("network", "lab")],
            &[("volume", "data")],
            &[("daemon", "x")],
            &[("image", "localhost")],
            &[("image", "localhost:5000/a:2")],
            &[("label", "colour"), ("label", "size")],
            &[("label", "colour=blue")],
            &[("label", "dock.space")],
            &[("scope", "swarm")],
        ] {
            assert!(!fits(asked), "{asked:?}");
        }
    }
}
