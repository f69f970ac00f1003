//! Ids and spaces of the audit in the words of the lists: `alice/web`, `alice`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use dock_space::admin::{AuditEntry, Container, Network};
use dock_space::name::{is_full_id, split};
use dock_space::{Space, Uid};

use super::super::named::{self, Named as _};
use super::columns::Row;
use crate::client::Client;
use crate::error::Error;

/// How often the lists are asked for again because of an id that is in none:
/// most of those that nobody knows are gone.
const AGAIN: Duration = Duration::from_secs(2);

/// Names that are known, and whom to ask for more.
pub(super) struct Names {
    client: Client,
    /// Whether names are wanted at all: a program gets what was written down.
    wanted: bool,
    objects: HashMap<String, String>,
    logins: HashMap<String, String>,
    asked: Option<Instant>,
}

impl Names {
    pub(super) fn new(client: Client, wanted: bool) -> Names {
        Names {
            client,
            wanted,
            objects: HashMap::new(),
            logins: HashMap::new(),
            asked: None,
        }
    }

    /// The entry with the names that are known.
    ///
    /// # Errors
    /// When the gate does not list what there is.
    pub(super) fn row(&mut self, entry: AuditEntry) -> Result<Row, Error> {
        let (mut name, mut owner) = (None, None);
        if self.wanted {
            name = match entry.line.name.as_str() {
                "" => self.object(&entry.line.object)?,
                // As it was called then, also when it is gone.
                then => {
                    let login = self.login(&entry.line.space);
                    Some(match login.is_empty() {
                        true => then.to_owned(),
                        false => format!("{login}/{then}"),
                    })
                }
            };
            owner = Some(self.login(&entry.line.space));
        }
        Ok(Row {
            line: entry.line,
            verified: entry.verified,
            name,
            owner,
        })
    }

    fn object(&mut self, object: &str) -> Result<Option<String>, Error> {
        if let Some((space, shown)) = split(object) {
            let login = self.login(&space.to_string());
            return Ok(Some(format!("{login}/{shown}")));
        }
        if !is_full_id(object) {
            return Ok(None);
        }
        let known = self.objects.contains_key(object);
        if !known && self.asked.is_none_or(|then| then.elapsed() > AGAIN) {
            self.ask()?;
        }
        Ok(self.objects.get(object).cloned())
    }

    /// Asks for what there is now.
    ///
    /// # Errors
    /// As [`Names::row`].
    pub(super) fn meet(&mut self) -> Result<(), Error> {
        match self.wanted {
            true => self.ask(),
            false => Ok(()),
        }
    }

    fn ask(&mut self) -> Result<(), Error> {
        let containers: Vec<Container> = named::all(&mut self.client)?;
        let networks: Vec<Network> = named::all(&mut self.client)?;
        for it in &containers {
            let name = named::full_name(it.owner(), &it.name);
            self.objects.insert(it.id.clone(), name);
        }
        for it in &networks {
            let name = named::full_name(it.owner(), &it.name);
            self.objects.insert(it.id.clone(), name);
        }
        self.asked = Some(Instant::now());
        Ok(())
    }

    /// The login of a space by NSS, which may be an LDAP server: asked once each.
    fn login(&mut self, space: &str) -> String {
        if let Some(login) = self.logins.get(space) {
            return login.clone();
        }
        let found = match space.parse() {
            Ok(Space::User(Uid(uid))) => {
                nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid)).ok()
            }
            _ => None,
        };
        let login = match found.flatten() {
            Some(user) => user.name,
            None => space.to_owned(),
        };
        self.logins.insert(space.to_owned(), login.clone());
        login
    }
}
