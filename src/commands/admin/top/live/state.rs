//! What the view shows, and what keys change in it.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::super::plain::{self, OUTSIDE};
use super::super::report::{Report, Share};
use super::super::sort::{KEYS, Key};
use super::keys;
use crate::ui;

/// How many readings a history holds: as many as the widest terminal shows.
const REMEMBERED: usize = 64;

/// Rows of a page.
const PAGE: usize = 10;

/// The key of the last row's history: no space is called so.
const HOST: &str = "";

/// What keys mean now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Rows,
    /// Letters go into the filter.
    Filter,
    Help,
}

/// What a key asked for beyond the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Nothing,
    Quit,
}

/// The view.
#[derive(Debug)]
pub(super) struct State {
    pub(super) sort: Key,
    pub(super) mode: Mode,
    pub(super) filter: String,
    pub(super) report: Report,
    /// Every row is a container.
    flat: bool,
    /// Spaces whose containers are shown.
    open: BTreeSet<String>,
    /// The row under the cursor, by its [`Row::id`].
    selected: Option<String>,
    histories: HashMap<String, VecDeque<f64>>,
}

/// One row that is shown.
#[derive(Debug, PartialEq)]
pub(super) struct Row<'a> {
    /// A space's name or a container's id; empty for the host's.
    pub(super) id: &'a str,
    pub(super) label: String,
    pub(super) running: Option<usize>,
    pub(super) share: &'a Share,
}

impl State {
    pub(super) fn new(sort: Key, flat: bool) -> State {
        State {
            sort,
            mode: Mode::Rows,
            filter: String::new(),
            report: Report::default(),
            flat,
            open: BTreeSet::new(),
            selected: None,
            histories: HashMap::new(),
        }
    }

    /// Whether containers have to be read.
    pub(super) fn wants_containers(&self) -> bool {
        self.flat || !self.open.is_empty()
    }

    /// Takes what was read; every history grows by one.
    pub(super) fn take(&mut self, report: Report) {
        self.report = report;
        plain::sort(&mut self.report, self.sort);
        let mut now: HashMap<String, f64> = HashMap::new();
        let Report {
            spaces, outside, ..
        } = &self.report;
        for space in spaces {
            now.extend(
                space
                    .share
                    .cpu_percent
                    .map(|cpu| (space.owner.space.clone(), cpu)),
            );
            for container in &space.containers {
                now.extend(
                    container
                        .share
                        .cpu_percent
                        .map(|cpu| (container.id.clone(), cpu)),
                );
            }
        }
        now.extend(outside.cpu_percent.map(|cpu| (HOST.to_owned(), cpu)));
        // What is not there any more is forgotten.
        self.histories.retain(|id, _| now.contains_key(id));
        for (id, cpu) in now {
            let history = self.histories.entry(id).or_default();
            history.push_back(cpu);
            if history.len() > REMEMBERED {
                history.pop_front();
            }
        }
    }

    /// What a row's CPU did lately, the newest last.
    pub(super) fn history(&self, id: &str) -> impl DoubleEndedIterator<Item = f64> {
        self.histories.get(id).into_iter().flatten().copied()
    }

    /// The most that anybody's CPU did lately, so that histories can be compared;
    /// a quarter of a CPU is no mountain.
    pub(super) fn highest(&self) -> f64 {
        let all = self.histories.values().flatten().copied();
        all.fold(25.0, f64::max)
    }

    /// The rows in their order, without the host's.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        for space in &self.report.spaces {
            let owner = &space.owner;
            let login = ui::safe(&owner.login);
            let own = self.fits(&owner.login) || self.fits(&owner.space);
            if !self.flat && own {
                rows.push(Row {
                    id: &owner.space,
                    label: login.clone(),
                    running: Some(space.running),
                    share: &space.share,
                });
            }
            if !(self.flat || own && self.open.contains(&owner.space)) {
                continue;
            }
            for container in &space.containers {
                let name = ui::safe(container.label());
                if self.flat && !own && !self.fits(&name) {
                    continue;
                }
                rows.push(Row {
                    id: &container.id,
                    label: match self.flat {
                        true => format!("{login}/{name}"),
                        false => format!("  {name}"),
                    },
                    running: None,
                    share: &container.share,
                });
            }
        }
        if self.flat {
            rows.sort_by(|one, other| {
                let order = self.sort.order(one.share, other.share);
                order.then_with(|| one.label.cmp(&other.label))
            });
        }
        rows
    }

    fn fits(&self, name: &str) -> bool {
        self.filter.is_empty() || name.contains(&self.filter)
    }

    /// The host's row, which is always the last.
    pub(super) fn outside(&self) -> Row<'_> {
        Row {
            id: HOST,
            label: OUTSIDE.into(),
            running: None,
            share: &self.report.outside,
        }
    }

    /// Where the cursor is among `rows`; none before it was moved.
    pub(super) fn cursor(&self, rows: &[Row<'_>]) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        rows.iter().position(|row| row.id == selected)
    }

    /// Does what a key says.
    pub(super) fn press(&mut self, key: keys::Key) -> Asked {
        if key == keys::Key::Interrupt {
            return Asked::Quit;
        }
        match self.mode {
            Mode::Help => {
                self.mode = Mode::Rows;
                match key {
                    keys::Key::Letter('q') => Asked::Quit,
                    _ => Asked::Nothing,
                }
            }
            Mode::Filter => {
                self.edit(key);
                Asked::Nothing
            }
            Mode::Rows => self.act(key),
        }
    }

    fn edit(&mut self, key: keys::Key) {
        match key {
            keys::Key::Enter => self.mode = Mode::Rows,
            keys::Key::Escape => {
                self.filter.clear();
                self.mode = Mode::Rows;
            }
            keys::Key::Erase => {
                self.filter.pop();
            }
            keys::Key::Letter(letter) => self.filter.push(letter),
            _ => {}
        }
    }

    fn act(&mut self, key: keys::Key) -> Asked {
        use keys::Key as K;
        match key {
            K::Letter('q') => return Asked::Quit,
            K::Letter('h' | '?') | K::Help => self.mode = Mode::Help,
            K::Letter('/') => self.mode = Mode::Filter,
            K::Escape => self.filter.clear(),
            K::Letter('>') | K::Right => self.sort_by(self.next(1)),
            K::Letter('<') | K::Left => self.sort_by(self.next(KEYS.len() - 1)),
            // The first key shows the cursor, on the first row.
            K::Down | K::Letter('j') => self.step(|at, _| at.map_or(0, |at| at + 1)),
            K::Up | K::Letter('k') => self.step(|at, _| at.unwrap_or(0).saturating_sub(1)),
            K::PageDown => self.step(|at, _| at.map_or(0, |at| at + PAGE)),
            K::PageUp => self.step(|at, _| at.unwrap_or(0).saturating_sub(PAGE)),
            K::Home => self.step(|_, _| 0),
            K::End => self.step(|_, last| last),
            K::Enter | K::Letter(' ') => self.unfold(),
            K::Letter(letter) => {
                let key = KEYS.into_iter().find(|key| letter_of(*key) == letter);
                let gpus = self.report.host.gpus.is_some();
                if let Some(key) = key.filter(|key| gpus || *key != Key::Gpu) {
                    self.sort_by(key);
                }
            }
            K::Erase | K::Interrupt => {}
        }
        Asked::Nothing
    }

    /// The next column that there is.
    fn next(&self, columns: usize) -> Key {
        let next = self.sort.next(columns);
        match (next, self.report.host.gpus) {
            (Key::Gpu, None) => next.next(columns),
            _ => next,
        }
    }

    fn sort_by(&mut self, key: Key) {
        self.sort = key;
        plain::sort(&mut self.report, key);
    }

    /// Moves the cursor from where it is, if it is anywhere, to a row up to the last.
    fn step(&mut self, to: impl Fn(Option<usize>, usize) -> usize) {
        let rows = self.rows();
        let Some(last) = rows.len().checked_sub(1) else {
            return;
        };
        let at = to(self.cursor(&rows), last).min(last);
        self.selected = Some(rows[at].id.to_owned());
    }

    /// Shows or hides the containers of the space under the cursor, or of the first.
    fn unfold(&mut self) {
        let rows = self.rows();
        let at = self.cursor(&rows).unwrap_or_default();
        // A container's row stands below its space's.
        let mut before = rows.iter().take(at + 1).rev();
        let space = before
            .find(|row| row.running.is_some())
            .map(|row| row.id.to_owned());
        let Some(space) = space else {
            return;
        };
        self.selected = Some(space.clone());
        if !self.open.remove(&space) {
            self.open.insert(space);
        }
    }
}

/// The key that sorts by a column.
pub(super) fn letter_of(key: Key) -> char {
    match key {
        Key::Cpu => 'c',
        Key::Memory => 'm',
        Key::Gpu => 'g',
        Key::Disk => 'd',
        Key::Network => 'n',
        Key::Block => 'i',
        Key::Pids => 'p',
    }
}
