//! The engine: where it listens, and what its configuration means for everybody.

use dock_space::admin::host::{Daemon, Excerpt};

use super::facts::{Facts, lines};
use crate::check::{Check, Looked, Severity, Unknown, Verdict, found, found_if, known};

/// What docker brings along.
const NETWORKS: [&str; 6] = ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"];

/// Drivers that engines have given up, or that copy every layer.
const STORAGE: [&str; 4] = ["aufs", "devicemapper", "overlay", "vfs"];

/// Where a swarm listens: managers, and gossip.
const SWARM: [&str; 2] = ["2377", "7946"];

/// Words of warnings that have a check of their own.
const HAVE_CHECKS: [&str; 6] = [
    "api is accessible",
    "bridge-nf",
    "cpu cfs",
    "ipv4 forwarding",
    "limit support",
    "lib/docker",
];

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "engine.answers",
        title: "the engine does not answer",
        severity: Severity::Error,
        why: "nobody can use dock until it does",
        remedy: "start it ('systemctl start docker'); 'journalctl -u docker' says why it is not up",
        look: |facts| found(facts.host()?.engine.as_ref().err().cloned()),
    },
    Check {
        id: "engine.rootless",
        title: "the engine is rootless",
        severity: Severity::Error,
        why: "it belongs to one user and cannot keep others apart",
        remedy: "set `[engine] socket` in dock.toml to the system's own engine",
        look: |facts| {
            let rootless = facts
                .engine()?
                .security
                .iter()
                .any(|one| one == "name=rootless");
            found_if(rootless, || "its security options say so".into())
        },
    },
    Check {
        id: "engine.tcp-file",
        title: "the engine's configuration opens a TCP port",
        severity: Severity::Error,
        why: "whoever reaches the port is root on this host",
        remedy: "take the address out of \"hosts\" in daemon.json and restart the engine",
        look: |facts| plain_tcp(facts, tcp(facts.daemon()?.hosts.iter().map(String::as_str))),
    },
    Check {
        id: "engine.tcp-words",
        title: "the engine was started with a TCP port",
        severity: Severity::Error,
        why: "whoever reaches the port is root on this host",
        remedy: "take '-H' with that address out of the engine's unit and restart it",
        look: |facts| plain_tcp(facts, tcp(facts.option("host")?)),
    },
    Check {
        id: "engine.tcp-units",
        title: "a unit file opens a TCP port of the engine",
        severity: Severity::Error,
        why: "from the next start on whoever reaches the port is root on this host",
        remedy: "take the address out of the file, 'systemctl daemon-reload', restart the engine",
        look: |facts| plain_tcp(facts, in_units(facts, opens_tcp)?),
    },
    Check {
        id: "engine.tcp-open",
        title: "the engine listens on a TCP port",
        severity: Severity::Error,
        why: "whoever reaches the port is root on this host",
        remedy: "find it in the engine's unit or daemon.json, take it out, restart the engine",
        look: |facts| plain_tcp(facts, listening(facts)?),
    },
    Check {
        id: "engine.tcp-tls",
        title: "the engine takes clients with a certificate over TCP",
        severity: Severity::Warning,
        why: "each such certificate makes its holder root, past dock",
        remedy: "close the port; 'dock' over SSH reaches this host, too",
        look: |facts| {
            if !verifies(facts)? {
                return Ok(Verdict::Fine);
            }
            let mut open = tcp(facts.daemon()?.hosts.iter().map(String::as_str));
            open.extend(tcp(facts.option("host")?));
            open.extend(listening(facts)?);
            open.extend(in_units(facts, opens_tcp)?);
            found(open)
        },
    },
    Check {
        id: "engine.socket-unit",
        title: "a unit file opens the engine's socket to everybody",
        severity: Severity::Error,
        why: "from the next start on everybody is root on this host",
        remedy: "'SocketMode=0660' in the file, 'systemctl daemon-reload', restart docker.socket",
        look: |facts| {
            found(in_units(facts, |line| {
                let mode = line.strip_prefix("SocketMode=");
                let mode = mode.and_then(|mode| u32::from_str_radix(mode.trim(), 8).ok());
                mode.is_some_and(|mode| mode & 0o002 != 0)
            })?)
        },
    },
    Check {
        id: "engine.live-restore",
        title: "a restart of the engine ends everybody's containers",
        severity: Severity::Warning,
        why: "an upgrade of the engine would end what runs for days",
        remedy: "\"live-restore\": true in daemon.json, then 'systemctl reload docker'",
        look: |facts| {
            let off = !facts.engine()?.live_restore;
            found_if(off, || "live-restore is off".into())
        },
    },
    Check {
        id: "engine.swarm",
        title: "the engine is in a swarm",
        severity: Severity::Warning,
        why: "other hosts' managers start containers here, past dock",
        remedy: "'docker swarm leave' as root, if nobody needs it",
        look: |facts| {
            let state = &facts.engine()?.swarm;
            let out = state.is_empty() || state == "inactive";
            found_if(!out, || format!("state: {state}"))
        },
    },
    Check {
        id: "engine.authorization",
        title: "an authorization plugin judges requests, too",
        severity: Severity::Warning,
        why: "dock judges them already; such plugins were bypassed by large bodies (CVE-2024-41110)",
        remedy: "take it out of \"authorization-plugins\" if it was there for the same purpose",
        look: |facts| found(facts.engine()?.authorization_plugins.iter().cloned()),
    },
    Check {
        id: "engine.plugins",
        title: "the engine has plugins for volumes or networks",
        severity: Severity::Warning,
        why: "they run as root, and dock does not know what they let people do",
        remedy: "'docker plugin disable NAME' as root, for those that nobody needs",
        look: |facts| {
            let engine = facts.engine()?;
            let volumes = engine.volume_plugins.iter().filter(|name| *name != "local");
            let is_own = |name: &str| NETWORKS.contains(&name);
            let networks = engine.network_plugins.iter().filter(|name| !is_own(name));
            let volumes = volumes.map(|name| format!("volumes: {name}"));
            found(volumes.chain(networks.map(|name| format!("networks: {name}"))))
        },
    },
    Check {
        id: "engine.insecure-registry",
        title: "the engine speaks to registries without TLS",
        severity: Severity::Warning,
        why: "whoever sits on the way puts another image under everybody's name",
        remedy: "give the registry a certificate and take it out of \"insecure-registries\"",
        look: |facts| found(facts.engine()?.insecure_registries.iter().cloned()),
    },
    Check {
        id: "engine.experimental",
        title: "the engine's experimental features are on",
        severity: Severity::Info,
        why: "dock was not tried with them",
        remedy: "\"experimental\": false in daemon.json",
        look: |facts| found_if(facts.engine()?.experimental, || "experimental".into()),
    },
    Check {
        id: "engine.storage",
        title: "the engine's storage driver loses files or space",
        severity: Severity::Warning,
        why: "layers may be incomplete, or are copied for each container",
        remedy: "\"storage-driver\": \"overlay2\" on ext4, or on xfs with ftype=1; plan it, images are left behind",
        look: |facts| {
            let engine = facts.engine()?;
            let driver = &engine.storage_driver;
            let old = STORAGE
                .contains(&driver.as_str())
                .then(|| format!("driver {driver}"));
            let untyped = (engine.d_type == Some(false)).then(|| "no d_type".to_owned());
            found(old.into_iter().chain(untyped))
        },
    },
    Check {
        id: "engine.mounts",
        title: "the engine has mounts of its own",
        severity: Severity::Warning,
        why: "folders that are mounted later are empty for it, and containers write beside them",
        remedy: "take 'PrivateMounts', 'PrivateTmp', 'ProtectHome' and the like out of its unit",
        look: |facts| {
            let same = known(&facts.process()?.hosts_mounts)?;
            found_if(!same, || "not those of the host's first process".into())
        },
    },
    Check {
        id: "engine.warnings",
        title: "the engine warns of itself",
        severity: Severity::Info,
        why: "some option of docker's does not work on this host",
        remedy: "'docker info' as root shows the same lines",
        look: |facts| {
            let has_check = |text: &str| {
                let text = text.to_lowercase();
                HAVE_CHECKS.iter().any(|words| text.contains(words))
            };
            let warnings = facts.engine()?.warnings.iter();
            let warnings = warnings.filter(|text| !has_check(text));
            found(warnings.map(|text| text.trim_start_matches("WARNING: ").to_owned()))
        },
    },
];

/// The addresses that are neither a socket's path nor inherited.
fn tcp<'a>(hosts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let hosts = hosts.into_iter().filter(|host| is_tcp(host));
    hosts.map(str::to_owned).collect()
}

/// dockerd takes an address without a scheme for TCP.
fn is_tcp(host: &str) -> bool {
    let other = ["unix://", "fd://", "npipe://"];
    !host.is_empty() && !other.iter().any(|scheme| host.starts_with(scheme))
}

/// Whether clients need a certificate.
fn verifies(facts: &Facts) -> Result<bool, Unknown> {
    let in_file: fn(&Daemon) -> Option<bool> = |daemon| daemon.tlsverify;
    Ok(facts.switch("tlsverify", in_file)? == Some(true))
}

/// A finding where no certificate is asked for.
fn plain_tcp(facts: &Facts, open: Vec<String>) -> Looked {
    match open.is_empty() || verifies(facts)? {
        true => Ok(Verdict::Fine),
        false => found(open),
    }
}

/// Addresses of the running engine, but for a swarm's and the metrics.
fn listening(facts: &Facts) -> Result<Vec<String>, Unknown> {
    let in_swarm = facts.engine().is_ok_and(|engine| engine.swarm == "active");
    let mut metrics = facts.option("metrics-addr")?;
    let in_file = facts.daemon()?.metrics.unwrap_or_default();
    metrics.push(&in_file);
    let port = |address: &str| address.rsplit(':').next().unwrap_or_default().to_owned();
    let expected = |address: &&String| {
        let own = port(address);
        let is_metrics = metrics
            .iter()
            .any(|one| !one.is_empty() && port(one) == own);
        is_metrics || in_swarm && SWARM.contains(&own.as_str())
    };
    let open = known(&facts.process()?.listens)?.iter();
    Ok(open.filter(|address| !expected(address)).cloned().collect())
}

/// Lines of the engine's units that are `wanted`.
fn in_units(facts: &Facts, wanted: fn(&str) -> bool) -> Result<Vec<String>, Unknown> {
    let is_engines = |unit: &&Excerpt| unit.path.contains("/docker");
    let mut evidence = Vec::new();
    for unit in facts.units()?.iter().filter(is_engines) {
        let found = lines(unit)?.iter().filter(|line| wanted(line));
        evidence.extend(found.map(|line| format!("'{}': {line}", unit.path)));
    }
    Ok(evidence)
}

/// `ExecStart=... -H tcp://...`, `ListenStream=2375`.
fn opens_tcp(line: &str) -> bool {
    match line.strip_prefix("ListenStream=") {
        Some(place) => !place.trim().is_empty() && !place.trim().starts_with(['/', '@', '%']),
        None => line.contains("tcp://"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_over_tcp_are_told_from_sockets() {
        for host in [
            "tcp://0.0.0.0:2375",
            "0.0.0.0:2375",
            ":2375",
            "tcp://127.0.0.1",
        ] {
            assert!(is_tcp(host), "{host}");
        }
        for host in ["", "unix:///run/docker.sock", "fd://", "npipe://x"] {
            assert!(!is_tcp(host), "{host}");
        }
        assert!(opens_tcp("ListenStream=2375"));
        assert!(opens_tcp("ListenStream=0.0.0.0:2375"));
        assert!(opens_tcp(
            "ExecStart=/usr/bin/dockerd -H fd:// -H tcp://:2375"
        ));
        assert!(!opens_tcp("ListenStream=/run/docker.sock"));
        assert!(!opens_tcp("ListenStream="));
    }
}
