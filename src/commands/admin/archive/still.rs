//! Containers that stand still while they are read, and go on afterwards.

use hyper::Method;
use serde_json::Value;

use crate::archive::about::Mode;
use crate::archive::describe::Container;
use crate::client::Client;
use crate::error::Error;
use crate::ui;

/// What was done to a container, and undoes it.
enum Done {
    Paused(String),
    Stopped(String),
}

/// The containers that stand still.
#[derive(Default)]
pub(super) struct Still(Vec<Done>);

impl Still {
    /// Brings running containers to a stop of that kind.
    ///
    /// # Errors
    /// When one does not; those before it stand still then, see [`Still::end`].
    pub(super) fn begin(
        &mut self,
        client: &mut Client,
        containers: &[(Container, Value)],
        mode: Mode,
    ) -> Result<(), Error> {
        for (container, described) in containers {
            let state = &described["State"];
            let runs =
                container.was_running && state["Paused"] != true && state["Restarting"] != true;
            if mode == Mode::Live || !runs {
                continue;
            }
            let id = &container.id;
            // A container that goes when it ends must not be ended.
            let goes = described["HostConfig"]["AutoRemove"] == true;
            let (verb, done) = match mode {
                Mode::Stop if !goes => ("stop", Done::Stopped(id.clone())),
                _ => ("pause", Done::Paused(id.clone())),
            };
            match client.act(Method::POST, &format!("/dock/containers/{id}/{verb}"), None) {
                Ok(()) => self.0.push(done),
                // It has ended by itself.
                Err(Error::Answer {
                    status: 404 | 409, ..
                }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// Lets everything go on. What does not is told of; whether all did.
    pub(super) fn end(self, client: &mut Client) -> bool {
        let mut all = true;
        for done in self.0.into_iter().rev() {
            let (verb, id) = match done {
                Done::Paused(id) => ("unpause", id),
                Done::Stopped(id) => ("start", id),
            };
            match client.act(Method::POST, &format!("/dock/containers/{id}/{verb}"), None) {
                // Gone, or let go on by its owner.
                Ok(())
                | Err(Error::Answer {
                    status: 404 | 409, ..
                }) => {}
                Err(error) => {
                    ui::error(&error);
                    all = false;
                }
            }
        }
        all
    }
}
