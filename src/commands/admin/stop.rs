//! `dock admin stop`.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::Container;
use hyper::Method;

use crate::error::Error;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let query = match matches.get_one::<i64>("time") {
        Some(seconds) => format!("?t={seconds}"),
        None => String::new(),
    };
    super::rm::each::<Container>(matches, |client, container| {
        let path = format!("/dock/containers/{}/stop{query}", container.id);
        client.act(Method::POST, &path, None)
    })
}
