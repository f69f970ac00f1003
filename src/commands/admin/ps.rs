//! `dock admin ps`: everybody's containers.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::{Container, Port};

use super::{named, owned};
use crate::error::Error;
use crate::list::{Column, Style};
use crate::units;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let filters = named::filters(matches)?;
    let (all, size) = (matches.get_flag("all"), matches.get_flag("size"));
    // As with docker: a filter for a state looks at every state.
    let all = u8::from(all);
    let path = format!(
        "/dock/containers?all={all}&size={}&filters={filters}",
        u8::from(size)
    );
    let columns = columns(size);
    owned::show(matches, &path, &columns, id)
}

fn id(row: &Container, style: &Style) -> String {
    short(&row.id, style)
}

/// Twelve digits, as docker shows them.
pub(super) fn short(id: &str, style: &Style) -> String {
    if style.whole {
        return id.to_owned();
    }
    let hex = id.strip_prefix("sha256:").unwrap_or(id);
    hex.chars().take(12).collect()
}

fn columns(size: bool) -> Vec<Column<Container>> {
    vec![
        owned::owner(),
        Column {
            name: "ID",
            head: "CONTAINER ID",
            shown: true,
            text: id,
            order: |one, other| one.id.cmp(&other.id),
        },
        Column {
            name: "Names",
            head: "NAME",
            shown: true,
            text: |row, _| row.name.clone(),
            order: |one, other| one.name.cmp(&other.name),
        },
        Column {
            name: "Image",
            head: "IMAGE",
            shown: true,
            text: |row, _| row.image.clone(),
            order: |one, other| one.image.cmp(&other.image),
        },
        Column {
            name: "Command",
            head: "COMMAND",
            shown: true,
            text: command,
            order: |one, other| one.command.cmp(&other.command),
        },
        owned::age("RunningFor"),
        owned::created_at(),
        Column {
            name: "State",
            head: "STATE",
            shown: false,
            text: |row, _| row.state.clone(),
            order: |one, other| one.state.cmp(&other.state),
        },
        Column {
            name: "Status",
            head: "STATUS",
            shown: true,
            text: |row, _| row.status.clone(),
            order: |one, other| one.status.cmp(&other.status),
        },
        Column {
            name: "Ports",
            head: "PORTS",
            shown: true,
            text: |row, _| ports(&row.ports),
            order: |one, other| one.ports.cmp(&other.ports),
        },
        Column {
            name: "Networks",
            head: "NETWORKS",
            shown: false,
            text: |row, _| row.networks.join(","),
            order: |one, other| one.networks.cmp(&other.networks),
        },
        Column {
            name: "Mounts",
            head: "MOUNTS",
            shown: false,
            text: |row, _| row.volumes.join(","),
            order: |one, other| one.volumes.cmp(&other.volumes),
        },
        owned::labels(),
        owned::author(),
        Column {
            name: "Size",
            head: "SIZE",
            shown: size,
            text: |row, _| size_cell(row),
            order: |one, other| one.size_rw.cmp(&other.size_rw),
        },
    ]
}

fn command(row: &Container, style: &Style) -> String {
    const LONGEST: usize = 20;
    let whole = style.whole || row.command.chars().count() <= LONGEST;
    let text: String = match whole {
        true => row.command.clone(),
        false => {
            let start = row.command.chars().take(LONGEST - 1);
            start.chain(['\u{2026}']).collect()
        }
    };
    format!("{text:?}")
}

fn size_cell(row: &Container) -> String {
    match (row.size_rw, row.size_root_fs) {
        (Some(own), Some(all)) => {
            format!("{} (virtual {})", units::bytes(own), units::bytes(all))
        }
        _ => "0B".into(),
    }
}

/// `0.0.0.0:20180->80/tcp`, as docker has it.
fn ports(ports: &[Port]) -> String {
    let ports: Vec<String> = ports
        .iter()
        .map(|port| match port.public {
            0 => format!("{}/{}", port.private, port.protocol),
            public => {
                let address = match port.address.contains(':') {
                    true => format!("[{}]", port.address),
                    false => port.address.clone(),
                };
                format!("{address}:{public}->{}/{}", port.private, port.protocol)
            }
        })
        .collect();
    ports.join(", ")
}
