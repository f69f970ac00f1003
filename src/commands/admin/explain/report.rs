//! What was found out, for people and for programs.

use std::ffi::OsString;

use dock_space::Person;
use dock_space::admin::{Explained, Fact, Outcome};
use serde::Serialize;

use super::keys::{Key, Keys};
use crate::error::Error;
use crate::{ui, units};

/// All that is told.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    user: String,
    login: String,
    uid: u32,
    command: Vec<String>,
    allowed: bool,
    steps: Vec<Step>,
    /// docker's own words, where it asked nothing of the engine.
    docker: Option<String>,
    /// The group whose members have a space.
    group: Option<Key>,
    member: bool,
    /// Tables of dock.toml that hold for the person, the strongest last.
    layers: Vec<String>,
}

/// A step of the command, and the keys that decide it.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    #[serde(flatten)]
    pub(super) explained: Explained,
    pub(super) keys: Vec<Key>,
}

impl Report {
    pub(super) fn new(user: &str, words: &[OsString], person: &Person, keys: &Keys<'_>) -> Report {
        let group = keys.of_access("group");
        let words = words.iter().map(|word| word.to_string_lossy().into_owned());
        Report {
            user: user.to_owned(),
            login: person.login.clone(),
            uid: person.uid.0,
            command: words.collect(),
            allowed: true,
            steps: Vec::new(),
            docker: None,
            member: group
                .as_ref()
                .is_some_and(|key| person.is_member(&key.value)),
            group,
            layers: keys.layers(),
        }
    }

    pub(super) fn with(self, steps: Vec<Step>) -> Report {
        let allowed = |step: &Step| step.explained.outcome == Outcome::Allowed;
        Report {
            allowed: steps.iter().all(allowed),
            steps,
            ..self
        }
    }

    /// Of a command that asks nothing of the engine.
    pub(super) fn saying(self, words: String) -> Report {
        Report {
            docker: Some(words),
            ..self
        }
    }

    /// Whether nothing stands in the way.
    pub(super) fn allowed(&self) -> bool {
        self.allowed
    }

    /// # Errors
    /// Never in earnest: strings and numbers are JSON.
    pub(super) fn print(&self, json: bool) -> Result<(), Error> {
        if json {
            let text =
                serde_json::to_string(self).map_err(|error| Error::Gate(error.to_string()))?;
            ui::line(text.as_bytes());
            return Ok(());
        }
        for line in self.lines() {
            ui::line(ui::safe(&line).as_bytes());
        }
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for step in &self.steps {
            lines.append(&mut step.lines(&self.login));
            lines.push(String::new());
        }
        if let Some(words) = &self.docker {
            lines.push(
                "would be allowed: docker asks nothing of the engine for it, and says:".into(),
            );
            lines.extend(words.lines().map(|line| format!("    {line}")));
            lines.push(String::new());
        }
        lines.push(self.person());
        lines
    }

    fn person(&self) -> String {
        let group = self.group.as_ref().map_or_else(String::new, |group| {
            let is = if self.member { "in" } else { "not in" };
            format!(", {is} group {} ({})", group.value, group.origin())
        });
        format!(
            "{} is uid {}{group}; tables of dock.toml that hold: {}",
            self.login,
            self.uid,
            self.layers.join(", then ")
        )
    }
}

impl Step {
    fn lines(&self, login: &str) -> Vec<String> {
        let mut lines = vec![self.verdict()];
        let Explained { instead, facts, .. } = &self.explained;
        if !instead.is_empty() {
            lines.push(format!("  instead: {instead}"));
        }
        if !facts.is_empty() {
            lines.push(String::new());
            lines.push("  what would be sent:".into());
            let values: Vec<String> = facts.iter().map(shown).collect();
            let rows = facts.iter().zip(&values);
            lines.append(&mut table(
                rows.map(|(fact, value)| [&fact.name, value, ""]),
            ));
        }
        if !self.keys.is_empty() {
            lines.push(String::new());
            lines.push(format!("  what dock.toml says for {login}:"));
            let origins: Vec<String> = self.keys.iter().map(Key::origin).collect();
            let rows = self.keys.iter().zip(&origins);
            let rows = rows.map(|(key, origin)| [key.key.as_str(), key.value.as_str(), origin]);
            lines.append(&mut table(rows));
            let personal = |key: &Key| key.key.starts_with("containers.");
            if self.explained.outcome == Outcome::Refused && self.keys.iter().any(personal) {
                lines.push(format!(
                    "  another value for {login} alone goes under [users.{login}.containers], for a group under [groups.NAME.containers]"
                ));
            }
        } else if self.explained.outcome == Outcome::Refused && !self.explained.rule.is_empty() {
            lines.push("  no key of dock.toml changes this rule".into());
        }
        lines
    }

    fn verdict(&self) -> String {
        let Explained {
            outcome,
            verb,
            object,
            reads,
            what,
            why,
            rule,
            ..
        } = &self.explained;
        let of = match object.is_empty() {
            true => verb.clone(),
            false => format!("{verb} \"{object}\""),
        };
        match outcome {
            Outcome::Allowed if *reads => format!(
                "would be allowed: {of} only reads, and reads are always allowed in their own space"
            ),
            Outcome::Allowed if verb == "image.pull" => {
                format!(
                    "would be allowed: {of}; it is not on this host yet, or would be pulled again"
                )
            }
            Outcome::Allowed => format!("would be allowed: {of}"),
            Outcome::Refused if rule.is_empty() => format!("would be refused: {what}: {why}"),
            Outcome::Refused => {
                format!("would be refused: {what} is not allowed: {why} [rule {rule}]")
            }
            Outcome::Fails => format!("would fail: {of}: {why}"),
        }
    }
}

/// The value of a fact; bytes in units.
fn shown(fact: &Fact) -> String {
    let is_bytes = matches!(fact.name.as_str(), "memory" | "memory swap" | "shm size");
    match fact.value.parse() {
        Ok(bytes) if is_bytes && bytes > 0 => units::binary(bytes),
        _ => fact.value.clone(),
    }
}

/// Rows of three columns, of which a long value does not move the others.
fn table<'a>(rows: impl Iterator<Item = [&'a str; 3]>) -> Vec<String> {
    const WIDEST: usize = 40;
    let rows: Vec<[&str; 3]> = rows.collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells
            .filter(|width| *width <= WIDEST)
            .max()
            .unwrap_or_default()
    };
    let (first, second) = (width(0), width(1));
    rows.iter()
        .map(|[name, value, origin]| {
            let line = format!("    {name:first$}   {value:second$}   {origin}");
            line.trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(outcome: Outcome, verb: &str, rule: &str) -> Step {
        Step {
            explained: Explained {
                outcome,
                verb: verb.into(),
                object: "web".into(),
                reads: false,
                what: "--memory \"8\"".into(),
                why: "it is beyond what you may have".into(),
                instead: String::new(),
                rule: rule.into(),
                facts: Vec::new(),
            },
            keys: vec![Key {
                key: "containers.memory".into(),
                value: "4GiB".into(),
                file: Some("/etc/dock/dock.toml".into()),
                line: Some(3),
                table: Some("groups.students".into()),
            }],
        }
    }

    #[test]
    fn a_refusal_names_the_rule_the_value_and_its_file() {
        let lines = step(Outcome::Refused, "container.create", "limit.memory").lines("alice");
        assert_eq!(
            lines,
            [
                "would be refused: --memory \"8\" is not allowed: it is beyond what you may have [rule limit.memory]",
                "",
                "  what dock.toml says for alice:",
                "    containers.memory   4GiB   /etc/dock/dock.toml:3 [groups.students]",
                "  another value for alice alone goes under [users.alice.containers], for a group under [groups.NAME.containers]",
            ]
        );
    }

    #[test]
    fn a_long_value_moves_its_own_line_alone() {
        let long = "x".repeat(50);
        let rows = [["a", "1", "here"], ["b", long.as_str(), "there"]];
        assert_eq!(
            table(rows.into_iter()),
            [
                "    a   1   here".to_owned(),
                format!("    b   {long}   there")
            ]
        );
    }
}
