//! Which file says what: where the value of a key comes from.
//!
//! The same files in the same order as [`super::Config::load`] reads them; the
//! layers of a person in the order in which they are folded.

use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::{ConfigError, files, line_at, read_root_owned, syntax};
use crate::identity::Person;

/// The place that decided about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub file: PathBuf,
    pub line: usize,
    /// `groups.students`
    pub table: String,
}

/// Every key that is said anywhere.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    said: Vec<Said>,
}

/// One key in one file.
#[derive(Clone, Debug)]
struct Said {
    /// `["groups", "students", "containers", "memory"]`
    path: Vec<String>,
    file: PathBuf,
    line: usize,
}

impl Origins {
    /// # Errors
    /// As [`super::Config::load`], as far as files can be unsafe or no TOML.
    pub fn load(directory: &Path) -> Result<Origins, ConfigError> {
        let mut origins = Origins::default();
        for path in files(directory)? {
            origins.read(&path, &read_root_owned(&path)?)?;
        }
        Ok(origins)
    }

    fn read(&mut self, file: &Path, text: &str) -> Result<(), ConfigError> {
        let table = DeTable::parse(text).map_err(|error| syntax(file, text, &error))?;
        self.add(file, text, &mut Vec::new(), table.get_ref());
        Ok(())
    }

    fn add(&mut self, file: &Path, text: &str, path: &mut Vec<String>, table: &DeTable<'_>) {
        for (key, value) in table {
            path.push(key.get_ref().to_string());
            match value.get_ref() {
                DeValue::Table(table) => self.add(file, text, path, table),
                _ => self.said.push(Said {
                    path: path.clone(),
                    file: file.to_owned(),
                    line: line_at(text, key.span().start),
                }),
            }
            path.pop();
        }
    }

    /// Where `key` of `table` (`images`, `network`, ...) is set; none: nowhere, so
    /// it is what dock has built in.
    pub fn of(&self, table: &str, key: &str) -> Option<Origin> {
        self.last(&[table], key)
    }

    /// Where `key` (`author`, `containers.memory`) is set for `person`.
    pub fn for_person(&self, person: &Person, key: &str) -> Option<Origin> {
        let of_user = self.last(&["users", &person.login], key);
        of_user
            .or_else(|| {
                let mut groups: Vec<&str> = self.groups();
                groups.retain(|group| person.is_member(group));
                // Of several the last by name wins.
                groups.sort_unstable();
                let mut groups = groups.into_iter().rev();
                groups.find_map(|group| self.last(&["groups", group], key))
            })
            .or_else(|| self.last(&["defaults"], key))
    }

    /// The groups that have a layer, some of them several times.
    fn groups(&self) -> Vec<&str> {
        let said = self.said.iter();
        said.filter_map(|said| match said.path.as_slice() {
            [first, group, _, ..] if first == "groups" => Some(group.as_str()),
            _ => None,
        })
        .collect()
    }

    /// The last place that says `key` of a table, or a part of it.
    fn last(&self, table: &[&str], key: &str) -> Option<Origin> {
        let wanted: Vec<&str> = table.iter().copied().chain(key.split('.')).collect();
        let fits = |said: &&Said| {
            said.path.len() >= wanted.len() && said.path.iter().zip(&wanted).all(|(a, b)| a == b)
        };
        let found = self.said.iter().rev().find(fits)?;
        Some(Origin {
            file: found.file.clone(),
            line: found.line,
            table: table.join("."),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Group, Uid};
    use crate::rule;

    fn alice(groups: &[&str]) -> Person {
        Person {
            uid: Uid(1001),
            login: "alice".into(),
            full_name: String::new(),
            home: "/home/alice".into(),
            gid: 1001,
            groups: groups
                .iter()
                .map(|name| Group {
                    gid: 1,
                    name: (*name).to_owned(),
                })
                .collect(),
        }
    }

    fn origins() -> Origins {
        let mut origins = Origins::default();
        for (file, text) in [
            (
                "dock.toml",
                "[images]\nregistries = [\"a\"]\n\n[defaults.containers]\nmemory = 1\ncpus = 2.0\n\
                 [groups.b.containers]\nmemory = 2\n[groups.a]\ncontainers = { memory = 3, ulimits = { nofile = 1 } }\n",
            ),
            (
                "10.toml",
                "[groups.a.containers.ulimits]\ncore = 1\n[users.alice.containers]\npids_limit = 9\n[images]\nregistries = []\n",
            ),
            ("20.toml", "[defaults.containers]\nmemory = 4\n"),
        ] {
            origins.read(Path::new(file), text).unwrap();
        }
        origins
    }

    fn place(origin: Option<Origin>) -> Option<String> {
        let Origin { file, line, table } = origin?;
        Some(format!("{}:{line} [{table}]", file.display()))
    }

    #[test]
    fn a_key_comes_from_the_last_layer_and_the_last_file_that_says_it() {
        let origins = origins();
        for (groups, key, expected) in [
            (&[][..], "containers.memory", Some("20.toml:2 [defaults]")),
            (&[], "containers.cpus", Some("dock.toml:6 [defaults]")),
            (&[], "containers.shm_size", None),
            (&["a"], "containers.memory", Some("dock.toml:10 [groups.a]")),
            (
                &["b", "a"],
                "containers.memory",
                Some("dock.toml:8 [groups.b]"),
            ),
            (&["a"], "containers.ulimits", Some("10.toml:2 [groups.a]")),
            (
                &["a"],
                "containers.pids_limit",
                Some("10.toml:4 [users.alice]"),
            ),
            (&[], "author", None),
        ] {
            let found = place(origins.for_person(&alice(groups), key));
            assert_eq!(found.as_deref(), expected, "{groups:?} {key}");
        }
        let found = place(origins.of("images", "registries"));
        assert_eq!(found.as_deref(), Some("10.toml:6 [images]"));
        assert_eq!(origins.of("images", "repositories"), None);
    }

    /// What is folded is what the origins say: the two must not come apart.
    #[test]
    fn the_origin_is_where_the_folded_value_stands() {
        let texts = [
            "[defaults.containers]\nmemory = 1\n[groups.b.containers]\nmemory = 2\n",
            "[groups.a.containers]\nmemory = 3\n[users.alice.containers]\nmemory = 4\n",
        ];
        for (groups, login, line) in [
            (&[][..], "bob", "a:2"),
            (&["a"], "bob", "b:2"),
            (&["a", "b"], "bob", "a:4"),
            (&["a", "b"], "alice", "b:4"),
        ] {
            let person = Person {
                login: login.into(),
                ..alice(groups)
            };
            let mut origins = Origins::default();
            let mut merged = toml::Table::new();
            for (file, text) in ["a", "b"].iter().zip(texts) {
                origins.read(Path::new(file), text).unwrap();
                super::super::merge(&mut merged, text.parse().unwrap());
            }
            let config: super::super::Config = merged.try_into().unwrap();
            let origin = origins.for_person(&person, "containers.memory").unwrap();
            let found = format!("{}:{}", origin.file.display(), origin.line);
            assert_eq!(found, line, "{groups:?} {login}");
            let (at, number) = line.split_once(':').unwrap();
            let text = texts[usize::from(at == "b")];
            let said = text
                .lines()
                .nth(number.parse::<usize>().unwrap() - 1)
                .unwrap();
            let memory = config.settings_for(&person).memory;
            assert_eq!(said, format!("memory = {memory}"));
        }
    }

    #[test]
    fn every_key_that_widens_a_rule_has_a_table() {
        for key in rule::rows().flat_map(|row| row.widened_by) {
            let (table, key) = super::super::table_of(key);
            let (_, last) = key.rsplit_once('.').unwrap_or(("", &key));
            // Of another type than any key has, but known.
            let text = format!("[{table}]\n{key} = 1970-01-01\n");
            let error = toml::from_str::<super::super::Config>(&text).unwrap_err();
            let unknown = format!("unknown field `{last}`");
            assert!(!error.message().contains(&unknown), "{text}: {error}");
        }
    }
}
