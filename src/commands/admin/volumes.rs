//! `dock admin volumes`: everybody's volumes.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Volume;

use super::{named, owned};
use crate::error::Error;
use crate::list::Column;
use crate::units;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let filters = named::filters(matches)?;
    let size = u8::from(matches.get_flag("size"));
    let path = format!("/dock/volumes?size={size}&filters={filters}");
    owned::show(matches, &path, COLUMNS, |row, _| row.real.clone())
}

const COLUMNS: &[Column<Volume>] = &[
    owned::owner(),
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
    owned::age("CreatedSince"),
    owned::created_at(),
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
    owned::labels(),
    owned::author(),
];
