//! Everything that is docker's: labels go in, a gate is started, and this
//! process becomes docker.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use dock_space::config::{Config, DIRECTORY};
use dock_space::{Person, author};

use crate::argv::{self, Invocation, Obstacle};
use crate::error::Error;
use crate::launch::{self, Rank};
use crate::{cli, notice, ui};

pub(super) fn run(invocation: &Invocation) -> Result<ExitCode, Error> {
    if invocation.dry_run {
        return dry_run(invocation);
    }
    if invocation.other_engine.is_some() {
        // Another engine is none of dock's business, and this person has no
        // rights on this one's socket.
        return untouched(&Config::load(Path::new(DIRECTORY))?, &invocation.words);
    }
    if asks_for_help(&invocation.words) {
        ui::line(cli::OWN_HELP.as_bytes());
    }
    match launch::ready() {
        Ok((config, person)) => Err(start(invocation, &config, &person)?),
        // Whoever reads how to use dock may not be able to use it yet.
        Err(_) if needs_no_engine(invocation) => {
            let config = Config::load(Path::new(DIRECTORY)).unwrap_or_default();
            untouched(&config, &invocation.words)
        }
        Err(error) => Err(error),
    }
}

/// `--dry-run`: nothing is started, so nothing has to be ready.
fn dry_run(invocation: &Invocation) -> Result<ExitCode, Error> {
    if invocation.other_engine.is_some() {
        return Ok(print(&invocation.words));
    }
    let config = Config::load(Path::new(DIRECTORY))?;
    Ok(print(&labelled(invocation, &config, &launch::myself()?)))
}

/// Becomes docker, on a gate of its own; comes back only when that fails.
fn start(invocation: &Invocation, config: &Config, person: &Person) -> Result<Error, Error> {
    let docker = launch::docker(config)?;
    notice::show(person);
    tell_of_other_engine(config, person);
    let socket = launch::start(Rank::Person)?;
    let words = labelled(invocation, config, person);
    Ok(become_docker(&docker, &words, &socket))
}

/// Becomes docker on the gate behind `socket`; comes back only when that fails.
pub(super) fn become_docker(docker: &Path, words: &[OsString], socket: &Path) -> Error {
    exec(&mut on_gate(docker, words, socket), docker)
}

/// docker with `words` on the gate behind `socket`, not started yet.
pub(super) fn on_gate(docker: &Path, words: &[OsString], socket: &Path) -> Command {
    let mut command = Command::new(docker);
    command
        .args(words)
        .env("DOCKER_HOST", launch::address(socket))
        .env_remove("DOCKER_CONTEXT")
        .env_remove("DOCKER_TLS_VERIFY")
        .env_remove("DOCKER_TLS")
        // The classic builder, until BuildKit is served.
        .env("DOCKER_BUILDKIT", "0");
    command
}

/// Becomes docker as if dock were not there.
pub(super) fn untouched(config: &Config, words: &[OsString]) -> Result<ExitCode, Error> {
    let docker = launch::docker(config)?;
    Err(exec(Command::new(&docker).args(words), &docker))
}

/// The words for docker, with the author's labels where they can stand.
pub(super) fn labelled(invocation: &Invocation, config: &Config, person: &Person) -> Vec<OsString> {
    match invocation.insert_at {
        Some(at) => {
            let labels = author::labels(&config.settings_for(person), person);
            argv::label::insert(&invocation.words, at, &labels)
        }
        None => invocation.words.clone(),
    }
}

/// Becomes docker; comes back only when that fails.
fn exec(command: &mut Command, docker: &Path) -> Error {
    let error = launch::deeper(command).exec();
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

/// Help and the version, as far as they can be told without reading every flag.
fn needs_no_engine(invocation: &Invocation) -> bool {
    match (invocation.verb_word(), invocation.obstacle) {
        (_, Some(Obstacle::Unreadable(_))) => false,
        (None, _) | (_, Some(Obstacle::Help)) => true,
        (Some(verb), _) => {
            verb == "help"
                || invocation
                    .verb_arguments()
                    .first()
                    .is_some_and(|word| word == "--help")
        }
    }
}

/// The environment's choice of an engine is overridden; that is said, once.
fn tell_of_other_engine(config: &Config, person: &Person) {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(host) = set("DOCKER_HOST")
        && !is_this_engine(&host, config, person)
    {
        ui::note(&format!(
            "DOCKER_HOST={} is not used; 'dock -H ...' reaches another engine",
            host.to_string_lossy()
        ));
    }
    if let Some(context) = set("DOCKER_CONTEXT")
        && context != "default"
    {
        ui::note(&format!(
            "DOCKER_CONTEXT={} is not used; 'dock --context ...' reaches another engine",
            context.to_string_lossy()
        ));
    }
}

/// Whether an address means the engine behind dock, directly or by `dock serve`.
pub(super) fn is_this_engine(host: &OsStr, config: &Config, person: &Person) -> bool {
    let Some(socket) = host.as_bytes().strip_prefix(b"unix://") else {
        return false;
    };
    let socket = Path::new(OsStr::from_bytes(socket));
    socket == config.engine.socket
        || socket == Path::new("/var/run/docker.sock")
        || socket == Path::new("/run/docker.sock")
        || socket == launch::serve_socket(person)
        || launch::is_launch_socket(socket)
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

    fn read(words: &[&str]) -> Invocation {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        argv::parse(&words)
    }

    #[test]
    fn help_and_version_need_no_engine() {
        for words in [
            &[][..],
            &["--help"],
            &["--version"],
            &["help", "run"],
            &["run", "--help"],
            &["ps", "--help"],
        ] {
            assert!(needs_no_engine(&read(words)), "{words:?}");
        }
        for words in [
            &["ps"][..],
            &["exec", "web", "--help"],
            &["run", "busybox", "--help"],
            &["--newer-flag", "ps"],
        ] {
            assert!(!needs_no_engine(&read(words)), "{words:?}");
        }
    }

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
