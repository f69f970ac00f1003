//! `/etc/dock/dock.toml` and `/etc/dock/conf.d/*.toml`.
//!
//! Both programs read the same files with the same rules. A file that is not
//! root's, that others can write, or that holds an unknown key makes the whole
//! configuration unusable: the gate then refuses every request with the reason.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::Deserialize;

mod archive;
mod images;
mod network;
mod origin;
mod prune;

pub use archive::{Archive, Mode, Place, Schedule, Target};
pub use images::Images;
pub use network::Network;
pub use origin::{Origin, Origins};
pub use prune::{Prune, Unowned};

use crate::identity::Person;
use crate::settings::{Layer, Settings};

/// Where the configuration lives.
pub const DIRECTORY: &str = "/etc/dock";

/// The largest file that is read: a guard against a mistake, not a limit to plan with.
const MAX_BYTES: u64 = 1 << 20;

/// The configuration as read, not yet folded for one person.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    pub engine: Engine,
    pub access: Access,
    pub network: Network,
    pub cgroup: Cgroup,
    pub audit: Audit,
    pub images: Images,
    pub prune: Prune,
    pub archive: Archive,
    /// What holds for everybody.
    pub defaults: Layer,
    /// What holds for the members of a group, in the order of the names.
    pub groups: BTreeMap<String, Layer>,
    /// What holds for one login.
    pub users: BTreeMap<String, Layer>,
}

/// `[engine]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Engine {
    /// The socket of dockerd.
    pub socket: PathBuf,
    /// The real docker CLI; empty: looked for in [`DOCKER_PLACES`].
    pub docker: PathBuf,
}

/// Where the real docker CLI is looked for, in this order.
pub const DOCKER_PLACES: [&str; 2] = ["/usr/bin/docker", "/usr/local/bin/docker"];

impl Default for Engine {
    fn default() -> Engine {
        Engine {
            socket: "/var/run/docker.sock".into(),
            docker: PathBuf::new(),
        }
    }
}

/// `[access]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Access {
    /// The group whose members have a space.
    pub group: String,
    /// The group whose members may run `dock admin`.
    pub admin_group: String,
    /// Uids below this are the system's and have no space, unless listed.
    pub first_uid: u32,
    /// System uids that have a space all the same.
    pub system_uids: Vec<u32>,
}

impl Default for Access {
    fn default() -> Access {
        Access {
            group: "dock".into(),
            admin_group: "dock-admin".into(),
            first_uid: 1000,
            system_uids: Vec::new(),
        }
    }
}

/// `[cgroup]`
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cgroup {
    /// The parent of the spaces' cgroups: `/dock/u1001`, or `dock-u1001.slice`
    /// where the engine uses the systemd driver.
    pub parent: String,
}

impl Default for Cgroup {
    fn default() -> Cgroup {
        Cgroup {
            parent: "dock".into(),
        }
    }
}

/// `[audit]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    pub level: AuditLevel,
    /// A file to append to instead of syslog (`/dev/log`); must be root's.
    pub file: Option<PathBuf>,
}

/// Which decisions leave a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditLevel {
    /// Changes and refusals.
    #[default]
    Changes,
    /// Reads too.
    All,
}

/// Why the configuration cannot be used. Words for the person at the keyboard:
/// they name the file and what is wrong with it, never its content.
#[derive(Debug, PartialEq, Eq)]
pub enum ConfigError {
    Unreadable(PathBuf, String),
    NotRoots(PathBuf, u32),
    WritableByOthers(PathBuf, u32),
    NotAFile(PathBuf),
    TooLarge(PathBuf),
    Syntax(PathBuf, usize, String),
    Value(&'static str, String),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::Unreadable(path, why) => {
                write!(f, "cannot read '{}': {why}", path.display())
            }
            ConfigError::NotRoots(path, uid) => {
                write!(
                    f,
                    "cannot use '{}': owned by uid {uid}, must be root",
                    path.display()
                )
            }
            ConfigError::WritableByOthers(path, mode) => write!(
                f,
                "cannot use '{}': mode {mode:04o} lets others than root write it",
                path.display()
            ),
            ConfigError::NotAFile(path) => {
                write!(f, "cannot use '{}': not a regular file", path.display())
            }
            ConfigError::TooLarge(path) => {
                write!(
                    f,
                    "cannot use '{}': larger than {MAX_BYTES} bytes",
                    path.display()
                )
            }
            ConfigError::Syntax(path, line, why) => {
                write!(f, "{}:{line}: {why}", path.display())
            }
            ConfigError::Value(key, why) => write!(f, "dock.toml: {key}: {why}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads `dock.toml` and `conf.d/*.toml` (in the order of their names, later
    /// ones win key by key) under `directory`. A missing `dock.toml` is the
    /// default configuration.
    ///
    /// # Errors
    /// When any file, or a folder on the way, is unsafe, unreadable or wrong.
    pub fn load(directory: &Path) -> Result<Config, ConfigError> {
        let mut merged = toml::Table::new();
        for path in files(directory)? {
            let text = read_root_owned(&path)?;
            let table = parse(&path, &text)?;
            // Each file is checked alone, so that an error names its file and line.
            let _: Config = toml::from_str(&text).map_err(|error| syntax(&path, &text, &error))?;
            merge(&mut merged, table);
        }
        let config: Config = merged.try_into().map_err(|error: toml::de::Error| {
            ConfigError::Syntax(directory.join("dock.toml"), 0, error.message().to_owned())
        })?;
        config.check()?;
        Ok(config)
    }

    /// Folds the layers that hold for `person` into one.
    pub fn settings_for(&self, person: &Person) -> Settings {
        let mut layer = self.defaults.clone();
        for (name, group) in &self.groups {
            if person.is_member(name) {
                layer = group.clone().over(layer);
            }
        }
        if let Some(user) = self.users.get(&person.login) {
            layer = user.clone().over(layer);
        }
        layer.settle()
    }

    /// The configured docker CLI, or the first of the usual places that exists.
    pub fn docker(&self) -> Option<PathBuf> {
        if !self.engine.docker.as_os_str().is_empty() {
            return Some(self.engine.docker.clone());
        }
        DOCKER_PLACES
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.network.check()?;
        self.images.check()?;
        self.prune.check()?;
        self.archive.check()?;
        if !self.engine.socket.is_absolute() {
            return Err(ConfigError::Value(
                "engine.socket",
                "must be an absolute path".into(),
            ));
        }
        if !self.engine.docker.as_os_str().is_empty() && !self.engine.docker.is_absolute() {
            return Err(ConfigError::Value(
                "engine.docker",
                "must be an absolute path".into(),
            ));
        }
        let parent = &self.cgroup.parent;
        if parent.is_empty()
            || !parent
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            return Err(ConfigError::Value(
                "cgroup.parent",
                "must be one word of letters, digits and \"_\"".into(),
            ));
        }
        let layers = self.groups.values().chain(self.users.values());
        for layer in layers.chain([&self.defaults]) {
            let checked = layer.containers.check();
            checked.map_err(|(key, why)| ConfigError::Value(key, why))?;
        }
        Ok(())
    }
}

/// The files to read, in order.
fn files(directory: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let mut files = Vec::new();
    let main = directory.join("dock.toml");
    if exists(&main)? {
        check_directory(directory)?;
        files.push(main);
    }
    let extra = directory.join("conf.d");
    if exists(&extra)? {
        check_directory(directory)?;
        check_directory(&extra)?;
        let unreadable =
            |error: std::io::Error| ConfigError::Unreadable(extra.clone(), words(&error));
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&extra).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                names.push(path);
            }
        }
        names.sort();
        files.append(&mut names);
    }
    Ok(files)
}

fn exists(path: &Path) -> Result<bool, ConfigError> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(ConfigError::Unreadable(path.to_owned(), words(&error))),
    }
}

fn check_directory(path: &Path) -> Result<(), ConfigError> {
    let metadata = path
        .metadata()
        .map_err(|error| ConfigError::Unreadable(path.to_owned(), words(&error)))?;
    check_owner(path, metadata.uid(), metadata.mode())
}

fn check_owner(path: &Path, uid: u32, mode: u32) -> Result<(), ConfigError> {
    if uid != 0 {
        return Err(ConfigError::NotRoots(path.to_owned(), uid));
    }
    if mode & 0o022 != 0 {
        return Err(ConfigError::WritableByOthers(
            path.to_owned(),
            mode & 0o7777,
        ));
    }
    Ok(())
}

/// Reads a file whose owner and mode are checked on the open descriptor, so
/// that what is judged is what is read.
fn read_root_owned(path: &Path) -> Result<String, ConfigError> {
    let unreadable =
        |error: std::io::Error| ConfigError::Unreadable(path.to_owned(), words(&error));
    let file = File::options()
        .read(true)
        .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits() | nix::fcntl::OFlag::O_CLOEXEC.bits())
        .open(path)
        .map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(ConfigError::NotAFile(path.to_owned()));
    }
    check_owner(path, metadata.uid(), metadata.mode())?;
    if metadata.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge(path.to_owned()));
    }
    let mut text = String::new();
    file.take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    Ok(text)
}

fn parse(path: &Path, text: &str) -> Result<toml::Table, ConfigError> {
    text.parse().map_err(|error| syntax(path, text, &error))
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let line = error.span().map_or(0, |span| line_at(text, span.start));
    // The error's own Display quotes the line; the message alone does not.
    ConfigError::Syntax(path.to_owned(), line, error.message().to_owned())
}

/// The number of the line that the byte at `at` is in.
fn line_at(text: &str, at: usize) -> usize {
    let before = &text.as_bytes()[..at.min(text.len())];
    1 + before.iter().filter(|b| **b == b'\n').count()
}

/// Where a key that a rule names stands: its table, and its name there. What
/// holds for a person stands in `defaults`, and in the layers over it.
pub fn table_of(key: &str) -> (&'static str, String) {
    match key {
        "pool6" | "user_subnets" => ("network", key.to_owned()),
        "max_download" | "max_pulls" | "registries" | "repositories" => ("images", key.to_owned()),
        key => ("defaults", format!("containers.{key}")),
    }
}

fn merge(below: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(over)) => merge(below, over),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// An I/O error's words without Rust's "(os error N)".
fn words(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => nix::errno::Errno::from_raw(number).desc().to_lowercase(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
