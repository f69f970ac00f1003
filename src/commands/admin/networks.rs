//! `dock admin networks`: everybody's networks.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Network;

use super::named;
use super::ps::short;
use crate::error::Error;
use crate::list::{self, Column, Options};
use crate::units;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let options = Options::read(matches);
    let filters = named::filters(matches)?;
    let path = format!("/dock/networks?filters={filters}");
    let mut rows: Vec<Network> = super::gate()?.get(&path)?;
    rows.sort_by(|one, other| named::by_owner(one.owner.as_ref(), other.owner.as_ref()));
    list::show(rows, COLUMNS, &options, |row, style| short(&row.id, style))?;
    Ok(ExitCode::SUCCESS)
}

const COLUMNS: &[Column<Network>] = &[
    Column {
        name: "Owner",
        head: "OWNER",
        shown: true,
        text: |row, _| named::owner_cell(row.owner.as_ref()),
        order: |one, other| named::by_owner(one.owner.as_ref(), other.owner.as_ref()),
    },
    Column {
        name: "ID",
        head: "NETWORK ID",
        shown: true,
        text: |row, style| short(&row.id, style),
        order: |one, other| one.id.cmp(&other.id),
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
        name: "Scope",
        head: "SCOPE",
        shown: false,
        text: |row, _| row.scope.clone(),
        order: |one, other| one.scope.cmp(&other.scope),
    },
    Column {
        name: "Subnets",
        head: "SUBNETS",
        shown: true,
        text: |row, _| row.subnets.join(","),
        order: |one, other| one.subnets.cmp(&other.subnets),
    },
    Column {
        name: "Containers",
        head: "CONTAINERS",
        shown: true,
        text: |row, _| row.containers.to_string(),
        order: |one, other| one.containers.cmp(&other.containers),
    },
    Column {
        name: "Internal",
        head: "INTERNAL",
        shown: false,
        text: |row, _| row.internal.to_string(),
        order: |one, other| one.internal.cmp(&other.internal),
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
