//! The view as cells: the host above, a row per space, the keys below.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::columns::{Column, Kind, fit, of_limit};
use super::gauges::gauges;
use super::look::Look;
use super::marks::{bar, history};
use super::state::{Mode, Row, State};
use crate::commands::admin::top::report::number;
use crate::{ui, units};

/// What the last row is called where there is little room.
const SHORT_OUTSIDE: &str = "outside dock";

/// A disk that was measured longer ago is said to be old.
const FRESH: i64 = 150;

/// Lines below the rows.
const BELOW: usize = 2;

/// From so much of its limit on a row's memory is a warning, and an alarm.
const WARN: f64 = 0.8;
const ALARM: f64 = 0.95;

const HELP: [(&str, &str); 9] = [
    ("c m g d n i p", "sort by CPU, memory, GPU, disk,"),
    ("", "network, block io, pids"),
    ("< >", "sort by the column beside"),
    ("up down", "move the cursor"),
    ("enter, space", "show or hide a space's containers"),
    ("/", "show what holds a text; esc shows all"),
    ("h ?", "this help"),
    ("q", "quit"),
    ("!", "near its memory limit"),
];

/// Draws all of it.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, look: Look) {
    let area = frame.area();
    let width = usize::from(area.width);
    let gpus = state.report.host.gpus.is_some();
    let columns = fit(width, gpus);
    let mut lines = vec![title(state, width)];
    lines.extend(gauges(&state.report, width, look));
    lines.push(heads(state, &columns, look));
    let above = lines.len();
    let room = usize::from(area.height).saturating_sub(above + BELOW);
    let rows = state.rows();
    let cursor = state.cursor(&rows);
    // The page that the cursor is on.
    let first = match cursor {
        Some(at) if room > 0 => (at + 1).saturating_sub(room),
        _ => 0,
    };
    let painter = Painter {
        state,
        columns: &columns,
        look,
        highest: state.highest(),
    };
    let page = rows.iter().enumerate().skip(first).take(room);
    lines.extend(page.map(|(at, row)| painter.row(row, cursor == Some(at))));
    lines.resize(above + room, Line::default());
    lines.push(painter.row(&state.outside(), false));
    let hidden = rows.len().saturating_sub(first + room);
    lines.push(footer(state, width, hidden));
    frame.render_widget(Paragraph::new(lines), area);
    if state.mode == Mode::Help {
        help(frame, area);
    }
}

fn title(state: &State, width: usize) -> Line<'static> {
    let report = &state.report;
    let running: usize = report.spaces.iter().map(|space| space.running).sum();
    let host = nix::unistd::gethostname().unwrap_or_default();
    let left = format!(
        "dock top  {}  {} spaces, {running} containers",
        ui::safe(&host.to_string_lossy()),
        report.spaces.len(),
    );
    let disk = match report.disk_measured {
        None => "disk not measured yet  ".to_owned(),
        Some(moment) if report.time - moment > FRESH => {
            format!("disk of {}  ", units::ago(moment, report.time))
        }
        Some(_) => String::new(),
    };
    let clock = jiff::Timestamp::from_second(report.time).map_or_else(
        |_| String::new(),
        |time| {
            let zoned = time.to_zoned_datetime(jiff::tz::TimeZone::system());
            zoned.strftime("%H:%M:%S").to_string()
        },
    );
    let right = format!("{disk}{clock}");
    let gap = width.saturating_sub(left.chars().count() + right.chars().count());
    let bold = Style::new().add_modifier(Modifier::BOLD);
    match gap {
        0 => Line::from(Span::styled(left, bold)),
        _ => Line::from(vec![
            Span::styled(left, bold),
            Span::raw(" ".repeat(gap)),
            Span::raw(right),
        ]),
    }
}

fn heads(state: &State, columns: &[Column], look: Look) -> Line<'static> {
    let plain = Style::new().add_modifier(Modifier::REVERSED);
    let sorted = match look.colours {
        true => plain.fg(Color::Cyan).add_modifier(Modifier::BOLD),
        false => plain.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
    };
    let mut spans = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            spans.push(Span::styled(" ", plain));
        }
        let (head, key) = column.kind.head();
        let is_sorted = key == Some(state.sort);
        // A mark in letters, too: not everybody sees the colour.
        let head = match is_sorted && head.len() < column.width {
            true => format!("{head}{}", if look.blocks { '\u{25bc}' } else { 'v' }),
            false => head.to_owned(),
        };
        let text = pad(&head, *column);
        spans.push(Span::styled(text, if is_sorted { sorted } else { plain }));
    }
    Line::from(spans)
}

/// What rows are drawn with.
struct Painter<'a> {
    state: &'a State,
    columns: &'a [Column],
    look: Look,
    /// How high histories are.
    highest: f64,
}

impl Painter<'_> {
    fn row(&self, row: &Row<'_>, is_selected: bool) -> Line<'static> {
        let mut spans = Vec::new();
        let under_cursor = match is_selected {
            true => Style::new().add_modifier(Modifier::REVERSED),
            false => Style::new(),
        };
        for (at, column) in self.columns.iter().enumerate() {
            if at > 0 {
                spans.push(Span::styled(" ", under_cursor));
            }
            let cell = self.cell(row, *column);
            spans.push(match column.kind {
                // Reversed, an empty bar would be a full one.
                Kind::Bar | Kind::History => cell,
                _ => cell.patch_style(under_cursor),
            });
        }
        let line = Line::from(spans);
        match row.running {
            Some(0) if !is_selected => line.patch_style(Style::new().add_modifier(Modifier::DIM)),
            _ => line,
        }
    }

    fn cell(&self, row: &Row<'_>, column: Column) -> Span<'static> {
        let Column { kind, width } = column;
        let blocks = self.look.blocks;
        let limit = of_limit(row.share);
        let alarm = match limit {
            ALARM.. => self.look.coloured(Color::Red).add_modifier(Modifier::BOLD),
            WARN.. => self.look.coloured(Color::Yellow),
            _ => Style::new(),
        };
        match kind {
            Kind::Name if row.id.is_empty() && width < row.label.len() => {
                Span::raw(pad(SHORT_OUTSIDE, column))
            }
            Kind::Name => Span::raw(pad(&row.label, column)),
            Kind::History => {
                let values = self.state.history(row.id);
                let marks = history(values, self.highest, width, blocks);
                Span::styled(marks, self.look.coloured(Color::Green))
            }
            Kind::Bar => {
                let total = number(self.state.report.host.memory_total.max(1));
                let mut marks = bar(number(row.share.memory) / total, width, blocks);
                if limit >= WARN {
                    // Near its own limit, however small its part of the host.
                    marks = marks.chars().take(width - 1).chain(['!']).collect();
                }
                let style = match limit {
                    WARN.. => alarm,
                    _ => self.look.coloured(Color::Cyan),
                };
                Span::styled(marks, style)
            }
            Kind::Memory => Span::styled(pad(&kind.cell(row.share, row.running), column), alarm),
            _ => Span::raw(pad(&kind.cell(row.share, row.running), column)),
        }
    }
}

fn footer(state: &State, width: usize, hidden: usize) -> Line<'static> {
    let text = match state.mode {
        Mode::Filter => format!(
            "/{}_   enter keeps it, esc shows all",
            ui::safe(&state.filter)
        ),
        _ if !state.filter.is_empty() => {
            format!(
                "/{}   esc shows all   h help  q quit",
                ui::safe(&state.filter)
            )
        }
        _ => "c m g d n i p sort  enter containers  / filter  h help  q quit".to_owned(),
    };
    let more = match hidden {
        0 => String::new(),
        hidden => format!("{hidden} more"),
    };
    let gap = width.saturating_sub(text.chars().count() + more.chars().count());
    Line::styled(
        format!("{text}{}{more}", " ".repeat(gap)),
        Style::new().add_modifier(Modifier::DIM),
    )
}

fn help(frame: &mut Frame<'_>, area: Rect) {
    let lines: Vec<Line<'_>> = HELP
        .iter()
        .map(|(keys, what)| Line::from(format!(" {keys:14} {what:38}")))
        .collect();
    let height = u16::try_from(lines.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let width = 56.min(area.width);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, place);
    frame.render_widget(
        Paragraph::new(lines).block(Block::bordered().title(" dock top ")),
        place,
    );
}

/// A text in its column's room: what is longer is cut.
fn pad(text: &str, column: Column) -> String {
    let Column { kind, width } = column;
    let length = text.chars().count();
    if length > width {
        // The end of a name tells more of it apart than of a number.
        let cut = text.chars().take(width.saturating_sub(1));
        return cut.chain(['~']).collect();
    }
    let gap = " ".repeat(width - length);
    match kind.is_text() {
        true => format!("{text}{gap}"),
        false => format!("{gap}{text}"),
    }
}
