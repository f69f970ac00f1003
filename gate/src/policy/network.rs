//! Networks of a container: its mode and its endpoints.

use std::collections::BTreeMap;

use super::create::{CreateFacts, NetworkFact};
use super::networks;
use super::process;
use super::refusal::Refusal;
use super::{Identity, process::is_straight};
use crate::api::container::{Endpoint, EndpointIpam, NetworkingConfig};

/// The shown name of the space's default network in the engine.
const DEFAULT: &str = "default";

/// The most networks of one container.
const MAX_ENDPOINTS: usize = 8;

/// The most links of one container.
const MAX_LINKS: usize = 64;

/// What is sent: the mode, the endpoints, and whether the default network is needed.
pub(super) struct Networks {
    pub(super) mode: String,
    pub(super) endpoints: NetworkingConfig,
    pub(super) default_network: bool,
}

/// Modes that mean the space's own default network.
fn is_default(mode: &str) -> bool {
    matches!(mode, "" | "default" | "bridge")
}

/// `shown` is the container's name, `links` are HostConfig's.
pub(super) fn judge(
    identity: &Identity,
    facts: &CreateFacts,
    shown: &str,
    mode: &str,
    links: &[String],
    config: NetworkingConfig,
) -> Result<Networks, Refusal> {
    let none = |mode: String| Networks {
        mode,
        endpoints: NetworkingConfig::default(),
        default_network: false,
    };
    if let Some(reference) = mode.strip_prefix("container:") {
        endpoints_are_empty(&config)?;
        if !links.is_empty() {
            return Err(Refusal::invalid(
                "conflicting options: container type network can't be used with links. This would result in undefined behavior",
            ));
        }
        return Ok(none(format!("container:{}", facts.container(reference)?)));
    }
    if mode == "none" {
        endpoints_are_empty(&config)?;
        return Ok(none(mode.to_owned()));
    }
    let default = identity.space.real_name(DEFAULT);
    let real = |name: &str| {
        if is_default(name) {
            return Ok(default.clone());
        }
        if name == "host" {
            let refusal = Refusal::value("HostConfig.NetworkMode", name);
            return Err(refusal.because("it is the host's own network"));
        }
        if !is_name_of_network(name) {
            return Err(Refusal::value("HostConfig.NetworkMode", name));
        }
        // What is not there is not there when the container starts, as with
        // docker, and under the space's prefix it can be nobody else's.
        match facts.networks.get(name) {
            Some(NetworkFact::Own(real)) => Ok(real.clone()),
            Some(NetworkFact::Foreign) => Err(Refusal {
                status: 409,
                ..Refusal::value("Network.Name", name)
                    .because("a network of that name exists that dock did not make")
            }),
            None => Ok(identity.space.real_name(name)),
        }
    };
    let mode = real(mode)?;
    // Named in any case: engines from API 1.44 on want the mode's own key.
    let mut asked = BTreeMap::from([(mode.clone(), None)]);
    for (key, endpoint) in config.endpoints_config {
        let network = real(&key)?;
        if asked
            .insert(network, Some(endpoint.unwrap_or_default()))
            .flatten()
            .is_some()
        {
            return Err(
                Refusal::value("Network.Endpoint", key).because("the network is named twice")
            );
        }
    }
    if asked.len() > MAX_ENDPOINTS {
        return Err(Refusal::of("Network.Endpoint")
            .because(format!("a container can have {MAX_ENDPOINTS} networks")));
    }
    let mut sent = BTreeMap::new();
    for (network, endpoint) in asked {
        let mut endpoint = endpoint.unwrap_or_default();
        let is_mode = network == mode;
        let endpoint = if network == default {
            let links = if is_mode { links } else { &[] };
            on_default(identity, facts, links, endpoint)?
        } else {
            if is_mode {
                // What the CLI itself does with --link there.
                for link in links {
                    if !endpoint.links.contains(link) {
                        endpoint.links.push(link.clone());
                    }
                }
            }
            networks::endpoint(identity, shown, endpoint)?
        };
        sent.insert(network, Some(endpoint));
    }
    Ok(Networks {
        mode,
        default_network: sent.contains_key(&default),
        endpoints: NetworkingConfig {
            endpoints_config: sent,
        },
    })
}

/// What a reference to a network can be; a path or `ns:...` is none.
fn is_name_of_network(name: &str) -> bool {
    dock_space::name::is_object_name(name)
}

/// Networks that a body names, as typed: they have to be looked up first.
pub(super) fn named(mode: &str, config: &NetworkingConfig) -> Vec<String> {
    let keys = config.endpoints_config.keys().map(String::as_str);
    let modes = std::iter::once(mode).filter(|mode| !mode.starts_with("container:"));
    modes
        .chain(keys)
        .filter(|name| !is_default(name) && !matches!(*name, "none" | "host"))
        .filter(|name| is_name_of_network(name))
        .map(str::to_owned)
        .collect()
}

fn endpoints_are_empty(config: &NetworkingConfig) -> Result<(), Refusal> {
    for (key, endpoint) in &config.endpoints_config {
        if endpoint
            .as_ref()
            .is_some_and(|endpoint| *endpoint != Endpoint::default())
        {
            return Err(Refusal::value("Network.Endpoint", key)
                .because("there is no network that it could be an option of"));
        }
    }
    Ok(())
}

/// An endpoint on the default network, which takes neither addresses nor
/// aliases, as docker's own bridge does not. There a link is docker's old kind:
/// of a container that exists; what it gives is the name, by the network's DNS.
pub(super) fn on_default(
    identity: &Identity,
    facts: &CreateFacts,
    links: &[String],
    endpoint: Endpoint,
) -> Result<Endpoint, Refusal> {
    let bare = bare(endpoint)?;
    let mut real = Vec::with_capacity(links.len());
    for link in links {
        let (name, alias) = networks::split_link(link)?;
        let shown = facts.names.get(name).ok_or_else(|| {
            Refusal::invalid(format!(
                "could not get container for {name}: No such container: {name}"
            ))
        })?;
        real.push(format!("{}:{alias}", identity.space.real_name(shown)));
    }
    if real.len() > MAX_LINKS {
        return Err(Refusal::of("HostConfig.Links")
            .because(format!("a container can have {MAX_LINKS} of them")));
    }
    Ok(Endpoint {
        links: real,
        ..bare
    })
}

/// What a client may wish of an endpoint.
pub(super) struct Wish {
    pub(super) ipam_config: Option<EndpointIpam>,
    pub(super) links: Vec<String>,
    pub(super) aliases: Vec<String>,
    pub(super) mac_address: String,
    pub(super) driver_opts: BTreeMap<String, String>,
    pub(super) gw_priority: i64,
}

impl Wish {
    /// The pattern names every field.
    pub(super) fn of(endpoint: Endpoint) -> Wish {
        let Endpoint {
            ipam_config,
            links,
            aliases,
            mac_address,
            driver_opts,
            gw_priority,
            // The engine fills these in; from a client a NetworkID would win over
            // the key (fact 6), so none of them is ever sent.
            network_id: _,
            endpoint_id: _,
            gateway: _,
            ip_address: _,
            ip_prefix_len: _,
            ipv6_gateway: _,
            global_ipv6_address: _,
            global_ipv6_prefix_len: _,
            dns_names: _,
        } = endpoint;
        Wish {
            ipam_config,
            links,
            aliases,
            mac_address,
            driver_opts,
            gw_priority,
        }
    }
}

/// The same without links: what `network connect bridge` takes.
pub(super) fn bare(endpoint: Endpoint) -> Result<Endpoint, Refusal> {
    let Wish {
        ipam_config,
        links,
        aliases,
        mac_address,
        driver_opts,
        gw_priority,
    } = Wish::of(endpoint);
    if ipam_config.is_some_and(|ipam| ipam != Default::default()) {
        return Err(Refusal::invalid(
            "user specified IP address is supported on user defined networks only",
        ));
    }
    if !aliases.is_empty() {
        return Err(Refusal::invalid(
            "network-scoped alias is supported only for containers in user defined networks",
        ));
    }
    if let Some(link) = links.first() {
        return Err(Refusal::value("HostConfig.Links", link)
            .because("on the default network links are made with the container"));
    }
    if let Some(option) = driver_opts.keys().next() {
        return Err(Refusal::value("Network.DriverOpts", option));
    }
    mac(&mac_address)?;
    Ok(Endpoint {
        mac_address,
        gw_priority,
        ..Endpoint::default()
    })
}

/// Six pairs of hex digits, and not a multicast address.
pub(super) fn mac(text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Ok(());
    }
    let bytes: Vec<Option<u8>> = text
        .split([':', '-'])
        .map(|pair| {
            let hex = pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
            if hex {
                u8::from_str_radix(pair, 16).ok()
            } else {
                None
            }
        })
        .collect();
    match bytes.as_slice() {
        [Some(first), rest @ ..]
            if rest.len() == 5 && rest.iter().all(Option::is_some) && first & 1 == 0 =>
        {
            Ok(())
        }
        _ => Err(Refusal::value("Config.MacAddress", text)),
    }
}

/// `--dns`, `--dns-search`, `--dns-option`, `--add-host`.
pub(super) fn names(
    dns: &[String],
    search: &[String],
    options: &[String],
    hosts: &[String],
) -> Result<(), Refusal> {
    if let Some(bad) = dns
        .iter()
        .find(|text| text.parse::<std::net::IpAddr>().is_err())
    {
        return Err(Refusal::value("HostConfig.Dns", bad));
    }
    for domain in search.iter().filter(|domain| *domain != ".") {
        process::host_name("HostConfig.DnsSearch", domain, 253)?;
    }
    let plain = |text: &&String| {
        text.len() > 256
            || text.chars().any(|c| c.is_control() || c.is_whitespace())
            || !is_straight(text)
    };
    if let Some(bad) = options.iter().find(plain) {
        return Err(Refusal::value("HostConfig.DnsOptions", bad));
    }
    for entry in hosts {
        let (name, address) = entry
            .split_once([':', '='])
            .ok_or_else(|| Refusal::value("HostConfig.ExtraHosts", entry))?;
        process::host_name("HostConfig.ExtraHosts", name, 253)?;
        let bare = address.trim_start_matches('[').trim_end_matches(']');
        if address != "host-gateway" && bare.parse::<std::net::IpAddr>().is_err() {
            return Err(Refusal::value("HostConfig.ExtraHosts", entry));
        }
    }
    if dns.len() + search.len() + options.len() > 64 || hosts.len() > 256 {
        return Err(Refusal::of("HostConfig.ExtraHosts").because("there are too many of them"));
    }
    Ok(())
}
