//! All objects with what is known of them, as the gate tells it.

use std::collections::HashMap;

use dock_space::admin::{Activity, Container, Image, Kind, Look, Network, Seen, Volume};

use super::object::Object;
use crate::client::Client;
use crate::error::Error;

/// Everything at one look.
pub(super) struct Inventory {
    pub(super) objects: Vec<Object>,
    /// The host's clock at that look.
    pub(super) now: i64,
    /// What was remembered is lost, so that nothing looks old.
    pub(super) forgot: bool,
}

/// Looks.
///
/// # Errors
/// When the gate does not tell.
pub(super) fn take(client: &mut Client) -> Result<Inventory, Error> {
    // Nobody asks a GPU's driver yet: work there counts by the CPU time that it takes.
    let look = Look::default();
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
