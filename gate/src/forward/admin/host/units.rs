//! How the engine and dock's own timers are started: a few keys of unit files,
//! which may be for root alone (a proxy's password in a drop-in).

use std::path::{Path, PathBuf};

use dock_space::admin::host::{Excerpt, Known};

use super::excerpt;

/// Where systemd looks, the first one winning.
pub(super) const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];

/// Where start scripts and older units keep the engine's options.
const OPTIONS: [&str; 2] = ["/etc/default/docker", "/etc/sysconfig/docker"];

const ENGINE: [&str; 2] = ["docker.service", "docker.socket"];

/// The keys that say how something is started and who may reach it.
const KEYS: [&str; 7] = [
    "ExecStart=",
    "ListenStream=",
    "SocketGroup=",
    "SocketMode=",
    "SocketUser=",
    "DOCKER_OPTS=",
    "OPTIONS=",
];

/// The engine's units with their drop-ins, and dock's own units.
pub(super) fn all() -> Known<Vec<Excerpt>> {
    let mut found = Vec::new();
    for unit in ENGINE {
        let main = FOLDERS.iter().map(|folder| Path::new(folder).join(unit));
        // A link stands for another unit, or for none at all.
        found.extend(main.filter_map(|path| unit_file(&path)).next());
        for folder in folders() {
            let drop_ins = folder.join(format!("{unit}.d"));
            let is_drop_in = |name: &str| name.ends_with(".conf");
            found.extend(excerpt::of_folder(&drop_ins, is_drop_in, is_key)?);
        }
    }
    for folder in folders() {
        found.extend(excerpt::of_folder(&folder, is_docks_own, is_key)?);
    }
    for file in OPTIONS {
        found.extend(excerpt::of_file(Path::new(file), is_key));
    }
    Ok(found)
}

/// The folders, each once: on many hosts one is a link to another.
pub(super) fn folders() -> impl Iterator<Item = PathBuf> {
    let is_own = |folder: &PathBuf| {
        let real = folder.canonicalize();
        real.is_ok_and(|real| real == *folder)
    };
    FOLDERS.iter().map(PathBuf::from).filter(is_own)
}

fn unit_file(path: &Path) -> Option<Excerpt> {
    excerpt::of_file(path, is_key)
}

fn is_docks_own(name: &str) -> bool {
    let is_unit = name.ends_with(".service") || name.ends_with(".timer");
    name.starts_with("dock-") && is_unit
}

fn is_key(line: &str) -> bool {
    let line = line.strip_prefix("export ").unwrap_or(line);
    KEYS.iter().any(|key| line.starts_with(key))
}
