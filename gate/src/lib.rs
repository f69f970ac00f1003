//! The one privileged program of dock.
#![deny(unsafe_code)]

pub mod api;
pub mod policy;
