//! `dock admin restore`: a space, or one container, out of an archive.
//!
//! The archive is verified before anything is looked at, and everything is made
//! by a gate that acts in the space: an archive can make nothing that its owner
//! could not. Whatever goes wrong, what was made is removed again ([`journal`]
//! sees to it even after a kill).

mod contents;
mod images;
mod journal;
mod make;
mod plan;

use std::process::ExitCode;

use clap::ArgMatches;

use super::archives;
use crate::client::Client;
use crate::error::Error;
use crate::launch::{self, Rank};
use crate::{interrupt, ui};
use contents::Contents;
use plan::Plan;

/// How much larger than its file an archive may be when nobody says otherwise.
const USUAL_RATIO: u64 = 200;

/// What may be unpacked of any archive.
const SMALL: u64 = 4 << 30;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let word = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let (config, _) = launch::ready_for_admin()?;
    let (store, file) = archives::find(matches, &config, word("archive").unwrap_or_default())?;
    let identities = archives::identities(matches)?;
    let bandwidth = super::archive::bandwidth(matches, &config.archive);
    // The gate first: nothing is forked when threads run.
    let mut client = Client::new(launch::start(Rank::Admin)?)?;
    interrupt::note();
    journal::sweep(&mut client)?;
    let quiet = matches.get_flag("quiet") || !ui::is_watched();
    let mut opened = archives::open(&store, &file, &identities, bandwidth)?;
    limit(
        opened.reader.length,
        opened.reader.manifest.size(),
        matches.get_one::<u64>("max-size").copied(),
    )?;
    archives::check(&mut opened, quiet)?;
    let contents = Contents::read(&mut opened, word("container"))?;
    let user = match word("user") {
        Some(user) => user.to_owned(),
        None => opened.reader.manifest.about.login.clone(),
    };
    let plan = Plan::of(&mut client, contents, &user)?;
    let is_trial = matches.get_flag("dry-run");
    if is_trial || !plan.conflicts.is_empty() {
        plan.tell(is_trial);
    }
    if !plan.conflicts.is_empty() {
        return Err(Error::Conflicts(plan.conflicts.len()));
    }
    if is_trial {
        return Ok(ExitCode::SUCCESS);
    }
    make::all(&mut client, &mut opened, &plan, quiet)?;
    for container in &plan.contents.containers {
        ui::line(format!("{}/{}", plan.owner.login, container.name).as_bytes());
    }
    match !matches.get_flag("start") || make::start(&mut client, &plan) {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Error::Partly),
    }
}

/// An archive that unpacks to far more than its file is a bomb, or full of
/// zeros; whoever knows which says so.
fn limit(length: u64, size: u64, allowed: Option<u64>) -> Result<(), Error> {
    let limit = allowed.unwrap_or_else(|| length.saturating_mul(USUAL_RATIO).max(SMALL));
    match size > limit {
        true => Err(Error::TooLarge { size, limit }),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_is_taken_only_when_somebody_says_so() {
        assert!(limit(1000, 1 << 30, None).is_ok());
        assert!(limit(1000, 5 << 30, None).is_err());
        assert!(limit(1 << 30, 5 << 30, None).is_ok());
        assert!(limit(1000, 5 << 30, Some(5 << 30)).is_ok());
        assert!(limit(1000, 1001, Some(1000)).is_err());
    }
}
