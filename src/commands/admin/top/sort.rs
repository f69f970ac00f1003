//! What rows are sorted by: the largest first, as who looks wants to know who it is.

use std::cmp::Ordering;

use super::report::Share;

/// A column that can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Cpu,
    Memory,
    Gpu,
    Disk,
    Network,
    Block,
    Pids,
}

/// In the order of the columns.
pub(super) const KEYS: [Key; 7] = [
    Key::Cpu,
    Key::Memory,
    Key::Gpu,
    Key::Disk,
    Key::Network,
    Key::Block,
    Key::Pids,
];

impl Key {
    /// As the command line has it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Key::Cpu => "cpu",
            Key::Memory => "mem",
            Key::Gpu => "gpu",
            Key::Disk => "disk",
            Key::Network => "net",
            Key::Block => "io",
            Key::Pids => "pids",
        }
    }

    pub(super) fn read(word: &str) -> Option<Key> {
        KEYS.into_iter().find(|key| key.word() == word)
    }

    /// The one so many columns to the right, around the end.
    pub(super) fn next(self, columns: usize) -> Key {
        let at = KEYS.iter().position(|key| *key == self).unwrap_or_default();
        KEYS[(at + columns) % KEYS.len()]
    }

    /// The larger first, what nobody knows last; of equals the one that holds
    /// more memory: most spaces are idle, and an empty one tells nothing.
    pub(super) fn order(self, one: &Share, other: &Share) -> Ordering {
        let by_key = match self {
            Key::Cpu => float(other.cpu_percent).total_cmp(&float(one.cpu_percent)),
            Key::Memory => other.memory.cmp(&one.memory),
            Key::Gpu => float(other.gpu_percent)
                .total_cmp(&float(one.gpu_percent))
                .then(other.gpu_memory.cmp(&one.gpu_memory)),
            Key::Disk => other.disk.cmp(&one.disk),
            Key::Network => other.net().cmp(&one.net()),
            Key::Block => other.block().cmp(&one.block()),
            Key::Pids => other.pids.cmp(&one.pids),
        };
        by_key.then(other.memory.cmp(&one.memory))
    }
}

fn float(value: Option<f64>) -> f64 {
    value.unwrap_or(-1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for key in KEYS {
            assert_eq!(Key::read(key.word()), Some(key));
            assert_eq!(key.next(KEYS.len()), key);
        }
        assert_eq!(Key::read("memory"), None);
        assert_eq!(Key::Pids.next(1), Key::Cpu);
    }

    #[test]
    fn the_largest_comes_first_by_every_key() {
        let small = Share {
            cpu_percent: Some(0.0),
            gpu_percent: Some(0.0),
            disk: Some(0),
            net_received_per_second: Some(0),
            net_sent_per_second: Some(0),
            block_read_per_second: Some(0),
            block_written_per_second: Some(0),
            ..Share::default()
        };
        let large = Share {
            cpu_percent: Some(1.0),
            gpu_percent: Some(1.0),
            disk: Some(1),
            net_sent_per_second: Some(1),
            block_read_per_second: Some(1),
            memory: 1,
            pids: 1,
            ..small.clone()
        };
        for key in KEYS {
            assert_eq!(key.order(&large, &small), Ordering::Less, "{key:?}");
            assert_eq!(key.order(&small, &small), Ordering::Equal, "{key:?}");
        }
        let unknown = Share::default();
        for key in [Key::Cpu, Key::Gpu, Key::Disk, Key::Network, Key::Block] {
            assert_eq!(key.order(&small, &unknown), Ordering::Less, "{key:?}");
        }
    }
}
