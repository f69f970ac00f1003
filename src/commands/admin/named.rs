//! Objects by owner and name, as an admin types them: `alice/web`.

use dock_space::admin::{Container, Image, Network, Owner, SpaceRow, Volume};

use crate::client::Client;
use crate::error::Error;

/// How many names are offered for one that nothing has.
const MAX_NEAR: usize = 5;

/// An object that has an owner, a name and an id.
pub(super) trait Named {
    /// What people call this kind.
    const KIND: &'static str;
    /// Where the gate lists them all.
    const PATH: &'static str;

    fn owner(&self) -> Option<&Owner>;
    /// The names that it answers to, without its owner.
    fn names(&self) -> Vec<&str>;
    /// What the gate's routes take; a prefix of it names the object, too.
    fn key(&self) -> &str;
}

macro_rules! named {
    ($type:ty, $kind:literal, $path:literal, $names:expr, $key:ident) => {
        impl Named for $type {
            const KIND: &'static str = $kind;
            const PATH: &'static str = $path;

            fn owner(&self) -> Option<&Owner> {
                self.owner.as_ref()
            }

            fn names(&self) -> Vec<&str> {
                let names: fn(&$type) -> Vec<&str> = $names;
                names(self)
            }

            fn key(&self) -> &str {
                &self.$key
            }
        }
    };
}

named!(
    Container,
    "container",
    "/dock/containers?all=1",
    |it| vec![&it.name],
    id
);
named!(Volume, "volume", "/dock/volumes", |it| vec![&it.name], real);
named!(
    Network,
    "network",
    "/dock/networks",
    |it| vec![&it.name],
    id
);
named!(
    Image,
    "image",
    "/dock/images?all=1",
    |it| it.tags.iter().map(String::as_str).collect(),
    id
);

/// All objects of a kind.
///
/// # Errors
/// When the gate does not say.
pub(super) fn all<T: Named + serde::de::DeserializeOwned>(
    client: &mut Client,
) -> Result<Vec<T>, Error> {
    client.get(T::PATH)
}

/// The one of `all` that `asked` means: `OWNER/NAME` or, in this order, the
/// name of what nobody owns, a whole id, the beginning of one id.
///
/// # Errors
/// When there is none, or more than one.
pub(super) fn find<'a, T: Named>(all: &'a [T], asked: &str) -> Result<&'a T, Error> {
    let owned = |object: &&T| {
        let Some((owner, name)) = asked.split_once('/') else {
            return false;
        };
        object.owner().is_some_and(|own| own.is(owner)) && object.names().contains(&name)
    };
    let unowned = |object: &&T| object.owner().is_none() && object.names().contains(&asked);
    let hex = asked.strip_prefix("sha256:").unwrap_or(asked);
    let by_id = |object: &&T| {
        let key = object.key();
        let key = key.strip_prefix("sha256:").unwrap_or(key);
        !hex.is_empty() && key.starts_with(hex)
    };
    let found: Vec<&T> = all.iter().filter(owned).collect();
    let found = match found.is_empty() {
        true => all.iter().filter(unowned).collect(),
        false => found,
    };
    let found = match found.is_empty() {
        true => all.iter().filter(by_id).collect(),
        false => found,
    };
    let exact = found.iter().find(|object| object.key() == asked);
    match (found.as_slice(), exact) {
        ([one], _) => Ok(one),
        (_, Some(one)) => Ok(one),
        ([], _) => Err(Error::NoObject {
            kind: T::KIND,
            asked: asked.to_owned(),
            near: near(all, asked),
        }),
        _ => Err(Error::ManyObjects {
            kind: T::KIND,
            asked: asked.to_owned(),
        }),
    }
}

/// The one of `spaces` that is meant by a login or a number. A login that was
/// given again may name two, and none of them is taken for the other; one whose
/// account is gone and that holds nothing counts only when it is alone.
///
/// # Errors
/// When there is none, or more than one.
pub(super) fn space(spaces: Vec<SpaceRow>, asked: &str) -> Result<SpaceRow, Error> {
    let meant = spaces.into_iter().filter(|row| row.owner.is(asked));
    let (used, left): (Vec<SpaceRow>, Vec<SpaceRow>) =
        meant.partition(|row| row.account || super::ls::holds(row));
    let meant = if used.is_empty() { left } else { used };
    let mut meant = meant.into_iter();
    match (meant.next(), meant.next()) {
        (Some(row), None) => Ok(row),
        (None, _) => Err(Error::NoObject {
            kind: "space",
            asked: asked.to_owned(),
            near: Vec::new(),
        }),
        (Some(_), Some(_)) => Err(Error::ManyObjects {
            kind: "space",
            asked: asked.to_owned(),
        }),
    }
}

/// What others have of the name that was typed, a few of them.
fn near<T: Named>(all: &[T], asked: &str) -> Vec<String> {
    let name = asked.split_once('/').map_or(asked, |(_, name)| name);
    let same = all.iter().filter(|object| object.names().contains(&name));
    let mut near: Vec<String> = same
        .map(|object| full_name(object.owner(), name))
        .take(MAX_NEAR)
        .collect();
    near.sort();
    near
}

/// `alice/web`, or the bare name of what nobody owns.
pub(super) fn full_name(owner: Option<&Owner>, name: &str) -> String {
    match owner {
        Some(owner) => format!("{}/{name}", owner.login),
        None => name.to_owned(),
    }
}

/// Orders rows by owner, nobody's last.
pub(super) fn by_owner(one: Option<&Owner>, other: Option<&Owner>) -> std::cmp::Ordering {
    let key = |owner: Option<&Owner>| (owner.is_none(), owner.map(|owner| owner.login.clone()));
    key(one).cmp(&key(other))
}

/// The owner in a list.
pub(super) fn owner_cell(owner: Option<&Owner>) -> String {
    owner.map_or_else(|| "-".to_owned(), |owner| owner.login.clone())
}

/// `a=1,b=2`, as docker shows labels.
pub(super) fn labels_cell(labels: &std::collections::BTreeMap<String, String>) -> String {
    let labels: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    labels.join(",")
}

/// `--filter KEY=VALUE ...` as the gate takes them.
///
/// # Errors
/// For a filter without a value.
pub(super) fn filters(matches: &clap::ArgMatches) -> Result<String, Error> {
    let mut filters: std::collections::BTreeMap<&str, Vec<&str>> =
        std::collections::BTreeMap::new();
    for filter in matches.get_many::<String>("filter").into_iter().flatten() {
        let (key, value) = filter
            .split_once('=')
            .ok_or_else(|| Error::Filter(filter.clone()))?;
        filters.entry(key.trim()).or_default().push(value);
    }
    let text = serde_json::to_string(&filters).map_err(|error| Error::Gate(error.to_string()))?;
    Ok(crate::client::escape(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(login: Option<&str>, name: &str, id: &str) -> Network {
        Network {
            id: id.into(),
            name: name.into(),
            owner: login.map(|login| Owner {
                space: format!("u{}", 1000 + login.len()),
                login: login.into(),
            }),
            author: None,
            driver: String::new(),
            scope: String::new(),
            internal: false,
            created: 0,
            subnets: vec![],
            labels: std::collections::BTreeMap::new(),
            containers: 0,
        }
    }

    #[test]
    fn objects_are_found_by_owner_and_name_then_by_id() {
        let all = [
            network(Some("alice"), "web", "ab12"),
            network(Some("bob"), "web", "ab34"),
            network(None, "web", "cd56"),
            network(None, "ab12", "ef78"),
        ];
        let id = |asked| find(&all, asked).map(|found| found.id.clone()).ok();
        assert_eq!(id("alice/web").as_deref(), Some("ab12"));
        assert_eq!(id("u1005/web").as_deref(), Some("ab12"));
        assert_eq!(id("web").as_deref(), Some("cd56"));
        assert_eq!(id("ab12").as_deref(), Some("ef78"));
        assert_eq!(id("ab3").as_deref(), Some("ab34"));
        assert!(matches!(find(&all, "ab"), Err(Error::ManyObjects { .. })));
        for (asked, offered) in [("carol/web", 3), ("nobody/x", 0)] {
            let Err(Error::NoObject { near, .. }) = find(&all, asked) else {
                panic!("{asked}");
            };
            assert_eq!(near.len(), offered, "{asked}: {near:?}");
        }
        for none in ["carol/web", "alice/x", "", "zz", "/web"] {
            assert!(
                matches!(find(&all, none), Err(Error::NoObject { .. })),
                "{none}"
            );
        }
    }

    fn row(space: &str, login: &str, account: bool, containers: usize) -> SpaceRow {
        SpaceRow {
            owner: Owner {
                space: space.into(),
                login: login.into(),
            },
            full_name: String::new(),
            account,
            organisation: None,
            author: login.into(),
            index: None,
            containers,
            running: 0,
            images: 0,
            volumes: 0,
            networks: 0,
            ports: vec![],
            disk: None,
            last_use: None,
        }
    }

    #[test]
    fn a_login_that_was_given_again_names_no_space() {
        let left = |containers| {
            vec![
                row("u1001", "alice", true, 1),
                row("u1003", "bob", false, containers),
                row("u2001", "bob", true, 0),
                row("u1004", "dave", false, 0),
            ]
        };
        let found = |containers, asked| space(left(containers), asked).map(|row| row.owner.space);
        assert_eq!(found(1, "alice").unwrap(), "u1001");
        assert_eq!(found(1, "u1003").unwrap(), "u1003");
        assert_eq!(found(1, "dave").unwrap(), "u1004");
        assert!(matches!(found(1, "bob"), Err(Error::ManyObjects { .. })));
        assert_eq!(found(0, "bob").unwrap(), "u2001");
        assert!(matches!(found(1, "carol"), Err(Error::NoObject { .. })));
    }
}
