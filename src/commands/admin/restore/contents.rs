//! What an archive says it holds, as far as it is to be restored.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::archives::Opened;
use crate::archive::describe::{self, Container};
use crate::archive::manifest::Image;
use crate::archive::part::{Kind, Part};
use crate::archive::reader::ReadError;
use crate::error::Error;
use crate::ui;

/// What all descriptions of one archive may take.
const MAX_DESCRIPTIONS: u64 = 256 << 20;

/// A volume, and where its files are in the archive.
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) described: Value,
    /// None for one whose files nobody keeps.
    pub(super) files: Option<Part>,
}

/// Everything that is to be made.
pub(super) struct Contents {
    pub(super) networks: Vec<(String, Value)>,
    pub(super) volumes: Vec<Volume>,
    /// Each after those that it needs.
    pub(super) containers: Vec<Container>,
    /// What each container changed, in the same order.
    pub(super) changes: Vec<Option<Part>>,
    pub(super) images: Vec<Image>,
    /// The space that the archive is of.
    pub(super) space: String,
}

impl Contents {
    /// Reads the descriptions of everything, or of `container` and what it has.
    ///
    /// # Errors
    /// When a description cannot be used, or there is no such container.
    pub(super) fn read(opened: &mut Opened, container: Option<&str>) -> Result<Contents, Error> {
        let manifest = opened.reader.manifest.clone();
        let described: u64 = manifest
            .parts
            .iter()
            .filter(|part| part.kind.is_document())
            .map(|part| part.size)
            .sum();
        if described > MAX_DESCRIPTIONS {
            return Err(Error::TooLarge {
                size: described,
                limit: MAX_DESCRIPTIONS,
            });
        }
        let mut contents = Contents {
            networks: Vec::new(),
            volumes: Vec::new(),
            containers: Vec::new(),
            changes: Vec::new(),
            images: manifest.images,
            space: manifest.about.space,
        };
        let mut containers = Vec::new();
        let mut wanted = BTreeSet::new();
        for part in &manifest.parts {
            let name = part.object().unwrap_or_default().to_owned();
            match part.kind {
                Kind::Network => contents.networks.push((name, document(opened, part)?)),
                Kind::Volume => {
                    let files = Kind::Data.part(&name);
                    contents.volumes.push(Volume {
                        described: document(opened, part)?,
                        files: manifest
                            .parts
                            .iter()
                            .find(|part| part.name == files)
                            .cloned(),
                        name,
                    });
                }
                Kind::Container if container.is_none_or(|asked| asked == name) => {
                    let described = document(opened, part)?;
                    let read = Container::read(&part.name, &described)?;
                    if read.name != name {
                        return Err(undescribed(part, "it describes another container"));
                    }
                    wanted.extend(describe::referred(&described));
                    containers.push(read);
                }
                Kind::Image | Kind::Bind | Kind::Tags => {
                    return Err(undescribed(part, "a later version of dock restores it"));
                }
                Kind::About | Kind::Data | Kind::Container | Kind::Changes => {}
            }
        }
        if let Some(asked) = container {
            if containers.is_empty() {
                return Err(Error::NoObject {
                    near: Vec::new(),
                    kind: "container",
                    asked: format!("{}/{}", opened.file, ui::safe(asked)),
                });
            }
            contents.networks.retain(|(name, _)| wanted.contains(name));
            contents
                .volumes
                .retain(|volume| wanted.contains(&volume.name));
        }
        contents.containers = describe::order(containers);
        contents.changes = contents
            .containers
            .iter()
            .map(|container| {
                let name = Kind::Changes.part(&container.name);
                let part = manifest.parts.iter().find(|part| part.name == name);
                part.filter(|part| part.entries > 0).cloned()
            })
            .collect();
        Ok(contents)
    }

    /// Names and old ids of the containers.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        let containers = self.containers.iter();
        containers
            .map(|container| (container.name.clone(), container.id.clone()))
            .collect()
    }
}

fn document(opened: &mut Opened, part: &Part) -> Result<Value, Error> {
    match opened.reader.document(part) {
        Ok(value) => Ok(value),
        Err(ReadError::Damage(damage)) => Err(opened.damage(&damage)),
        Err(ReadError::Io(error)) => Err(opened.failed(error)),
    }
}

fn undescribed(part: &Part, why: &str) -> Error {
    Error::Undescribed {
        part: ui::safe(&part.name),
        why: why.to_owned(),
    }
}
