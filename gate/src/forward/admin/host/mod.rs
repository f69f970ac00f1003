//! `GET /dock/host`: what only root can read of this host.
//!
//! A fixed list of files and facts: no path comes from the client, nothing that
//! people can plant is followed, and no file's text is passed on whole. What it
//! all means is judged by `dock`, which has no privilege.

mod containers;
mod daemon;
mod engine;
mod excerpt;
mod jobs;
mod places;
mod process;
mod sudoers;
mod units;

use std::path::PathBuf;

use dock_space::admin::host::{Daemon, Excerpt, Host, Known, Place, Process};
use dock_space::config::Config;
use hyper::StatusCode;
use tokio::task::spawn_blocking;

use super::super::body::{self, Answer};
use super::call::AdminCall;
use crate::failure::Failure;

pub(super) async fn tell(call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    call.tell_of_read("admin.host");
    let engine = engine::facts(&call).await.map_err(words);
    let containers = containers::all(&call).await.map_err(words);
    let config = call.admin.config.clone();
    let data_root = engine
        .as_ref()
        .ok()
        .map(|engine| PathBuf::from(&engine.data_root));
    let on_disk = spawn_blocking(move || on_disk(&config, data_root))
        .await
        .map_err(|error| Failure::Host(error.to_string()))?;
    let OnDisk {
        places,
        sudoers,
        daemon,
        process,
        units,
        jobs,
    } = on_disk;
    let host = Host {
        places,
        sudoers,
        daemon,
        process,
        units,
        jobs,
        engine,
        containers,
    };
    Ok(body::json(StatusCode::OK, &host))
}

/// What is read without the engine's help.
struct OnDisk {
    places: Vec<Place>,
    sudoers: Known<Vec<Excerpt>>,
    daemon: Known<Option<Daemon>>,
    process: Known<Process>,
    units: Known<Vec<Excerpt>>,
    jobs: Known<Vec<Excerpt>>,
}

fn on_disk(config: &Config, data_root: Option<PathBuf>) -> OnDisk {
    let process = process::find(&config.engine.socket);
    let file = daemon::path(process.as_ref().ok());
    OnDisk {
        places: places::all(config, data_root, &file),
        sudoers: sudoers::all(),
        daemon: daemon::read(&file),
        units: units::all(),
        jobs: jobs::all(),
        process,
    }
}

/// A failure as a reason why something is not known.
fn words(failure: Failure) -> String {
    let text = failure.to_string();
    text.strip_prefix("dock: ").unwrap_or(&text).to_owned()
}
