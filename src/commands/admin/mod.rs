//! `dock admin`: one file per verb. Every verb is a client of the admin gate and
//! runs with the admin's own rights.

mod archive;
mod archives;
mod audit;
mod doctor;
mod exec;
mod explain;
mod images;
mod logs;
mod ls;
mod named;
mod networks;
mod owned;
mod prune;
mod ps;
mod purge;
mod restore;
mod rm;
mod start;
mod stop;
mod top;
mod volumes;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::process::ExitCode;

use clap::ArgMatches;
use clap::error::ErrorKind;
use dock_space::admin::Acting;
use dock_space::{Person, Uid};
use hyper::Method;

use super::docker;
use crate::argv;
use crate::client::Client;
use crate::error::Error;
use crate::launch::{self, Rank};

/// Does what the words after `dock admin` say.
///
/// # Errors
/// What kept dock from doing it.
pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    match matches.subcommand() {
        Some(("ls", matches)) => ls::run(matches),
        Some(("ps", matches)) => ps::run(matches),
        Some(("images", matches)) => images::run(matches),
        Some(("volumes", matches)) => volumes::run(matches),
        Some(("networks", matches)) => networks::run(matches),
        Some(("top", matches)) => top::run(matches),
        Some(("stop", matches)) => stop::run(matches),
        Some(("start", matches)) => start::run(matches),
        Some(("rm", matches)) => rm::run(matches),
        Some(("purge", matches)) => purge::run(matches),
        Some(("logs", matches)) => logs::run(matches),
        Some(("doctor", matches)) => doctor::run(matches),
        Some(("exec", matches)) => exec::run(matches),
        Some(("prune", matches)) => prune::run(matches),
        Some(("audit", matches)) => audit::run(matches),
        Some(("explain", matches)) => explain::run(matches),
        Some(("archive", matches)) => archive::run(matches),
        Some(("archives", matches)) => archives::run(matches),
        Some(("restore", matches)) => restore::run(matches),
        _ => unreachable!("clap knows the verbs of cli::admin alone"),
    }
}

/// A client of an admin gate.
///
/// # Errors
/// What stands in the way of one, a missing membership first.
fn gate() -> Result<Client, Error> {
    launch::ready_for_admin()?;
    Client::new(launch::start(Rank::Admin)?)
}

/// `--as USER WORDS...`: the user and docker's words, when the words begin so.
pub(super) fn acting(words: &[OsString]) -> Option<Result<(String, &[OsString]), Error>> {
    let first = words.first()?;
    let (user, rest) = match first.as_bytes().strip_prefix(b"--as=") {
        Some(user) => (Some(OsStr::from_bytes(user)), &words[1..]),
        None if first == "--as" => (
            words.get(1).map(OsString::as_os_str),
            words.get(2..).unwrap_or_default(),
        ),
        None => return None,
    };
    let user = user.and_then(OsStr::to_str).filter(|user| !user.is_empty());
    Some(match user {
        Some(user) if !rest.is_empty() => Ok((user.to_owned(), rest)),
        _ => Err(Error::Usage(crate::cli::admin().error(
            ErrorKind::MissingRequiredArgument,
            "'--as' takes a USER and a docker command: dock admin --as alice ps",
        ))),
    })
}

/// Becomes docker in the space of `user`.
///
/// # Errors
/// What stands in the way; docker's own errors are docker's exit code.
pub(super) fn act(user: &str, words: &[OsString]) -> Result<ExitCode, Error> {
    let (config, _) = launch::ready_for_admin()?;
    let docker = launch::docker(&config)?;
    let invocation = argv::parse(words);
    if invocation.other_engine.is_some() {
        return Err(Error::Usage(crate::cli::admin().error(
            ErrorKind::ArgumentConflict,
            "'--as' acts on this host's engine: '-H' and '--context' name another",
        )));
    }
    let socket = launch::start(Rank::Admin)?;
    let mut client = Client::new(socket.clone())?;
    enter(&mut client, user, Manner::Act)?;
    // Its labels are a courtesy: where they cannot be told, the gate's stand alone.
    let words = match person(user) {
        Some(person) => docker::labelled(&invocation, &config, &person),
        None => invocation.words.clone(),
    };
    // The kept connection goes with this process' memory when it becomes docker.
    drop(client);
    Err(docker::become_docker(&docker, &words, &socket))
}

/// What the gate does with what is asked of it in a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Act,
    /// Nothing is done: it is told what would be done.
    Explain,
}

/// From now on the gate serves the space of `user`.
fn enter(client: &mut Client, user: &str, manner: Manner) -> Result<(), Error> {
    let acting = Acting {
        user: user.to_owned(),
        explain: manner == Manner::Explain,
    };
    let body = serde_json::to_vec(&acting).map_err(|error| Error::Gate(error.to_string()))?;
    client.act(Method::POST, "/dock/as", Some(body))
}

fn person(user: &str) -> Option<Person> {
    let found = nix::unistd::User::from_name(user).ok()??;
    Person::look_up(Uid(found.uid.as_raw())).ok()
}
