//! The configured program that is told of what was done, for mail or chat.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use dock_space::admin::Owner;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::Serialize;

use super::plan::Item;
use crate::error::{self, Error};

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What it reads: one owner's part of a run, or what is nobody's.
#[derive(Debug, Serialize)]
pub(super) struct Told<'a> {
    pub(super) host: String,
    pub(super) owner: Option<&'a Owner>,
    pub(super) warned: Vec<&'a Item>,
    pub(super) stopped: Vec<&'a Item>,
    pub(super) removed: Vec<&'a Item>,
    pub(super) failed: Vec<&'a Item>,
    pub(super) reported: Vec<&'a Item>,
}

impl Told<'_> {
    /// Whether there is nothing to tell.
    pub(super) fn is_empty(&self) -> bool {
        let Told {
            host: _,
            owner: _,
            warned,
            stopped,
            removed,
            failed,
            reported,
        } = self;
        [warned, stopped, removed, failed, reported]
            .iter()
            .all(|items| items.is_empty())
    }
}

/// Runs the program at `path` with `told` as JSON on its standard input.
///
/// # Errors
/// When it is not root's, does not start, fails, or takes longer than [`PATIENCE`].
pub(super) fn run(path: &Path, told: &Told<'_>) -> Result<(), Error> {
    let failed = |why: String| Error::Hook {
        path: path.to_owned(),
        why,
    };
    check(path).map_err(failed)?;
    let text = serde_json::to_vec(told).map_err(|error| failed(error.to_string()))?;
    let mut child = Command::new(path)
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // A group of its own, so that what it starts ends with it.
        .process_group(0)
        .spawn()
        .map_err(|error| failed(error::words(&error)))?;
    if let Some(mut stdin) = child.stdin.take() {
        // Whoever does not read it all has heard enough.
        std::thread::spawn(move || stdin.write_all(&text));
    }
    match wait(&mut child, Instant::now() + PATIENCE) {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(failed(status.to_string())),
        None => {
            let group = Pid::from_raw(child.id().cast_signed());
            // It may end just now.
            let _ = killpg(group, Signal::SIGKILL);
            let _ = child.wait();
            Err(failed(format!(
                "it took longer than {} seconds",
                PATIENCE.as_secs()
            )))
        }
    }
}

/// Whoever can replace the program is whoever runs it: it and every folder
/// above it must be root's alone.
fn check(path: &Path) -> Result<(), String> {
    let real: PathBuf = path.canonicalize().map_err(|error| error::words(&error))?;
    for place in real.ancestors() {
        let found = place.metadata().map_err(|error| error::words(&error))?;
        let shown = place.display();
        if found.uid() != 0 {
            return Err(format!("'{shown}' is not root's"));
        }
        if found.mode() & 0o022 != 0 {
            return Err(format!("others than root can write '{shown}'"));
        }
    }
    Ok(())
}

fn wait(child: &mut Child, end: Instant) -> Option<ExitStatus> {
    loop {
        // What cannot be waited for has ended.
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => {}
            _ => return None,
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
