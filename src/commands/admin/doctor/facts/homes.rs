//! On what file systems the homes of dock's people lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dock_space::admin::host::Known;
use nix::unistd::User;

use super::Groups;

/// How many homes are looked at: they share few file systems.
const MAX_HOMES: usize = 500;

/// A mounted file system with homes on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Home {
    /// Where it is mounted.
    pub(in super::super) place: PathBuf,
    /// `ext4`, `nfs4`, ...
    pub(in super::super) kind: String,
    /// Of the mount: `nosuid`, `nodev`, ...
    pub(in super::super) options: Vec<String>,
}

/// The file systems of the members' homes, each once; that of `/home` when
/// nobody is a member.
pub(super) fn gather(groups: &Groups) -> Known<Vec<Home>> {
    let table = std::fs::read_to_string("/proc/self/mountinfo")
        .map_err(|error| format!("'/proc/self/mountinfo': {}", crate::error::words(&error)))?;
    let mounts = parse(&table);
    let members = groups.dock.as_ref().ok().and_then(Option::as_ref);
    let members = members.into_iter().flat_map(|group| &group.members);
    let homes = members.take(MAX_HOMES).filter_map(|login| {
        let user = User::from_name(login).ok()??;
        user.dir.is_absolute().then_some(user.dir)
    });
    let mut homes: Vec<PathBuf> = homes.collect();
    if homes.is_empty() {
        homes.push("/home".into());
    }
    let mut found: BTreeMap<PathBuf, Home> = BTreeMap::new();
    for home in homes {
        // A link in the place of a home leads to where it really lies.
        let real = home.canonicalize().unwrap_or(home);
        if let Some(mount) = below(&mounts, &real) {
            found.insert(mount.place.clone(), mount.clone());
        }
    }
    Ok(found.into_values().collect())
}

/// The mount on which a path lies: the longest place above it, the last one on it.
fn below<'a>(mounts: &'a [Home], path: &Path) -> Option<&'a Home> {
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.place));
    above.max_by_key(|mount| mount.place.components().count())
}

/// proc_pid_mountinfo(5).
fn parse(table: &str) -> Vec<Home> {
    table
        .lines()
        .filter_map(|line| {
            let (mount, kind) = line.split_once(" - ")?;
            let mut fields = mount.split(' ').skip(4);
            Some(Home {
                place: unescaped(fields.next()?).into(),
                options: fields.next()?.split(',').map(str::to_owned).collect(),
                kind: kind.split(' ').next()?.to_owned(),
            })
        })
        .collect()
}

/// The kernel writes a space as `\040`.
fn unescaped(text: &str) -> String {
    let pairs = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n")];
    let text = pairs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_lies_on_the_nearest_mount() {
        let table = "\
            22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            30 22 0:40 / /home rw,nosuid,nodev - xfs /dev/sdb1 rw\n\
            31 30 0:41 / /home/my\\040lab rw - nfs4 server:/x rw\n\
            32 30 0:42 / /home rw,nosuid - btrfs /dev/sdc1 rw\n";
        let mounts = parse(table);
        let kind = |path: &str| below(&mounts, Path::new(path)).unwrap().kind.clone();
        assert_eq!(kind("/home/alice"), "btrfs");
        assert_eq!(kind("/home/my lab/x"), "nfs4");
        assert_eq!(kind("/homestead"), "ext4");
        assert_eq!(mounts[1].options, ["rw", "nosuid", "nodev"]);
    }
}
