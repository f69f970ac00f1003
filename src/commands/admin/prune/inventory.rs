//! All objects with what is known of them, as the gate tells it.

use std::collections::HashMap;

use dock_space::admin::{Activity, Container, Image, Kind, Look, Network, Seen, Usage, Volume};

use super::object::Object;
use crate::client::Client;
use crate::error::Error;
use crate::gpu::{GpuSample, Gpus};

/// Everything at one look.
pub(super) struct Inventory {
    pub(super) objects: Vec<Object>,
    /// The host's clock at that look.
    pub(super) now: i64,
    /// What was remembered is lost, so that nothing looks old.
    pub(super) forgot: bool,
}

/// Which processes are whose.
const USAGE: &str = "/dock/usage?containers=1&pids=1";

/// Containers that a GPU works for right now. Memory that is held there and not
/// worked with is what an idle notebook leaves behind, and no work.
fn at_work(gpus: &GpuSample, usage: &Usage) -> Vec<String> {
    let containers = usage.spaces.iter().flat_map(|space| &space.containers);
    containers
        .filter(|container| gpus.of(&container.pids).percent > 0.0)
        .map(|container| container.id.clone())
        .collect()
}

/// Looks.
///
/// # Errors
/// When the gate does not tell.
pub(super) fn take(client: &mut Client) -> Result<Inventory, Error> {
    let look = Look {
        busy: match Gpus::find() {
            Some(gpus) => at_work(&gpus.sample(), &client.get(USAGE)?),
            None => Vec::new(),
        },
    };
    let activity: Activity = client.post("/dock/activity?size=1", &look)?;
    let mut seen: HashMap<(Kind, String), Seen> = activity
        .objects
        .into_iter()
        .map(|seen| ((seen.kind, seen.id.clone()), seen))
        .collect();
    let mut objects = Vec::with_capacity(seen.len());
    // What came between the look and the list is new, and of no concern.
    let containers: Vec<Container> = client.get("/dock/containers?all=1")?;
    objects.extend(containers.into_iter().filter_map(|row| {
        let seen = seen.remove(&(Kind::Container, row.id.clone()))?;
        Some(Object::of_container(row, seen))
    }));
    let networks: Vec<Network> = client.get("/dock/networks")?;
    objects.extend(networks.into_iter().filter_map(|row| {
        let seen = seen.remove(&(Kind::Network, row.id.clone()))?;
        Some(Object::of_network(row, seen))
    }));
    let volumes: Vec<Volume> = client.get("/dock/volumes")?;
    objects.extend(volumes.into_iter().filter_map(|row| {
        let seen = seen.remove(&(Kind::Volume, row.real.clone()))?;
        Some(Object::of_volume(row, seen))
    }));
    let images: Vec<Image> = client.get("/dock/images")?;
    objects.extend(images.into_iter().filter_map(|row| {
        let seen = seen.remove(&(Kind::Image, row.id.clone()))?;
        Some(Object::of_image(row, seen))
    }));
    Ok(Inventory {
        objects,
        now: activity.now,
        forgot: activity.forgot,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::GpuShare;
    use dock_space::admin::{ContainerUsage, Counters, Owner, SpaceUsage};

    #[test]
    fn a_container_is_at_work_when_a_gpu_works_for_it() {
        let container = |id: &str, pids: &[u32]| ContainerUsage {
            id: id.into(),
            name: String::new(),
            used: Counters::default(),
            memory_limit: None,
            disk: None,
            pids: pids.to_vec(),
        };
        let usage = Usage {
            spaces: vec![SpaceUsage {
                owner: Owner {
                    space: "u1001".into(),
                    login: "alice".into(),
                },
                used: Counters::default(),
                memory_limit: None,
                running: 3,
                disk: None,
                containers: vec![
                    container("trains", &[10, 11]),
                    container("holds", &[12]),
                    container("sleeps", &[13]),
                ],
            }],
            ..Usage::default()
        };
        let share = |percent, memory| GpuShare { percent, memory };
        let gpus = GpuSample {
            processes: HashMap::from([(11, share(40.0, 1 << 30)), (12, share(0.0, 1 << 30))]),
            ..GpuSample::default()
        };
        assert_eq!(at_work(&gpus, &usage), ["trains"]);
    }
}
