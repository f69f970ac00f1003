//! A list as docker prints one: columns, `--format`, `--sort`, `--quiet`, `--json`.
//!
//! A verb says which [`Column`]s its rows have; this module knows how they are
//! printed and nothing of what they mean.

mod flow;
mod template;

use std::cmp::Ordering;

use clap::{Arg, ArgAction, ArgMatches};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::error::Error;
use crate::ui;

pub(crate) use flow::Flow;

/// How two rows stand to each other.
type Order<T> = fn(&T, &T) -> Ordering;

/// One column of rows of type `T`.
pub(crate) struct Column<T> {
    /// As `--format` and `--sort` name it: `Owner`.
    pub(crate) name: &'static str,
    /// As the table's head names it: `OWNER`.
    pub(crate) head: &'static str,
    /// Whether the table shows it when nobody asked for columns.
    pub(crate) shown: bool,
    pub(crate) text: fn(&T, &Style) -> String,
    pub(crate) order: Order<T>,
}

/// How cells are written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    /// Ids and commands whole.
    pub(crate) whole: bool,
}

/// What was asked for on the command line.
#[derive(Debug)]
pub(crate) struct Options {
    format: Option<String>,
    sort: Option<String>,
    json: bool,
    quiet: bool,
    style: Style,
}

impl Options {
    pub(crate) fn read(matches: &ArgMatches) -> Options {
        let word = |name: &str| matches.get_one::<String>(name).cloned();
        Options {
            format: word("format"),
            sort: word("sort"),
            json: matches.get_flag("json"),
            quiet: matches.get_flag("quiet"),
            style: Style {
                whole: matches.get_flag("no-trunc"),
            },
        }
    }
}

/// The options that every list takes.
pub(crate) fn arguments() -> [Arg; 5] {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    [
        Arg::new("format")
            .long("format")
            .value_name("TEMPLATE")
            .help("'table TEMPLATE', 'json' for one object a line, or a Go template"),
        Arg::new("sort")
            .long("sort")
            .value_name("COLUMN")
            .allow_hyphen_values(true)
            .help("Sort by a column; -COLUMN sorts from the largest to the smallest"),
        switch("json", "For a program to read"),
        switch("no-trunc", "Whole ids and commands"),
        switch("quiet", "Ids or names alone").short('q'),
    ]
}

/// Prints `rows`.
///
/// # Errors
/// For a column or a template that there is not.
pub(crate) fn show<T: Serialize>(
    mut rows: Vec<T>,
    columns: &[Column<T>],
    options: &Options,
    key: fn(&T, &Style) -> String,
) -> Result<(), Error> {
    if let Some(sort) = &options.sort {
        let (order, down) = ordering(columns, sort)?;
        rows.sort_by(|one, other| match down {
            true => order(other, one),
            false => order(one, other),
        });
    }
    let style = &options.style;
    if options.json {
        let text = serde_json::to_string(&rows).map_err(|error| Error::Gate(error.to_string()))?;
        ui::line(text.as_bytes());
        return Ok(());
    }
    if options.quiet {
        for row in &rows {
            ui::line(key(row, style).as_bytes());
        }
        return Ok(());
    }
    print(options.format.as_deref(), &rows, columns, style)
}

/// Prints `rows` in the order that they have, as `--format` says.
///
/// # Errors
/// For a template that is none.
pub(crate) fn print<T>(
    format: Option<&str>,
    rows: &[T],
    columns: &[Column<T>],
    style: &Style,
) -> Result<(), Error> {
    match format {
        None | Some("" | "table") => {
            let shown: Vec<&Column<T>> = columns.iter().filter(|column| column.shown).collect();
            let cells = rows.iter().map(|row| {
                let cells = shown.iter().map(|column| (column.text)(row, style));
                cells.collect()
            });
            let heads = shown.iter().map(|column| column.head.to_owned());
            print_table(heads.collect(), cells.collect());
            Ok(())
        }
        Some(format) => template::print(format, rows, columns, style),
    }
}

/// The order that `--sort` names, and whether from the largest down.
fn ordering<T>(columns: &[Column<T>], sort: &str) -> Result<(Order<T>, bool), Error> {
    let (name, down) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort, false),
    };
    let found = columns.iter().find(|column| {
        column.name.eq_ignore_ascii_case(name) || column.head.eq_ignore_ascii_case(name)
    });
    match found {
        Some(column) => Ok((column.order, down)),
        None => Err(Error::NoColumn {
            asked: name.to_owned(),
            known: columns.iter().map(|column| column.name).collect(),
        }),
    }
}

/// docker's look: heads, three spaces, no lines.
pub(crate) fn print_table(heads: Vec<String>, rows: Vec<Vec<String>>) {
    for line in lines(heads, rows) {
        ui::line(line.as_bytes());
    }
}

fn lines(heads: Vec<String>, rows: Vec<Vec<String>>) -> Vec<String> {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(heads.iter().map(|head| ui::safe(head)));
    for row in rows {
        table.add_row(row.iter().map(|cell| ui::safe(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 3));
    }
    table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_looks_like_dockers() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        assert_eq!(
            lines(
                row("OWNER", "NAME"),
                vec![row("alice", "web"), row("bob", "")]
            ),
            ["OWNER   NAME", "alice   web", "bob"]
        );
    }

    #[test]
    fn what_others_named_cannot_move_the_cursor() {
        let lines = lines(vec!["NAME".into()], vec![vec!["a\u{1b}[2Jb\nc".into()]]);
        assert_eq!(lines, ["NAME", "a?[2Jb?c"]);
    }
}
