//! `dock env`: how docker clients use the socket of `dock serve`.

use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::Error;
use crate::{launch, ui};

pub(super) fn run(socket: Option<PathBuf>) -> Result<ExitCode, Error> {
    let socket = match socket {
        Some(socket) => launch::absolute(&socket)?,
        None => launch::serve_socket(&launch::myself()?),
    };
    if UnixStream::connect(&socket).is_err() {
        return Err(Error::NotServing(socket));
    }
    ui::line(format!("export DOCKER_HOST={}", launch::address(&socket)).as_bytes());
    Ok(ExitCode::SUCCESS)
}
