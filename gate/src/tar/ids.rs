//! Whose a file is: as the container sees it in a stream, as the engine's
//! mapping has it on disk.

use super::error::Fault;

/// The id that the kernel shows for one that a container does not have.
const NOBODY: u32 = 65_534;

/// The range of ids that the engine's containers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// What the container's 0 is on disk.
    pub base: u32,
    pub count: u32,
}

impl Range {
    /// Ids on disk are those in the container. 0xffffffff is nobody's: it tells
    /// `chown` to leave things as they are.
    const WHOLE: Range = Range {
        base: 0,
        count: u32::MAX,
    };

    fn inside(self, disk: u32) -> Option<u32> {
        disk.checked_sub(self.base).filter(|id| *id < self.count)
    }

    fn on_disk(self, id: u32) -> Option<u32> {
        Some(id)
            .filter(|id| *id < self.count)?
            .checked_add(self.base)
    }
}

/// The ranges of users and groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ids {
    users: Range,
    groups: Range,
}

/// Attributes whose values hold ids.
const ACLS: [&[u8]; 2] = [b"system.posix_acl_access", b"system.posix_acl_default"];
const CAPABILITY: &[u8] = b"security.capability";

/// posix_acl_xattr.h: the version, and the tags whose entries name an id.
const ACL_VERSION: [u8; 4] = 2u32.to_le_bytes();
const ACL_USER: u16 = 0x02;
const ACL_GROUP: u16 = 0x08;

/// capability.h: the two revisions that are in use, without their flag, and how
/// long their values are. The second holds the id that is root for it.
const REVISION_2: (u32, usize) = (0x0200_0000, 20);
const REVISION_3: (u32, usize) = (0x0300_0000, 24);
const EFFECTIVE: u32 = 1;

impl Ids {
    /// Without a mapping.
    pub const PLAIN: Ids = Ids {
        users: Range::WHOLE,
        groups: Range::WHOLE,
    };

    /// Of an engine with `userns-remap`.
    pub fn mapped(users: Range, groups: Range) -> Ids {
        Ids { users, groups }
    }

    /// Owner and group as the container sees them, and whether it has both.
    pub(super) fn inside(&self, uid: u32, gid: u32) -> (u32, u32, bool) {
        let (user, group) = (self.users.inside(uid), self.groups.inside(gid));
        let both = user.is_some() && group.is_some();
        (user.unwrap_or(NOBODY), group.unwrap_or(NOBODY), both)
    }

    /// # Errors
    /// When the engine's containers have no such id.
    pub(super) fn on_disk(&self, uid: u32, gid: u32) -> Result<(u32, u32), Fault> {
        let user = self.users.on_disk(uid).ok_or(Fault::Id(uid.into()))?;
        let group = self.groups.on_disk(gid).ok_or(Fault::Id(gid.into()))?;
        Ok((user, group))
    }

    /// The value of an extended attribute as the container sees it; `None` when
    /// it says nothing there.
    pub(super) fn xattr_inside(&self, name: &[u8], value: &[u8]) -> Option<Vec<u8>> {
        if ACLS.contains(&name) {
            return acl(value, |tag, id| self.of(tag).inside(id));
        }
        if name != CAPABILITY {
            return Some(value.to_vec());
        }
        let (head, root) = capability(value)?;
        match self.users.inside(root)? {
            // What the container itself would read.
            0 => Some([&with_revision(head, REVISION_2.0)?[..], &head[4..]].concat()),
            id => Some(with_root(head, id)),
        }
    }

    /// The value on disk; `None` when no file here can have it.
    pub(super) fn xattr_on_disk(&self, name: &[u8], value: &[u8]) -> Option<Vec<u8>> {
        if ACLS.contains(&name) {
            return acl(value, |tag, id| self.of(tag).on_disk(id));
        }
        if name != CAPABILITY {
            return Some(value.to_vec());
        }
        let (head, root) = capability(value)?;
        match self.users.on_disk(root)? {
            0 => Some([&with_revision(head, REVISION_2.0)?[..], &head[4..]].concat()),
            id => Some(with_root(head, id)),
        }
    }

    fn of(&self, tag: u16) -> Range {
        if tag == ACL_GROUP {
            self.groups
        } else {
            self.users
        }
    }
}

/// An access list with other ids; `None` for what is none.
fn acl(value: &[u8], change: impl Fn(u16, u32) -> Option<u32>) -> Option<Vec<u8>> {
    let entries = value.strip_prefix(&ACL_VERSION)?;
    if entries.len() % 8 != 0 {
        return None;
    }
    let mut changed = ACL_VERSION.to_vec();
    for entry in entries.chunks_exact(8) {
        let tag = u16::from_le_bytes([entry[0], entry[1]]);
        changed.extend_from_slice(&entry[..4]);
        let id = u32::from_le_bytes([entry[4], entry[5], entry[6], entry[7]]);
        let id = match tag {
            ACL_USER | ACL_GROUP => change(tag, id)?,
            _ => id,
        };
        changed.extend_from_slice(&id.to_le_bytes());
    }
    Some(changed)
}

/// A file capability without its root, and its root; `None` for what is none.
fn capability(value: &[u8]) -> Option<(&[u8], u32)> {
    let magic = u32::from_le_bytes(*value.first_chunk()?) & !EFFECTIVE;
    let (head, root) = value.split_at_checked(REVISION_2.1)?;
    match (magic, value.len()) {
        found if found == REVISION_2 => Some((head, 0)),
        found if found == REVISION_3 => Some((head, u32::from_le_bytes(*root.first_chunk()?))),
        _ => None,
    }
}

/// The first word of a capability, with another revision.
fn with_revision(head: &[u8], revision: u32) -> Option<[u8; 4]> {
    let magic = u32::from_le_bytes(*head.first_chunk()?);
    Some((revision | magic & EFFECTIVE).to_le_bytes())
}

fn with_root(head: &[u8], root: u32) -> Vec<u8> {
    let magic = with_revision(head, REVISION_3.0).unwrap_or_default();
    [&magic[..], &head[4..], &root.to_le_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGE: Range = Range {
        base: 165_536,
        count: 65_536,
    };

    fn mapped() -> Ids {
        Ids::mapped(RANGE, RANGE)
    }

    #[test]
    fn an_engine_without_mapping_leaves_ids_alone() {
        assert_eq!(Ids::PLAIN.inside(0, 70_000), (0, 70_000, true));
        assert_eq!(Ids::PLAIN.on_disk(0, u32::MAX - 1), Ok((0, u32::MAX - 1)));
        assert!(Ids::PLAIN.on_disk(u32::MAX, 0).is_err());
    }

    #[test]
    fn the_base_is_taken_off_and_put_on_again() {
        assert_eq!(mapped().inside(165_536, 165_537), (0, 1, true));
        assert_eq!(mapped().inside(0, 165_537), (65_534, 1, false));
        assert_eq!(mapped().inside(231_072, 165_536), (65_534, 0, false));
        assert_eq!(mapped().on_disk(0, 65_535), Ok((165_536, 231_071)));
        assert_eq!(mapped().on_disk(65_536, 0), Err(Fault::Id(65_536)));
    }

    #[test]
    fn access_lists_are_mapped_entry_by_entry() {
        let list = |user: u32, group: u32| {
            let mut list = ACL_VERSION.to_vec();
            for (tag, id) in [
                (1u16, u32::MAX),
                (2, user),
                (4, u32::MAX),
                (8, group),
                (16, 7),
            ] {
                list.extend_from_slice(&tag.to_le_bytes());
                list.extend_from_slice(&6u16.to_le_bytes());
                list.extend_from_slice(&id.to_le_bytes());
            }
            list
        };
        let (inside, disk) = (list(1000, 50), list(166_536, 165_586));
        for name in ACLS {
            assert_eq!(mapped().xattr_on_disk(name, &inside), Some(disk.clone()));
            assert_eq!(mapped().xattr_inside(name, &disk), Some(inside.clone()));
            assert_eq!(mapped().xattr_inside(name, &inside), None);
            assert_eq!(mapped().xattr_on_disk(name, &disk), None);
            assert_eq!(mapped().xattr_on_disk(name, &inside[..11]), None);
        }
    }

    #[test]
    fn capabilities_belong_to_the_containers_root() {
        let rest = [0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let second = [&0x0200_0001u32.to_le_bytes()[..], &rest].concat();
        let third = |root: u32| {
            [
                &0x0300_0001u32.to_le_bytes()[..],
                &rest,
                &root.to_le_bytes(),
            ]
            .concat()
        };
        assert_eq!(
            mapped().xattr_on_disk(CAPABILITY, &second),
            Some(third(165_536))
        );
        assert_eq!(
            mapped().xattr_inside(CAPABILITY, &third(165_536)),
            Some(second.clone())
        );
        assert_eq!(mapped().xattr_inside(CAPABILITY, &second), None);
        assert_eq!(
            Ids::PLAIN.xattr_on_disk(CAPABILITY, &second),
            Some(second.clone())
        );
        assert_eq!(
            Ids::PLAIN.xattr_on_disk(CAPABILITY, &third(9)),
            Some(third(9))
        );
        for bad in [&second[..19], &third(1)[..23], &[0; 20], &[]] {
            assert_eq!(Ids::PLAIN.xattr_on_disk(CAPABILITY, bad), None);
        }
    }
}
