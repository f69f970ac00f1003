//! `dock admin networks`: everybody's networks.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Network;

use super::ps::short;
use super::{named, owned};
use crate::error::Error;
use crate::list::Column;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let filters = named::filters(matches)?;
    let path = format!("/dock/networks?filters={filters}");
    owned::show(matches, &path, COLUMNS, |row, style| short(&row.id, style))
}

const COLUMNS: &[Column<Network>] = &[
    owned::owner(),
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
    owned::age("CreatedSince"),
    owned::created_at(),
    owned::labels(),
    owned::author(),
];
