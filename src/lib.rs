//! The program that people run. Nothing in it has or needs a privilege.
//!
//! In dependency order: [`commands`] -> [`argv`], [`launch`], [`client`], [`cli`] ->
//! [`check`] -> [`list`], [`notice`], [`archive`], [`outgoing`] -> [`ui`], [`units`], [`moment`],
//! [`interrupt`] -> [`error`]; [`sys`] holds the few system calls.

pub mod archive;
pub mod argv;
mod check;
pub mod cli;
mod client;
mod commands;
mod error;
mod gpu;
mod interrupt;
mod launch;
mod list;
mod moment;
mod notice;
mod outgoing;
mod sys;
mod ui;
mod units;

use std::ffi::OsString;
use std::process::ExitCode;

/// The whole program: reads the command line and does what it says.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match commands::run(&words) {
        Ok(code) => code,
        Err(error) => {
            ui::error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}
