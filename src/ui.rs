//! The only printer: data to standard output, everything else to standard error.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the module that prints"
)]

use std::io::{IsTerminal as _, Write as _};

use crate::error::Error;

/// `dock: what went wrong`, and after a blank line what is possible instead.
pub(crate) fn error(error: &Error) {
    if let Error::Usage(usage) = error {
        // clap sends --help to standard output and mistakes to standard error.
        let _ = usage.print();
        return;
    }
    if let Error::Partly = error {
        // Each was told of when it happened.
        return;
    }
    // The engine quotes what others named: a user, a program of an image.
    eprintln!("dock: {}", safe_lines(&error.to_string()));
    if let Some(hint) = error.hint() {
        eprintln!("\nhint: {}", safe_lines(&hint));
    }
}

/// One line about something that is not an error.
pub(crate) fn note(text: &str) {
    eprintln!("dock: {}", safe_lines(text));
}

/// A line of data; a closed pipe is no error.
pub(crate) fn line(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    let _ = out
        .write_all(text)
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
}

/// Text that somebody else named, for a terminal: control characters would move
/// its cursor or worse. A tab is a column's end in a template, and stays.
pub(crate) fn safe(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\t' { '?' } else { c };
    text.chars().map(shown).collect()
}

/// The same of several lines.
fn safe_lines(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(safe).collect();
    lines.join("\n")
}

/// Lines before a question, which may hold what others named.
pub(crate) fn prompt(text: &str) {
    for line in text.lines() {
        eprintln!("{}", safe(line));
    }
}

/// Output of a container's, byte for byte: stream 2 to standard error, the rest
/// to standard output. False when nobody reads it any more.
pub(crate) fn output(stream: u8, bytes: &[u8]) -> bool {
    let written = match stream {
        2 => std::io::stderr().write_all(bytes),
        _ => {
            let mut out = std::io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        }
    };
    written.is_ok()
}

/// Whether somebody looks at standard error.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// A line of a warning, without dock's name before it.
pub(crate) fn warn(text: &str) {
    eprintln!("{}", safe(text));
}

/// Asks at the terminal and returns what was typed, without its line end.
///
/// # Errors
/// When standard input is no terminal, or ends.
pub(crate) fn ask(question: &str) -> Result<String, Error> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Error::NobodyToAsk);
    }
    eprint!("{}", safe(question));
    let mut typed = String::new();
    match stdin.read_line(&mut typed) {
        Ok(read) if read > 0 => Ok(typed.trim().to_owned()),
        _ => Err(Error::NotConfirmed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_what_moves_a_cursor_does_not() {
        assert_eq!(
            safe_lines("a\u{1b}[2J\r\u{9b}\n\nhint: b\tc\n"),
            "a?[2J??\n\nhint: b\tc\n"
        );
    }
}
