//! Whether an operation is allowed, and what is sent for it.
//!
//! Pure: no I/O, no async, no clock. [`judge`] turns an [`Operation`] into a
//! [`Permit`] or a [`Refusal`]; only this module can make a permit, and nothing
//! is sent to the engine without one.

mod create;
mod exec;
mod host;
mod limits;
mod mounts;
mod network;
mod operation;
mod ports;
mod process;
mod refusal;
mod security;
mod tmpfs;
mod update;
mod values;

pub use create::{CreateFacts, EngineFacts, ImageFacts, NewVolume, containers_named, volumes_from};
pub use operation::{Attach, ContainerId, Create, ExecId, Logs, Operation};
pub use refusal::Refusal;

use dock_space::settings::Settings;
use dock_space::{Person, Space};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub person: Person,
    pub space: Space,
    /// `author`, and `org` where configured.
    pub labels: Vec<(&'static str, String)>,
}

/// What the gate has looked up for the judgement.
#[derive(Clone, Debug)]
pub enum Facts {
    /// The operation says it all.
    None,
    Create(Box<CreateFacts>),
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
        (Operation::ContainerCreate(_), Facts::None) => Err(Refusal::invalid(
            "the image of the container was not looked up",
        )),
        (Operation::ContainerUpdate { id, body }, _) => {
            let body = Box::new(update::judge(settings, *body)?);
            Ok(Operation::ContainerUpdate { id, body })
        }
        (Operation::ExecCreate { id, body }, _) => Ok(Operation::ExecCreate {
            id,
            body: Box::new(exec::judge(*body)?),
        }),
        (operation, _) => {
            values::check(&operation)?;
            Ok(operation)
        }
    }
}

#[cfg(test)]
mod tests;
