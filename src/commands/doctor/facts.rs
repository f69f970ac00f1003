//! What can be seen with this person's own rights.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use dock_space::Person;
use dock_space::config::{Config, DIRECTORY};
use hyper::Method;
use nix::unistd::{AccessFlags, access};

use crate::client::Client;
use crate::commands::docker;
use crate::error::{self, Error};
use crate::launch::{self, Rank};

/// The group that the engine lets in by default.
const DOCKER: &str = "docker";

/// What can be wrong with a step, in words with their hint.
pub(super) type Step = Result<(), String>;

/// Everything that was gathered.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) surroundings: Step,
    pub(super) config: Step,
    /// Whether NSS knows who this is.
    pub(super) person: Step,
    /// Whether this person and this session may start a gate; none when that
    /// cannot be asked.
    pub(super) group: Option<Step>,
    /// Whether sudo and the gate are there.
    pub(super) installed: Step,
    pub(super) docker: Step,
    /// Whether a gate answers; none when something above stands in the way.
    pub(super) gate: Option<Step>,
    /// How this person gets past dock.
    pub(super) past: Vec<String>,
    /// `DOCKER_HOST=...` and the like, which lead elsewhere.
    pub(super) variables: Vec<String>,
    /// What the shell finds as `docker`, when that is not dock.
    pub(super) other_docker: Option<PathBuf>,
    pub(super) disk: Result<Disk, String>,
    /// Whether the person has a range in /etc/subuid.
    pub(super) range: Result<bool, String>,
    /// Sockets that nobody listens on.
    pub(super) dead_sockets: Vec<PathBuf>,
}

/// Space where the home lies, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disk {
    pub(super) free: u64,
    pub(super) whole: u64,
}

impl Facts {
    pub(super) fn gather() -> Facts {
        let surroundings = launch::surroundings().map_err(told);
        let loaded = Config::load(Path::new(DIRECTORY)).map_err(Error::Config);
        let myself = launch::myself();
        let config = loaded.as_ref().ok().cloned().unwrap_or_default();
        let person = myself.as_ref().ok().cloned();
        let checked = person
            .as_ref()
            .map(|person| launch::person_with(&config, person));
        let (group, installed) = apart(checked);
        let docker = launch::docker(&config).map(drop).map_err(told);
        let in_the_way =
            surroundings.is_err() || loaded.is_err() || group != Some(Ok(())) || installed.is_err();
        let gate = (!in_the_way).then(|| ping().map_err(told));
        let home = person.as_ref().map(|person| person.home.clone());
        Facts {
            surroundings,
            group,
            installed,
            docker,
            gate,
            past: person
                .as_ref()
                .map(|person| past(&config, person))
                .unwrap_or_default(),
            variables: variables(&config, person.as_ref()),
            other_docker: other_docker(),
            disk: home.map_or_else(|| Err("the home is not known".into()), |home| disk(&home)),
            range: range(person.as_ref()),
            dead_sockets: person
                .as_ref()
                .map(launch::serve_socket)
                .filter(|socket| launch::is_dead_socket(socket))
                .into_iter()
                .collect(),
            config: loaded.map(drop).map_err(told),
            person: myself.map(drop).map_err(told),
        }
    }
}

/// An error's words, with what is possible instead.
fn told(error: Error) -> String {
    match error.hint() {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    }
}

/// What a person may, and what is installed: two checks.
fn apart(checked: Option<Result<(), Error>>) -> (Option<Step>, Step) {
    match checked {
        None => (None, Ok(())),
        Some(Ok(())) => (Some(Ok(())), Ok(())),
        Some(Err(error @ (Error::NoSudo | Error::NoGate(_)))) => (Some(Ok(())), Err(told(error))),
        Some(Err(error)) => (Some(Err(told(error))), Ok(())),
    }
}

/// Starts a gate and asks whether it serves.
fn ping() -> Result<(), Error> {
    let mut client = Client::new(launch::start(Rank::Person)?)?;
    client.act(Method::GET, "/_ping", None)
}

fn past(config: &Config, person: &Person) -> Vec<String> {
    // Root needs no way past dock.
    if person.uid.0 == 0 {
        return Vec::new();
    }
    let mut ways = Vec::new();
    if person.is_member(DOCKER) {
        ways.push(format!("\"{}\" is in group \"{DOCKER}\"", person.login));
    }
    let socket = &config.engine.socket;
    if access(socket, AccessFlags::W_OK).is_ok() {
        ways.push(format!("'{}' can be used directly", socket.display()));
    }
    ways
}

fn variables(config: &Config, person: Option<&Person>) -> Vec<String> {
    let set = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
        Some((name.to_owned(), value))
    };
    let leads_here = |(name, value): &(String, OsString)| match name.as_str() {
        "DOCKER_HOST" => person.is_some_and(|person| docker::is_this_engine(value, config, person)),
        _ => value == "default",
    };
    ["DOCKER_HOST", "DOCKER_CONTEXT"]
        .into_iter()
        .filter_map(set)
        .filter(|pair| !leads_here(pair))
        .map(|(name, value)| format!("{name}={}", value.to_string_lossy()))
        .collect()
}

/// The `docker` of this $PATH, unless it is dock.
fn other_docker() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let is_program = |path: &PathBuf| access(path, AccessFlags::X_OK).is_ok() && path.is_file();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join("docker"))
        .find(is_program)?;
    let same = |one: &Path, other: &Path| match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    };
    let dock = std::env::current_exe().ok()?;
    (!same(&found, &dock)).then_some(found)
}

fn disk(home: &Path) -> Result<Disk, String> {
    let found = nix::sys::statvfs::statvfs(home)
        .map_err(|error| format!("'{}': {}", home.display(), error.desc()))?;
    let unit = found.fragment_size();
    Ok(Disk {
        free: found.blocks_available() * unit,
        whole: found.blocks() * unit,
    })
}

fn range(person: Option<&Person>) -> Result<bool, String> {
    let person = person.ok_or("who you are is not known")?;
    match std::fs::read_to_string("/etc/subuid") {
        Ok(table) => Ok(has_range(&table, person)),
        Err(failed) if failed.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(failed) => Err(format!("'/etc/subuid': {}", error::words(&failed))),
    }
}

/// subuid(5): by login or uid.
fn has_range(table: &str, person: &Person) -> bool {
    let uid = person.uid.to_string();
    table.lines().any(|line| {
        let whose = line.split(':').next().unwrap_or_default();
        whose == person.login || whose == uid
    })
}
