//! What runs in the container: names, users, folders, health checks, labels.

use std::collections::BTreeMap;

use dock_space::label;

use super::refusal::Refusal;
use crate::api::container::{Empty, Healthcheck};

/// A container may not begin, or have a mount, in these: their files are the
/// kernel's, and `/proc/self/fd/N` can be a folder of the host (CVE-2024-21626).
const KERNELS_OWN: [&str; 3] = ["/proc", "/sys", "/dev"];

pub(super) const SECOND: i64 = 1_000_000_000;

/// The largest environment, labels and so on, in bytes.
const MAX_TEXT: usize = 256 * 1024;

/// RFC 1123, as long as the kernel lets it be.
pub(super) fn host_name(field: &'static str, name: &str, longest: usize) -> Result<(), Refusal> {
    let plain = name.len() <= longest
        && !name.starts_with(['-', '.'])
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    if plain {
        Ok(())
    } else {
        Err(Refusal::value(field, name))
    }
}

/// `NAME`, `UID`, with or without `:GROUP`. A uid beyond 2^31-1 wraps to root
/// in some runtimes (CVE-2024-40635).
pub(super) fn user(field: &'static str, user: &str) -> Result<(), Refusal> {
    let refused = || Refusal::value(field, user);
    let mut parts = user.split(':');
    for part in [
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    ] {
        account(field, part).map_err(|_| refused())?;
    }
    if parts.next().is_some() {
        Err(refused())
    } else {
        Ok(())
    }
}

/// One name or number of a user or group.
pub(super) fn account(field: &'static str, name: &str) -> Result<(), Refusal> {
    let plain = name.len() <= 64
        && !name.starts_with('-')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    let small = !name.bytes().all(|b| b.is_ascii_digit())
        || name.is_empty()
        || name
            .parse::<u64>()
            .is_ok_and(|number| number <= 2_147_483_647);
    if plain && small {
        Ok(())
    } else {
        Err(Refusal::value(field, name))
    }
}

/// A folder to begin in: absolute, straight, not the kernel's own.
pub(super) fn folder(field: &'static str, path: &str) -> Result<(), Refusal> {
    if path.is_empty() {
        return Ok(());
    }
    if !path.starts_with('/') {
        return Err(Refusal::invalid(format!(
            "the working directory '{path}' is invalid, it needs to be an absolute path"
        )));
    }
    straight_folder(field, path)
}

/// The same for a command in a running container, where the runtime itself
/// refuses what is not absolute.
pub(super) fn straight_folder(field: &'static str, path: &str) -> Result<(), Refusal> {
    let kernels = KERNELS_OWN
        .iter()
        .any(|own| clean(path) == *own || clean(path).starts_with(&format!("{own}/")));
    if !is_straight(path) || kernels {
        return Err(Refusal::value(field, path));
    }
    Ok(())
}

/// Whether a path has no `..`, no control characters and a sane length.
pub(super) fn is_straight(path: &str) -> bool {
    path.len() <= 4096
        && !path.chars().any(char::is_control)
        && path.split('/').all(|part| part != "..")
}

/// The path without `//`, `/./` and a slash at the end.
pub(super) fn clean(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    format!("/{}", parts.join("/"))
}

pub(super) fn environment(field: &'static str, env: &[String]) -> Result<(), Refusal> {
    let total: usize = env.iter().map(String::len).sum();
    let refused = env.len() > 4000
        || total > 4 * MAX_TEXT
        || env
            .iter()
            .any(|entry| entry.len() > 128 * 1024 || entry.contains('\0'));
    if refused {
        Err(Refusal::of(field))
    } else {
        Ok(())
    }
}

/// How many ports are exposed.
pub(super) fn exposed(ports: &BTreeMap<String, Empty>) -> Result<u32, Refusal> {
    let mut total = 0u32;
    for port in ports.keys() {
        total = total.saturating_add(super::ports::count(port).unwrap_or(u32::MAX));
    }
    if total > 256 {
        Err(Refusal::of("Config.ExposedPorts"))
    } else {
        Ok(total)
    }
}

/// A check more often than once a second is an exec storm; 0 is "not set".
pub(super) fn is_too_often(interval: i64) -> bool {
    interval != 0 && interval < SECOND
}

pub(super) fn health(check: &Healthcheck) -> Result<(), Refusal> {
    if is_too_often(check.interval) || is_too_often(check.start_interval) {
        return Err(Refusal::of("Config.Healthcheck"));
    }
    if check.timeout < 0 || check.start_period < 0 || check.retries < 0 {
        return Err(Refusal::of("Config.Healthcheck").because("it holds a negative value"));
    }
    Ok(())
}

pub(super) fn stop_timeout(seconds: Option<i64>) -> Result<(), Refusal> {
    match seconds {
        Some(seconds) if !(0..=120).contains(&seconds) => {
            Err(Refusal::value("Config.StopTimeout", seconds))
        }
        _ => Ok(()),
    }
}

/// The client's labels: none of the gate's own, not too many.
pub(super) fn labels(row: &'static str, labels: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if let Some(key) = labels.keys().find(|key| label::is_reserved(key)) {
        return Err(Refusal::value(row, key));
    }
    let total: usize = labels
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if total > MAX_TEXT {
        return Err(Refusal::of(row).because("they are larger than 256 KiB"));
    }
    Ok(())
}
