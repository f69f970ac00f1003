//! A list whose rows come one after the other, and may never end.
//!
//! Docker's look needs the widths of columns before the first line: they are
//! those of the rows that are there at the beginning, and a longer cell later
//! moves its own line alone.

use serde::Serialize;

use super::template::{Rows, cells};
use super::{Column, Style};
use crate::error::Error;
use crate::ui;

/// How many rows are waited for before the first is printed.
const MEASURED: usize = 500;

/// Prints rows as they come.
pub(crate) struct Flow<T: 'static> {
    columns: &'static [Column<T>],
    look: Look,
    /// Rows that are not printed yet: the widths are not known.
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

enum Look {
    Json,
    Table(Heads),
    Template { rows: Rows, table: Option<Heads> },
}

type Heads = Vec<String>;

impl<T: Serialize> Flow<T> {
    /// A list of `columns`: by `format` if there is one, as JSON, one object a line, or a table.
    ///
    /// # Errors
    /// For a template that has no meaning.
    pub(crate) fn new(
        columns: &'static [Column<T>],
        format: Option<&str>,
        json: bool,
    ) -> Result<Flow<T>, Error> {
        let look = match format {
            _ if json => Look::Json,
            None | Some("" | "table") => {
                let shown = columns.iter().filter(|column| column.shown);
                Look::Table(shown.map(|column| column.head.to_owned()).collect())
            }
            Some(format) => {
                let rows = Rows::parse(format)?;
                let table = match rows.table {
                    true => Some(cells(rows.heads(columns)?)),
                    false => None,
                };
                Look::Template { rows, table }
            }
        };
        Ok(Flow {
            columns,
            look,
            waiting: Vec::new(),
            widths: None,
        })
    }

    /// Whether people read it.
    pub(crate) fn is_table(&self) -> bool {
        !matches!(self.look, Look::Json)
    }

    /// Prints `row`, now or with the others; false when nobody reads.
    ///
    /// # Errors
    /// For a template that names a column that there is not.
    pub(crate) fn row(&mut self, row: &T, style: &Style) -> Result<bool, Error> {
        let row = match &self.look {
            Look::Json => {
                let text =
                    serde_json::to_string(row).map_err(|error| Error::Gate(error.to_string()))?;
                return Ok(written(&text));
            }
            Look::Table(_) => {
                let shown = self.columns.iter().filter(|column| column.shown);
                shown.map(|column| (column.text)(row, style)).collect()
            }
            Look::Template { rows, table } => {
                let line = rows.render(self.columns, row, style)?;
                if table.is_none() {
                    return Ok(written(&ui::safe(&line)));
                }
                cells(line)
            }
        };
        self.waiting.push(row);
        match self.widths.is_some() || self.waiting.len() >= MEASURED {
            true => Ok(self.flush()),
            false => Ok(true),
        }
    }

    /// Prints what waits, the heads first; false when nobody reads.
    pub(crate) fn flush(&mut self) -> bool {
        let (Look::Table(heads)
        | Look::Template {
            table: Some(heads), ..
        }) = &self.look
        else {
            return true;
        };
        let mut lines = std::mem::take(&mut self.waiting);
        let widths = self.widths.get_or_insert_with(|| {
            lines.insert(0, heads.clone());
            measured(&lines)
        });
        lines.iter().all(|cells| written(&line(cells, widths)))
    }
}

fn written(line: &str) -> bool {
    ui::output(1, format!("{line}\n").as_bytes())
}

/// The widest cell of each column.
fn measured(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|cells| cells.get(at));
        cells.map(|cell| cell.chars().count()).max()
    };
    (0..columns)
        .map(|at| width(at).unwrap_or_default())
        .collect()
}

/// Docker's three spaces between columns.
fn line(cells: &[String], widths: &[usize]) -> String {
    let mut text = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let width = widths.get(at).copied().unwrap_or_default();
        // A tab would be a column of its own here.
        let cell = ui::safe(cell).replace('\t', " ");
        text.push_str(&format!("{cell:width$}   "));
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_long_cell_moves_its_own_line_alone() {
        let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
        let widths = measured(&[row("USER", "VERB"), row("alice", "x")]);
        assert_eq!(widths, [5, 4]);
        assert_eq!(line(&row("USER", "VERB"), &widths), "USER    VERB");
        assert_eq!(line(&row("bob", ""), &widths), "bob");
        assert_eq!(line(&row("mallory", "x"), &widths), "mallory   x");
        assert_eq!(line(&row("a\u{1b}[2J", "b"), &widths), "a?[2J   b");
    }
}
