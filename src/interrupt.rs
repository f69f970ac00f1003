//! ^C, a closed terminal and a kind end, for verbs that must clean up first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::Error;

static HAPPENED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From now on the first signal is only noted; the second ends the program as
/// ever.
pub(crate) fn note() {
    let happened = HAPPENED.get_or_init(Arc::default);
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // They fail for signals that nobody can catch.
        let _ = flag::register_conditional_default(signal, Arc::clone(happened));
        let _ = flag::register(signal, Arc::clone(happened));
    }
}

/// Whether one came.
pub(crate) fn happened() -> bool {
    let happened = HAPPENED.get();
    happened.is_some_and(|happened| happened.load(Ordering::Relaxed))
}

/// # Errors
/// When one came.
pub(crate) fn check() -> Result<(), Error> {
    match happened() {
        true => Err(Error::Interrupted),
        false => Ok(()),
    }
}
