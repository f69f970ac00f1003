//! The admin gate: the whole engine, for members of the admin group.
//!
//! In the order of a request: [`visit`] says who asks, [`call`] is the request
//! on its way, [`act`] acts in one space as its owner would; the rest are the
//! routes of its own. What it may do to an object is judged by
//! [`crate::policy::admin`], and everything leaves a line in the audit.
//!
//! The engine's own API is served only in one space ([`act`]), by the same code
//! and the same rules as for the person whose space it is.

mod act;
mod activity;
mod audit;
mod call;
mod containers;
mod disk;
mod files;
mod filters;
mod hold;
mod host;
mod images;
mod networks;
mod notices;
mod objects;
mod owners;
mod pause;
mod spaces;
mod usage;
mod visit;
mod volumes;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use dock_space::Space;
use hyper::Request;
use hyper::body::Incoming;

use super::body::{self, Answer};
use super::explain::Ledger;
use super::head::Control;
use super::listen::Gate;
use super::{dispatch, lock, networks as space_networks};
use crate::api::admin::{self as routes, Endpoint as E};
use crate::api::path::Path;
use crate::api::query::Query;
use crate::failure::Failure;
use call::AdminCall;

pub(crate) use visit::Visit;

/// What one admin gate keeps for as long as it lives.
#[derive(Default)]
pub(crate) struct Desk {
    /// Where this gate acts, once it was told.
    place: RefCell<Option<act::Place>>,
    /// What was explained there.
    pub(crate) ledger: Ledger,
    /// Reads that have left a line already: a live view asks every second.
    told: RefCell<HashSet<String>>,
    /// Spaces whose containers were removed by a route of its own.
    touched: RefCell<BTreeSet<Space>>,
    /// Containers that this gate paused.
    paused: RefCell<BTreeSet<String>>,
    turns: files::Turns,
    owners: owners::Logins,
    usage: usage::Kept,
    /// Spaces that are closed to their owners for as long as this gate lives.
    held: RefCell<Vec<lock::Hold>>,
    /// Held while this gate's admin prunes.
    turn: RefCell<Option<lock::Place>>,
}

/// Answers one request; an error of any kind is an answer, too.
pub(crate) async fn serve(
    gate: &Rc<Gate>,
    visit: &Visit,
    control: Control,
    request: Request<Incoming>,
) -> Answer {
    let path = Path::parse(request.uri().path());
    let own = path
        .as_ref()
        .is_ok_and(|path| routes::is_own(&path.segments));
    match (visit.admin(), path) {
        (Ok(_), Ok(_)) if !own => match visit.acting(gate).await {
            Ok(caller) => return dispatch::serve(gate, caller, control, request).await,
            Err(failure) => refused(control, request, &failure).await,
        },
        (Ok(admin), Ok(path)) => {
            let answer = own_route(gate, admin, &control, &path, request).await;
            control.next();
            answer.unwrap_or_else(|failure| body::failure(&failure))
        }
        (Err(reason), _) => {
            let failure = Failure::Unavailable(reason.clone());
            refused(control, request, &failure).await
        }
        (_, Err(error)) => {
            let failure = Failure::Malformed(error.to_string());
            refused(control, request, &failure).await
        }
    }
}

async fn refused(control: Control, request: Request<Incoming>, failure: &Failure) -> Answer {
    body::discard(request.into_body()).await;
    control.next();
    body::failure(failure)
}

async fn own_route(
    gate: &Rc<Gate>,
    admin: &visit::Admin,
    control: &Control,
    path: &Path,
    request: Request<Incoming>,
) -> Result<Answer, Failure> {
    let query = Query::parse(request.uri().query())?;
    dispatch::refuse_forms(request.headers())?;
    let (endpoint, object) =
        routes::find(request.method().as_str(), &path.segments).ok_or(Failure::UnknownRoute)?;
    let (parts, body) = request.into_parts();
    let call = AdminCall {
        gate: Rc::clone(gate),
        admin,
        engine: gate.engine(&admin.config),
        control: control.clone(),
        object,
        query,
        headers: parts.headers,
        body: Some(body),
    };
    answer(endpoint, call).await
}

async fn answer(endpoint: E, call: AdminCall<'_>) -> Result<Answer, Failure> {
    match endpoint {
        E::Act => act::act(call).await,
        E::Activity => activity::look(call).await,
        E::Explained => Ok(act::explained(&call)),
        E::Audit => audit::read(call).await,
        E::ContainerChangesRead => files::read_layer(call).await,
        E::ContainerChangesWrite => files::write_layer(call).await,
        E::ContainerList => containers::list(call).await,
        E::ContainerLogs => objects::logs(call).await,
        E::ContainerPause => pause::pause(call).await,
        E::ContainerRemove => objects::remove_container(call).await,
        E::ContainerStart => objects::start(call).await,
        E::ContainerStop => objects::stop(call).await,
        E::ContainerUnpause => pause::unpause(call).await,
        E::Host => host::tell(call).await,
        E::ImageList => images::list(call).await,
        E::ImageRemove => objects::remove_image(call).await,
        E::NetworkList => networks::list(call).await,
        E::NetworkRemove => objects::remove_network(call).await,
        E::SpaceHold => hold::hold(call).await,
        E::NoticeLeave => notices::leave(call).await,
        E::PruneTurn => activity::turn(call).await,
        E::SpaceList => spaces::list(call).await,
        E::Usage => usage::usage(call).await,
        E::VolumeFilesRead => files::read_volume(call).await,
        E::VolumeFilesWrite => files::write_volume(call).await,
        E::VolumeList => volumes::list(call).await,
        E::VolumeRemove => objects::remove_volume(call).await,
        E::WarningAdd => activity::warn(call).await,
    }
}

/// Lets paused containers go on, and removes the default networks that nothing
/// refers to any more.
pub(crate) async fn tidy_at_the_end(gate: &Gate) {
    let mut spaces = gate.desk.touched.take();
    if gate.touched.get()
        && let Some(place) = &*gate.desk.place.borrow()
        && !place.explain
    {
        spaces.insert(place.space);
    }
    if spaces.is_empty() && gate.desk.paused.borrow().is_empty() {
        return;
    }
    if let Ok(admin) = Visit::new(gate).await.admin() {
        let engine = gate.engine(&admin.config);
        pause::let_all_go_on(&gate.desk, &engine).await;
        for space in spaces {
            // Nobody is left to tell.
            let _ = space_networks::remove_unused(&engine, space).await;
        }
    }
}
