//! `dock admin archives verify`: every byte of archives.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::config::Config;

use super::Opened;
use crate::archive::progress::Progress;
use crate::archive::verify;
use crate::error::Error;
use crate::{interrupt, ui};

pub(super) fn run(matches: &ArgMatches, config: &Config) -> Result<ExitCode, Error> {
    let identities = super::identities(matches)?;
    let bandwidth = super::super::archive::bandwidth(matches, &config.archive);
    interrupt::note();
    let mut sound = true;
    for asked in matches.get_many::<String>("archive").into_iter().flatten() {
        let (store, file) = super::find(matches, config, asked)?;
        let checked = super::open(&store, &file, &identities, bandwidth)
            .and_then(|mut opened| check(&mut opened, matches.get_flag("quiet")));
        match checked {
            Ok(()) => ui::line(format!("{}: sound", ui::safe(&file)).as_bytes()),
            Err(Error::Partly) => sound = false,
            // The other archives may be sound; a place that is gone is not.
            Err(error @ (Error::Damaged { .. } | Error::NoArchive(_) | Error::Locked(_))) => {
                ui::error(&error);
                sound = false;
            }
            Err(other) => return Err(other),
        }
    }
    match sound {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Error::Partly),
    }
}

/// Reads an archive whole.
///
/// # Errors
/// [`Error::Partly`] when it is damaged; each damage was told of.
pub(in crate::commands::admin) fn check(opened: &mut Opened, quiet: bool) -> Result<(), Error> {
    let progress = Progress::new(Some(opened.reader.length), quiet);
    progress.at(&opened.file);
    let damages = verify::verify(&mut opened.reader, |bytes| {
        progress.add(bytes);
        !interrupt::happened()
    });
    let damages = damages.map_err(|error| opened.failed(error))?;
    drop(progress);
    for damage in &damages {
        ui::note(&opened.damage(damage).to_string());
    }
    match damages.is_empty() {
        true => Ok(()),
        false => Err(Error::Partly),
    }
}
