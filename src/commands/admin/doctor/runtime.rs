//! What stands between root in a container and root on the host.

use super::facts::Facts;
use crate::check::{Check, Looked, Severity, found, found_if};

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "runtime.userns",
        title: "root in a container is root on the host (no userns-remap)",
        severity: Severity::Warning,
        why: "a hole in runc or the kernel makes a container's root the host's",
        remedy: "\"userns-remap\": \"default\" in daemon.json; plan it, the engine starts empty then",
        look: |facts| found_if(!has(facts, "name=userns")?, || "userns-remap is off".into()),
    },
    Check {
        id: "runtime.seccomp",
        title: "containers may make every system call",
        severity: Severity::Error,
        why: "most ways out of a container begin with calls that docker's profile forbids",
        remedy: "take \"seccomp-profile\": \"unconfined\" out of daemon.json; a kernel needs CONFIG_SECCOMP",
        look: |facts| {
            let options = &facts.engine()?.security;
            let option = options.iter().find(|one| one.starts_with("name=seccomp"));
            found(match option.map(String::as_str) {
                None => Some("there is no seccomp".to_owned()),
                Some(option) if option.contains("profile=unconfined") => Some(option.to_owned()),
                Some(_) => None,
            })
        },
    },
    Check {
        id: "runtime.lsm",
        title: "neither AppArmor nor SELinux confines containers",
        severity: Severity::Warning,
        why: "one wall less between a container and the host's files",
        remedy: "install and enable AppArmor ('apt-get install apparmor'), restart the engine",
        look: |facts| {
            let confined = has(facts, "name=apparmor")? || has(facts, "name=selinux")?;
            found_if(!confined, || "the engine names neither".into())
        },
    },
    Check {
        id: "runtime.no-new-privileges",
        title: "setuid programs in containers work",
        severity: Severity::Info,
        why: "a program in a container can become its root; many images need that (sudo, su, ping)",
        remedy: "\"no-new-privileges\": true in daemon.json where nobody needs them",
        look: |facts| {
            let on = facts.switch("no-new-privileges", |daemon| daemon.no_new_privileges)?;
            found_if(on != Some(true), || "no-new-privileges is off".into())
        },
    },
    Check {
        id: "runtime.cgroupns",
        title: "containers see the host's cgroups",
        severity: Severity::Info,
        why: "they can read the names of all containers on this host",
        remedy: "\"default-cgroupns-mode\": \"private\" in daemon.json",
        look: |facts| {
            let private = has(facts, "name=cgroupns")?;
            found_if(!private, || "no private cgroup namespace by default".into())
        },
    },
    Check {
        id: "runtime.default",
        title: "the default runtime is not runc",
        severity: Severity::Info,
        why: "what dock promises was tried with runc",
        remedy: "\"default-runtime\": \"runc\" in daemon.json, and the other by --runtime",
        look: default_runtime,
    },
];

fn default_runtime(facts: &Facts) -> Looked {
    let runtime = &facts.engine()?.default_runtime;
    found_if(runtime != "runc", || format!("\"{runtime}\""))
}

/// Whether the engine names a security option.
fn has(facts: &Facts, name: &str) -> Result<bool, crate::check::Unknown> {
    let options = &facts.engine()?.security;
    Ok(options
        .iter()
        .any(|one| one.split(',').next() == Some(name)))
}
