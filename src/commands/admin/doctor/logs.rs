//! Logs: the containers' and the audit's.

use dock_space::admin::host::{Kind, Role};

use super::facts::{Facts, described, others_write};
use crate::check::{Check, Looked, Severity, found, found_if};

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "logs.limit",
        title: "logs of containers grow without limit by default",
        severity: Severity::Warning,
        why: "one chatty container of root's fills the disk for all; dock limits only its own",
        remedy: "\"log-opts\": {\"max-size\": \"50m\", \"max-file\": \"3\"} in daemon.json, or \"log-driver\": \"local\"",
        look: limit,
    },
    Check {
        id: "logs.audit",
        title: "others than root can write the audit",
        severity: Severity::Error,
        why: "whoever can write it can remove what they did",
        remedy: "'chown root:root FILE; chmod 600 FILE'",
        look: |facts| {
            let open = facts.stats(Role::Audit)?.into_iter();
            let open = open.filter(|(_, stat)| others_write(stat));
            found(open.map(|(path, stat)| described(path, &stat)))
        },
    },
    Check {
        id: "logs.syslog",
        title: "nobody takes the lines of the audit",
        severity: Severity::Warning,
        why: "there is no syslog, so they go to /var/log/dock.log, which nothing rotates",
        remedy: "start journald or a syslog, or set `[audit] file` in dock.toml",
        look: |facts| {
            let stats = facts.stats(Role::Syslog)?;
            let listens = stats.iter().any(|(_, stat)| stat.kind == Kind::Socket);
            let configured = facts.config().audit.file.is_some();
            found_if(!listens && !configured, || "no '/dev/log'".into())
        },
    },
];

fn limit(facts: &Facts) -> Looked {
    let engine = facts.engine()?;
    if engine.log_driver != "json-file" {
        return found([]);
    }
    let in_words = facts.option("log-opt")?;
    let in_words = in_words.iter().any(|word| word.starts_with("max-size="));
    let limited = in_words || facts.daemon()?.log_max_size.is_some();
    found_if(!limited, || "driver json-file without max-size".into())
}
