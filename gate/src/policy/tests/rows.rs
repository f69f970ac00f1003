//! Every field has a row, every row a field, and every row that can refuse a
//! pair that shows it.

use std::collections::BTreeSet;

use super::pairs::{self, Pair};
use crate::api::container::{CreateBody, HostConfig};
use crate::api::exec::{ExecCreateBody, ExecStartBody};
use crate::api::json::fields_of;
use crate::api::network::NetworkBody;
use crate::api::volume::VolumeCreateBody;
use dock_space::rule::{self, Treatment};

/// What is called `prefix.` in the table, without the prefix.
fn rows_under(prefix: &str) -> BTreeSet<&'static str> {
    rule::rows()
        .filter_map(|row| row.field.strip_prefix(prefix)?.strip_prefix('.'))
        .collect()
}

#[test]
fn every_field_has_a_row_and_every_row_a_field() {
    let of = |lists: &[&'static [&'static str]]| -> BTreeSet<&'static str> {
        lists.iter().flat_map(|list| list.iter().copied()).collect()
    };
    let mut config = of(&[fields_of::<CreateBody>()]);
    assert!(config.remove("HostConfig") && config.remove("NetworkingConfig"));
    let host = of(&[fields_of::<HostConfig>()]);
    let exec = of(&[fields_of::<ExecCreateBody>(), fields_of::<ExecStartBody>()]);
    assert!(config.len() > 20 && host.len() > 60 && exec.len() > 10);
    assert_eq!(rows_under("Config"), config);
    assert_eq!(rows_under("HostConfig"), host);
    assert_eq!(rows_under("Exec"), exec);
    assert_eq!(rows_under("Volume"), of(&[fields_of::<VolumeCreateBody>()]));
    // Rows of a network are those of its endpoints and addresses, too.
    let network = of(&[fields_of::<NetworkBody>()]);
    assert!(network.len() > 10 && network.is_subset(&rows_under("Network")));
}

#[test]
fn every_row_that_can_refuse_has_a_refusal_and_a_twin() {
    let has = |pairs: &[Pair], name: &str| pairs.iter().any(|(field, ..)| *field == name);
    let tables = [
        ("Config", pairs::of_config()),
        ("HostConfig", pairs::of_host_config()),
        ("Exec", pairs::of_exec()),
        ("Volume", pairs::of_volume()),
    ];
    // The rows that are no fields of one body are shown where they are decided,
    // and each against a real engine: tests/acceptance/rows.
    for row in rule::rows() {
        let Some((prefix, name)) = row.field.split_once('.') else {
            continue;
        };
        let Some((_, pairs)) = tables.iter().find(|(table, _)| *table == prefix) else {
            continue;
        };
        if !matches!(row.treatment, Treatment::Check | Treatment::Forbid) {
            continue;
        }
        // By a test of its own: it takes an image that exposes ports.
        let elsewhere = row.field == "HostConfig.PublishAllPorts";
        assert_ne!(has(pairs, name), elsewhere, "{}: one pair", row.field);
    }
}

#[test]
fn every_rule_of_a_pair_is_a_rule_of_a_row() {
    let pairs = [
        pairs::of_config(),
        pairs::of_host_config(),
        pairs::of_exec(),
        pairs::of_volume(),
    ]
    .concat();
    for (field, _, rule, _) in pairs {
        let known = rule.is_empty() || rule::rows_of(rule).next().is_some();
        assert!(known, "{field}: {rule}");
    }
}
