//! Who is on the other side of a connection, and what the configuration says
//! of them, read anew for each connection.

use std::path::Path;

use dock_space::config::{Config, DIRECTORY};
use dock_space::settings::Settings;
use dock_space::{Person, Space, Uid, author};

use super::{allocation, lock};
use crate::audit::{Journal, Who};
use crate::policy::Identity;

/// A person who may use the gate, and the configuration as of now.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) config: Config,
    pub(crate) settings: Settings,
    pub(crate) identity: Identity,
    pub(crate) journal: Journal,
    /// Nothing is done: it is told what would be done ([`super::explain`]).
    pub(crate) explains: bool,
}

impl Caller {
    /// Reads the configuration and asks NSS. This blocks: files are small, but
    /// NSS may be an LDAP server.
    ///
    /// # Errors
    /// The reason, in words for the person, why they are not served.
    pub(crate) fn look_up(uid: Uid, login_uid: Option<u32>) -> Result<Caller, String> {
        let config = configuration()?;
        let person = person(uid)?;
        admit(&config, &person)?;
        let space = Space::User(uid);
        same_login(space, &person)?;
        if lock::is_held(space) {
            return Err("an administrator is working on your space\n\nhint: try again in a while, or ask them".into());
        }
        let who = Who {
            uid,
            login: person.login.clone(),
            login_uid,
            admin: false,
        };
        let journal = Journal::new(config.audit.clone(), who, Some(space));
        Ok(Caller::of(config, person, space, journal))
    }

    /// What holds for `person` in `space`, whoever acts there.
    pub(super) fn of(config: Config, person: Person, space: Space, journal: Journal) -> Caller {
        let settings = config.settings_for(&person);
        let labels = author::labels(&settings, &person);
        Caller {
            config,
            settings,
            identity: Identity {
                person,
                space,
                labels,
            },
            journal,
            explains: false,
        }
    }
}

/// The configuration as of now.
///
/// # Errors
/// Why it cannot be used: nothing is served then.
pub(super) fn configuration() -> Result<Config, String> {
    Config::load(Path::new(DIRECTORY)).map_err(|error| {
        format!("{error}\n\nhint: ask an administrator of this host; nothing is served until then")
    })
}

/// Who `uid` is now.
///
/// # Errors
/// When NSS does not say.
pub(super) fn person(uid: Uid) -> Result<Person, String> {
    Person::look_up(uid).map_err(|error| {
        format!("{error}\n\nhint: an administrator can see what 'getent passwd {uid}' says")
    })
}

/// Whether the person has a space at all (DESIGN.md 3.11).
pub(super) fn admit(config: &Config, person: &Person) -> Result<(), String> {
    let access = &config.access;
    let Person { uid, login, .. } = person;
    if uid.0 == 0 {
        return Err(
            "root has no space of its own\n\nhint: 'dock admin --as USER ...' acts inside one space"
                .into(),
        );
    }
    if uid.0 < access.first_uid && !access.system_uids.contains(&uid.0) {
        return Err(format!(
            "\"{login}\" is a system account (uid {uid} is below {})\n\nhint: an administrator can list it under [access] system_uids in dock.toml",
            access.first_uid
        ));
    }
    if !person.is_member(&access.group) {
        return Err(format!(
            "\"{login}\" is not in group \"{group}\"\n\nhint: an administrator can run 'usermod -aG {group} {login}'",
            group = access.group
        ));
    }
    Ok(())
}

/// A uid that was given to somebody else must not inherit the space.
pub(super) fn same_login(space: Space, person: &Person) -> Result<(), String> {
    match allocation::find(Path::new(allocation::FILE), space)? {
        Some(row) if row.login != person.login => Err(format!(
            "uid {} was \"{}\" when this space was made and is \"{}\" now\n\nhint: an administrator must say whether it is the same person; dock-gate(8) says how",
            person.uid, row.login, person.login
        )),
        _ => Ok(()),
    }
}
