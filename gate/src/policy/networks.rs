//! Networks that people make, and what connects a container to one.

use std::collections::BTreeMap;

use super::addresses::{self, AddressFacts};
use super::network::{Wish, mac};
use super::process;
use super::refusal::Refusal;
use super::{Identity, mounts::is_zero, values};
use crate::api::container::{Endpoint, EndpointIpam};
use crate::api::network::{Ipam, NetworkBody};

/// The most aliases, links and options of one endpoint.
const MAX_WORDS: usize = 64;

/// What may be asked of the driver.
const MTU: &str = "com.docker.network.driver.mtu";
const SWITCHES: [&str; 2] = [
    "com.docker.network.bridge.enable_icc",
    "com.docker.network.bridge.enable_ip_masquerade",
];

/// The body that is sent. The pattern names every field.
pub(super) fn judge(
    identity: &Identity,
    facts: &AddressFacts,
    body: NetworkBody,
) -> Result<NetworkBody, Refusal> {
    let NetworkBody {
        name,
        check_duplicate: _,
        driver,
        scope,
        enable_ipv4,
        enable_ipv6,
        ipam,
        internal,
        attachable,
        ingress,
        config_only,
        config_from,
        options,
        labels,
    } = body;
    network_name(&name)?;
    if !matches!(driver.as_str(), "" | "bridge" | "default") {
        return Err(Refusal::value("Network.Driver", driver));
    }
    for (field, set) in [
        ("Network.Scope", !matches!(scope.as_str(), "" | "local")),
        ("Network.Attachable", attachable),
        ("Network.Ingress", ingress),
        ("Network.ConfigOnly", config_only),
        ("Network.ConfigFrom", is_config_from(&config_from)),
    ] {
        if set {
            return Err(Refusal::of(field));
        }
    }
    let Ipam {
        driver: ipam_driver,
        options: ipam_options,
        config,
    } = ipam.unwrap_or_default();
    if !matches!(ipam_driver.as_str(), "" | "default") {
        return Err(Refusal::value("Network.IPAM", ipam_driver));
    }
    if let Some(option) = ipam_options.keys().next() {
        return Err(Refusal::value("Network.IPAM", option));
    }
    driver_options(&options)?;
    process::labels("Config.Labels", &labels)?;
    let ranges = addresses::judge(
        facts,
        config,
        enable_ipv4 != Some(false),
        enable_ipv6 == Some(true),
    )?;
    Ok(NetworkBody {
        name: identity.space.real_name(&name),
        check_duplicate: true,
        driver: "bridge".into(),
        enable_ipv4,
        enable_ipv6,
        ipam: Some(Ipam {
            driver: "default".into(),
            options: BTreeMap::new(),
            config: ranges,
        }),
        internal,
        options,
        labels: identity.labelled(labels),
        ..NetworkBody::default()
    })
}

fn network_name(name: &str) -> Result<(), Refusal> {
    if matches!(name, "bridge" | "default" | "host" | "none") {
        return Err(Refusal {
            status: 403,
            ..Refusal::invalid(format!(
                "operation is not permitted on predefined {name} network"
            ))
        });
    }
    values::object_name(name).map_err(|_| {
        Refusal::invalid(format!(
            "invalid network name: \"{name}\": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        ))
    })
}

/// Clients send `{"Network": ""}` for "none".
fn is_config_from(value: &serde_json::Value) -> bool {
    match value.as_object() {
        Some(members) => !members.values().all(is_zero),
        None => !is_zero(value),
    }
}

fn driver_options(options: &BTreeMap<String, String>) -> Result<(), Refusal> {
    for (key, value) in options {
        if key == MTU && value.parse::<i64>().is_err() {
            return Err(Refusal::invalid(format!(
                "failed to parse {MTU} value: {value} (strconv.Atoi: parsing \"{value}\": invalid syntax)"
            )));
        }
        let fits = match key.as_str() {
            MTU => value
                .parse::<u32>()
                .is_ok_and(|mtu| (1280..=9216).contains(&mtu)),
            key if SWITCHES.contains(&key) => matches!(
                value.as_str(),
                "true"
                    | "false"
                    | "1"
                    | "0"
                    | "t"
                    | "f"
                    | "T"
                    | "F"
                    | "TRUE"
                    | "FALSE"
                    | "True"
                    | "False"
            ),
            _ => false,
        };
        if !fits {
            return Err(Refusal::value("Network.Options", format!("{key}={value}")));
        }
    }
    Ok(())
}

/// An endpoint on a network that a person made. `shown` is the container's
/// name: the engine knows only the real one, so DNS learns it as an alias.
pub(super) fn endpoint(
    identity: &Identity,
    shown: &str,
    endpoint: Endpoint,
) -> Result<Endpoint, Refusal> {
    let Wish {
        ipam_config,
        links,
        mut aliases,
        mac_address,
        driver_opts,
        gw_priority,
    } = Wish::of(endpoint);
    if let Some(ipam) = &ipam_config {
        addresses_of(ipam)?;
    }
    if aliases.len() > MAX_WORDS || links.len() > MAX_WORDS {
        return Err(Refusal::of("Network.Endpoint")
            .because(format!("a container can have {MAX_WORDS} of them")));
    }
    for alias in &aliases {
        process::host_name("Network.Aliases", alias, 253)?;
    }
    // Always the last, and there even when it was asked for as well: that is
    // how it is told from the client's own when the aliases are shown.
    aliases.push(shown.to_owned());
    mac(&mac_address)?;
    endpoint_options(&driver_opts)?;
    Ok(Endpoint {
        ipam_config,
        links: links
            .iter()
            .map(|link| link_on(identity, link))
            .collect::<Result<_, _>>()?,
        aliases,
        mac_address,
        driver_opts,
        gw_priority,
        ..Endpoint::default()
    })
}

/// Addresses are the engine's to place: it knows the network's subnets.
fn addresses_of(ipam: &EndpointIpam) -> Result<(), Refusal> {
    let EndpointIpam {
        ipv4_address,
        ipv6_address,
        link_local_ips,
    } = ipam;
    if let Some(address) = link_local_ips.first() {
        return Err(Refusal::value("Network.LinkLocalIPs", address));
    }
    if !ipv4_address.is_empty() && ipv4_address.parse::<std::net::Ipv4Addr>().is_err() {
        return Err(Refusal::invalid(format!(
            "invalid IPv4 address: {ipv4_address}"
        )));
    }
    if !ipv6_address.is_empty() && ipv6_address.parse::<std::net::Ipv6Addr>().is_err() {
        return Err(Refusal::invalid(format!(
            "invalid IPv6 address: {ipv6_address}"
        )));
    }
    Ok(())
}

/// `NAME[:ALIAS]` on a network of people's own is a name for the network's DNS,
/// which knows the space's containers alone: whether there is one is not asked,
/// as docker does not.
fn link_on(identity: &Identity, link: &str) -> Result<String, Refusal> {
    let (name, alias) = split_link(link)?;
    Ok(format!("{}:{alias}", identity.space.real_name(name)))
}

/// Name and alias of `NAME`, `NAME:ALIAS`, or `/NAME:/OTHER/ALIAS` as inspect shows it.
pub(super) fn split_link(link: &str) -> Result<(&str, &str), Refusal> {
    let refused = || Refusal::value("HostConfig.Links", link);
    let (name, alias) = match link.split_once(':') {
        Some((name, alias)) => (name, alias.rsplit('/').next().unwrap_or(alias)),
        None => (link, link),
    };
    let name = name.strip_prefix('/').unwrap_or(name);
    let alias = alias.strip_prefix('/').unwrap_or(alias);
    values::object_name(name).map_err(|_| refused())?;
    process::host_name("HostConfig.Links", alias, 253).map_err(|_| refused())?;
    if alias.is_empty() {
        return Err(refused());
    }
    Ok((name, alias))
}

/// `--driver-opt` of an endpoint: its interface's name, and settings of that
/// interface inside the container.
fn endpoint_options(options: &BTreeMap<String, String>) -> Result<(), Refusal> {
    for (key, value) in options {
        let fits = match key.as_str() {
            "com.docker.network.endpoint.ifname" => {
                (1..=15).contains(&value.len())
                    && value
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            }
            "com.docker.network.endpoint.sysctls" => value.split(',').all(is_interface_sysctl),
            _ => false,
        };
        if !fits {
            return Err(Refusal::value(
                "Network.DriverOpts",
                format!("{key}={value}"),
            ));
        }
    }
    Ok(())
}

/// `net.ipv4.conf.IFNAME.log_martians=1`: of that one interface.
fn is_interface_sysctl(text: &str) -> bool {
    let Some((key, value)) = text.split_once('=') else {
        return false;
    };
    let words: Vec<&str> = key.split('.').collect();
    let known = matches!(
        words.as_slice(),
        ["net", "ipv4" | "ipv6", "conf" | "neigh", "IFNAME", name]
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    );
    known && value.len() <= 16 && value.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_read_as_the_engine_writes_and_the_cli_sends_them() {
        for (link, expected) in [
            ("db", ("db", "db")),
            ("db:mysql", ("db", "mysql")),
            ("/db:/web/mysql", ("db", "mysql")),
        ] {
            assert_eq!(split_link(link).unwrap(), expected);
        }
        for refused in ["", ":x", "db:", "../x", "db:a b", "db:x:y"] {
            assert!(split_link(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_sysctl_of_an_endpoint_is_of_its_own_interface() {
        assert!(is_interface_sysctl("net.ipv4.conf.IFNAME.log_martians=1"));
        for refused in [
            "net.ipv4.conf.all.log_martians=1",
            "net.ipv4.ip_forward=1",
            "kernel.panic=1",
            "net.ipv4.conf.IFNAME.x",
        ] {
            assert!(!is_interface_sysctl(refused), "{refused}");
        }
    }
}
