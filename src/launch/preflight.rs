//! What can be known without privilege before sudo is asked, each with its
//! own words: after the exec only docker speaks.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use dock_space::Person;
use dock_space::config::{Config, DOCKER_PLACES};
use dock_space::identity::{IdentityError, group_id};

use super::gate;
use crate::error::Error;

/// Whether sudo can start anything at all from this process: asked before the
/// configuration is read, which looks like a stranger's in a user namespace.
///
/// # Errors
/// What stands in the way.
pub(crate) fn surroundings() -> Result<(), Error> {
    let status = read("/proc/self/status");
    if status
        .lines()
        .any(|line| line.split_whitespace().eq(["NoNewPrivs:", "1"]))
    {
        return Err(Error::NoNewPrivileges);
    }
    // Where a whole host is one (LXC), its root is root and sudo works.
    let strange_sudo = || {
        gate::sudo()
            .and_then(|sudo| sudo.metadata().ok())
            .is_some_and(|sudo| sudo.uid() != 0)
    };
    if in_user_namespace(&read("/proc/self/uid_map")) && strange_sudo() {
        return Err(Error::UserNamespace);
    }
    Ok(())
}

/// Whether a gate can be started for `person` from this process.
///
/// # Errors
/// The first thing that stands in the way.
pub(crate) fn check(config: &Config, person: &Person) -> Result<(), Error> {
    if person.uid.0 == 0 {
        return Err(Error::Root);
    }
    let group = &config.access.group;
    if !person.is_member(group) {
        return Err(Error::NotAMember {
            login: person.login.clone(),
            group: group.clone(),
        });
    }
    in_session(person, group)?;
    installed()
}

/// Whether an admin gate can be started for `person` from this process.
///
/// # Errors
/// The first thing that stands in the way.
pub(crate) fn check_admin(config: &Config, person: &Person) -> Result<(), Error> {
    let group = &config.access.admin_group;
    if person.uid.0 != 0 {
        if !person.is_member(group) {
            return Err(Error::NotAnAdmin {
                login: person.login.clone(),
                group: group.clone(),
            });
        }
        in_session(person, group)?;
    }
    installed()
}

/// Whether this session knows of the group already.
fn in_session(person: &Person, group: &str) -> Result<(), Error> {
    let gid = group_id(group).map_err(|error| IdentityError::Nss(person.uid, error))?;
    if gid.is_some_and(process_has) {
        return Ok(());
    }
    Err(Error::OldSession {
        login: person.login.clone(),
        group: group.to_owned(),
    })
}

fn installed() -> Result<(), Error> {
    gate::sudo().ok_or(Error::NoSudo)?;
    let gate = gate::path();
    if !gate.exists() {
        return Err(Error::NoGate(gate));
    }
    Ok(())
}

/// The docker CLI that is to run: the configured one, or the first of the
/// usual places that is one.
///
/// # Errors
/// When there is none, or what is there is something else.
pub(crate) fn docker(config: &Config) -> Result<PathBuf, Error> {
    let configured = &config.engine.docker;
    let places: Vec<PathBuf> = if configured.as_os_str().is_empty() {
        DOCKER_PLACES.iter().map(PathBuf::from).collect()
    } else {
        vec![configured.clone()]
    };
    let mut problem = None;
    for place in &places {
        if !place.exists() {
            continue;
        }
        match not_docker(place) {
            None if depth() > MAX_DEPTH => return Err(Error::Circle(place.clone())),
            None => return Ok(place.clone()),
            Some(what) => {
                problem.get_or_insert(Error::NotDocker {
                    path: place.clone(),
                    what,
                });
            }
        }
    }
    Err(problem.unwrap_or(Error::NoDocker(places)))
}

/// In how many docks this one runs. A docker CLI that is a script which runs dock
/// would go on for ever; a plugin of docker's that runs dock is one in another.
const DEPTH: &str = "DOCK_DEPTH";
const MAX_DEPTH: u32 = 3;

fn depth() -> u32 {
    let said = std::env::var_os(DEPTH).and_then(|depth| depth.into_string().ok());
    said.and_then(|depth| depth.parse().ok()).unwrap_or(0)
}

/// Tells a docker that is about to run in how many docks it runs.
pub(crate) fn deeper(docker: &mut Command) -> &mut Command {
    docker.env(DEPTH, depth().saturating_add(1).to_string())
}

const PODMAN: &str = "podman's stand-in";

/// What a file is instead of docker's own CLI, if it is something that is
/// known to stand in its place.
fn not_docker(path: &Path) -> Option<&'static str> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let same = |a: &Path, b: &Path| match (a.metadata(), b.metadata()) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    };
    if std::env::current_exe().is_ok_and(|dock| same(&real, &dock)) {
        return Some("dock itself");
    }
    if real.starts_with("/snap") || real.ends_with("usr/bin/snap") {
        return Some("snap's docker, which sees neither /tmp nor most folders");
    }
    if real.ends_with("podman") {
        return Some(PODMAN);
    }
    let mut start = Vec::new();
    if let Ok(file) = File::open(&real) {
        // Best effort: what cannot be read is judged by the exec.
        let _ = file.take(4096).read_to_end(&mut start);
    }
    let script = start.starts_with(b"#!");
    (script && start.windows(6).any(|word| word == b"podman")).then_some(PODMAN)
}

/// Whether this process has the group, as sudo will see it.
fn process_has(gid: u32) -> bool {
    let groups = nix::unistd::getgroups().unwrap_or_default();
    nix::unistd::getegid().as_raw() == gid || groups.iter().any(|group| group.as_raw() == gid)
}

/// Whether a uid map is not the whole host's.
fn in_user_namespace(map: &str) -> bool {
    !map.is_empty() && !map.split_whitespace().eq(["0", "0", "4294967295"])
}

fn read(path: &str) -> String {
    // Without /proc nothing is known, and sudo has the last word anyway.
    std::fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_own_map_is_no_user_namespace() {
        assert!(!in_user_namespace("         0          0 4294967295\n"));
        assert!(in_user_namespace("         0       1001          1\n"));
        assert!(!in_user_namespace(""));
    }

    #[test]
    fn stand_ins_are_told_from_docker() {
        let folder = nix::unistd::mkdtemp(&std::env::temp_dir().join("dock-stand-XXXXXX")).unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        assert_eq!(
            not_docker(&write("a", "#!/bin/sh\nexec /usr/bin/podman \"$@\"\n")),
            Some(PODMAN)
        );
        assert_eq!(
            not_docker(&write("b", "#!/bin/sh\nexec /usr/bin/docker \"$@\"\n")),
            None
        );
        let podman = folder.join("d");
        std::os::unix::fs::symlink(write("podman", ""), &podman).unwrap();
        assert_eq!(not_docker(&podman), Some(PODMAN));
        let me = folder.join("c");
        std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &me).unwrap();
        assert_eq!(not_docker(&me), Some("dock itself"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
