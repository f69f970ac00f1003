//! Where archives go, how they are made, and how long they are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ConfigError;
use crate::settings::size;

/// `[archive]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Archive {
    /// Where archives go when nobody says: a target's name, or a folder.
    pub target: String,
    /// What containers do while they are read.
    pub mode: Mode,
    /// Those who can open what is written, as age calls them; empty: everybody
    /// who can read the file.
    pub encrypt: Vec<String>,
    /// Bytes a second to and from a target (`"20m"`); empty: no limit.
    pub bandwidth: String,
    /// How many archives of one space are kept: the newest ones, and the newest
    /// one of each day, week, month and year. All 0: every one.
    pub keep_last: u32,
    pub keep_daily: u32,
    pub keep_weekly: u32,
    pub keep_monthly: u32,
    pub keep_yearly: u32,
    pub schedule: Schedule,
    pub targets: BTreeMap<String, Target>,
}

/// What containers do while they are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// They are stopped, and started again.
    Stop,
    /// They stand still.
    #[default]
    Pause,
    /// They go on.
    Live,
}

/// `[archive.schedule]`: what `dock admin archive --scheduled` does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// Days from one archive of a space to the next; 0: none is made.
    pub days: u32,
    /// Logins whose spaces are archived; empty: everybody's.
    pub users: Vec<String>,
    /// Logins whose spaces are not.
    pub exempt: Vec<String>,
}

/// `[archive.targets.NAME]`: a folder here, one on another machine, or a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Target {
    /// A folder; of `host` where that is said, with `bucket` the beginning of keys.
    pub folder: PathBuf,
    /// `user@machine` or `user@machine:port`, which is reached by the host's own ssh.
    pub host: String,
    /// The private key for `host`; empty: what ssh itself finds.
    pub key: PathBuf,
    /// The file of known machines; empty: ssh's own.
    pub known_hosts: PathBuf,
    /// The bucket of an S3-compatible service.
    pub bucket: String,
    /// The service's URL.
    pub endpoint: String,
    pub region: String,
    /// A file with `aws_access_key_id` and `aws_secret_access_key`, which nobody
    /// but its owner may read.
    pub credentials: PathBuf,
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    Folder(&'a Path),
    Machine(&'a Target),
    Bucket(&'a Target),
}

impl Target {
    /// What it is. [`Archive::check`] has seen to it that it is one of them.
    pub fn place(&self) -> Place<'_> {
        match (self.host.is_empty(), self.bucket.is_empty()) {
            (false, _) => Place::Machine(self),
            (_, false) => Place::Bucket(self),
            _ => Place::Folder(&self.folder),
        }
    }

    fn check(&self) -> Result<(), &'static str> {
        let is_machine = !self.host.is_empty();
        let is_bucket = !self.bucket.is_empty();
        let has_folder = !self.folder.as_os_str().is_empty();
        let empty = |path: &PathBuf| path.as_os_str().is_empty();
        if is_machine && is_bucket {
            return Err("is a machine and a bucket at once");
        }
        if !is_bucket && !has_folder {
            return Err("names no folder");
        }
        let has_keys = !empty(&self.key) || !empty(&self.known_hosts);
        if has_keys && !is_machine {
            return Err("has a key or known hosts without a host");
        }
        let has_service =
            !self.endpoint.is_empty() || !self.region.is_empty() || !empty(&self.credentials);
        if has_service && !is_bucket {
            return Err("has an endpoint, a region or credentials without a bucket");
        }
        if is_bucket && empty(&self.credentials) {
            return Err("has no credentials");
        }
        // Words of ssh's command line, not options.
        if self.host.starts_with('-') || self.host.contains(char::is_whitespace) {
            return Err("has a host that is none");
        }
        let is_absolute = |path: &PathBuf| empty(path) || path.is_absolute();
        let paths = [&self.key, &self.known_hosts, &self.credentials];
        let is_local = !is_machine && !is_bucket;
        if !paths.into_iter().all(is_absolute) || is_local && !self.folder.is_absolute() {
            return Err("has a path that is not absolute");
        }
        Ok(())
    }
}

impl Archive {
    /// Bytes a second.
    pub fn bandwidth(&self) -> Option<u64> {
        size(&self.bandwidth)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !self.bandwidth.is_empty() && self.bandwidth().is_none_or(|rate| rate == 0) {
            let why = format!("\"{}\" is no size, as \"20m\" is", self.bandwidth);
            return Err(ConfigError::Value("archive.bandwidth", why));
        }
        if self.encrypt.iter().any(|text| !text.starts_with("age1")) {
            let why = "holds what is no recipient of age's, as \"age1...\" is".into();
            return Err(ConfigError::Value("archive.encrypt", why));
        }
        for (name, target) in &self.targets {
            if name.is_empty() || name.contains(['/', ':']) {
                let why = format!("\"{name}\" is no name of a target");
                return Err(ConfigError::Value("archive.targets", why));
            }
            if let Err(why) = target.check() {
                return Err(ConfigError::Value(
                    "archive.targets",
                    format!("\"{name}\" {why}"),
                ));
            }
        }
        let is_known = self.target.is_empty()
            || self.target.starts_with('/')
            || self.targets.contains_key(&self.target);
        if !is_known {
            let why = format!(
                "\"{}\" is neither a target nor an absolute path",
                self.target
            );
            return Err(ConfigError::Value("archive.target", why));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Archive, String> {
        let archive: Archive = toml::from_str(text).map_err(|error| error.to_string())?;
        archive.check().map_err(|error| error.to_string())?;
        Ok(archive)
    }

    #[test]
    fn a_target_is_a_folder_a_machine_or_a_bucket() {
        let archive = check(
            "target = \"nas\"\n[targets.nas]\nhost = \"dock@nas:22\"\nfolder = \"archives\"\n\
             [targets.s3]\nbucket = \"b\"\ncredentials = \"/etc/dock/s3\"\n\
             [targets.here]\nfolder = \"/srv\"\n",
        )
        .unwrap();
        let place = |name: &str| archive.targets[name].place();
        assert!(matches!(place("nas"), Place::Machine(_)));
        assert!(matches!(place("s3"), Place::Bucket(_)));
        assert_eq!(place("here"), Place::Folder(Path::new("/srv")));
    }

    #[test]
    fn what_cannot_be_meant_is_an_error() {
        for right in [
            "target = \"/srv\"",
            "bandwidth = \"20m\"",
            "mode = \"stop\"",
        ] {
            assert!(check(right).is_ok(), "{right}");
        }
        for wrong in [
            "target = \"nas\"",
            "target = \"./here\"",
            "bandwidth = \"fast\"",
            "bandwidth = \"0\"",
            "mode = \"x\"",
            "encrypt = [\"ssh-rsa x\"]",
            "[targets.x]",
            "[targets.x]\nfolder = \"y\"",
            "[targets.x]\nfolder = \"/y\"\nkey = \"/k\"",
            "[targets.x]\nfolder = \"/y\"\nregion = \"r\"",
            "[targets.x]\nbucket = \"b\"",
            "[targets.x]\nbucket = \"b\"\ncredentials = \"c\"",
            "[targets.x]\nhost = \"-oProxyCommand=x\"\nfolder = \"/y\"",
            "[targets.x]\nhost = \"h\"\nbucket = \"b\"\nfolder = \"/y\"\ncredentials = \"/c\"",
            "[targets.\"a/b\"]\nfolder = \"/y\"",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
