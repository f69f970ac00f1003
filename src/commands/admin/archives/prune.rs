//! `dock admin archives prune`: removes what no rule keeps.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::config::{self, Config};
use jiff::tz::TimeZone;

use super::shelf::{Entry, shelf};
use crate::archive::retention::Retention;
use crate::archive::store::Store;
use crate::error::Error;
use crate::ui;

pub(super) fn run(matches: &ArgMatches, config: &Config) -> Result<ExitCode, Error> {
    let number = |name: &str| matches.get_one::<u32>(name).copied();
    let typed = ["last", "daily", "weekly", "monthly", "yearly"]
        .map(|rule| number(&format!("keep-{rule}")));
    let retention = match typed {
        [None, None, None, None, None] => configured(&config.archive),
        typed => {
            let [last, daily, weekly, monthly, yearly] = typed.map(Option::unwrap_or_default);
            Retention {
                last,
                daily,
                weekly,
                monthly,
                yearly,
            }
        }
    };
    if retention.is_empty() {
        ui::note("no rule says what is kept, so everything is");
        return Ok(ExitCode::SUCCESS);
    }
    let store = super::place(matches, config)?;
    let entries = shelf(&store, &super::identities(matches)?)?;
    let doomed = doomed(&entries, &retention);
    if matches.get_flag("dry-run") || doomed.is_empty() {
        for entry in doomed {
            ui::line(entry.row.name.as_bytes());
        }
        return Ok(ExitCode::SUCCESS);
    }
    if !matches.get_flag("yes") {
        ui::warn("WARNING! This will remove:");
        for entry in &doomed {
            ui::warn(&format!("  - {}", entry.row.name));
        }
        if !matches!(
            ui::ask("Are you sure you want to continue? [y/N] ")?.as_str(),
            "y" | "Y" | "yes"
        ) {
            return Err(Error::NotConfirmed);
        }
    }
    remove(&store, &doomed)?;
    Ok(ExitCode::SUCCESS)
}

/// The same by the configuration alone.
///
/// # Errors
/// When the place cannot be read or written.
pub(in crate::commands::admin) fn as_configured(
    store: &Store,
    config: &Config,
) -> Result<(), Error> {
    let retention = configured(&config.archive);
    if retention.is_empty() {
        return Ok(());
    }
    let entries = shelf(store, &[])?;
    remove(store, &doomed(&entries, &retention))
}

fn configured(config: &config::Archive) -> Retention {
    Retention {
        last: config.keep_last,
        daily: config.keep_daily,
        weekly: config.keep_weekly,
        monthly: config.keep_monthly,
        yearly: config.keep_yearly,
    }
}

/// What no rule keeps, and nobody has protected.
fn doomed<'a>(entries: &'a [Entry], retention: &Retention) -> Vec<&'a Entry> {
    let mut series: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.row.protected) {
        series.entry(entry.series()).or_default().push(entry);
    }
    let zone = TimeZone::system();
    let doomed = series.into_values().flat_map(|entries| {
        let moments: Vec<i64> = entries.iter().map(|entry| entry.name.moment).collect();
        let kept = retention.keep(&moments, &zone);
        let doomed = entries.into_iter().zip(kept).filter(|(_, kept)| !kept);
        doomed.map(|(entry, _)| entry).collect::<Vec<_>>()
    });
    doomed.collect()
}

fn remove(store: &Store, doomed: &[&Entry]) -> Result<(), Error> {
    for entry in doomed {
        store.remove(&entry.row.name)?;
        ui::line(entry.row.name.as_bytes());
    }
    Ok(())
}
