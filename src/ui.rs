//! The only printer: data to standard output, everything else to standard error.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the module that prints"
)]

use std::io::Write as _;

use crate::error::Error;

/// `dock: what went wrong`, and after a blank line what is possible instead.
pub(crate) fn error(error: &Error) {
    if let Error::Usage(usage) = error {
        // clap sends --help to standard output and mistakes to standard error.
        let _ = usage.print();
        return;
    }
    eprintln!("dock: {error}");
    if let Some(hint) = error.hint() {
        eprintln!("\nhint: {hint}");
    }
}

/// One line about something that is not an error.
pub(crate) fn note(text: &str) {
    eprintln!("dock: {text}");
}

/// A line of data; a closed pipe is no error.
pub(crate) fn line(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out
        .write_all(text)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
}
