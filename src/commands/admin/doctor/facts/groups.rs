//! Who is in the groups that count, by NSS.
//!
//! NSS is never enumerated. Beside the members that a group names, the people
//! of dock are asked one by one for their groups: a directory service may keep
//! membership with the person.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;

use dock_space::admin::SpaceRow;
use dock_space::admin::host::{Host, Known, Role};
use dock_space::config::Access;
use nix::unistd::{Gid, User};

/// The group whose members the engine lets in by default.
const DOCKER: &str = "docker";

/// A group and who is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Group {
    pub(in super::super) gid: u32,
    pub(in super::super) name: String,
    /// Logins.
    pub(in super::super) members: BTreeSet<String>,
}

/// The groups that count; none where NSS knows no such group.
#[derive(Clone)]
pub(in super::super) struct Groups {
    pub(in super::super) dock: Known<Option<Group>>,
    pub(in super::super) admin: Known<Option<Group>>,
    /// `docker`, and the groups of the engine's sockets, without root's.
    pub(in super::super) holders: Known<Vec<Group>>,
}

impl Groups {
    pub(super) fn gather(
        access: &Access,
        host: Option<&Host>,
        spaces: Option<&Vec<SpaceRow>>,
    ) -> Groups {
        let (dock, admin) = (by_name(&access.group), by_name(&access.admin_group));
        let mut people: BTreeSet<String> = BTreeSet::new();
        for group in [&dock, &admin] {
            let group = group.as_ref().ok().and_then(Option::as_ref);
            people.extend(group.into_iter().flat_map(|group| group.members.clone()));
        }
        let spaces = spaces.into_iter().flatten();
        let owners = spaces.filter(|space| space.account);
        people.extend(owners.map(|space| space.owner.login.clone()));
        Groups {
            dock,
            admin,
            holders: holders(host, &people),
        }
    }
}

fn holders(host: Option<&Host>, people: &BTreeSet<String>) -> Known<Vec<Group>> {
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    let docker = by_name(DOCKER)?;
    groups.extend(docker.map(|group| (group.gid, group)));
    let sockets = host.into_iter().flat_map(|host| &host.places);
    let sockets = sockets.filter(|place| place.role == Role::Socket);
    for stat in sockets.filter_map(|place| place.found.as_ref().ok().copied().flatten()) {
        if stat.gid != 0 && stat.mode & 0o020 != 0 && !groups.contains_key(&stat.gid) {
            groups.insert(stat.gid, by_gid(stat.gid)?);
        }
    }
    for login in people {
        for gid in groups_of(login)? {
            if let Some(group) = groups.get_mut(&gid) {
                group.members.insert(login.clone());
            }
        }
    }
    // Whose primary group it is stands in no group; this host's own accounts
    // can be looked through without asking a directory service for all of its.
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    for (login, gid) in primary_groups(&accounts) {
        if let Some(group) = groups.get_mut(&gid) {
            group.members.insert(login.to_owned());
        }
    }
    Ok(groups.into_values().collect())
}

/// Logins and primary groups of lines of passwd(5).
fn primary_groups(accounts: &str) -> impl Iterator<Item = (&str, u32)> {
    accounts.lines().filter_map(|line| {
        let mut fields = line.split(':');
        let login = fields.next()?;
        Some((login, fields.nth(2)?.parse().ok()?))
    })
}

fn by_name(name: &str) -> Known<Option<Group>> {
    let group = nix::unistd::Group::from_name(name);
    let group = group.map_err(|error| format!("group \"{name}\": {}", error.desc()))?;
    Ok(group.map(own))
}

fn by_gid(gid: u32) -> Known<Group> {
    let group = nix::unistd::Group::from_gid(Gid::from_raw(gid));
    let group = group.map_err(|error| format!("gid {gid}: {}", error.desc()))?;
    Ok(group.map_or_else(
        || Group {
            gid,
            name: gid.to_string(),
            members: BTreeSet::new(),
        },
        own,
    ))
}

fn own(group: nix::unistd::Group) -> Group {
    Group {
        gid: group.gid.as_raw(),
        name: group.name,
        members: group.mem.into_iter().collect(),
    }
}

fn groups_of(login: &str) -> Known<Vec<u32>> {
    let failed = |error: nix::Error| format!("\"{login}\": {}", error.desc());
    let Some(user) = User::from_name(login).map_err(failed)? else {
        return Ok(Vec::new());
    };
    let Ok(name) = CString::new(login) else {
        return Ok(Vec::new());
    };
    let groups = nix::unistd::getgrouplist(&name, user.gid).map_err(failed)?;
    Ok(groups.into_iter().map(Gid::as_raw).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primary_groups_are_read() {
        let accounts =
            "root:x:0:0:root:/root:/bin/bash\nzoe:x:1000:999:Zoe:/home/zoe:/bin/sh\nbroken\n";
        let read: Vec<_> = primary_groups(accounts).collect();
        assert_eq!(read, [("root", 0), ("zoe", 999)]);
    }
}
