//! The kernel: what everybody's containers share.

use super::facts::Facts;
use super::version::Version;
use crate::check::{Check, Looked, Severity, Unknown, found_if};

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "kernel.inotify-instances",
        title: "few inotify instances",
        severity: Severity::Warning,
        why: "the roots of all containers share one count: 'too many open files' in others' containers",
        remedy: "'fs.inotify.max_user_instances = 8192' in /etc/sysctl.d/dock.conf, then 'sysctl --system'",
        look: |facts| at_least(facts, "fs.inotify.max_user_instances", 1024),
    },
    Check {
        id: "kernel.inotify-watches",
        title: "few inotify watches",
        severity: Severity::Warning,
        why: "the roots of all containers share one count: editors and servers stop seeing changes",
        remedy: "'fs.inotify.max_user_watches = 1048576' in /etc/sysctl.d/dock.conf, then 'sysctl --system'",
        look: |facts| at_least(facts, "fs.inotify.max_user_watches", 65_536),
    },
    Check {
        id: "kernel.pid-max",
        title: "few process numbers",
        severity: Severity::Warning,
        why: "a handful of containers at their limit leaves none for anybody",
        remedy: "'kernel.pid_max = 4194304' in /etc/sysctl.d/dock.conf, then 'sysctl --system'",
        look: |facts| at_least(facts, "kernel.pid_max", 131_072),
    },
    Check {
        id: "kernel.user-namespaces",
        title: "user namespaces are off, and the engine needs them",
        severity: Severity::Error,
        why: "with userns-remap no container starts",
        remedy: "'user.max_user_namespaces = 65536' in /etc/sysctl.d/dock.conf, then 'sysctl --system'",
        look: |facts| {
            let remapped = facts
                .engine()?
                .security
                .iter()
                .any(|one| one == "name=userns");
            let most = facts.kernel.setting("user.max_user_namespaces")?;
            found_if(remapped && most == 0, || {
                "user.max_user_namespaces = 0".into()
            })
        },
    },
    Check {
        id: "kernel.unprivileged-namespaces",
        title: "everybody may make user namespaces",
        severity: Severity::Info,
        why: "they open parts of the kernel that only root used to reach",
        remedy: "'kernel.unprivileged_userns_clone = 0' in /etc/sysctl.d/dock.conf, if no browser or rootless engine needs them",
        look: |facts| {
            // Only some distributions' kernels have the switch.
            let clone = facts
                .kernel
                .settings
                .get("kernel.unprivileged_userns_clone");
            found_if(clone == Some(&1), || {
                "kernel.unprivileged_userns_clone = 1".into()
            })
        },
    },
    Check {
        id: "kernel.mapped-mounts",
        title: "the kernel has no mapped mounts",
        severity: Severity::Warning,
        why: "folders of the host can be given to containers read-only or as one's own uid alone",
        remedy: "a kernel of 5.12 or later",
        look: |facts| older(facts, "5.12"),
    },
    Check {
        id: "kernel.release-agent",
        title: "the kernel may let containers out by cgroups of version 1 (CVE-2022-0492)",
        severity: Severity::Warning,
        why: "without seccomp and AppArmor or SELinux a container's root gets out; the fix may be backported",
        remedy: "a kernel of 5.17 or later, or the distribution's fix; or cgroups of version 2",
        look: |facts| match facts.engine()?.cgroup_version.as_str() {
            "2" => found_if(false, String::new),
            _ => older(facts, "5.17"),
        },
    },
];

fn at_least(facts: &Facts, name: &str, least: u64) -> Looked {
    let value = facts.kernel.setting(name)?;
    found_if(value < least, || format!("{name} = {value}"))
}

fn older(facts: &Facts, than: &str) -> Looked {
    let release = &facts.kernel.release;
    let unknown = || Unknown(format!("the kernel's release is \"{release}\""));
    let mine = Version::parse(release).ok_or_else(unknown)?;
    let wanted = Version::parse(than).ok_or_else(unknown)?;
    found_if(mine < wanted, || format!("kernel {release}"))
}
