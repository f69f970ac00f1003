//! One request on its way: who, what, and the few steps that every endpoint
//! takes with it.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use dock_space::Space;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, Response};
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use super::body::{self, Answer};
use super::caller::Caller;
use super::engine::{Engine, Wire, message, parse_answer, read_whole};
use super::head::Control;
use super::listen::Gate;
use super::lock::{self, SpaceLock};
use super::resolve::{self, Container};
use super::translate::{self, Typed};
use super::wire;
use crate::api::json::{self, JsonError};
use crate::api::query::Query;
use crate::audit::{Object, Weight};
use crate::failure::Failure;
use crate::policy::{self, Facts, Operation, Permit, Refusal, Verdict};

/// A parsed request and what it is answered with the help of.
pub(crate) struct Call<'a> {
    pub(crate) gate: Rc<Gate>,
    pub(crate) caller: &'a Caller,
    pub(crate) engine: Rc<Engine>,
    pub(crate) control: Control,
    /// Minor of the API version that is spoken with the engine.
    pub(crate) version: u8,
    /// What the path names: a reference as typed, or nothing.
    pub(crate) object: String,
    pub(crate) query: Query,
    pub(crate) request: Request<()>,
    /// The body, until it is read.
    pub(crate) body: Option<Incoming>,
    /// What the body takes of the gate's room, for as long as the call lives.
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

impl Call<'_> {
    pub(crate) fn space(&self) -> Space {
        self.caller.identity.space
    }

    /// The caller's container that the path names.
    pub(crate) async fn container(&self) -> Result<Container, Failure> {
        if let Some(known) = self.gate.known.find(&self.object) {
            return Ok(known);
        }
        let found = resolve::container(&self.engine, self.space(), &self.object).await?;
        self.gate.known.remember(&found);
        Ok(found)
    }

    /// The whole JSON body, strictly parsed; `None` when there is none.
    pub(crate) async fn json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, Failure> {
        let kind = self.request.headers().get(CONTENT_TYPE).cloned();
        let Some(incoming) = self.body.take() else {
            return Ok(None);
        };
        let bytes = self.collect(incoming).await?;
        match json::parse(&bytes) {
            Ok(value) => {
                // The engine wants the type as well, and with these words.
                let is_json = kind.is_some_and(|kind| {
                    let kind = kind.to_str().unwrap_or_default();
                    kind.split(';').next().unwrap_or_default().trim() == "application/json"
                });
                if is_json {
                    Ok(Some(value))
                } else {
                    Err(Failure::MediaType)
                }
            }
            Err(JsonError::Empty) => Ok(None),
            Err(error) => Err(Failure::Malformed(error.to_string())),
        }
    }

    /// The bytes of a JSON body, when there is room for them.
    async fn collect(&mut self, incoming: Incoming) -> Result<Bytes, Failure> {
        let room = Rc::clone(&self.gate);
        let room = Arc::clone(&room.room).acquire_many_owned(body::room_of(&incoming));
        // Never closed, and an Err would only mean that nothing is counted.
        self.room = room.await.ok();
        body::collect(incoming, body::MAX_JSON).await
    }

    /// A terminal's size, `h` and `w`.
    pub(crate) fn size(&mut self) -> Result<(u16, u16), Failure> {
        let mut size = [0; 2];
        for (key, value) in ["h", "w"].into_iter().zip(&mut size) {
            let asked = self.query.int(key)?.unwrap_or_default();
            *value = u16::try_from(asked)
                .map_err(|_| Failure::Malformed(format!("\"{key}\" is no size of a terminal")))?;
        }
        self.query.finish()?;
        Ok((size[0], size[1]))
    }

    /// Refuses a body where the endpoint has none.
    pub(crate) async fn refuse_body(&mut self) -> Result<(), Failure> {
        let Some(incoming) = self.body.take() else {
            return Ok(());
        };
        let bytes = self.collect(incoming).await?;
        // Old CLIs send `{}` or `null`.
        if matches!(bytes.trim_ascii(), b"" | b"{}" | b"null") {
            return Ok(());
        }
        Err(Failure::Malformed(
            "this request takes no body [rule start.body]".into(),
        ))
    }

    /// Judges `operation` and writes the decision down.
    ///
    /// # Errors
    /// The refusal.
    pub(crate) fn judge<'o>(
        &self,
        weight: Weight,
        object: impl Into<Object<'o>>,
        operation: Operation,
        facts: &Facts,
    ) -> Result<Permit, Failure> {
        let (verb, object) = (operation.verb(), object.into());
        match policy::judge(
            &self.caller.settings,
            &self.caller.identity,
            operation,
            facts,
        ) {
            Verdict::Permit(permit) if self.caller.explains => {
                let operation = permit.operation();
                self.gate
                    .desk
                    .ledger
                    .allowed(weight, object.object, operation);
                if !operation.only_looks() {
                    return Err(Failure::Explained);
                }
                self.caller.journal.permit(weight, verb, object);
                Ok(permit)
            }
            Verdict::Permit(permit) => {
                self.caller.journal.permit(weight, verb, object);
                if weight == Weight::Change {
                    self.gate.touched.set(true);
                }
                Ok(permit)
            }
            Verdict::Refuse(refusal) => Err(self.refuse(verb, object, refusal)),
        }
    }

    /// Writes down a look that there is nothing to judge about.
    pub(crate) fn tell_of_look(&self, verb: &str, object: &str) {
        self.caller.journal.permit(Weight::Read, verb, object);
        if self.caller.explains {
            self.gate.desk.ledger.looked(verb, object);
        }
    }

    /// Writes a refusal down, where somebody else than the policy refuses, too.
    pub(crate) fn refuse<'o>(
        &self,
        verb: &str,
        object: impl Into<Object<'o>>,
        refusal: Refusal,
    ) -> Failure {
        let object = object.into();
        match self.caller.explains {
            true => self.gate.desk.ledger.refused(verb, object.object, &refusal),
            false => self.caller.journal.refuse(verb, object, refusal.rule),
        }
        refusal.into()
    }

    /// The space's lock. Who explains gives nothing away that two could want.
    pub(crate) async fn lock(&self) -> Result<Option<SpaceLock>, Failure> {
        match self.caller.explains {
            true => Ok(None),
            false => lock::space(self.space()).await.map(Some),
        }
    }

    /// Sends what was permitted; the answer as it begins, errors translated.
    pub(crate) async fn send(
        &self,
        permit: Permit,
        typed: Option<Typed<'_>>,
    ) -> Result<Response<Incoming>, Failure> {
        let answer = self
            .engine
            .exchange(wire::of(permit, self.space())?, Some(self.version))
            .await?;
        self.accept(answer, typed).await
    }

    /// The answer if it is no error, else the error in the caller's words.
    pub(crate) async fn accept(
        &self,
        answer: Response<Incoming>,
        typed: Option<Typed<'_>>,
    ) -> Result<Response<Incoming>, Failure> {
        let status = answer.status();
        if status.is_client_error() || status.is_server_error() {
            let bytes = read_whole(answer.into_body()).await?;
            let text = translate::error(self.space(), typed, &message(&bytes));
            return Err(Failure::Engine(status.as_u16(), text));
        }
        Ok(answer)
    }

    /// Sends what was permitted and reads the whole JSON answer.
    pub(crate) async fn fetch<T: DeserializeOwned>(
        &self,
        permit: Permit,
        typed: Option<Typed<'_>>,
    ) -> Result<T, Failure> {
        let answer = self.send(permit, typed).await?;
        let status = answer.status();
        parse_answer(status, &read_whole(answer.into_body()).await?)
    }

    /// A question of the gate's own at the version of this request.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, wire: Wire) -> Result<T, Failure> {
        let (status, bytes) = self.engine.whole(wire, Some(self.version)).await?;
        parse_answer(status, &bytes)
    }

    /// Sends what was permitted and passes the answer's status on, without a body.
    pub(crate) async fn act(
        &self,
        permit: Permit,
        typed: Option<Typed<'_>>,
    ) -> Result<Answer, Failure> {
        let answer = self.send(permit, typed).await?;
        let status = answer.status();
        // Read to its end, so that the connection serves the next request.
        read_whole(answer.into_body()).await?;
        Ok(body::empty(status))
    }

    /// Sends what was permitted and passes the body on as it comes.
    pub(crate) async fn stream(
        &self,
        permit: Permit,
        typed: Option<Typed<'_>>,
    ) -> Result<Answer, Failure> {
        let upstream = self.send(permit, typed).await?;
        let status = upstream.status();
        let kind = upstream.headers().get(CONTENT_TYPE).cloned();
        let mut answer = Response::new(body::incoming(upstream.into_body()));
        *answer.status_mut() = status;
        if let Some(kind) = kind {
            answer.headers_mut().insert(CONTENT_TYPE, kind);
        }
        Ok(answer)
    }
}
