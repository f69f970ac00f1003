//! Everything that is docker's: labels go in, a gate is started, and this
//! process becomes docker.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use dock_space::config::{Config, DIRECTORY};
use dock_space::{Person, Uid, author};

use crate::argv::{self, Invocation};
use crate::error::Error;
use crate::{cli, launch, ui};

pub(super) fn run(invocation: &Invocation) -> Result<ExitCode, Error> {
    if invocation.other_engine.is_none() && !invocation.dry_run {
        launch::surroundings()?;
    }
    let config = Config::load(Path::new(DIRECTORY))?;
    if invocation.other_engine.is_some() {
        // Another engine is none of dock's business, and this person has no
        // rights on this one's socket.
        if invocation.dry_run {
            return Ok(print(&invocation.words));
        }
        let docker = launch::docker(&config)?;
        return Err(exec(Command::new(&docker).args(&invocation.words), &docker));
    }
    let person = Person::look_up(Uid(nix::unistd::getuid().as_raw()))?;
    let words = match invocation.insert_at {
        Some(at) => {
            let labels = author::labels(&config.settings_for(&person), &person);
            argv::label::insert(&invocation.words, at, &labels)
        }
        None => invocation.words.clone(),
    };
    if invocation.dry_run {
        return Ok(print(&words));
    }
    if asks_for_help(&words) {
        ui::line(cli::OWN_HELP.as_bytes());
    }
    let docker = launch::docker(&config)?;
    launch::preflight(&config, &person)?;
    tell_of_other_engine();
    let socket = launch::start()?;
    let mut command = Command::new(&docker);
    command
        .args(&words)
        .env("DOCKER_HOST", launch::address(&socket))
        .env_remove("DOCKER_CONTEXT")
        .env_remove("DOCKER_TLS_VERIFY")
        .env_remove("DOCKER_TLS")
        // The classic builder, until BuildKit is served.
        .env("DOCKER_BUILDKIT", "0");
    Err(exec(&mut command, &docker))
}

/// Becomes docker; comes back only when that fails.
fn exec(command: &mut Command, docker: &Path) -> Error {
    let error = command.exec();
    Error::CannotExecute {
        path: docker.to_owned(),
        error,
    }
}

/// `dock`, `dock --help`, `dock help`.
fn asks_for_help(words: &[OsString]) -> bool {
    match words {
        [] => true,
        [word] => matches!(word.to_str(), Some("help" | "--help" | "-h")),
        _ => false,
    }
}

/// The environment's choice of an engine is overridden; that is said, once.
fn tell_of_other_engine() {
    for name in ["DOCKER_HOST", "DOCKER_CONTEXT"] {
        let value = std::env::var_os(name).unwrap_or_default();
        let ours = value.is_empty()
            || value == "default"
            || value.as_bytes().ends_with(b"/docker.sock")
            || value.as_bytes().ends_with(b"/serve.sock");
        if !ours {
            let flag = if name == "DOCKER_HOST" {
                "-H"
            } else {
                "--context"
            };
            ui::note(&format!(
                "{name}={} is not used; 'dock {flag} ...' reaches another engine",
                value.to_string_lossy()
            ));
        }
    }
}

/// `--dry-run`: the command line, as a shell would take it.
fn print(words: &[OsString]) -> ExitCode {
    let mut line = b"docker".to_vec();
    for word in words {
        line.push(b' ');
        line.extend(quoted(word).into_vec());
    }
    ui::line(&line);
    ExitCode::SUCCESS
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &OsStr) -> OsString {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(b);
    if !word.is_empty() && word.as_bytes().iter().all(plain) {
        return word.to_owned();
    }
    let mut quoted = b"'".to_vec();
    for byte in word.as_bytes() {
        match byte {
            b'\'' => quoted.extend(b"'\\''"),
            byte => quoted.push(*byte),
        }
    }
    quoted.push(b'\'');
    OsString::from_vec(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (word, expected) in [
            ("run", "run"),
            ("author=alice@example.org", "author=alice@example.org"),
            ("", "''"),
            ("daemon off;", "'daemon off;'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
        ] {
            assert_eq!(quoted(OsStr::new(word)), OsStr::new(expected));
        }
    }
}
