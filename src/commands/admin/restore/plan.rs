//! What a restore would make, and what stands in its way.

use std::collections::{BTreeMap, BTreeSet};

use dock_space::admin::{self, Owner, SpaceRow};
use serde_json::Value;

use super::super::{Manner, named};
use super::contents::Contents;
use super::images::{self, Origin};
use crate::client::Client;
use crate::error::Error;
use crate::{ui, units};

/// Everything that was found out before anything is made.
pub(super) struct Plan {
    pub(super) contents: Contents,
    /// Whose space it goes to.
    pub(super) owner: Owner,
    /// For each image of the archive, where it comes from.
    pub(super) origins: Vec<Origin>,
    pub(super) conflicts: Vec<String>,
}

impl Plan {
    /// Looks at the space of `user`; from then on the gate acts there.
    ///
    /// # Errors
    /// When the user has no space, or the gate does not say.
    pub(super) fn of(client: &mut Client, contents: Contents, user: &str) -> Result<Plan, Error> {
        super::super::enter(client, user, Manner::Act)?;
        let used: BTreeSet<&str> = contents
            .containers
            .iter()
            .map(|container| container.image.as_str())
            .collect();
        let mut origins = Vec::new();
        for image in &contents.images {
            origins.push(match used.contains(image.reference.as_str()) {
                true => images::origin(client, image)?,
                false => Origin::Here,
            });
        }
        let mut plan = Plan {
            owner: owner(client, user)?,
            contents,
            origins,
            conflicts: Vec::new(),
        };
        plan.names(client)?;
        plan.ports(client)?;
        plan.nowhere();
        Ok(plan)
    }

    /// Whether it goes back to the space that it came from.
    pub(super) fn is_return(&self) -> bool {
        self.contents.space == self.owner.space
    }

    /// Names that are taken in the space.
    fn names(&mut self, client: &mut Client) -> Result<(), Error> {
        let containers: Vec<Value> = client.get("/containers/json?all=1")?;
        let containers = containers.iter().flat_map(|row| {
            let names = row["Names"].as_array().into_iter().flatten();
            names.filter_map(|name| name.as_str()?.strip_prefix('/'))
        });
        let containers: BTreeSet<String> = containers.map(str::to_owned).collect();
        let networks: Vec<Value> = client.get("/networks")?;
        let networks: BTreeSet<String> = networks.iter().map(|row| text(&row["Name"])).collect();
        let volumes: Value = client.get("/volumes")?;
        let volumes = volumes["Volumes"].as_array().into_iter().flatten();
        let volumes: BTreeSet<String> = volumes.map(|row| text(&row["Name"])).collect();
        let contents = &self.contents;
        let wanted = contents.containers.iter().map(|container| &container.name);
        let taken = [
            (
                "container",
                wanted
                    .filter(|name| containers.contains(*name))
                    .collect::<Vec<_>>(),
            ),
            (
                "network",
                contents
                    .networks
                    .iter()
                    .map(|(name, _)| name)
                    .filter(|name| networks.contains(*name))
                    .collect(),
            ),
            (
                "volume",
                contents
                    .volumes
                    .iter()
                    .map(|volume| &volume.name)
                    .filter(|name| is_named(name) && volumes.contains(*name))
                    .collect(),
            ),
        ];
        let told = taken.into_iter().flat_map(|(kind, names)| {
            names
                .into_iter()
                .map(move |name| format!("a {kind} named \"{name}\" is there already"))
        });
        let told: Vec<String> = told.collect();
        self.conflicts.extend(told);
        Ok(())
    }

    /// Ports of the host that somebody has.
    fn ports(&mut self, client: &mut Client) -> Result<(), Error> {
        let all: Vec<admin::Container> = named::all(client)?;
        let mut taken: BTreeMap<(u16, &str), &admin::Container> = BTreeMap::new();
        for container in &all {
            for port in container.ports.iter().filter(|port| port.public > 0) {
                taken.insert((port.public, &port.protocol), container);
            }
        }
        for container in &self.contents.containers {
            for (_, port, protocol) in &container.ports {
                if let Some(holder) = taken.get(&(*port, protocol.as_str())) {
                    let holder = named::full_name(holder.owner.as_ref(), &holder.name);
                    self.conflicts.push(format!(
                        "port {port}/{protocol} of \"{}\" is taken by \"{holder}\"",
                        container.name
                    ));
                }
            }
        }
        Ok(())
    }

    /// Images that nobody is known to have.
    fn nowhere(&mut self) {
        for (image, origin) in self.contents.images.iter().zip(&self.origins) {
            if *origin == Origin::Nowhere {
                self.conflicts.push(format!(
                    "the image \"{}\" ({}) is not here, and no registry is known to have it",
                    image.reference, image.id
                ));
            }
        }
        // What a manifest does not speak of cannot be found.
        for container in &self.contents.containers {
            let images = &self.contents.images;
            if !images
                .iter()
                .any(|image| image.reference == container.image && image.id == container.image_id)
            {
                self.conflicts.push(format!(
                    "the archive does not say which image \"{}\" is, of which \"{}\" is",
                    container.image, container.name
                ));
            }
        }
    }

    /// Prints it: what would be made when `whole`, and what stands in the way.
    pub(super) fn tell(&self, whole: bool) {
        if whole {
            for line in self.lines() {
                ui::line(ui::safe(&line).as_bytes());
            }
        }
        for conflict in &self.conflicts {
            ui::warn(&format!("in the way: {conflict}"));
        }
    }

    fn lines(&self) -> Vec<String> {
        let contents = &self.contents;
        let size = |bytes: u64| units::bytes(i64::try_from(bytes).unwrap_or(i64::MAX));
        let mut lines = vec![format!("into {} ({})", self.owner.login, self.owner.space)];
        for (image, origin) in contents.images.iter().zip(&self.origins) {
            match origin {
                Origin::Here | Origin::Nowhere => {}
                Origin::Renamed(name) => {
                    lines.push(format!("image {}: here as {name}", image.reference));
                }
                Origin::Pull(digest) => lines.push(format!(
                    "image {}: pulled as {digest}, {}",
                    image.reference,
                    units::bytes(image.size)
                )),
            }
        }
        lines.extend(
            contents
                .networks
                .iter()
                .map(|(name, _)| format!("network {name}")),
        );
        for volume in &contents.volumes {
            let files = volume.files.as_ref();
            let bytes = files.map_or_else(|| "empty".to_owned(), |files| size(files.size));
            lines.push(format!("volume {}, {bytes}", volume.name));
        }
        for (container, changes) in contents.containers.iter().zip(&contents.changes) {
            let bytes = changes.as_ref().map_or(0, |changes| changes.size);
            lines.push(format!(
                "container {} of {}, {} changed",
                container.name,
                container.image,
                size(bytes)
            ));
        }
        lines
    }
}

/// Whether a volume was given a name.
pub(super) fn is_named(volume: &str) -> bool {
    !dock_space::name::is_full_id(volume)
}

/// The space of `user`, which may hold nothing yet.
fn owner(client: &mut Client, user: &str) -> Result<Owner, Error> {
    let spaces: Vec<SpaceRow> = client.get("/dock/spaces")?;
    let unknown = match named::space(spaces, user) {
        Err(error @ Error::NoObject { .. }) => error,
        found => return found.map(|row| row.owner),
    };
    let found = nix::unistd::User::from_name(user).ok().flatten();
    let space = found.map(|found| dock_space::Space::User(dock_space::Uid(found.uid.as_raw())));
    Ok(Owner {
        space: space.ok_or(unknown)?.to_string(),
        login: user.to_owned(),
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
