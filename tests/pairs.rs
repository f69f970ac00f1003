//! The pairs of `rows.toml`, for the gate's unit tests and for the acceptance tests.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each of the two test programs uses its own part"
)]

use serde::Deserialize;

/// The file's text.
const TABLE: &str = include_str!("rows.toml");

/// What is refused, by which rule, and the twin that is permitted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    pub row: String,
    pub refused: String,
    pub rule: String,
    pub permitted: String,
    pub request: Option<String>,
    pub body: Option<String>,
    pub status: Option<u16>,
}

#[derive(Deserialize)]
struct Table {
    pair: Vec<Pair>,
}

/// Every pair of the table.
pub fn pairs() -> Vec<Pair> {
    let table: Table = toml::from_str(TABLE).expect("rows.toml");
    let mut pairs = table.pair;
    for pair in &mut pairs {
        pair.refused = expanded(&pair.refused);
        pair.permitted = expanded(&pair.permitted);
    }
    pairs
}

/// `<x*3>` -> `xxx`
fn expanded(text: &str) -> String {
    let Some((before, rest)) = text.split_once('<') else {
        return text.to_owned();
    };
    let (inside, after) = rest.split_once('>').expect("a < that does not end");
    let (word, count) = inside.rsplit_once('*').expect("<TEXT*COUNT>");
    let count = count.parse().expect("<TEXT*COUNT>");
    before.to_owned() + &word.repeat(count) + &expanded(after)
}
