//! Whose an object of the engine's is, with the name that an admin types.
//!
//! The real name and the label must agree, as for the owner's own gate: what
//! root made under a space's prefix is nobody's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use dock_space::admin::Owner;
use dock_space::name::{self, is_full_id};
use dock_space::{Space, Uid, label};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::super::allocation;

/// Logins that were looked up.
pub(super) type Logins = RefCell<HashMap<Space, String>>;

/// Looks owners up.
pub(super) struct Owners<'a>(&'a Logins);

impl<'a> Owners<'a> {
    pub(super) fn new(logins: &'a Logins) -> Owners<'a> {
        Owners(logins)
    }

    /// Looks up the logins of all `spaces` that are not known yet: before rows
    /// are made, because NSS may be an LDAP server and blocks.
    pub(super) async fn meet(&self, spaces: impl IntoIterator<Item = Space>) {
        let mut strange: Vec<Space> = spaces
            .into_iter()
            .filter(|space| !self.0.borrow().contains_key(space))
            .collect();
        strange.sort_unstable();
        strange.dedup();
        if strange.is_empty() {
            return;
        }
        let found = spawn_blocking(move || {
            strange
                .into_iter()
                .map(|space| (space, login(space)))
                .collect::<Vec<_>>()
        });
        if let Ok(found) = found.await {
            self.0.borrow_mut().extend(found);
        }
    }

    /// The owner, in an admin's words.
    pub(super) fn of(&self, space: Space) -> Owner {
        let login = self.0.borrow().get(&space).cloned();
        let space = space.to_string();
        Owner {
            login: login.unwrap_or_else(|| space.clone()),
            space,
        }
    }
}

/// The login of a space: by the allocation file, which knows whose it was, else by NSS.
fn login(space: Space) -> String {
    let row = allocation::find(Path::new(allocation::FILE), space);
    if let Ok(Some(row)) = row {
        return row.login;
    }
    let Space::User(Uid(uid)) = space else {
        return space.to_string();
    };
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid));
    match user {
        Ok(Some(user)) => user.name,
        _ => space.to_string(),
    }
}

/// The space of a container, network or named volume, and the name that its
/// owner gave it.
pub(super) fn named<'a>(real: &'a str, labels: &Value) -> Option<(Space, &'a str)> {
    let real = real.strip_prefix('/').unwrap_or(real);
    let (space, shown) = name::split(real)?;
    (labels[label::SPACE].as_str()? == space.to_string()).then_some((space, shown))
}

/// The same of a volume: an anonymous one has no name that could say it.
pub(super) fn of_volume<'a>(real: &'a str, labels: &Value) -> Option<(Space, &'a str)> {
    if !is_full_id(real) {
        return named(real, labels);
    }
    let space = labels[label::SPACE].as_str()?.parse().ok()?;
    Some((space, real))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn name_and_label_must_agree() {
        let own = json!({"dock.space": "u1001"});
        let alice = Space::User(Uid(1001));
        assert_eq!(named("/u1001-web", &own), Some((alice, "web")));
        for (real, labels) in [
            ("u1001-web", json!({})),
            ("u1001-web", Value::Null),
            ("u1001-web", json!({"dock.space": "u1002"})),
            ("u1002-web", own.clone()),
            ("web", own.clone()),
        ] {
            assert_eq!(named(real, &labels), None, "{real} {labels}");
        }
    }

    #[test]
    fn an_anonymous_volume_is_its_labels() {
        let digits = "a".repeat(64);
        let own = json!({"dock.space": "u1001"});
        assert_eq!(
            of_volume(&digits, &own),
            Some((Space::User(Uid(1001)), digits.as_str()))
        );
        assert_eq!(of_volume(&digits, &json!({})), None);
        assert_eq!(of_volume(&digits, &json!({"dock.space": "x"})), None);
    }
}
