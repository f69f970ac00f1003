//! What the gate says of each field of a request, as data.
//!
//! One row a field, in one table for each body: the flag as people type it,
//! what becomes of it, the rule's stable id, why, what is possible instead, and
//! which key of `dock.toml` gives more. The gate's refusals take their words
//! from here, and so do `dock explain` and dock(1): one text, three readers. A
//! rule's longer text stands once, in [`text`], however many fields it has.
//!
//! This module judges nothing: what a rule lets through is the gate's to know.

mod container;
mod exec;
mod host_config;
mod network;
mod other;
mod text;
mod volume;

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Sent as it came.
    Safe,
    /// Sent when the rule holds.
    Check,
    /// The gate's own value is sent, whatever came.
    Force,
    /// Refused unless unset.
    Forbid,
    /// Taken and not sent: it is the client's own affair, or the engine's to fill in.
    Drop,
}

impl Treatment {
    /// In one word, for a machine that reads `dock explain --json`.
    pub fn word(self) -> &'static str {
        match self {
            Treatment::Safe => "safe",
            Treatment::Check => "check",
            Treatment::Force => "force",
            Treatment::Forbid => "forbid",
            Treatment::Drop => "drop",
        }
    }
}

/// One field.
#[derive(Debug)]
pub struct Row {
    /// `BODY.Field`, or what stands in a field's place: `route.swarm`.
    pub field: &'static str,
    /// As people type it; the field itself where no flag leads to it.
    pub flag: &'static str,
    pub treatment: Treatment,
    /// Empty where nothing is ever refused.
    pub rule: &'static str,
    /// Half a line.
    pub why: &'static str,
    /// What is possible instead; may be empty.
    pub instead: &'static str,
    /// Keys of `dock.toml` with which an administrator allows more.
    pub widened_by: &'static [&'static str],
}

const fn row(
    field: &'static str,
    flag: &'static str,
    treatment: Treatment,
    rule: &'static str,
) -> Row {
    Row {
        field,
        flag,
        treatment,
        rule,
        why: "",
        instead: "",
        widened_by: &[],
    }
}

const fn safe(field: &'static str, flag: &'static str) -> Row {
    row(field, flag, Treatment::Safe, "")
}

const fn drop(field: &'static str, flag: &'static str) -> Row {
    row(field, flag, Treatment::Drop, "")
}

const fn check(field: &'static str, flag: &'static str, rule: &'static str) -> Row {
    row(field, flag, Treatment::Check, rule)
}

const fn force(field: &'static str, flag: &'static str, rule: &'static str) -> Row {
    row(field, flag, Treatment::Force, rule)
}

const fn forbid(field: &'static str, flag: &'static str, rule: &'static str) -> Row {
    row(field, flag, Treatment::Forbid, rule)
}

impl Row {
    const fn because(self, why: &'static str) -> Row {
        Row { why, ..self }
    }

    const fn instead(self, instead: &'static str) -> Row {
        Row { instead, ..self }
    }

    const fn widened_by(self, widened_by: &'static [&'static str]) -> Row {
        Row { widened_by, ..self }
    }
}

fn tables() -> [&'static [Row]; 6] {
    [
        container::ROWS,
        host_config::ROWS,
        exec::ROWS,
        network::ROWS,
        volume::ROWS,
        other::ROWS,
    ]
}

/// Every row: the create body, its HostConfig, exec, and what is no field.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    tables().into_iter().flatten()
}

/// The row of `field`.
pub fn find(field: &str) -> Option<&'static Row> {
    rows().find(|row| row.field == field)
}

/// A row for words; a field without one gets words that still make sense.
pub fn of(field: &str) -> &'static Row {
    find(field).unwrap_or(&other::UNKNOWN)
}

/// Every rule id, sorted, each once.
pub fn ids() -> impl Iterator<Item = &'static str> {
    text::rules().map(|(id, _)| *id)
}

/// The rows of one rule; at least one for each id.
pub fn rows_of(rule: &str) -> impl Iterator<Item = &'static Row> {
    rows()
        .chain([&other::UNKNOWN])
        .filter(move |row| !rule.is_empty() && row.rule == rule)
}

/// The rule's longer text: what the option does, why that is dangerous on a
/// host that people share, what to do.
pub fn long_text(rule: &str) -> Option<&'static str> {
    text::rules()
        .find(|(id, _)| *id == rule)
        .map(|(_, text)| *text)
}

#[cfg(test)]
mod tests;
