//! Acting in one space: from then on the gate serves the engine's API there, by
//! the owner's own rules, and writes the admin's name into the audit.

use std::path::Path;

use dock_space::admin::Acting;
use dock_space::config::Config;
use dock_space::{Person, Space, Uid};
use hyper::StatusCode;
use tokio::task::spawn_blocking;

use super::super::body::{self, Answer};
use super::super::caller::{self, Caller};
use super::super::{allocation, last_use};
use super::call::AdminCall;
use super::visit::Admin;
use crate::audit::Weight;
use crate::failure::Failure;

/// A space in which a gate acts.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) space: Space,
    person: Person,
    pub(super) explain: bool,
}

impl Place {
    /// What a gate of the owner's would hold, with the admin's journal.
    pub(super) fn caller(&self, admin: &Admin) -> Caller {
        let journal = admin.journal.of(Some(self.space));
        let config = admin.config.clone();
        Caller {
            explains: self.explain,
            ..Caller::of(config, self.person.clone(), self.space, journal)
        }
    }
}

/// The owner of `space` as a gate of theirs would see them, with the admin's journal.
///
/// # Errors
/// When the allocation file cannot be read, or the space is a group's.
pub(super) async fn owner(admin: &Admin, space: Space) -> Result<Caller, Failure> {
    let config = admin.config.clone();
    let found = spawn_blocking(move || find(&space.to_string(), &config)).await;
    let (space, person) = found
        .map_err(|error| Failure::Host(error.to_string()))?
        .map_err(Failure::Malformed)?;
    let place = Place {
        space,
        person,
        explain: false,
    };
    Ok(place.caller(admin))
}

/// `POST /dock/as`
pub(super) async fn act(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let acting: Acting = call.json().await?;
    let typed = acting.user.clone();
    let config = call.admin.config.clone();
    let found = spawn_blocking(move || find(&typed, &config)).await;
    let (space, person) = found
        .map_err(|error| Failure::Host(error.to_string()))?
        .map_err(Failure::Malformed)?;
    let place = Place {
        space,
        person,
        explain: acting.explain,
    };
    let desk = &call.gate.desk;
    if desk.place.borrow().is_some() {
        return Err(Failure::Conflict("dock: this gate acts already".into()));
    }
    let verb = match acting.explain {
        true => "admin.explain",
        false => "admin.as",
    };
    call.journal(Some(space))
        .permit(Weight::Change, verb, &acting.user);
    *desk.place.borrow_mut() = Some(place);
    Ok(body::empty(StatusCode::NO_CONTENT))
}

/// `GET /dock/explained`: what this gate has judged and not done. That it
/// explains was written down when it began to.
pub(super) fn explained(call: &AdminCall<'_>) -> Answer {
    body::json(StatusCode::OK, &call.gate.desk.ledger.steps())
}

/// The space that an admin means, and whose it is. An account that is gone
/// leaves its space behind, which its number still names.
fn find(typed: &str, config: &Config) -> Result<(Space, Person), String> {
    let nss = |error: nix::Error| format!("cannot look up \"{typed}\": {}", error.desc());
    if let Ok(space) = typed.parse::<Space>() {
        let Space::User(uid) = space else {
            return Err(format!(
                "\"{typed}\" is the space of a group, which this version does not have"
            ));
        };
        let row = allocation::find(Path::new(allocation::FILE), space)?;
        let person = match (Person::look_up(uid), row) {
            (Ok(person), None) => person,
            (Ok(person), Some(row)) if person.login == row.login => person,
            (_, row) => gone(uid, row.map_or_else(|| typed.to_owned(), |row| row.login)),
        };
        has_space(typed, config, space, &person)?;
        return Ok((space, person));
    }
    let user = nix::unistd::User::from_name(typed).map_err(nss)?;
    let uid = match user {
        Some(user) if user.name == typed => Uid(user.uid.as_raw()),
        _ => {
            return Err(format!(
                "there is no user \"{typed}\" on this host\n\nhint: 'dock admin ls' lists the spaces; one whose account is gone is named by its number, u1001"
            ));
        }
    };
    let space = Space::User(uid);
    let person = caller::person(uid)?;
    has_space(typed, config, space, &person)?;
    caller::same_login(space, &person)?;
    Ok((space, person))
}

/// Whether there is such a space: it was used, or its owner may begin to. Acting
/// in any other would make one, root's among them, and use up an index for ever.
fn has_space(typed: &str, config: &Config, space: Space, person: &Person) -> Result<(), String> {
    let row = allocation::find(Path::new(allocation::FILE), space)?;
    let is_known = row.is_some() || last_use::of(space).is_some();
    if person.uid.0 == 0 || !is_known && caller::admit(config, person).is_err() {
        return Err(format!(
            "\"{typed}\" has no space\n\nhint: 'dock admin ls' lists the spaces; members of group \"{}\" have one",
            config.access.group
        ));
    }
    Ok(())
}

/// A person of whom only the allocation file knows.
fn gone(uid: Uid, login: String) -> Person {
    Person {
        uid,
        login,
        full_name: String::new(),
        home: "/nonexistent".into(),
        gid: u32::MAX,
        groups: Vec::new(),
    }
}
