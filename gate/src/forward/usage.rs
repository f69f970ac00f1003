//! `system df`: the disk that the caller's objects take.
//!
//! The engine walks its disks as root for an answer, everybody's, so a space
//! asks once at a time and waits for its turn; and what it says of others is
//! left out and not counted.

use std::collections::HashMap;
use std::time::Duration;

use hyper::StatusCode;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::body::{self, Answer};
use super::call::Call;
use super::engine::{Engine, Wire, message, parse_answer, read_whole};
use super::{images, lock, translate};
use crate::failure::Failure;

/// The kinds that API 1.42 can be asked for one by one.
const KINDS: [&str; 4] = ["container", "image", "volume", "build-cache"];

/// The version from which on the engine sums up itself, in another form; asked
/// for the older one it has what both need.
const SUMS: u8 = 52;

/// `GET /system/df`
pub(crate) async fn usage(mut call: Call<'_>) -> Result<Answer, Failure> {
    let kinds = call.query.take_all("type");
    let verbose = call.query.bool("verbose")?;
    call.query.finish()?;
    call.tell_of_look("system.df", "");
    // Before API 1.42 the parameter does not exist.
    let kinds = if call.version < 42 { Vec::new() } else { kinds };
    if let Some(unknown) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        let text = format!("unknown object type: {unknown}");
        return Err(Failure::Engine(400, text));
    }
    let wants = |kind: &str| kinds.is_empty() || kinds.iter().any(|asked| asked == kind);
    let asked: Vec<&str> = KINDS.into_iter().filter(|kind| wants(kind)).collect();
    let found = ask(&call, &asked).await?;
    let own = Own::of(&call, &found);
    let answer = if call.version >= SUMS {
        own.summed(wants, verbose)
    } else {
        own.listed(wants, call.version)
    };
    Ok(body::json(StatusCode::OK, &answer))
}

/// Bytes of each of the engine's volumes, by real name.
pub(crate) async fn of_volumes(call: &Call<'_>) -> Result<HashMap<String, i64>, Failure> {
    Ok(volume_sizes(&ask(call, &["volume"]).await?))
}

/// Bytes of each volume in the engine's answer, by real name.
pub(crate) fn volume_sizes(found: &Map<String, Value>) -> HashMap<String, i64> {
    let volumes = found.get("Volumes").and_then(Value::as_array);
    volumes
        .into_iter()
        .flatten()
        .filter_map(|volume| {
            let name = volume["Name"].as_str()?.to_owned();
            Some((name, volume["UsageData"]["Size"].as_i64()?))
        })
        .collect()
}

/// An engine up to 20.10 answers one at a time, whoever asks, and everybody else
/// with these words; what others do is no reason for an error here.
const BUSY: &str = "a disk usage operation is already running";

/// How long a request waits for its turn, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

async fn ask(call: &Call<'_>, kinds: &[&str]) -> Result<Map<String, Value>, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = match lock::place(call.space(), "df", 1)? {
            Some(_place) => ask_once(call, kinds).await,
            None => Err(Failure::Conflict(BUSY.into())),
        };
        match answer {
            Err(Failure::Engine(_, text) | Failure::Conflict(text))
                if text.contains(BUSY) && Instant::now() < deadline => {}
            other => return other,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What everybody's objects take, for an admin.
pub(crate) async fn everybodys(
    engine: &Engine,
    kinds: &[&str],
) -> Result<Map<String, Value>, Failure> {
    let version = engine.about().await?.api.min(SUMS - 1);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = engine
            .exchange(Wire::get(target(version, kinds)), Some(version))
            .await?;
        let status = answer.status();
        let bytes = read_whole(answer.into_body()).await?;
        if !message(&bytes).contains(BUSY) || Instant::now() >= deadline {
            return parse_answer(status, &bytes);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Bytes of each of the engine's volumes, by real name, for an admin.
pub(crate) async fn everybodys_volumes(engine: &Engine) -> Result<HashMap<String, i64>, Failure> {
    Ok(volume_sizes(&everybodys(engine, &["volume"]).await?))
}

async fn ask_once(call: &Call<'_>, kinds: &[&str]) -> Result<Map<String, Value>, Failure> {
    let version = call.version.min(SUMS - 1);
    // Without a deadline, as with docker: large disks take their time, and the
    // question ends with its client.
    let wire = Wire::get(target(version, kinds));
    let answer = call.engine.exchange(wire, Some(version)).await?;
    let answer = call.accept(answer, None).await?;
    let status = answer.status();
    parse_answer(status, &read_whole(answer.into_body()).await?)
}

/// The question: before API 1.42 it cannot be asked for one kind alone.
fn target(version: u8, kinds: &[&str]) -> String {
    let mut target = "/system/df".to_owned();
    if version >= 42 && kinds.len() < KINDS.len() {
        let kinds: Vec<String> = kinds.iter().map(|kind| format!("type={kind}")).collect();
        target = format!("{target}?{}", kinds.join("&"));
    }
    target
}

/// What is the caller's of the engine's answer, in the caller's words.
struct Own {
    containers: Vec<Value>,
    images: Vec<Value>,
    volumes: Vec<Value>,
    /// Bytes of all layers of those images, each counted once.
    layers: i64,
}

impl Own {
    fn of(call: &Call<'_>, found: &Map<String, Value>) -> Own {
        let all = |key: &str| {
            let list = found.get(key).and_then(Value::as_array);
            list.cloned().unwrap_or_default()
        };
        let space = call.space();
        let containers: Vec<Value> = all("Containers")
            .into_iter()
            .filter_map(|row| translate::container_row(space, call.version, row))
            .collect();
        let listed = all("Images");
        let images: Vec<Value> = listed
            .iter()
            .filter_map(|row| {
                let shared = row["SharedSize"].clone();
                let mut shown = images::row(row.clone())?;
                let used = containers
                    .iter()
                    .filter(|container| container["ImageID"] == shown["Id"])
                    .count();
                shown["Containers"] = used.into();
                shown["SharedSize"] = shared;
                Some(shown)
            })
            .collect();
        let layers = if images.len() == listed.len() {
            found.get("LayersSize").and_then(Value::as_i64).unwrap_or(0)
        } else {
            // Without the layers that only others' images have: those that an
            // image has alone, and the most that are shared.
            let sizes = |key: &'static str| {
                images
                    .iter()
                    .map(move |image| image[key].as_i64().unwrap_or(0).max(0))
            };
            let shared: i64 = sizes("SharedSize").sum();
            sizes("Size").sum::<i64>() - shared + sizes("SharedSize").max().unwrap_or(0)
        };
        Own {
            containers,
            images,
            volumes: all("Volumes")
                .into_iter()
                .filter_map(|volume| translate::volume(space, volume))
                .collect(),
            layers,
        }
    }

    /// The form up to API 1.51: everything, and the client sums up.
    fn listed(self, wants: impl Fn(&str) -> bool, version: u8) -> Value {
        let mut answer = Map::new();
        let list = |kind: &str, list: Vec<Value>| match wants(kind) {
            true => list.into(),
            false => Value::Null,
        };
        let layers = if wants("image") { self.layers } else { 0 };
        answer.insert("LayersSize".into(), layers.into());
        answer.insert("Images".into(), list("image", self.images));
        answer.insert("Containers".into(), list("container", self.containers));
        answer.insert("Volumes".into(), list("volume", self.volumes));
        answer.insert("BuildCache".into(), list("build-cache", Vec::new()));
        // Gone since API 1.42.
        if version < 42 {
            answer.insert("BuilderSize".into(), 0.into());
        }
        answer.into()
    }

    /// The form since API 1.52: sums, and the objects when asked for.
    fn summed(self, wants: impl Fn(&str) -> bool, verbose: bool) -> Value {
        let size = |value: &Value| value.as_i64().unwrap_or(0).max(0);
        let running = ["running", "paused", "restarting"];
        let is_running = |row: &Value| running.iter().any(|state| row["State"] == *state);
        let is_used = |image: &Value| image["Containers"].as_i64().is_some_and(|count| count > 0);
        let has_users = |volume: &Value| {
            let users = volume["UsageData"]["RefCount"].as_i64();
            users.is_some_and(|count| count > 0)
        };
        let of_container = |row: &Value| size(&row["SizeRw"]);
        let of_volume = |volume: &Value| size(&volume["UsageData"]["Size"]);
        let of_image = |image: &Value| size(&image["Size"]) - size(&image["SharedSize"]);
        let kinds: [(&str, &str, Vec<Value>, Sum); 3] = [
            (
                "container",
                "ContainerUsage",
                self.containers.clone(),
                Sum::of(&self.containers, is_running, of_container),
            ),
            (
                "volume",
                "VolumeUsage",
                self.volumes.clone(),
                Sum::of(&self.volumes, has_users, of_volume),
            ),
            (
                "image",
                "ImageUsage",
                self.images.clone(),
                Sum {
                    total: self.layers,
                    ..Sum::of(&self.images, is_used, of_image)
                },
            ),
        ];
        let mut answer = Map::new();
        for (kind, key, items, sum) in kinds {
            if wants(kind) {
                answer.insert(key.into(), sum.shown(items, verbose));
            }
        }
        if wants("build-cache") {
            let nothing = Sum::of(&[], |_| false, |_| 0);
            answer.insert("BuildCacheUsage".into(), nothing.shown(Vec::new(), verbose));
        }
        answer.into()
    }
}

/// Counts and bytes of one kind.
struct Sum {
    count: usize,
    active: usize,
    total: i64,
    reclaimable: i64,
}

impl Sum {
    fn of(
        items: &[Value],
        is_active: impl Fn(&Value) -> bool,
        size: impl Fn(&Value) -> i64,
    ) -> Sum {
        let unused = items.iter().filter(|item| !is_active(item));
        Sum {
            count: items.len(),
            active: items.iter().filter(|item| is_active(item)).count(),
            total: items.iter().map(&size).sum(),
            reclaimable: unused.map(&size).sum(),
        }
    }

    fn shown(&self, items: Vec<Value>, verbose: bool) -> Value {
        let mut shown = json!({
            "ActiveCount": self.active,
            "TotalCount": self.count,
            "Reclaimable": self.reclaimable,
            "TotalSize": self.total,
        });
        if verbose {
            shown["Items"] = items.into();
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Own {
        Own {
            containers: vec![
                json!({"State": "running", "SizeRw": 10}),
                json!({"State": "exited", "SizeRw": 5}),
            ],
            images: vec![
                json!({"Containers": 1, "Size": 100, "SharedSize": 40}),
                json!({"Containers": 0, "Size": 50, "SharedSize": 40}),
            ],
            volumes: vec![json!({"UsageData": {"RefCount": 0, "Size": 7}})],
            layers: 110,
        }
    }

    #[test]
    fn the_sums_are_of_what_is_shown() {
        let sums = own().summed(|_| true, false);
        assert_eq!(
            sums,
            json!({
                "ContainerUsage": {"ActiveCount": 1, "TotalCount": 2, "Reclaimable": 5, "TotalSize": 15},
                "VolumeUsage": {"ActiveCount": 0, "TotalCount": 1, "Reclaimable": 7, "TotalSize": 7},
                "ImageUsage": {"ActiveCount": 1, "TotalCount": 2, "Reclaimable": 10, "TotalSize": 110},
                "BuildCacheUsage": {"ActiveCount": 0, "TotalCount": 0, "Reclaimable": 0, "TotalSize": 0},
            })
        );
        let one = own().summed(|kind| kind == "volume", true);
        assert_eq!(one.as_object().unwrap().len(), 1);
        assert_eq!(one["VolumeUsage"]["Items"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn what_is_not_asked_for_is_null() {
        let listed = own().listed(|kind| kind == "volume", 44);
        assert_eq!(listed["Images"], Value::Null);
        assert_eq!(listed["Volumes"].as_array().unwrap().len(), 1);
        assert!(listed["LayersSize"] == 0 && listed.get("BuilderSize").is_none());
    }
}
