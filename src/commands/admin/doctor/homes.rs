//! Where people's own files lie, and whose spaces are left.

use super::facts::{Facts, Home};
use super::version::Version;
use crate::check::{Check, Looked, Severity, Unknown, found, known};

/// File systems that can be mounted with other owners, and the first kernel.
const MAPPED: &[(&str, &str)] = &[
    ("btrfs", "5.15"),
    ("ceph", "6.7"),
    ("erofs", "5.19"),
    ("exfat", "6.2"),
    ("ext2", "5.12"),
    ("ext3", "5.12"),
    ("ext4", "5.12"),
    ("f2fs", "5.18"),
    ("ntfs3", "5.15"),
    ("tmpfs", "6.3"),
    ("vfat", "5.12"),
    ("xfs", "5.12"),
    // A module of its own, from its version 2.2 on.
    ("zfs", "5.12"),
];

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "homes.mapped",
        title: "homes lie on a file system without mapped mounts",
        severity: Severity::Info,
        why: "there containers can write people's folders as those people alone, not as root inside",
        remedy: "ext4, xfs or btrfs for homes, with a kernel that maps them",
        look: mapped,
    },
    Check {
        id: "homes.options",
        title: "homes are mounted with setuid programs or devices allowed",
        severity: Severity::Info,
        why: "what a container leaves in a home is a program or a device of the host's, too",
        remedy: "'nosuid,nodev' for that mount in /etc/fstab",
        look: |facts| {
            let homes = known(&facts.homes)?.iter();
            found(homes.filter_map(|home| {
                let has = |name: &str| home.options.iter().any(|option| option == name);
                let missing = ["nosuid", "nodev"].into_iter().filter(|name| !has(name));
                let missing: Vec<&str> = missing.collect();
                let place = home.place.display();
                (!missing.is_empty()).then(|| format!("'{place}' without {}", missing.join(", ")))
            }))
        },
    },
    Check {
        id: "homes.gone",
        title: "spaces whose account is gone still hold something",
        severity: Severity::Info,
        why: "nobody looks after them; whoever gets the uid is refused until you have looked",
        remedy: "'dock admin ls' shows them, 'dock admin --as u1001 ps -a' what is in one",
        look: |facts| {
            let gone = known(&facts.spaces)?.iter().filter(|space| {
                let holds = space.containers + space.images + space.volumes + space.networks;
                !space.account && holds > 0
            });
            found(gone.map(|space| format!("{} ({})", space.owner.space, space.owner.login)))
        },
    },
];

fn mapped(facts: &Facts) -> Looked {
    let release = &facts.kernel.release;
    let kernel = Version::parse(release)
        .ok_or_else(|| Unknown(format!("the kernel's release is \"{release}\"")))?;
    let can = |home: &&Home| {
        let row = MAPPED.iter().find(|(kind, _)| *kind == home.kind);
        let since = row.and_then(|(_, since)| Version::parse(since));
        since.is_some_and(|since| kernel >= since)
    };
    let cannot = known(&facts.homes)?.iter().filter(|home| !can(home));
    found(cannot.map(|home| {
        format!(
            "'{}': {} on kernel {release}",
            home.place.display(),
            home.kind
        )
    }))
}
