//! `dock admin rm`: objects of any kind and owner.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::{Container, Network, Volume};
use hyper::Method;
use serde::de::DeserializeOwned;

use super::named::{self, Named};
use crate::client::{self, Client};
use crate::error::Error;
use crate::ui;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let force = u8::from(matches.get_flag("force"));
    let volumes = u8::from(matches.get_flag("volumes"));
    let remove = |client: &mut Client, path: String| client.act(Method::DELETE, &path, None);
    match matches.get_one::<String>("type").map(String::as_str) {
        Some("volume") => each::<Volume>(matches, |client, volume| {
            let name = client::escape(&volume.real);
            remove(client, format!("/dock/volumes/{name}?force={force}"))
        }),
        Some("network") => each::<Network>(matches, |client, network| {
            remove(client, format!("/dock/networks/{}", network.id))
        }),
        Some("image") => images(matches, force),
        _ => each::<Container>(matches, |client, container| {
            let id = &container.id;
            remove(
                client,
                format!("/dock/containers/{id}?force={force}&v={volumes}"),
            )
        }),
    }
}

/// By reference where one was typed: the image may have others, which stay.
fn images(matches: &ArgMatches, force: u8) -> Result<ExitCode, Error> {
    let mut client = super::gate()?;
    let mut done = true;
    for asked in matches.get_many::<String>("object").into_iter().flatten() {
        let name = client::escape(asked);
        let path = format!("/dock/images/{name}?force={force}");
        match client.act(Method::DELETE, &path, None) {
            Ok(()) => ui::line(ui::safe(asked).as_bytes()),
            Err(error) => {
                ui::error(&error);
                done = false;
            }
        }
    }
    if done {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(Error::Partly)
    }
}

/// Does `act` to each object that was named, and prints its name as typed; one
/// that cannot be done does not keep the others, as with docker.
///
/// # Errors
/// When there is no gate; [`Error::Partly`] when not all was done.
pub(super) fn each<T: Named + DeserializeOwned>(
    matches: &ArgMatches,
    act: impl Fn(&mut Client, &T) -> Result<(), Error>,
) -> Result<ExitCode, Error> {
    let mut client = super::gate()?;
    let all: Vec<T> = named::all(&mut client)?;
    let mut done = true;
    for asked in matches.get_many::<String>("object").into_iter().flatten() {
        let found = named::find(&all, asked);
        match found.and_then(|object| act(&mut client, object)) {
            Ok(()) => ui::line(ui::safe(asked).as_bytes()),
            Err(error) => {
                ui::error(&error);
                done = false;
            }
        }
    }
    if done {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(Error::Partly)
    }
}
