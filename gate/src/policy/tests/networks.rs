//! Networks: what a container may join, and what a network may be.

use serde_json::{Value, json};

use super::{create, identity};
use crate::policy::*;

/// A container on the network `lab`, with `endpoint` on it.
fn on_lab(endpoint: Value) -> Result<Value, Refusal> {
    let body = create(json!({
        "Image": "b",
        "HostConfig": {"NetworkMode": "lab"},
        "NetworkingConfig": {"EndpointsConfig": {"lab": endpoint}},
    }))?;
    assert_eq!(body.host_config.network_mode, "u1001-lab");
    let sent = serde_json::to_value(&body.networking_config).unwrap();
    Ok(sent["EndpointsConfig"]["u1001-lab"].clone())
}

#[test]
fn a_container_joins_a_network_of_its_owner_under_its_own_name() {
    assert_eq!(on_lab(json!({})).unwrap(), json!({"Aliases": ["web"]}));
    let endpoint = on_lab(json!({
        "Aliases": ["app"], "Links": ["db:mysql"], "MacAddress": "02:00:00:00:00:01",
        "IPAMConfig": {"IPv4Address": "10.128.1.7"}, "NetworkID": "ab".repeat(32),
    }));
    assert_eq!(
        endpoint.unwrap(),
        json!({
            "Aliases": ["app", "web"], "Links": ["u1001-db:mysql"], "MacAddress": "02:00:00:00:00:01",
            "IPAMConfig": {"IPv4Address": "10.128.1.7"},
        })
    );
    // Not there yet: the engine says so when the container starts.
    let other = create(json!({"Image": "b", "HostConfig": {"NetworkMode": "other"}})).unwrap();
    assert_eq!(other.host_config.network_mode, "u1001-other");
    // There, under the space's prefix, and no gate's.
    let foreign =
        create(json!({"Image": "b", "HostConfig": {"NetworkMode": "foreign"}})).unwrap_err();
    assert_eq!((foreign.status, foreign.rule), (409, "network.name"));
}

#[test]
fn each_rule_of_an_endpoint_refuses_and_permits() {
    for (field, refused, rule, permitted) in [
        ("Aliases", json!(["a b"]), "network.alias", json!(["a_b"])),
        (
            "MacAddress",
            json!("01:00:5e:00:00:01"),
            "network.mac",
            json!("02:00:5e:00:00:01"),
        ),
        (
            "IPAMConfig",
            json!({"LinkLocalIPs": ["169.254.169.254"]}),
            "network.link-local",
            json!({"LinkLocalIPs": []}),
        ),
        ("Links", json!(["a/b:c"]), "create.link", json!(["ab:c"])),
        (
            "DriverOpts",
            json!({"com.docker.network.endpoint.sysctls": "net.ipv4.conf.all.forwarding=1"}),
            "network.endpoint",
            json!({"com.docker.network.endpoint.sysctls": "net.ipv4.conf.IFNAME.forwarding=1"}),
        ),
        (
            "DriverOpts",
            json!({"com.docker.network.bridge.name": "br0"}),
            "network.endpoint",
            json!({"com.docker.network.endpoint.ifname": "br0"}),
        ),
    ] {
        let refusal = on_lab(json!({ field: refused })).expect_err(field);
        assert_eq!(refusal.rule, rule, "{field}");
        on_lab(json!({ field: permitted })).unwrap_or_else(|e| panic!("{field}: {e}"));
    }
}

#[test]
fn a_link_on_the_default_network_is_one_of_its_endpoint() {
    let linked = |link: &str| {
        create(json!({"Image": "b", "HostConfig": {"Links": [link]}}))
            .map(|body| serde_json::to_value(&body.networking_config).unwrap())
    };
    assert_eq!(
        linked("db:mysql").unwrap(),
        json!({"EndpointsConfig": {"u1001-default": {"Links": ["u1001-db:mysql"]}}})
    );
    let refusal = linked("nosuch").unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "could not get container for nosuch: No such container: nosuch"
    );
    assert_eq!(linked("db:a b").unwrap_err().rule, "create.link");
}

#[test]
fn several_networks_keep_apart_and_none_twice() {
    let body = |endpoints: Value| {
        create(json!({"Image": "b", "NetworkingConfig": {"EndpointsConfig": endpoints}}))
            .map(|body| serde_json::to_value(&body.networking_config).unwrap())
    };
    assert_eq!(
        body(json!({"lab": {"Aliases": ["x"]}, "bridge": null})).unwrap(),
        json!({"EndpointsConfig": {"u1001-default": {}, "u1001-lab": {"Aliases": ["x", "web"]}}})
    );
    let twice = body(json!({"bridge": {}, "default": {}})).unwrap_err();
    assert_eq!(twice.rule, "network.endpoint");
    for mode in ["ns:/proc/1/ns/net", "../x", "u1002-lab/", "host"] {
        let refusal =
            create(json!({"Image": "b", "HostConfig": {"NetworkMode": mode}})).unwrap_err();
        assert_eq!(refusal.rule, "create.network", "{mode}");
    }
}

/// A network of the person's, as it is sent.
fn network(body: Value) -> Result<Value, Refusal> {
    let body = crate::api::json::parse(&serde_json::to_vec(&body).unwrap()).unwrap();
    let operation = Operation::NetworkCreate(Box::new(body));
    let facts = Facts::Addresses(Box::default());
    match judge(&Settings::default(), &identity(), operation, &facts) {
        Verdict::Permit(permit) => match permit.into_operation() {
            Operation::NetworkCreate(body) => Ok(serde_json::to_value(&body).unwrap()),
            other => panic!("{other:?}"),
        },
        Verdict::Refuse(refusal) => Err(refusal),
    }
}

#[test]
fn a_network_is_a_bridge_of_the_space_with_a_subnet_of_its_own() {
    assert_eq!(
        network(json!({"Name": "lab", "Labels": {"a": "b"}, "Internal": true, "Attachable": false,
            "ConfigFrom": {"Network": ""}, "IPAM": {"Driver": "default", "Options": {}, "Config": []}}))
        .unwrap(),
        json!({
            "Name": "u1001-lab", "CheckDuplicate": true, "Driver": "bridge", "Internal": true,
            "IPAM": {"Driver": "default", "Options": {},
                "Config": [{"Subnet": "10.128.1.0/24", "Gateway": "10.128.1.1"}]},
            "Options": {},
            "Labels": {"a": "b", "author": "alice", "dock.space": "u1001", "dock.v": "1"},
        })
    );
}

#[test]
fn each_rule_of_a_network_refuses_and_permits() {
    for (field, refused, rule, permitted) in super::pairs::of_network() {
        let refusal = network(json!({"Name": "lab", field: refused})).expect_err(field);
        assert_eq!(refusal.rule, rule, "{field}");
        network(json!({"Name": "lab", field: permitted}))
            .unwrap_or_else(|e| panic!("{field}: {e}"));
    }
    for name in ["bridge", "host", "none", "default"] {
        let refusal = network(json!({ "Name": name })).unwrap_err();
        assert_eq!(
            (refusal.status, refusal.to_string()),
            (
                403,
                format!("operation is not permitted on predefined {name} network")
            )
        );
    }
}
