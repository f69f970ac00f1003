//! Docker's command line, read by docker's own grammar.
//!
//! This module finds the verb, whether another engine is meant, and where labels
//! can go. It gives no verdict and prints nothing: what it cannot read it leaves as
//! it is, docker has the words for it. Words are never changed or decoded; dock's
//! own `--dry-run` is all that is ever taken out.

#![forbid(unsafe_code)]

use std::ffi::{OsStr, OsString};

use scan::{Grammar, Scan, scan};
use table::{GLOBALS, VERBS};

pub mod label;
#[doc(hidden)]
pub mod laws;
pub mod scan;
pub mod table;

/// A command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// `dock --dry-run ...`: print docker's command line instead of running it.
    pub dry_run: bool,
    /// The words for docker, without dock's own.
    pub words: Vec<OsString>,
    /// The engine was named in argv, so docker is to be run untouched.
    pub other_engine: Option<OtherEngine>,
    /// The verb, docker's or dock's; none where there is none or it cannot be found.
    pub verb: Option<Verb>,
    /// Where labels go in `words`; none where none can go.
    pub insert_at: Option<usize>,
    /// What stood in the way of reading the words to their end.
    pub obstacle: Option<Obstacle>,
}

/// The global flag that named another engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherEngine {
    /// `-H`, `--host`
    Host,
    /// `-c`, `--context`
    Context,
}

/// Where the verb is, and what it is if it takes `--label`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verb {
    /// Its first word, in [`Invocation::words`].
    pub at: usize,
    /// Its row, with the path as typed.
    pub labelled: Option<&'static table::Verb>,
}

/// Why no labels can go into a command line that could otherwise take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The words have no reading.
    Unreadable(scan::Obstacle),
    /// Help was asked for.
    Help,
    /// No IMAGE, PATH or name where docker wants one.
    NoOperand,
}

/// Reads the words that follow the program's name.
pub fn parse(words: &[OsString]) -> Invocation {
    let own = words.iter().take_while(|word| *word == "--dry-run").count();
    let mut read = Invocation {
        dry_run: own > 0,
        words: words[own..].to_vec(),
        other_engine: None,
        verb: None,
        insert_at: None,
        obstacle: None,
    };
    if let Err(obstacle) = read.read() {
        read.obstacle = Some(obstacle);
    }
    read
}

impl Invocation {
    /// The verb's first word.
    pub fn verb_word(&self) -> Option<&OsStr> {
        let verb = self.verb?;
        self.words.get(verb.at).map(OsString::as_os_str)
    }

    /// What follows the verb's first word.
    pub fn verb_arguments(&self) -> &[OsString] {
        self.verb
            .and_then(|verb| self.words.get(verb.at + 1..))
            .unwrap_or_default()
    }

    fn read(&mut self) -> Result<(), Obstacle> {
        let globals = scan_from(&self.words, 0, &[GLOBALS], false)?;
        self.other_engine = globals.given.iter().find_map(|flag| match flag.long {
            "host" => Some(OtherEngine::Host),
            "context" => Some(OtherEngine::Context),
            _ => None,
        });
        let Some(&at) = globals.operands.first() else {
            return help(&globals);
        };
        let verb = self.verb.insert(Verb { at, labelled: None });
        // Docker forgets a --help before the verb; whoever wrote it wants to read.
        help(&globals)?;

        let Some((row, arguments_at)) = labelled(&self.words, at)? else {
            return Ok(());
        };
        verb.labelled = Some(row);
        let arguments = scan_from(&self.words, arguments_at, row.flags, row.interspersed)?;
        help(&arguments)?;
        if arguments.operands.len() < row.operands {
            return Err(Obstacle::NoOperand);
        }
        self.insert_at = Some(arguments.options_end);
        Ok(())
    }
}

/// The place of the container in the words of `docker exec`; none where help was
/// asked for or the words have no reading.
pub fn operand(words: &[OsString]) -> Option<usize> {
    let found = scan_from(words, 1, &[table::EXEC], false).ok()?;
    if found.help {
        return None;
    }
    found.operands.first().copied()
}

/// The row of the verb at `at`, and where its arguments begin.
fn labelled(
    words: &[OsString],
    at: usize,
) -> Result<Option<(&'static table::Verb, usize)>, Obstacle> {
    let mut rows = VERBS.iter().filter(|row| words[at] == row.path[0]);
    let Some(first) = rows.clone().next() else {
        return Ok(None);
    };
    if first.path.len() == 1 {
        return Ok(Some((first, at + 1)));
    }
    let flags = [first.group];
    let group = scan_from(words, at + 1, &flags, false)?;
    help(&group)?;
    match group.operands.first() {
        // After a `--` cobra finds no command.
        Some(&second) if second == group.options_end => Ok(rows
            .find(|row| words[second] == row.path[1])
            .map(|row| (row, second + 1))),
        _ => Ok(None),
    }
}

/// Scans from `at`; places are given in `words`.
fn scan_from<'a>(
    words: &[OsString],
    at: usize,
    flags: &'a [&'a [table::Flag]],
    interspersed: bool,
) -> Result<Scan<'a>, Obstacle> {
    let grammar = Grammar {
        flags,
        interspersed,
    };
    let mut found = scan(&words[at..], grammar).map_err(Obstacle::Unreadable)?;
    found.options_end += at;
    found.operands.iter_mut().for_each(|operand| *operand += at);
    Ok(found)
}

fn help(found: &Scan<'_>) -> Result<(), Obstacle> {
    if found.help {
        return Err(Obstacle::Help);
    }
    Ok(())
}
