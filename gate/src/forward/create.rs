//! Making a container.

use std::collections::HashMap;

use dock_space::image::Reference;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{self, Answer};
use super::call::Call;
use super::engine::Wire;
use super::{images, last_use, networks, pull, random, resolve, volumes};
use crate::api::container::{CreateBody, Empty, Healthcheck};
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{
    Create, CreateFacts, Facts, ImageFacts, Operation, containers_named, networks_named,
    volumes_from, volumes_named,
};

/// How many random names are tried, as docker does.
const ATTEMPTS: u32 = 6;

/// `POST /containers/create`
pub(crate) async fn create(mut call: Call<'_>) -> Result<Answer, Failure> {
    let body: CreateBody = call
        .json()
        .await?
        .ok_or_else(|| Failure::Malformed("the request has no body".into()))?;
    let name = call.query.take("name")?.filter(|name| !name.is_empty());
    let platform = call
        .query
        .take("platform")?
        .filter(|platform| !platform.is_empty());
    call.query.finish()?;
    let facts = facts(&call, &body, platform.as_deref()).await?;
    let facts = Facts::Create(Box::new(facts));
    // From here on two commands of one person take turns: a name is looked at
    // and given, the default network is looked at and used.
    let _lock = call.lock().await?;
    let attempts = if name.is_some() { 1 } else { ATTEMPTS };
    let mut taken = None;
    for attempt in 0..attempts {
        let name = match &name {
            Some(name) => name.strip_prefix('/').unwrap_or(name).to_owned(),
            None => random::name(attempt),
        };
        let create = Create {
            name: name.clone(),
            platform: platform.clone(),
            body: body.clone(),
            default_network: false,
        };
        let operation = Operation::ContainerCreate(Box::new(create));
        let permit = match call.judge(Weight::Change, &name, operation, &facts) {
            Err(Failure::Explained) => return Err(explained(&call, &name).await),
            other => other?,
        };
        let Operation::ContainerCreate(permitted) = permit.operation() else {
            return Err(Failure::Host(
                "a container was judged as something else".into(),
            ));
        };
        if permitted.default_network {
            networks::ensure_default(&call.engine, call.caller).await?;
        }
        let parts = last_use::parts(permitted);
        match call.fetch::<Value>(permit, None).await {
            Ok(made) => {
                last_use::touch_all(&parts);
                return Ok(made_known(&call, name, made));
            }
            Err(Failure::Engine(409, text)) => taken = Some(text),
            Err(other) => return Err(other),
        }
    }
    Err(Failure::Conflict(taken.unwrap_or_default()))
}

/// What only the engine would refuse, where nothing is sent.
async fn explained(call: &Call<'_>, name: &str) -> Failure {
    if resolve::container(&call.engine, call.space(), name)
        .await
        .is_ok_and(|found| found.shown == name)
    {
        let text = format!("the container name \"{name}\" is already in use");
        call.gate.desk.ledger.fails("container.create", name, &text);
    }
    Failure::Explained
}

/// The image that the body names. Where nothing is sent, one that would have to
/// be pulled is judged as a pull, and stands for one that asks for nothing.
async fn image(
    call: &Call<'_>,
    typed: &str,
    platform: Option<&str>,
) -> Result<images::Image, Failure> {
    let missing = match images::find(&call.engine, call.space(), typed).await {
        Err(Failure::Missing(text)) if call.caller.explains => Failure::Missing(text),
        other => return other,
    };
    let Ok(mut reference) = Reference::parse(typed) else {
        return Err(missing);
    };
    if reference.digest.is_none() {
        reference.tag.get_or_insert_with(|| "latest".into());
    }
    match pull::judge(call, &reference, platform.map(str::to_owned)) {
        Ok(_) | Err(Failure::Explained) => Ok(images::Image {
            id: reference.familiar(),
            inspected: Value::Null,
        }),
        Err(other) => Err(other),
    }
}

/// What the judgement needs to know: the image, and the containers that the body names.
async fn facts(
    call: &Call<'_>,
    body: &CreateBody,
    platform: Option<&str>,
) -> Result<CreateFacts, Failure> {
    if body.image.is_empty() {
        return Err(Failure::Engine(400, "no command specified".into()));
    }
    let (image, setup) = tokio::join!(image(call, &body.image, platform), call.engine.setup());
    let (image, setup) = (image?, setup?);
    let (mut containers, mut mounted) = (HashMap::new(), HashMap::new());
    let mut names = HashMap::new();
    for reference in containers_named(body) {
        match resolve::container(&call.engine, call.space(), reference).await {
            Ok(found) => {
                containers.insert(reference.to_owned(), found.id);
                names.insert(reference.to_owned(), found.shown);
            }
            // The judgement says so, in its place.
            Err(Failure::Missing(_)) => {}
            Err(other) => return Err(other),
        }
    }
    for reference in volumes_from(body) {
        if let Some(id) = containers.get(reference) {
            mounted.insert(reference.to_owned(), mount_points(call, id).await?);
        }
    }
    let mut networks = HashMap::new();
    for reference in networks_named(body) {
        if let Some(fact) = networks::fact(&call.engine, call.space(), &reference).await? {
            networks.insert(reference, fact);
        }
    }
    let mut named = HashMap::new();
    for name in volumes_named(body) {
        let fact = volumes::fact(&call.engine, call.space(), name).await?;
        named.insert(name.to_owned(), fact);
    }
    let parent = &call.caller.config.cgroup.parent;
    let space = call.space();
    let cgroup_parent = match setup.systemd_cgroups {
        true => format!("{parent}-{space}.slice"),
        false => format!("/{parent}/{space}"),
    };
    Ok(CreateFacts {
        engine: setup.facts,
        image: image_facts(image)?,
        containers,
        names,
        networks,
        mounted,
        volumes: named,
        cgroup_parent,
    })
}

/// Where a container has mounts; they never change.
async fn mount_points(call: &Call<'_>, id: &str) -> Result<Vec<String>, Failure> {
    let wire = Wire::get(format!("/containers/{id}/json"));
    let found: Option<Value> = call.engine.look_up(wire).await?;
    let mounts = found.as_ref().and_then(|found| found["Mounts"].as_array());
    Ok(mounts
        .into_iter()
        .flatten()
        .filter_map(|mount| mount["Destination"].as_str())
        .map(str::to_owned)
        .collect())
}

/// Those parts of an image's configuration that a container inherits.
fn image_facts(image: images::Image) -> Result<ImageFacts, Failure> {
    #[derive(Deserialize, Default)]
    #[serde(default, rename_all = "PascalCase")]
    struct Config {
        user: String,
        working_dir: String,
        volumes: Option<std::collections::BTreeMap<String, Empty>>,
        healthcheck: Option<Healthcheck>,
        exposed_ports: Option<std::collections::BTreeMap<String, Empty>>,
    }
    let config: Option<Config> = serde_json::from_value(image.inspected["Config"].clone())
        .map_err(|error| Failure::EngineBroken(format!("unreadable image: {error}")))?;
    let config = config.unwrap_or_default();
    Ok(ImageFacts {
        id: image.id,
        user: config.user,
        working_dir: config.working_dir,
        volumes: config.volumes.unwrap_or_default(),
        healthcheck: config.healthcheck,
        exposed: u32::try_from(config.exposed_ports.unwrap_or_default().len()).unwrap_or(u32::MAX),
    })
}

/// The next requests will name the new container by its id.
fn made_known(call: &Call<'_>, shown: String, made: Value) -> Answer {
    if let Some(id) = made["Id"].as_str() {
        call.gate.known.remember(&resolve::Container {
            id: id.to_owned(),
            shown,
        });
    }
    body::json(StatusCode::CREATED, &answer(call, made))
}

/// Id and warnings; a warning can name objects, too.
fn answer(call: &Call<'_>, made: Value) -> Value {
    let warnings: Vec<String> = made["Warnings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|warning| super::translate::names(call.space(), warning))
        .collect();
    json!({"Id": made["Id"], "Warnings": warnings})
}
