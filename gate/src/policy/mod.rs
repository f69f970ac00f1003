//! Whether an operation is allowed, and what is sent for it.
//!
//! Pure: no I/O, no async, no clock. [`judge`] turns an [`Operation`] into a
//! [`Permit`] or a [`Refusal`]; only this module can make a permit, and nothing
//! is sent to the engine without one.

mod addresses;
pub mod admin;
mod create;
mod exec;
mod existing;
pub mod files;
mod host;
mod limits;
mod mounts;
mod network;
mod networks;
mod operation;
mod ports;
mod process;
mod refusal;
mod security;
mod tmpfs;
mod update;
mod values;
mod volume;

pub use addresses::AddressFacts;
pub use create::{
    CreateFacts, EngineFacts, ImageFacts, NetworkFact, containers_named, networks_named,
    volumes_from, volumes_named,
};
pub use existing::{Existing, MEMBERS as EXISTING_MEMBERS};
pub use operation::{Attach, ContainerId, Create, ExecId, Logs, NetworkId, Operation, VolumeName};
pub use refusal::Refusal;
pub use volume::VolumeFact;

use std::collections::BTreeMap;

use dock_space::settings::Settings;
use dock_space::{Person, Space, label};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub person: Person,
    pub space: Space,
    /// `author`, and `org` where configured.
    pub labels: Vec<(&'static str, String)>,
}

impl Identity {
    /// The client's labels of an object, the author's over them, and whose it is.
    #[must_use]
    pub fn labelled(&self, mut labels: BTreeMap<String, String>) -> BTreeMap<String, String> {
        for (key, value) in &self.labels {
            labels.insert((*key).to_owned(), value.clone());
        }
        labels.insert(label::VERSION.into(), "1".into());
        labels.insert(label::SPACE.into(), self.space.to_string());
        labels
    }
}

/// What the gate has looked up for the judgement.
#[derive(Clone, Debug)]
pub enum Facts {
    /// The operation says it all.
    None,
    Create(Box<CreateFacts>),
    /// What the engine holds of the container that is to run, change or take a command.
    Existing(Box<Existing>),
    /// What a network can have.
    Addresses(Box<AddressFacts>),
    Engine(EngineFacts),
}

#[must_use]
#[derive(Debug)]
pub enum Verdict {
    Permit(Permit),
    Refuse(Refusal),
}

/// Proof that [`judge`] allowed this operation. Sending takes it by value.
#[must_use]
#[derive(Debug)]
pub struct Permit {
    operation: Operation,
}

impl Permit {
    /// The operation, in the form in which it is to be sent.
    pub fn into_operation(self) -> Operation {
        self.operation
    }

    /// The operation, in the form in which it is to be sent.
    pub fn operation(&self) -> &Operation {
        &self.operation
    }
}

/// Judges `operation`. What is permitted may differ from what was asked: forced
/// values are filled in.
pub fn judge(
    settings: &Settings,
    identity: &Identity,
    operation: Operation,
    facts: &Facts,
) -> Verdict {
    match decide(settings, identity, operation, facts) {
        Ok(operation) => Verdict::Permit(Permit { operation }),
        Err(refusal) => Verdict::Refuse(refusal),
    }
}

fn decide(
    settings: &Settings,
    identity: &Identity,
    operation: Operation,
    facts: &Facts,
) -> Result<Operation, Refusal> {
    match (operation, facts) {
        (Operation::ContainerCreate(create), Facts::Create(facts)) => Ok(
            Operation::ContainerCreate(create::judge(settings, identity, create, facts)?),
        ),
        // A body without the facts to judge it by is never sent.
        (Operation::ContainerCreate(_), _) => Err(Refusal::invalid(
            "the image of the container was not looked up",
        )),
        (Operation::VolumeCreate(body), Facts::Engine(engine)) => Ok(Operation::VolumeCreate(
            Box::new(volume::judge(settings, identity, *body, engine)?),
        )),
        (Operation::VolumeCreate(_), _) => {
            Err(Refusal::invalid("the engine of the volume was not asked"))
        }
        (Operation::NetworkCreate(body), Facts::Addresses(facts)) => Ok(Operation::NetworkCreate(
            Box::new(networks::judge(identity, facts, *body)?),
        )),
        (Operation::NetworkCreate(_), _) => {
            Err(Refusal::invalid("the space's addresses were not looked up"))
        }
        (
            Operation::NetworkConnect {
                id,
                default,
                container,
                shown,
                endpoint,
            },
            _,
        ) => {
            let endpoint = if default {
                network::bare(*endpoint)?
            } else {
                networks::endpoint(identity, &shown, *endpoint)?
            };
            Ok(Operation::NetworkConnect {
                id,
                default,
                container,
                shown,
                endpoint: Box::new(endpoint),
            })
        }
        (operation, Facts::Existing(existing)) => {
            values::check(&operation)?;
            let operation = match operation {
                Operation::ContainerUpdate { id, body } => Operation::ContainerUpdate {
                    id,
                    body: Box::new(update::judge(settings, *body)?),
                },
                Operation::ExecCreate { id, body } => Operation::ExecCreate {
                    id,
                    body: Box::new(exec::judge(*body)?),
                },
                other => other,
            };
            // Last, so that a mistake in the request is what is heard of first.
            existing::judge(settings, identity.space, existing)?;
            Ok(operation)
        }
        (operation, _) if operation.runs() => {
            Err(Refusal::invalid("the container was not looked up"))
        }
        (operation, _) => {
            values::check(&operation)?;
            Ok(operation)
        }
    }
}

#[cfg(test)]
mod tests;
