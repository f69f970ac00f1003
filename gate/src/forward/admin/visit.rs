//! Who is on the other side of an admin gate's connection.

use dock_space::Person;
use dock_space::config::Config;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use super::super::caller::{self, Caller};
use super::super::listen::Gate;
use crate::audit::{Journal, Who};
use crate::failure::Failure;
use crate::policy::admin::Rights;
use dock_space::Uid;

/// A member of the admin group, or root, and the configuration as of now.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    pub(crate) config: Config,
    pub(crate) person: Person,
    pub(crate) journal: Journal,
}

impl Admin {
    /// # Errors
    /// The reason why this person is no admin, in words for them.
    fn look_up(uid: Uid, login_uid: Option<u32>) -> Result<Admin, String> {
        let config = caller::configuration()?;
        let person = caller::person(uid)?;
        let group = &config.access.admin_group;
        if uid.0 != 0 && !person.is_member(group) {
            let login = &person.login;
            return Err(format!(
                "\"{login}\" is not in group \"{group}\", whose members may run 'dock admin'\n\nhint: an administrator can run 'usermod -aG {group} {login}'"
            ));
        }
        let who = Who {
            uid,
            login: person.login.clone(),
            login_uid,
            admin: true,
        };
        Ok(Admin {
            journal: Journal::new(config.audit.clone(), who, None),
            config,
            person,
        })
    }

    /// What this admin may do beyond what every admin may.
    pub(crate) fn rights(&self) -> Rights {
        Rights {
            root: self.person.uid.0 == 0,
        }
    }
}

/// One connection of an admin's.
pub(crate) struct Visit {
    admin: Result<Admin, String>,
    /// Looked up when the first request of the engine's API comes.
    acting: OnceCell<Result<Caller, String>>,
}

impl Visit {
    pub(crate) async fn new(gate: &Gate) -> Visit {
        let (uid, login_uid) = (gate.uid, gate.login_uid);
        let admin = spawn_blocking(move || Admin::look_up(uid, login_uid)).await;
        Visit {
            admin: admin
                .unwrap_or_else(|_| Err("cannot look up who you are: the look-up ended".into())),
            acting: OnceCell::new(),
        }
    }

    pub(crate) fn counts(&self) -> bool {
        self.admin.is_ok()
    }

    pub(super) fn admin(&self) -> &Result<Admin, String> {
        &self.admin
    }

    /// The person in whose space this gate acts, as the gate of that person
    /// would see them.
    ///
    /// # Errors
    /// When no space was named yet.
    pub(super) async fn acting(&self, gate: &Gate) -> Result<&Result<Caller, String>, Failure> {
        let place = gate.desk.place.borrow().clone();
        let (Some(place), Ok(admin)) = (place, &self.admin) else {
            return Err(Failure::Unavailable(
                "this gate serves 'dock admin', and no space was named\n\nhint: 'dock admin --as USER ...' acts inside one space"
                    .into(),
            ));
        };
        Ok(self
            .acting
            .get_or_init(async || Ok(place.caller(admin)))
            .await)
    }
}
