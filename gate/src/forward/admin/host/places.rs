//! Owners and modes of the places that the separation rests on.

use std::io;
use std::path::{Path, PathBuf};

use dock_space::admin::host::{Known, Place, Role, Stat};
use dock_space::config::Config;

use super::super::super::allocation;
use super::excerpt;

/// The sockets of containerd: the engine's own, and the distribution's.
const CONTAINERD: [&str; 2] = [
    "/run/containerd/containerd.sock",
    "/run/docker/containerd/containerd.sock",
];

/// What runs, as the engine and containerd keep it.
const STATE: [&str; 3] = ["/run/docker", "/run/containerd", "/var/lib/containerd"];

/// Every place, whether there is something or not.
pub(super) fn all(config: &Config, data_root: Option<PathBuf>, daemon: &Path) -> Vec<Place> {
    let mut places = vec![
        place(Role::Socket, &config.engine.socket),
        place(Role::Syslog, Path::new("/dev/log")),
    ];
    places.extend(data_root.map(|root| place(Role::DataRoot, &root)));
    places.extend(CONTAINERD.map(|path| place(Role::ContainerdSocket, Path::new(path))));
    places.extend(STATE.map(|path| place(Role::State, Path::new(path))));
    places.push(place(Role::EngineConfig, daemon));
    places.extend(daemon.parent().map(|path| place(Role::EngineConfig, path)));
    if let Ok(gate) = std::env::current_exe() {
        places.push(place(Role::Gate, &gate));
        let above = gate.ancestors().skip(1);
        places.extend(above.map(|path| place(Role::AboveGate, path)));
        let prefix = gate.parent().and_then(Path::parent);
        places.extend(prefix.map(|prefix| place(Role::Dock, &prefix.join("bin/dock"))));
    }
    let spaces = Path::new(allocation::FILE);
    places.extend(spaces.parent().map(|path| place(Role::DockState, path)));
    places.push(place(Role::DockState, spaces));
    if let Some(file) = &config.audit.file {
        places.push(place(Role::Audit, file));
    }
    places
}

fn place(role: Role, path: &Path) -> Place {
    Place {
        role,
        path: path.display().to_string(),
        found: found(path),
    }
}

/// Links are followed: on the way to each of these they are root's.
fn found(path: &Path) -> Known<Option<Stat>> {
    match path.metadata() {
        Ok(metadata) => Ok(Some(excerpt::stat(&metadata))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(excerpt::reason(&error)),
    }
}
