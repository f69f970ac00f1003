//! `dock admin archive`: a space, or one container, in one file.

mod schedule;
mod source;
mod still;
mod take;

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use age::x25519::Recipient;
use clap::ArgMatches;
use dock_space::config::{self, Config};

use crate::archive::about::Mode;
use crate::archive::encrypt;
use crate::archive::progress::Progress;
use crate::archive::store::Store;
use crate::archive::tally::Total;
use crate::client::Client;
use crate::error::Error;
use crate::launch::{self, Rank};
use crate::{interrupt, ui, units};

pub(crate) use take::{Done, take};

/// What is to be archived, and how.
pub(crate) struct Wish {
    /// A login, or a space's number.
    pub(crate) space: String,
    pub(crate) container: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) recipients: Vec<Recipient>,
    /// Bytes a second.
    pub(crate) bandwidth: Option<u64>,
    pub(crate) protected: bool,
    pub(crate) quiet: bool,
    /// Whether to ask first how much there is, which takes the engine a while.
    pub(crate) with_sizes: bool,
}

impl Wish {
    /// What the words and the configuration say.
    ///
    /// # Errors
    /// For a recipient that is none.
    fn read(matches: &ArgMatches, config: &config::Archive) -> Result<Wish, Error> {
        let word = |name: &str| matches.get_one::<String>(name).cloned();
        let mode = match word("mode").as_deref() {
            Some("stop") => Mode::Stop,
            Some("live") => Mode::Live,
            Some(_) => Mode::Pause,
            None => match config.mode {
                config::Mode::Stop => Mode::Stop,
                config::Mode::Pause => Mode::Pause,
                config::Mode::Live => Mode::Live,
            },
        };
        let typed: Vec<String> = matches
            .get_many::<String>("encrypt")
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let recipients = match typed.is_empty() {
            true => encrypt::recipients(&config.encrypt)?,
            false => encrypt::recipients(&typed)?,
        };
        let quiet = matches.get_flag("quiet") || !ui::is_watched();
        Ok(Wish {
            space: word("space").unwrap_or_default(),
            container: word("container"),
            mode,
            recipients,
            bandwidth: bandwidth(matches, config),
            protected: matches.get_flag("protected"),
            with_sizes: !quiet,
            quiet,
        })
    }
}

/// `--bandwidth`, or the configured one.
pub(super) fn bandwidth(matches: &ArgMatches, config: &config::Archive) -> Option<u64> {
    let typed = matches.get_one::<u64>("bandwidth").copied();
    typed.or_else(|| config.bandwidth())
}

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let (config, _) = launch::ready_for_admin()?;
    if matches.get_flag("scheduled") {
        return schedule::run(&config);
    }
    let wish = Wish::read(matches, &config.archive)?;
    let store = place(matches, &config)?;
    // The gate first: nothing is forked when threads run.
    let mut client = Client::new(launch::start(Rank::Admin)?)?;
    interrupt::note();
    let done = take(&mut client, &store, &wish)?;
    if matches.get_flag("verify") {
        prove(&store, &done, wish.quiet)?;
    }
    ui::line(done.name.to_string().as_bytes());
    if !wish.quiet {
        let bytes = |bytes: u64| units::bytes(i64::try_from(bytes).unwrap_or(i64::MAX));
        let (packed, whole) = (bytes(done.total.length), bytes(done.manifest.size()));
        ui::note(&format!(
            "{whole} packed into {packed} at \"{}\"",
            store.place()
        ));
    }
    match done.goes_on {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Error::Partly),
    }
}

/// Runs `dock admin archive WORDS...` as a program of its own, which says itself
/// what went wrong; whether it went well.
///
/// # Errors
/// When it cannot be started.
pub(super) fn apart(words: &[&str]) -> Result<bool, Error> {
    let program = PathBuf::from("/proc/self/exe");
    let status = Command::new(&program)
        .args(["admin", "archive"])
        .args(words)
        .stdin(Stdio::null())
        .status();
    let status = status.map_err(|error| Error::CannotExecute {
        path: program,
        error,
    })?;
    Ok(status.success())
}

/// `--to`, or the configured target.
fn place(matches: &ArgMatches, config: &Config) -> Result<Store, Error> {
    let named = matches.get_one::<String>("to").map(String::as_str);
    Store::find(named, &config.archive)
}

/// Reads back what was stored: what lies there is, byte for byte, what was sent.
///
/// # Errors
/// When it is not.
pub(crate) fn prove(store: &Store, done: &Done, quiet: bool) -> Result<(), Error> {
    let file = done.name.to_string();
    let mut input = store.open(&file)?;
    let progress = Progress::new(Some(done.total.length), quiet);
    progress.at("verifying");
    let read = Total::of(&mut input, |bytes| progress.add(bytes));
    let read = read.map_err(store.failed("read"))?;
    match read == done.total {
        true => Ok(()),
        false => Err(Error::Damaged {
            archive: file,
            damage: "what lies there is not what was written".into(),
        }),
    }
}
