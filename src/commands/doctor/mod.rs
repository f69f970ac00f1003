//! `dock doctor`: what keeps this person from using dock, or lets them past it.

mod checks;
mod facts;

use std::process::ExitCode;

use clap::ArgMatches;

use crate::check::{self, Check, Options};
use crate::error::Error;
use facts::Facts;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let table: Vec<&Check<Facts>> = checks::CHECKS.iter().collect();
    check::show(&table, &Options::read(matches), || Ok(Facts::gather()))
}
