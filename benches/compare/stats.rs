//! What is said of two rows of numbers: medians, and quartiles of the pairs.

use crate::bed::{Bed, Side};

pub(crate) fn quantile(sorted: &[f64], at: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * at).round() as usize]
}

pub(crate) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

pub(crate) fn line(what: &str, unit: &str, a: &[f64], b: &[f64], extra: &str) {
    let ratio = sorted(a.iter().zip(b).map(|(a, b)| b / a));
    println!(
        "{what:34} {:9.3} {:9.3} {unit:4} x{:.2} [{:.2} {:.2}]{extra}",
        quantile(&sorted(a.iter().copied()), 0.5),
        quantile(&sorted(b.iter().copied()), 0.5),
        quantile(&ratio, 0.5),
        quantile(&ratio, 0.25),
        quantile(&ratio, 0.75),
    );
}

pub(crate) fn compare(bed: &Bed, pairs: usize, what: &str, sides: [Side; 2], words: &[&str]) {
    compare_words(bed, pairs, what, sides, [words, words]);
}

pub(crate) fn compare_words(
    bed: &Bed,
    pairs: usize,
    what: &str,
    sides: [Side; 2],
    words: [&[&str]; 2],
) {
    compare_then(bed, pairs, what, sides, words, &|_| {});
}

/// The same with something to do after each command, not counted.
pub(crate) fn compare_then(
    bed: &Bed,
    pairs: usize,
    what: &str,
    sides: [Side; 2],
    words: [&[&str]; 2],
    then: &dyn Fn(Side),
) {
    let mut wall = [Vec::new(), Vec::new()];
    let mut cpu = [Vec::new(), Vec::new()];
    for pair in 0..pairs + 2 {
        for at in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
            let (w, c) = bed.time(sides[at], words[at]);
            then(sides[at]);
            // The first pairs warm caches and are not counted.
            if pair >= 2 {
                wall[at].push(w.as_secs_f64() * 1e3);
                cpu[at].push(c.as_secs_f64() * 1e3);
            }
        }
    }
    let median = |values: &[f64]| quantile(&sorted(values.iter().copied()), 0.5);
    let extra = match bed.cpu {
        Some(_) => format!("  cpu {:.1} -> {:.1} ms", median(&cpu[0]), median(&cpu[1])),
        None => String::new(),
    };
    line(what, "ms", &wall[0], &wall[1], &extra);
}
