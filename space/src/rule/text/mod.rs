//! The longer text of each rule: two to five sentences for somebody who was
//! refused and wants to know what to do.
//!
//! docker's words are quoted as people type them. No text tells a person to go
//! around a rule, or promises what this version does not do.

mod admin;
mod create;
mod network;
mod other;
mod request;
mod volume;

/// Every rule's id and text, sorted by id.
pub(super) fn rules() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let tables = [
        admin::RULES,
        create::RULES,
        other::RULES,
        network::RULES,
        request::RULES,
        volume::RULES,
    ];
    tables.into_iter().flatten()
}
