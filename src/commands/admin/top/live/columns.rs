//! The columns of the view, and which of them a terminal has room for.

use super::super::plain::{binary, decimal};
use super::super::report::{Share, number};
use super::super::sort::Key;
use crate::units;

/// The least room for names.
const NAMES: usize = 12;

/// The most room for names, where there is more than enough.
const MOST_NAMES: usize = 28;

/// From so many cells on the columns have room for both directions.
const WIDE: usize = 120;

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Running,
    Cpu,
    History,
    Memory,
    Limit,
    Bar,
    Gpu,
    GpuMemory,
    Disk,
    Received,
    Sent,
    Network,
    Read,
    Written,
    Block,
    Pids,
}

/// A column with its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) kind: Kind,
    pub(super) width: usize,
}

use Kind as K;

/// For a terminal of 80 cells; what is first given up stands first in [`DISPENSABLE`].
const NARROW: &[(Kind, usize)] = &[
    (K::Name, NAMES),
    (K::Cpu, 6),
    (K::History, 8),
    (K::Memory, 8),
    (K::Bar, 7),
    (K::Gpu, 5),
    (K::GpuMemory, 8),
    (K::Disk, 6),
    (K::Network, 7),
    (K::Block, 7),
    (K::Pids, 5),
];

const BROAD: &[(Kind, usize)] = &[
    (K::Name, NAMES),
    (K::Running, 4),
    (K::Cpu, 7),
    (K::History, 16),
    (K::Memory, 8),
    (K::Limit, 8),
    (K::Bar, 16),
    (K::Gpu, 6),
    (K::GpuMemory, 8),
    (K::Disk, 7),
    (K::Received, 8),
    (K::Sent, 8),
    (K::Read, 8),
    (K::Written, 8),
    (K::Pids, 6),
];

const DISPENSABLE: &[Kind] = &[
    K::History,
    K::Limit,
    K::Disk,
    K::Block,
    K::Network,
    K::Bar,
    K::GpuMemory,
    K::Pids,
    K::Gpu,
];

impl Kind {
    /// The head, and the key that sorts by the column.
    pub(super) fn head(self) -> (&'static str, Option<Key>) {
        match self {
            K::Name => ("SPACE", None),
            K::Running => ("RUN", None),
            K::Cpu => ("CPU%", Some(Key::Cpu)),
            K::History => ("HISTORY", None),
            K::Memory => ("MEM", Some(Key::Memory)),
            K::Limit => ("LIMIT", None),
            K::Bar => ("OF HOST", None),
            K::Gpu => ("GPU%", Some(Key::Gpu)),
            K::GpuMemory => ("GPUMEM", None),
            K::Disk => ("DISK", Some(Key::Disk)),
            K::Received => ("NET IN/S", Some(Key::Network)),
            K::Sent => ("OUT/S", Some(Key::Network)),
            K::Network => ("NET/S", Some(Key::Network)),
            K::Read => ("READ/S", Some(Key::Block)),
            K::Written => ("WRITE/S", Some(Key::Block)),
            K::Block => ("IO/S", Some(Key::Block)),
            K::Pids => ("PIDS", Some(Key::Pids)),
        }
    }

    /// Whether it is read from the left.
    pub(super) fn is_text(self) -> bool {
        matches!(self, K::Name | K::History | K::Bar)
    }

    /// The number of a row; nothing where nobody knows it.
    pub(super) fn cell(self, share: &Share, running: Option<usize>) -> String {
        let text = match self {
            K::Name | K::History | K::Bar => None,
            K::Running => running.map(|running| running.to_string()),
            K::Cpu => share.cpu_percent.map(percent),
            K::Memory => Some(binary(share.memory)),
            K::Limit => share.memory_limit.map(binary),
            K::Gpu => share.gpu_percent.map(|percent| format!("{percent:.0}")),
            K::GpuMemory => share.gpu_memory.map(binary),
            K::Disk => share.disk.map(units::bytes),
            K::Received => share.net_received_per_second.map(decimal),
            K::Sent => share.net_sent_per_second.map(decimal),
            K::Network => share.net().map(decimal),
            K::Read => share.block_read_per_second.map(decimal),
            K::Written => share.block_written_per_second.map(decimal),
            K::Block => share.block().map(decimal),
            K::Pids => Some(share.pids.to_string()),
        };
        text.unwrap_or_else(|| "-".into())
    }
}

fn percent(percent: f64) -> String {
    match percent {
        ..1000.0 => format!("{percent:.1}"),
        _ => format!("{percent:.0}"),
    }
}

/// How much of its limit a row's memory takes; 0 where there is no limit.
pub(super) fn of_limit(share: &Share) -> f64 {
    match share.memory_limit {
        Some(limit) if limit > 0 => number(share.memory) / number(limit),
        _ => 0.0,
    }
}

/// The columns for a terminal of `width` cells.
pub(super) fn fit(width: usize, gpus: bool) -> Vec<Column> {
    let table = if width >= WIDE { BROAD } else { NARROW };
    let mut columns: Vec<Column> = table
        .iter()
        .filter(|(kind, _)| gpus || !matches!(kind, K::Gpu | K::GpuMemory))
        .map(|(kind, width)| Column {
            kind: *kind,
            width: *width,
        })
        .collect();
    for kind in DISPENSABLE {
        if taken(&columns) <= width {
            break;
        }
        columns.retain(|column| column.kind != *kind);
    }
    // What is left over is for names first, then for what is looked at.
    let mut left = width.saturating_sub(taken(&columns));
    for (kind, most) in [(K::Name, MOST_NAMES), (K::History, 40), (K::Bar, 60)] {
        if let Some(column) = columns.iter_mut().find(|column| column.kind == kind) {
            let more = left.min(most.saturating_sub(column.width));
            column.width += more;
            left -= more;
        }
    }
    columns
}

/// The cells that columns take, with one between each two.
fn taken(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.width + 1).sum::<usize>() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_has_columns_that_fit() {
        for gpus in [false, true] {
            for width in 20..300 {
                let columns = fit(width, gpus);
                assert!(taken(&columns) <= width.max(28), "{width} {columns:?}");
                assert_eq!(columns[0].kind, Kind::Name);
            }
        }
    }

    #[test]
    fn eighty_cells_show_every_measure() {
        let kinds = |gpus| -> Vec<Kind> {
            let columns = fit(80, gpus).into_iter();
            columns.map(|column| column.kind).collect()
        };
        let mut all: Vec<Kind> = NARROW.iter().map(|(kind, _)| *kind).collect();
        all.retain(|kind| !matches!(kind, K::Gpu | K::GpuMemory));
        assert_eq!(kinds(false), all);
        for kind in [
            K::Cpu,
            K::Memory,
            K::Gpu,
            K::GpuMemory,
            K::Network,
            K::Block,
            K::Pids,
        ] {
            assert!(kinds(true).contains(&kind), "{kind:?}");
        }
    }
}
