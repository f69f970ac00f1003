//! `dock admin explain`: what would become of somebody's command, and which
//! rule and which line of which file decides.
//!
//! The real docker CLI says what it would ask for; a gate that explains judges
//! it and does nothing; where the configuration's values come from is read here,
//! since everybody may read it.

mod access;
mod keys;
mod report;

use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{ExitCode, Output, Stdio};

use clap::ArgMatches;
use clap::error::ErrorKind;
use dock_space::admin::{Explained, Outcome};
use dock_space::config::{Config, DIRECTORY, Origins};
use dock_space::{Person, Space};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};

use self::keys::Keys;
use self::report::{Report, Step};
use super::Manner;
use crate::argv::{self, Invocation};
use crate::client::Client;
use crate::commands::docker;
use crate::error::Error;
use crate::launch::{self, Rank};
use crate::ui;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let (config, _) = launch::ready_for_admin()?;
    let user = matches.get_one::<String>("user").map_or("", String::as_str);
    let words: Vec<OsString> = matches
        .get_many::<OsString>("words")
        .into_iter()
        .flatten()
        // A whole line, as somebody has typed it.
        .skip_while(|word| *word == "docker" || *word == "dock")
        .cloned()
        .collect();
    let invocation = argv::parse(&words);
    if invocation.other_engine.is_some() || invocation.dry_run {
        return Err(Error::Usage(crate::cli::command().error(
            ErrorKind::ArgumentConflict,
            "what is explained is a command on this host's engine: no '-H', '--context' or '--dry-run'",
        )));
    }
    let person = person(user)?;
    let origins = Origins::load(Path::new(DIRECTORY))?;
    let keys = Keys::new(&config, &person, &origins);
    let report = Report::new(user, &words, &person, &keys);
    let report = match access::refusal(&config, &person) {
        Some((explained, decides)) => {
            let keys = decides.iter().filter_map(|key| keys.of_access(key));
            let keys = keys.collect();
            report.with(vec![Step { explained, keys }])
        }
        None => {
            let (steps, said) = asked(user, &invocation, &config, &person)?;
            match (steps.is_empty(), said.status.success()) {
                (true, false) => return Err(Error::DockerSays(words_of(&said))),
                (true, true) => report.saying(words_of(&said)),
                (false, _) => report.with(steps.into_iter().map(|it| keys.decide(it)).collect()),
            }
        }
    };
    report.print(matches.get_flag("json"))?;
    Ok(match report.allowed() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Who `typed` means: a login, or a space by its number.
fn person(typed: &str) -> Result<Person, Error> {
    let unknown = || Error::NoUser(typed.to_owned());
    match typed.parse() {
        Ok(Space::User(uid)) => Person::look_up(uid).map_err(|_| unknown()),
        _ => super::person(typed).ok_or_else(unknown),
    }
}

/// Lets docker ask a gate that explains; what was judged, and what docker said.
fn asked(
    user: &str,
    invocation: &Invocation,
    config: &Config,
    person: &Person,
) -> Result<(Vec<Explained>, Output), Error> {
    let docker = launch::docker(config)?;
    let socket = launch::start(Rank::Admin)?;
    let mut client = Client::new(socket.clone())?;
    super::enter(&mut client, user, Manner::Explain)?;
    let words = docker::labelled(invocation, config, person);
    // The admin's own settings say nothing of this person's commands (proxies, for
    // one), and are not to be changed.
    let settings = socket.with_file_name("docker");
    let said = |stdin: Stdio| {
        let mut command = docker::on_gate(&docker, &words, &socket);
        let said = launch::deeper(&mut command)
            .env("DOCKER_CONFIG", &settings)
            .stdin(stdin)
            .output();
        said.map_err(|error| Error::CannotExecute {
            path: docker.clone(),
            error,
        })
    };
    let mut answer = said(Stdio::null())?;
    if wants_terminal(&answer)
        && let Ok(terminal) = Terminal::open()
    {
        answer = said(terminal.ours.into())?;
    }
    // Only some commands leave anything there.
    let _ = std::fs::remove_dir_all(&settings);
    let steps: Vec<Explained> = client.get("/dock/explained")?;
    Ok((decisive(steps), answer))
}

/// Whether docker looked for a terminal (docker/cli, streams.In.CheckTty): it asks
/// for nothing before it has one.
fn wants_terminal(said: &Output) -> bool {
    let words = b"the input device is not a TTY";
    !said.status.success() && said.stderr.windows(words.len()).any(|it| it == words)
}

/// A terminal at which nobody sits: whatever asks is told that there is no more.
struct Terminal {
    ours: OwnedFd,
    _theirs: File,
}

impl Terminal {
    fn open() -> std::io::Result<Terminal> {
        const END: &[u8] = b"\x04\x04\x04\x04";
        let pair = nix::pty::openpty(None, None)?;
        for end in [&pair.master, &pair.slave] {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        }
        let mut theirs = File::from(pair.master);
        theirs.write_all(END)?;
        Ok(Terminal {
            ours: pair.slave,
            _theirs: theirs,
        })
    }
}

/// Looks on the way to a change decide nothing.
fn decisive(steps: Vec<Explained>) -> Vec<Explained> {
    let looks = |step: &Explained| step.reads && step.outcome == Outcome::Allowed;
    match steps.iter().all(looks) {
        true => steps,
        false => steps.into_iter().filter(|step| !looks(step)).collect(),
    }
}

/// docker's own words, for a terminal.
fn words_of(said: &Output) -> String {
    let text = match said.stderr.is_empty() {
        true => &said.stdout,
        false => &said.stderr,
    };
    let text = String::from_utf8_lossy(text);
    let lines: Vec<String> = text.trim().lines().map(ui::safe).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(verb: &str, reads: bool, outcome: Outcome) -> Explained {
        Explained {
            outcome,
            verb: verb.into(),
            object: String::new(),
            reads,
            what: String::new(),
            why: String::new(),
            instead: String::new(),
            rule: String::new(),
            facts: Vec::new(),
        }
    }

    #[test]
    fn looks_count_where_there_is_nothing_else() {
        let look = step("container.inspect", true, Outcome::Allowed);
        let exec = step("exec.create", false, Outcome::Refused);
        assert_eq!(decisive(vec![look.clone(), exec.clone()]), [exec]);
        assert_eq!(decisive(vec![look.clone()]), vec![look]);
        assert!(decisive(Vec::new()).is_empty());
    }
}
