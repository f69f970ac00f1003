//! One file per verb.

mod docker;
mod env;
mod serve;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::argv;
use crate::cli;
use crate::error::Error;

/// Does what the words say: dock's own verb, or docker.
///
/// # Errors
/// What kept dock from doing it; docker's own errors are docker's exit code.
pub(crate) fn run(words: &[OsString]) -> Result<ExitCode, Error> {
    let invocation = argv::parse(words);
    let own = invocation
        .verb_word()
        .and_then(OsStr::to_str)
        .filter(|word| cli::VERBS.contains(word) && invocation.other_engine.is_none());
    match own {
        Some("admin") => Err(Error::NotBuilt("admin")),
        Some(verb) => {
            let words = [OsString::from("dock"), OsString::from(verb)];
            let words = words
                .into_iter()
                .chain(invocation.verb_arguments().iter().cloned());
            let matches = cli::command()
                .try_get_matches_from(words)
                .map_err(Error::Usage)?;
            match matches.subcommand() {
                Some(("serve", matches)) => serve::run(matches.get_one::<PathBuf>("socket")),
                Some((_, matches)) => env::run(matches.get_one::<PathBuf>("socket")),
                None => Err(Error::NotBuilt("")),
            }
        }
        None => docker::run(&invocation),
    }
}
