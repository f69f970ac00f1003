//! The network commands.

use dock_space::admin::Kind;
use hyper::StatusCode;
use ipnet::IpNet;
use serde_json::{Value, json};

use super::super::allocation;
use super::super::body::{self, Answer};
use super::super::call::Call;
use super::super::filter::{few, invalid, pattern};
use super::super::translate::{self, Typed};
use super::super::{last_use, resolve};
use super::{DEFAULT, Network, Reference};
use crate::api::filters;
use crate::api::network::{ConnectBody, DisconnectBody, NetworkBody};
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{AddressFacts, ContainerId, Facts, NetworkId, Operation};

/// Filters that the engine evaluates on the space's networks as on any.
const PLAIN: [&str; 5] = ["driver", "id", "label", "scope", "dangling"];

/// The API version that knows `EnableIPv4`.
const ENABLE_IPV4: u8 = 48;

/// `network ls`
pub(crate) async fn list(mut call: Call<'_>) -> Result<Answer, Failure> {
    let asked = filters::parse(call.query.take("filters")?.as_deref())?;
    call.query.finish()?;
    let mut upstream = super::own_filter(call.space());
    let (mut names, mut kinds) = (Vec::new(), Vec::new());
    for (key, values) in asked {
        if key == "name" {
            few(&key, &values)?;
        }
        for value in values {
            match key.as_str() {
                "name" => names.push(value),
                "type" => match value.as_str() {
                    "builtin" | "custom" => kinds.push(value),
                    other => {
                        let text = format!("invalid filter: 'type'='{other}'");
                        return Err(Failure::Engine(400, text));
                    }
                },
                // The gate's own labels do not exist for clients.
                "label" if dock_space::label::is_reserved(&value) => {
                    upstream
                        .entry("id".into())
                        .or_default()
                        .push("\u{2}".into());
                }
                plain if PLAIN.contains(&plain) => {
                    upstream.entry(key.clone()).or_default().push(value);
                }
                unknown => return Err(invalid(call.version, unknown)),
            }
        }
    }
    // The engine matches names and ids as regular expressions.
    let names: Vec<_> = names.iter().map(|name| (name, pattern(name))).collect();
    let fits = |network: &Value| {
        let shown = network["Name"].as_str().unwrap_or_default();
        let kind = match shown {
            "bridge" | "host" | "none" => "builtin",
            _ => "custom",
        };
        let by_name = names.iter().any(|(name, pattern)| {
            *name == shown || pattern.as_ref().is_ok_and(|name| name.is_match(shown))
        });
        (names.is_empty() || by_name) && (kinds.is_empty() || kinds.iter().any(|k| k == kind))
    };
    let operation = Operation::NetworkList {
        filters: upstream.clone(),
    };
    let permit = call.judge(Weight::Read, "", operation, &Facts::None)?;
    let listed: Vec<Value> = call.fetch(permit, None).await?;
    let space = call.space();
    let mut shown: Vec<Value> = listed
        .into_iter()
        .filter(|network| Network::of(space, network).is_some())
        .filter_map(|network| translate::network(space, call.version, network))
        // Docker's own default network is never dangling.
        .filter(|network| !is_true(upstream.get("dangling")) || network["Name"] != "bridge")
        .collect();
    // The built-in ones are the engine's; without labels, so a label asks for none of them.
    let has_labels = upstream.get("label").is_some_and(|labels| labels.len() > 1);
    if !is_true(upstream.get("dangling")) && !has_labels {
        upstream.remove("label");
        upstream.remove("dangling");
        upstream.insert("type".into(), vec!["builtin".into()]);
        let permit = call.judge(
            Weight::Read,
            "",
            Operation::NetworkList {
                filters: upstream.clone(),
            },
            &Facts::None,
        )?;
        let listed: Vec<Value> = call.fetch(permit, None).await?;
        let has_default = shown.iter().any(|network| network["Name"] == "bridge");
        for network in listed {
            match super::built_in_name(&network) {
                Some(_) => shown.extend(translate::network(space, call.version, network)),
                // The engine's own bridge passed the filters that only ask what
                // kind of network it is; so does the space's, before it is made.
                None if !has_default
                    && network["Name"] == "bridge"
                    && !upstream.contains_key("id") =>
                {
                    shown.push(unmade(&call).await?);
                }
                None => {}
            }
        }
    }
    shown.retain(fits);
    Ok(body::json(StatusCode::OK, &shown))
}

/// A value of the engine's for a switch.
fn is_true(values: Option<&Vec<String>>) -> bool {
    values.is_some_and(|values| {
        values
            .iter()
            .any(|value| matches!(value.as_str(), "1" | "true"))
    })
}

/// `network inspect`
pub(crate) async fn inspect(mut call: Call<'_>) -> Result<Answer, Failure> {
    // What they add is about swarms; a scope that is another's hides the network.
    call.query.take("verbose")?;
    let scope = call.query.take("scope")?.unwrap_or_default();
    call.query.finish()?;
    let missing = || Failure::Missing(format!("network {} not found", call.object));
    if !matches!(scope.as_str(), "" | "local") {
        return Err(missing());
    }
    let shown = match super::find(&call.engine, call.space(), &call.object).await? {
        Reference::Unmade => {
            call.tell_of_look("network.inspect", "bridge");
            Some(unmade(&call).await?)
        }
        Reference::BuiltIn(name) => {
            call.tell_of_look("network.inspect", name);
            let listed = super::built_in(&call.engine).await?;
            let found = listed.into_iter().find(|network| network["Name"] == name);
            found.and_then(|network| translate::network(call.space(), call.version, network))
        }
        Reference::Own(network) => {
            let operation = Operation::NetworkInspect {
                id: NetworkId::new(&network.id)?,
            };
            let permit = call.judge(Weight::Read, &network, operation, &Facts::None)?;
            let answer: Value = match call.fetch(permit, None).await {
                Err(Failure::Engine(404, _)) => return Err(missing()),
                other => other?,
            };
            translate::network(call.space(), call.version, answer)
        }
    };
    Ok(body::json(StatusCode::OK, &shown.ok_or_else(missing)?))
}

/// The default network as it will be: clients look for its gateway.
async fn unmade(call: &Call<'_>) -> Result<Value, Failure> {
    let space = call.space();
    let addresses = super::default::addresses(&call.engine, call.caller).await?;
    let network = json!({
        "Name": space.real_name(DEFAULT),
        "Id": super::unmade_id(space),
        "Created": "0001-01-01T00:00:00Z",
        "Scope": "local",
        "Driver": "bridge",
        "EnableIPv6": false,
        "IPAM": {
            "Driver": "default",
            "Options": null,
            "Config": [addresses],
        },
        "Internal": false,
        "Attachable": false,
        "Ingress": false,
        "ConfigFrom": {"Network": ""},
        "ConfigOnly": false,
        "Containers": {},
        "Options": {},
        "Labels": {"dock.space": space.to_string()},
    });
    translate::network(space, call.version, network)
        .ok_or_else(|| Failure::Host("the default network cannot be shown".into()))
}

/// `network create`
pub(crate) async fn create(mut call: Call<'_>) -> Result<Answer, Failure> {
    let mut body: NetworkBody = call
        .json()
        .await?
        .ok_or_else(|| Failure::Malformed("the request has no body".into()))?;
    call.query.finish()?;
    if call.version < ENABLE_IPV4 {
        // Nothing to the engine there: it would take IPv4 from its own pools.
        body.enable_ipv4 = None;
    }
    let space = call.space();
    // A name and a subnet are looked at and given.
    let _lock = call.lock().await?;
    let network = &call.caller.config.network;
    let row = allocation::find_or_add(&call.engine, call.caller).await?;
    let own = super::own(&call.engine, space).await?;
    let real = space.real_name(&body.name);
    if own.iter().any(|network| network["Name"] == real.as_str()) {
        let text = format!("network with name {} already exists", body.name);
        return Err(Failure::Conflict(text));
    }
    let mut facts = AddressFacts {
        network: network.clone(),
        index: row.index,
        networks: own
            .iter()
            .filter(|network| network["Name"] != space.real_name(DEFAULT).as_str())
            .count(),
        taken: own.iter().flat_map(subnets).collect(),
        spoilt: Vec::new(),
    };
    let chosen = body.ipam.as_ref().is_none_or(|ipam| ipam.config.is_empty());
    loop {
        let operation = Operation::NetworkCreate(Box::new(body.clone()));
        let known = Facts::Addresses(Box::new(facts.clone()));
        let permit = call.judge(Weight::Change, &body.name, operation, &known)?;
        let tried = match permit.operation() {
            Operation::NetworkCreate(sent) => ranges(sent),
            _ => Vec::new(),
        };
        match call.fetch::<Value>(permit, None).await {
            Ok(made) => {
                let warning = made["Warning"].as_str().unwrap_or_default();
                let warning = translate::names(space, warning);
                let answer = json!({"Id": made["Id"], "Warning": warning});
                return Ok(body::json(StatusCode::CREATED, &answer));
            }
            // Something else on the host has these addresses: the next may do.
            Err(Failure::Engine(_, text))
                if text.contains("overlap") && chosen && !tried.is_empty() =>
            {
                facts.spoilt.extend(tried);
            }
            // The engine names the other network, which may be anybody's.
            Err(Failure::Engine(status, text)) if text.contains("overlap") => {
                let text = "Pool overlaps with other one on this address space";
                return Err(Failure::Engine(status, text.into()));
            }
            Err(other) => return Err(other),
        }
    }
}

/// The subnets of a network as the engine describes it.
fn subnets(network: &Value) -> Vec<IpNet> {
    let ranges = network["IPAM"]["Config"].as_array();
    ranges
        .into_iter()
        .flatten()
        .filter_map(|range| range["Subnet"].as_str()?.parse().ok())
        .collect()
}

fn ranges(body: &NetworkBody) -> Vec<IpNet> {
    let ranges = body.ipam.iter().flat_map(|ipam| &ipam.config);
    ranges
        .filter_map(|range| range.subnet.parse().ok())
        .collect()
}

/// `network rm`
pub(crate) async fn remove(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let predefined = |name: &str| {
        let text = format!("{name} is a pre-defined network and cannot be removed");
        Failure::Engine(403, text)
    };
    let network = match super::find(&call.engine, call.space(), &call.object).await? {
        Reference::BuiltIn(name) => return Err(predefined(name)),
        Reference::Unmade => return Err(predefined("bridge")),
        Reference::Own(network) if is_default(&call, &network) => return Err(predefined("bridge")),
        Reference::Own(network) => network,
    };
    let operation = Operation::NetworkRemove {
        id: NetworkId::new(&network.id)?,
    };
    let permit = call.judge(Weight::Change, &network, operation, &Facts::None)?;
    let answer = call
        .act(permit, Some(typed(&network, &call.object)))
        .await?;
    last_use::forget(Kind::Network, &network.name);
    Ok(answer)
}

fn is_default(call: &Call<'_>, network: &Network) -> bool {
    network.name == call.space().real_name(DEFAULT)
}

fn typed<'a>(network: &'a Network, reference: &'a str) -> Typed<'a> {
    Typed {
        id: &network.id,
        reference,
    }
}

/// Docker's words for a network that takes nobody.
fn private(call: &Call<'_>, name: &str) -> Failure {
    let text = if name == "host" && call.version > 45 {
        "cannot connect container to host network - container must be created in host network mode"
    } else if name == "host" {
        "container cannot be disconnected from host network or connected to host network"
    } else {
        "container cannot be connected to multiple networks with one of the networks in private (none) mode"
    };
    Failure::Engine(403, text.into())
}

/// `network connect`
pub(crate) async fn connect(mut call: Call<'_>) -> Result<Answer, Failure> {
    let body: ConnectBody = call.json().await?.unwrap_or_default();
    call.query.finish()?;
    let space = call.space();
    let container = resolve::container(&call.engine, space, &body.container).await?;
    let found = super::find(&call.engine, space, &call.object).await?;
    // The default network is looked at and used.
    let _lock = call.lock().await?;
    let network = match found {
        Reference::BuiltIn(name) => return Err(private(&call, name)),
        Reference::Unmade => super::ensure_default(&call.engine, call.caller).await?,
        Reference::Own(network) => network,
    };
    let operation = Operation::NetworkConnect {
        id: NetworkId::new(&network.id)?,
        default: is_default(&call, &network),
        container: ContainerId::new(&container.id)?,
        shown: container.shown.clone(),
        endpoint: Box::new(body.endpoint_config.unwrap_or_default()),
    };
    let permit = call.judge(Weight::Change, &network, operation, &Facts::None)?;
    call.act(permit, Some(typed(&network, &call.object))).await
}

/// `network disconnect`
pub(crate) async fn disconnect(mut call: Call<'_>) -> Result<Answer, Failure> {
    let body: DisconnectBody = call.json().await?.unwrap_or_default();
    call.query.finish()?;
    let space = call.space();
    let network = match super::find(&call.engine, space, &call.object).await? {
        Reference::Own(network) => Some(network),
        Reference::Unmade | Reference::BuiltIn(_) => None,
    };
    let container = match resolve::container(&call.engine, space, &body.container).await {
        // With force the engine looks for an endpoint of that name; what the
        // space has are endpoints of its containers.
        Err(Failure::Missing(_)) if body.force => {
            let text = format!("endpoint {} not found", body.container);
            return Err(Failure::Missing(text));
        }
        other => other?,
    };
    let Some(network) = network else {
        if call.object == "host" && call.version <= 45 {
            return Err(private(&call, "host"));
        }
        let text = format!(
            "container {} is not connected to network {}",
            container.id, call.object
        );
        return Err(Failure::Engine(403, text));
    };
    let operation = Operation::NetworkDisconnect {
        id: NetworkId::new(&network.id)?,
        container: ContainerId::new(&container.id)?,
        force: body.force,
    };
    let permit = call.judge(Weight::Change, &network, operation, &Facts::None)?;
    let answer = call
        .act(permit, Some(typed(&network, &call.object)))
        .await?;
    if is_default(&call, &network) {
        // Best effort: what is left over is found by the next command.
        let _ = super::remove_unused(&call.engine, space).await;
    }
    Ok(answer)
}
