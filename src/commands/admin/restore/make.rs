//! Makes what a plan says, or nothing.

use std::collections::BTreeMap;

use dock_space::admin::Volume as Listed;
use hyper::Method;
use serde_json::{Value, json};

use super::super::archives::Opened;
use super::super::named;
use super::images::{self, Origin};
use super::journal::{Journal, Kind as Thing};
use super::plan::{Plan, is_named};
use crate::archive::describe::{self, Container};
use crate::archive::frames::Stop;
use crate::archive::part::Part;
use crate::archive::progress::Progress;
use crate::client::{Client, escape};
use crate::error::Error;
use crate::{interrupt, ui};

/// Makes everything; on any failure, and on ^C, all of it is removed again.
///
/// # Errors
/// What kept it from being made.
pub(super) fn all(
    client: &mut Client,
    opened: &mut Opened,
    plan: &Plan,
    quiet: bool,
) -> Result<(), Error> {
    let mut journal = Journal::begin()?;
    let made = objects(client, &mut journal, plan)
        .and_then(|made| files(client, opened, plan, &made, quiet))
        .and_then(|()| interrupt::check());
    match made {
        Ok(()) => journal.close(),
        Err(error) => Err(journal.undo(client, error)),
    }
}

/// Starts the containers that ran; whether all did.
pub(super) fn start(client: &mut Client, plan: &Plan) -> bool {
    let mut all = true;
    for container in plan
        .contents
        .containers
        .iter()
        .filter(|one| one.was_running)
    {
        let path = format!("/containers/{}/start", escape(&container.name));
        if let Err(error) = client.act(Method::POST, &path, None) {
            ui::error(&error);
            all = false;
        }
    }
    all
}

/// What was made, by what the archive calls it.
struct Made {
    /// New ids of containers, in the plan's order.
    containers: Vec<String>,
    /// New names of anonymous volumes.
    volumes: BTreeMap<String, String>,
}

fn objects(client: &mut Client, journal: &mut Journal, plan: &Plan) -> Result<Made, Error> {
    let contents = &plan.contents;
    let space = plan.owner.space.as_str();
    let renamed = ready_images(client, plan)?;
    for (name, described) in &contents.networks {
        interrupt::check()?;
        journal.make(Thing::Network, space, name, || {
            network(client, plan, described)
        })?;
    }
    let mut made = Made {
        containers: Vec::new(),
        volumes: BTreeMap::new(),
    };
    let comes_with: Vec<&String> = contents
        .containers
        .iter()
        .flat_map(|container| container.comes_with.iter().map(|(_, volume)| volume))
        .collect();
    for volume in &contents.volumes {
        interrupt::check()?;
        if comes_with.contains(&&volume.name) {
            continue;
        }
        let name = match is_named(&volume.name) {
            true => volume.name.as_str(),
            false => "",
        };
        let body = describe::volume(&volume.described, name);
        let real = journal.make(Thing::Volume, space, name, || {
            let shown: Value = client.post("/volumes/create", &body)?;
            let shown = shown["Name"].as_str().unwrap_or_default();
            Ok(match name {
                "" => shown.to_owned(),
                _ => format!("{space}-{shown}"),
            })
        })?;
        if name.is_empty() {
            made.volumes.insert(volume.name.clone(), real);
        }
    }
    let others = contents.names();
    for container in &contents.containers {
        interrupt::check()?;
        let mut body = container.body(&made.volumes, &others);
        if let Some(image) = renamed.get(&(container.image.clone(), container.image_id.clone())) {
            body["Image"] = image.as_str().into();
        }
        let path = format!("/containers/create?name={}", escape(&container.name));
        let id = journal.make(Thing::Container, space, &container.name, || {
            let made: Value = client.post(&path, &body)?;
            Ok(made["Id"].as_str().unwrap_or_default().to_owned())
        })?;
        connect(client, container, &id)?;
        anonymous(client, container, &id, &mut made.volumes)?;
        made.containers.push(id);
    }
    Ok(made)
}

/// Pulls what is to be pulled; the names under which images are here that are not
/// here under the name that was typed.
fn ready_images(
    client: &mut Client,
    plan: &Plan,
) -> Result<BTreeMap<(String, String), String>, Error> {
    let mut renamed = BTreeMap::new();
    for (image, origin) in plan.contents.images.iter().zip(&plan.origins) {
        interrupt::check()?;
        let name = match origin {
            Origin::Here | Origin::Nowhere => continue,
            Origin::Renamed(name) => name.clone(),
            Origin::Pull(digest) => images::pull(client, image, digest)?,
        };
        if name != image.reference {
            ui::note(&format!(
                "\"{}\" means another image here; its containers are made of \"{}\"",
                ui::safe(&image.reference),
                ui::safe(&name)
            ));
        }
        renamed.insert((image.reference.clone(), image.id.clone()), name);
    }
    Ok(renamed)
}

/// With its old addresses where they are free and the space's, else with new ones.
fn network(client: &mut Client, plan: &Plan, described: &Value) -> Result<String, Error> {
    let body = describe::network(described, true);
    let made: Result<Value, Error> = client.post("/networks/create", &body);
    let made = match made {
        Err(Error::Answer { status, .. }) if status != 503 => {
            let made: Value =
                client.post("/networks/create", &describe::network(described, false))?;
            if plan.is_return() {
                let name = described["Name"].as_str().unwrap_or_default();
                ui::note(&format!(
                    "the network \"{}\" has new addresses: its old ones are taken",
                    ui::safe(name)
                ));
            }
            made
        }
        made => made?,
    };
    Ok(made["Id"].as_str().unwrap_or_default().to_owned())
}

fn connect(client: &mut Client, container: &Container, id: &str) -> Result<(), Error> {
    for (network, endpoint) in &container.connects {
        let body = json!({"Container": id, "EndpointConfig": endpoint});
        let body = serde_json::to_vec(&body).map_err(|error| Error::Gate(error.to_string()))?;
        let path = format!("/networks/{}/connect", escape(network));
        client.act(Method::POST, &path, Some(body))?;
    }
    Ok(())
}

/// What the container's anonymous volumes are called now.
fn anonymous(
    client: &mut Client,
    container: &Container,
    id: &str,
    volumes: &mut BTreeMap<String, String>,
) -> Result<(), Error> {
    if container.comes_with.is_empty() {
        return Ok(());
    }
    let made: Value = client.get(&format!("/containers/{id}/json"))?;
    for (place, old) in &container.comes_with {
        let mut mounts = made["Mounts"].as_array().into_iter().flatten();
        let mount = mounts.find(|mount| mount["Destination"] == place.as_str());
        match mount.and_then(|mount| mount["Name"].as_str()) {
            Some(new) => drop(volumes.insert(old.clone(), new.to_owned())),
            None => {
                return Err(Error::Undescribed {
                    part: ui::safe(&container.name),
                    why: format!("nothing was mounted at \"{}\"", ui::safe(place)),
                });
            }
        }
    }
    Ok(())
}

fn files(
    client: &mut Client,
    opened: &mut Opened,
    plan: &Plan,
    made: &Made,
    quiet: bool,
) -> Result<(), Error> {
    let contents = &plan.contents;
    let parts = contents
        .volumes
        .iter()
        .filter_map(|volume| volume.files.as_ref());
    let total = parts
        .chain(contents.changes.iter().flatten())
        .map(|part| part.size)
        .sum();
    let progress = Progress::new(Some(total), quiet);
    let listed: Vec<Listed> = named::all(client)?;
    for volume in &contents.volumes {
        let Some(part) = &volume.files else { continue };
        let real = match made.volumes.get(&volume.name) {
            Some(real) => Some(real.as_str()),
            None => listed
                .iter()
                .find(|one| {
                    one.name == volume.name
                        && one
                            .owner
                            .as_ref()
                            .is_some_and(|own| own.space == plan.owner.space)
                })
                .map(|one| one.real.as_str()),
        };
        let real = real.ok_or_else(|| Error::NoObject {
            near: Vec::new(),
            kind: "volume",
            asked: volume.name.clone(),
        })?;
        // The engine has put there what the image has.
        let path = format!("/dock/volumes/{}/tar?replace=1&", escape(real));
        put(client, opened, part, &path, &progress)?;
    }
    for (id, changes) in made.containers.iter().zip(&contents.changes) {
        if let Some(part) = changes {
            let path = format!("/dock/containers/{id}/changes?");
            put(client, opened, part, &path, &progress)?;
        }
    }
    Ok(())
}

/// Passes a part on as it is unpacked.
fn put(
    client: &mut Client,
    opened: &mut Opened,
    part: &Part,
    path: &str,
    progress: &Progress,
) -> Result<(), Error> {
    progress.at(&part.name);
    let prefix = escape(&format!("{}/", part.name));
    let path = format!("{path}prefix={prefix}&size={}", part.size);
    let mut stopped = None;
    let sent = client.put_files(&path, |supply| {
        let done = opened.reader.part(part, |piece| {
            interrupt::check()?;
            progress.add(piece.len() as u64);
            supply.send(piece)
        });
        match done {
            Ok(()) => Ok(()),
            Err(Stop::Taker(error)) => Err(error),
            Err(stop) => {
                stopped = Some(stop);
                Err(Error::Interrupted)
            }
        }
    });
    match stopped {
        Some(Stop::Damage(damage)) => Err(opened.damage(&damage)),
        Some(Stop::Read(error)) => Err(opened.failed(error)),
        Some(Stop::Taker(error)) => Err(error),
        None => sent.map(drop),
    }
}
