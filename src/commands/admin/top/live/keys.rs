//! Keys, from the bytes that a terminal sends for them.
//!
//! Read here and not by the terminal's crate, which never ends reading from a
//! terminal that was hung up.

use std::os::fd::AsFd as _;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// The longest sequence that means a key, generously.
const LONGEST: usize = 16;

const ESCAPE: u8 = 0x1b;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Letter(char),
    Enter,
    Escape,
    Erase,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    Help,
    /// ^C
    Interrupt,
}

/// What standard input said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Keys(Vec<Key>),
    /// The terminal is gone.
    HungUp,
}

/// Standard input, with what is not a whole key yet.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pending: Vec<u8>,
}

impl Keys {
    /// Waits so long for keys; a signal ends the wait, too.
    pub(super) fn wait(&mut self, patience: PollTimeout) -> Heard {
        let input = std::io::stdin();
        let mut ready = [PollFd::new(input.as_fd(), PollFlags::POLLIN)];
        match poll(&mut ready, patience) {
            Ok(0) => return Heard::Keys(self.flush()),
            Ok(_) => {}
            Err(Errno::EINTR) => return Heard::Keys(Vec::new()),
            Err(_) => return Heard::HungUp,
        }
        let mut buffer = [0; 256];
        match nix::unistd::read(&input, &mut buffer) {
            Ok(0) => Heard::HungUp,
            Ok(length) => Heard::Keys(self.feed(&buffer[..length])),
            Err(Errno::EINTR | Errno::EAGAIN) => Heard::Keys(Vec::new()),
            Err(_) => Heard::HungUp,
        }
    }

    /// The keys that are whole with these bytes.
    fn feed(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.pending.extend_from_slice(bytes);
        let mut keys = Vec::new();
        let mut rest = self.pending.as_slice();
        while let Some((key, length)) = first(rest) {
            keys.extend(key);
            rest = &rest[length..];
        }
        self.pending = rest.to_vec();
        keys
    }

    /// Nothing more came: an escape is the key of that name.
    fn flush(&mut self) -> Vec<Key> {
        let pending = std::mem::take(&mut self.pending);
        match pending.first() {
            Some(&ESCAPE) => vec![Key::Escape],
            _ => Vec::new(),
        }
    }
}

/// The first key and its length; none where it may not be whole yet.
fn first(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let key = match *bytes.first()? {
        ESCAPE => return sequence(bytes),
        // A line feed is what some send for enter.
        b'\r' | b'\n' => Some(Key::Enter),
        0x03 => Some(Key::Interrupt),
        0x08 | 0x7f => Some(Key::Erase),
        0x00..=0x1f => None,
        byte if byte.is_ascii() => Some(Key::Letter(char::from(byte))),
        _ => return letter(bytes),
    };
    Some((key, 1))
}

/// A letter of more than one byte.
fn letter(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let length = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Some((None, 1)),
    };
    let text = std::str::from_utf8(bytes.get(..length)?);
    match text.ok().and_then(|text| text.chars().next()) {
        Some(letter) if !letter.is_control() => Some((Some(Key::Letter(letter)), length)),
        _ => Some((None, 1)),
    }
}

/// `ESC [ ... letter`, `ESC O letter`, or escape itself before another key.
fn sequence(bytes: &[u8]) -> Option<(Option<Key>, usize)> {
    let kind = *bytes.get(1)?;
    if kind != b'[' && kind != b'O' {
        return Some((Some(Key::Escape), 1));
    }
    let body = &bytes[2..];
    let Some(end) = body.iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        // What never ends is no key.
        return (bytes.len() > LONGEST).then_some((None, bytes.len()));
    };
    let key = match (&body[..end], body[end]) {
        (_, b'A') => Some(Key::Up),
        (_, b'B') => Some(Key::Down),
        (_, b'C') => Some(Key::Right),
        (_, b'D') => Some(Key::Left),
        (_, b'H') | (b"1" | b"7", b'~') => Some(Key::Home),
        (_, b'F') | (b"4" | b"8", b'~') => Some(Key::End),
        (b"5", b'~') => Some(Key::PageUp),
        (b"6", b'~') => Some(Key::PageDown),
        (b"11", b'~') | (b"", b'P') => Some(Key::Help),
        _ => None,
    };
    Some((key, end + 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &str) -> Vec<Key> {
        let mut keys = Keys::default();
        let mut found = keys.feed(bytes.as_bytes());
        found.extend(keys.flush());
        found
    }

    #[test]
    fn keys_are_what_terminals_send_for_them() {
        let all = "q\r\n\u{3}\u{7f}\u{8}\u{1b}[A\u{1b}OB\u{1b}[1;5C\u{1b}[D\u{1b}[5~\u{1b}[6~\u{1b}[H\u{1b}OF\u{1b}OP\u{1b}[99~\u{e9}";
        assert_eq!(
            of(all),
            [
                Key::Letter('q'),
                Key::Enter,
                Key::Enter,
                Key::Interrupt,
                Key::Erase,
                Key::Erase,
                Key::Up,
                Key::Down,
                Key::Right,
                Key::Left,
                Key::PageUp,
                Key::PageDown,
                Key::Home,
                Key::End,
                Key::Help,
                Key::Letter('\u{e9}'),
            ]
        );
        assert_eq!(of("\u{1b}"), [Key::Escape]);
        assert_eq!(of("\u{1b}q"), [Key::Escape, Key::Letter('q')]);
        assert_eq!(of("\u{1}\u{1a}"), []);
    }

    #[test]
    fn a_key_can_come_in_pieces() {
        let mut keys = Keys::default();
        for piece in ["\u{1b}", "[", "1", ";5"] {
            assert_eq!(keys.feed(piece.as_bytes()), []);
        }
        assert_eq!(keys.feed(b"Aq"), [Key::Up, Key::Letter('q')]);
        assert_eq!(keys.feed(&[0xc3]), []);
        assert_eq!(keys.feed(&[0xa9]), [Key::Letter('\u{e9}')]);
        // Neither nonsense nor what never ends is held for ever.
        assert_eq!(
            keys.feed(&[0xff, 0xc3, b'q', b'x', b'y']),
            [Key::Letter('q'), Key::Letter('x'), Key::Letter('y')]
        );
        assert_eq!(keys.feed(b"\x1b[0000000000000000000"), []);
        assert_eq!(keys.feed(b"q"), [Key::Letter('q')]);
    }
}
