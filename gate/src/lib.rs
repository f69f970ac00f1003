//! The one privileged program of dock.
//!
//! It accepts connections on the listening socket that it finds as standard
//! input, parses each Engine API request into a typed operation, judges it,
//! translates names, sends a *new* request to the engine and translates the
//! answer back. It serves one person, ends when the process that listens is
//! gone, and keeps nothing.
//!
//! In dependency order (left may use right):
//! [`forward`] -> [`policy`] -> [`api`]; [`audit`], [`tar`] and [`sys`] beside them.
//! `policy` does no I/O.
#![deny(unsafe_code)]

pub mod api;
mod audit;
mod failure;
pub mod forward;
pub mod policy;
mod sys;
pub mod tar;

use std::ffi::OsString;
use std::process::ExitCode;

/// `EX_USAGE` of sysexits.h: wrong words, or no listening socket.
const EX_USAGE: u8 = 64;

/// As what the gate was started: sudo's rules say who may start which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    /// Serves one person's space.
    Person,
    /// Serves `dock admin`.
    Admin,
}

/// The whole program.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let outcome = match words.as_slice() {
        [] => sys::enter().and_then(|entry| forward::serve(&entry, Rank::Person)),
        [word] if word == "--admin" => {
            sys::enter().and_then(|entry| forward::serve(&entry, Rank::Admin))
        }
        _ => Err(sys::Fatal::Usage),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fatal) => {
            sys::last_words(&fatal);
            ExitCode::from(if fatal.is_usage() { EX_USAGE } else { 1 })
        }
    }
}
