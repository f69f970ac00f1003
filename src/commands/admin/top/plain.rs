//! One plain pass: a table, a template's lines, or JSON.

use crate::error::Error;
use crate::list::{self, Column, Style};
use crate::{ui, units};

use super::report::{Report, Share, number};
use super::sort::Key;

/// What the last row is called.
pub(super) const OUTSIDE: &str = "host, outside dock";

/// One row of the table.
struct Row<'a> {
    name: String,
    space: &'a str,
    login: &'a str,
    id: &'a str,
    running: Option<usize>,
    share: &'a Share,
    /// Of the whole host.
    memory_total: u64,
}

/// How the pass is written.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub(super) sort: Key,
    /// One row per container in place of one per space.
    pub(super) containers: bool,
    pub(super) json: bool,
    pub(super) format: Option<String>,
}

/// Prints `report`.
///
/// # Errors
/// For a template that is none.
pub(super) fn show(mut report: Report, plain: &Plain) -> Result<(), Error> {
    sort(&mut report, plain.sort);
    if plain.json {
        let text =
            serde_json::to_string(&report).map_err(|error| Error::Gate(error.to_string()))?;
        ui::line(text.as_bytes());
        return Ok(());
    }
    let rows = rows(&report, plain);
    let style = Style::default();
    let columns = columns(plain.containers, report.host.gpus.is_some());
    list::print(plain.format.as_deref(), &rows, &columns, &style)
}

/// Spaces, and containers in them; names decide between equals.
pub(super) fn sort(report: &mut Report, key: Key) {
    report.spaces.sort_by(|one, other| {
        let order = key.order(&one.share, &other.share);
        order.then_with(|| one.owner.login.cmp(&other.owner.login))
    });
    for space in &mut report.spaces {
        space.containers.sort_by(|one, other| {
            let order = key.order(&one.share, &other.share);
            order.then_with(|| one.label().cmp(other.label()))
        });
    }
}

fn rows<'a>(report: &'a Report, plain: &Plain) -> Vec<Row<'a>> {
    let memory_total = report.host.memory_total;
    let mut rows = Vec::new();
    for space in &report.spaces {
        let owner = &space.owner;
        let row = Row {
            name: owner.login.clone(),
            space: &owner.space,
            login: &owner.login,
            id: "",
            running: Some(space.running),
            share: &space.share,
            memory_total,
        };
        if !plain.containers {
            rows.push(row);
            continue;
        }
        rows.extend(space.containers.iter().map(|container| Row {
            name: format!("{}/{}", owner.login, container.label()),
            id: &container.id,
            running: None,
            share: &container.share,
            ..row
        }));
    }
    if plain.containers {
        // Across all spaces.
        rows.sort_by(|one, other| {
            let order = plain.sort.order(one.share, other.share);
            order.then_with(|| one.name.cmp(&other.name))
        });
    }
    rows.push(Row {
        name: OUTSIDE.into(),
        space: "",
        login: "",
        id: "",
        running: None,
        share: &report.outside,
        memory_total,
    });
    rows
}

fn columns<'a>(containers: bool, gpus: bool) -> Vec<Column<Row<'a>>> {
    type Text<'a> = fn(&Row<'a>, &Style) -> String;
    let column = |name, head, shown, text: Text<'a>| Column {
        name,
        head,
        shown,
        text,
        // The rows are sorted already, with the host's at the end.
        order: |_, _| std::cmp::Ordering::Equal,
    };
    let first = if containers { "CONTAINER" } else { "SPACE" };
    vec![
        column("Name", first, true, |row, _| row.name.clone()),
        column("Space", "SPACE", false, |row, _| row.space.to_owned()),
        column("Person", "PERSON", false, |row, _| row.login.to_owned()),
        column("ID", "CONTAINER ID", false, |row, _| row.id.to_owned()),
        column("Cpu", "CPU %", true, |row, _| {
            percent(row.share.cpu_percent)
        }),
        column("Mem", "MEM USAGE / LIMIT", true, |row, _| {
            let limit = row.share.memory_limit.map_or_else(|| "-".into(), binary);
            format!("{} / {limit}", binary(row.share.memory))
        }),
        column("MemPerc", "MEM %", true, |row, _| {
            let of = number(row.share.memory) * 100.0 / number(row.memory_total.max(1));
            percent(Some(of))
        }),
        column("Gpu", "GPU %", gpus, |row, _| {
            percent(row.share.gpu_percent)
        }),
        column("GpuMem", "GPU MEM", gpus, |row, _| {
            known(row.share.gpu_memory, binary)
        }),
        column("Disk", "DISK", true, |row, _| {
            known(row.share.disk, units::bytes)
        }),
        column("Net", "NET RECEIVED / SENT", true, |row, _| {
            let share = row.share;
            rates(share.net_received_per_second, share.net_sent_per_second)
        }),
        column("Io", "BLOCK READ / WRITTEN", true, |row, _| {
            let share = row.share;
            rates(share.block_read_per_second, share.block_written_per_second)
        }),
        column("Pids", "PIDS", true, |row, _| row.share.pids.to_string()),
        column("Containers", "CONTAINERS", !containers, |row, _| {
            known(row.running, |running| running.to_string())
        }),
    ]
}

fn known<T>(value: Option<T>, text: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "-".into(), text)
}

fn percent(value: Option<f64>) -> String {
    known(value, |value| format!("{value:.2}%"))
}

fn rates(one: Option<u64>, other: Option<u64>) -> String {
    let rate = |value| known(value, |bytes| format!("{}/s", decimal(bytes)));
    format!("{} / {}", rate(one), rate(other))
}

/// `1.5GiB`, as docker has memory.
pub(super) fn binary(bytes: u64) -> String {
    units::binary(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// `1.5GB`, as docker has everything else.
pub(super) fn decimal(bytes: u64) -> String {
    units::bytes(i64::try_from(bytes).unwrap_or(i64::MAX))
}
