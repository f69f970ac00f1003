//! `dock admin images`: all images, and how many containers are of each.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Image;

use super::named;
use super::ps::short;
use crate::error::Error;
use crate::list::{self, Column, Options};
use crate::units;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let options = Options::read(matches);
    let filters = named::filters(matches)?;
    let all = u8::from(matches.get_flag("all"));
    let path = format!("/dock/images?all={all}&filters={filters}");
    let mut rows: Vec<Image> = super::gate()?.get(&path)?;
    rows.sort_by(|one, other| named::by_owner(one.owner.as_ref(), other.owner.as_ref()));
    list::show(rows, COLUMNS, &options, |row, style| short(&row.id, style))?;
    Ok(ExitCode::SUCCESS)
}

const COLUMNS: &[Column<Image>] = &[
    Column {
        name: "Owner",
        head: "OWNER",
        shown: true,
        text: |row, _| named::owner_cell(row.owner.as_ref()),
        order: |one, other| named::by_owner(one.owner.as_ref(), other.owner.as_ref()),
    },
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
    Column {
        name: "CreatedSince",
        head: "CREATED",
        shown: true,
        text: |row, _| units::ago(row.created, units::now()),
        order: |one, other| other.created.cmp(&one.created),
    },
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

fn tags(row: &Image) -> String {
    match row.tags.is_empty() {
        true => "<none>".into(),
        false => row.tags.join(", "),
    }
}
