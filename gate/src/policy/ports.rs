//! Published ports.

use std::collections::BTreeMap;

use dock_space::settings::Settings;

use super::refusal::Refusal;
use crate::api::container::PortBinding;

/// Port bindings as they are sent: the engine picks where no host port is named.
pub(super) type Bindings = BTreeMap<String, Option<Vec<PortBinding>>>;

pub(super) fn check(settings: &Settings, bindings: &Bindings) -> Result<(), Refusal> {
    let mut total = 0u32;
    for (port, hosts) in bindings {
        let inside = count(port)
            .ok_or_else(|| Refusal::invalid(format!("invalid port specification: \"{port}\"")))?;
        // An empty list is no port to some engines and any port to others.
        let any = [PortBinding::default()];
        let hosts = match hosts.as_deref() {
            None | Some([]) => any.as_slice(),
            Some(hosts) => hosts,
        };
        for PortBinding { host_ip, host_port } in hosts {
            address(settings, host_ip)?;
            let outside = host(settings, host_port)?;
            total = total.saturating_add(inside.max(outside));
        }
    }
    if total > settings.max_ports {
        return Err(Refusal::of("HostConfig.PortBindings").because(format!(
            "a container can publish {} ports",
            settings.max_ports
        )));
    }
    Ok(())
}

/// `-P`: every exposed port is published, and so is a binding that names no host port.
pub(super) fn check_all(
    settings: &Settings,
    bindings: &Bindings,
    exposed: u32,
) -> Result<(), Refusal> {
    if let [first, ..] = settings.publish_addresses.as_slice() {
        return Err(Refusal::of("HostConfig.PublishAllPorts").because(format!(
            "ports can be published on {first} alone: -p {first}::PORT"
        )));
    }
    let total = bindings.keys().fold(exposed, |total, port| {
        total.saturating_add(count(port).unwrap_or(u32::MAX))
    });
    if total > settings.max_ports {
        return Err(Refusal::of("HostConfig.PublishAllPorts").because(format!(
            "it would publish {total} ports, and a container can publish {}",
            settings.max_ports
        )));
    }
    Ok(())
}

/// How many ports `80/tcp`, `80` or `8000-8010/udp` names; `None` for anything else.
pub(super) fn count(port: &str) -> Option<u32> {
    let (range, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    matches!(
        protocol.to_ascii_lowercase().as_str(),
        "tcp" | "udp" | "sctp"
    )
    .then_some(())?;
    let (first, last) = bounds(range)?;
    (first >= 1).then(|| u32::from(last - first) + 1)
}

/// Ends of `8000` or `8000-8010`.
fn bounds(range: &str) -> Option<(u16, u16)> {
    let digits = |text: &str| {
        let plain = !text.is_empty() && text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
        if plain {
            text.parse::<u16>().ok()
        } else {
            None
        }
    };
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (first, last) = (digits(first)?, digits(last)?);
    (first <= last).then_some((first, last))
}

/// How many host ports are named; "" and 0 leave the choice to the engine.
fn host(settings: &Settings, port: &str) -> Result<u32, Refusal> {
    if matches!(port, "" | "0") {
        return Ok(1);
    }
    let (first, last) = bounds(port)
        .ok_or_else(|| Refusal::invalid(format!("invalid port specification: \"{port}\"")))?;
    if first < settings.first_port {
        return Err(
            Refusal::value("HostConfig.PortBindings", port).because(format!(
                "host ports below {} are the system's",
                settings.first_port
            )),
        );
    }
    Ok(u32::from(last - first) + 1)
}

fn address(settings: &Settings, text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        // The engine's default, every address; an administrator who lists some
        // wants exactly those.
        return match settings.publish_addresses.as_slice() {
            [] => Ok(()),
            [first, ..] => Err(Refusal::of("HostConfig.PortBindings").because(format!(
                "ports can be published on {first} alone: -p {first}:HOSTPORT:PORT"
            ))),
        };
    }
    if text.parse::<std::net::IpAddr>().is_err() {
        return Err(Refusal::invalid(format!("Invalid ip address: {text}")));
    }
    let listed = settings.publish_addresses.is_empty()
        || settings
            .publish_addresses
            .iter()
            .any(|listed| listed == text);
    if listed {
        Ok(())
    } else {
        Err(Refusal::value("HostConfig.PortBindings", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishing_all_counts_what_is_exposed_and_what_is_bound_to_nothing() {
        let settings = Settings::default();
        let bindings = |ports: &str| Bindings::from([(ports.to_owned(), None)]);
        assert!(check_all(&settings, &bindings("1000-1031/tcp"), 32).is_ok());
        assert!(check_all(&settings, &bindings("1000-1031/tcp"), 33).is_err());
        assert!(check_all(&settings, &bindings("1000-1064/udp"), 0).is_err());
    }

    #[test]
    fn publishing_all_is_refused_where_only_some_addresses_are_for_users() {
        let settings = Settings {
            publish_addresses: vec!["127.0.0.1".into()],
            ..Settings::default()
        };
        assert!(check_all(&settings, &Bindings::new(), 1).is_err());
        assert!(check_all(&Settings::default(), &Bindings::new(), 1).is_ok());
    }

    #[test]
    fn ports_and_ranges_are_counted() {
        for (port, expected) in [
            ("80", Some(1)),
            ("80/udp", Some(1)),
            ("8000-8010/TCP", Some(11)),
            ("1-65535", Some(65535)),
            ("0", None),
            ("80/icmp", None),
            ("9-8", None),
            ("65536", None),
            ("+80", None),
            ("", None),
        ] {
            assert_eq!(count(port), expected, "{port}");
        }
    }
}
