//! `dock`: docker for one server shared by many people.

use std::process::ExitCode;

fn main() -> ExitCode {
    dock::main()
}
