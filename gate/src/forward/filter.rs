//! The filters of the container list, turned into what the engine may be asked
//! and what the gate evaluates itself.
//!
//! The engine joins values of one key by OR, so the caller's `name` filters
//! cannot stand beside the gate's own and are matched here, on shown names.

use std::collections::{BTreeMap, HashMap};

use dock_space::{Space, label, name};
use regex_lite::{Regex, RegexBuilder};

use super::engine::Engine;
use super::{images, networks, resolve};
use crate::failure::Failure;

/// Filters as the client sent them.
pub(crate) type Filters = BTreeMap<String, Vec<String>>;

/// Keys whose values mean the same in every space.
const PLAIN: [&str; 9] = [
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "publish",
    "status",
    "label",
];

/// Keys whose every value is looked up in the engine.
const LOOKED_UP: [&str; 4] = ["ancestor", "before", "network", "since"];

/// A value that no object has: a reference to nothing must match nothing.
pub(crate) const NOTHING: &str = "\u{2}nothing";

/// The most patterns for names, and the memory of each: matching takes time in
/// proportion to both, for every container, and nobody but root can stop it.
const MAX_PATTERNS: usize = 32;
const MAX_PATTERN: usize = 16 * 1024;

/// What is asked of the engine, and what is left to the gate.
pub(crate) struct ContainerFilters {
    pub(crate) upstream: HashMap<String, Vec<String>>,
    names: Names,
}

/// The `name` filters of a list, which are matched on shown names.
#[derive(Default)]
pub(crate) struct Names(Option<Vec<Regex>>);

impl Names {
    /// # Errors
    /// For more patterns than anybody types.
    pub(crate) fn new(values: &[String]) -> Result<Names, Failure> {
        if values.len() > MAX_PATTERNS {
            return Err(Failure::Malformed(format!(
                "more than {MAX_PATTERNS} filters for names"
            )));
        }
        // The engine, too, takes a pattern that does not compile as one that matches nothing.
        let patterns = values.iter().filter_map(|value| pattern(value).ok());
        Ok(Names((!values.is_empty()).then(|| patterns.collect())))
    }

    pub(crate) fn fit(&self, shown: &str) -> bool {
        let Names(patterns) = self;
        patterns
            .as_ref()
            .is_none_or(|patterns| patterns.iter().any(|pattern| pattern.is_match(shown)))
    }

    fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl ContainerFilters {
    /// # Errors
    /// For a key that the engine does not know, and for a `before` or `since`
    /// that names no container of the caller.
    pub(crate) async fn new(
        engine: &Engine,
        space: Space,
        version: u8,
        filters: Filters,
    ) -> Result<ContainerFilters, Failure> {
        let mut upstream: HashMap<String, Vec<String>> = resolve::own_filter(space)
            .into_iter()
            .map(|(key, values)| (key.to_owned(), values))
            .collect();
        let mut names = Names::default();
        for (key, values) in filters {
            if key == "name" {
                names = Names::new(&values)?;
                continue;
            }
            if LOOKED_UP.contains(&key.as_str()) {
                few(&key, &values)?;
            }
            let mut translated = Vec::with_capacity(values.len());
            for value in values {
                match key.as_str() {
                    // The gate's own labels do not exist for clients.
                    "label" if label::is_reserved(&value) => translated.push(NOTHING.to_owned()),
                    "ancestor" => translated.push(ancestor(engine, space, &value).await?),
                    "before" | "since" => {
                        translated.push(neighbour(engine, space, version, &value).await?);
                    }
                    "network" => {
                        translated.append(&mut network_references(engine, space, &value).await?);
                    }
                    "volume" => translated.extend(volume(space, value)),
                    plain if PLAIN.contains(&plain) => translated.push(value),
                    unknown => return Err(invalid(version, unknown)),
                }
            }
            if !translated.is_empty() {
                upstream.entry(key).or_default().append(&mut translated);
            }
        }
        Ok(ContainerFilters { upstream, names })
    }

    /// Whether a container with one of these shown names (`/web`) passes the
    /// `name` filters.
    pub(crate) fn names_fit<'a>(&self, mut shown: impl Iterator<Item = &'a str>) -> bool {
        self.names.is_none()
            || shown.any(|shown| {
                let bare = shown.strip_prefix('/').unwrap_or(shown);
                self.names.fit(shown) || self.names.fit(bare)
            })
    }

    /// Whether the engine may apply the caller's limit itself.
    pub(crate) fn engine_sees_all(&self) -> bool {
        self.names.is_none()
    }
}

/// Whether `KEY` or `KEY=VALUE` holds of labels; the gate's own do not exist for
/// clients.
pub(crate) fn has_label<'a>(asked: &str, label_of: impl FnOnce(&str) -> Option<&'a str>) -> bool {
    let (key, wanted) = match asked.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (asked, None),
    };
    !label::is_reserved(key)
        && label_of(key).is_some_and(|value| wanted.is_none_or(|wanted| wanted == value))
}

/// Refuses more values of one key than anybody types, where each costs a
/// look-up in the engine or a pattern.
pub(crate) fn few(key: &str, values: &[String]) -> Result<(), Failure> {
    if values.len() <= MAX_PATTERNS {
        return Ok(());
    }
    let text = format!("more than {MAX_PATTERNS} values of the filter '{key}'");
    Err(Failure::Malformed(text))
}

/// A filter's regular expression, with bounds.
pub(crate) fn pattern(text: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(text).size_limit(MAX_PATTERN).build()
}

/// The engine's words for a key that it does not know (lower case since API 1.42).
pub(crate) fn invalid(version: u8, key: &str) -> Failure {
    let word = if version < 42 { "Invalid" } else { "invalid" };
    Failure::Engine(400, format!("{word} filter '{key}'"))
}

async fn ancestor(engine: &Engine, space: Space, value: &str) -> Result<String, Failure> {
    match images::find(engine, space, value).await {
        Ok(image) => Ok(image.id),
        Err(Failure::Missing(_)) => Ok(NOTHING.to_owned()),
        Err(other) => Err(other),
    }
}

/// The engine has words of its own for a reference in a filter.
async fn neighbour(
    engine: &Engine,
    space: Space,
    version: u8,
    value: &str,
) -> Result<String, Failure> {
    match resolve::container(engine, space, value).await {
        Ok(container) => Ok(container.id),
        Err(Failure::Missing(_)) if version < 44 => {
            Err(Failure::Missing(format!("no such container {value}")))
        }
        Err(other) => Err(other),
    }
}

/// A network's id and its real name: a container that was never started knows
/// only the name.
async fn network_references(
    engine: &Engine,
    space: Space,
    value: &str,
) -> Result<Vec<String>, Failure> {
    Ok(match value {
        "none" | "host" => vec![value.to_owned()],
        "bridge" | "default" => match networks::find_default(engine, space).await? {
            Some(network) => vec![network.id, network.name],
            None => vec![NOTHING.to_owned()],
        },
        // Of a network that is gone the name is still a stopped container's.
        _ if name::is_object_name(value) => match networks::find(engine, space, value).await {
            Ok(networks::Reference::Own(network)) => vec![network.id, network.name],
            Ok(_) | Err(Failure::Missing(_)) => vec![space.real_name(value)],
            Err(other) => return Err(other),
        },
        _ => vec![NOTHING.to_owned()],
    })
}

/// A volume is named, anonymous (64 hex digits, which can be a name as well), or
/// a path inside the container.
fn volume(space: Space, value: String) -> Vec<String> {
    if value.starts_with('/') {
        vec![value]
    } else if name::is_full_id(&value) {
        vec![space.real_name(&value), value]
    } else {
        vec![space.real_name(&value)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_is_as_large_as_a_name_compiles_and_an_explosion_does_not() {
        let name = "a".repeat(name::MAX_OBJECT_NAME);
        for fits in [name.as_str(), "^/web[0-9]+$", "w{1,30}", "(web|db|cache).*"] {
            assert!(pattern(fits).is_ok(), "{fits}");
        }
        for explodes in [r"(\w{0,800}){0,8}", "((a{0,99}){0,99}){0,99}"] {
            assert!(pattern(explodes).is_err(), "{explodes}");
        }
    }
}
