//! `dock-gate`: started by sudo, with a listening socket as standard input.

use std::process::ExitCode;

fn main() -> ExitCode {
    dock_gate::main()
}
