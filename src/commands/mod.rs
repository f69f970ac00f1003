//! One file per verb.

mod admin;
mod docker;
mod doctor;
mod env;
mod explain;
mod serve;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;

use crate::argv;
use crate::cli;
use crate::error::Error;

/// Does what the words say: dock's own verb, or docker.
///
/// # Errors
/// What kept dock from doing it; docker's own errors are docker's exit code.
pub(crate) fn run(words: &[OsString]) -> Result<ExitCode, Error> {
    let invocation = argv::parse(words);
    let verb = match invocation.other_engine {
        Some(_) => None,
        None => invocation.verb_word().and_then(OsStr::to_str),
    };
    if let Some(later) = cli::LATER.iter().find(|later| verb == Some(later)) {
        return Err(Error::NotBuilt(later));
    }
    match cli::VERBS.iter().find(|own| verb == Some(own)) {
        Some(verb) if invocation.dry_run => Err(Error::NothingToPrint(verb)),
        Some(verb) => own(verb, invocation.verb_arguments()),
        None => docker::run(&invocation),
    }
}

fn own(verb: &str, arguments: &[OsString]) -> Result<ExitCode, Error> {
    if verb == "admin"
        && let Some(acting) = admin::acting(arguments)
    {
        return acting.and_then(|(user, words)| admin::act(&user, words));
    }
    let words = ["dock", verb].map(OsString::from);
    let words = words.iter().chain(arguments);
    let matches = cli::command()
        .try_get_matches_from(words)
        .map_err(Error::Usage)?;
    let socket = |matches: &ArgMatches| matches.get_one::<PathBuf>("socket").cloned();
    match matches.subcommand() {
        Some(("admin", matches)) => admin::run(matches),
        Some(("doctor", matches)) => doctor::run(matches),
        Some(("serve", matches)) => serve::run(socket(matches)),
        Some(("env", matches)) => env::run(socket(matches)),
        Some(("explain", matches)) => {
            let word = |name| matches.get_one::<String>(name).map(String::as_str);
            explain::run(word("rule"), word("rest"), matches.get_flag("json"))
        }
        _ => unreachable!("clap knows the verbs of cli::command() alone"),
    }
}
