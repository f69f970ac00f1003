//! What is to be done, and why. Pure: from what is known to a list.
//!
//! `--dry-run` prints what this makes, and a run does it, no more and no less.

use dock_space::admin::{Kind, Owner};
use dock_space::config::Unowned;
use serde::{Serialize, Serializer};

use super::object::{Object, State};
use super::policy::Policy;
use crate::units;

/// What becomes of one object. Moments are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Stop,
    Remove,
    /// Its owner is warned now.
    Warn {
        until: i64,
    },
    /// Its owner was warned, and has time until then.
    Wait {
        until: i64,
    },
    /// It would go, but for this.
    Keep(Reason),
    /// It has no author.
    Report,
}

/// Why something stays that is old enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    Label,
    Name,
    Exempt,
    NoArchive,
}

impl Action {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Action::Stop => "stop",
            Action::Remove => "remove",
            Action::Warn { .. } => "warn",
            Action::Wait { .. } => "wait",
            Action::Keep(_) => "keep",
            Action::Report => "report",
        }
    }

    /// Whether it changes anything on the engine.
    pub(super) fn is_deed(&self) -> bool {
        matches!(self, Action::Stop | Action::Remove)
    }
}

impl Item {
    /// What becomes of it when its time has come.
    pub(super) fn end(&self) -> &'static str {
        match self.rule {
            "idle" => "stopped",
            _ => "removed",
        }
    }

    /// Why, and when what is warned of comes.
    pub(super) fn reason(&self) -> String {
        match self.until {
            Some(until) => format!(
                "{}; will be {} after {}",
                self.reason,
                self.end(),
                units::local(until)
            ),
            None => self.reason.clone(),
        }
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// One line of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Item {
    pub(super) action: Action,
    pub(super) kind: Kind,
    pub(super) owner: Option<Owner>,
    pub(super) author: Option<String>,
    pub(super) name: String,
    pub(super) id: String,
    /// The key of the configuration that names it.
    pub(super) rule: &'static str,
    /// In words.
    pub(super) reason: String,
    /// The end of the owner's time, of what is warned of and not done yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<i64>,
    /// What is free when it is gone.
    pub(super) bytes: i64,
    /// What an image is to be removed by, one after the other.
    #[serde(skip)]
    pub(super) references: Vec<String>,
}

/// The plan for `objects`, in the order in which it is carried out.
pub(super) fn plan(objects: &[Object], policy: &Policy, now: i64) -> Vec<Item> {
    let mut items: Vec<Item> = objects
        .iter()
        .filter(|object| policy.wanted.fits(object))
        .filter_map(|object| item(object, policy, now))
        .collect();
    // What is stopped is stopped before anything goes; what others have goes after them.
    items.sort_by_key(|item| {
        (
            item.action != Action::Stop,
            item.kind,
            item.owner.is_none(),
            item.owner.clone(),
            item.name.clone(),
            item.id.clone(),
        )
    });
    items
}

fn item(object: &Object, policy: &Policy, now: i64) -> Option<Item> {
    if object.is_unowned() {
        match policy.unowned {
            Unowned::Ignore => return None,
            Unowned::Report if object.built_in => return None,
            Unowned::Report => {
                let reason = "has no author: it was made past dock".to_owned();
                return Some(line(object, Action::Report, "unowned", reason));
            }
            Unowned::Remove => {}
        }
    }
    let (rule, since) = due(object, policy, now)?;
    let reason = reason(object, rule, since, now);
    if let Some(kept) = kept(object, policy) {
        let why = format!("{reason}, but {}", kept.words());
        return Some(line(object, Action::Keep(kept), rule, why));
    }
    let action = match warning(object, policy, rule, now) {
        Some(waiting) => waiting,
        None if object.state == State::Running => Action::Stop,
        None => Action::Remove,
    };
    Some(line(object, action, rule, reason))
}

/// The rule by which it may go, and since when it is of no use.
fn due(object: &Object, policy: &Policy, now: i64) -> Option<(&'static str, i64)> {
    let rules: &[&'static str] = match (object.kind, object.state) {
        (_, State::Busy) => &[],
        (Kind::Container, State::Running) => &["idle"],
        (Kind::Container, _) => &["containers"],
        (Kind::Network, _) => &["networks"],
        (Kind::Volume, _) => &["volumes"],
        (Kind::Image, _) if object.is_dangling() => &["dangling_images", "images"],
        (Kind::Image, _) => &["images"],
    };
    let since = object.rests_since()?;
    let is_old = |rule: &&&str| {
        let age = policy.ages.get(**rule);
        age.is_some_and(|age| now - since >= age.seconds())
    };
    let rule = rules.iter().find(is_old)?;
    Some((rule, since))
}

fn reason(object: &Object, rule: &str, since: i64, now: i64) -> String {
    let long = units::duration(now - since).to_lowercase();
    match rule {
        "idle" => format!("has done nothing for {long}"),
        "containers" if object.seen.ended.is_none() => format!("never ran, made {long} ago"),
        "containers" => format!("stopped {long} ago"),
        "dangling_images" => format!("has no name, unused for {long}"),
        _ => format!("unused for {long}"),
    }
}

/// Why it stays.
fn kept(object: &Object, policy: &Policy) -> Option<Reason> {
    let label = object.labels.get(&policy.protected_label);
    if label.is_some_and(|value| !value.eq_ignore_ascii_case("false")) {
        return Some(Reason::Label);
    }
    if policy.protected.iter().any(|pattern| pattern.fits(object)) {
        return Some(Reason::Name);
    }
    if let Some(owner) = &object.owner
        && policy.exempt.contains(&owner.space)
    {
        return Some(Reason::Exempt);
    }
    (object.kind == Kind::Volume && !policy.volumes_without_archive).then_some(Reason::NoArchive)
}

impl Reason {
    fn words(self) -> &'static str {
        match self {
            Reason::Label => "its label protects it",
            Reason::Name => "the configuration protects it",
            Reason::Exempt => "its owner is exempt",
            Reason::NoArchive => {
                "no archive of it is known here ('dock admin archive' keeps a copy; see volumes_without_archive)"
            }
        }
    }
}

/// What comes before the deed, unless its time is over.
fn warning(object: &Object, policy: &Policy, rule: &str, now: i64) -> Option<Action> {
    if policy.warn.is_zero() {
        return None;
    }
    let warned = object.seen.warned.as_ref();
    match warned.filter(|warned| warned.rule == rule && warned.at <= now) {
        None => Some(Action::Warn {
            until: now + policy.warn.seconds(),
        }),
        Some(warned) => {
            let until = warned.at + policy.warn.seconds();
            (now < until).then_some(Action::Wait { until })
        }
    }
}

fn line(object: &Object, action: Action, rule: &'static str, reason: String) -> Item {
    let until = match &action {
        Action::Warn { until } | Action::Wait { until } => Some(*until),
        _ => None,
    };
    let bytes = match action {
        Action::Remove => object.seen.bytes.unwrap_or_default(),
        _ => 0,
    };
    Item {
        action,
        kind: object.kind,
        owner: object.owner.clone(),
        author: object.author.clone(),
        name: object.name(),
        id: object.id.clone(),
        rule,
        reason,
        until,
        bytes,
        references: references(object),
    }
}

/// An image goes with the last of its references: its tags, and digests of
/// repositories that have no tag. The engine takes the other digests itself.
fn references(object: &Object) -> Vec<String> {
    if object.kind != Kind::Image {
        return Vec::new();
    }
    let repository = |tag: &str| tag.rsplit_once(':').map(|(name, _)| name.to_owned());
    let tagged: Vec<String> = object
        .names
        .iter()
        .filter_map(|tag| repository(tag))
        .collect();
    let alone = object.digests.iter().filter(|digest| {
        let name = digest.split_once('@').map_or("", |(name, _)| name);
        !tagged.iter().any(|tagged| tagged == name)
    });
    let mut references: Vec<String> = object.names.iter().chain(alone).cloned().collect();
    if references.is_empty() {
        references.push(object.id.clone());
    }
    references
}

#[cfg(test)]
mod tests;
