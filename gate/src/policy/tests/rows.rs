//! Every field has a row, every row a field, and every row that can refuse a
//! pair that shows it.

use std::collections::BTreeSet;

use super::pairs::{self, Pair};
use crate::api::container::{CreateBody, HostConfig};
use crate::api::exec::{ExecCreateBody, ExecStartBody};
use crate::api::json::fields_of;
use crate::api::volume::VolumeCreateBody;
use crate::policy::field::{FIELDS, Treatment, row_of};

/// What is called `prefix.` in the table, without the prefix.
fn rows_under(prefix: &str) -> BTreeSet<&'static str> {
    FIELDS
        .iter()
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
    // Shown by tests of their own: what they need is not in the body alone.
    let elsewhere = [
        "HostConfig.PublishAllPorts",
        // Their pairs are those of the fields that hold them.
        "Mount.Docker",
        "Mount.Target",
        "Mount.VolumeOptions",
        // Those of networks have a table of their own, in `networks`.
        "Network.Aliases",
        "Network.Attachable",
        "Network.ConfigFrom",
        "Network.ConfigOnly",
        "Network.Count",
        "Network.Driver",
        "Network.DriverOpts",
        "Network.EnableIPv6",
        "Network.Endpoint",
        "Network.IPAM",
        "Network.Ingress",
        "Network.LinkLocalIPs",
        "Network.Options",
        "Network.Scope",
        "Network.Subnet",
        // Values of queries.
        "remove.link",
        "start.checkpoint",
        "top.ps_args",
    ];
    for row in FIELDS {
        if !matches!(row.treatment, Treatment::Check | Treatment::Forbid) {
            continue;
        }
        let shown = row.field.split_once('.').is_some_and(|(prefix, name)| {
            tables
                .iter()
                .any(|(table, pairs)| *table == prefix && has(pairs, name))
        });
        assert_ne!(
            shown,
            elsewhere.contains(&row.field),
            "{}: one pair, in one place",
            row.field
        );
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
        let known = rule.is_empty() || FIELDS.iter().any(|row| row.rule == rule);
        assert!(known, "{field}: {rule}");
    }
    assert!(row_of("HostConfig.Nothing").is_none());
}
