//! One object of anybody's: stopped, started, removed, read, by its id.

use std::rc::Rc;

use dock_space::Space;
use dock_space::admin::Kind;
use dock_space::image::{Reference, ReferenceError};
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Response, StatusCode};
use serde_json::Value;

use super::super::body::{self, Answer};
use super::super::call::Call;
use super::super::engine::{Wire, read_whole};
use super::super::resolve::Container;
use super::super::{containers as space_containers, encode, last_use, wire};
use super::call::AdminCall;
use super::{act, owners};
use crate::api::query::Query;
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::admin::Operation;
use crate::policy::{ContainerId, Logs, NetworkId, Operation as SpaceOperation};

/// A container of anybody's.
pub(super) struct Found {
    pub(super) id: ContainerId,
    /// Whose it is, and the name that its owner gave it.
    owner: Option<(Space, String)>,
}

impl Found {
    pub(super) fn space(&self) -> Option<Space> {
        self.owner.as_ref().map(|(space, _)| *space)
    }

    pub(super) fn owner(&self) -> Option<(Space, &str)> {
        let owner = self.owner.as_ref();
        owner.map(|(space, shown)| (*space, shown.as_str()))
    }
}

/// Looks at the container that the path names by its full id.
pub(super) async fn container(call: &AdminCall<'_>) -> Result<Found, Failure> {
    let missing = || Failure::Missing(format!("No such container: {}", call.object));
    let id = ContainerId::new(&call.object)?;
    let wire = Wire::get(format!("/containers/{id}/json"));
    let found: Value = call.engine.look_up(wire).await?.ok_or_else(missing)?;
    let name = found["Name"].as_str().unwrap_or_default();
    let owner = owners::named(name, &found["Config"]["Labels"]);
    Ok(Found {
        id,
        owner: owner.map(|(space, shown)| (space, shown.to_owned())),
    })
}

/// `POST /dock/containers/{id}/stop`
pub(super) async fn stop(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let seconds = call.query.int("t")?;
    call.query.finish()?;
    let found = container(&call).await?;
    let operation = Operation::ContainerStop {
        id: found.id.clone(),
        seconds,
    };
    change(&call, found.owner(), operation).await
}

/// `POST /dock/containers/{id}/start`: somebody's by that person's rules, as
/// they are today; nobody's by root alone.
pub(super) async fn start(call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let found = container(&call).await?;
    if found.owner.is_none() {
        let operation = Operation::ContainerStart { id: found.id };
        return change(&call, None, operation).await;
    }
    let start = |id| SpaceOperation::ContainerStart {
        id,
        checkpoint: None,
        directory: None,
    };
    by_its_owners_rules(call, found, start).await
}

/// Does to a container that somebody owns what that person could do.
pub(super) async fn by_its_owners_rules(
    call: AdminCall<'_>,
    found: Found,
    operation: impl FnOnce(ContainerId) -> SpaceOperation,
) -> Result<Answer, Failure> {
    let Some((space, shown)) = found.owner else {
        return Err(Failure::Host("nobody owns the container".into()));
    };
    let caller = act::owner(call.admin, space).await?;
    let about = call.engine.about().await?;
    let AdminCall {
        gate,
        engine,
        object,
        control,
        ..
    } = call;
    let call = Call {
        gate: Rc::clone(&gate),
        caller: &caller,
        engine,
        control,
        version: about.api,
        object,
        query: Query::parse(None)?,
        request: hyper::Request::new(()),
        body: None,
        room: None,
    };
    let container = Container {
        id: found.id.to_string(),
        shown,
    };
    space_containers::change_of(&call, &container, operation).await
}

/// `DELETE /dock/containers/{id}`
pub(super) async fn remove_container(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let force = call.query.bool("force")?;
    let volumes = call.query.bool("v")?;
    call.query.finish()?;
    let found = container(&call).await?;
    let space = found.space();
    let operation = Operation::ContainerRemove {
        id: found.id.clone(),
        force,
        volumes,
    };
    let answer = change(&call, found.owner(), operation).await?;
    call.gate.desk.touched.borrow_mut().extend(space);
    Ok(answer)
}

/// `GET /dock/containers/{id}/logs`: the engine's stream as it is. The header
/// `Content-Type` says whether it is multiplexed, on engines that say so.
pub(super) async fn logs(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let logs = Logs {
        follow: call.query.bool("follow")?,
        stdout: true,
        stderr: true,
        timestamps: call.query.bool("timestamps")?,
        details: call.query.bool("details")?,
        since: call.query.take("since")?,
        until: call.query.take("until")?,
        tail: call.query.take("tail")?,
    };
    call.query.finish()?;
    let found = container(&call).await?;
    let operation = Operation::ContainerLogs {
        id: found.id.clone(),
        logs,
    };
    let permit = call.judge(Weight::Read, found.owner(), operation)?;
    let upstream = call.send(permit).await?;
    let kind = upstream.headers().get(CONTENT_TYPE).cloned();
    let mut answer = Response::new(body::incoming(upstream.into_body()));
    if let Some(kind) = kind {
        answer.headers_mut().insert(CONTENT_TYPE, kind);
    }
    Ok(answer)
}

/// `DELETE /dock/images/{name}`
pub(super) async fn remove_image(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let force = call.query.bool("force")?;
    call.query.finish()?;
    if !is_image(&call.object) {
        let text = format!("invalid reference format: \"{}\"", call.object);
        return Err(Failure::Malformed(text));
    }
    let operation = Operation::ImageRemove {
        name: call.object.clone(),
        force,
    };
    let permit = call.judge(Weight::Change, None, operation)?;
    let answer = call.send(permit).await?;
    let removed = read_whole(answer.into_body()).await?;
    let removed: Value = serde_json::from_slice(&removed)
        .map_err(|error| Failure::EngineBroken(error.to_string()))?;
    Ok(body::json(StatusCode::OK, &removed))
}

/// Whether a name is an image's in form: it becomes part of a path.
fn is_image(name: &str) -> bool {
    match Reference::parse(name) {
        Ok(_) | Err(ReferenceError::IsAnId | ReferenceError::Reserved) => {
            !name.split('/').any(|part| matches!(part, "" | "." | ".."))
        }
        Err(_) => {
            let digits = name.strip_prefix("sha256:").unwrap_or(name);
            dock_space::name::is_hex(digits)
        }
    }
}

/// `DELETE /dock/networks/{id}`
pub(super) async fn remove_network(call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let id = NetworkId::new(&call.object)?;
    let missing = || Failure::Missing(format!("network {} not found", call.object));
    let wire = Wire::get(format!("/networks/{id}"));
    let found: Value = call.engine.look_up(wire).await?.ok_or_else(missing)?;
    let name = found["Name"].as_str().unwrap_or_default();
    let owner = owners::named(name, &found["Labels"]);
    let answer = change(&call, owner, Operation::NetworkRemove { id }).await?;
    last_use::forget(Kind::Network, name);
    Ok(answer)
}

/// `DELETE /dock/volumes/{name}`, by the engine's name.
pub(super) async fn remove_volume(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let force = call.query.bool("force")?;
    call.query.finish()?;
    let name = call.object.clone();
    let missing = || Failure::Missing(format!("get {name}: no such volume"));
    let wire = Wire::get(format!("/volumes/{}", encode::segment(&name)));
    let found: Value = call.engine.look_up(wire).await?.ok_or_else(missing)?;
    let owner = owners::of_volume(&name, &found["Labels"]);
    let operation = Operation::VolumeRemove {
        name: name.clone(),
        force,
    };
    let answer = change(&call, owner, operation).await?;
    last_use::forget(Kind::Volume, &call.object);
    Ok(answer)
}

/// Judges, sends, and passes the answer's status on without its body.
pub(super) async fn change(
    call: &AdminCall<'_>,
    owner: Option<(Space, &str)>,
    operation: Operation,
) -> Result<Answer, Failure> {
    let permit = call.judge(Weight::Change, owner, operation)?;
    let answer = call.send(permit).await?;
    let status = answer.status();
    read_whole(answer.into_body()).await?;
    Ok(body::empty(status))
}

/// The request for a permitted operation.
pub(super) fn wire(operation: Operation) -> Wire {
    let flag = |set: bool| u8::from(set);
    match operation {
        Operation::ContainerLogs { id, logs } => wire::logs(&id, logs),
        Operation::ContainerPause { id } => Wire::post(format!("/containers/{id}/pause")),
        Operation::ContainerRemove { id, force, volumes } => {
            let (force, volumes) = (flag(force), flag(volumes));
            let target = format!("/containers/{id}?force={force}&v={volumes}");
            Wire::new(Method::DELETE, target)
        }
        Operation::ContainerStart { id } => Wire::post(format!("/containers/{id}/start")),
        Operation::ContainerStop { id, seconds } => match seconds {
            Some(seconds) => Wire::post(format!("/containers/{id}/stop?t={seconds}")),
            None => Wire::post(format!("/containers/{id}/stop")),
        },
        Operation::ContainerUnpause { id, here: _ } => {
            Wire::post(format!("/containers/{id}/unpause"))
        }
        Operation::ImageRemove { name, force } => {
            let name = encode::image(&name);
            let target = format!("/images/{name}?force={}", flag(force));
            Wire::new(Method::DELETE, target)
        }
        Operation::NetworkRemove { id } => Wire::new(Method::DELETE, format!("/networks/{id}")),
        Operation::VolumeRemove { name, force } => {
            let name = encode::segment(&name);
            let target = format!("/volumes/{name}?force={}", flag(force));
            Wire::new(Method::DELETE, target)
        }
    }
}
