//! What a space holds, as its owner's own gate describes it.

use std::collections::BTreeSet;

use dock_space::admin::{Owner, SpaceRow, Volume};
use serde_json::Value;

use super::super::Manner;
use super::super::named::{self, Named};
use crate::archive::describe::{self, Container};
use crate::archive::manifest::Image;
use crate::client::{Client, escape};
use crate::error::Error;

/// A volume and where the gate finds its files.
pub(super) struct Files {
    pub(super) name: String,
    pub(super) real: String,
    pub(super) described: Value,
}

/// Everything of a space, or of one container.
pub(super) struct Source {
    pub(super) row: SpaceRow,
    pub(super) networks: Vec<(String, Value)>,
    pub(super) volumes: Vec<Files>,
    pub(super) containers: Vec<(Container, Value)>,
    pub(super) images: Vec<Image>,
    pub(super) engine: String,
    pub(super) api: String,
}

impl Source {
    /// Looks at the space of `asked`, or at its one `container`; from then on the
    /// gate acts there.
    ///
    /// # Errors
    /// When there is no such space or container, or the gate does not say.
    pub(super) fn of(
        client: &mut Client,
        asked: &str,
        container: Option<&str>,
        with_sizes: bool,
    ) -> Result<Source, Error> {
        let row = row(client, asked, with_sizes)?;
        let all: Vec<dock_space::admin::Container> = own(client, &row.owner)?;
        let volumes: Vec<Volume> = own(client, &row.owner)?;
        super::super::enter(client, &row.owner.space, Manner::Act)?;
        let version: Value = client.get("/version")?;
        let mut source = Source {
            row,
            networks: Vec::new(),
            volumes: Vec::new(),
            containers: Vec::new(),
            images: Vec::new(),
            engine: text(&version["Version"]),
            api: text(&version["ApiVersion"]),
        };
        for one in all {
            if container.is_none_or(|asked| one.name == asked) {
                let described: Value = client.get(&format!("/containers/{}/json", one.id))?;
                let read = Container::read(&one.name, &described)?;
                source.containers.push((read, described));
            }
        }
        if let (Some(asked), true) = (container, source.containers.is_empty()) {
            return Err(Error::NoObject {
                near: Vec::new(),
                kind: "container",
                asked: format!("{}/{asked}", source.row.owner.login),
            });
        }
        // With one container go the networks and volumes that it has.
        let wanted = container.map(|_| source.referred());
        let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.contains(name));
        let networks: Vec<Value> = client.get("/networks")?;
        for network in networks {
            let name = text(&network["Name"]);
            if !["bridge", "host", "none"].contains(&name.as_str()) && is_wanted(&name) {
                let id = text(&network["Id"]);
                let described = client.get(&format!("/networks/{}", escape(&id)))?;
                source.networks.push((name, described));
            }
        }
        for volume in volumes.into_iter().filter(|volume| is_wanted(&volume.name)) {
            let path = format!("/volumes/{}", escape(&volume.name));
            source.volumes.push(Files {
                described: client.get(&path)?,
                name: volume.name,
                real: volume.real,
            });
        }
        source.images = images(client, &source.containers)?;
        Ok(source)
    }

    /// Names of networks and volumes that the containers have.
    fn referred(&self) -> BTreeSet<String> {
        let each = self.containers.iter();
        each.flat_map(|(_, described)| describe::referred(described))
            .collect()
    }

    /// About how many bytes there are to read, when that was asked for.
    pub(super) fn expected(&self) -> Option<u64> {
        self.row.disk.and_then(|bytes| u64::try_from(bytes).ok())
    }
}

/// The space that an admin means by a login or a number.
fn row(client: &mut Client, asked: &str, with_sizes: bool) -> Result<SpaceRow, Error> {
    let path = match with_sizes {
        true => "/dock/spaces?size=1",
        false => "/dock/spaces",
    };
    let spaces: Vec<SpaceRow> = client.get(path)?;
    named::space(spaces, asked)
}

fn own<T: Named + serde::de::DeserializeOwned>(
    client: &mut Client,
    owner: &Owner,
) -> Result<Vec<T>, Error> {
    let mut all: Vec<T> = named::all(client)?;
    all.retain(|object| object.owner().is_some_and(|own| own.space == owner.space));
    Ok(all)
}

/// The images of the containers, each once for each reference.
fn images(client: &mut Client, containers: &[(Container, Value)]) -> Result<Vec<Image>, Error> {
    let mut images: Vec<Image> = Vec::new();
    for (container, _) in containers {
        let (reference, id) = (&container.image, &container.image_id);
        if images
            .iter()
            .any(|image| image.reference == *reference && image.id == *id)
        {
            continue;
        }
        let path = format!("/images/{}/json", escape(id));
        let found = match client.get::<Value>(&path) {
            // An image can be removed by force while containers are of it.
            Err(Error::Answer { status: 404, .. }) => Value::Null,
            other => other?,
        };
        let digests = found["RepoDigests"].as_array().into_iter().flatten();
        images.push(Image {
            reference: reference.clone(),
            id: id.clone(),
            digests: digests.map(text).collect(),
            size: found["Size"].as_i64().unwrap_or_default(),
        });
    }
    Ok(images)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
