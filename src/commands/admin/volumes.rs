//! `dock admin volumes`: everybody's volumes.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Volume;

use super::named;
use crate::error::Error;
use crate::list::{self, Column, Options};
use crate::units;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let options = Options::read(matches);
    let filters = named::filters(matches)?;
    let size = u8::from(matches.get_flag("size"));
    let path = format!("/dock/volumes?size={size}&filters={filters}");
    let mut rows: Vec<Volume> = super::gate()?.get(&path)?;
    rows.sort_by(|one, other| named::by_owner(one.owner.as_ref(), other.owner.as_ref()));
    list::show(rows, COLUMNS, &options, |row, _| row.real.clone())?;
    Ok(ExitCode::SUCCESS)
}

const COLUMNS: &[Column<Volume>] = &[
    Column {
        name: "Owner",
        head: "OWNER",
        shown: true,
        text: |row, _| named::owner_cell(row.owner.as_ref()),
        order: |one, other| named::by_owner(one.owner.as_ref(), other.owner.as_ref()),
    },
    Column {
        name: "Name",
        head: "NAME",
        shown: true,
        text: |row, _| row.name.clone(),
        order: |one, other| one.name.cmp(&other.name),
    },
    Column {
        name: "Driver",
        head: "DRIVER",
        shown: true,
        text: |row, _| row.driver.clone(),
        order: |one, other| one.driver.cmp(&other.driver),
    },
    Column {
        name: "Containers",
        head: "CONTAINERS",
        shown: true,
        text: |row, _| row.containers.to_string(),
        order: |one, other| one.containers.cmp(&other.containers),
    },
    Column {
        name: "Size",
        head: "SIZE",
        shown: true,
        text: |row, _| row.size.map_or_else(|| "-".into(), units::bytes),
        order: |one, other| one.size.cmp(&other.size),
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
        name: "Mountpoint",
        head: "MOUNTPOINT",
        shown: false,
        text: |row, _| row.mountpoint.clone(),
        order: |one, other| one.mountpoint.cmp(&other.mountpoint),
    },
    Column {
        name: "Real",
        head: "REAL NAME",
        shown: false,
        text: |row, _| row.real.clone(),
        order: |one, other| one.real.cmp(&other.real),
    },
    Column {
        name: "Anonymous",
        head: "ANONYMOUS",
        shown: false,
        text: |row, _| row.anonymous.to_string(),
        order: |one, other| one.anonymous.cmp(&other.anonymous),
    },
    Column {
        name: "Labels",
        head: "LABELS",
        shown: false,
        text: |row, _| named::labels_cell(&row.labels),
        order: |one, other| one.labels.cmp(&other.labels),
    },
    Column {
        name: "Author",
        head: "AUTHOR",
        shown: false,
        text: |row, _| row.author.clone().unwrap_or_default(),
        order: |one, other| one.author.cmp(&other.author),
    },
];
