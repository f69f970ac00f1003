//! Numbers as marks: bars and short histories, in blocks or in plain letters.

/// Eighths of a cell, from the left.
const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// Eighths of a cell, from below.
const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The same in letters.
const PLAIN_HEIGHTS: [char; 9] = [' ', '.', '.', ':', '-', '=', '+', '*', '#'];

/// A bar of `width` cells, filled up to `part` of 1. What is more than nothing
/// shows.
pub(super) fn bar(part: f64, width: usize, blocks: bool) -> String {
    let part = if part.is_finite() {
        part.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let steps = if blocks { 8 } else { 2 };
    let mut filled = whole(part * (width * steps) as f64);
    if part > 0.0 && filled == 0 {
        filled = 1;
    }
    let (full, rest) = (filled / steps, filled % steps);
    let mut text = String::new();
    text.extend(std::iter::repeat_n(if blocks { '█' } else { '#' }, full));
    if rest > 0 {
        text.push(if blocks { PARTS[rest] } else { ':' });
    }
    let length = full + usize::from(rest > 0);
    text.extend(std::iter::repeat_n(' ', width.saturating_sub(length)));
    text
}

/// The last `width` of `values`, the newest at the right; `top` is as high as it gets.
pub(super) fn history(
    values: impl DoubleEndedIterator<Item = f64>,
    top: f64,
    width: usize,
    blocks: bool,
) -> String {
    let heights = if blocks { HEIGHTS } else { PLAIN_HEIGHTS };
    let mut marks: Vec<char> = values
        .rev()
        .take(width)
        .map(|value| {
            let part = if top > 0.0 {
                (value / top).clamp(0.0, 1.0)
            } else {
                0.0
            };
            let height = whole(part * 8.0);
            // One percent of one CPU is something.
            heights[if value >= 1.0 { height.max(1) } else { height }]
        })
        .collect();
    marks.resize(width, ' ');
    marks.iter().rev().collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between nothing and the cells of a terminal"
)]
fn whole(number: f64) -> usize {
    number.round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_part() {
        assert_eq!(bar(0.0, 4, true), "    ");
        assert_eq!(bar(0.5, 4, true), "██  ");
        assert_eq!(bar(0.6, 4, true), "██▍ ");
        assert_eq!(bar(0.001, 4, true), "▏   ");
        assert_eq!(bar(7.0, 4, true), "████");
        assert_eq!(bar(f64::NAN, 4, true), "    ");
        assert_eq!(bar(0.5, 4, false), "##  ");
        assert_eq!(bar(0.001, 4, false), ":   ");
        assert_eq!(bar(0.4, 4, false), "#:  ");
    }

    #[test]
    fn the_newest_stands_at_the_right() {
        let values = [100.0, 0.0, 50.0, 0.1, 2.0];
        assert_eq!(history(values.into_iter(), 100.0, 4, true), " ▄ ▁");
        assert_eq!(history(values.into_iter(), 100.0, 7, true), "  █ ▄ ▁");
        assert_eq!(history(values.into_iter(), 100.0, 5, false), "# - .");
        assert_eq!(history([5.0].into_iter(), 0.0, 2, true), " ▁");
    }
}
