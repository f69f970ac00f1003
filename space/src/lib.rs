//! What `dock` and `dock-gate` must agree on.
//!
//! Identity (who is calling), names (what an object is called in the engine
//! and to its owner), labels, the rules' words, and the configuration. This
//! package reads files under `/etc/dock` and asks NSS; it does nothing else.
//!
//! In dependency order: [`identity`], [`name`], [`image`], [`label`], [`rule`],
//! [`settings`], [`span`], [`config`], [`author`]; [`admin`] is what the admin gate says to `dock admin`.
#![forbid(unsafe_code)]

pub mod admin;
pub mod author;
pub mod config;
pub mod identity;
pub mod image;
pub mod label;
pub mod name;
pub mod rule;
pub mod settings;
pub mod span;

pub use identity::{Group, IdentityError, Person, Uid};
pub use name::Space;
