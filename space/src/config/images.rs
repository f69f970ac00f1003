//! Which images may be pulled, and how much at a time.

use serde::Deserialize;

use super::ConfigError;
use crate::image::Reference;
use crate::settings::size;

/// `[images]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Images {
    /// The registries that images may be pulled from, as they stand in a
    /// reference (`"docker.io"`, `"localhost:5000"`); empty: all but this host.
    pub registries: Vec<String>,
    /// The repositories that may be pulled (`"docker.io/library/python"`,
    /// `"quay.io/jupyter/*"`); empty: every one of those registries.
    pub repositories: Vec<String>,
    /// What one pull may download (`"20g"`); empty: no limit.
    pub max_download: String,
    /// How many pulls a person may have at a time; 0: no limit.
    pub max_pulls: u32,
}

impl Default for Images {
    fn default() -> Images {
        Images {
            registries: Vec::new(),
            repositories: Vec::new(),
            max_download: String::new(),
            max_pulls: 4,
        }
    }
}

impl Images {
    /// Bytes that one pull may download.
    pub fn max_download(&self) -> Option<u64> {
        size(&self.max_download)
    }

    /// Whether the repository of `reference` is one of those that may be pulled.
    pub fn is_listed(&self, reference: &Reference) -> bool {
        let name = format!("{}/{}", reference.domain, reference.path);
        self.repositories.is_empty()
            || self
                .repositories
                .iter()
                .any(|listed| match listed.strip_suffix('*') {
                    Some(start) => name.starts_with(start),
                    None => *listed == name,
                })
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !self.max_download.is_empty() && self.max_download().is_none() {
            let why = format!("\"{}\" is no size, as \"20g\" is", self.max_download);
            return Err(ConfigError::Value("images.max_download", why));
        }
        // `python` would never fit: the whole name is what is compared.
        match self
            .repositories
            .iter()
            .find(|listed| !listed.contains('/'))
        {
            Some(listed) => Err(ConfigError::Value(
                "images.repositories",
                format!(
                    "\"{listed}\" does not begin with a registry, as \"docker.io/library/python\" does"
                ),
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_listed_by_its_whole_name_or_its_start() {
        let images = Images {
            repositories: vec![
                "docker.io/library/python".into(),
                "quay.io/jupyter/*".into(),
            ],
            ..Images::default()
        };
        let is_listed = |text: &str| images.is_listed(&Reference::parse(text).unwrap());
        for listed in [
            "python",
            "python:3.12",
            "docker.io/library/python",
            "quay.io/jupyter/base",
        ] {
            assert!(is_listed(listed), "{listed}");
        }
        for other in [
            "python2",
            "evil/python",
            "quay.io/jupyterx/base",
            "quay.io/library/python",
        ] {
            assert!(!is_listed(other), "{other}");
        }
        assert!(Images::default().is_listed(&Reference::parse("any").unwrap()));
    }

    #[test]
    fn a_limit_that_is_no_size_is_an_error() {
        let with = |text: &str| Images {
            max_download: text.into(),
            ..Images::default()
        };
        assert_eq!(with("2k").max_download(), Some(2048));
        assert!(with("2g").check().is_ok() && with("").check().is_ok());
        assert!(with("much").check().is_err());
    }
}
