//! What journald holds of the gates' lines.
//!
//! Everybody on the host can write to journald under any identifier, and the
//! engine writes there for containers whose log driver says so. What the kernel
//! and journald themselves say of the writer (fields that begin with `_`) tells
//! a gate's line from those.
//!
//! journalctl reads the files; it gets constant words and numbers alone.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use dock_space::admin::AuditLine;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::unix::pipe::Receiver;

use crate::audit::IDENTIFIER;

/// journald's own folder: where it is not, nothing of journald runs.
const RUNS: &str = "/run/systemd/journal";

/// Where journalctl is looked for.
const PROGRAMS: [&str; 2] = ["/usr/bin/journalctl", "/bin/journalctl"];

/// What a gate's program is called, whatever the prefix that it lies under.
const GATE: &str = "dock-gate";

/// journalctl while it runs.
pub(super) struct Journal {
    child: Child,
    output: BufReader<Receiver>,
    pending: Vec<u8>,
    /// Cursors of entries that were read.
    seen: HashSet<String>,
    /// Cursors of entries at or after this moment (microseconds) are kept.
    keep_from: u64,
}

/// Whether journald runs and can be read.
pub(super) fn is_there() -> bool {
    Path::new(RUNS).is_dir() && program().is_some()
}

fn program() -> Option<&'static str> {
    PROGRAMS.into_iter().find(|path| Path::new(path).exists())
}

impl Journal {
    /// Reads what there is from `since` (seconds since 1970) on; cursors from
    /// `keep_from` (seconds) on are kept for [`Journal::follow`].
    ///
    /// # Errors
    /// When journalctl does not start.
    pub(super) fn read(since: i64, keep_from: u64) -> Result<Journal, String> {
        let mut journal = Journal::start(since, false)?;
        journal.keep_from = keep_from.saturating_mul(1_000_000);
        Ok(journal)
    }

    /// Goes on with what is written from now on; what was read already is passed over.
    ///
    /// # Errors
    /// When journalctl does not start.
    pub(super) fn follow(&mut self) -> Result<(), String> {
        let since = i64::try_from(self.keep_from / 1_000_000).unwrap_or(i64::MAX);
        let mut next = Journal::start(since, true)?;
        next.seen = std::mem::take(&mut self.seen);
        // No more are kept: each comes once from now on.
        next.keep_from = u64::MAX;
        *self = next;
        Ok(())
    }

    fn start(since: i64, follow: bool) -> Result<Journal, String> {
        let failed = |error: std::io::Error| format!("cannot read journald: {:?}", error.kind());
        let program = program().ok_or("cannot read journald: there is no journalctl")?;
        let mut command = Command::new(program);
        command
            .args(["--quiet", "--no-pager", "--output=json"])
            .arg(format!("--identifier={IDENTIFIER}"))
            .arg(format!("--since=@{}", since.max(0)))
            .args(follow.then_some(["--follow", "--no-tail"]).iter().flatten())
            .arg("_UID=0")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(failed)?;
        let output = child.stdout.take().map(std::os::fd::OwnedFd::from);
        let output = output.ok_or("cannot read journald: it has no output")?;
        Ok(Journal {
            output: BufReader::new(Receiver::from_owned_fd(output).map_err(failed)?),
            child,
            pending: Vec::new(),
            seen: HashSet::new(),
            keep_from: u64::MAX,
        })
    }

    /// The next line of a gate's; `None` when there is no more. Nothing is lost
    /// when this is dropped half way.
    pub(super) async fn next(&mut self) -> Option<AuditLine> {
        loop {
            let read = self.output.read_until(b'\n', &mut self.pending).await;
            if !matches!(read, Ok(1..)) && self.pending.is_empty() {
                return None;
            }
            let text = std::mem::take(&mut self.pending);
            let Ok(entry) = serde_json::from_slice::<Entry>(&text) else {
                continue;
            };
            if self.is_new(&entry)
                && let Some(line) = entry.line()
            {
                return Some(line);
            }
        }
    }

    fn is_new(&mut self, entry: &Entry) -> bool {
        let moment: u64 = entry.realtime.parse().unwrap_or_default();
        if moment >= self.keep_from {
            return self.seen.insert(entry.cursor.clone());
        }
        !self.seen.contains(&entry.cursor)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // It ends by itself where this fails: nobody reads its output.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An entry of journald's; the fields that say who wrote it are journald's own.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    #[serde(rename = "__CURSOR")]
    cursor: String,
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    realtime: String,
    #[serde(rename = "_TRANSPORT")]
    transport: String,
    #[serde(rename = "_UID")]
    uid: String,
    /// Not known of a process that ended at once.
    #[serde(rename = "_EXE")]
    program: Option<String>,
    #[serde(rename = "_COMM")]
    command: Option<String>,
    #[serde(rename = "SYSLOG_IDENTIFIER")]
    identifier: String,
    #[serde(rename = "MESSAGE")]
    message: String,
}

impl Entry {
    /// The line, when a gate wrote it.
    fn line(&self) -> Option<AuditLine> {
        if !self.is_a_gates() {
            return None;
        }
        serde_json::from_str(&self.message).ok()
    }

    fn is_a_gates(&self) -> bool {
        // Other root's processes are the engine's: they write for containers, in
        // the containers' words. A gate that was replaced while it ran is "(deleted)".
        let program = self.program.as_deref().map(|path| {
            let path = path.strip_suffix(" (deleted)").unwrap_or(path);
            Path::new(path).file_name().is_some_and(|name| name == GATE)
        });
        let command = self.command.as_deref().map(|name| name == GATE);
        self.transport == "syslog"
            && self.uid == "0"
            && self.identifier == IDENTIFIER
            && program.or(command).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"time":1,"verdict":"permit","uid":1001,"login":"alice","verb":"x"}"#;

    fn genuine() -> Entry {
        Entry {
            transport: "syslog".into(),
            uid: "0".into(),
            program: Some("/usr/local/libexec/dock-gate".into()),
            command: Some("dock-gate".into()),
            identifier: "dock-gate".into(),
            message: LINE.into(),
            ..Entry::default()
        }
    }

    #[test]
    fn a_gates_line_is_believed() {
        for entry in [
            genuine(),
            Entry {
                program: Some("/opt/dock/libexec/dock-gate (deleted)".into()),
                ..genuine()
            },
            Entry {
                program: None,
                ..genuine()
            },
            Entry {
                program: None,
                command: None,
                ..genuine()
            },
        ] {
            assert!(entry.line().is_some(), "{entry:?}");
        }
    }

    #[test]
    fn what_others_wrote_under_the_gates_name_is_not() {
        for entry in [
            Entry {
                uid: "1003".into(),
                ..genuine()
            },
            Entry {
                uid: String::new(),
                ..genuine()
            },
            // A container's output by the engine's log drivers journald and syslog.
            Entry {
                transport: "journal".into(),
                program: Some("/usr/bin/dockerd".into()),
                command: Some("dockerd".into()),
                ..genuine()
            },
            Entry {
                program: Some("/usr/bin/dockerd".into()),
                command: Some("dockerd".into()),
                ..genuine()
            },
            Entry {
                program: None,
                command: Some("dockerd".into()),
                ..genuine()
            },
            Entry {
                transport: "stdout".into(),
                ..genuine()
            },
            Entry {
                identifier: "dock".into(),
                ..genuine()
            },
            Entry {
                message: "not a line".into(),
                ..genuine()
            },
        ] {
            assert!(entry.line().is_none(), "{entry:?}");
        }
    }

    #[test]
    fn an_entry_is_read_without_the_fields_that_it_has_not() {
        let text = format!(
            r#"{{"__CURSOR":"s=1","_UID":"0","_TRANSPORT":"syslog","SYSLOG_IDENTIFIER":"dock-gate","MESSAGE":{LINE:?},"PRIORITY":"6"}}"#
        );
        let entry: Entry = serde_json::from_str(&text).unwrap();
        assert_eq!(entry.line().unwrap().login, "alice");
        // Bytes that are no text come as numbers.
        assert!(serde_json::from_str::<Entry>(r#"{"MESSAGE":[1,2]}"#).is_err());
    }
}
