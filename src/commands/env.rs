//! `dock env`: how docker clients use the socket of `dock serve`.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

use dock_space::{Person, Uid};

use crate::error::Error;
use crate::{launch, ui};

pub(super) fn run(socket: Option<&PathBuf>) -> Result<ExitCode, Error> {
    let person = Person::look_up(Uid(nix::unistd::getuid().as_raw()))?;
    let socket = match socket {
        Some(socket) => socket.clone(),
        None => launch::serve_socket(&person)?,
    };
    if UnixStream::connect(&socket).is_err() {
        return Err(Error::NotServing(socket));
    }
    ui::line(format!("export DOCKER_HOST={}", launch::address(&socket)).as_bytes());
    Ok(ExitCode::SUCCESS)
}
