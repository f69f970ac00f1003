//! `dock admin images`: all images, and how many containers are of each.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Image;

use super::ps::short;
use super::{named, owned};
use crate::error::Error;
use crate::list::Column;
use crate::units;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let filters = named::filters(matches)?;
    let all = u8::from(matches.get_flag("all"));
    let path = format!("/dock/images?all={all}&filters={filters}");
    owned::show(matches, &path, COLUMNS, |row, style| short(&row.id, style))
}

const COLUMNS: &[Column<Image>] = &[
    owned::owner(),
    Column {
        name: "Tags",
        head: "TAGS",
        shown: true,
        text: |row, _| tags(row),
        order: |one, other| one.tags.cmp(&other.tags),
    },
    Column {
        name: "ID",
        head: "IMAGE ID",
        shown: true,
        text: |row, style| short(&row.id, style),
        order: |one, other| one.id.cmp(&other.id),
    },
    Column {
        name: "Containers",
        head: "CONTAINERS",
        shown: true,
        text: |row, _| row.containers.to_string(),
        order: |one, other| one.containers.cmp(&other.containers),
    },
    owned::age("CreatedSince"),
    Column {
        name: "Size",
        head: "SIZE",
        shown: true,
        text: |row, _| units::bytes(row.size),
        order: |one, other| one.size.cmp(&other.size),
    },
    Column {
        name: "Digests",
        head: "DIGESTS",
        shown: false,
        text: |row, _| row.digests.join(","),
        order: |one, other| one.digests.cmp(&other.digests),
    },
    owned::created_at(),
    owned::labels(),
    owned::author(),
];

fn tags(row: &Image) -> String {
    match row.tags.is_empty() {
        true => "<none>".into(),
        false => row.tags.join(", "),
    }
}
