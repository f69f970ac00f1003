//! `dock admin audit`: who did what, when, to what.

mod columns;
mod filter;
mod names;

use std::collections::VecDeque;
use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::admin::{AuditEntry, AuditPiece, AuditSource};

use self::columns::{COLUMNS, Row};
use self::filter::Filter;
use self::names::Names;
use crate::error::Error;
use crate::list::{Flow, Style};
use crate::{moment, ui};

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let follow = matches.get_flag("follow");
    let since = asked_moment(matches, "since")?;
    let until = asked_moment(matches, "until")?;
    let format = matches.get_one::<String>("format").map(String::as_str);
    let flow = Flow::new(COLUMNS, format, matches.get_flag("json"))?;
    let mut client = super::gate()?;
    let filter = Filter::read(matches, &mut client)?;
    let mut path = format!("/dock/audit?follow={}", u8::from(follow));
    for (key, value) in [("since", since), ("until", until)] {
        if let Some(value) = value {
            path.push_str(&format!("&{key}={value}"));
        }
    }
    let style = Style {
        whole: matches.get_flag("no-trunc"),
    };
    let mut names = Names::new(client.another()?, flow.is_table());
    if follow {
        // What is removed while it is followed is known by then.
        names.meet()?;
    }
    let mut printer = Printer {
        names,
        flow,
        style,
        filter,
        last: matches.get_one::<usize>("lines").copied(),
        kept: VecDeque::new(),
        failure: None,
    };
    let mut pending = Vec::new();
    client.stream(&path, |_, piece| {
        pending.extend_from_slice(piece);
        printer.take(&mut pending)
    })?;
    match printer.failure {
        Some(error) => Err(error),
        None => Ok(ExitCode::SUCCESS),
    }
}

fn asked_moment(matches: &ArgMatches, key: &'static str) -> Result<Option<i64>, Error> {
    let Some(text) = matches.get_one::<String>(key) else {
        return Ok(None);
    };
    match moment::parse(text, &jiff::ZonedDateTime::now()) {
        Some(moment) => Ok(Some(moment)),
        None => Err(Error::Moment(text.clone())),
    }
}

/// What comes from the gate, on its way to the screen.
struct Printer {
    flow: Flow<Row>,
    style: Style,
    filter: Filter,
    names: Names,
    /// How many of the lines that are there are printed; none: all.
    last: Option<usize>,
    /// Those of them that were read so far.
    kept: VecDeque<AuditEntry>,
    failure: Option<Error>,
}

impl Printer {
    /// Takes the whole lines of `pending`; false when nothing more is wanted.
    fn take(&mut self, pending: &mut Vec<u8>) -> bool {
        let Some(end) = pending.iter().rposition(|byte| *byte == b'\n') else {
            return true;
        };
        let lines: Vec<u8> = pending.drain(..=end).collect();
        for line in lines.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()) {
            let piece = serde_json::from_slice(line);
            let taken = piece
                .map_err(|error| Error::Gate(error.to_string()))
                .and_then(|piece| self.piece(piece));
            match taken {
                Ok(true) => {}
                Ok(false) => return false,
                Err(error) => {
                    self.failure = Some(error);
                    return false;
                }
            }
        }
        true
    }

    fn piece(&mut self, piece: AuditPiece) -> Result<bool, Error> {
        match piece {
            AuditPiece::Source(source) => {
                tell_of(&source);
                Ok(true)
            }
            AuditPiece::Entry(entry) if !self.filter.fits(&entry.line) => Ok(true),
            AuditPiece::Entry(entry) => match self.last {
                None => self.print(entry),
                Some(last) => {
                    self.kept.push_back(entry);
                    if self.kept.len() > last {
                        self.kept.pop_front();
                    }
                    Ok(true)
                }
            },
            AuditPiece::Now => {
                self.last = None;
                for entry in std::mem::take(&mut self.kept) {
                    if !self.print(entry)? {
                        return Ok(false);
                    }
                }
                Ok(self.flow.flush())
            }
        }
    }

    fn print(&mut self, entry: AuditEntry) -> Result<bool, Error> {
        let row = self.names.row(entry)?;
        self.flow.row(&row, &self.style)
    }
}

/// What has to be known of a source before its lines are believed.
fn tell_of(source: &AuditSource) {
    let name = ui::safe(&source.name);
    if !source.verified {
        ui::note(&format!(
            "'{name}' is written by the log daemon, which takes lines from anybody: what is marked \"unverified\" may be forged; `[audit] file` in dock.toml is written by dock alone"
        ));
    }
    for file in &source.left_out {
        ui::note(&format!("'{}' is compressed and not read", ui::safe(file)));
    }
}
