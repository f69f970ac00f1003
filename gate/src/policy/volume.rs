//! Volumes: what they may be called and what they may be made of.
//!
//! Only the local driver, and of its options only those of a tmpfs: `o=bind`
//! turns *any* type into a bind of the host, and nfs or cifs are mounted with
//! the host's identity.

use std::collections::BTreeMap;

use dock_space::name::{MAX_OBJECT_NAME, is_object_name};
use dock_space::settings::Settings;

use super::create::EngineFacts;
use super::mounts::is_zero;
use super::refusal::Refusal;
use super::tmpfs::Ceiling;
use super::{Identity, process};
use crate::api::volume::VolumeCreateBody;

/// What the engine has under the name of a volume that a client typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeFact {
    /// A volume of the caller's; its real name.
    Own(String),
    /// One with the space's prefix that no gate made: using it would be using
    /// whatever root has put there.
    Foreign,
    Absent,
}

/// A volume to be made; its name is the real one once permitted.
pub(super) fn judge(
    settings: &Settings,
    identity: &Identity,
    body: VolumeCreateBody,
    engine: &EngineFacts,
) -> Result<VolumeCreateBody, Refusal> {
    let VolumeCreateBody {
        name: asked,
        driver: drivers_name,
        driver_opts,
        labels: asked_labels,
        cluster_volume_spec,
    } = body;
    if !is_zero(&cluster_volume_spec) {
        return Err(Refusal::of("Volume.ClusterVolumeSpec"));
    }
    if !asked.is_empty() {
        name(&asked)?;
    }
    driver("Volume.Driver", &drivers_name)?;
    let ceiling = Ceiling::new(settings, engine);
    let driver_opts = driver_opts
        .map(|asked| options("Volume.DriverOpts", &ceiling, &asked))
        .transpose()?;
    process::labels("Volume.Labels", &asked_labels)?;
    Ok(VolumeCreateBody {
        name: match asked.as_str() {
            "" => asked,
            shown => identity.space.real_name(shown),
        },
        driver: "local".into(),
        driver_opts,
        labels: identity.labelled(asked_labels),
        ..VolumeCreateBody::default()
    })
}

/// The engine's rule for names, and its words.
pub(super) fn name(name: &str) -> Result<(), Refusal> {
    if is_object_name(name) {
        return Ok(());
    }
    if name.len() > MAX_OBJECT_NAME {
        return Err(Refusal::of("Volume.Name"));
    }
    if name.len() == 1 {
        return Err(Refusal::invalid(format!(
            "create {name}: volume name is too short, names should be at least two alphanumeric characters"
        )));
    }
    Err(Refusal::invalid(format!(
        "create {name}: \"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
    )))
}

/// Refuses every driver but the engine's own; `row` says where it was asked for.
pub(super) fn driver(row: &'static str, name: &str) -> Result<(), Refusal> {
    match name {
        "" | "local" => Ok(()),
        other => Err(Refusal::value(row, other)),
    }
}

/// The options to send: none, or those of a tmpfs with a size where there is a
/// ceiling.
pub(super) fn options(
    row: &'static str,
    ceiling: &Ceiling,
    asked: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut sent = asked.clone();
    if sent.is_empty() {
        return Ok(sent);
    }
    for (key, value) in asked {
        let fits = match key.as_str() {
            "type" | "device" => value == "tmpfs",
            // Judged below, word by word.
            "o" => true,
            _ => false,
        };
        if !fits {
            return Err(Refusal::value(row, format!("{key}={value}")));
        }
    }
    if !asked.contains_key("type") || !asked.contains_key("device") {
        return Err(Refusal::of(row));
    }
    let words = sent.remove("o").unwrap_or_default();
    let words = ceiling
        .judge_volume(words)
        .map_err(|word| Refusal::value(row, format!("o={word}")))?;
    if !words.is_empty() {
        sent.insert("o".into(), words);
    }
    Ok(sent)
}
