//! What a gate that explains has judged, and never sent.

use serde::{Deserialize, Serialize};

/// One step of a command, as it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explained {
    pub outcome: Outcome,
    /// `container.create`
    pub verb: String,
    /// A full id or a name, as the audit has it.
    pub object: String,
    /// Whether nothing would be changed by it.
    pub reads: bool,
    /// What would be refused, as the person typed it: `--privileged`.
    pub what: String,
    /// Why, or the words of the failure.
    pub why: String,
    /// What is possible instead.
    pub instead: String,
    /// The rule's id.
    pub rule: String,
    /// What would be sent: forced and filled in values among it.
    pub facts: Vec<Fact>,
}

/// What would become of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It would be sent to the engine.
    Allowed,
    /// A rule refuses it.
    Refused,
    /// There is no such object, no such route, or this version does not serve it.
    Fails,
}

/// One value of what would be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// `memory`
    pub name: String,
    pub value: String,
}
