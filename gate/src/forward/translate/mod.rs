//! The engine's answers in the caller's words.
//!
//! Allow-lists: a member that is not named here does not reach the client, so
//! a newer engine cannot leak what nobody has looked at. Real names become
//! shown names, `dock.*` labels go, host paths of the engine go.

mod network;
mod volume;

pub(crate) use network::network;

use dock_space::{Space, label};
use serde_json::{Map, Value};

pub(crate) use volume::{in_use, volume};

/// Text of the engine about an object that was sent by its full id and typed
/// by a reference.
#[derive(Clone, Copy)]
pub(crate) struct Typed<'a> {
    pub(crate) id: &'a str,
    pub(crate) reference: &'a str,
}

/// Texts in which the engine repeats the reference of the request (`{}`);
/// everywhere else it writes the id that it found. Read in moby's daemon package.
const ECHOES: [&str; 16] = [
    // Since 25.0 in lower case.
    "cannot kill container: {}",
    "cannot remove container \"{}\"",
    "cannot restart container {}",
    "No such container: {}",
    "no such container {}",
    "Cannot kill container: {}",
    "Cannot restart container {}",
    "cannot stop container: {}",
    "Cannot stop container {}",
    "Error resizing exec in container {}",
    "ontainer {} is paused, unpause the container before exec",
    "No such exec instance: {}",
    "No such image: {}",
    "Could not kill running container {}",
    "could not attach to {}",
    "removal of container {}",
];

/// An error text of the engine as the caller may read it.
pub(crate) fn error(space: Space, typed: Option<Typed<'_>>, text: &str) -> String {
    let mut text = names(space, text);
    if let Some(Typed { id, reference }) = typed {
        for echo in ECHOES {
            text = text.replace(&echo.replace("{}", id), &echo.replace("{}", reference));
        }
    }
    text
}

/// Replaces real names in free text: the space's own lose their prefix, those
/// of other spaces become one constant word.
pub(crate) fn names(space: Space, text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    let mut previous = None;
    while let Some(c) = rest.chars().next() {
        let at_start = !previous.is_some_and(|p: char| p.is_ascii_alphanumeric() || p == '_');
        if at_start
            && matches!(c, 'u' | 'g')
            && let Some((owner, tail)) = prefix(rest)
        {
            if owner == space {
                // "u1001-web" -> "web", and a name that itself looks real stays.
                rest = tail;
                previous = Some('_');
                continue;
            }
            result.push_str("(hidden)");
            rest = tail.trim_start_matches(|c: char| {
                c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
            });
            previous = Some(')');
            continue;
        }
        result.push(c);
        previous = Some(c);
        rest = &rest[c.len_utf8()..];
    }
    result
}

/// A space's prefix at the start of `text`, and what follows its `-`.
fn prefix(text: &str) -> Option<(Space, &str)> {
    // A longest space is `u4294967295`; looking further would make a long text
    // take the square of its length.
    let end = text.bytes().take(12).position(|b| b == b'-')?;
    let owner = text.get(..end)?.parse().ok()?;
    let tail = &text[end + 1..];
    tail.chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphanumeric())
        .then_some((owner, tail))
}

/// Keeps only the members that are named.
pub(crate) fn keep(object: &mut Map<String, Value>, members: &[&str]) {
    object.retain(|key, _| members.contains(&key.as_str()));
}

/// Sets a member that is there; one that the engine did not send stays absent.
fn set(object: &mut Map<String, Value>, key: &str, value: Value) {
    if let Some(member) = object.get_mut(key) {
        *member = value;
    }
}

/// Takes the gate's own labels out of a label map; returns them.
pub(crate) fn take_reserved(labels: Option<&mut Value>) -> Map<String, Value> {
    let mut taken = Map::new();
    if let Some(labels) = labels.and_then(Value::as_object_mut) {
        labels.retain(|key, value| {
            if label::is_reserved(key) {
                taken.insert(key.clone(), value.take());
                return false;
            }
            true
        });
    }
    taken
}

fn recorded(taken: &Map<String, Value>, key: &str) -> Option<String> {
    taken.get(key).and_then(Value::as_str).map(str::to_owned)
}

const CONTAINER_ROW: [&str; 16] = [
    "Id",
    "Names",
    "Image",
    "ImageID",
    "Command",
    "Created",
    "Ports",
    "SizeRw",
    "SizeRootFs",
    "Labels",
    "State",
    "Status",
    "HostConfig",
    "NetworkSettings",
    "Mounts",
    "Health",
];

/// One row of the container list; `None` when it is not the space's.
pub(crate) fn container_row(space: Space, version: u8, row: Value) -> Option<Value> {
    let Value::Object(mut row) = row else {
        return None;
    };
    keep(&mut row, &CONTAINER_ROW);
    let taken = take_reserved(row.get_mut("Labels"));
    if recorded(&taken, label::SPACE)? != space.to_string() {
        return None;
    }
    let names: Vec<Value> = row
        .get("Names")?
        .as_array()?
        .iter()
        .filter_map(|name| shown_path(space, name))
        .collect();
    if names.is_empty() {
        return None;
    }
    let first = bare_name(names.first());
    row.insert("Names".into(), names.into());
    if let Some(image) = recorded(&taken, label::IMAGE) {
        row.insert("Image".into(), image.into());
    }
    if let Some(host) = row.get_mut("HostConfig").and_then(Value::as_object_mut) {
        keep(host, &["NetworkMode"]);
        network_mode(host, version, &taken);
    }
    if let Some(settings) = row
        .get_mut("NetworkSettings")
        .and_then(Value::as_object_mut)
    {
        keep(settings, &["Networks"]);
        networks(space, &first, settings);
    }
    mounts(space, row.get_mut("Mounts"));
    Some(Value::Object(row))
}

/// `/u1001-web` -> `/web`, `/u1001-web/db` (a link) -> `/web/db`.
fn shown_path(space: Space, name: &Value) -> Option<Value> {
    let real = name.as_str()?.strip_prefix('/')?;
    let shown = space.shown_name(real)?;
    Some(format!("/{shown}").into())
}

/// `/web` -> `web`
fn bare_name(path: Option<&Value>) -> String {
    let path = path.and_then(Value::as_str).unwrap_or_default();
    path.strip_prefix('/').unwrap_or(path).to_owned()
}

/// Engines since API 1.44 write "bridge" where the client wrote "default".
fn network_mode(host: &mut Map<String, Value>, version: u8, taken: &Map<String, Value>) {
    if let Some(mode) = recorded(taken, label::NET) {
        let mode = if mode == "default" && version >= 44 {
            "bridge".into()
        } else {
            mode
        };
        set(host, "NetworkMode", mode.into());
    }
}

const ENDPOINT: [&str; 17] = [
    "IPAMConfig",
    "Links",
    "Aliases",
    "MacAddress",
    "DriverOpts",
    "GwPriority",
    "NetworkID",
    "EndpointID",
    "Gateway",
    "IPAddress",
    "IPPrefixLen",
    "IPv6Gateway",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "DNSNames",
    "LinkLocalIPs",
    "Priority",
];

/// Endpoints keyed by shown network names; those of networks that are not the space's go.
fn networks(space: Space, container: &str, settings: &mut Map<String, Value>) {
    let Some(Value::Object(endpoints)) = settings.get_mut("Networks") else {
        return;
    };
    let mut shown = Map::new();
    for (real, mut endpoint) in std::mem::take(endpoints) {
        let Some(name) = shown_network(space, &real) else {
            continue;
        };
        if let Some(endpoint) = endpoint.as_object_mut() {
            keep(endpoint, &ENDPOINT);
            network::endpoint(space, &name, container, endpoint);
        }
        shown.insert(name, endpoint);
    }
    *endpoints = shown;
}

/// The shown name of a network; `None` for one that is not the space's.
pub(crate) fn shown_network(space: Space, real: &str) -> Option<String> {
    match space.shown_name(real) {
        Some(super::networks::DEFAULT) => Some("bridge".into()),
        Some(name) => Some(name.into()),
        None if real == "none" => Some(real.into()),
        None => None,
    }
}

fn mounts(space: Space, mounts: Option<&mut Value>) {
    let Some(mounts) = mounts.and_then(Value::as_array_mut) else {
        return;
    };
    for mount in mounts.iter_mut().filter_map(Value::as_object_mut) {
        keep(
            mount,
            &[
                "Type",
                "Name",
                "Source",
                "Destination",
                "Driver",
                "Mode",
                "RW",
                "Propagation",
                "ImageSource",
            ],
        );
        let real = mount
            .get("Name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if dock_space::name::is_full_id(&real) {
            // What the engine says of a mount that the gate made of `-v /path`.
            if mount.get("Mode").and_then(Value::as_str) == Some("z") {
                set(mount, "Mode", "".into());
            }
        }
        if let Some(shown) = space.shown_name(&real) {
            let source = mount
                .get("Source")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let source = source.replace(&format!("/{real}/"), &format!("/{shown}/"));
            set(mount, "Source", source.into());
            set(mount, "Name", shown.into());
        }
    }
}

const CONTAINER: [&str; 26] = [
    "Id",
    "Created",
    "Path",
    "Args",
    "State",
    "Image",
    "ResolvConfPath",
    "HostnamePath",
    "HostsPath",
    "LogPath",
    "Name",
    "RestartCount",
    "Driver",
    "Platform",
    "MountLabel",
    "ProcessLabel",
    "AppArmorProfile",
    "ExecIDs",
    "HostConfig",
    "GraphDriver",
    "SizeRw",
    "SizeRootFs",
    "Mounts",
    "Config",
    "NetworkSettings",
    "ImageManifestDescriptor",
];

const CONFIG: [&str; 25] = [
    "Hostname",
    "Domainname",
    "User",
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "ExposedPorts",
    "Tty",
    "OpenStdin",
    "StdinOnce",
    "Env",
    "Cmd",
    "Healthcheck",
    "ArgsEscaped",
    "Image",
    "Volumes",
    "WorkingDir",
    "Entrypoint",
    "NetworkDisabled",
    "MacAddress",
    "OnBuild",
    "Labels",
    "StopSignal",
    "StopTimeout",
    "Shell",
];

const NETWORK_SETTINGS: [&str; 20] = [
    "Bridge",
    "SandboxID",
    "SandboxKey",
    "HairpinMode",
    "LinkLocalIPv6Address",
    "LinkLocalIPv6PrefixLen",
    "Ports",
    "SecondaryIPAddresses",
    "SecondaryIPv6Addresses",
    "EndpointID",
    "Gateway",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "IPAddress",
    "IPPrefixLen",
    "IPv6Gateway",
    "MacAddress",
    "Networks",
    "IsAnonymousEndpoint",
    "Service",
];

/// Paths of the engine's own files, which no user can reach.
const ENGINE_PATHS: [&str; 4] = ["ResolvConfPath", "HostnamePath", "HostsPath", "LogPath"];

/// The answer of `inspect`; `None` when it is not the space's.
pub(crate) fn container(space: Space, version: u8, answer: Value) -> Option<Value> {
    let Value::Object(mut answer) = answer else {
        return None;
    };
    keep(&mut answer, &CONTAINER);
    let shown = shown_path(space, answer.get("Name")?)?;
    let name = bare_name(Some(&shown));
    answer.insert("Name".into(), shown);
    for path in ENGINE_PATHS {
        set(&mut answer, path, "".into());
    }
    if let Some(driver) = answer.get_mut("GraphDriver").and_then(Value::as_object_mut) {
        keep(driver, &["Name", "Data"]);
        set(driver, "Data", Value::Null);
    }
    let config = answer.get_mut("Config")?.as_object_mut()?;
    keep(config, &CONFIG);
    let taken = take_reserved(config.get_mut("Labels"));
    if recorded(&taken, label::SPACE)? != space.to_string() {
        return None;
    }
    if let Some(image) = recorded(&taken, label::IMAGE) {
        config.insert("Image".into(), image.into());
    }
    let links = network::links_of_bridge(space, &name, &answer["NetworkSettings"]["Networks"]);
    if let Some(host) = answer.get_mut("HostConfig").and_then(Value::as_object_mut) {
        host_config(version, host, &taken);
        set(host, "Links", links.unwrap_or(Value::Null));
    }
    mounts(space, answer.get_mut("Mounts"));
    if let Some(settings) = answer
        .get_mut("NetworkSettings")
        .and_then(Value::as_object_mut)
    {
        keep(settings, &NETWORK_SETTINGS);
        set(settings, "SandboxKey", "".into());
        networks(space, &name, settings);
        if version < 52 {
            lift_bridge(settings);
        }
    }
    Some(Value::Object(answer))
}

/// On the default bridge engines below API 1.52 repeat the endpoint's
/// addresses one level up, where scripts look for them.
fn lift_bridge(settings: &mut Map<String, Value>) {
    let Some(bridge) = settings
        .get("Networks")
        .and_then(|n| n.get("bridge"))
        .cloned()
    else {
        return;
    };
    for key in [
        "EndpointID",
        "Gateway",
        "GlobalIPv6Address",
        "GlobalIPv6PrefixLen",
        "IPAddress",
        "IPPrefixLen",
        "IPv6Gateway",
        "MacAddress",
    ] {
        if let Some(value) = bridge.get(key) {
            set(settings, key, value.clone());
        }
    }
}

/// Capabilities that the gate always drops (DESIGN.md 4): not the user's words.
const ALWAYS_DROPPED: [&str; 2] = ["MKNOD", "AUDIT_WRITE"];

fn host_config(version: u8, host: &mut Map<String, Value>, taken: &Map<String, Value>) {
    network_mode(host, version, taken);
    set(host, "CgroupParent", "".into());
    if let Some(dropped) = host.get_mut("CapDrop")
        && let Some(capabilities) = dropped.as_array_mut()
    {
        capabilities.retain(|name| {
            !name
                .as_str()
                .is_some_and(|name| ALWAYS_DROPPED.contains(&name))
        });
        if capabilities.is_empty() {
            *dropped = Value::Null;
        }
    }
    // What was typed stands in the label; the engine has the gate's form of it.
    let typed: Map<String, Value> = recorded(taken, label::BINDS)
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    for key in ["Binds", "Mounts", "VolumesFrom"] {
        match typed.get(key) {
            Some(value) => drop(host.insert(key.into(), value.clone())),
            None if key == "Mounts" => drop(host.shift_remove(key)),
            None => set(host, key, Value::Null),
        }
    }
    if let Some(ports) = recorded(taken, label::PORTS)
        && let Ok(ports) = serde_json::from_str::<Value>(&ports)
        && !ports.is_null()
    {
        set(host, "PortBindings", ports);
    }
}

const EXEC: [&str; 12] = [
    "ID",
    "Running",
    "ExitCode",
    "ProcessConfig",
    "OpenStdin",
    "OpenStderr",
    "OpenStdout",
    "CanRemove",
    "ContainerID",
    "DetachKeys",
    "Pid",
    "Container",
];

/// The answer of an exec's inspect.
pub(crate) fn exec(answer: Value) -> Option<Value> {
    let Value::Object(mut answer) = answer else {
        return None;
    };
    keep(&mut answer, &EXEC);
    Some(Value::Object(answer))
}

#[cfg(test)]
mod tests;
