//! What is to go: the configuration, and what the command line makes of it.

use std::collections::{BTreeMap, BTreeSet};

use clap::ArgMatches;
use dock_space::admin::Owner;
use dock_space::config::{Prune, Unowned};
use dock_space::span::Span;
use dock_space::{IdentityError, Person, Space};

use super::object::Object;
use super::pattern::Pattern;
use crate::error::Error;

/// Ages by the key that names them.
pub(super) type Ages = BTreeMap<&'static str, Span>;

/// The keys of ages, as `dock.toml` has them; an option of each has dashes.
pub(super) const AGES: [&str; 6] = [
    "containers",
    "dangling_images",
    "images",
    "volumes",
    "networks",
    "idle",
];

/// All that a plan obeys.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) ages: Ages,
    pub(super) unowned: Unowned,
    /// From the warning to the deed.
    pub(super) warn: Span,
    pub(super) volumes_without_archive: bool,
    pub(super) protected_label: String,
    pub(super) protected: Vec<Pattern>,
    /// Names of spaces whose objects are kept.
    pub(super) exempt: BTreeSet<String>,
    pub(super) wanted: Wanted,
}

/// `--filter`: which objects are looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// Made before.
    pub(super) until: Option<i64>,
    pub(super) owners: Vec<String>,
    pub(super) authors: Vec<String>,
    pub(super) labels: Vec<(String, Option<String>)>,
    pub(super) other_labels: Vec<(String, Option<String>)>,
}

impl Policy {
    /// The configuration with the options laid over it. Options for kinds mean
    /// those kinds alone; what is protected stays protected.
    ///
    /// # Errors
    /// For a filter that is none, and when nothing at all may go.
    pub(super) fn read(config: &Prune, matches: &ArgMatches, now: i64) -> Result<Policy, Error> {
        let asked: Ages = AGES
            .into_iter()
            .filter_map(|key| Some((key, *matches.get_one::<Span>(key)?)))
            .collect();
        let unowned = match matches.get_one::<String>("unowned").map(String::as_str) {
            Some("report") => Unowned::Report,
            Some("remove") => Unowned::Remove,
            Some(_) => Unowned::Ignore,
            None => config.unowned,
        };
        let ages = match asked.is_empty() {
            true => configured(config),
            false => asked,
        };
        if ages.is_empty() && unowned != Unowned::Report {
            return Err(Error::NothingToPrune);
        }
        Ok(Policy {
            ages,
            unowned,
            warn: match matches.get_flag("now") {
                true => Span::default(),
                false => config.warn,
            },
            volumes_without_archive: config.volumes_without_archive,
            protected_label: config.protected_label.clone(),
            protected: config
                .protected
                .iter()
                .map(|text| Pattern::new(text))
                .collect(),
            exempt: BTreeSet::new(),
            wanted: Wanted::read(matches, now)?,
        })
    }

    /// Finds out whose objects are kept; asks NSS.
    pub(super) fn exempt(&mut self, config: &Prune, objects: &[Object]) {
        let owners: BTreeSet<&Owner> = objects
            .iter()
            .filter_map(|object| object.owner.as_ref())
            .collect();
        let exempt = owners.into_iter().filter(|owner| is_exempt(config, owner));
        self.exempt = exempt.map(|owner| owner.space.clone()).collect();
    }
}

fn configured(config: &Prune) -> Ages {
    let ages = [
        config.containers,
        config.dangling_images,
        config.images,
        config.volumes,
        config.networks,
        config.idle,
    ];
    AGES.into_iter()
        .zip(ages)
        .filter_map(|(key, age)| Some((key, age?)))
        .collect()
}

fn is_exempt(config: &Prune, owner: &Owner) -> bool {
    if config.exempt_users.iter().any(|user| owner.is(user)) {
        return true;
    }
    if config.exempt_groups.is_empty() {
        return false;
    }
    let Ok(Space::User(uid)) = owner.space.parse() else {
        return false;
    };
    match Person::look_up(uid) {
        // A uid that was given to somebody else says nothing of the owner.
        Ok(person) if person.login != owner.login => false,
        Ok(person) => config
            .exempt_groups
            .iter()
            .any(|group| person.is_member(group)),
        Err(IdentityError::UnknownUid(_)) => false,
        // Nobody can say now whether they are kept: so they are.
        Err(_) => true,
    }
}

impl Wanted {
    fn read(matches: &ArgMatches, now: i64) -> Result<Wanted, Error> {
        let mut wanted = Wanted::default();
        let filters = matches.get_many::<String>("filter");
        for filter in filters.into_iter().flatten() {
            wanted
                .add(filter, now)
                .ok_or_else(|| Error::Filter(filter.clone()))?;
        }
        Ok(wanted)
    }

    fn add(&mut self, filter: &str, now: i64) -> Option<()> {
        let (key, value) = filter.split_once('=')?;
        let label = || {
            let (name, value) = match value.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (value, None),
            };
            (!name.is_empty()).then(|| (name.to_owned(), value))
        };
        match key.trim() {
            "until" => {
                let moment = moment(value, now)?;
                self.until = Some(self.until.unwrap_or(moment).min(moment));
            }
            "owner" => self.owners.push(value.to_owned()),
            "author" => self.authors.push(value.to_owned()),
            "label" => self.labels.push(label()?),
            "label!" => self.other_labels.push(label()?),
            _ => return None,
        }
        Some(())
    }

    /// Whether `object` is looked at.
    pub(super) fn fits(&self, object: &Object) -> bool {
        let has = |(name, value): &(String, Option<String>)| {
            let found = object.labels.get(name);
            found.is_some_and(|found| value.as_ref().is_none_or(|value| value == found))
        };
        let owned = |typed: &String| match &object.owner {
            Some(owner) => owner.is(typed),
            None => typed == "-",
        };
        let by = |author: &String| object.author.as_ref() == Some(author);
        self.until.is_none_or(|until| object.created < until)
            && (self.owners.is_empty() || self.owners.iter().any(owned))
            && (self.authors.is_empty() || self.authors.iter().any(by))
            && self.labels.iter().all(has)
            && !self.other_labels.iter().any(has)
    }
}

/// `30d`, `24h`: so long ago; a date, or a date and a time; seconds since 1970.
fn moment(text: &str, now: i64) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds);
    }
    if let Ok(span) = text.parse::<Span>() {
        return Some(now - span.seconds());
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(moment.as_second());
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned_datetime(jiff::tz::TimeZone::system()).ok()?;
    Some(zoned.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn moments_are_spans_dates_and_seconds() {
        for (text, expected) in [
            ("24h", Some(1_000_000 - 86_400)),
            ("1d", Some(1_000_000 - 86_400)),
            ("1970-01-02T00:00:00Z", Some(86_400)),
            ("12345", Some(12_345)),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(moment(text, 1_000_000), expected, "{text}");
        }
        assert!(moment("2026-01-31", 0).is_some() && moment("2026-01-31T12:00:00", 0).is_some());
    }

    #[test]
    fn filters_choose_by_owner_author_label_and_age() {
        let mut web = samples::container("alice", "web");
        web.labels.insert("tier".into(), "1".into());
        let fits = |filters: &[&str]| {
            let mut wanted = Wanted::default();
            for filter in filters {
                wanted.add(filter, 1_000_000_000).unwrap();
            }
            wanted.fits(&web)
        };
        for yes in [
            &[][..],
            &["owner=alice"],
            &["owner=bob", "owner=u1005"],
            &["author=alice"],
            &["label=tier"],
            &["label=tier=1", "label!=tier=2"],
            &["until=1h"],
        ] {
            assert!(fits(yes), "{yes:?}");
        }
        for no in [
            &["owner=bob"][..],
            &["owner=-"],
            &["author=bob"],
            &["label=tier=2"],
            &["label=tier", "label=other"],
            &["label!=tier"],
            &["until=100"],
        ] {
            assert!(!fits(no), "{no:?}");
        }
        for wrong in ["x=1", "owner", "label=", "until=x", "label!==x"] {
            assert!(Wanted::default().add(wrong, 0).is_none(), "{wrong}");
        }
    }
}
