//! What the engine says at one look: what there is, what is in use, how much
//! running containers have done, how much disk each object takes.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use dock_space::admin::Kind;
use serde::Deserialize;
use serde_json::Value;
use tokio::task::spawn_local;

use super::super::super::engine::{Engine, Wire};
use super::super::super::{last_use, usage};
use super::super::call::AdminCall;
use super::memory::{Counters, Sight};
use crate::api::moment;
use crate::failure::Failure;

/// How many containers the engine is asked about at once: it tells of counters
/// once a second, to everybody who waits.
const AT_ONCE: usize = 64;

/// Bytes of each object.
pub(super) type Sizes = HashMap<(Kind, String), i64>;

/// What containers have, by what each kind is known by.
#[derive(Default)]
struct Used {
    images: HashSet<String>,
    /// Ids.
    networks: HashSet<String>,
    /// Real names.
    volumes: HashSet<String>,
}

/// Everything that there is.
///
/// # Errors
/// When the engine does not answer.
pub(super) async fn all(call: &AdminCall<'_>) -> Result<Vec<Sight>, Failure> {
    let images: Vec<Value> = call.ask("/images/json").await?;
    let networks: Vec<Value> = call.ask("/networks").await?;
    let volumes: Value = call.ask("/volumes").await?;
    // Last: what a container has that was made meanwhile is in use.
    let rows: Vec<Value> = call.ask("/containers/json?all=1").await?;
    let mut used = Used::default();
    let mut sights = Vec::with_capacity(rows.len());
    for row in &rows {
        used.note(row);
    }
    for rows in rows.chunks(AT_ONCE) {
        let asked: Vec<_> = rows
            .iter()
            .map(|row| spawn_local(container(Rc::clone(&call.engine), row.clone())))
            .collect();
        for sight in asked {
            let sight = sight.await;
            sights.push(sight.map_err(|error| Failure::Host(error.to_string()))??);
        }
    }
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    for row in &images {
        let id = text(row, "Id");
        let trace = last_use::of_object(Kind::Image, &id);
        sights.push(other(Kind::Image, used.images.contains(&id), id, trace));
    }
    for row in &networks {
        let id = text(row, "Id");
        let trace = last_use::of_object(Kind::Network, &text(row, "Name"));
        sights.push(other(Kind::Network, used.networks.contains(&id), id, trace));
    }
    let volumes = volumes["Volumes"].as_array();
    for row in volumes.into_iter().flatten() {
        let name = text(row, "Name");
        let trace = last_use::of_object(Kind::Volume, &name);
        let in_use = used.volumes.contains(&name);
        sights.push(other(Kind::Volume, in_use, name, trace));
    }
    forget_traces(&sights, &networks);
    Ok(sights)
}

impl Used {
    fn note(&mut self, row: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.images.extend(text(&row["ImageID"]));
        let mounts = row["Mounts"].as_array().into_iter().flatten();
        self.volumes
            .extend(mounts.filter_map(|mount| text(&mount["Name"])));
        let networks = row["NetworkSettings"]["Networks"].as_object();
        let networks = networks.into_iter().flatten();
        self.networks
            .extend(networks.filter_map(|(_, network)| text(&network["NetworkID"])));
    }
}

fn other(kind: Kind, in_use: bool, id: String, trace: Option<i64>) -> Sight {
    Sight {
        kind,
        id,
        in_use,
        trace,
        ended: None,
        counters: None,
        busy: false,
    }
}

async fn container(engine: Rc<Engine>, row: Value) -> Result<Sight, Failure> {
    let id = row["Id"].as_str().unwrap_or_default().to_owned();
    let state = row["State"].as_str().unwrap_or_default();
    let (mut ended, mut counters) = (None, None);
    match state {
        "running" => counters = self::counters(&engine, &id).await?,
        "exited" | "dead" => ended = self::ended(&engine, &id).await?,
        _ => {}
    }
    Ok(Sight {
        kind: Kind::Container,
        id,
        in_use: matches!(state, "running" | "paused" | "restarting"),
        trace: None,
        ended,
        counters,
        busy: false,
    })
}

/// When a container ended; the list does not say.
async fn ended(engine: &Engine, id: &str) -> Result<Option<i64>, Failure> {
    let wire = Wire::get(format!("/containers/{id}/json"));
    let found: Option<Value> = known(engine.look_up(wire).await)?;
    let ended = found.and_then(|found| moment::written(found["State"]["FinishedAt"].as_str()?));
    // Year 1 is how the engine says never.
    Ok(ended.filter(|ended| *ended > 0))
}

/// Nothing where the engine has an error, or an empty answer, for one container:
/// it goes just now, or its cgroup cannot be read.
fn known<T>(found: Result<Option<T>, Failure>) -> Result<Option<T>, Failure> {
    match found {
        Err(Failure::Engine(..) | Failure::EngineBroken(_)) => Ok(None),
        other => other,
    }
}

/// What a running container has taken; nothing where the engine cannot say.
async fn counters(engine: &Engine, id: &str) -> Result<Option<Counters>, Failure> {
    #[derive(Deserialize)]
    struct Stats {
        cpu_stats: Cpu,
        #[serde(default)]
        networks: Option<HashMap<String, Traffic>>,
    }
    #[derive(Deserialize)]
    struct Cpu {
        cpu_usage: Usage,
    }
    #[derive(Deserialize)]
    struct Usage {
        total_usage: u64,
    }
    #[derive(Deserialize)]
    struct Traffic {
        rx_bytes: u64,
        tx_bytes: u64,
    }
    // Without `one-shot` an engine takes a second more, to measure a rate.
    let wire = Wire::get(format!("/containers/{id}/stats?stream=0&one-shot=1"));
    let found: Option<Value> = known(engine.look_up(wire).await)?;
    let stats: Option<Stats> = found.and_then(|found| serde_json::from_value(found).ok());
    Ok(stats
        // What does not run has zeros.
        .filter(|stats| stats.cpu_stats.cpu_usage.total_usage > 0)
        .map(|stats| Counters {
            cpu: stats.cpu_stats.cpu_usage.total_usage,
            bytes: stats
                .networks
                .into_iter()
                .flatten()
                .map(|(_, traffic)| traffic.rx_bytes.saturating_add(traffic.tx_bytes))
                .fold(0, u64::saturating_add),
        }))
}

/// Traces of what is gone.
fn forget_traces(sights: &[Sight], networks: &[Value]) {
    for kind in [Kind::Image, Kind::Volume] {
        let there = sights.iter().filter(|sight| sight.kind == kind);
        last_use::forget_but(kind, &there.map(|sight| sight.id.as_str()).collect());
    }
    let names = networks.iter().filter_map(|row| row["Name"].as_str());
    last_use::forget_but(Kind::Network, &names.collect());
}

/// What each object takes of the disk alone: of an image, the layers that no other has.
///
/// # Errors
/// When the engine does not answer.
pub(super) async fn sizes(call: &AdminCall<'_>) -> Result<Sizes, Failure> {
    let found = usage::everybodys(&call.engine, &["container", "image", "volume"]).await?;
    let rows = |key: &str| {
        found
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let mut sizes = Sizes::new();
    let mut add = |kind: Kind, id: &Value, bytes: i64| {
        if let Some(id) = id.as_str() {
            sizes.insert((kind, id.to_owned()), bytes.max(0));
        }
    };
    for row in rows("Containers") {
        add(
            Kind::Container,
            &row["Id"],
            row["SizeRw"].as_i64().unwrap_or_default(),
        );
    }
    for row in rows("Images") {
        let size = row["Size"].as_i64().unwrap_or_default();
        let shared = row["SharedSize"].as_i64().unwrap_or_default().max(0);
        add(Kind::Image, &row["Id"], size - shared);
    }
    for row in rows("Volumes") {
        let size = row["UsageData"]["Size"].as_i64().unwrap_or_default();
        add(Kind::Volume, &row["Name"], size);
    }
    Ok(sizes)
}
