//! One request of an admin's on its way.

use std::rc::Rc;
use std::sync::Arc;

use dock_space::Space;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{HeaderMap, Response};
use serde::de::DeserializeOwned;

use super::super::body;
use super::super::engine::{Engine, Wire, message, read_whole};
use super::super::head::Control;
use super::super::listen::Gate;
use super::owners::Owners;
use super::visit::Admin;
use crate::api::json;
use crate::api::query::Query;
use crate::audit::{Journal, Object, Weight};
use crate::failure::Failure;
use crate::policy::admin::{self as policy, Operation, Permit};

/// A parsed request and what it is answered with the help of.
pub(super) struct AdminCall<'a> {
    pub(super) gate: Rc<Gate>,
    pub(super) admin: &'a Admin,
    pub(super) engine: Rc<Engine>,
    pub(super) control: Control,
    /// What the path names, or nothing.
    pub(super) object: String,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    /// The body, until it is read.
    pub(super) body: Option<Incoming>,
}

impl AdminCall<'_> {
    /// The JSON body, strictly parsed.
    ///
    /// # Errors
    /// When there is none, or it is not what the route wants.
    pub(super) async fn json<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        let kind = self.headers.get(CONTENT_TYPE);
        if kind.is_none_or(|kind| kind != "application/json") {
            return Err(Failure::MediaType);
        }
        let incoming = self
            .body
            .take()
            .ok_or_else(|| Failure::Malformed("the request has no body".into()))?;
        let room = Arc::clone(&self.gate.room);
        let _room = room.acquire_many_owned(body::room_of(&incoming)).await;
        let bytes = body::collect(incoming, body::MAX_JSON).await?;
        json::parse(&bytes).map_err(|error| Failure::Malformed(error.to_string()))
    }

    /// Where what is done to objects of `space` is written down.
    pub(super) fn journal(&self, space: Option<Space>) -> Journal {
        self.admin.journal.of(space)
    }

    /// Writes down a read, once for each gate: a live view repeats itself.
    pub(super) fn tell_of_read(&self, verb: &'static str) {
        if self.gate.desk.told.borrow_mut().insert(verb.to_owned()) {
            self.journal(None).permit(Weight::Read, verb, "");
        }
    }

    /// Names of owners, looked up once for each gate.
    pub(super) fn owners(&self) -> Owners<'_> {
        Owners::new(&self.gate.desk.owners)
    }

    /// A question of the gate's own, answered with JSON.
    ///
    /// # Errors
    /// When the engine does not answer, or with an error.
    pub(super) async fn ask<T: DeserializeOwned + Default>(
        &self,
        target: &str,
    ) -> Result<T, Failure> {
        let found = self.engine.look_up(Wire::get(target)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Judges `operation` on an object of `owner`'s, by the name that it has
    /// there, and writes the decision down.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn judge(
        &self,
        weight: Weight,
        owner: Option<(Space, &str)>,
        operation: Operation,
    ) -> Result<Permit, Failure> {
        let (verb, object) = (operation.verb(), operation.object());
        let space = owner.map(|(space, _)| space);
        let object = Object {
            object: &object,
            name: owner.map_or("", |(_, shown)| shown),
        };
        let journal = self.journal(space);
        match policy::judge(self.admin.rights(), space, operation) {
            Ok(permit) => {
                journal.permit(weight, verb, object);
                Ok(permit)
            }
            Err(refusal) => {
                journal.refuse(verb, object, refusal.rule);
                Err(refusal.into())
            }
        }
    }

    /// Sends what was permitted; the answer as it begins.
    ///
    /// # Errors
    /// The engine's own error, in its words.
    pub(super) async fn send(&self, permit: Permit) -> Result<Response<Incoming>, Failure> {
        let version = self.engine.about().await?.api;
        let wire = objects_wire(permit);
        let answer = self.engine.exchange(wire, Some(version)).await?;
        let status = answer.status();
        if status.is_client_error() || status.is_server_error() {
            let bytes = read_whole(answer.into_body()).await?;
            return Err(Failure::Engine(status.as_u16(), message(&bytes)));
        }
        Ok(answer)
    }
}

/// The request for a permitted operation.
fn objects_wire(permit: Permit) -> Wire {
    super::objects::wire(permit.into_operation())
}
