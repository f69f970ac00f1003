//! `dock admin archives ls`: the names, which tell what they tell.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::config::Config;

use super::shelf::{self, Row};
use crate::error::Error;
use crate::list::{self, Column, Options};
use crate::units;

pub(super) fn run(matches: &ArgMatches, config: &Config) -> Result<ExitCode, Error> {
    let options = Options::read(matches);
    let store = super::place(matches, config)?;
    let mut rows: Vec<Row> = shelf::rows(&store)?
        .into_iter()
        .map(|(_, row)| row)
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.created));
    list::show(rows, COLUMNS, &options, |row, _| row.name.clone())?;
    Ok(ExitCode::SUCCESS)
}

const COLUMNS: &[Column<Row>] = &[
    Column {
        name: "Name",
        head: "ARCHIVE",
        shown: true,
        text: |row, _| row.name.clone(),
        order: |one, other| one.name.cmp(&other.name),
    },
    Column {
        name: "CreatedSince",
        head: "CREATED",
        shown: true,
        text: |row, _| units::ago(row.created, units::now()),
        order: |one, other| other.created.cmp(&one.created),
    },
    Column {
        name: "CreatedAt",
        head: "CREATED AT",
        shown: false,
        text: |row, _| units::moment(row.created),
        order: |one, other| one.created.cmp(&other.created),
    },
    Column {
        name: "Size",
        head: "SIZE",
        shown: true,
        text: |row, _| units::bytes(i64::try_from(row.size).unwrap_or(i64::MAX)),
        order: |one, other| one.size.cmp(&other.size),
    },
    Column {
        name: "Encrypted",
        head: "ENCRYPTED",
        shown: true,
        text: |row, _| yes(row.encrypted),
        order: |one, other| one.encrypted.cmp(&other.encrypted),
    },
    Column {
        name: "Protected",
        head: "PROTECTED",
        shown: true,
        text: |row, _| yes(row.protected),
        order: |one, other| one.protected.cmp(&other.protected),
    },
];

fn yes(is: bool) -> String {
    if is { "yes" } else { "" }.to_owned()
}
