//! `dock admin exec`: docker's own exec, in the space of the container's owner.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Container;
use dock_space::config::{Config, DIRECTORY};

use super::named;
use crate::argv;
use crate::client::Client;
use crate::error::Error;
use crate::launch::{self, Rank};
use crate::ui;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let mut words: Vec<OsString> = vec!["exec".into()];
    words.extend(
        matches
            .get_many::<OsString>("words")
            .into_iter()
            .flatten()
            .cloned(),
    );
    let Some(at) = argv::operand(&words) else {
        // Help, or words that docker itself explains.
        if words[1..]
            .iter()
            .any(|word| word == "--help" || word == "-h")
        {
            ui::line(b"As 'docker exec', where CONTAINER is OWNER/NAME: dock admin exec -it alice/web sh");
        }
        let config = Config::load(Path::new(DIRECTORY)).unwrap_or_default();
        return super::docker::untouched(&config, &words);
    };
    let (config, _) = launch::ready_for_admin()?;
    let docker = launch::docker(&config)?;
    let socket = launch::start(Rank::Admin)?;
    let mut client = Client::new(socket.clone())?;
    let asked = words[at].to_string_lossy().into_owned();
    let all: Vec<Container> = named::all(&mut client)?;
    let found = named::find(&all, &asked)?;
    let owner = found.owner.as_ref().ok_or(Error::Unowned(asked))?;
    super::enter(&mut client, &owner.space, super::Manner::Act)?;
    words[at] = found.id.clone().into();
    drop(client);
    Err(super::docker::become_docker(&docker, &words, &socket))
}
