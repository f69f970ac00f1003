//! People at their keyboards, for the acceptance tests.
//!
//! This module knows how to run a program as somebody, with or without a
//! terminal, how to talk to a gate in raw bytes, and what reached the engine. It
//! does not know what dock should answer. Everything works only inside the test
//! bed and says so elsewhere.
//!
//! Tests run in parallel: each takes people of its own ([`Person::fresh`]), whose
//! space starts empty and whose names can meet nobody else's.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "every test binary uses its own part of the harness"
)]

mod gate;
mod http;
mod person;
mod record;
mod step;
mod terminal;

pub use {
    gate::{GATE, Gate, with_configuration, with_folder},
    http::{Answer, Connection},
    person::{Person, as_user},
    record::Record,
    step::{Output, Running, Step, root, root_docker},
    terminal::Terminal,
};

use std::time::Duration;

/// How long anything may take before a test calls it hung.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A value that the bed exports, e.g. `DOCK_BED_SOCKET`.
///
/// # Panics
/// Outside the bed.
pub fn bed(name: &str) -> String {
    match std::env::var(name) {
        Ok(value) => value,
        Err(_) => panic!(
            "not inside the test bed ({name} is not set): run 'tests/run', or 'tests/run --shell'"
        ),
    }
}

/// A name that no other test uses.
pub fn unique(prefix: &str) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}{}x{number}", std::process::id())
}

/// Tries again until `check` gives a value.
///
/// # Panics
/// At the deadline, with `what`.
pub fn eventually<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let end = std::time::Instant::now() + Duration::from_secs(15);
    loop {
        if let Some(value) = check() {
            return value;
        }
        assert!(std::time::Instant::now() < end, "still not so: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
