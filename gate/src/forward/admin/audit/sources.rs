//! Where the audit's lines are: as the gates of this host write them
//! ([`crate::audit`]), so they are looked for.

use std::path::{Path, PathBuf};

use dock_space::admin::{AuditEntry, AuditLine, AuditSource};
use dock_space::config::Audit;

use super::journal::{self, Journal};
use super::log::Log;
use crate::audit::{FALLBACK, IDENTIFIER};

/// Files of syslog daemons that hold LOG_AUTHPRIV, the first that is there.
const SYSLOG_FILES: [&str; 4] = [
    "/var/log/auth.log",
    "/var/log/secure",
    "/var/log/messages",
    "/var/log/syslog",
];

/// One place with lines in the order of their time.
pub(super) enum Source {
    /// A file that only gates write.
    File(Log),
    /// A file in which a syslog daemon writes what anybody tells it.
    Syslog(Log),
    Journal(Journal),
}

/// A source and what a client is told of it.
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) told: AuditSource,
}

impl Found {
    fn file(log: Log, path: &Path, verified: bool) -> Found {
        let told = AuditSource {
            name: path.display().to_string(),
            verified,
            left_out: log.left_out.clone(),
        };
        let source = match verified {
            true => Source::File(log),
            false => Source::Syslog(log),
        };
        Found { source, told }
    }
}

/// The sources of this host, for lines from `since` on.
///
/// # Errors
/// Why one that is there cannot be read or believed.
pub(super) fn find(audit: &Audit, since: i64, now: u64) -> Result<Vec<Found>, String> {
    if let Some(path) = &audit.file {
        return Ok(vec![Found::file(Log::open(path, since)?, path, true)]);
    }
    let mut found = Vec::new();
    if journal::is_there() {
        found.push(Found {
            source: Source::Journal(Journal::read(since, now)?),
            told: AuditSource {
                name: "journald".into(),
                verified: true,
                left_out: Vec::new(),
            },
        });
    } else if let Some((path, log)) = syslog_file(since)? {
        found.push(Found::file(log, &path, false));
    }
    // What no log daemon took.
    let path = Path::new(FALLBACK);
    let log = Log::open(path, since)?;
    if log.exists() || found.is_empty() {
        found.push(Found::file(log, path, true));
    }
    Ok(found)
}

fn syslog_file(since: i64) -> Result<Option<(PathBuf, Log)>, String> {
    for path in SYSLOG_FILES.map(PathBuf::from) {
        let log = Log::open(&path, since)?;
        if log.exists() {
            return Ok(Some((path, log)));
        }
    }
    Ok(None)
}

impl Source {
    /// The next entry that there is by now.
    pub(super) async fn next(&mut self) -> Option<AuditEntry> {
        let verified = !matches!(self, Source::Syslog(_));
        let line = match self {
            Source::File(log) => parsed(log, |line| serde_json::from_slice(line).ok()),
            Source::Syslog(log) => parsed(log, of_syslog),
            Source::Journal(journal) => journal.next().await,
        };
        line.map(|line| AuditEntry { verified, line })
    }
}

/// The next line that `read` understands.
fn parsed(log: &mut Log, read: impl Fn(&[u8]) -> Option<AuditLine>) -> Option<AuditLine> {
    loop {
        let line = log.next()?;
        if let Some(line) = read(&line) {
            return Some(line);
        }
    }
}

/// `... dock-gate[PID]: {...}`, whatever a daemon writes before it.
fn of_syslog(line: &[u8]) -> Option<AuditLine> {
    let line = std::str::from_utf8(line).ok()?;
    let (before, rest) = line.split_once(IDENTIFIER)?;
    let fits = before.is_empty() || before.ends_with(' ');
    let (process, json) = rest.split_once(": ")?;
    let number = process.strip_prefix('[')?.strip_suffix(']')?;
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (fits && plain).then(|| serde_json::from_str(json).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_syslog_daemon_is_read_by_its_identifier() {
        let json =
            r#"{"time":1,"verdict":"refuse","uid":1001,"login":"alice","verb":"x","rule":"y"}"#;
        for before in [
            "Nov 25 15:06:37 host ",
            "2026-11-25T15:06:37.123456+00:00 host ",
            "<86>Nov 25 15:06:37 host ",
            "",
        ] {
            let line = format!("{before}dock-gate[12]: {json}");
            assert_eq!(of_syslog(line.as_bytes()).unwrap().rule, "y", "{before}");
        }
        for other in [
            format!("Nov 25 15:06:37 host sudo: dock-gate: {json}"),
            format!("Nov 25 15:06:37 host my-dock-gate[1]: {json}"),
            format!("Nov 25 15:06:37 host dock-gate[x]: {json}"),
            "Nov 25 15:06:37 host dock-gate[1]: text".to_owned(),
        ] {
            assert!(of_syslog(other.as_bytes()).is_none(), "{other}");
        }
    }
}
