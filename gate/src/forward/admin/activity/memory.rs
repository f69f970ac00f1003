//! What is remembered from look to look, and how a look changes it. Pure.
//!
//! Whatever is uncertain makes an object look used: it is kept for longer.

use std::collections::BTreeMap;

use dock_space::admin::{Kind, Seen, Warned, Warning};
use serde::{Deserialize, Serialize};

/// Two looks that are further apart say nothing about the time between them.
const GAP: i64 = 2 * 86_400;

/// The shortest time over which movement is averaged; what looks come in
/// between is added up.
const WINDOW: i64 = 3_600;

/// Billionths of a second of CPU for each second: 0.1% of one CPU, below which
/// are the health checks and timers of a program that waits.
const CPU_A_SECOND: u64 = 1_000_000;

/// Bytes for each second: below it is what a bridge tells everybody on it.
const BYTES_A_SECOND: u64 = 1;

/// Everything that is remembered, by kind and id.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Memory {
    /// Whether anybody has looked before.
    looked: bool,
    objects: BTreeMap<String, Entry>,
}

/// What is remembered of one object.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    arrived: Option<i64>,
    used: Option<i64>,
    /// Of a container that runs and whose counters can be read.
    run: Option<Run>,
    warned: Option<Warned>,
}

/// How a running container moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    idle_since: i64,
    /// The last look.
    seen: i64,
    /// The look whose counters these are.
    counted: i64,
    cpu: u64,
    bytes: u64,
}

/// What a container has taken since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Billionths of a second.
    pub(super) cpu: u64,
    /// Received and sent.
    pub(super) bytes: u64,
}

/// One object at one look.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    pub(super) kind: Kind,
    pub(super) id: String,
    /// A container is up; a container has the object.
    pub(super) in_use: bool,
    /// A trace of a use before this look.
    pub(super) trace: Option<i64>,
    /// When a container ended.
    pub(super) ended: Option<i64>,
    pub(super) counters: Option<Counters>,
    /// Somebody has seen it at work, whatever its counters say.
    pub(super) busy: bool,
}

impl Memory {
    /// Remembers a look, and tells of each object what is known by now. What is
    /// not in `sights` is gone and forgotten. `forgot`: an earlier memory was lost.
    pub(super) fn look(&mut self, now: i64, sights: &[Sight], forgot: bool) -> Vec<Seen> {
        let mut before = std::mem::take(&mut self.objects);
        let first = !self.looked && !forgot;
        self.looked = true;
        let mut told = Vec::with_capacity(sights.len());
        for sight in sights {
            let key = key(sight.kind, &sight.id);
            let mut entry = before.remove(&key).unwrap_or_else(|| Entry {
                // What was there before the first look is as old as the engine
                // says; a volume is data, and nobody can say when it was used.
                arrived: (!first || sight.kind == Kind::Volume).then_some(now),
                ..Entry::default()
            });
            entry.meet(now, sight);
            told.push(Seen {
                kind: sight.kind,
                id: sight.id.clone(),
                arrived: entry.arrived,
                used: entry.used,
                idle_since: entry.run.map(|run| run.idle_since),
                ended: sight.ended,
                bytes: None,
                warned: entry.warned.clone(),
            });
            self.objects.insert(key, entry);
        }
        told
    }

    /// Remembers that a warning was given; one about what is not there is none.
    pub(super) fn warn(&mut self, now: i64, warning: &Warning) {
        if let Some(entry) = self.objects.get_mut(&key(warning.kind, &warning.id)) {
            entry.warned = Some(Warned {
                rule: warning.rule.clone(),
                at: now,
            });
        }
    }
}

fn key(kind: Kind, id: &str) -> String {
    format!("{kind}:{id}")
}

impl Entry {
    fn meet(&mut self, now: i64, sight: &Sight) {
        let seen = sight.in_use.then_some(now);
        self.used = self.used.max(sight.trace).max(seen);
        self.run = sight.counters.map(|counters| match self.run {
            Some(run) if !sight.busy => run.next(now, counters),
            _ => Run::begin(now, counters),
        });
        // Whatever shows that it is wanted ends the warning.
        let idle = self.run.map(|run| run.idle_since);
        let alive = match idle {
            // Up, and that alone is no use: it is warned for doing nothing.
            Some(_) => idle,
            None => self.used.max(sight.ended),
        };
        if let Some(warned) = &self.warned
            && alive.is_some_and(|alive| alive > warned.at)
        {
            self.warned = None;
        }
    }
}

impl Run {
    fn begin(now: i64, counters: Counters) -> Run {
        Run {
            idle_since: now,
            seen: now,
            counted: now,
            cpu: counters.cpu,
            bytes: counters.bytes,
        }
    }

    fn next(self, now: i64, counters: Counters) -> Run {
        let restarted = counters.cpu < self.cpu || counters.bytes < self.bytes;
        let gap = now - self.seen;
        if restarted || !(0..=GAP).contains(&gap) {
            return Run::begin(now, counters);
        }
        let over = now - self.counted;
        let seconds = u64::try_from(over.max(WINDOW)).unwrap_or_default();
        let moved = counters.cpu - self.cpu > CPU_A_SECOND * seconds
            || counters.bytes - self.bytes > BYTES_A_SECOND * seconds;
        match (moved, over >= WINDOW) {
            (true, _) => Run::begin(now, counters),
            (false, true) => Run {
                idle_since: self.idle_since,
                ..Run::begin(now, counters)
            },
            // Too soon to say: what moves is added up.
            (false, false) => Run { seen: now, ..self },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;
    const NOW: i64 = 1_700_000_000;

    fn up(cpu: u64, bytes: u64) -> Sight {
        Sight {
            kind: Kind::Container,
            id: "c".into(),
            in_use: true,
            trace: None,
            ended: None,
            counters: Some(Counters { cpu, bytes }),
            busy: false,
        }
    }

    fn object(kind: Kind, in_use: bool) -> Sight {
        Sight {
            kind,
            id: "o".into(),
            in_use,
            trace: None,
            ended: None,
            counters: None,
            busy: false,
        }
    }

    fn looked(memory: &mut Memory, now: i64, sight: Sight) -> Seen {
        memory.look(now, &[sight], false).remove(0)
    }

    #[test]
    fn idle_is_what_was_watched_and_did_not_move() {
        let mut memory = Memory::default();
        for day in 0..20 {
            let quiet = up(5_000_000_000 + day * 10_000_000, 100 + day);
            let now = NOW + i64::try_from(day).unwrap() * DAY;
            assert_eq!(looked(&mut memory, now, quiet).idle_since, Some(NOW));
        }
        let now = NOW + 20 * DAY;
        let busy = looked(&mut memory, now, up(200_000_000_000, 119));
        assert_eq!(busy.idle_since, Some(now));
        let talking = looked(&mut memory, now + DAY, up(200_000_000_000, 500_000));
        assert_eq!(talking.idle_since, Some(now + DAY));
    }

    #[test]
    fn a_gap_a_restart_and_a_clock_that_goes_back_begin_anew() {
        for (later, cpu) in [(3 * DAY, 10), (DAY, 1), (-1, 10)] {
            let mut memory = Memory::default();
            looked(&mut memory, NOW, up(10, 10));
            let seen = looked(&mut memory, NOW + later, up(cpu, 10));
            assert_eq!(seen.idle_since, Some(NOW + later));
        }
    }

    #[test]
    fn what_somebody_saw_at_work_is_not_idle() {
        let mut memory = Memory::default();
        looked(&mut memory, NOW, up(10, 10));
        let seen = Sight {
            busy: true,
            ..up(10, 10)
        };
        let seen = looked(&mut memory, NOW + DAY, seen);
        assert_eq!(seen.idle_since, Some(NOW + DAY));
    }

    #[test]
    fn counters_that_cannot_be_read_are_no_idleness() {
        let mut memory = Memory::default();
        looked(&mut memory, NOW, up(10, 10));
        let blind = Sight {
            counters: None,
            ..up(0, 0)
        };
        assert_eq!(looked(&mut memory, NOW + DAY, blind).idle_since, None);
        let seen = looked(&mut memory, NOW + 2 * DAY, up(10, 10));
        assert_eq!(seen.idle_since, Some(NOW + 2 * DAY));
    }

    /// Somebody looks every second, and each look meets next to nothing.
    #[test]
    fn looks_in_quick_succession_hide_nothing() {
        let mut memory = Memory::default();
        let mut last = None;
        for second in 0..4_000u32 {
            let cpu = u64::from(second) * 5_000_000;
            last = looked(&mut memory, NOW + i64::from(second), up(cpu, 0)).idle_since;
        }
        assert!(last > Some(NOW), "{last:?}");
    }

    #[test]
    fn a_use_ends_a_warning() {
        for kind in [Kind::Image, Kind::Network, Kind::Volume] {
            let mut memory = Memory::default();
            looked(&mut memory, NOW, object(kind, false));
            let warning = Warning {
                kind,
                id: "o".into(),
                rule: "images".into(),
            };
            memory.warn(NOW + 1, &warning);
            let still = looked(&mut memory, NOW + DAY, object(kind, false));
            assert_eq!(still.warned.map(|warned| warned.at), Some(NOW + 1));
            let traced = Sight {
                trace: Some(NOW + DAY + 5),
                ..object(kind, false)
            };
            assert_eq!(looked(&mut memory, NOW + 2 * DAY, traced).warned, None);
        }
    }

    #[test]
    fn a_container_that_is_warned_for_doing_nothing_must_do_something() {
        let mut memory = Memory::default();
        looked(&mut memory, NOW, up(10, 10));
        let warning = Warning {
            kind: Kind::Container,
            id: "c".into(),
            rule: "idle".into(),
        };
        memory.warn(NOW + 1, &warning);
        assert!(looked(&mut memory, NOW + DAY, up(10, 10)).warned.is_some());
        let busy = up(u64::MAX / 2, 10);
        assert_eq!(looked(&mut memory, NOW + 2 * DAY, busy).warned, None);
    }

    #[test]
    fn what_is_gone_is_forgotten_and_what_comes_has_arrived() {
        let mut memory = Memory::default();
        let first = looked(&mut memory, NOW, object(Kind::Image, false));
        assert_eq!((first.arrived, first.used), (None, None));
        assert!(memory.look(NOW + DAY, &[], false).is_empty());
        let again = looked(&mut memory, NOW + 2 * DAY, object(Kind::Image, true));
        assert_eq!(again.arrived, Some(NOW + 2 * DAY));
        assert_eq!(again.used, again.arrived);
    }

    #[test]
    fn nothing_is_old_after_a_loss_and_a_volume_never_at_first() {
        let mut lost = Memory::default();
        let told = lost.look(NOW, &[object(Kind::Image, false)], true);
        assert_eq!(told[0].arrived, Some(NOW));
        let volume = looked(&mut Memory::default(), NOW, object(Kind::Volume, false));
        assert_eq!(volume.arrived, Some(NOW));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut memory = Memory::default();
        memory.look(NOW, &[up(1, 2), object(Kind::Volume, false)], false);
        let text = serde_json::to_string(&memory).unwrap();
        assert_eq!(serde_json::from_str::<Memory>(&text).unwrap(), memory);
    }
}
