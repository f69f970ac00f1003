//! What `dock admin prune` removes, and after how long.

use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;
use crate::span::{self, Span};

/// `[prune]`: nothing is removed that it does not name, and as it stands it names nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prune {
    /// Whether the timer's run does anything.
    pub enabled: bool,
    /// Containers that stopped so long ago.
    #[serde(deserialize_with = "span::perhaps")]
    pub containers: Option<Span>,
    /// Images without a name that no container has had for so long.
    #[serde(deserialize_with = "span::perhaps")]
    pub dangling_images: Option<Span>,
    /// Images that no container has had for so long.
    #[serde(deserialize_with = "span::perhaps")]
    pub images: Option<Span>,
    /// Volumes that no container has had for so long.
    #[serde(deserialize_with = "span::perhaps")]
    pub volumes: Option<Span>,
    /// Whether a volume may go although nobody has an archive of it.
    pub volumes_without_archive: bool,
    /// Networks that no container has had for so long.
    #[serde(deserialize_with = "span::perhaps")]
    pub networks: Option<Span>,
    /// Containers that run and have done nothing for so long: they are stopped.
    #[serde(deserialize_with = "span::perhaps")]
    pub idle: Option<Span>,
    /// What becomes of objects without an author.
    pub unowned: Unowned,
    /// From the warning to the deed; 0: nobody is warned.
    pub warn: Span,
    /// The label that keeps an object, whatever its value but `false`.
    pub protected_label: String,
    /// Objects that are kept: `"alice/*"`, `"*/db"`, `"volume:bob/data"`.
    pub protected: Vec<String>,
    /// Logins whose objects are kept.
    pub exempt_users: Vec<String>,
    /// Groups whose members' objects are kept.
    pub exempt_groups: Vec<String>,
    /// A program that is told of each owner's part; empty: none.
    pub hook: PathBuf,
}

/// What becomes of objects without an author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unowned {
    /// They are listed and kept.
    Report,
    /// They go as everybody's do.
    Remove,
    /// They are kept and not spoken of.
    #[default]
    Ignore,
}

impl Default for Prune {
    fn default() -> Prune {
        Prune {
            enabled: false,
            containers: None,
            dangling_images: None,
            images: None,
            volumes: None,
            volumes_without_archive: false,
            networks: None,
            idle: None,
            unowned: Unowned::default(),
            warn: Span::days(3),
            protected_label: "protected".into(),
            protected: Vec::new(),
            exempt_users: Vec::new(),
            exempt_groups: Vec::new(),
            hook: PathBuf::new(),
        }
    }
}

impl Prune {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !self.hook.as_os_str().is_empty() && !self.hook.is_absolute() {
            let why = "must be an absolute path".into();
            return Err(ConfigError::Value("prune.hook", why));
        }
        if self.protected_label.is_empty() {
            let why = "must be the name of a label".into();
            return Err(ConfigError::Value("prune.protected_label", why));
        }
        if self.protected.iter().any(String::is_empty) {
            let why = "holds an empty pattern".into();
            return Err(ConfigError::Value("prune.protected", why));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_spans_and_an_empty_one_is_off() {
        let prune: Prune =
            toml::from_str("containers = \"30d\"\nimages = \"\"\nunowned = \"report\"").unwrap();
        assert_eq!(prune.containers, Some(Span::days(30)));
        assert_eq!(prune.images, None);
        assert_eq!(prune.unowned, Unowned::Report);
        for wrong in [
            "containers = \"30\"",
            "containers = 30",
            "warn = \"\"",
            "unowned = \"x\"",
            "container = \"1d\"",
        ] {
            assert!(toml::from_str::<Prune>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_an_error() {
        let check = |text: &str| toml::from_str::<Prune>(text).unwrap().check();
        assert!(check("hook = \"/usr/local/bin/tell\"").is_ok());
        assert!(check("protected = [\"*/db\"]").is_ok());
        for wrong in [
            "hook = \"tell\"",
            "protected_label = \"\"",
            "protected = [\"\"]",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
