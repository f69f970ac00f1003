//! `dock admin archives`: what lies in a place for archives.

mod ls;
mod open;
mod protect;
mod prune;
mod shelf;
mod show;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use age::x25519::Identity;
use clap::ArgMatches;
use dock_space::config::Config;

use crate::archive::encrypt;
use crate::archive::store::Store;
use crate::error::Error;
use crate::launch;

pub(super) use open::{Opened, open};
pub(super) use prune::as_configured as prune_as_configured;
pub(super) use shelf::shelf;
pub(super) use verify::check;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let (config, _) = launch::ready_for_admin()?;
    match matches.subcommand() {
        Some(("ls", matches)) => ls::run(matches, &config),
        Some(("show", matches)) => show::run(matches, &config),
        Some(("verify", matches)) => verify::run(matches, &config),
        Some(("prune", matches)) => prune::run(matches, &config),
        Some(("protect", matches)) => protect::run(matches, &config),
        _ => unreachable!("clap knows the verbs of cli::admin alone"),
    }
}

/// `--from`, or the configured target.
fn place(matches: &ArgMatches, config: &Config) -> Result<Store, Error> {
    let named = matches.get_one::<String>("from").map(String::as_str);
    Store::find(named, &config.archive)
}

/// Where an archive is that was named on the command line: a path holds a slash,
/// everything else lies in the place.
pub(super) fn find(
    matches: &ArgMatches,
    config: &Config,
    asked: &str,
) -> Result<(Store, String), Error> {
    match asked.contains('/') {
        true => Store::of_file(Path::new(asked)),
        false => Ok((place(matches, config)?, asked.to_owned())),
    }
}

/// `--identity`
pub(super) fn identities(matches: &ArgMatches) -> Result<Vec<Identity>, Error> {
    match matches.get_one::<std::path::PathBuf>("identity") {
        Some(path) => encrypt::identities(path),
        None => Ok(Vec::new()),
    }
}
