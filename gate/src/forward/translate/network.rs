//! A network as its space sees it.

use dock_space::Space;
use serde_json::{Map, Value, json};

use super::{keep, names, set, shown_network, take_reserved};

/// `Peers`, `Services` and `Status` tell of swarms and of what the whole host has.
const NETWORK: [&str; 17] = [
    "Name",
    "Id",
    "Created",
    "Scope",
    "Driver",
    "EnableIPv4",
    "EnableIPv6",
    "IPAM",
    "Internal",
    "Attachable",
    "Ingress",
    "ConfigFrom",
    "ConfigOnly",
    "Containers",
    "Options",
    "Labels",
    "Status",
];

const MEMBER: [&str; 5] = [
    "Name",
    "EndpointID",
    "MacAddress",
    "IPv4Address",
    "IPv6Address",
];

/// What docker says of its own default network. The name of the bridge is left
/// out: clients take it for the host's interface.
const BRIDGE_OPTIONS: [(&str, &str); 5] = [
    ("com.docker.network.bridge.default_bridge", "true"),
    ("com.docker.network.bridge.enable_icc", "true"),
    ("com.docker.network.bridge.enable_ip_masquerade", "true"),
    ("com.docker.network.bridge.host_binding_ipv4", "0.0.0.0"),
    ("com.docker.network.driver.mtu", "1500"),
];

/// A network of the list or the answer of its inspect; `None` when it is
/// neither the space's nor built in.
pub(crate) fn network(space: Space, version: u8, answer: Value) -> Option<Value> {
    let Value::Object(mut answer) = answer else {
        return None;
    };
    let real = answer.get("Name")?.as_str()?.to_owned();
    let name = match real.as_str() {
        "none" | "host" => real.clone(),
        _ => shown_network(space, &real)?,
    };
    keep(&mut answer, &NETWORK);
    answer.shift_remove("Status");
    take_reserved(answer.get_mut("Labels"));
    if let Some(containers) = answer.get_mut("Containers").and_then(Value::as_object_mut) {
        members(space, containers);
    }
    if name == "bridge" {
        let options: Map<String, Value> = BRIDGE_OPTIONS
            .iter()
            .map(|(key, value)| ((*key).to_owned(), Value::from(*value)))
            .collect();
        set(&mut answer, "Options", options.into());
        set(&mut answer, "Labels", json!({}));
        if let Some(ipam) = answer.get_mut("IPAM").and_then(Value::as_object_mut) {
            set(ipam, "Options", Value::Null);
        }
    }
    if version < 48 {
        answer.shift_remove("EnableIPv4");
    }
    answer.insert("Name".into(), name.into());
    Some(Value::Object(answer))
}

/// Only the space's own containers: root may have connected others.
fn members(space: Space, containers: &mut Map<String, Value>) {
    containers.retain(|_, member| {
        let Some(member) = member.as_object_mut() else {
            return false;
        };
        keep(member, &MEMBER);
        let real = member
            .get("Name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(shown) = space.shown_name(real).map(str::to_owned) else {
            return false;
        };
        set(member, "Name", shown.into());
        true
    });
}

/// An endpoint of a container `shown`, on the network that the space calls `name`.
pub(super) fn endpoint(space: Space, name: &str, shown: &str, endpoint: &mut Map<String, Value>) {
    if name == "bridge" {
        for key in ["Aliases", "DNSNames", "IPAMConfig", "Links"] {
            set(endpoint, key, Value::Null);
        }
        return;
    }
    if let Some(aliases) = endpoint.get_mut("Aliases").and_then(Value::as_array_mut) {
        // The gate's own is the last of that name.
        if let Some(at) = aliases.iter().rposition(|alias| alias == shown) {
            aliases.remove(at);
        }
        if aliases.is_empty() {
            set(endpoint, "Aliases", Value::Null);
        }
    }
    if let Some(dns) = endpoint.get_mut("DNSNames").and_then(Value::as_array_mut) {
        let mut seen: Vec<String> = Vec::with_capacity(dns.len());
        for name in dns.iter().filter_map(Value::as_str) {
            let name = space.shown_name(name).unwrap_or(name).to_owned();
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        *dns = seen.into_iter().map(Value::from).collect();
    }
    if let Some(links) = endpoint.get_mut("Links").and_then(Value::as_array_mut) {
        for link in links.iter_mut() {
            let shown = names(space, link.as_str().unwrap_or_default());
            *link = shown.into();
        }
    }
}

/// What docker shows as links of HostConfig: on the default network they are
/// the endpoint's in the engine, `u1001-db:mysql` -> `/db:/web/mysql`.
pub(super) fn links_of_bridge(space: Space, shown: &str, networks: &Value) -> Option<Value> {
    let real = space.real_name(crate::forward::networks::DEFAULT);
    let links = networks.get(&real)?.get("Links")?.as_array()?;
    let links: Vec<Value> = links
        .iter()
        .filter_map(|link| link.as_str()?.split_once(':'))
        .filter_map(|(name, alias)| {
            let name = space.shown_name(name)?;
            Some(format!("/{name}:/{shown}/{alias}").into())
        })
        .collect();
    if links.is_empty() {
        None
    } else {
        Some(links.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;

    const ALICE: Space = Space::User(Uid(1001));

    #[test]
    fn a_network_is_shown_with_the_spaces_own_members_alone() {
        let shown = network(
            ALICE,
            41,
            json!({
                "Name": "u1001-lab", "Id": "ab", "Peers": [{"IP": "192.0.2.1"}], "New": "leak",
                "Labels": {"a": "b", "dock.space": "u1001"},
                "Containers": {
                    "01": {"Name": "u1001-web", "IPv4Address": "10.128.1.2/24"},
                    "02": {"Name": "u1002-db", "IPv4Address": "10.128.1.3/24"},
                },
            }),
        );
        assert_eq!(
            shown.unwrap(),
            json!({
                "Name": "lab", "Id": "ab", "Labels": {"a": "b"},
                "Containers": {"01": {"Name": "web", "IPv4Address": "10.128.1.2/24"}},
            })
        );
        assert!(network(ALICE, 41, json!({"Name": "u1002-lab"})).is_none());
        assert!(network(ALICE, 41, json!({"Name": "bridge"})).is_none());
        assert!(network(ALICE, 41, json!({"Name": "none"})).is_some());
    }

    #[test]
    fn the_alias_that_the_gate_gave_is_not_shown_and_the_clients_is() {
        let shown = |aliases: Value| {
            let mut value = json!({"Aliases": aliases, "DNSNames": ["u1001-web", "web", "ab"],
                "Links": ["u1001-db:db"]});
            endpoint(ALICE, "lab", "web", value.as_object_mut().unwrap());
            value
        };
        let value = shown(json!(["web", "x", "web", "ab"]));
        assert_eq!(value["Aliases"], json!(["web", "x", "ab"]));
        assert_eq!(value["DNSNames"], json!(["web", "ab"]));
        assert_eq!(value["Links"], json!(["db:db"]));
        assert_eq!(shown(json!(["web"]))["Aliases"], Value::Null);
    }
}
