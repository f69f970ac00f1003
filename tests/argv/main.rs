//! dock's reading of argv, against docker's.
//!
//! `sent` is the table of what is typed and what docker is sent, `table` compares
//! the flags with docker's own, `docker` runs the docker CLIs of this machine and
//! looks at what reaches the engine, `laws` looks for words that break a law.
//! `DOCK_TEST_DOCKERS` adds docker CLIs, separated by colons, to those in PATH.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test panics, and says what it skips"
)]

mod docker;
mod laws;
mod sent;
mod table;

use std::path::{Path, PathBuf};

/// The docker CLIs here, each real file once.
fn dockers() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let more = std::env::var_os("DOCK_TEST_DOCKERS").unwrap_or_default();
    let mut found: Vec<PathBuf> = std::env::split_paths(&path)
        .map(|folder| folder.join("docker"))
        .chain([PathBuf::from("/usr/bin/docker")])
        .chain(std::env::split_paths(&more))
        .filter_map(|program| program.canonicalize().ok())
        .filter(|program| is_docker(program))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Not a link to dock, not podman's shim.
fn is_docker(program: &Path) -> bool {
    std::process::Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.stdout.starts_with(b"Docker version "))
}

/// Without a docker there is nothing to compare with. That is said, and is an error
/// where `DOCK_TEST_NEEDS_DOCKER` is set, as in CI.
fn dockers_or_skip() -> Vec<PathBuf> {
    let found = dockers();
    if found.is_empty() {
        assert!(
            std::env::var_os("DOCK_TEST_NEEDS_DOCKER").is_none(),
            "no docker CLI in PATH"
        );
        eprintln!("skipped: no docker CLI in PATH");
    }
    found
}
