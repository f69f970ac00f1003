//! `dock admin ls`: the spaces.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::SpaceRow;

use crate::error::Error;
use crate::list::{self, Column, Options};
use crate::units;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let options = Options::read(matches);
    let mut client = super::gate()?;
    let mut rows: Vec<SpaceRow> = match matches.get_flag("no-size") {
        true => client.get("/dock/spaces")?,
        false => client.get("/dock/spaces?size=1")?,
    };
    if !matches.get_flag("all") {
        rows.retain(|row| row.account || holds(row));
    }
    list::show(rows, COLUMNS, &options, |row, _| row.owner.space.clone())?;
    Ok(ExitCode::SUCCESS)
}

/// Whether anything is left in a space.
pub(super) fn holds(row: &SpaceRow) -> bool {
    row.containers + row.images + row.volumes + row.networks > 0
}

const COLUMNS: &[Column<SpaceRow>] = &[
    Column {
        name: "Space",
        head: "SPACE",
        shown: true,
        text: |row, _| row.owner.space.clone(),
        order: |one, other| one.owner.space.cmp(&other.owner.space),
    },
    Column {
        name: "Person",
        head: "PERSON",
        shown: true,
        text: |row, _| match row.account {
            true => row.owner.login.clone(),
            false => format!("{} (gone)", row.owner.login),
        },
        order: |one, other| one.owner.login.cmp(&other.owner.login),
    },
    Column {
        name: "Name",
        head: "NAME",
        shown: false,
        text: |row, _| row.full_name.clone(),
        order: |one, other| one.full_name.cmp(&other.full_name),
    },
    Column {
        name: "Organisation",
        head: "ORGANISATION",
        shown: true,
        text: |row, _| row.organisation.clone().unwrap_or_default(),
        order: |one, other| one.organisation.cmp(&other.organisation),
    },
    Column {
        name: "Author",
        head: "AUTHOR",
        shown: false,
        text: |row, _| row.author.clone(),
        order: |one, other| one.author.cmp(&other.author),
    },
    Column {
        name: "Containers",
        head: "CONTAINERS",
        shown: true,
        text: |row, _| format!("{}/{}", row.running, row.containers),
        order: |one, other| one.containers.cmp(&other.containers),
    },
    Column {
        name: "Running",
        head: "RUNNING",
        shown: false,
        text: |row, _| row.running.to_string(),
        order: |one, other| one.running.cmp(&other.running),
    },
    Column {
        name: "Images",
        head: "IMAGES",
        shown: true,
        text: |row, _| row.images.to_string(),
        order: |one, other| one.images.cmp(&other.images),
    },
    Column {
        name: "Volumes",
        head: "VOLUMES",
        shown: true,
        text: |row, _| row.volumes.to_string(),
        order: |one, other| one.volumes.cmp(&other.volumes),
    },
    Column {
        name: "Networks",
        head: "NETWORKS",
        shown: true,
        text: |row, _| row.networks.to_string(),
        order: |one, other| one.networks.cmp(&other.networks),
    },
    Column {
        name: "Disk",
        head: "DISK",
        shown: true,
        text: |row, _| row.disk.map_or_else(|| "-".into(), units::bytes),
        order: |one, other| one.disk.cmp(&other.disk),
    },
    Column {
        name: "Ports",
        head: "PORTS",
        shown: true,
        text: |row, _| ranges(&row.ports),
        order: |one, other| one.ports.len().cmp(&other.ports.len()),
    },
    Column {
        name: "LastUse",
        head: "LAST USE",
        shown: true,
        text: |row, _| match row.last_use {
            Some(moment) => units::ago(moment, units::now()),
            None => "-".into(),
        },
        order: |one, other| one.last_use.cmp(&other.last_use),
    },
];

/// `20000-20002,20010`.
fn ranges(ports: &[u16]) -> String {
    let mut text = String::new();
    let follows = |one: &u16, next: &u16| one.checked_add(1) == Some(*next);
    for range in ports.chunk_by(follows) {
        if !text.is_empty() {
            text.push(',');
        }
        match range {
            [one] => text.push_str(&one.to_string()),
            [first, .., last] => text.push_str(&format!("{first}-{last}")),
            [] => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_ports_are_one_range() {
        assert_eq!(ranges(&[]), "");
        assert_eq!(ranges(&[80]), "80");
        assert_eq!(ranges(&[80, 81, 82, 90, 65535]), "80-82,90,65535");
    }
}
