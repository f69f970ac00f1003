//! What a terminal can show, from what the environment says of it.

use std::ffi::OsString;

use ratatui::style::{Color, Style};

/// How the view is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Look {
    /// Bars of blocks, not of letters.
    pub(super) blocks: bool,
    pub(super) colours: bool,
}

impl Look {
    /// The look of the terminal that this runs on; none where it cannot move its cursor.
    pub(in super::super) fn of_terminal() -> Option<Look> {
        Look::of(|name| std::env::var_os(name))
    }

    /// A colour, for who wants colours.
    pub(super) fn coloured(self, colour: Color) -> Style {
        match self.colours {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Option<Look> {
        let word = |name: &str| {
            let word = variable(name).filter(|word| !word.is_empty());
            word.map(|word| word.to_string_lossy().to_ascii_lowercase())
        };
        let terminal = word("TERM").filter(|terminal| terminal != "dumb")?;
        // The first that is set decides, as in locale(7).
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(word);
        let locale = locale.unwrap_or_default();
        let grey = ["vt1", "vt2", "vt3"];
        Some(Look {
            blocks: locale.contains("utf-8") || locale.contains("utf8"),
            colours: word("NO_COLOR").is_none()
                && !grey.iter().any(|kind| terminal.starts_with(kind)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Option<Look> {
        Look::of(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_environment_says_what_a_terminal_shows() {
        let look = |blocks, colours| Some(Look { blocks, colours });
        let xterm = ("TERM", "xterm");
        assert_eq!(of(&[xterm, ("LANG", "C.UTF-8")]), look(true, true));
        assert_eq!(of(&[xterm, ("LANG", "de_DE.utf8")]), look(true, true));
        assert_eq!(of(&[xterm]), look(false, true));
        let both = [xterm, ("LANG", "C.UTF-8"), ("LC_ALL", "C")];
        assert_eq!(of(&both), look(false, true));
        let none = [
            xterm,
            ("LANG", "C.UTF-8"),
            ("LC_ALL", ""),
            ("NO_COLOR", "1"),
        ];
        assert_eq!(of(&none), look(true, false));
        assert_eq!(of(&[("TERM", "vt100")]), look(false, false));
        assert_eq!(of(&[("TERM", "dumb")]), None);
        assert_eq!(of(&[]), None);
    }
}
