//! The files of a volume, and those that a container changed, as a stream of tar
//! entries: what the engine's own API cannot carry whole.
//!
//! [`place`] finds the folder and opens it, [`outlet`] and [`inlet`] join the
//! thread that reads or makes files to the request. A transfer takes as long as
//! it takes, and ends when nothing moves for [`IDLE`].

mod inlet;
mod outlet;
mod place;

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use dock_space::Space;
use dock_space::admin::Transfer;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, TE};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::super::body::{self, Answer};
use super::super::encode;
use super::super::engine::Wire;
use super::call::AdminCall;
use super::owners;
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::ContainerId;
use crate::policy::files::{self, Files, Permit, Way};
use crate::tar::{self, Error, Fault, Prefix};
use place::{Place, Root};

/// How long nothing may move before a transfer is given up.
const IDLE: Duration = Duration::from_secs(600);

/// Pieces that wait between the thread and the request.
const PIECES: usize = 8;

/// How many transfers of one gate go on at a time; further ones wait.
const TRANSFERS: usize = 2;

const KIND: &str = "application/x-tar";

/// Who may transfer now.
pub(super) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Turns {
        Turns(Arc::new(Semaphore::new(TRANSFERS)))
    }
}

/// `GET /dock/volumes/{name}/tar`
pub(super) async fn read_volume(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let prefix = prefix(&mut call)?;
    call.query.finish()?;
    let found = volume(&call).await?;
    read(&call, prefix, found).await
}

/// `GET /dock/containers/{id}/changes`
pub(super) async fn read_layer(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let prefix = prefix(&mut call)?;
    call.query.finish()?;
    let found = layer(&call).await?;
    read(&call, prefix, found).await
}

/// `PUT /dock/volumes/{name}/tar`
pub(super) async fn write_volume(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let (prefix, size) = (prefix(&mut call)?, size(&mut call)?);
    // What the engine copied there out of an image is not what is put there.
    let replace = call.query.bool("replace")?;
    call.query.finish()?;
    let found = volume(&call).await?;
    write(&mut call, prefix, size, replace, found).await
}

/// `PUT /dock/containers/{id}/changes`
pub(super) async fn write_layer(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let (prefix, size) = (prefix(&mut call)?, size(&mut call)?);
    call.query.finish()?;
    let found = layer(&call).await?;
    write(&mut call, prefix, size, false, found).await
}

/// What the path names.
struct Found {
    owner: Option<Space>,
    files: Files,
    /// Where the engine says that they are.
    folder: String,
}

async fn volume(call: &AdminCall<'_>) -> Result<Found, Failure> {
    #[derive(Deserialize, Default)]
    struct Row {
        #[serde(rename = "Names", default)]
        names: Vec<String>,
    }
    let name = call.object.clone();
    let missing = || Failure::Missing(format!("get {name}: no such volume"));
    let wire = Wire::get(format!("/volumes/{}", encode::segment(&name)));
    let found: Value = call.engine.look_up(wire).await?.ok_or_else(missing)?;
    let up = serde_json::json!({
        "volume": [name],
        "status": ["running", "paused", "restarting"],
    });
    let target = format!("/containers/json?filters={}", encode::json_value(&up)?);
    let users: Vec<Row> = call.ask(&target).await?;
    let user = users.into_iter().map(|row| {
        let name = row.names.into_iter().next().unwrap_or_default();
        name.trim_start_matches('/').to_owned()
    });
    let options = found["Options"].as_object();
    Ok(Found {
        owner: owners::of_volume(&name, &found["Labels"]).map(|(space, _)| space),
        folder: found["Mountpoint"].as_str().unwrap_or_default().to_owned(),
        files: Files::Volume {
            driver: found["Driver"].as_str().unwrap_or_default().to_owned(),
            options: options.is_some_and(|options| !options.is_empty()),
            user: user.into_iter().next(),
            name,
        },
    })
}

async fn layer(call: &AdminCall<'_>) -> Result<Found, Failure> {
    let id = ContainerId::new(&call.object)?;
    let missing = || Failure::Missing(format!("No such container: {id}"));
    let wire = Wire::get(format!("/containers/{id}/json"));
    let found: Value = call.engine.look_up(wire).await?.ok_or_else(missing)?;
    let name = found["Name"].as_str().unwrap_or_default();
    let driver = &found["GraphDriver"];
    // The image store of containerd has its driver's name elsewhere.
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let is_known = driver["Data"]["UpperDir"].is_string();
    Ok(Found {
        owner: owners::named(name, &found["Config"]["Labels"]).map(|(space, _)| space),
        folder: text(&driver["Data"]["UpperDir"]),
        files: Files::Layer {
            driver: match (is_known, driver["Name"].as_str()) {
                (true, _) | (false, Some(_)) => text(&driver["Name"]),
                (false, None) => text(&found["Driver"]),
            },
            state: text(&found["State"]["Status"]),
            id,
        },
    })
}

/// Judges, writes the decision down, finds the folder, waits for a turn.
async fn admit(
    call: &AdminCall<'_>,
    way: Way,
    found: Found,
) -> Result<(Permit, Place, OwnedSemaphorePermit), Failure> {
    let Found {
        owner,
        files,
        folder,
    } = found;
    let (verb, object) = (files.verb(way), files.object());
    let journal = call.journal(owner);
    let permit = match files::judge(call.admin.rights(), owner, way, files) {
        Ok(permit) => permit,
        Err(refusal) => {
            journal.refuse(verb, &object, refusal.rule);
            return Err(refusal.into());
        }
    };
    let weight = match way {
        Way::Read => Weight::Read,
        Way::Write => Weight::Change,
    };
    journal.permit(weight, verb, &object);
    let root: Root = call.ask("/info").await?;
    let place = Place::of(&permit, &root, &folder)?;
    let turn = Arc::clone(&call.gate.desk.turns.0).acquire_owned().await;
    let turn = turn.map_err(|error| Failure::Host(error.to_string()))?;
    Ok((permit, place, turn))
}

async fn read(call: &AdminCall<'_>, prefix: Prefix, found: Found) -> Result<Answer, Failure> {
    let has_trailers = call.headers.get_all(TE).iter().any(|value| {
        let value = value.to_str().unwrap_or_default();
        value.split(',').any(|word| word.trim() == "trailers")
    });
    // Whoever does not see how it ended takes half a stream for a whole one.
    if !has_trailers {
        return Err(Failure::Malformed("this route needs 'TE: trailers'".into()));
    }
    let (permit, place, turn) = admit(call, Way::Read, found).await?;
    let folder = place.open().await?;
    Ok(outlet::answer(permit, place, folder, prefix, turn))
}

async fn write(
    call: &mut AdminCall<'_>,
    prefix: Prefix,
    size: Option<u64>,
    replace: bool,
    found: Found,
) -> Result<Answer, Failure> {
    let kind = call.headers.get(CONTENT_TYPE);
    let Some(incoming) = call
        .body
        .take()
        .filter(|_| kind.is_some_and(|kind| kind == KIND))
    else {
        return Err(Failure::Malformed(format!(
            "this route takes a body of type {KIND}"
        )));
    };
    let ready = async {
        let (permit, place, turn) = admit(call, Way::Write, found).await?;
        let mut folder = place.open().await?;
        if replace {
            folder = emptied(folder, &permit).await?;
        }
        Ok((permit, folder, place, turn))
    };
    let (permit, folder, place, turn) = match ready.await {
        Ok(ready) => ready,
        Err(failure) => {
            body::discard(incoming).await;
            return Err(failure);
        }
    };
    let done: Transfer =
        inlet::unpack(incoming, &permit, place, folder, prefix, size, turn).await?;
    Ok(body::json(StatusCode::OK, &done))
}

/// The folder with nothing in it.
async fn emptied(folder: OwnedFd, permit: &Permit) -> Result<OwnedFd, Failure> {
    let emptied = spawn_blocking(move || tar::empty(folder)).await;
    emptied
        .map_err(|error| Failure::Host(error.to_string()))?
        .map_err(|error| failure(permit, &error))
}

fn prefix(call: &mut AdminCall<'_>) -> Result<Prefix, Failure> {
    let text = call.query.take("prefix")?.unwrap_or_default();
    let wrong = || {
        let text = "\"prefix\" is plain names with a slash behind each: volumes/data/data/";
        Failure::Malformed(text.into())
    };
    Prefix::parse(&text).ok_or_else(wrong)
}

fn size(call: &mut AdminCall<'_>) -> Result<Option<u64>, Failure> {
    let size = call.query.int("size")?;
    let wrong = |_| Failure::Malformed("\"size\" is a number of bytes".into());
    size.map(u64::try_from).transpose().map_err(wrong)
}

/// What went wrong with some files, as text.
fn told(permit: &Permit, error: &Error) -> String {
    let what = match permit.files() {
        Files::Layer { .. } => "container",
        Files::Volume { .. } => "volume",
    };
    let object = permit.files().object();
    match permit.way() {
        Way::Read => format!("the files of the {what} \"{object}\" cannot be read: {error}"),
        Way::Write => format!("no files are put into the {what} \"{object}\": {error}"),
    }
}

/// The same as an answer.
fn failure(permit: &Permit, error: &Error) -> Failure {
    let text = told(permit, error);
    match &error.fault {
        Fault::Full => Failure::Conflict(format!("dock: {text}")),
        fault if fault.is_the_streams() => Failure::Malformed(text),
        _ => Failure::Host(text),
    }
}
