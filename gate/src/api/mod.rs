//! Bytes to typed operations: paths, queries, bodies and the route table.
//!
//! Everything here reads what a hostile client sent. Nothing here decides.

pub mod admin;
pub mod container;
pub mod exec;
pub mod filters;
pub mod json;
pub mod moment;
pub mod network;
pub mod path;
pub mod query;
pub mod route;
pub mod volume;
