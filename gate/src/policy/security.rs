//! Capabilities, devices, security options, sysctls, runtimes, logs.

use std::collections::BTreeMap;

use dock_space::label;
use dock_space::settings::Settings;

use super::create::EngineFacts;
use super::refusal::Refusal;
use crate::api::container::{Device, LogConfig};

/// The engine's default set: adding one of these changes nothing, unless the
/// gate drops it.
const DEFAULT_CAPABILITIES: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Always dropped (DESIGN.md 4): a device node made in a bind would be the
/// user's on the host; audit records must not be forged.
pub(super) const ALWAYS_DROPPED: [&str; 2] = ["AUDIT_WRITE", "MKNOD"];

/// Never granted, whatever the configuration says: each is a way to host root.
const NEVER: [&str; 14] = [
    "ALL",
    "BPF",
    "DAC_READ_SEARCH",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "PERFMON",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_TIME",
];

/// `cap_net_raw`, `CAP_NET_RAW`, `NET_RAW` -> `NET_RAW`.
fn plain_capability(name: &str) -> String {
    let upper = name.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

/// The capabilities to add, in the engine's spelling.
pub(super) fn added(settings: &Settings, asked: &[String]) -> Result<Vec<String>, Refusal> {
    asked
        .iter()
        .map(|name| {
            let plain = plain_capability(name);
            let granted = settings
                .cap_add
                .iter()
                .any(|listed| plain_capability(listed) == plain);
            let default = DEFAULT_CAPABILITIES.contains(&plain.as_str());
            if (default || granted) && !NEVER.contains(&plain.as_str()) {
                Ok(plain)
            } else {
                Err(Refusal::value("HostConfig.CapAdd", name))
            }
        })
        // What is always dropped cannot be added back.
        .filter(|name| {
            !name
                .as_ref()
                .is_ok_and(|name| ALWAYS_DROPPED.contains(&name.as_str()))
        })
        .collect()
}

/// The capabilities to drop: the client's, and what is always dropped.
pub(super) fn dropped(asked: &[String]) -> Result<Vec<String>, Refusal> {
    let mut dropped = Vec::new();
    for name in asked {
        let plain = plain_capability(name);
        let is_name =
            !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        if !is_name {
            return Err(Refusal::value("HostConfig.CapDrop", name));
        }
        dropped.push(plain);
    }
    for name in ALWAYS_DROPPED {
        if !dropped
            .iter()
            .any(|dropped| dropped == name || dropped == "ALL")
        {
            dropped.push(name.to_owned());
        }
    }
    Ok(dropped)
}

/// Devices that an administrator lists, by their exact path, without the right to make nodes.
pub(super) fn devices(settings: &Settings, asked: &[Device]) -> Result<Vec<Device>, Refusal> {
    asked
        .iter()
        .map(|device| {
            let Device {
                path_on_host,
                path_in_container,
                cgroup_permissions,
            } = device;
            let listed = settings.devices.iter().any(|listed| listed == path_on_host);
            let straight = path_in_container.is_empty()
                || (path_in_container.starts_with("/dev/")
                    && super::process::is_straight(path_in_container));
            let rights = cgroup_permissions
                .bytes()
                .all(|b| matches!(b, b'r' | b'w' | b'm'));
            if !listed || !straight || !rights {
                return Err(Refusal::value("HostConfig.Devices", path_on_host));
            }
            let rights = match cgroup_permissions.as_str() {
                "" => "rw".to_owned(),
                asked => asked.replace('m', ""),
            };
            // To make nodes was all that was asked for.
            if rights.is_empty() {
                return Err(Refusal::value("HostConfig.Devices", cgroup_permissions));
            }
            Ok(Device {
                path_on_host: path_on_host.clone(),
                path_in_container: path_in_container.clone(),
                cgroup_permissions: rights,
            })
        })
        .collect()
}

/// `--security-opt`, both spellings of the separator.
pub(super) fn options(asked: &[String]) -> Result<Vec<String>, Refusal> {
    let mut sent = Vec::new();
    for option in asked {
        match option.as_str() {
            "no-new-privileges" | "no-new-privileges=true" | "no-new-privileges:true" => {
                sent.push("no-new-privileges".to_owned());
            }
            "seccomp=builtin" | "apparmor=docker-default" => sent.push(option.clone()),
            _ => return Err(Refusal::value("HostConfig.SecurityOpt", option)),
        }
    }
    Ok(sent)
}

/// Settings of the container's own network and IPC namespaces.
const SYSCTLS: [&str; 14] = [
    "fs.mqueue.*",
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shm_rmid_forced",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "net.core.somaxconn",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_*",
];

pub(super) fn sysctls(
    settings: &Settings,
    asked: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    for (key, value) in asked {
        let allowed = SYSCTLS
            .iter()
            .copied()
            .chain(settings.sysctls.iter().map(String::as_str));
        let plain = key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        let ipv6 = key.starts_with("net.ipv6.conf.") && key.ends_with(".disable_ipv6");
        let listed = ipv6 || allowed.into_iter().any(|pattern| fits(pattern, key));
        if !plain || !listed || value.chars().any(char::is_control) || value.len() > 256 {
            return Err(Refusal::value("HostConfig.Sysctls", key));
        }
    }
    Ok(())
}

fn fits(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => key
            .strip_prefix(start)
            .is_some_and(|rest| !rest.contains('.')),
        None => pattern == key,
    }
}

/// The runtime: the engine's default, by its own name too, or a listed one.
/// Where the default is a hardened one, `runc` is no way around it.
pub(super) fn runtime(
    settings: &Settings,
    engine: &EngineFacts,
    asked: String,
) -> Result<String, Refusal> {
    // NVIDIA's gives GPUs to whoever sets a variable, or to an image that does.
    let gives_gpus = engine.runtime.to_ascii_lowercase().contains("nvidia");
    let default = match engine.runtime.as_str() {
        "" => "runc",
        _ if gives_gpus => "runc",
        name => name,
    };
    let listed = settings.runtimes.contains(&asked);
    match asked.as_str() {
        "" if gives_gpus => Ok(default.to_owned()),
        "" => Ok(asked),
        name if listed || name == default => Ok(asked),
        name => Err(Refusal::value("HostConfig.Runtime", name)),
    }
}

/// Options of the drivers that write files. `labels-regex` is none of them: a
/// regular expression can mean the gate's own labels.
const LOG_OPTIONS: [&str; 7] = [
    "compress",
    "env",
    "env-regex",
    "labels",
    "max-buffer-size",
    "max-file",
    "max-size",
];

/// Those that every driver has and that name neither a file nor an address.
const LOG_OPTIONS_OF_ALL: [&str; 4] = ["env", "env-regex", "labels", "max-buffer-size"];

/// The largest buffer of a log that does not block.
const MAX_LOG_BUFFER: u64 = 8 << 20;

/// The log driver and its options, with the size bounded where it is not.
pub(super) fn logs(settings: &Settings, asked: LogConfig) -> Result<LogConfig, Refusal> {
    let LogConfig { r#type, mut config } = asked;
    let refused = |what: &str| Refusal::value("HostConfig.LogConfig", what);
    match r#type.as_str() {
        "" | "json-file" | "local" => {}
        "none" => {
            return Ok(LogConfig {
                r#type,
                config: BTreeMap::new(),
            });
        }
        listed if settings.log_drivers.iter().any(|driver| driver == listed) => {}
        other => return Err(refused(other)),
    }
    // Options of other drivers name addresses that the engine calls and files
    // that it reads, as root: those are the administrator's to set.
    let bounded = matches!(r#type.as_str(), "" | "json-file" | "local");
    let known = if bounded {
        LOG_OPTIONS.as_slice()
    } else {
        LOG_OPTIONS_OF_ALL.as_slice()
    };
    for (key, value) in &config {
        let tag = key == "tag" && matches!(value.as_str(), "{{.Name}}" | "{{.ID}}");
        let mode = key == "mode" && matches!(value.as_str(), "blocking" | "non-blocking");
        // The gate's own labels are nobody's to print.
        let own = key == "labels" && value.split(',').any(|name| label::is_reserved(name.trim()));
        if own || !(tag || mode || known.contains(&key.as_str())) {
            return Err(refused(key).because("this option of a log driver is refused"));
        }
    }
    // Held in the engine's memory, which is nobody's to fill.
    if let Some(value) = config.get("max-buffer-size")
        && size(value).is_none_or(|asked| asked > MAX_LOG_BUFFER)
    {
        return Err(refused(value).because("the buffer of a log can be 8m at most"));
    }
    if !bounded {
        return Ok(LogConfig { r#type, config });
    }
    let largest = size(&settings.log_max_size).unwrap_or(50 << 20);
    match config.get("max-size") {
        Some(value) if size(value).is_none_or(|asked| asked > largest) => {
            return Err(refused(value).because(format!(
                "logs of a container can be {} at most",
                settings.log_max_size
            )));
        }
        Some(_) => {}
        None => drop(config.insert("max-size".into(), settings.log_max_size.clone())),
    }
    let files = config.get("max-file").map(|value| value.parse::<u32>());
    match files {
        Some(Ok(files)) if (1..=settings.log_max_file).contains(&files) => {}
        None => drop(config.insert("max-file".into(), settings.log_max_file.to_string())),
        Some(_) => {
            return Err(refused("max-file")
                .because(format!("1 to {} files can be kept", settings.log_max_file)));
        }
    }
    let kind = if r#type.is_empty() {
        "json-file".into()
    } else {
        r#type
    };
    Ok(LogConfig {
        r#type: kind,
        config,
    })
}

/// `10m`, `512k`, `1g`, `4096` in bytes.
fn size(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let lower = lower.strip_suffix('b').unwrap_or(&lower);
    let (digits, shift) = match lower.as_bytes().last()? {
        b'k' => (&lower[..lower.len() - 1], 10),
        b'm' => (&lower[..lower.len() - 1], 20),
        b'g' => (&lower[..lower.len() - 1], 30),
        _ => (lower, 0),
    };
    digits
        .parse::<u64>()
        .ok()?
        .checked_mul(1 << shift)
        .filter(|bytes| *bytes > 0)
}
