//! What must differ between two runs, replaced by what it is.
//!
//! Ids are numbered in the order in which they appear, so that two texts are
//! equal only when the same object stands in the same places.

use std::ops::Range;

/// What docker's CLI adds when it hears of a failed start before its own call ends.
const RACE: &str = "error waiting for container: context canceled";

pub(crate) struct Normal {
    prefix: String,
    secret: String,
    ports: Range<u16>,
    /// The first 12 digits of every id seen.
    ids: Vec<String>,
}

impl Normal {
    pub(crate) fn new(prefix: &str, secret: &str, ports: Range<u16>) -> Normal {
        Normal {
            prefix: prefix.to_owned(),
            secret: secret.to_owned(),
            ports,
            ids: Vec::new(),
        }
    }

    pub(crate) fn text(&mut self, text: &str) -> String {
        let text = text
            .replace(&self.prefix, "@")
            .replace(&self.secret, "<secret>")
            .replace('\r', "");
        let mut normal = String::new();
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            if end == 0 {
                normal.push(c);
                rest = &rest[c.len_utf8()..];
            } else {
                normal += &self.word(&rest[..end]);
                rest = &rest[end..];
            }
        }
        let mut lines = String::new();
        for line in normal.lines() {
            if line.contains(RACE) {
                continue;
            }
            lines += &ago(&columns(line));
            lines.push('\n');
        }
        lines
    }

    /// A run of characters that a time, an address or an id is made of.
    fn word(&mut self, word: &str) -> String {
        if is_time(word) {
            return "<time>".into();
        }
        let parts: Vec<&str> = word.split(':').collect();
        if parts.len() == 6 && parts.iter().all(|part| part.len() == 2 && is_hex(part)) {
            return "<mac>".into();
        }
        let mut normal = Vec::new();
        for part in parts {
            normal.push(if is_private_address(part) {
                "<ip>".into()
            } else {
                let numbers: Vec<String> = part.split('-').map(|part| self.number(part)).collect();
                numbers.join("-")
            });
        }
        normal.join(":")
    }

    /// An id, a port, or neither; a full stop after it stays.
    fn number(&mut self, part: &str) -> String {
        if let Some(part) = part.strip_suffix('.') {
            return self.number(part) + ".";
        }
        if is_hex(part) && matches!(part.len(), 12 | 64) {
            let kind = if part.len() == 12 { "short" } else { "id" };
            return format!("<{kind} {}>", self.id(&part[..12]));
        }
        match part.parse::<u16>() {
            Ok(port) if part.len() == 5 && self.ports.contains(&port) => {
                format!("<port {}>", port - self.ports.start)
            }
            Ok(32_768..) if part.len() == 5 => "<port>".into(),
            _ => part.to_owned(),
        }
    }

    fn id(&mut self, short: &str) -> usize {
        let known = self.ids.iter().position(|id| *id == short);
        known.unwrap_or_else(|| {
            self.ids.push(short.to_owned());
            self.ids.len() - 1
        })
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '+' | '_')
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// `2026-11-25T08:36:12.5Z`, the same with a zone, or a day of this century.
fn is_time(word: &str) -> bool {
    let day = word.as_bytes();
    day.len() >= 10
        && day.starts_with(b"20")
        && day[4] == b'-'
        && day[7] == b'-'
        && day
            .iter()
            .all(|b| b.is_ascii_digit() || b"TZ:.+-".contains(b))
}

fn is_private_address(part: &str) -> bool {
    part.parse::<std::net::Ipv4Addr>()
        .is_ok_and(|address| address.is_private())
}

/// Columns are as wide as what stands in them, which was replaced.
fn columns(line: &str) -> String {
    let mut narrow = String::new();
    let mut spaces = 0;
    for c in line.trim_end().chars() {
        spaces = if c == ' ' { spaces + 1 } else { 0 };
        if spaces <= 2 || narrow.trim().is_empty() {
            narrow.push(c);
        }
    }
    narrow
}

/// `Up 3 seconds`, `Less than a second ago`, `About a minute`.
fn ago(line: &str) -> String {
    const UNITS: [&str; 4] = ["second", "minute", "hour", "day"];
    let line = line
        .replace("Less than a second", "1 second")
        .replace("About a minute", "1 minute")
        .replace("About an hour", "1 hour");
    let mut words: Vec<&str> = Vec::new();
    for word in line.split(' ') {
        let is_unit = UNITS.contains(&word.trim_end_matches('s'));
        let number = words.last().is_some_and(|last| last.parse::<u32>().is_ok());
        if is_unit && number {
            words.pop();
            words.push("<time>");
        } else {
            words.push(word);
        }
    }
    words.join(" ")
}

#[test]
fn only_what_must_differ_is_replaced() {
    let mut normal = Normal::new("p1", "s3", 20_000..20_010);
    let id = "4f0a9c31d27be85f4f0a9c31d27be85f4f0a9c31d27be85f4f0a9c31d27be85f";
    for (text, expected) in [
        ("p1web busybox", "@web busybox"),
        ("word=s3", "word=<secret>"),
        (id, "<id 0>"),
        (&id[..12], "<short 0>"),
        ("sha256:0123456789ab", "sha256:<short 1>"),
        ("0123456789ab.", "<short 1>."),
        ("Up 2 seconds", "Up <time>"),
        ("Exited (0) Less than a second ago", "Exited (0) <time> ago"),
        ("2026-11-25T08:36:12.57Z x", "<time> x"),
        ("0.0.0.0:20001->80/tcp", "0.0.0.0:<port 1>->80/tcp"),
        ("0.0.0.0:49153->80/tcp", "0.0.0.0:<port>->80/tcp"),
        ("172.17.0.2 192.0.2.1", "<ip> 192.0.2.1"),
        ("02:42:ac:11:00:02", "<mac>"),
        ("CONTAINER ID   IMAGE", "CONTAINER ID  IMAGE"),
        ("exit code 127", "exit code 127"),
        ("10 processes", "10 processes"),
    ] {
        assert_eq!(normal.text(text).trim_end(), expected, "{text}");
    }
}
