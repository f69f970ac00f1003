//! Objects for tests.

use std::collections::{BTreeMap, BTreeSet};

use dock_space::admin::{Kind, Owner, Seen};
use dock_space::config::Unowned;
use dock_space::span::Span;

use super::object::{Object, State};
use super::policy::{AGES, Policy, Wanted};

/// Everything is older than this.
pub(super) const NOW: i64 = 1_700_000_000;
pub(super) const DAY: i64 = 86_400;

pub(super) fn object(kind: Kind, login: Option<&str>, name: &str, state: State) -> Object {
    let old = NOW - 100 * DAY;
    Object {
        kind,
        id: format!("{kind}-{}-{name}", login.unwrap_or("-")),
        owner: login.map(|login| Owner {
            space: format!("u{}", 1000 + login.len()),
            login: login.into(),
        }),
        author: login.map(str::to_owned),
        names: vec![name.to_owned()],
        digests: Vec::new(),
        labels: BTreeMap::new(),
        state,
        built_in: false,
        created: old,
        seen: Seen {
            kind,
            id: String::new(),
            arrived: None,
            used: None,
            idle_since: (state == State::Running).then_some(old),
            ended: (state == State::Ended).then_some(old),
            bytes: Some(10),
            warned: None,
        },
    }
}

pub(super) fn container(login: &str, name: &str) -> Object {
    let mut container = object(Kind::Container, Some(login), name, State::Ended);
    container.created = 900_000_000;
    container
}

pub(super) fn volume(login: &str, name: &str) -> Object {
    object(Kind::Volume, Some(login), name, State::Free)
}

pub(super) fn image(names: &[&str]) -> Object {
    let mut image = object(Kind::Image, None, "", State::Free);
    image.names = names.iter().map(|name| (*name).to_owned()).collect();
    image
}

/// Everything goes after 30 days, at once.
pub(super) fn policy() -> Policy {
    Policy {
        ages: AGES.into_iter().map(|key| (key, Span::days(30))).collect(),
        unowned: Unowned::Remove,
        warn: Span::default(),
        volumes_without_archive: true,
        protected_label: "protected".into(),
        protected: Vec::new(),
        exempt: BTreeSet::new(),
        wanted: Wanted::default(),
    }
}
