//! `dock admin archives protect`: no retention removes these.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::config::Config;

use super::shelf;
use crate::error::Error;
use crate::ui;

pub(super) fn run(matches: &ArgMatches, config: &Config) -> Result<ExitCode, Error> {
    let store = super::place(matches, config)?;
    let rows = shelf::rows(&store)?;
    for asked in matches.get_many::<String>("archive").into_iter().flatten() {
        let found = rows.iter().find(|(_, row)| row.name == *asked);
        let (name, row) = found.ok_or_else(|| Error::NoArchive(asked.clone()))?;
        match (matches.get_flag("off"), row.protected) {
            (true, true) => store.remove(&name.protection())?,
            (false, false) => store.mark(&name.protection())?,
            _ => {}
        }
        ui::line(asked.as_bytes());
    }
    Ok(ExitCode::SUCCESS)
}
