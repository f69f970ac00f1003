//! `dock admin purge`: everything of one space.
//!
//! The space is closed to its owner first, so nothing is made meanwhile. What
//! goes is looked up anew until nothing is left: a purge that was killed is
//! simply run again. The allocation stays, so nobody else is ever given its
//! addresses.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::{Container, Held, Image, Network, Owner, SpaceRow, Volume};
use hyper::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::archive;
use super::named::{self, Named};
use crate::client::{Client, escape};
use crate::error::Error;
use crate::{ui, units};

/// How often what is left is looked for: a container that is on its way out
/// holds its networks and volumes for a moment.
const ROUNDS: usize = 5;

/// What one space holds.
#[derive(Serialize)]
struct Plan {
    #[serde(flatten)]
    owner: Owner,
    containers: Vec<Container>,
    networks: Vec<Network>,
    volumes: Vec<Volume>,
    images: Vec<Image>,
    /// Bytes of writable layers and volumes.
    bytes: i64,
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let asked = matches
        .get_one::<String>("space")
        .map_or("", String::as_str);
    let mut client = super::gate()?;
    let spaces: Vec<SpaceRow> = client.get("/dock/spaces")?;
    let owner = named::space(spaces, asked)?.owner;
    let plan = Plan::of(&mut client, &owner)?;
    if matches.get_flag("json") {
        let text = serde_json::to_string(&plan).map_err(|error| Error::Gate(error.to_string()))?;
        ui::line(text.as_bytes());
    } else {
        plan.tell();
    }
    if matches.get_flag("dry-run") {
        return Ok(ExitCode::SUCCESS);
    }
    if !matches.get_flag("yes") {
        confirm(&owner)?;
    }
    let path = format!("/dock/spaces/{}/hold", owner.space);
    let Held { cut } = client.post(&path, &())?;
    if cut > 0 {
        ui::note(&format!(
            "{cut} running commands of {} were cut",
            owner.login
        ));
    }
    // The space is closed, so what is archived is what is removed.
    if let Some(place) = matches.get_one::<String>("archive-first") {
        let words = ["--verify", "--to", place, "--", owner.space.as_str()];
        if !archive::apart(&words)? {
            return Err(Error::NotArchived(owner.login));
        }
    }
    remove(&mut client, &owner)?;
    ui::line(format!("Total reclaimed space: {}", units::bytes(plan.bytes)).as_bytes());
    Ok(ExitCode::SUCCESS)
}

impl Plan {
    fn of(client: &mut Client, owner: &Owner) -> Result<Plan, Error> {
        let containers: Vec<Container> = own(client, owner, "/dock/containers?all=1&size=1")?;
        let volumes: Vec<Volume> = own(client, owner, "/dock/volumes?size=1")?;
        let layers = containers.iter().filter_map(|container| container.size_rw);
        let sizes = volumes.iter().filter_map(|volume| volume.size);
        Ok(Plan {
            bytes: layers.chain(sizes).filter(|bytes| *bytes > 0).sum(),
            owner: owner.clone(),
            containers,
            networks: own(client, owner, Network::PATH)?,
            volumes,
            images: own(client, owner, Image::PATH)?,
        })
    }

    /// What would go, in docker's tone, to standard error: data is for scripts.
    fn tell(&self) {
        let Owner { space, login } = &self.owner;
        ui::warn(&format!(
            "WARNING! This will remove everything of {login} ({space}):"
        ));
        let running = self
            .containers
            .iter()
            .filter(|container| container.is_up())
            .count();
        let kinds = [
            (
                self.containers.len(),
                "container",
                format!(", {running} of them running"),
            ),
            (self.networks.len(), "network", String::new()),
            (self.volumes.len(), "volume", String::new()),
            (self.images.len(), "image", String::new()),
        ];
        for (count, kind, more) in kinds {
            if count > 0 {
                let plural = if count == 1 { "" } else { "s" };
                ui::warn(&format!("  - {count} {kind}{plural}{more}"));
            }
        }
        ui::warn(&format!("  - {} on the disk", units::bytes(self.bytes)));
    }
}

fn own<T: Named + DeserializeOwned>(
    client: &mut Client,
    owner: &Owner,
    path: &str,
) -> Result<Vec<T>, Error> {
    let mut all: Vec<T> = client.get(path)?;
    all.retain(|object| object.owner().is_some_and(|own| own.space == owner.space));
    Ok(all)
}

fn confirm(owner: &Owner) -> Result<(), Error> {
    let Owner { space, login } = owner;
    let typed = ui::ask(&format!("Type the name of the space, {login}, to go on: "))?;
    if typed == *login || typed == *space {
        return Ok(());
    }
    Err(Error::NotConfirmed)
}

/// Removes until nothing is left, or nothing more can be.
fn remove(client: &mut Client, owner: &Owner) -> Result<(), Error> {
    let mut failures = Vec::new();
    for round in 0..ROUNDS {
        failures.clear();
        let mut left = 0;
        for path in paths(client, owner)? {
            left += 1;
            match client.act(Method::DELETE, &path, None) {
                // Gone by itself: what was to be.
                Ok(()) | Err(Error::Answer { status: 404, .. }) => {}
                Err(error @ Error::Answer { .. }) => failures.push(error),
                Err(other) => return Err(other),
            }
        }
        if left == 0 {
            return Ok(());
        }
        if !failures.is_empty() && round + 1 < ROUNDS {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }
    if paths(client, owner)?.is_empty() {
        return Ok(());
    }
    for failure in &failures {
        ui::error(failure);
    }
    Err(Error::Partly)
}

/// What there is now, as the gate removes it: containers first, they hold the rest.
fn paths(client: &mut Client, owner: &Owner) -> Result<Vec<String>, Error> {
    let mut paths = Vec::new();
    for container in own::<Container>(client, owner, Container::PATH)? {
        paths.push(format!("/dock/containers/{}?force=1&v=1", container.id));
    }
    for network in own::<Network>(client, owner, Network::PATH)? {
        paths.push(format!("/dock/networks/{}", network.id));
    }
    for volume in own::<Volume>(client, owner, Volume::PATH)? {
        paths.push(format!("/dock/volumes/{}", escape(&volume.real)));
    }
    for image in own::<Image>(client, owner, Image::PATH)? {
        let tags = image.tags.iter().chain(&image.digests);
        paths.extend(tags.map(|tag| format!("/dock/images/{}", escape(tag))));
    }
    Ok(paths)
}
