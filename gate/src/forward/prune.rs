//! The prunes: the gate looks for what of the caller's is unused, and removes it
//! piece by piece, by id. The engine's own prunes would clean everybody's space
//! (G17), so none is ever sent.
//!
//! Nothing is forced: what came into use since it was looked for stays, since
//! the engine refuses to remove it.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use dock_space::admin::Kind;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{self, Answer};
use super::call::Call;
use super::engine::Wire;
use super::filter::{Filters, has_label, invalid};
use super::{encode, last_use, networks, resolve, translate, usage, volumes};
use crate::api::filters;
use crate::api::moment::{self, Now};
use crate::audit::{Object, Weight};
use crate::failure::Failure;
use crate::policy::{ContainerId, Facts, NetworkId, Operation, VolumeName};
use crate::sys;

type Labels = HashMap<String, String>;

/// What is to be removed, by the filters that all prunes share.
struct Which {
    /// Seconds since 1970: only what was made before.
    until: Option<i64>,
    with: Vec<String>,
    without: Vec<String>,
    /// Everything else that was asked for.
    rest: Filters,
}

impl Which {
    /// Reads the filters of a request; `known` are the keys of the prune `verb`
    /// beside those for labels.
    fn read(call: &mut Call<'_>, verb: &str, known: &[&str]) -> Result<Which, Failure> {
        if call.caller.explains {
            call.gate.desk.ledger.pruned(verb);
        }
        let mut asked = filters::parse(call.query.take("filters")?.as_deref())?;
        call.query.finish()?;
        let with = asked.remove("label").unwrap_or_default();
        let without = asked.remove("label!").unwrap_or_default();
        if let Some(key) = asked.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(invalid(call.version, key));
        }
        let until = match asked.remove("until").unwrap_or_default().as_slice() {
            [] => None,
            [text] => Some(since_1970(text)?),
            _ => {
                let text = "more than one until filter specified";
                return Err(Failure::Engine(400, text.into()));
            }
        };
        Ok(Which {
            until,
            with,
            without,
            rest: asked,
        })
    }

    fn fits(&self, created: i64, labels: &Labels) -> bool {
        let has = |asked: &String| has_label(asked, |key| labels.get(key).map(String::as_str));
        // Lists tell whole seconds: what was made within the last of them may
        // be younger, and stays.
        self.until.is_none_or(|until| created < until)
            && self.with.iter().all(has)
            && (self.without.is_empty() || !self.without.iter().all(has))
    }
}

fn since_1970(text: &str) -> Result<i64, Failure> {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    let now = Now {
        seconds,
        offset: sys::zone_offset(seconds),
    };
    moment::parse(text, now).ok_or_else(|| {
        let text = format!("failed to parse value as time or duration: {text:?}");
        Failure::Engine(400, text)
    })
}

/// An empty list is null in the engine's answers.
fn list(names: Vec<String>) -> Value {
    if names.is_empty() {
        Value::Null
    } else {
        names.into()
    }
}

/// Removes one object; whether it is gone by the caller's doing.
async fn remove<'o>(
    call: &Call<'_>,
    object: impl Into<Object<'o>>,
    operation: Operation,
) -> Result<bool, Failure> {
    let permit = match call.judge(Weight::Change, object, operation, &Facts::None) {
        // The next is to be told of, too.
        Err(Failure::Explained) => return Ok(false),
        other => other?,
    };
    match call.act(permit, None).await {
        Ok(_) => Ok(true),
        // In use by now, removed by another command, or not to be removed at all:
        // the engine's own prunes, too, go on with the next.
        Err(Failure::Engine(..)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// `container prune`
pub(crate) async fn containers(mut call: Call<'_>) -> Result<Answer, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Row {
        id: String,
        names: Vec<String>,
        labels: Option<Labels>,
        state: String,
        created: i64,
        #[serde(default)]
        size_rw: i64,
    }
    let which = Which::read(&mut call, "container.prune", &["until"])?;
    let filters = encode::json_value(&resolve::own_filter(call.space()))?;
    let wire = Wire::get(format!("/containers/json?all=1&size=1&filters={filters}"));
    let rows: Vec<Row> = call.ask(wire).await?;
    let (mut deleted, mut bytes) = (Vec::new(), 0);
    for row in rows {
        let mut names = row.names.iter();
        let own = names.find_map(|name| resolve::own(call.space(), name, row.labels.as_ref()));
        let Some(shown) = own else { continue };
        let is_stopped = matches!(row.state.as_str(), "created" | "exited" | "dead");
        let container = resolve::Container {
            id: row.id.clone(),
            shown: shown.to_owned(),
        };
        if !is_stopped || !which.fits(row.created, &row.labels.unwrap_or_default()) {
            continue;
        }
        let operation = Operation::ContainerRemove {
            id: ContainerId::new(&row.id)?,
            force: false,
            volumes: false,
            link: false,
        };
        if remove(&call, &container, operation).await? {
            bytes += row.size_rw;
            deleted.push(row.id);
        }
    }
    if !deleted.is_empty() {
        // Best effort: the containers are gone, and that is the answer.
        let _ = networks::remove_unused(&call.engine, call.space()).await;
    }
    let answer = json!({"ContainersDeleted": list(deleted), "SpaceReclaimed": bytes});
    Ok(body::json(StatusCode::OK, &answer))
}

/// `network prune`: what no running container is on, as docker counts it.
pub(crate) async fn networks(mut call: Call<'_>) -> Result<Answer, Failure> {
    let which = Which::read(&mut call, "network.prune", &["until"])?;
    let space = call.space();
    let mut deleted = Vec::new();
    for listed in networks::own(&call.engine, space).await? {
        let Some(network) = networks::Network::of(space, &listed) else {
            continue;
        };
        let labels = serde_json::from_value(listed["Labels"].clone()).unwrap_or_default();
        let created = listed["Created"].as_str().unwrap_or_default();
        // What cannot be read is not old.
        let created = moment::parse(
            created,
            Now {
                seconds: 0,
                offset: 0,
            },
        )
        .unwrap_or(i64::MAX);
        let is_default = network.name == space.real_name(networks::DEFAULT);
        let shown = translate::shown_network(space, &network.name);
        let (Some(shown), false) = (shown, is_default) else {
            continue;
        };
        if !which.fits(created, &labels) {
            continue;
        }
        let operation = Operation::NetworkRemove {
            id: NetworkId::new(&network.id)?,
        };
        if remove(&call, &network, operation).await? {
            last_use::forget(Kind::Network, &network.name);
            deleted.push(shown);
        }
    }
    let answer = json!({"NetworksDeleted": list(deleted)});
    Ok(body::json(StatusCode::OK, &answer))
}

/// The engine's mark on a volume that was made without a name, since API 1.42.
const ANONYMOUS: &str = "com.docker.volume.anonymous";

/// `volume prune`: before API 1.42 all that no container refers to, from then on
/// the anonymous ones among them, unless all are asked for. One with options
/// stays, as in the engine's own: its files are not in the engine's folders.
pub(crate) async fn volumes(mut call: Call<'_>) -> Result<Answer, Failure> {
    let known: &[&str] = if call.version >= 42 { &["all"] } else { &[] };
    let which = Which::read(&mut call, "volume.prune", known)?;
    let all = call.version < 42 || wants_all(&which.rest)?;
    let space = call.space();
    let listed = volumes::listed(&call.engine, space, true).await?;
    let unused: Vec<(String, String)> = listed
        .into_iter()
        .filter_map(|volume| {
            let labels = volume.labels.unwrap_or_default();
            let shown = volumes::own(space, &volume.name, &labels)?.to_owned();
            let fits = which.fits(0, &labels)
                && (all || labels.contains_key(ANONYMOUS))
                && volume.options.unwrap_or_default().is_empty();
            fits.then_some((volume.name, shown))
        })
        .collect();
    let (mut deleted, mut bytes) = (Vec::new(), 0);
    if !unused.is_empty() {
        let sizes = usage::of_volumes(&call).await?;
        for (real, shown) in unused {
            let operation = Operation::VolumeRemove {
                name: VolumeName::new(space, &real)?,
                force: false,
            };
            if remove(&call, &real, operation).await? {
                last_use::forget(Kind::Volume, &real);
                bytes += sizes.get(&real).copied().unwrap_or_default().max(0);
                deleted.push(shown);
            }
        }
    }
    // Of all prunes the one whose empty list is no null.
    let answer = json!({"VolumesDeleted": deleted, "SpaceReclaimed": bytes});
    Ok(body::json(StatusCode::OK, &answer))
}

/// Whether unused volumes with a name are meant, too; Go's spellings of a
/// boolean, and the engine's words for others.
fn wants_all(asked: &Filters) -> Result<bool, Failure> {
    let values = asked.get("all").map_or(&[][..], Vec::as_slice);
    let text = match values {
        [] => return Ok(false),
        [value] => match value.as_str() {
            "1" | "t" | "T" | "TRUE" | "true" | "True" => return Ok(true),
            "0" | "f" | "F" | "FALSE" | "false" | "False" => return Ok(false),
            other => {
                format!(
                    "invalid filter 'all': strconv.ParseBool: parsing {other:?}: invalid syntax"
                )
            }
        },
        _ => format!(
            "invalid filter 'all=[{}]': only one value is expected",
            values.join(" ")
        ),
    };
    Err(Failure::Engine(400, text))
}

/// `image prune`: public images are everybody's, and a space has no others yet.
pub(crate) async fn images(mut call: Call<'_>) -> Result<Answer, Failure> {
    let which = Which::read(&mut call, "image.prune", &["until", "dangling"])?;
    if let Some(values) = which.rest.get("dangling") {
        let known = ["0", "1", "false", "true"];
        if !values.is_empty() && !values.iter().any(|value| known.contains(&value.as_str())) {
            let key = format!("dangling=[{}]", values.join(" "));
            return Err(invalid(call.version, &key));
        }
    }
    let answer = json!({"ImagesDeleted": null, "SpaceReclaimed": 0});
    Ok(body::json(StatusCode::OK, &answer))
}

/// `builder prune`: there are no builds, so there is no cache of theirs.
pub(crate) async fn builds(mut call: Call<'_>) -> Result<Answer, Failure> {
    for ignored in [
        "all",
        "keep-storage",
        "reserved-space",
        "max-used-space",
        "min-free-space",
    ] {
        call.query.take(ignored)?;
    }
    filters::parse(call.query.take("filters")?.as_deref())?;
    call.query.finish()?;
    if call.caller.explains {
        call.gate.desk.ledger.pruned("builder.prune");
    }
    let answer = json!({"CachesDeleted": null, "SpaceReclaimed": 0});
    Ok(body::json(StatusCode::OK, &answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_filter_wants_all_and_an_exclusion_all_of_its_own() {
        let labels: Labels = [("a", "1"), ("b", "2"), ("dock.space", "u1")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        let fits = |with: &[&str], without: &[&str]| {
            let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
            let which = Which {
                until: Some(100),
                with: words(with),
                without: words(without),
                rest: Filters::new(),
            };
            which.fits(99, &labels) && !which.fits(100, &labels)
        };
        assert!(fits(&[], &[]) && fits(&["a", "b=2"], &[]) && fits(&[], &["a=2"]));
        assert!(fits(&[], &["a", "c"]) && !fits(&[], &["a", "b"]));
        assert!(!fits(&["c"], &[]) && !fits(&["a=2"], &[]) && !fits(&[], &["a"]));
        assert!(!fits(&["dock.space"], &[]) && fits(&[], &["dock.space"]));
    }
}
