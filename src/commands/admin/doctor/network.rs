//! The firewall, addresses, and names.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::facts::{Facts, Route};
use super::version::Version;
use crate::check::{Check, Looked, Severity, Verdict, found, found_if, known};

/// From there on the engine loads what bridges need when it needs it.
const SEES_TO_BRIDGES: &str = "28.0.0";

/// How long a look-up of the host's name may take: sudo makes it at each command.
const FAST: Duration = Duration::from_millis(500);

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "network.iptables",
        title: "the engine makes no firewall rules",
        severity: Severity::Error,
        why: "the networks of different people are not apart",
        remedy: "take \"iptables\": false out of daemon.json or the engine's unit, restart the engine",
        look: |facts| {
            let on = facts.switch("iptables", |daemon| daemon.iptables)?;
            found_if(on == Some(false), || "iptables is off".into())
        },
    },
    Check {
        id: "network.bridge-nf",
        title: "packets within a bridge pass no firewall rule",
        severity: Severity::Warning,
        why: "rules between containers of one network have no effect",
        remedy: "'modprobe br_netfilter' and 'net.bridge.bridge-nf-call-iptables = 1', then restart the engine",
        look: bridge_nf,
    },
    Check {
        id: "network.forwarding",
        title: "the host forwards no packets",
        severity: Severity::Warning,
        why: "containers reach nothing beyond this host",
        remedy: "'net.ipv4.ip_forward = 1' in /etc/sysctl.d/dock.conf, then 'sysctl --system'",
        look: |facts| {
            found_if(!facts.engine()?.ip_forwarding, || {
                "net.ipv4.ip_forward = 0".into()
            })
        },
    },
    Check {
        id: "network.icc",
        title: "containers on the engine's own bridge reach each other",
        severity: Severity::Info,
        why: "it concerns what root starts past dock: spaces have bridges of their own",
        remedy: "\"icc\": false in daemon.json",
        look: |facts| match facts.engine()?.icc {
            Some(icc) => found_if(icc, || "icc is on".into()),
            None => Ok(Verdict::Skipped("the engine has no default bridge")),
        },
    },
    Check {
        id: "network.reach",
        title: "people on this host reach every container's address",
        severity: Severity::Info,
        why: "a service without a password in one person's container is open to all who can log in",
        remedy: "rules by owner in the chain OUTPUT ('-m owner --gid-owner dock -d 10.128.0.0/9 -j REJECT', or what the pool is), and passwords",
        look: |facts| {
            let rules = known(&facts.network.output)?;
            let by_owner = ["--uid-owner", "--gid-owner", "skuid", "skgid"];
            let guarded = by_owner.iter().any(|word| rules.contains(word));
            found_if(!guarded, || "no rule looks at who sends".into())
        },
    },
    Check {
        id: "network.resolution",
        title: "the host's own name is not found, or slowly",
        severity: Severity::Warning,
        why: "sudo looks it up before each command, so every command of dock waits",
        remedy: "add the name to the line of 127.0.1.1 in /etc/hosts",
        look: |facts| {
            let name = &facts.network.name;
            match &facts.network.resolved {
                Ok(took) => found_if(*took > FAST, || {
                    format!("\"{name}\" took {:.1} s", took.as_secs_f32())
                }),
                Err(why) => found([format!("\"{name}\": {why}")]),
            }
        },
    },
    Check {
        id: "network.pool",
        title: "the host has a route into the addresses of the spaces",
        severity: Severity::Warning,
        why: "a space's network takes the place of that route, or cannot be made",
        remedy: "another `[network] pool` in dock.toml, before the first use",
        look: pool,
    },
];

fn bridge_nf(facts: &Facts) -> Looked {
    let engine = facts.engine()?;
    let new = Version::parse(SEES_TO_BRIDGES);
    if new.is_some_and(|new| Version::parse(&engine.version).is_some_and(|mine| mine >= new)) {
        return Ok(Verdict::Skipped("this engine sees to it itself"));
    }
    match engine.bridge_nf {
        Some(on) => found_if(!on, || "bridge-nf-call-iptables = 0".into()),
        None => Ok(Verdict::Skipped("this engine sees to it itself")),
    }
}

fn pool(facts: &Facts) -> Looked {
    let network = facts.config().network;
    let mask = u32::MAX.checked_shl(u32::from(32 - network.pool_prefix.min(32)));
    let (pool, mask) = (network.pool, Ipv4Addr::from(mask.unwrap_or(0)));
    let meets = |route: &&Route| {
        // The engine's own bridges are the spaces'; the default route is everybody's.
        let is_engines = route.device.starts_with("br-") || route.device == "docker0";
        let common = route.mask.to_bits() & mask.to_bits();
        let is_default = route.mask.is_unspecified();
        let same = (route.first.to_bits() ^ pool.to_bits()) & common == 0;
        !is_engines && !is_default && same
    };
    let routes = known(&facts.network.routes)?.iter().filter(meets);
    found(routes.map(|route| {
        let Route {
            first,
            mask,
            device,
        } = route;
        format!("{first}/{} by {device}", mask.to_bits().count_ones())
    }))
}
