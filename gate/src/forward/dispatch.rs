//! From a request to an answer: the recipe that every request goes through.

use std::rc::Rc;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue, SERVER, UPGRADE};
use hyper::{HeaderMap, Method, Request, StatusCode};

use super::body::{self, Answer};
use super::call::Call;
use super::caller::Caller;
use super::engine::Engine;
use super::head::Control;
use super::listen::Gate;
use super::{
    containers, events, execs, image_calls, networks, prune, pull, system, usage, volumes,
};
use crate::api::path::{self, Path};
use crate::api::query::Query;
use crate::api::route::{self, Answer as Row, Endpoint as E};
use crate::failure::Failure;
use crate::policy::Refusal;

/// Answers one request; an error of any kind is an answer, too.
pub(crate) async fn serve(
    gate: &Rc<Gate>,
    caller: &Result<Caller, String>,
    control: Control,
    request: Request<Incoming>,
) -> Answer {
    let caller = match caller {
        Ok(caller) => caller,
        Err(reason) => {
            control.next();
            return body::failure(&Failure::Unavailable(reason.clone()));
        }
    };
    let engine = gate.engine(&caller.config);
    let ledger = &gate.desk.ledger;
    let troubles = ledger.troubles();
    let asked = caller.explains.then(|| asked(&request));
    let mut answer = match handle(gate, caller, &engine, &control, request).await {
        Ok(answer) => answer,
        Err(failure) => {
            let told = matches!(failure, Failure::Explained) || ledger.troubles() > troubles;
            if let Some(asked) = asked.filter(|_| !told) {
                ledger.failed(&asked, &failure);
            }
            body::failure(&failure)
        }
    };
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        control.next();
    }
    sign(&engine, answer.headers_mut());
    answer
}

/// What a request is called where it has no other name: `POST /build`.
fn asked(request: &Request<Incoming>) -> String {
    let path = request.uri().path();
    let bare = Path::parse(path).ok().map(|path| {
        let words = path.segments.iter().map(|segment| &*segment.decoded);
        words.collect::<Vec<&str>>().join("/")
    });
    format!("{} /{}", request.method(), bare.unwrap_or_default())
}

async fn handle(
    gate: &Rc<Gate>,
    caller: &Caller,
    engine: &Rc<Engine>,
    control: &Control,
    request: Request<Incoming>,
) -> Result<Answer, Failure> {
    if request.method() == Method::OPTIONS {
        return Ok(body::empty(StatusCode::OK));
    }
    let path =
        Path::parse(request.uri().path()).map_err(|error| Failure::Malformed(error.to_string()))?;
    let query = Query::parse(request.uri().query())
        .map_err(|error| Failure::Malformed(error.to_string()))?;
    refuse_forms(request.headers())?;
    let row =
        route::find(request.method().as_str(), &path.segments).ok_or(Failure::UnknownRoute)?;
    let served = match row.answer {
        Row::Serve(endpoint) => Ok(endpoint),
        Row::Later(text) => Err(Failure::NotBuilt(text)),
        Row::Refuse(row) => {
            let refusal = Refusal::of(row);
            let path = request.uri().path();
            if !caller.explains {
                caller.journal.refuse(path, "", refusal.rule);
            }
            Err(refusal.into())
        }
        Row::Absent => Err(Failure::UnknownRoute),
        Row::NotASwarm => Err(Failure::NotASwarm),
    };
    let endpoint = match served {
        Ok(endpoint) => endpoint,
        Err(failure) => {
            body::discard(request.into_body()).await;
            return Err(failure);
        }
    };
    refuse_upgrades(endpoint, request.headers())?;
    let version = agree(engine, path.version).await?;
    let (parts, body) = request.into_parts();
    let call = Call {
        gate: Rc::clone(gate),
        caller,
        engine: Rc::clone(engine),
        control: control.clone(),
        version,
        object: row.object,
        query,
        request: Request::from_parts(parts, ()),
        body: Some(body),
        room: None,
    };
    answer(endpoint, call).await
}

async fn answer(endpoint: E, call: Call<'_>) -> Result<Answer, Failure> {
    match endpoint {
        E::ContainerAttach => containers::attach(call).await,
        E::ContainerChanges => containers::changes(call).await,
        E::ContainerCreate => super::create::create(call).await,
        E::ContainerInspect => containers::inspect(call).await,
        E::ContainerKill => containers::kill(call).await,
        E::ContainerList => containers::list(call).await,
        E::ContainerLogs => containers::logs(call).await,
        E::ContainerPrune => prune::containers(call).await,
        E::ContainerPause => containers::pause(call).await,
        E::ContainerRemove => containers::remove(call).await,
        E::ContainerRename => containers::rename(call).await,
        E::ContainerResize => containers::resize(call).await,
        E::ContainerRestart => containers::restart(call).await,
        E::ContainerStart => containers::start(call).await,
        E::ContainerStats => containers::stats(call).await,
        E::ContainerStop => containers::stop(call).await,
        E::ContainerTop => containers::top(call).await,
        E::ContainerUnpause => containers::unpause(call).await,
        E::ContainerUpdate => containers::update(call).await,
        E::ContainerWait => containers::wait(call).await,
        E::ExecCreate => execs::create(call).await,
        E::ExecInspect => execs::inspect(call).await,
        E::ExecResize => execs::resize(call).await,
        E::ExecStart => execs::start(call).await,
        E::Events => events::events(call).await,
        E::ImageHistory => image_calls::history(call).await,
        E::ImageInspect => image_calls::inspect(call).await,
        E::ImageList => image_calls::list(call).await,
        E::ImagePull => pull::pull(call).await,
        E::ImageSearch => pull::search(call).await,
        E::ImagePrune => prune::images(call).await,
        E::ImageRemove => image_calls::remove(call).await,
        E::Info => system::info(call).await,
        E::Ping => system::ping(call).await,
        E::PluginInspect => Err(Failure::Missing(format!(
            "plugin \"{}\" not found",
            call.object
        ))),
        E::PluginList => Ok(body::json(StatusCode::OK, &[(); 0])),
        E::NetworkConnect => networks::connect(call).await,
        E::NetworkCreate => networks::create(call).await,
        E::NetworkDisconnect => networks::disconnect(call).await,
        E::NetworkInspect => networks::inspect(call).await,
        E::NetworkList => networks::list(call).await,
        E::NetworkPrune => prune::networks(call).await,
        E::NetworkRemove => networks::remove(call).await,
        E::Version => system::version(call).await,
        E::VolumeCreate => volumes::create(call).await,
        E::BuildPrune => prune::builds(call).await,
        E::DiskUsage => usage::usage(call).await,
        E::VolumePrune => prune::volumes(call).await,
        E::VolumeInspect => volumes::inspect(call).await,
        E::VolumeList => volumes::list(call).await,
        E::VolumeRemove => volumes::remove(call).await,
    }
}

/// The API version that is spoken with the engine for this request (G4).
async fn agree(engine: &Engine, asked: Option<u8>) -> Result<u8, Failure> {
    let about = engine.about().await?;
    let asked = asked.unwrap_or(about.api);
    if asked > about.api {
        return Err(Failure::Engine(400, path::too_new(asked, about.api)));
    }
    if asked < about.api {
        let oldest = engine.min_api().await?;
        if asked < oldest {
            return Err(Failure::Engine(400, path::too_old(asked, oldest)));
        }
    }
    Ok(asked)
}

/// A form body would override the query in the engine (fact 3, G7).
pub(super) fn refuse_forms(headers: &HeaderMap) -> Result<(), Failure> {
    let is_form = headers.get_all(CONTENT_TYPE).iter().any(|value| {
        let kind = value
            .to_str()
            .unwrap_or_default()
            .trim_start()
            .to_ascii_lowercase();
        kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("multipart/")
    });
    if is_form {
        Err(Failure::MediaType)
    } else {
        Ok(())
    }
}

/// Only two endpoints may ask for a raw stream, and only for plain `tcp` (G12).
fn refuse_upgrades(endpoint: E, headers: &HeaderMap) -> Result<(), Failure> {
    let Some(wanted) = headers.get(UPGRADE) else {
        return Ok(());
    };
    let may = matches!(endpoint, E::ContainerAttach | E::ExecStart);
    if may && wanted.as_bytes().eq_ignore_ascii_case(b"tcp") {
        return Ok(());
    }
    Err(Failure::Malformed("this request cannot be upgraded".into()))
}

/// The headers by which clients know an engine and its version.
fn sign(engine: &Engine, headers: &mut HeaderMap) {
    let Some(about) = engine.known() else { return };
    let values = [
        ("Api-Version", format!("1.{}", about.api)),
        ("Docker-Experimental", "false".to_owned()),
        ("Ostype", about.os.clone()),
    ];
    for (key, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(key, value);
        }
    }
    if let Ok(value) = HeaderValue::from_str(&format!("Docker/{} ({})", about.version, about.os)) {
        headers.insert(SERVER, value);
    }
}
