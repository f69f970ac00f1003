//! What a row of the audit shows.

use dock_space::admin::AuditLine;
use dock_space::name::is_full_id;
use serde::Serialize;

use super::super::ps::short;
use crate::list::Column;
use crate::units;

/// A line, and what is known of it today.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) line: AuditLine,
    pub(super) verified: bool,
    /// `alice/web`, when the object is still there.
    #[serde(skip)]
    pub(super) name: Option<String>,
    /// The login that the space has now.
    #[serde(skip)]
    pub(super) owner: Option<String>,
}

pub(super) const COLUMNS: &[Column<Row>] = &[
    Column {
        name: "Time",
        head: "TIME",
        shown: true,
        text: |row, _| units::local(seconds(row)),
        order: |one, other| one.line.time.cmp(&other.line.time),
    },
    Column {
        name: "User",
        head: "USER",
        shown: true,
        text: |row, _| match row.line.admin {
            true => format!("{} (admin)", row.line.login),
            false => row.line.login.clone(),
        },
        order: |one, other| one.line.login.cmp(&other.line.login),
    },
    Column {
        name: "UID",
        head: "UID",
        shown: false,
        text: |row, _| row.line.uid.to_string(),
        order: |one, other| one.line.uid.cmp(&other.line.uid),
    },
    Column {
        name: "LoginUID",
        head: "LOGIN UID",
        shown: false,
        text: |row, _| {
            row.line
                .login_uid
                .map_or_else(String::new, |uid| uid.to_string())
        },
        order: |one, other| one.line.login_uid.cmp(&other.line.login_uid),
    },
    Column {
        name: "Space",
        head: "SPACE",
        shown: true,
        text: |row, _| match &row.owner {
            Some(owner) if !owner.is_empty() => owner.clone(),
            _ => "-".into(),
        },
        order: |one, other| one.line.space.cmp(&other.line.space),
    },
    Column {
        name: "Verb",
        head: "VERB",
        shown: true,
        text: |row, _| row.line.verb.clone(),
        order: |one, other| one.line.verb.cmp(&other.line.verb),
    },
    Column {
        name: "Object",
        head: "OBJECT",
        shown: true,
        text: |row, style| match &row.name {
            Some(name) => name.clone(),
            None if is_full_id(&row.line.object) || row.line.object.starts_with("sha256:") => {
                short(&row.line.object, style)
            }
            None if row.line.object.is_empty() => "-".into(),
            None => row.line.object.clone(),
        },
        order: |one, other| one.line.object.cmp(&other.line.object),
    },
    Column {
        name: "Verdict",
        head: "VERDICT",
        shown: true,
        text: |row, _| match row.verified {
            true => row.line.verdict.word().into(),
            false => format!("{} (unverified)", row.line.verdict.word()),
        },
        order: |one, other| one.line.verdict.cmp(&other.line.verdict),
    },
    Column {
        name: "Rule",
        head: "RULE",
        shown: true,
        text: |row, _| row.line.rule.clone(),
        order: |one, other| one.line.rule.cmp(&other.line.rule),
    },
    Column {
        name: "ID",
        head: "ID",
        shown: false,
        text: |row, _| row.line.object.clone(),
        order: |one, other| one.line.object.cmp(&other.line.object),
    },
];

fn seconds(row: &Row) -> i64 {
    i64::try_from(row.line.time).unwrap_or(i64::MAX)
}
