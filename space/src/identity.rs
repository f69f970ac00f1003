//! Who a uid is, asked of NSS.
//!
//! Users and groups are looked up one by one and never enumerated or read from
//! `/etc/passwd`: a person in LDAP is a person.

use std::ffi::CString;
use std::fmt;

/// A Unix user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub u32);

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A Unix group as NSS tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub gid: u32,
    pub name: String,
}

/// A person as NSS tells it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub uid: Uid,
    pub login: String,
    /// The first comma-separated part of the GECOS field; empty when unset.
    pub full_name: String,
    pub home: std::path::PathBuf,
    pub gid: u32,
    /// All groups of the person, the primary one among them.
    pub groups: Vec<Group>,
}

/// Why a uid could not be turned into a [`Person`].
#[derive(Debug)]
pub enum IdentityError {
    /// NSS knows no such uid.
    UnknownUid(Uid),
    /// The login holds bytes that a name in the engine cannot carry.
    UnusableLogin(Uid),
    /// NSS itself failed (an LDAP server that does not answer, say).
    Nss(Uid, nix::Error),
}

impl fmt::Display for IdentityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdentityError::UnknownUid(uid) => write!(f, "uid {uid} is not known on this host"),
            IdentityError::UnusableLogin(uid) => {
                write!(
                    f,
                    "the login of uid {uid} holds characters that dock cannot use"
                )
            }
            IdentityError::Nss(uid, error) => {
                write!(f, "cannot look up uid {uid}: {}", error.desc())
            }
        }
    }
}

impl std::error::Error for IdentityError {}

impl Person {
    /// Asks NSS for `uid` and for every group that the person is in.
    ///
    /// # Errors
    /// When NSS does not know the uid or does not answer.
    pub fn look_up(uid: Uid) -> Result<Person, IdentityError> {
        let user = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid.0))
            .map_err(|error| IdentityError::Nss(uid, error))?
            .ok_or(IdentityError::UnknownUid(uid))?;
        if user.name.is_empty()
            || user
                .name
                .chars()
                .any(|c| c.is_control() || c.is_whitespace())
        {
            return Err(IdentityError::UnusableLogin(uid));
        }
        let login =
            CString::new(user.name.as_str()).map_err(|_| IdentityError::UnusableLogin(uid))?;
        let gids = nix::unistd::getgrouplist(&login, user.gid)
            .map_err(|error| IdentityError::Nss(uid, error))?;
        let mut groups = Vec::with_capacity(gids.len());
        for gid in gids {
            // A group without a name can grant nothing, but its number still counts.
            let name = nix::unistd::Group::from_gid(gid)
                .map_err(|error| IdentityError::Nss(uid, error))?
                .map(|group| group.name)
                .unwrap_or_default();
            groups.push(Group {
                gid: gid.as_raw(),
                name,
            });
        }
        let gecos = user.gecos.to_string_lossy();
        let full_name = gecos
            .split(',')
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned();
        Ok(Person {
            uid,
            login: user.name,
            full_name,
            home: user.dir,
            gid: user.gid.as_raw(),
            groups,
        })
    }

    /// Whether the person is in the group called `name`.
    pub fn is_member(&self, name: &str) -> bool {
        !name.is_empty() && self.groups.iter().any(|group| group.name == name)
    }
}

/// The gid of the group called `name`, when NSS knows it.
///
/// # Errors
/// When NSS does not answer.
pub fn group_id(name: &str) -> Result<Option<u32>, nix::Error> {
    Ok(nix::unistd::Group::from_name(name)?.map(|group| group.gid.as_raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_found() {
        let root = Person::look_up(Uid(0)).unwrap();
        assert_eq!(root.login, "root");
        assert!(root.is_member("root"));
        assert!(!root.is_member(""));
    }

    #[test]
    fn an_unknown_uid_is_an_error() {
        let error = Person::look_up(Uid(4_000_000_001)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "uid 4000000001 is not known on this host"
        );
    }
}
