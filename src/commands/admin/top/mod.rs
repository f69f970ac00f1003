//! `dock admin top`: what each space uses, live or in one plain pass.
//!
//! [`source`] reads, [`report`] makes two readings into rates, [`plain`] prints
//! them and [`live`] shows them again and again.

mod live;
mod plain;
mod report;
mod sort;
mod source;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::ArgMatches;

use crate::error::Error;
use crate::launch::{self, Rank};
use live::Look;
use plain::Plain;
use report::Report;
use sort::Key;
use source::{Question, Source};

/// Between two readings of the live view, and of one plain pass.
const LIVE: Duration = Duration::from_secs(2);
const ONCE: Duration = Duration::from_millis(500);

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let word = |name: &str| matches.get_one::<String>(name).cloned();
    let plain = Plain {
        sort: word("sort")
            .and_then(|word| Key::read(&word))
            .unwrap_or(Key::Cpu),
        containers: matches.get_flag("containers"),
        json: matches.get_flag("json"),
        format: word("format"),
    };
    let interval = matches.get_one::<Duration>("interval").copied();
    let look = Look::of_terminal();
    let once = matches.get_flag("once")
        || plain.json
        || plain.format.is_some()
        || !std::io::stdin().is_terminal()
        || !std::io::stdout().is_terminal();
    launch::ready_for_admin()?;
    // Before any thread is started: it forks.
    let socket = launch::start(Rank::Admin)?;
    match look.filter(|_| !once) {
        Some(look) => live::run(&socket, &plain, look, interval.unwrap_or(LIVE)),
        None => {
            let report = once_over(Source::new(socket)?, &plain, interval.unwrap_or(ONCE))?;
            plain::show(report, &plain)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Two readings, so far apart.
fn once_over(mut source: Source, plain: &Plain, window: Duration) -> Result<Report, Error> {
    let question = Question {
        containers: plain.containers,
        // Sorted by what is old, it would be sorted wrong.
        disk: plain.sort == Key::Disk,
    };
    let before = source.read(question)?;
    std::thread::sleep(window);
    let now = source.read(Question {
        disk: false,
        ..question
    })?;
    Ok(Report::new(Some(&before), &now))
}
