//! The body of a container: what is judged, and what is sent.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dock_space::label;
use dock_space::name::is_object_name;
use dock_space::settings::Settings;

use super::host::{self, Judged};
use super::operation::Create;
use super::refusal::Refusal;
use super::volume::VolumeFact;
use super::{Identity, network, networks, ports, process, values};
use crate::api::container::{CreateBody, Empty, Healthcheck};

/// What the gate knows of the image: its id and those parts of its
/// configuration that a container inherits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageFacts {
    /// `sha256:` and 64 hex digits.
    pub id: String,
    pub user: String,
    pub working_dir: String,
    pub volumes: BTreeMap<String, Empty>,
    pub healthcheck: Option<Healthcheck>,
    /// How many ports it exposes.
    pub exposed: u32,
}

/// What the gate knows of the engine and its host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineFacts {
    /// The runtime of a container that asks for none.
    pub runtime: String,
    /// Bytes of the host's memory; 0 when the engine does not say.
    pub memory: i64,
}

/// What the engine has by the reference to a network that a client typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkFact {
    /// A network of the caller's; its real name.
    Own(String),
    /// One with the space's prefix that no gate made: joining it would be joining
    /// whatever root has put there.
    Foreign,
}

/// What has been looked up for a container that is to be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateFacts {
    pub engine: EngineFacts,
    pub image: ImageFacts,
    /// Full ids of the caller's own containers by the reference that was typed.
    pub containers: HashMap<String, String>,
    /// Their shown names, by the same reference.
    pub names: HashMap<String, String>,
    /// What is there by each reference of [`networks_named`] that leads to something.
    pub networks: HashMap<String, NetworkFact>,
    /// Mount points of the containers of `--volumes-from`, by the same reference.
    pub mounted: HashMap<String, Vec<String>>,
    /// What is there under each name of [`volumes_named`].
    pub volumes: HashMap<String, VolumeFact>,
    /// The space's cgroup, in the form that the engine's driver wants.
    pub cgroup_parent: String,
}

impl CreateFacts {
    /// The full id of the caller's container that `reference` names.
    pub(super) fn container(&self, reference: &str) -> Result<&str, Refusal> {
        self.containers
            .get(reference)
            .map(String::as_str)
            // Not 404: docker would take that for a missing image and pull.
            .ok_or_else(|| Refusal::invalid(format!("No such container: {reference}")))
    }
}

/// The containers that a body names, as typed: they have to be looked up first.
pub fn containers_named(body: &CreateBody) -> Vec<&str> {
    let host = &body.host_config;
    let joined = [&host.network_mode, &host.ipc_mode, &host.pid_mode]
        .into_iter()
        .filter_map(|mode| mode.strip_prefix("container:"));
    let linked = host
        .links
        .iter()
        .filter_map(|link| networks::split_link(link).ok())
        .map(|(name, _)| name);
    joined.chain(volumes_from(body)).chain(linked).collect()
}

/// The networks that a body names, as typed.
pub fn networks_named(body: &CreateBody) -> Vec<String> {
    network::named(&body.host_config.network_mode, &body.networking_config)
}

/// The volumes that a body names, as typed: whose they are has to be looked up
/// first. What is no name of a volume is left to the judgement.
pub fn volumes_named(body: &CreateBody) -> BTreeSet<&str> {
    let host = &body.host_config;
    let bound = host.binds.iter().filter_map(|bind| bind.split_once(':'));
    let mounted = host.mounts.iter().filter(|mount| mount.r#type == "volume");
    bound
        .map(|(source, _)| source)
        .chain(mounted.map(|mount| mount.source.as_str()))
        .filter(|name| is_object_name(name))
        .collect()
}

/// Those containers whose mount points have to be looked up, too.
pub fn volumes_from(body: &CreateBody) -> impl Iterator<Item = &str> {
    let references = body.host_config.volumes_from.iter();
    references.filter_map(|reference| reference.split(':').next())
}

pub(super) fn judge(
    settings: &Settings,
    identity: &Identity,
    create: Box<Create>,
    facts: &CreateFacts,
) -> Result<Box<Create>, Refusal> {
    let Create {
        name,
        platform,
        body,
        default_network: _,
    } = *create;
    values::object_name(&name)?;
    platform_is_plain(platform.as_deref())?;
    let typed = as_typed(&body);
    let CreateBody {
        hostname,
        domainname,
        user,
        attach_stdin,
        attach_stdout,
        attach_stderr,
        exposed_ports,
        tty,
        open_stdin,
        stdin_once,
        env,
        cmd,
        healthcheck,
        args_escaped: _,
        image: _,
        volumes,
        working_dir,
        entrypoint,
        network_disabled,
        mac_address,
        on_build: _,
        labels,
        stop_signal,
        stop_timeout,
        shell,
        host_config,
        networking_config,
    } = body;

    process::host_name("Config.Hostname", &hostname, 63)?;
    process::host_name("Config.Domainname", &domainname, 253)?;
    process::user("Config.User", or(&user, &facts.image.user))?;
    process::folder(
        "Config.WorkingDir",
        or(&working_dir, &facts.image.working_dir),
    )?;
    process::environment("Config.Env", &env)?;
    let exposed = process::exposed(&exposed_ports)?;
    if host_config.publish_all_ports {
        let exposed = exposed.saturating_add(facts.image.exposed);
        ports::check_all(settings, &host_config.port_bindings, exposed)?;
    }
    process::labels("Config.Labels", &labels)?;
    process::stop_timeout(stop_timeout)?;
    if !stop_signal.is_empty() {
        values::signal_name(Some(&stop_signal))
            .map_err(|_| Refusal::value("Config.StopSignal", &stop_signal))?;
    }
    network::mac(&mac_address)?;
    // Shown by inspect. A path with a mount of the gate's is passed over by the
    // engine, which compares it as it is written.
    let shown_volumes: BTreeMap<String, Empty> = volumes
        .keys()
        .filter(|path| process::clean(path) == **path)
        .map(|path| (path.clone(), Empty {}))
        .collect();
    let healthcheck = health(healthcheck, facts.image.healthcheck.as_ref())?;
    let Judged {
        host,
        networks: endpoints,
        default_network,
    } = host::judge(
        settings,
        identity,
        facts,
        &name,
        host_config,
        volumes,
        networking_config,
    )?;

    let body = CreateBody {
        hostname,
        domainname,
        user,
        attach_stdin,
        attach_stdout,
        attach_stderr,
        exposed_ports,
        tty,
        open_stdin,
        stdin_once,
        env,
        cmd,
        healthcheck,
        image: facts.image.id.clone(),
        volumes: shown_volumes,
        working_dir,
        entrypoint,
        network_disabled,
        mac_address,
        labels: stamp(identity, labels, typed),
        stop_signal,
        stop_timeout,
        shell,
        host_config: host,
        networking_config: endpoints,
        ..CreateBody::default()
    };
    Ok(Box::new(Create {
        name: identity.space.real_name(&name),
        platform,
        body,
        default_network,
    }))
}

/// What the container gets where the client says nothing is the image's, and
/// is judged the same.
fn or<'a>(asked: &'a str, image: &'a str) -> &'a str {
    if asked.is_empty() { image } else { asked }
}

/// The client's own check is judged; the image's is made slower where it runs
/// too often, since its user did not write it.
fn health(
    asked: Option<Healthcheck>,
    image: Option<&Healthcheck>,
) -> Result<Option<Healthcheck>, Refusal> {
    if let Some(check) = &asked {
        process::health(check)?;
    }
    let off = asked.as_ref().is_some_and(|check| check.test == ["NONE"]);
    let image = match image {
        Some(image) if !off => image,
        _ => return Ok(asked),
    };
    // The engine fills every zero from the image, and before API 1.44 it makes
    // this one zero first, so there is nothing to send in its place.
    if process::is_too_often(image.start_interval) {
        return Err(Refusal {
            instead: "--no-healthcheck turns the image's check off",
            ..Refusal::of("Config.Healthcheck")
                .because("the image's check starts more often than once a second")
        });
    }
    let inherits = asked.as_ref().is_none_or(|check| check.interval == 0);
    if inherits && process::is_too_often(image.interval) {
        let mut slower = asked.unwrap_or_default();
        slower.interval = process::SECOND;
        return Ok(Some(slower));
    }
    Ok(asked)
}

fn platform_is_plain(platform: Option<&str>) -> Result<(), Refusal> {
    let text = platform.unwrap_or_default();
    let plain = text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'_' | b'-'));
    if plain {
        Ok(())
    } else {
        Err(Refusal::invalid(format!(
            "\"{text}\": unknown operating system or architecture: invalid argument"
        )))
    }
}

/// What a list or an inspect must show and the engine does not keep.
fn as_typed(body: &CreateBody) -> [(&'static str, String); 3] {
    let host = &body.host_config;
    let mut mounts = serde_json::Map::new();
    for (key, value) in [
        ("Binds", serde_json::to_value(&host.binds)),
        ("Mounts", serde_json::to_value(&host.mounts)),
        ("VolumesFrom", serde_json::to_value(&host.volumes_from)),
    ] {
        if let Ok(value) = value
            && value.as_array().is_some_and(|list| !list.is_empty())
        {
            mounts.insert(key.to_owned(), value);
        }
    }
    let mounts = if mounts.is_empty() {
        String::new()
    } else {
        serde_json::Value::from(mounts).to_string()
    };
    let mode = if host.network_mode.is_empty() {
        "default"
    } else {
        &host.network_mode
    };
    [
        (label::IMAGE, body.image.clone()),
        (label::BINDS, mounts),
        (label::NET, mode.to_owned()),
    ]
}

/// The client's labels, the author's over them, and every one of the gate's
/// own, so that an image cannot set any.
fn stamp(
    identity: &Identity,
    mut labels: BTreeMap<String, String>,
    typed: [(&'static str, String); 3],
) -> BTreeMap<String, String> {
    for key in label::RESERVED {
        labels.insert(key.to_owned(), String::new());
    }
    for (key, value) in typed {
        labels.insert(key.to_owned(), value);
    }
    identity.labelled(labels)
}
