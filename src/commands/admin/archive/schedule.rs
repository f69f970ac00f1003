//! `dock admin archive --scheduled`: what `[archive.schedule]` says is due.
//!
//! Each space is archived by a process of its own: a gate acts in one space, and
//! is started before any thread.

use std::process::ExitCode;

use dock_space::admin::SpaceRow;
use dock_space::config::Config;

use super::super::archives::shelf;
use crate::archive::about::Kind;
use crate::archive::store::Store;
use crate::error::Error;
use crate::{ui, units};

const DAY: i64 = 86_400;

/// An archive that is due an hour later would else be made a day later.
const LENIENCE: i64 = 3_600;

pub(super) fn run(config: &Config) -> Result<ExitCode, Error> {
    let schedule = &config.archive.schedule;
    if schedule.days == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let mut client = super::super::gate()?;
    let spaces: Vec<SpaceRow> = client.get("/dock/spaces")?;
    drop(client);
    let store = Store::find(None, &config.archive)?;
    let shelf = shelf(&store, &[])?;
    let now = units::now();
    let mut all = true;
    for row in spaces.iter().filter(|row| holds(row)) {
        let login = &row.owner.login;
        let is_wanted = schedule.users.is_empty() || schedule.users.contains(login);
        if !is_wanted || schedule.exempt.contains(login) {
            continue;
        }
        let newest = shelf
            .iter()
            .filter(|entry| entry.is_of(row, Kind::Space))
            .map(|entry| entry.name.moment)
            .max();
        let due =
            newest.is_none_or(|newest| newest + i64::from(schedule.days) * DAY - LENIENCE <= now);
        let space = row.owner.space.as_str();
        if due && !super::apart(&["--quiet", "--verify", space])? {
            ui::note(&format!("the space {space} was not archived"));
            all = false;
        }
    }
    super::super::archives::prune_as_configured(&store, config)?;
    match all {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Error::Partly),
    }
}

/// Whether there is anything to archive.
fn holds(row: &SpaceRow) -> bool {
    row.containers + row.volumes + row.networks > 0
}
