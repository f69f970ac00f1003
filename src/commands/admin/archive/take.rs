//! From a space to a file.

use std::io;

use dock_space::admin::{LeftOut, Transfer};
use serde_json::Value;

use super::Wish;
use super::source::Source;
use super::still::Still;
use crate::archive::about::{About, FORMAT, Kind as Of};
use crate::archive::bandwidth::Limited;
use crate::archive::encrypt::Encrypting;
use crate::archive::manifest::Manifest;
use crate::archive::name::Name;
use crate::archive::part::Kind;
use crate::archive::progress::Progress;
use crate::archive::store::{Output, Store};
use crate::archive::tally::{Tally, Told, Total};
use crate::archive::writer::{WriteError, Writer};
use crate::client::{Client, escape};
use crate::error::Error;
use crate::{interrupt, ui, units};

/// An archive that lies where it belongs.
pub(crate) struct Done {
    pub(crate) name: Name,
    pub(crate) manifest: Manifest,
    /// Of the whole file.
    pub(crate) total: Total,
    /// Whether every container that stood still goes on again.
    pub(crate) goes_on: bool,
}

/// Archives what `wish` names.
///
/// # Errors
/// What kept it from being read or stored; nothing is left of it then, and what
/// stood still goes on.
pub(crate) fn take(client: &mut Client, store: &Store, wish: &Wish) -> Result<Done, Error> {
    let source = Source::of(
        client,
        &wish.space,
        wish.container.as_deref(),
        wish.with_sizes,
    )?;
    let moment = units::now();
    let row = &source.row;
    let container = wish.container.as_deref();
    let about = About {
        format: FORMAT,
        dock: env!("CARGO_PKG_VERSION").to_owned(),
        kind: match container {
            Some(_) => Of::Container,
            None => Of::Space,
        },
        space: row.owner.space.clone(),
        login: row.owner.login.clone(),
        author: author(&source),
        organisation: row.organisation.clone(),
        container: container.map(str::to_owned),
        moment,
        mode: wish.mode,
        engine: source.engine.clone(),
        api: source.api.clone(),
    };
    let is_encrypted = !wish.recipients.is_empty();
    let organisation = about.organisation.as_deref();
    let name = Name::new(organisation, &about.author, container, moment, is_encrypted);
    let (output, total) = open(store, &name, &source, wish)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failed = |error| sort(store, error);
    let mut writer = Writer::new(output, about, threads).map_err(failed)?;
    let mut still = Still::default();
    let written = still
        .begin(client, &source.containers, wish.mode)
        .and_then(|()| write(client, &mut writer, store, &source, wish.quiet));
    let goes_on = still.end(client);
    written?;
    let finished = writer.finish(source.images, source.row.index);
    let (output, manifest) = finished.map_err(failed)?;
    interrupt::check()?;
    let ended = output.finish().map_err(store.failed("write to"));
    let total = ended.map(|()| total.get().cloned())?;
    if wish.protected {
        store.mark(&name.protection())?;
    }
    Ok(Done {
        name,
        manifest,
        total: total.unwrap_or_default(),
        goes_on,
    })
}

/// The author by NSS; an account that is gone has none, and its objects tell.
fn author(source: &Source) -> String {
    let row = &source.row;
    let labels = source
        .containers
        .iter()
        .map(|(_, described)| &described["Config"]["Labels"]);
    let others = source
        .volumes
        .iter()
        .map(|volume| &volume.described["Labels"]);
    let told = labels
        .chain(others)
        .find_map(|labels| labels[dock_space::label::AUTHOR].as_str());
    match (row.author.as_str(), told) {
        ("", Some(told)) => told.to_owned(),
        ("", None) => row.owner.login.clone(),
        (author, _) => author.to_owned(),
    }
}

/// The file that the archive goes into: packed, then encrypted, then slowed down,
/// then counted.
fn open(
    store: &Store,
    name: &Name,
    source: &Source,
    wish: &Wish,
) -> Result<(Box<dyn Output>, Told), Error> {
    let expected = source.expected().unwrap_or_default();
    let (tally, total) = Tally::new(store.create(&name.to_string(), expected)?);
    let mut output: Box<dyn Output> = Box::new(tally);
    if let Some(rate) = wish.bandwidth {
        output = Box::new(Limited::new(output, rate));
    }
    if !wish.recipients.is_empty() {
        let encrypting = Encrypting::new(output, &wish.recipients);
        output = Box::new(encrypting.map_err(store.failed("write to"))?);
    }
    Ok((output, total))
}

fn write(
    client: &mut Client,
    writer: &mut Writer<Box<dyn Output>>,
    store: &Store,
    source: &Source,
    quiet: bool,
) -> Result<(), Error> {
    let progress = Progress::new(source.expected(), quiet);
    let failed = |error| sort(store, error);
    for (name, described) in &source.networks {
        let written = writer.document(Kind::Network, name, described);
        written.map_err(failed)?;
    }
    for volume in &source.volumes {
        let name = &volume.name;
        let written = writer.document(Kind::Volume, name, &volume.described);
        written.map_err(failed)?;
        if has_options(&volume.described) {
            ui::note(&format!(
                "the volume \"{}\" has options: its files are not kept by the engine, and left out",
                ui::safe(name)
            ));
            continue;
        }
        let path = format!("/dock/volumes/{}/tar", escape(&volume.real));
        files(client, writer, store, Kind::Data, name, &path, &progress)?;
    }
    for (container, described) in &source.containers {
        let name = &container.name;
        let written = writer.document(Kind::Container, name, described);
        written.map_err(failed)?;
        let path = format!("/dock/containers/{}/changes", container.id);
        files(client, writer, store, Kind::Changes, name, &path, &progress)?;
    }
    Ok(())
}

/// A volume of options is a tmpfs: there is nothing in it that stays.
fn has_options(described: &Value) -> bool {
    let options = described["Options"].as_object();
    options.is_some_and(|options| !options.is_empty())
}

fn files(
    client: &mut Client,
    writer: &mut Writer<Box<dyn Output>>,
    store: &Store,
    kind: Kind,
    object: &str,
    path: &str,
    progress: &Progress,
) -> Result<(), Error> {
    progress.at(&kind.part(object));
    writer.begin(kind, object);
    let prefix = escape(&format!("{}/", kind.part(object)));
    let transfer = client.files(&format!("{path}?prefix={prefix}"), |piece| {
        interrupt::check()?;
        progress.add(piece.len() as u64);
        writer.add(piece).map_err(|error| sort(store, error))
    })?;
    let notes = notes(&transfer);
    for note in &notes {
        ui::note(&format!("{}: {note}", ui::safe(&kind.part(object))));
    }
    writer.end(notes).map_err(|error| sort(store, error))
}

/// What is to be known of files that are not all there, or not as they were.
fn notes(transfer: &Transfer) -> Vec<String> {
    let LeftOut {
        attributes,
        busy,
        deep,
        devices,
        mounts,
        reserved,
        sockets,
        vanished,
    } = transfer.left_out;
    let kinds = [
        (sockets, "sockets were left out"),
        (devices, "devices were left out"),
        (
            mounts,
            "folders in which something is mounted were left out",
        ),
        (busy, "files that were held by somebody were left out"),
        (deep, "folders that lie too deep were left out"),
        (
            reserved,
            "files with names that a layer reserves were left out",
        ),
        (
            attributes,
            "files lost an extended attribute that no container can have",
        ),
        (vanished, "files vanished while they were read"),
        (transfer.changed, "files changed while they were read"),
        (
            transfer.foreign,
            "files belong to an id that no container can have",
        ),
    ];
    let counted = kinds.into_iter().filter(|(count, _)| *count > 0);
    counted
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
}

fn sort(store: &Store, error: WriteError) -> Error {
    match error {
        WriteError::Io(error) if error.kind() == io::ErrorKind::Interrupted => Error::Interrupted,
        WriteError::Io(error) => store.failed("write to")(error),
        WriteError::Content(damage) => Error::Unarchivable(ui::safe(&damage.to_string())),
    }
}
