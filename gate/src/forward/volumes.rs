//! Volumes: made, listed, looked at, removed.
//!
//! A named volume carries the space's prefix, an anonymous one the engine's 64
//! hex digits; both are the caller's only with the label that no client can set.

use std::collections::HashMap;

use dock_space::admin::Kind;
use dock_space::name::is_full_id;
use dock_space::{Space, label};
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{self, Answer};
use super::call::Call;
use super::engine::{Engine, Wire};
use super::filter::{self, Filters, NOTHING, Names};
use super::{encode, last_use, resolve, translate};
use crate::api::filters;
use crate::api::volume::VolumeCreateBody;
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{EngineFacts, Facts, Operation, VolumeFact, VolumeName};

/// What a typed name leads to.
enum Found {
    Own { real: String, shown: Value },
    Foreign,
    Absent,
}

/// Looks at what is there under a name that the caller typed.
async fn find(engine: &Engine, space: Space, typed: &str) -> Result<Found, Failure> {
    // Hex digits are an anonymous volume's name before they are one of her own making.
    let anonymous = is_full_id(typed).then(|| typed.to_owned());
    let named = dock_space::name::is_object_name(typed).then(|| space.real_name(typed));
    let mut found = Found::Absent;
    for real in anonymous.into_iter().chain(named) {
        let wire = Wire::get(format!("/volumes/{}", encode::segment(&real)));
        let Some(answer) = engine.look_up::<Value>(wire).await? else {
            continue;
        };
        match translate::volume(space, answer) {
            Some(shown) => return Ok(Found::Own { real, shown }),
            // What does not carry her prefix does not exist.
            None if space.shown_name(&real).is_some() => found = Found::Foreign,
            None => {}
        }
    }
    Ok(found)
}

/// The same for the judgement of a container.
pub(crate) async fn fact(
    engine: &Engine,
    space: Space,
    typed: &str,
) -> Result<VolumeFact, Failure> {
    Ok(match find(engine, space, typed).await? {
        Found::Own { real, .. } => VolumeFact::Own(real),
        Found::Foreign => VolumeFact::Foreign,
        Found::Absent => VolumeFact::Absent,
    })
}

fn missing(typed: &str) -> Failure {
    Failure::Missing(format!("get {typed}: no such volume"))
}

/// `volume create`; a name that is taken is looked at and given under the
/// space's lock.
pub(crate) async fn create(mut call: Call<'_>) -> Result<Answer, Failure> {
    let body: VolumeCreateBody = call
        .json()
        .await?
        .ok_or_else(|| Failure::Engine(400, "got EOF while reading request body".into()))?;
    call.query.finish()?;
    let name = body.name.clone();
    // Sizes are judged by the host's memory; asked only where there is one.
    let engine = match body.driver_opts.iter().all(|options| options.is_empty()) {
        true => EngineFacts::default(),
        false => call.engine.setup().await?.facts,
    };
    let operation = Operation::VolumeCreate(Box::new(body));
    let permit = call.judge(Weight::Change, &name, operation, &Facts::Engine(engine))?;
    let _lock = call.lock().await?;
    let taken = || {
        Failure::Conflict(format!(
            "dock: a volume named \"{name}\" exists that dock did not make [rule volume.name]\n\nhint: choose another name, or ask an administrator of this host to remove it"
        ))
    };
    if !name.is_empty() {
        match find(&call.engine, call.space(), &name).await? {
            // As docker does, whatever else was asked for.
            Found::Own { shown, .. } => return Ok(body::json(StatusCode::CREATED, &shown)),
            Found::Foreign => return Err(taken()),
            Found::Absent => {}
        }
    }
    let made: Value = call.fetch(permit, None).await?;
    let shown = translate::volume(call.space(), made).ok_or_else(taken)?;
    Ok(body::json(StatusCode::CREATED, &shown))
}

/// `volume inspect`
pub(crate) async fn inspect(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    match find(&call.engine, call.space(), &call.object).await? {
        Found::Own { real, shown } => {
            call.tell_of_look("volume.inspect", &real);
            Ok(body::json(StatusCode::OK, &shown))
        }
        Found::Foreign | Found::Absent => Err(missing(&call.object)),
    }
}

/// The engine's answer to a list of volumes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed<Volume> {
    // Not `default`: that would ask for one of its elements, too.
    volumes: Option<Vec<Volume>>,
}

/// `volume ls`
pub(crate) async fn list(mut call: Call<'_>) -> Result<Answer, Failure> {
    let mut asked = filters::parse(call.query.take("filters")?.as_deref())?;
    call.query.finish()?;
    let names = Names::new(&asked.remove("name").unwrap_or_default())?;
    let filters = upstream(call.space(), call.version, asked)?;
    let operation = Operation::VolumeList { filters };
    let permit = call.judge(Weight::Read, "", operation, &Facts::None)?;
    let answer: Listed<Value> = call.fetch(permit, None).await?;
    let shown: Vec<Value> = answer
        .volumes
        .into_iter()
        .flatten()
        .filter_map(|volume| translate::volume(call.space(), volume))
        .filter(|volume| names.fit(volume["Name"].as_str().unwrap_or_default()))
        .collect();
    // Warnings are of volume plugins, which are not the caller's affair.
    Ok(body::json(
        StatusCode::OK,
        &json!({"Volumes": shown, "Warnings": null}),
    ))
}

/// The filters that mean the same in every space, and the space's own label,
/// which the engine joins to the caller's by AND.
fn upstream(
    space: Space,
    version: u8,
    asked: Filters,
) -> Result<HashMap<String, Vec<String>>, Failure> {
    let mut upstream = own_filter(space);
    for (key, values) in asked {
        for value in values {
            let value = match key.as_str() {
                // The gate's own labels do not exist for clients.
                "label" if label::is_reserved(&value) => NOTHING.to_owned(),
                "dangling" | "driver" | "label" => value,
                unknown => return Err(filter::invalid(version, unknown)),
            };
            upstream.entry(key.clone()).or_default().push(value);
        }
    }
    Ok(upstream)
}

/// A volume as the engine lists it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Volume {
    /// The real name.
    pub(crate) name: String,
    pub(crate) labels: Option<HashMap<String, String>>,
    pub(crate) options: Option<HashMap<String, String>>,
}

/// The volumes with the label of `space`, or those among them that no container
/// refers to; whose they are, [`own`] says.
pub(crate) async fn listed(
    engine: &Engine,
    space: Space,
    unused: bool,
) -> Result<Vec<Volume>, Failure> {
    let mut filters = own_filter(space);
    if unused {
        filters.insert("dangling".into(), vec!["true".into()]);
    }
    let wire = Wire::get(format!(
        "/volumes?filters={}",
        encode::json_value(&filters)?
    ));
    let listed: Option<Listed<Volume>> = engine.look_up(wire).await?;
    Ok(listed.and_then(|listed| listed.volumes).unwrap_or_default())
}

/// The shown name of a volume, when its name and its label are the space's; an
/// anonymous one keeps the engine's name.
pub(crate) fn own<'a>(
    space: Space,
    real: &'a str,
    labels: &HashMap<String, String>,
) -> Option<&'a str> {
    let labelled = labels.get(label::SPACE) == Some(&space.to_string());
    let shown = space
        .shown_name(real)
        .or_else(|| is_full_id(real).then_some(real));
    shown.filter(|_| labelled)
}

/// The engine's filter for what can only be `space`'s.
pub(crate) fn own_filter(space: Space) -> HashMap<String, Vec<String>> {
    HashMap::from([(
        "label".to_owned(),
        vec![format!("{}={space}", label::SPACE)],
    )])
}

/// `volume rm`
pub(crate) async fn remove(mut call: Call<'_>) -> Result<Answer, Failure> {
    let force = call.query.bool("force")?;
    call.query.finish()?;
    let real = match find(&call.engine, call.space(), &call.object).await? {
        Found::Own { real, .. } => real,
        Found::Foreign | Found::Absent if force => return Ok(body::empty(StatusCode::NO_CONTENT)),
        Found::Foreign | Found::Absent => return Err(missing(&call.object)),
    };
    let operation = Operation::VolumeRemove {
        name: VolumeName::new(call.space(), &real)?,
        force,
    };
    let permit = call.judge(Weight::Change, &real, operation, &Facts::None)?;
    match call.act(permit, None).await {
        Err(Failure::Engine(409, text)) => {
            let own = resolve::own_containers(&call.engine, call.space()).await?;
            let own: Vec<String> = own.into_iter().map(|container| container.id).collect();
            Err(Failure::Conflict(translate::in_use(&text, &own)))
        }
        other => other.inspect(|_| last_use::forget(Kind::Volume, &real)),
    }
}
