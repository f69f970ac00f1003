//! Every container, as far as it could undo the separation. One question each:
//! the engine's list says neither privileges nor logs.

use std::collections::BTreeMap;

use dock_space::admin::host::Checked;
use serde::Deserialize;
use serde_json::Value;

use super::super::super::engine::Wire;
use super::super::call::AdminCall;
use super::super::owners;
use crate::failure::Failure;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    id: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Inspected {
    name: String,
    config: Labelled,
    host_config: Host,
    mounts: Option<Vec<Mount>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Labelled {
    labels: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Host {
    privileged: bool,
    pid_mode: String,
    network_mode: String,
    ipc_mode: String,
    userns_mode: String,
    #[serde(rename = "UTSMode")]
    uts_mode: String,
    cap_add: Option<Vec<String>>,
    log_config: Log,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Log {
    r#type: String,
    config: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Mount {
    r#type: String,
    source: String,
}

/// All containers, running or not.
///
/// # Errors
/// When the engine does not answer.
pub(super) async fn all(call: &AdminCall<'_>) -> Result<Vec<Checked>, Failure> {
    let rows: Vec<Row> = call.ask("/containers/json?all=1").await?;
    let mut found = Vec::new();
    for row in rows {
        let wire = Wire::get(format!("/containers/{}/json", row.id));
        // One that was removed meanwhile is none.
        if let Some(container) = call.engine.look_up::<Inspected>(wire).await? {
            let named = owners::named(&container.name, &container.config.labels);
            let space = named.map(|(space, _)| space);
            found.push((space, checked(container)));
        }
    }
    let owners = call.owners();
    owners
        .meet(found.iter().filter_map(|(space, _)| *space))
        .await;
    let found = found.into_iter().map(|(space, container)| Checked {
        owner: space.map(|space| owners.of(space)),
        ..container
    });
    Ok(found.collect())
}

fn checked(container: Inspected) -> Checked {
    let Inspected {
        name,
        host_config: host,
        mounts,
        ..
    } = container;
    let shares = [
        ("pid", &host.pid_mode),
        ("network", &host.network_mode),
        ("ipc", &host.ipc_mode),
        ("user", &host.userns_mode),
        ("uts", &host.uts_mode),
    ];
    let shares = shares.into_iter().filter(|(_, mode)| *mode == "host");
    let binds = mounts.unwrap_or_default().into_iter();
    let binds = binds.filter(|mount| mount.r#type == "bind");
    Checked {
        name: name.trim_start_matches('/').to_owned(),
        owner: None,
        privileged: host.privileged,
        shares: shares.map(|(name, _)| name.to_owned()).collect(),
        binds: binds.map(|mount| mount.source).collect(),
        capabilities: host.cap_add.unwrap_or_default(),
        log_driver: host.log_config.r#type,
        log_max_size: host
            .log_config
            .config
            .unwrap_or_default()
            .remove("max-size"),
    }
}
