//! `dock admin doctor`: what weakens the separation of the spaces on this host.
//!
//! The gate tells what only root can read; everything else is seen with the
//! admin's own rights. One file a theme, each a table of checks over [`facts`].

mod access;
mod cgroups;
mod containers;
mod engine;
mod facts;
mod files;
mod homes;
mod jobs;
mod kernel;
mod logs;
mod network;
mod runtime;
mod sudo;
#[cfg(test)]
mod tests;
mod version;
mod versions;

use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::config::{Config, DIRECTORY};

use crate::check::{self, Check, Options};
use crate::client::Client;
use crate::error::Error;
use crate::launch::{self, Rank};
use facts::Facts;

/// The themes, in the order in which they are shown.
const THEMES: [&[Check<Facts>]; 13] = [
    access::CHECKS,
    sudo::CHECKS,
    files::CHECKS,
    engine::CHECKS,
    runtime::CHECKS,
    containers::CHECKS,
    versions::CHECKS,
    kernel::CHECKS,
    cgroups::CHECKS,
    network::CHECKS,
    logs::CHECKS,
    jobs::CHECKS,
    homes::CHECKS,
];

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let table: Vec<&Check<Facts>> = THEMES.iter().copied().flatten().collect();
    check::show(&table, &Options::read(matches), gather)
}

/// Whoever is no admin is told so; anything else that is wrong is a finding.
fn gather() -> Result<Facts, Error> {
    let config = Config::load(Path::new(DIRECTORY));
    let readable = config.as_ref().ok().cloned().unwrap_or_default();
    let ready = launch::admin_with(&readable);
    // The gate first: it is started by a fork, before there is any thread.
    let client = match ready {
        Err(error @ Error::NotAnAdmin { .. }) if config.is_ok() => return Err(error),
        Err(error) => Err(error),
        Ok(()) => launch::start(Rank::Admin).and_then(Client::new),
    };
    let (host, spaces) = match client {
        Ok(mut client) => (client.get("/dock/host"), client.get("/dock/spaces")),
        Err(error) => {
            let why = format!("no gate: {error}");
            return Ok(put(Err(why.clone()), Err(why), config, &readable));
        }
    };
    let words = |error: Error| error.to_string();
    Ok(put(
        host.map_err(words),
        spaces.map_err(words),
        config,
        &readable,
    ))
}

fn put(
    host: Result<dock_space::admin::host::Host, String>,
    spaces: Result<Vec<dock_space::admin::SpaceRow>, String>,
    config: Result<Config, dock_space::config::ConfigError>,
    readable: &Config,
) -> Facts {
    let docker = launch::docker(readable).map_err(|error| error.to_string());
    let config = config.map_err(|error| error.to_string());
    Facts::gather(host, spaces, config, launch::gate(), docker)
}
