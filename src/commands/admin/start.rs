//! `dock admin start`: somebody's container by that person's rules.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Container;
use hyper::Method;

use crate::error::Error;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    super::rm::each::<Container>(matches, |client, container| {
        let path = format!("/dock/containers/{}/start", container.id);
        client.act(Method::POST, &path, None)
    })
}
