//! Values that are refused, and their twins that differ in one thing: those of
//! `tests/rows.toml` that are one field of one body.

use serde_json::Value;

#[path = "../../../../tests/pairs.rs"]
mod table;

/// A field, a value that is refused and by which rule, a value that is permitted.
pub(super) type Pair = (&'static str, Value, &'static str, Value);

/// The pairs of the fields of one body: `HostConfig`.
fn of(prefix: &str) -> Vec<Pair> {
    let pairs = table::pairs().into_iter();
    pairs
        .filter(|pair| pair.request.is_none() && pair.body.is_none())
        .filter_map(|pair| {
            let field = pair.row.strip_prefix(prefix)?.strip_prefix('.')?.to_owned();
            let value = |text: &str| serde_json::from_str(text).expect("a value of rows.toml");
            Some((
                &*field.leak(),
                value(&pair.refused),
                &*pair.rule.leak(),
                value(&pair.permitted),
            ))
        })
        .collect()
}

pub(super) fn of_host_config() -> Vec<Pair> {
    of("HostConfig")
}

pub(super) fn of_config() -> Vec<Pair> {
    of("Config")
}

pub(super) fn of_exec() -> Vec<Pair> {
    of("Exec")
}

pub(super) fn of_network() -> Vec<Pair> {
    of("Network")
}

pub(super) fn of_volume() -> Vec<Pair> {
    of("Volume")
}
