//! `GET /dock/usage`: what every space uses, from the cgroups that the kernel
//! has summed up already.
//!
//! The engine is asked for names of containers alone, and only when they are
//! wanted: a view of who eats the host must work when the engine does not.

mod cgroup;
mod host;
mod network;
mod reading;
mod text;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use dock_space::Space;
use dock_space::admin::{SpaceUsage, Usage};
use hyper::StatusCode;
use tokio::task::spawn_blocking;

use super::super::body::{self, Answer};
use super::call::AdminCall;
use super::{containers, disk};
use crate::failure::Failure;
use reading::{Reader, Wanted};

/// What one reading leaves for the next.
#[derive(Default)]
pub(super) struct Kept(Arc<Mutex<Option<Reader>>>);

pub(super) async fn usage(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let names = call.query.bool("names")?;
    let measure = call.query.bool("disk")?;
    let wanted = Wanted {
        containers: call.query.bool("containers")?,
        pids: call.query.bool("pids")?,
    };
    call.query.finish()?;
    call.tell_of_read("admin.usage");
    let disk = match measure {
        true => Some(disk::measure(&call).await?),
        false => disk::read(Path::new(disk::FILE)),
    };
    let names = match names {
        // Numbers without names are better than neither.
        true => containers::names(&call).await.unwrap_or_default(),
        false => HashMap::new(),
    };
    let parent = call.admin.config.cgroup.parent.clone();
    let kept = Arc::clone(&call.gate.desk.usage.0);
    let read = spawn_blocking(move || {
        // A reading that ended half way has left nothing that is wrong.
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = kept.get_or_insert_with(|| Reader::new(Path::new("/")));
        reader.read(&parent, wanted)
    })
    .await;
    let mut read = read.map_err(|error| Failure::Host(error.to_string()))?;
    if let Some(disk) = &disk {
        for space in disk.spaces.keys() {
            read.spaces.entry(*space).or_default();
        }
    }
    let owners = call.owners();
    owners.meet(read.spaces.keys().copied()).await;
    let spaces = read.spaces.into_iter().map(|(space, mut part)| {
        for container in &mut part.containers {
            let own = names
                .get(&container.id)
                .filter(|(whose, _)| *whose == space);
            container.name = own.map(|(_, name)| name.clone()).unwrap_or_default();
            container.disk = disk.as_ref().and_then(|disk| disk.container(&container.id));
        }
        SpaceUsage {
            owner: owners.of(space),
            used: part.used,
            memory_limit: part.memory_limit,
            running: part.running,
            disk: disk.as_ref().map(|disk| disk.space(space)),
            containers: part.containers,
        }
    });
    let usage = Usage {
        at: read.at,
        host: read.host,
        spaces: spaces.collect(),
        disk_measured: disk.as_ref().map(|disk| disk.measured),
    };
    Ok(body::json(StatusCode::OK, &usage))
}

/// Names of containers by their ids, with whose they are.
pub(super) type Names = HashMap<String, (Space, String)>;
