//! A container of an archive.

use std::collections::{BTreeMap, BTreeSet};

use dock_space::name::{is_full_id, is_hex};
use serde_json::{Map, Value, json};

use super::{copy, labels, object};
use crate::error::Error;
use crate::ui;

/// What goes back as the owner asked for it.
const CONFIG: [&str; 21] = [
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
    "MacAddress",
    "StopSignal",
    "StopTimeout",
    "Shell",
];

/// What does not: what the engine fills in where nothing was asked for, and what
/// is another host's affair.
const NOT_ASKED: [&str; 9] = [
    "CgroupParent",
    "ConsoleSize",
    "ContainerIDFile",
    "Isolation",
    "KernelMemory",
    "KernelMemoryTCP",
    "Links",
    "MaskedPaths",
    "ReadonlyPaths",
];

/// Members whose usual value is what the engine fills in.
const USUAL: [(&str, &str); 4] = [
    ("CgroupnsMode", "host"),
    ("CgroupnsMode", "private"),
    ("Runtime", "runc"),
    ("Runtime", "io.containerd.runc.v2"),
];

/// Networks that are not made by anybody.
const BUILT_IN: [&str; 4] = ["bridge", "default", "host", "none"];

/// A container, and what it needs of the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Container {
    pub(crate) name: String,
    /// Its old id.
    pub(crate) id: String,
    /// As the owner typed it.
    pub(crate) image: String,
    pub(crate) image_id: String,
    pub(crate) was_running: bool,
    /// Anonymous volumes that come to be with it: where they are mounted, and
    /// their old names.
    pub(crate) comes_with: Vec<(String, String)>,
    /// Anonymous volumes of others, or of nobody, by their old names.
    pub(crate) borrows: BTreeSet<String>,
    /// Networks beside the first one, and how it is connected to them.
    pub(crate) connects: Vec<(String, Value)>,
    /// Containers that it names, as it names them.
    pub(crate) names: Vec<String>,
    /// Ports of the host that were asked for by number: address, port, protocol.
    pub(crate) ports: Vec<(String, u16, String)>,
    body: Value,
}

impl Container {
    /// Reads what a gate said of a container.
    ///
    /// # Errors
    /// When it is no description of one.
    pub(crate) fn read(part: &str, inspected: &Value) -> Result<Container, Error> {
        let undescribed = |why: &str| Error::Undescribed {
            part: ui::safe(part),
            why: why.to_owned(),
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (config, host) = (&inspected["Config"], &inspected["HostConfig"]);
        let name = text(&inspected["Name"]);
        let name = name.strip_prefix('/').unwrap_or(&name).to_owned();
        let id = text(&inspected["Id"]);
        if !dock_space::name::is_object_name(&name) || !is_full_id(&id) {
            return Err(undescribed("it has no usable name or id"));
        }
        if !config.is_object() || !host.is_object() {
            return Err(undescribed("it says nothing of how it was made"));
        }
        let named: BTreeSet<String> = named_volumes(host).collect();
        let (comes_with, borrows) = anonymous(inspected, &named);
        let mode = text(&host["NetworkMode"]);
        let endpoints = endpoints(&inspected["NetworkSettings"]["Networks"], &id);
        let (first, connects): (Vec<_>, Vec<_>) =
            endpoints.into_iter().partition(|(name, _)| *name == mode);
        let mut body = Map::new();
        for key in CONFIG {
            copy(config, key, &mut body);
        }
        // The engine's own choice is the beginning of the id.
        if !id.starts_with(&text(&config["Hostname"])) {
            copy(config, "Hostname", &mut body);
        }
        body.insert("Labels".into(), labels(&config["Labels"]));
        body.insert("HostConfig".into(), host_config(host));
        let first: Map<String, Value> = first
            .into_iter()
            .filter(|(name, _)| !BUILT_IN.contains(&name.as_str()))
            .collect();
        body.insert("NetworkingConfig".into(), json!({"EndpointsConfig": first}));
        Ok(Container {
            image: text(&config["Image"]),
            image_id: text(&inspected["Image"]),
            was_running: inspected["State"]["Running"] == true,
            comes_with,
            borrows,
            connects,
            names: names(host),
            ports: ports(&host["PortBindings"]),
            name,
            id,
            body: body.into(),
        })
    }

    /// The body that makes it: with the new names of anonymous volumes, and the
    /// names of containers that it named by their old ids.
    pub(crate) fn body(
        &self,
        volumes: &BTreeMap<String, String>,
        others: &[(String, String)],
    ) -> Value {
        let mut body = self.body.clone();
        let host = &mut body["HostConfig"];
        let new = |old: &str| volumes.get(old).cloned();
        for bind in texts(host.get_mut("Binds")) {
            if let Some((source, rest)) = bind.split_once(':')
                && let Some(new) = new(source)
            {
                *bind = format!("{new}:{rest}");
            }
        }
        let mounts = host.get_mut("Mounts").and_then(Value::as_array_mut);
        for mount in mounts.into_iter().flatten() {
            if let Some(new) = mount["Source"].as_str().and_then(new) {
                mount["Source"] = new.into();
            }
        }
        let known = |asked: &str| find(others, asked).map(str::to_owned);
        for from in texts(host.get_mut("VolumesFrom")) {
            let (asked, mode) = from.split_once(':').unwrap_or((from, ""));
            if let Some(name) = known(asked) {
                *from = match mode {
                    "" => name,
                    mode => format!("{name}:{mode}"),
                };
            }
        }
        for key in ["NetworkMode", "IpcMode", "PidMode"] {
            let asked = host[key]
                .as_str()
                .and_then(|mode| mode.strip_prefix("container:"));
            if let Some(name) = asked.and_then(known) {
                host[key] = format!("container:{name}").into();
            }
        }
        body
    }

    /// Whether it can be started only after `other` has been made.
    pub(super) fn follows(&self, other: &Container) -> bool {
        let me = [(other.name.clone(), other.id.clone())];
        self.names.iter().any(|asked| find(&me, asked).is_some())
            || other
                .comes_with
                .iter()
                .any(|(_, volume)| self.borrows.contains(volume))
    }
}

/// The name of the container that `asked` means: by name, else by the beginning
/// of its id.
fn find<'a>(all: &'a [(String, String)], asked: &str) -> Option<&'a str> {
    let by_name = all.iter().find(|(name, _)| name == asked);
    let by_id = || {
        all.iter()
            .find(|(_, id)| is_hex(asked) && id.starts_with(asked))
    };
    by_name.or_else(by_id).map(|(name, _)| name.as_str())
}

fn texts(list: Option<&mut Value>) -> impl Iterator<Item = &mut String> {
    let words = list.and_then(Value::as_array_mut).into_iter().flatten();
    words.filter_map(|word| match word {
        Value::String(text) => Some(text),
        _ => None,
    })
}

fn host_config(host: &Value) -> Value {
    let mut asked = object(host);
    let Some(members) = asked.as_object_mut() else {
        return asked;
    };
    members.retain(|key, value| {
        let is_usual = USUAL
            .iter()
            .any(|(name, usual)| key == name && value == usual);
        !NOT_ASKED.contains(&key.as_str()) && !is_usual && !value.is_null()
    });
    if let Some(links) = host["Links"].as_array() {
        let links: Vec<String> = links.iter().filter_map(link).collect();
        members.insert("Links".into(), links.into());
    }
    asked
}

/// `/web:/db/alias` -> `web:alias`
fn link(shown: &Value) -> Option<String> {
    let (target, alias) = shown.as_str()?.split_once(':')?;
    let target = target.strip_prefix('/').unwrap_or(target);
    let alias = alias.rsplit('/').next().unwrap_or(alias);
    Some(format!("{target}:{alias}"))
}

/// Containers that the host configuration names.
fn names(host: &Value) -> Vec<String> {
    let list = |key: &str| {
        host[key]
            .as_array()
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    };
    let (links, from): (Vec<Value>, Vec<Value>) = (list("Links"), list("VolumesFrom"));
    let links = links.iter().filter_map(link);
    let links = links.filter_map(|link| Some(link.split_once(':')?.0.to_owned()));
    let from = from
        .iter()
        .filter_map(Value::as_str)
        .map(|from| from.split(':').next().unwrap_or_default().to_owned());
    let modes = ["NetworkMode", "IpcMode", "PidMode"]
        .into_iter()
        .filter_map(|key| Some(host[key].as_str()?.strip_prefix("container:")?.to_owned()));
    links.chain(from).chain(modes).collect()
}

/// Volumes that the owner asked for by name.
fn named_volumes(host: &Value) -> impl Iterator<Item = String> + '_ {
    let binds = host["Binds"].as_array().into_iter().flatten();
    let binds = binds.filter_map(|bind| Some(bind.as_str()?.split_once(':')?.0.to_owned()));
    let mounts = host["Mounts"].as_array().into_iter().flatten();
    let mounts = mounts.filter_map(|mount| mount["Source"].as_str().map(str::to_owned));
    binds.chain(mounts).filter(|name| !name.is_empty())
}

/// The anonymous volumes of a container: those that it has of its own (where, and
/// which), and those that it was given.
fn anonymous(
    inspected: &Value,
    named: &BTreeSet<String>,
) -> (Vec<(String, String)>, BTreeSet<String>) {
    let from = inspected["HostConfig"]["VolumesFrom"].as_array();
    let has_others = from.is_some_and(|from| !from.is_empty());
    let asked: BTreeSet<&str> = own_places(inspected).collect();
    let (mut own, mut given) = (Vec::new(), BTreeSet::new());
    for mount in inspected["Mounts"].as_array().into_iter().flatten() {
        let (Some(volume), Some(place)) = (mount["Name"].as_str(), mount["Destination"].as_str())
        else {
            continue;
        };
        if mount["Type"] != "volume" || !is_full_id(volume) {
            continue;
        }
        // What came by --volumes-from stands in the list, too.
        if named.contains(volume) || has_others && !asked.contains(place) {
            given.insert(volume.to_owned());
        } else {
            own.push((place.to_owned(), volume.to_owned()));
        }
    }
    (own, given)
}

/// Where a container asked for anonymous volumes itself.
fn own_places(inspected: &Value) -> impl Iterator<Item = &str> {
    let config = inspected["Config"]["Volumes"].as_object();
    let config = config
        .into_iter()
        .flatten()
        .map(|(place, _)| place.as_str());
    let host = &inspected["HostConfig"];
    let binds = host["Binds"].as_array().into_iter().flatten();
    let binds = binds.filter_map(|bind| bind.as_str()?.split(':').next());
    let mounts = host["Mounts"].as_array().into_iter().flatten();
    let mounts = mounts
        .filter(|mount| mount["Source"].as_str().unwrap_or_default().is_empty())
        .filter_map(|mount| mount["Target"].as_str());
    config
        .chain(binds.filter(|place| place.starts_with('/')))
        .chain(mounts)
}

/// How a container is connected to each of its networks, as it was asked for.
fn endpoints(networks: &Value, id: &str) -> Vec<(String, Value)> {
    let networks = networks.as_object().into_iter().flatten();
    let asked = networks.map(|(name, endpoint)| {
        let mut asked = Map::new();
        for key in ["IPAMConfig", "Links", "DriverOpts", "GwPriority"] {
            copy(endpoint, key, &mut asked);
        }
        let aliases = endpoint["Aliases"].as_array().into_iter().flatten();
        // Engines before 25.0 add the beginning of the id.
        let aliases: Vec<&Value> = aliases
            .filter(|alias| alias.as_str().is_none_or(|alias| !is_start(id, alias)))
            .collect();
        if !aliases.is_empty() {
            asked.insert("Aliases".into(), json!(aliases));
        }
        (name.clone(), Value::Object(asked))
    });
    asked.collect()
}

fn is_start(id: &str, alias: &str) -> bool {
    alias.len() == 12 && id.starts_with(alias)
}

/// Ports that were asked for by number.
fn ports(bindings: &Value) -> Vec<(String, u16, String)> {
    let bindings = bindings.as_object().into_iter().flatten();
    let each = bindings.flat_map(|(inner, outer)| {
        let protocol = inner
            .split_once('/')
            .map_or("tcp", |(_, protocol)| protocol);
        let outer = outer.as_array().into_iter().flatten();
        outer.filter_map(move |binding| {
            let port = binding["HostPort"].as_str()?.parse().ok()?;
            let address = binding["HostIp"].as_str().unwrap_or_default();
            (port != 0).then(|| (address.to_owned(), port, protocol.to_owned()))
        })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inspected() -> Value {
        json!({
            "Id": "ab".repeat(32), "Name": "/web", "Image": "sha256:x",
            "State": {"Running": true},
            "Config": {
                "Hostname": "abababababab", "Env": ["A=b"], "Image": "nginx", "Cmd": ["x"],
                "Volumes": {"/cache": {}}, "Labels": {"a": "b", "author": "alice"}, "OnBuild": null,
            },
            "HostConfig": {
                "Binds": ["data:/data", format!("{}:/old", "c".repeat(64))], "NetworkMode": "back",
                "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "20180"}], "81/udp": [{"HostPort": ""}]},
                "Links": ["/db:/web/database"], "VolumesFrom": ["store:ro"], "MaskedPaths": ["/proc/x"],
                "Runtime": "runc", "PidMode": "container:dddd", "Memory": 1000, "CgroupParent": "",
            },
            "Mounts": [
                {"Type": "volume", "Name": "data", "Destination": "/data"},
                {"Type": "volume", "Name": "e".repeat(64), "Destination": "/cache"},
                {"Type": "volume", "Name": "c".repeat(64), "Destination": "/old"},
                {"Type": "volume", "Name": "f".repeat(64), "Destination": "/stores"},
            ],
            "NetworkSettings": {"Networks": {
                "back": {"Aliases": ["www", "abababababab"], "IPAddress": "10.0.0.2", "IPAMConfig": {"IPv4Address": "10.0.0.2"}},
                "front": {"Aliases": null, "NetworkID": "x"},
            }},
        })
    }

    #[test]
    fn what_was_asked_for_goes_back() {
        let web = Container::read("p", &inspected()).unwrap();
        assert_eq!((web.name.as_str(), web.was_running), ("web", true));
        assert_eq!(web.comes_with, [("/cache".to_owned(), "e".repeat(64))]);
        assert_eq!(web.borrows, ["c".repeat(64), "f".repeat(64)].into());
        assert_eq!(web.connects, [("front".to_owned(), json!({}))]);
        assert_eq!(web.names, ["db", "store", "dddd"]);
        assert_eq!(web.ports, [(String::new(), 20180, "tcp".to_owned())]);
        let volumes = [("c".repeat(64), "9".repeat(64))].into();
        let others = [
            ("job".to_owned(), "d".repeat(64)),
            ("store".to_owned(), "1".repeat(64)),
        ];
        assert_eq!(
            web.body(&volumes, &others),
            json!({
                "Env": ["A=b"], "Cmd": ["x"], "Image": "nginx", "Volumes": {"/cache": {}},
                "Labels": {"a": "b"},
                "HostConfig": {
                    "Binds": ["data:/data", format!("{}:/old", "9".repeat(64))], "NetworkMode": "back",
                    "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "20180"}], "81/udp": [{"HostPort": ""}]},
                    "VolumesFrom": ["store:ro"], "PidMode": "container:job", "Memory": 1000,
                    "Links": ["db:database"],
                },
                "NetworkingConfig": {"EndpointsConfig": {
                    "back": {"IPAMConfig": {"IPv4Address": "10.0.0.2"}, "Aliases": ["www"]},
                }},
            })
        );
    }

    #[test]
    fn what_describes_no_container_is_an_error() {
        for change in [
            |value: &mut Value| value["Name"] = "/..".into(),
            |value: &mut Value| value["Id"] = "x".into(),
            |value: &mut Value| value["Config"] = Value::Null,
            |value: &mut Value| value["HostConfig"] = "x".into(),
            |value: &mut Value| *value = json!([]),
        ] {
            let mut wrong = inspected();
            change(&mut wrong);
            assert!(Container::read("p", &wrong).is_err());
        }
    }
}
