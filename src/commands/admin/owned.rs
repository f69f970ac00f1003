//! What the lists of everybody's objects have in common: columns that every
//! kind has, and how a list is fetched and printed.

use std::collections::BTreeMap;
use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::{Container, Image, Network, Volume};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::named::{self, Named};
use crate::error::Error;
use crate::list::{self, Column, Options, Style};
use crate::units;

/// An object with a maker, an age and labels.
pub(super) trait Owned: Named {
    fn author(&self) -> Option<&str>;
    /// Seconds since 1970.
    fn created(&self) -> i64;
    fn labels(&self) -> &BTreeMap<String, String>;
}

macro_rules! owned {
    ($($type:ty),+) => {
        $(impl Owned for $type {
            fn author(&self) -> Option<&str> {
                self.author.as_deref()
            }

            fn created(&self) -> i64 {
                self.created
            }

            fn labels(&self) -> &BTreeMap<String, String> {
                &self.labels
            }
        })+
    };
}

owned!(Container, Image, Network, Volume);

/// Prints what the gate lists at `path`, each owner's together.
///
/// # Errors
/// When there is no gate, and for a column or a template that there is not.
pub(super) fn show<T: Owned + Serialize + DeserializeOwned>(
    matches: &ArgMatches,
    path: &str,
    columns: &[Column<T>],
    key: fn(&T, &Style) -> String,
) -> Result<ExitCode, Error> {
    let options = Options::read(matches);
    let mut rows: Vec<T> = super::gate()?.get(path)?;
    rows.sort_by(|one, other| named::by_owner(one.owner(), other.owner()));
    list::show(rows, columns, &options, key)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) const fn owner<T: Owned>() -> Column<T> {
    Column {
        name: "Owner",
        head: "OWNER",
        shown: true,
        text: |row, _| named::owner_cell(row.owner()),
        order: |one, other| named::by_owner(one.owner(), other.owner()),
    }
}

/// How long ago it was made, under docker's name for that in this list.
pub(super) const fn age<T: Owned>(name: &'static str) -> Column<T> {
    Column {
        name,
        head: "CREATED",
        shown: true,
        text: |row, _| units::ago(row.created(), units::now()),
        order: |one, other| other.created().cmp(&one.created()),
    }
}

pub(super) const fn created_at<T: Owned>() -> Column<T> {
    Column {
        name: "CreatedAt",
        head: "CREATED AT",
        shown: false,
        text: |row, _| units::moment(row.created()),
        order: |one, other| one.created().cmp(&other.created()),
    }
}

pub(super) const fn labels<T: Owned>() -> Column<T> {
    Column {
        name: "Labels",
        head: "LABELS",
        shown: false,
        text: |row, _| named::labels_cell(row.labels()),
        order: |one, other| one.labels().cmp(other.labels()),
    }
}

pub(super) const fn author<T: Owned>() -> Column<T> {
    Column {
        name: "Author",
        head: "AUTHOR",
        shown: false,
        text: |row, _| row.author().unwrap_or_default().to_owned(),
        order: |one, other| one.author().cmp(&other.author()),
    }
}
