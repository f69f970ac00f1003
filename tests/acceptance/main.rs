//! The whole of dock as people meet it: real users, real sudo, a real engine.
//!
//! Needs the test bed: run it with `tests/run`.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall stop and say where"
)]

#[path = "../harness/mod.rs"]
mod harness;

mod admin;
mod admin_audit;
mod admin_explain;
mod admin_prune;
mod allocation;
mod apart;
mod archive_data;
mod archives;
mod attacks;
mod bed;
mod configuration;
mod crowd;
mod doctor;
mod endings;
mod engines;
mod floods;
mod happenings;
mod hostile_images;
mod install;
mod kills;
mod launch;
mod missing;
mod networks;
mod prunes;
mod pulls;
mod purge;
mod raw;
mod readme;
mod routes;
mod rows;
mod rules;
mod strangers;
mod sudoers;
mod tightened;
mod top;
mod volumes;
