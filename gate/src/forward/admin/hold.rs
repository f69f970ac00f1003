//! `POST /dock/spaces/{space}/hold`: closes a space to its owner for as long as
//! this gate lives, and cuts the owner's running commands.
//!
//! First no new gate of the owner's serves anything, then those that run are
//! ended: so nothing is made behind the back of whoever removes or archives. A
//! gate can be ended at any instruction, every prefix of what it does is safe.

use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use dock_space::admin::Held;
use dock_space::{Space, Uid};
use hyper::StatusCode;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::task::spawn_blocking;

use super::super::body::{self, Answer};
use super::super::lock::Hold;
use super::call::AdminCall;
use crate::audit::Weight;
use crate::failure::Failure;

pub(super) async fn hold(call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let space: Space = call
        .object
        .parse()
        .map_err(|_| Failure::Malformed(format!("\"{}\" is no space", call.object)))?;
    call.journal(Some(space))
        .permit(Weight::Change, "admin.hold", &call.object);
    close(&call, space)?;
    let cut = spawn_blocking(move || cut(space))
        .await
        .map_err(|error| Failure::Host(error.to_string()))?;
    Ok(body::json(StatusCode::OK, &Held { cut }))
}

fn close(call: &AdminCall<'_>, space: Space) -> Result<(), Failure> {
    let mut held = call.gate.desk.held.borrow_mut();
    if !held.iter().any(|hold| hold.space() == space) {
        held.push(Hold::take(space)?);
    }
    Ok(())
}

/// Ends the gates that serve the owner of `space`; how many there were.
fn cut(space: Space) -> usize {
    let Space::User(uid) = space else { return 0 };
    let Some(own) = program(Path::new("/proc/self")) else {
        return 0;
    };
    let Ok(processes) = Path::new("/proc").read_dir() else {
        return 0;
    };
    let pids = processes.flatten().filter_map(|process| {
        let pid: i32 = process.file_name().to_str()?.parse().ok()?;
        let is_gate = program(&process.path()).as_ref() == Some(&own);
        (is_gate && serves(&process.path(), uid)).then_some(Pid::from_raw(pid))
    });
    pids.filter(|pid| kill(*pid, Signal::SIGTERM).is_ok())
        .count()
}

/// The program that a process runs, by its name: a gate that was replaced while
/// it ran is one still.
fn program(process: &Path) -> Option<Vec<u8>> {
    let path = process.join("exe").read_link().ok()?.into_os_string();
    let path = path.into_vec();
    let name = path.strip_suffix(b" (deleted)").unwrap_or(&path);
    Some(name.to_vec())
}

/// Whether a gate's process was started for `uid`, and not for an admin: by the
/// words and the environment that sudo gave it, which are root's to set.
fn serves(process: &Path, uid: Uid) -> bool {
    let read = |name: &str| std::fs::read(process.join(name)).unwrap_or_default();
    let wanted = format!("SUDO_UID={uid}");
    let words = read("cmdline");
    let has_words = words
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .count()
        > 1;
    let environment = read("environ");
    let mut entries = environment.split(|byte| *byte == 0);
    !has_words && entries.any(|entry| entry == wanted.as_bytes())
}
