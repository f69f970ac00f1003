//! The keys of the configuration that decide, their values for one person, and
//! where each is set.

use std::collections::BTreeMap;
use std::fmt::Display;

use dock_space::Person;
use dock_space::admin::{Explained, Outcome};
use dock_space::config::{Config, Origin, Origins, table_of};
use dock_space::rule;
use dock_space::settings::Settings;
use serde::Serialize;

use super::report::Step;
use crate::units;

/// One key, as it holds for the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Key {
    /// `containers.memory`, `images.registries`
    pub(super) key: String,
    pub(super) value: String,
    /// None where nobody set it: the value is built in.
    pub(super) file: Option<String>,
    pub(super) line: Option<usize>,
    /// `groups.students`
    pub(super) table: Option<String>,
}

impl Key {
    fn new(key: String, value: String, origin: Option<Origin>) -> Key {
        let (file, line, table) = match origin {
            Some(Origin { file, line, table }) => {
                (Some(file.display().to_string()), Some(line), Some(table))
            }
            None => (None, None, None),
        };
        Key {
            key,
            value,
            file,
            line,
            table,
        }
    }

    /// `/etc/dock/dock.toml:3 [groups.students]`, or `built in`.
    pub(super) fn origin(&self) -> String {
        match (&self.file, &self.line, &self.table) {
            (Some(file), Some(line), Some(table)) => format!("{file}:{line} [{table}]"),
            _ => "built in".into(),
        }
    }
}

/// What holds for one person.
pub(super) struct Keys<'a> {
    config: &'a Config,
    person: &'a Person,
    origins: &'a Origins,
    /// Values by the names of their keys.
    values: BTreeMap<&'static str, String>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(config: &'a Config, person: &'a Person, origins: &'a Origins) -> Keys<'a> {
        let mut values = of_settings(&config.settings_for(person));
        values.append(&mut of_host(config));
        Keys {
            config,
            person,
            origins,
            values,
        }
    }

    /// A step with what decides it: the keys that widen the rule that refuses it,
    /// or the ceilings and forced values of what is allowed.
    pub(super) fn decide(&self, explained: Explained) -> Step {
        let names = match explained.outcome {
            Outcome::Refused => widening(&explained.rule),
            Outcome::Allowed => ceilings(&explained.verb).to_vec(),
            Outcome::Fails => Vec::new(),
        };
        let keys = names.into_iter().filter_map(|name| self.key(name));
        Step {
            keys: keys.collect(),
            explained,
        }
    }

    /// A key of `[access]`.
    pub(super) fn of_access(&self, name: &str) -> Option<Key> {
        let value = self.values.get(name)?.clone();
        let origin = self.origins.of("access", name);
        Some(Key::new(format!("access.{name}"), value, origin))
    }

    /// The layers of dock.toml that hold for the person, in the order in which
    /// they are laid over each other.
    pub(super) fn layers(&self) -> Vec<String> {
        let groups = self.config.groups.keys();
        let groups = groups.filter(|group| self.person.is_member(group));
        let mut layers = vec!["defaults".to_owned()];
        layers.extend(groups.map(|group| format!("groups.{group}")));
        if self.config.users.contains_key(&self.person.login) {
            layers.push(format!("users.{}", self.person.login));
        }
        layers
    }

    fn key(&self, name: &str) -> Option<Key> {
        let value = self.values.get(name)?.clone();
        if matches!(name, "author" | "organisation") {
            let origin = self.origins.for_person(self.person, name);
            return Some(Key::new(name.to_owned(), value, origin));
        }
        Some(match table_of(name) {
            ("defaults", key) => {
                let origin = self.origins.for_person(self.person, &key);
                Key::new(key, value, origin)
            }
            (table, key) => {
                let origin = self.origins.of(table, &key);
                Key::new(format!("{table}.{key}"), value, origin)
            }
        })
    }
}

/// The keys with which an administrator allows more, each once.
fn widening(rule: &str) -> Vec<&'static str> {
    let mut keys = Vec::new();
    for key in rule::rows_of(rule).flat_map(|row| row.widened_by) {
        if !keys.contains(key) {
            keys.push(*key);
        }
    }
    keys
}

/// The keys that say what an allowed step may have.
fn ceilings(verb: &str) -> &'static [&'static str] {
    match verb {
        "container.create" => &[
            "author",
            "organisation",
            "memory",
            "cpus",
            "pids_limit",
            "shm_size",
            "ulimits",
            "cap_add",
            "devices",
            "runtimes",
            "sysctls",
            "log_drivers",
            "log_max_size",
            "log_max_file",
            "publish_addresses",
            "first_port",
            "max_ports",
        ],
        "container.update" => &["memory", "cpus", "pids_limit"],
        "image.pull" => &["registries", "repositories", "max_download", "max_pulls"],
        "network.create" => &["author", "organisation", "user_subnets", "pool6"],
        "volume.create" => &["author", "organisation", "shm_size"],
        _ => &[],
    }
}

/// Every field is named: a new one does not compile until it is shown here.
fn of_settings(settings: &Settings) -> BTreeMap<&'static str, String> {
    let Settings {
        author,
        organisation,
        cap_add,
        devices,
        runtimes,
        sysctls,
        log_drivers,
        log_max_size,
        log_max_file,
        pids_limit,
        memory,
        cpus,
        shm_size,
        ulimits,
        publish_addresses,
        first_port,
        max_ports,
    } = settings;
    let cpus = match *cpus {
        0.0 => UNLIMITED.to_owned(),
        cpus => cpus.to_string(),
    };
    let ulimits: Vec<String> = ulimits
        .iter()
        .map(|(name, limit)| match limit {
            -1 => format!("{name}=unlimited"),
            limit => format!("{name}={limit}"),
        })
        .collect();
    BTreeMap::from([
        ("author", author.clone()),
        (
            "organisation",
            organisation.clone().unwrap_or_else(|| "none".into()),
        ),
        ("cap_add", list(cap_add, "none")),
        ("devices", list(devices, "none")),
        ("runtimes", list(runtimes, "none")),
        ("sysctls", list(sysctls, "none")),
        ("log_drivers", list(log_drivers, "none")),
        ("log_max_size", log_max_size.clone()),
        ("log_max_file", log_max_file.to_string()),
        ("pids_limit", pids_limit.to_string()),
        ("memory", ceiling(*memory)),
        ("cpus", cpus),
        ("shm_size", ceiling(*shm_size)),
        ("ulimits", ulimits.join(", ")),
        ("publish_addresses", list(publish_addresses, "every one")),
        ("first_port", first_port.to_string()),
        ("max_ports", max_ports.to_string()),
    ])
}

/// What holds for everybody on this host.
fn of_host(config: &Config) -> BTreeMap<&'static str, String> {
    let (access, images, network) = (&config.access, &config.images, &config.network);
    let download = match images.max_download.is_empty() {
        true => UNLIMITED.to_owned(),
        false => images.max_download.clone(),
    };
    let pulls = match images.max_pulls {
        0 => UNLIMITED.to_owned(),
        pulls => pulls.to_string(),
    };
    let pool6 = network
        .pool6
        .map_or_else(|| "none".into(), |pool| pool.to_string());
    BTreeMap::from([
        ("group", access.group.clone()),
        ("first_uid", access.first_uid.to_string()),
        ("system_uids", list(&access.system_uids, "none")),
        ("registries", list(&images.registries, "all but this host")),
        ("repositories", list(&images.repositories, "every one")),
        ("max_download", download),
        ("max_pulls", pulls),
        ("user_subnets", list(&network.user_subnets, "none")),
        ("pool6", pool6),
    ])
}

const UNLIMITED: &str = "no ceiling";

fn ceiling(bytes: i64) -> String {
    match bytes {
        0 => UNLIMITED.into(),
        bytes => units::binary(bytes),
    }
}

fn list<T: Display>(values: &[T], empty: &str) -> String {
    if values.is_empty() {
        return empty.to_owned();
    }
    let values: Vec<String> = values.iter().map(T::to_string).collect();
    values.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;

    fn person() -> Person {
        Person {
            uid: Uid(1001),
            login: "alice".into(),
            full_name: String::new(),
            home: "/home/alice".into(),
            gid: 1001,
            groups: Vec::new(),
        }
    }

    fn step(outcome: Outcome, verb: &str, rule: &str) -> Explained {
        Explained {
            outcome,
            verb: verb.into(),
            object: String::new(),
            reads: false,
            what: String::new(),
            why: String::new(),
            instead: String::new(),
            rule: rule.into(),
            facts: Vec::new(),
        }
    }

    #[test]
    fn every_key_that_decides_has_a_value() {
        let (config, person, origins) = (Config::default(), person(), Origins::default());
        let keys = Keys::new(&config, &person, &origins);
        for rule in rule::ids() {
            let found = keys.decide(step(Outcome::Refused, "", rule)).keys;
            assert_eq!(found.len(), widening(rule).len(), "{rule}");
        }
        for verb in [
            "container.create",
            "container.update",
            "image.pull",
            "network.create",
            "volume.create",
        ] {
            let found = keys.decide(step(Outcome::Allowed, verb, "")).keys;
            assert_eq!(found.len(), ceilings(verb).len(), "{verb}");
            assert!(found.iter().all(|key| key.origin() == "built in"));
        }
        for name in ["group", "first_uid", "system_uids"] {
            assert!(keys.of_access(name).is_some());
        }
    }

    #[test]
    fn values_are_written_for_people() {
        let (config, person, origins) = (Config::default(), person(), Origins::default());
        let keys = Keys::new(&config, &person, &origins);
        let value = |name: &str| keys.key(name).unwrap();
        assert_eq!(value("memory").value, "no ceiling");
        assert_eq!(value("memory").key, "containers.memory");
        assert_eq!(value("shm_size").value, "8GiB");
        assert_eq!(value("registries").key, "images.registries");
        assert_eq!(value("pool6").key, "network.pool6");
    }
}
