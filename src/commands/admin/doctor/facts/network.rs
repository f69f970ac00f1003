//! The host's network, as the admin sees it.

use std::net::{Ipv4Addr, ToSocketAddrs as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use dock_space::admin::host::Known;

/// How long the host's own name may take to be looked up before we go on.
const PATIENCE: Duration = Duration::from_secs(5);

/// What lists a firewall, as root.
const FIREWALL: [(&str, &[&str]); 2] = [
    ("/usr/sbin/iptables", &["-w", "-S", "OUTPUT"]),
    ("/usr/sbin/nft", &["list", "ruleset"]),
];

/// What was seen of the network.
#[derive(Clone, Debug)]
pub(in super::super) struct Network {
    pub(in super::super) name: String,
    /// How long it took to look the name up, or why it was not found.
    pub(in super::super) resolved: Result<Duration, String>,
    pub(in super::super) routes: Known<Vec<Route>>,
    /// The rules for what this host sends.
    pub(in super::super) output: Known<String>,
    pub(in super::super) firewalld: bool,
}

/// A route of IPv4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Route {
    pub(in super::super) first: Ipv4Addr,
    pub(in super::super) mask: Ipv4Addr,
    pub(in super::super) device: String,
}

impl Network {
    pub(super) fn gather() -> Network {
        let name = nix::unistd::gethostname().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        Network {
            resolved: resolve(&name),
            name,
            routes: std::fs::read_to_string("/proc/net/route")
                .map(|table| parse(&table))
                .map_err(|error| format!("'/proc/net/route': {}", crate::error::words(&error))),
            output: output_rules(),
            firewalld: Path::new("/run/firewalld.pid").exists(),
        }
    }
}

/// Looks a name up as sudo does; one that never answers has taken [`PATIENCE`].
fn resolve(name: &str) -> Result<Duration, String> {
    let start = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let asked = name.to_owned();
    std::thread::spawn(move || {
        let found = (asked.as_str(), 0).to_socket_addrs().map(drop);
        // Nobody may be waiting any more.
        let _ = sender.send(found.map_err(|error| crate::error::words(&error)));
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(found) => found.map(|()| start.elapsed()),
        Err(_) => Ok(PATIENCE),
    }
}

fn output_rules() -> Known<String> {
    if !nix::unistd::geteuid().is_root() {
        return Err("only root can list the firewall's rules".into());
    }
    let mut rules = String::new();
    let mut listed = false;
    for (program, words) in FIREWALL {
        let mut command = Command::new(program);
        command.args(words).env_clear().stdin(Stdio::null());
        if let Ok(output) = command.output()
            && output.status.success()
        {
            rules.push_str(&String::from_utf8_lossy(&output.stdout));
            listed = true;
        }
    }
    match listed {
        true => Ok(rules),
        false => Err("neither iptables nor nft lists the firewall's rules".into()),
    }
}

/// The kernel's table: addresses are words of 32 bits in the host's order.
fn parse(table: &str) -> Vec<Route> {
    let address = |digits: &str| {
        let word = u32::from_str_radix(digits, 16).ok()?;
        Some(Ipv4Addr::from(word.to_ne_bytes()))
    };
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            Some(Route {
                device: (*fields.first()?).to_owned(),
                first: address(fields.get(1)?)?,
                mask: address(fields.get(7)?)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_read() {
        let table = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
            eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
            eth0\t0000010A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
        let routes = parse(table);
        assert_eq!(routes[0].mask, Ipv4Addr::UNSPECIFIED);
        assert_eq!(routes[1].first, Ipv4Addr::new(10, 1, 0, 0));
        assert_eq!(routes[1].mask, Ipv4Addr::new(255, 255, 0, 0));
    }
}
