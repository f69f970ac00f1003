//! Which archives are kept: the rules that Proxmox and restic have.
//!
//! Each rule goes from the newest archive to the oldest and keeps the newest one
//! of each of its spans of time, until it has kept as many as it says. A rule
//! counts only archives that no rule before it keeps, as Proxmox does: seven days
//! and four weeks reach back four weeks beyond the seven days.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    pub last: u32,
    pub daily: u32,
    pub weekly: u32,
    pub monthly: u32,
    pub yearly: u32,
}

/// A span of time, as a number that is the same for all moments in it.
type SpanOf = fn(Date) -> i64;

impl Retention {
    /// Whether no rule was given, which keeps everything.
    pub fn is_empty(&self) -> bool {
        *self == Retention::default()
    }

    /// For each of `moments` (seconds since 1970, in any order), whether it is kept.
    pub fn keep(&self, moments: &[i64], zone: &TimeZone) -> Vec<bool> {
        if self.is_empty() {
            return vec![true; moments.len()];
        }
        let mut order: Vec<usize> = (0..moments.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse((moments[*at], *at)));
        let mut kept = vec![false; moments.len()];
        for at in order.iter().take(self.last as usize) {
            kept[*at] = true;
        }
        let rules: [(u32, SpanOf); 4] = [
            (self.daily, |date| {
                i64::from(date.year()) * 400 + i64::from(date.day_of_year())
            }),
            (self.weekly, |date| {
                let week = date.iso_week_date();
                i64::from(week.year()) * 60 + i64::from(week.week())
            }),
            (self.monthly, |date| {
                i64::from(date.year()) * 12 + i64::from(date.month())
            }),
            (self.yearly, |date| i64::from(date.year())),
        ];
        for (count, span_of) in rules {
            // Spans that an earlier rule has an archive of already are served.
            let served: BTreeSet<i64> = order
                .iter()
                .filter(|at| kept[**at])
                .map(|at| span_of(date(moments[*at], zone)))
                .collect();
            let mut new = BTreeSet::new();
            for at in &order {
                let span = span_of(date(moments[*at], zone));
                if new.len() == count as usize {
                    break;
                }
                if !kept[*at] && !served.contains(&span) && new.insert(span) {
                    kept[*at] = true;
                }
            }
        }
        kept
    }
}

fn date(moment: i64, zone: &TimeZone) -> Date {
    let moment = jiff::Timestamp::from_second(moment).unwrap_or_default();
    moment.to_zoned_datetime(zone.clone()).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 86_400;
    /// 2026-01-31 12:00 UTC, a Saturday.
    const START: i64 = 1_769_860_800;

    fn kept(retention: Retention, days: &[i64]) -> Vec<i64> {
        let moments: Vec<i64> = days.iter().map(|day| START + day * DAY).collect();
        let kept = retention.keep(&moments, &TimeZone::UTC);
        days.iter()
            .zip(kept)
            .filter(|(_, kept)| *kept)
            .map(|(day, _)| *day)
            .collect()
    }

    fn of(last: u32, daily: u32, weekly: u32, monthly: u32, yearly: u32) -> Retention {
        Retention {
            last,
            daily,
            weekly,
            monthly,
            yearly,
        }
    }

    #[test]
    fn each_rule_keeps_the_newest_of_its_spans() {
        let days: Vec<i64> = (-800..=0).collect();
        assert_eq!(kept(of(2, 0, 0, 0, 0), &days), [-1, 0]);
        assert_eq!(kept(of(0, 3, 0, 0, 0), &days), [-2, -1, 0]);
        // Saturday, and the Sundays before.
        assert_eq!(kept(of(0, 0, 3, 0, 0), &days), [-13, -6, 0]);
        // The ends of January, December and November.
        assert_eq!(kept(of(0, 0, 0, 3, 0), &days), [-62, -31, 0]);
        assert_eq!(kept(of(0, 0, 0, 0, 2), &days), [-31, 0]);
        assert_eq!(kept(Retention::default(), &days).len(), days.len());
    }

    #[test]
    fn a_later_rule_counts_beyond_the_earlier_ones() {
        let days: Vec<i64> = (-60..=0).collect();
        assert_eq!(kept(of(1, 2, 0, 0, 0), &days), [-2, -1, 0]);
        assert_eq!(
            kept(of(0, 7, 2, 0, 0), &days),
            [-20, -13, -6, -5, -4, -3, -2, -1, 0]
        );
    }

    #[test]
    fn the_newest_of_a_day_stands_for_it() {
        let moments = [START, START + 60, START + 30];
        let kept = of(0, 1, 0, 0, 0).keep(&moments, &TimeZone::UTC);
        assert_eq!(kept, [false, true, false]);
    }

    prop_compose! {
        fn any_retention()(last in 0u32..5, daily in 0u32..5, weekly in 0u32..5, monthly in 0u32..5, yearly in 0u32..5) -> Retention {
            of(last, daily, weekly, monthly, yearly)
        }
    }

    proptest! {
        #[test]
        fn the_newest_is_always_kept(retention in any_retention(), moments in proptest::collection::vec(0i64..2_000_000_000, 1..60)) {
            let kept = retention.keep(&moments, &TimeZone::UTC);
            let newest = moments.iter().max().unwrap();
            prop_assert!(moments.iter().zip(&kept).any(|(moment, kept)| moment == newest && *kept));
        }

        #[test]
        fn no_more_is_kept_than_the_rules_say(retention in any_retention(), moments in proptest::collection::vec(0i64..2_000_000_000, 1..60)) {
            let kept = retention.keep(&moments, &TimeZone::UTC);
            let most = retention.last + retention.daily + retention.weekly + retention.monthly + retention.yearly;
            let count = kept.iter().filter(|kept| **kept).count();
            prop_assert!(retention.is_empty() || count <= most as usize);
        }

        #[test]
        fn to_prune_twice_is_to_prune_once(retention in any_retention(), moments in proptest::collection::vec(0i64..2_000_000_000, 1..60)) {
            let kept = retention.keep(&moments, &TimeZone::UTC);
            let left: Vec<i64> = moments.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(moment, _)| *moment).collect();
            let again = retention.keep(&left, &TimeZone::UTC);
            prop_assert!(again.iter().all(|kept| *kept));
        }

        #[test]
        fn a_larger_number_keeps_at_least_as_many(retention in any_retention(), moments in proptest::collection::vec(0i64..2_000_000_000, 1..60)) {
            let count = |retention: Retention| retention.keep(&moments, &TimeZone::UTC).iter().filter(|kept| **kept).count();
            if !retention.is_empty() {
                let more = Retention { yearly: retention.yearly + 1, ..retention };
                prop_assert!(count(more) >= count(retention));
            }
        }
    }
}
