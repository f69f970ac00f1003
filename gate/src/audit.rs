//! One line of JSON per decision, to syslog or a file.
//!
//! Constant keys, never a body, an environment or a credential. Lines go to
//! `/dev/log` (journald or syslog) where that is, else to [`FALLBACK`], else
//! to the configured file; a line that cannot be written is dropped, since a
//! full disk must not stop people's containers.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use dock_space::config::{Audit, AuditLevel};
use dock_space::{Space, Uid};
use serde::Serialize;

const SYSLOG: &str = "/dev/log";

/// Where lines go that no log daemon takes.
pub(crate) const FALLBACK: &str = "/var/log/dock.log";

/// What the lines are called in syslog.
pub(crate) const IDENTIFIER: &str = "dock-gate";

/// How much of an object's name is written: a path in a refusal can be 64 KiB,
/// which syslog would not take.
const MAX_OBJECT: usize = 256;

/// LOG_AUTHPRIV (10 << 3) and LOG_INFO (6): who did what is for admins only.
const PRIORITY: u8 = 86;

/// A decision, as it is written down.
#[derive(Debug, Serialize)]
pub(crate) struct Line<'a> {
    /// Seconds since 1970.
    pub time: u64,
    pub verdict: &'static str,
    pub uid: u32,
    /// The login of `uid`.
    pub login: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_uid: Option<u32>,
    /// Whether it came by the admin gate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
    /// The space that it is about, where it is about one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub space: String,
    pub verb: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub object: &'a str,
    /// What its owner calls it, where `object` is an id: after a removal nobody
    /// could tell any more.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub rule: &'a str,
}

/// Where decisions are written, and which of them.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    audit: Audit,
    who: Who,
    space: Option<Space>,
}

/// Who decided to do it.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) uid: Uid,
    pub(crate) login: String,
    pub(crate) login_uid: Option<u32>,
    /// Whether it is the admin gate: then reads leave a line, whatever the level.
    pub(crate) admin: bool,
}

/// What something was done to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a> {
    /// A full id or a shown name; may be empty.
    pub(crate) object: &'a str,
    /// The shown name, where `object` is an id and it is known.
    pub(crate) name: &'a str,
}

impl<'a> From<&'a str> for Object<'a> {
    fn from(object: &'a str) -> Object<'a> {
        Object { object, name: "" }
    }
}

impl<'a> From<&'a String> for Object<'a> {
    fn from(object: &'a String) -> Object<'a> {
        Object::from(object.as_str())
    }
}

/// Whether a permitted operation changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Read,
    Change,
}

impl Journal {
    pub(crate) fn new(audit: Audit, who: Who, space: Option<Space>) -> Journal {
        Journal { audit, who, space }
    }

    /// The same person's journal of what is done in `space`.
    pub(crate) fn of(&self, space: Option<Space>) -> Journal {
        Journal {
            space,
            ..self.clone()
        }
    }

    /// Writes down that `verb` on `object` was permitted.
    pub(crate) fn permit<'a>(&self, weight: Weight, verb: &str, object: impl Into<Object<'a>>) {
        let all = self.who.admin || self.audit.level == AuditLevel::All;
        if weight == Weight::Change || all {
            self.write("permit", verb, object.into(), "");
        }
    }

    /// Writes down that `verb` was refused by `rule`.
    pub(crate) fn refuse<'a>(&self, verb: &str, object: impl Into<Object<'a>>, rule: &str) {
        self.write("refuse", verb, object.into(), rule);
    }

    fn write(&self, verdict: &'static str, verb: &str, object: Object<'_>, rule: &str) {
        let Who {
            uid,
            login,
            login_uid,
            admin,
        } = &self.who;
        let line = Line {
            time: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |time| time.as_secs()),
            verdict,
            uid: uid.0,
            login: shorten(login),
            login_uid: *login_uid,
            admin: *admin,
            space: self
                .space
                .map(|space| space.to_string())
                .unwrap_or_default(),
            verb: shorten(verb),
            object: shorten(object.object),
            name: shorten(object.name),
            rule,
        };
        let Ok(json) = serde_json::to_string(&line) else {
            return;
        };
        match &self.audit.file {
            Some(file) => append(file, &json),
            None if !to_syslog(&json) => append(Path::new(FALLBACK), &json),
            None => {}
        }
    }
}

fn to_syslog(json: &str) -> bool {
    let Ok(socket) = UnixDatagram::unbound() else {
        return false;
    };
    // A log daemon that does not read must not stop the gate.
    let _ = socket.set_nonblocking(true);
    let pid = std::process::id();
    // Everybody can write to /dev/log: whoever keeps it full must not be able to
    // act unseen.
    socket
        .send_to(
            format!("<{PRIORITY}>{IDENTIFIER}[{pid}]: {json}").as_bytes(),
            SYSLOG,
        )
        .is_ok()
}

fn shorten(text: &str) -> &str {
    let mut end = text.len().min(MAX_OBJECT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn append(path: &Path, json: &str) {
    let file = std::fs::File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(path);
    if let Ok(mut file) = file {
        // One write per line: appends of this size do not interleave.
        let _ = file.write_all(format!("{json}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_cannot_break_a_line_or_fill_the_log() {
        let file = std::env::temp_dir().join(format!("dock-audit-{}", std::process::id()));
        let _ = std::fs::remove_file(&file);
        let audit = Audit {
            file: Some(file.clone()),
            ..Audit::default()
        };
        let journal = Journal::new(
            audit,
            Who {
                uid: Uid(1001),
                login: "alice".into(),
                login_uid: None,
                admin: false,
            },
            Some(Space::User(Uid(1001))),
        );
        journal.refuse("x", "web\"}\n{\"verdict\":\"permit\"}", "route");
        journal.refuse("x", &"\u{e9}".repeat(60_000), "route");
        let text = std::fs::read_to_string(&file).unwrap();
        let _ = std::fs::remove_file(&file);
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line["verdict"] == "refuse"));
        // What is written is what 'dock admin audit' reads.
        let read: dock_space::admin::AuditLine = serde_json::from_value(lines[0].clone()).unwrap();
        assert_eq!((read.uid, read.space.as_str()), (1001, "u1001"));
        assert_eq!(
            serde_json::to_value(&read).unwrap()["object"],
            lines[0]["object"]
        );
        assert!(text.len() < 1024);
    }
}
