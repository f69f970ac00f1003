//! `dock admin archives show`: what is in an archive, by its end alone.

use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::config::Config;

use crate::archive::manifest::Manifest;
use crate::archive::part::Part;
use crate::error::Error;
use crate::list::{self, Column, Options};
use crate::{ui, units};

pub(super) fn run(matches: &ArgMatches, config: &Config) -> Result<ExitCode, Error> {
    let options = Options::read(matches);
    let asked = matches
        .get_one::<String>("archive")
        .map_or("", String::as_str);
    let (store, file) = super::find(matches, config, asked)?;
    let identities = super::identities(matches)?;
    let opened = super::open(&store, &file, &identities, None)?;
    let manifest = opened.reader.manifest;
    if matches.get_flag("json") {
        let text =
            serde_json::to_string(&manifest).map_err(|error| Error::Gate(error.to_string()))?;
        ui::line(text.as_bytes());
        return Ok(ExitCode::SUCCESS);
    }
    let is_plain = matches.get_one::<String>("format").is_none() && !matches.get_flag("quiet");
    if is_plain {
        head(&file, opened.reader.length, &manifest);
    }
    list::show(manifest.parts, COLUMNS, &options, |part, _| {
        part.name.clone()
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What stands above the parts.
fn head(file: &str, length: u64, manifest: &Manifest) {
    let about = &manifest.about;
    let bytes = |bytes: u64| units::bytes(i64::try_from(bytes).unwrap_or(i64::MAX));
    let mut lines = vec![
        ("Archive", file.to_owned()),
        ("Of", format!("{} ({})", about.login, about.space)),
        ("Author", about.author.clone()),
    ];
    if let Some(organisation) = &about.organisation {
        lines.push(("Organisation", organisation.clone()));
    }
    if let Some(container) = &about.container {
        lines.push(("Container", container.clone()));
    }
    lines.extend([
        (
            "Made",
            format!(
                "{}, mode {}, by dock {} on engine {}",
                units::moment(about.moment),
                about.mode.word(),
                about.dock,
                about.engine
            ),
        ),
        (
            "Size",
            format!("{}, {} unpacked", bytes(length), bytes(manifest.size())),
        ),
    ]);
    for image in &manifest.images {
        let digest = image.digests.first().map_or("no digest", String::as_str);
        lines.push(("Image", format!("{} ({digest})", image.reference)));
    }
    for (name, text) in lines {
        ui::line(format!("{:<14}{}", format!("{name}:"), ui::safe(&text)).as_bytes());
    }
    ui::line(b"");
}

const COLUMNS: &[Column<Part>] = &[
    Column {
        name: "Name",
        head: "PART",
        shown: true,
        text: |part, _| part.name.clone(),
        order: |one, other| one.name.cmp(&other.name),
    },
    Column {
        name: "Entries",
        head: "ENTRIES",
        shown: true,
        text: |part, _| part.entries.to_string(),
        order: |one, other| one.entries.cmp(&other.entries),
    },
    Column {
        name: "Size",
        head: "SIZE",
        shown: true,
        text: |part, _| units::bytes(i64::try_from(part.size).unwrap_or(i64::MAX)),
        order: |one, other| one.size.cmp(&other.size),
    },
    Column {
        name: "Packed",
        head: "PACKED",
        shown: true,
        text: |part, _| units::bytes(i64::try_from(part.length).unwrap_or(i64::MAX)),
        order: |one, other| one.length.cmp(&other.length),
    },
    Column {
        name: "Notes",
        head: "NOTES",
        shown: true,
        text: |part, _| part.notes.join("; "),
        order: |one, other| one.notes.cmp(&other.notes),
    },
    Column {
        name: "Sha256",
        head: "SHA256",
        shown: false,
        text: |part, _| part.sha256.clone(),
        order: |one, other| one.sha256.cmp(&other.sha256),
    },
];
