//! The audit, as the admin gate reads it back.

use serde::{Deserialize, Serialize};

/// One line of the stream that answers `GET /dock/audit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AuditPiece {
    /// Where lines are read from; each source is told of before the first entry.
    Source(AuditSource),
    Entry(AuditEntry),
    /// All that was there has come; what follows happens now.
    Now,
}

/// Where lines are read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditSource {
    /// A file's path, or `journald`.
    pub name: String,
    /// Whether only root could have written what is read there.
    pub verified: bool,
    /// Compressed files of the time that was asked for, which are not read.
    pub left_out: Vec<String>,
}

/// A decision, and how far it can be believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditEntry {
    /// Whether only root could have written it.
    pub verified: bool,
    pub line: AuditLine,
}

/// A decision as it was written down.
// Logs outlive versions: a field that this one does not know is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Seconds since 1970.
    pub time: u64,
    pub verdict: AuditVerdict,
    pub uid: u32,
    /// The login of `uid`.
    pub login: String,
    /// Who had logged in, where the kernel keeps that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_uid: Option<u32>,
    /// Whether it came by the admin gate.
    #[serde(default)]
    pub admin: bool,
    /// The space that it is about, `u1001`; empty where it is about none.
    #[serde(default)]
    pub space: String,
    /// `container.create`
    pub verb: String,
    /// A full id, or a name as its owner gave it.
    #[serde(default)]
    pub object: String,
    /// What its owner called it then, where `object` is an id and it was known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What refused it.
    #[serde(default)]
    pub rule: String,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditVerdict {
    Permit,
    Refuse,
}

impl AuditVerdict {
    /// The word in the log.
    pub fn word(self) -> &'static str {
        match self {
            AuditVerdict::Permit => "permit",
            AuditVerdict::Refuse => "refuse",
        }
    }
}
