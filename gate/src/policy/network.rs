//! Networks of a container: its mode and its endpoints.

use std::collections::BTreeMap;

use super::create::CreateFacts;
use super::process;
use super::refusal::Refusal;
use super::{Identity, process::is_straight};
use crate::api::container::{Endpoint, NetworkingConfig};

/// The shown name of the space's default network in the engine.
const DEFAULT: &str = "default";

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

pub(super) fn judge(
    identity: &Identity,
    facts: &CreateFacts,
    mode: &str,
    config: NetworkingConfig,
) -> Result<Networks, Refusal> {
    let none = |mode: String| Networks {
        mode,
        endpoints: NetworkingConfig::default(),
        default_network: false,
    };
    if let Some(reference) = mode.strip_prefix("container:") {
        endpoints_are_empty(&config)?;
        return Ok(none(format!("container:{}", facts.container(reference)?)));
    }
    if mode == "none" {
        endpoints_are_empty(&config)?;
        return Ok(none(mode.to_owned()));
    }
    if !is_default(mode) {
        let refusal = Refusal::value("HostConfig.NetworkMode", mode);
        return Err(match mode {
            "host" => refusal.because("it is the host's own network"),
            _ => refusal,
        });
    }
    let real = identity.space.real_name(DEFAULT);
    let mut sent = BTreeMap::new();
    for (key, endpoint) in config.endpoints_config {
        if !is_default(&key) {
            return Err(Refusal::value("HostConfig.NetworkMode", key));
        }
        let endpoint = judge_endpoint(endpoint.unwrap_or_default())?;
        if sent.insert(real.clone(), Some(endpoint)).is_some() {
            return Err(
                Refusal::value("Network.Endpoint", key).because("the network is named twice")
            );
        }
    }
    // Named in any case: engines from API 1.44 on want the mode's own key.
    sent.entry(real.clone())
        .or_insert_with(|| Some(Endpoint::default()));
    Ok(Networks {
        mode: real,
        endpoints: NetworkingConfig {
            endpoints_config: sent,
        },
        default_network: true,
    })
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
/// aliases, as docker's own bridge does not.
fn judge_endpoint(endpoint: Endpoint) -> Result<Endpoint, Refusal> {
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
        return Err(Refusal::value("HostConfig.Links", link).because("links are not served yet"));
    }
    if let Some(option) = driver_opts.keys().next() {
        return Err(Refusal::value("Network.Endpoint", option));
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
