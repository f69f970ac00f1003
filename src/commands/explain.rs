//! `dock explain`: the rules of the gate, in the words of its own table.
//!
//! Needs no gate and no membership: it prints what is in this program. What
//! holds for one person (an administrator may have listed more) it does not
//! know, so it names the keys of dock.toml.

use std::process::ExitCode;

use dock_space::rule::{self, Row, Treatment};

use crate::argv::table;
use crate::error::Error;
use crate::ui;

/// The width that a text is wrapped at.
const WIDTH: usize = 80;

/// Flags that are explained under another: spellings, and parts of one option.
const SAME: &[(&str, &str)] = &[
    ("--dns-opt", "--dns-option"),
    ("--health-interval", "--health-cmd"),
    ("--health-retries", "--health-cmd"),
    ("--health-start-interval", "--health-cmd"),
    ("--health-start-period", "--health-cmd"),
    ("--health-timeout", "--health-cmd"),
    ("--log-opt", "--log-driver"),
    ("--net", "--network"),
];

pub(super) fn run(asked: Option<&str>, rest: Option<&str>, json: bool) -> Result<ExitCode, Error> {
    let rules = match (asked, rest) {
        (None, _) => rule::ids().collect(),
        (Some(asked), None) => meant(asked)?,
        (Some(asked), Some(rest)) => meant(&format!("{asked} {rest}"))?,
    };
    let text = match asked {
        _ if json => as_json(&rules),
        None => list(&rules),
        Some(asked) if rules.is_empty() => format!("{asked}: no rule stands in its way"),
        Some(_) => {
            let texts: Vec<String> = rules.iter().map(|rule| page(rule)).collect();
            texts.join("\n\n")
        }
    };
    ui::line(text.as_bytes());
    Ok(ExitCode::SUCCESS)
}

/// The rules that `asked` means: an id, the end of a refusal, a flag, a field.
/// None for a flag or field that is sent as it comes.
fn meant(asked: &str) -> Result<Vec<&'static str>, Error> {
    let name = match asked.split_once("[rule ") {
        Some((_, rest)) => rest.split(']').next().unwrap_or(rest),
        None => asked,
    };
    let name = name.trim();
    if let Some(id) = rule::ids().find(|id| *id == name) {
        return Ok(vec![id]);
    }
    let flag = as_flag(name);
    let fits = |row: &&Row| {
        let same_flag = row.flag.split(' ').next() == Some(&flag) || row.flag == name;
        let same_field = row.field.eq_ignore_ascii_case(name)
            || row
                .field
                .split_once('.')
                .is_some_and(|(_, field)| field.eq_ignore_ascii_case(name));
        same_flag || same_field
    };
    let rows: Vec<&Row> = rule::rows().filter(fits).collect();
    if rows.is_empty() {
        return Err(Error::NoRule {
            asked: name.to_owned(),
            near: near(name),
        });
    }
    let mut rules: Vec<&'static str> = rows.iter().map(|row| row.rule).collect();
    rules.retain(|rule| !rule.is_empty());
    rules.sort_unstable();
    rules.dedup();
    Ok(rules)
}

/// `-v`, `-v=x`, `--volume=x` -> `--volume`.
fn as_flag(word: &str) -> String {
    let word = word.split_once('=').map_or(word, |(flag, _)| flag);
    let mut letters = word.chars();
    let short = match (letters.next(), letters.next(), letters.next()) {
        (Some('-'), Some(letter), None) if letter != '-' => Some(letter),
        _ => None,
    };
    let long = short.and_then(|letter| {
        [table::CREATE, table::RUN]
            .into_iter()
            .flatten()
            .find(|flag| flag.short == Some(letter))
            .map(|flag| format!("--{}", flag.long))
    });
    let long = long.unwrap_or_else(|| word.to_owned());
    match SAME.iter().find(|(other, _)| *other == long) {
        Some((_, flag)) => (*flag).to_owned(),
        None => long,
    }
}

/// The rules whose names are a slip or a part away.
fn near(asked: &str) -> Vec<&'static str> {
    let asked = asked.trim_start_matches('-').to_lowercase();
    let last = asked.rsplit('.').next().unwrap_or_default();
    let mut ranked: Vec<(usize, &'static str)> = rule::ids()
        .filter_map(|id| {
            let (_, name) = id.split_once('.').unwrap_or(("", id));
            let part = last.len() > 2 && (name.contains(last) || last.contains(name));
            let slips = slips(&asked, id).min(slips(last, name));
            (part || slips <= 2.min(last.len() / 3)).then_some((slips, id))
        })
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, id)| id).take(5).collect()
}

/// How many letters have to be put in, left out or exchanged.
fn slips(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut costs: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.chars().enumerate() {
        let mut diagonal = row;
        costs[0] = row + 1;
        for (column, its) in other.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != *its);
            diagonal = costs[column + 1];
            costs[column + 1] = exchanged.min(diagonal + 1).min(costs[column] + 1);
        }
    }
    costs[other.len()]
}

/// Every rule in a line, as docker shows tables.
fn list(rules: &[&'static str]) -> String {
    let rows: Vec<[&str; 3]> = rules
        .iter()
        .filter_map(|id| rule::rows_of(id).next().map(|row| [*id, row.flag, row.why]))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].len());
        cells.max().unwrap_or_default() + 3
    };
    let (first, second) = (width(0), width(1));
    [["RULE", "FLAG", "WHY"]]
        .iter()
        .chain(&rows)
        .map(|[id, flag, why]| format!("{id:first$}{flag:second$}{why}"))
        .collect::<Vec<String>>()
        .join("\n")
}

/// All that is known of one rule.
fn page(id: &str) -> String {
    let mut paragraphs = vec![
        id.to_owned(),
        wrap(rule::long_text(id).unwrap_or_default(), "", ""),
    ];
    let fields: Vec<String> = rule::rows_of(id)
        .map(|row| {
            let Row {
                field,
                flag,
                why,
                instead,
                ..
            } = row;
            let name = match field.is_empty() || field == flag {
                true => (*flag).to_owned(),
                false => format!("{flag} ({field})"),
            };
            let instead = match instead.is_empty() {
                true => String::new(),
                false => format!("; instead: {instead}"),
            };
            wrap(&format!("{name}: {why}{instead}"), "  ", "      ")
        })
        .collect();
    paragraphs.push(fields.join("\n"));
    paragraphs.push(wrap(&what_widens(id), "", ""));
    paragraphs.join("\n\n")
}

/// What an administrator can do.
fn what_widens(id: &str) -> String {
    let keys = widening(id);
    if keys.is_empty() {
        return "No key of dock.toml changes this rule.".to_owned();
    }
    format!(
        "An administrator can allow more with {} in dock.toml(5).",
        keys.join(", ")
    )
}

fn widening(id: &str) -> Vec<&'static str> {
    let mut keys: Vec<&'static str> = Vec::new();
    for key in rule::rows_of(id).flat_map(|row| row.widened_by) {
        if !keys.contains(key) {
            keys.push(key);
        }
    }
    keys
}

/// Lines of at most [`WIDTH`] characters, where words allow it.
fn wrap(text: &str, first: &str, others: &str) -> String {
    let mut lines = vec![first.to_owned()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        let empty = line.trim().is_empty();
        if !empty && line.len() + 1 + word.len() > WIDTH {
            lines.push(format!("{others}{word}"));
        } else {
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// An array of objects, one a rule.
fn as_json(rules: &[&str]) -> String {
    let objects: Vec<String> = rules.iter().map(|id| object(id)).collect();
    format!("[{}]", objects.join(","))
}

fn object(id: &str) -> String {
    let fields: Vec<String> = rule::rows_of(id).map(field).collect();
    format!(
        "{{\"rule\":{},\"text\":{},\"widened_by\":{},\"fields\":[{}]}}",
        quoted(id),
        quoted(rule::long_text(id).unwrap_or_default()),
        words(&widening(id)),
        fields.join(",")
    )
}

fn field(row: &Row) -> String {
    let members = [
        ("field", row.field),
        ("flag", row.flag),
        ("treatment", Treatment::word(row.treatment)),
        ("why", row.why),
        ("instead", row.instead),
    ];
    let members: Vec<String> = members
        .iter()
        .map(|(key, value)| format!("\"{key}\":{}", quoted(value)))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn words(list: &[&str]) -> String {
    let quoted: Vec<String> = list.iter().map(|word| quoted(word)).collect();
    format!("[{}]", quoted.join(","))
}

/// A JSON string. The texts are this program's own: no control characters.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(asked: &str) -> Vec<&'static str> {
        meant(asked).unwrap_or_else(|error| panic!("{asked}: {error}"))
    }

    #[test]
    fn a_rule_is_found_by_each_of_its_names() {
        for asked in [
            "create.cap-add",
            "[rule create.cap-add]",
            "dock: --cap-add \"ALL\" is not allowed: it reaches [rule create.cap-add]\n\nhint: x",
            "--cap-add",
            "--cap-add=SYS_ADMIN",
            "HostConfig.CapAdd",
            "capadd",
        ] {
            assert_eq!(rules(asked), ["create.cap-add"], "{asked}");
        }
        assert_eq!(
            rules("--privileged"),
            ["create.privileged", "exec.privileged"]
        );
        assert_eq!(rules("-m"), ["limit.memory"]);
        assert_eq!(rules("--net"), ["create.network", "network.endpoint"]);
        assert_eq!(rules("swarm"), ["route.swarm"]);
        assert!(rules("--rm").is_empty());
    }

    #[test]
    fn a_rule_that_is_not_there_brings_those_that_come_near() {
        for (asked, expected) in [
            ("create.priviledged", Some("create.privileged")),
            ("privileged2", Some("create.privileged")),
            ("port", Some("create.port")),
            ("create.cap", Some("create.cap-add")),
            ("zzz", None),
        ] {
            let Err(Error::NoRule { near, .. }) = meant(asked) else {
                panic!("{asked} is a rule");
            };
            match expected {
                Some(id) => assert!(near.contains(&id), "{asked}: {near:?}"),
                None => assert!(near.is_empty(), "{asked}: {near:?}"),
            }
        }
    }

    #[test]
    fn slips_are_counted() {
        for (one, other, expected) in [("", "abc", 3), ("abc", "abc", 0), ("abc", "axcd", 2)] {
            assert_eq!(slips(one, other), expected);
        }
    }

    #[test]
    fn every_page_fits_a_terminal_and_says_who_can_allow_more() {
        for id in rule::ids() {
            let page = page(id);
            for line in page.lines() {
                assert!(line.len() <= WIDTH, "{line}");
                assert_eq!(line.trim_end(), line);
            }
            assert!(page.contains("dock.toml"), "{page}");
        }
    }

    #[test]
    fn what_is_for_programs_is_json() {
        let ids: Vec<&str> = rule::ids().collect();
        let read: serde_json::Value = serde_json::from_str(&as_json(&ids)).unwrap();
        let read = read.as_array().unwrap();
        assert_eq!(read.len(), ids.len());
        for (object, id) in read.iter().zip(ids) {
            assert_eq!(object["rule"], id);
            assert_eq!(object["text"], rule::long_text(id).unwrap());
            assert!(!object["fields"].as_array().unwrap().is_empty());
        }
    }
}
