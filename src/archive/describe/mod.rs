//! What a gate says of an object, turned into what asks a gate to make it again.
//!
//! A gate shows an object as its owner asked for it, so most of it goes back as
//! it is. What the engine filled in, and what is true of the old object alone, is
//! left out. Nothing here decides what is allowed: the gate judges what is sent.

mod container;
mod order;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

pub(crate) use container::Container;
pub(crate) use order::order;

/// Labels that the gate gives everything that it makes.
const STAMPED: [&str; 2] = [dock_space::label::AUTHOR, dock_space::label::ORG];

/// The body that makes a network; with its addresses, or with what the space has
/// to give.
pub(crate) fn network(inspected: &Value, with_addresses: bool) -> Value {
    let mut body = Map::new();
    for key in ["Name", "Driver", "EnableIPv4", "EnableIPv6", "Internal"] {
        copy(inspected, key, &mut body);
    }
    body.insert("CheckDuplicate".into(), true.into());
    body.insert("Options".into(), object(&inspected["Options"]));
    body.insert("Labels".into(), labels(&inspected["Labels"]));
    let ranges = match with_addresses {
        true => ranges(&inspected["IPAM"]["Config"]),
        false => Vec::new(),
    };
    body.insert(
        "IPAM".into(),
        json!({"Driver": "default", "Config": ranges}),
    );
    Value::Object(body)
}

fn ranges(config: &Value) -> Vec<Value> {
    let ranges = config.as_array().into_iter().flatten();
    let kept = ranges.map(|range| {
        let mut kept = Map::new();
        for key in ["Subnet", "IPRange", "Gateway", "AuxiliaryAddresses"] {
            copy(range, key, &mut kept);
        }
        Value::Object(kept)
    });
    kept.collect()
}

/// The body that makes a volume of that name; an anonymous one has none.
pub(crate) fn volume(inspected: &Value, name: &str) -> Value {
    json!({
        "Name": name,
        "Driver": inspected["Driver"],
        "DriverOpts": inspected["Options"],
        "Labels": labels(&inspected["Labels"]),
    })
}

/// Names of the networks and volumes that a container has.
pub(crate) fn referred(inspected: &Value) -> BTreeSet<String> {
    let networks = inspected["NetworkSettings"]["Networks"].as_object();
    let networks = networks.into_iter().flatten().map(|(name, _)| name.clone());
    let mounts = inspected["Mounts"].as_array().into_iter().flatten();
    let mounts = mounts.filter(|mount| mount["Type"] == "volume");
    let volumes = mounts.filter_map(|mount| mount["Name"].as_str().map(str::to_owned));
    networks.chain(volumes).collect()
}

/// Labels that people gave.
fn labels(found: &Value) -> Value {
    let mut labels = object(found);
    if let Some(labels) = labels.as_object_mut() {
        labels.retain(|key, _| {
            !STAMPED.contains(&key.as_str()) && !dock_space::label::is_reserved(key)
        });
    }
    labels
}

/// A member that says something.
fn copy(from: &Value, key: &str, to: &mut Map<String, Value>) {
    match &from[key] {
        Value::Null => {}
        value => drop(to.insert(key.to_owned(), value.clone())),
    }
}

/// An object, which engines write as null when it is empty.
fn object(value: &Value) -> Value {
    match value {
        Value::Object(_) => value.clone(),
        _ => json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_made_as_it_was_asked_for() {
        let inspected = json!({
            "Name": "back", "Id": "x", "Driver": "bridge", "EnableIPv6": false, "Internal": true,
            "IPAM": {"Driver": "default", "Options": {}, "Config": [{"Subnet": "10.1.0.0/24", "Gateway": "10.1.0.1"}]},
            "Containers": {}, "Options": null, "Labels": {"a": "b", "author": "alice", "dock.v": "1"}
        });
        assert_eq!(
            network(&inspected, true),
            json!({
                "Name": "back", "Driver": "bridge", "EnableIPv6": false, "Internal": true,
                "CheckDuplicate": true, "Options": {}, "Labels": {"a": "b"},
                "IPAM": {"Driver": "default", "Config": [{"Subnet": "10.1.0.0/24", "Gateway": "10.1.0.1"}]},
            })
        );
        assert_eq!(network(&inspected, false)["IPAM"]["Config"], json!([]));
    }

    #[test]
    fn a_volume_is_made_as_it_was_asked_for() {
        let inspected = json!({
            "Name": "db", "Driver": "local", "Mountpoint": "/x", "Options": {"type": "tmpfs"},
            "Labels": {"author": "alice", "keep": "yes"}, "CreatedAt": "now", "Scope": "local"
        });
        assert_eq!(
            volume(&inspected, "db"),
            json!({"Name": "db", "Driver": "local", "DriverOpts": {"type": "tmpfs"}, "Labels": {"keep": "yes"}})
        );
    }
}
