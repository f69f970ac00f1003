//! What the machine holds that a play may leave behind: the engine's objects, and
//! what stands for them in the kernel and in dock's own folders.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::harness::{Person, bed, root, root_docker};

/// How long what ends by itself may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// One line for each thing.
pub(crate) struct Holdings(BTreeSet<String>);

impl Holdings {
    pub(crate) fn now(people: &[Person]) -> Holdings {
        let mut lines = BTreeSet::new();
        let mut hold = |what: &str, text: String| {
            lines.extend(text.lines().map(|line| format!("{what} {line}")));
        };
        for (what, words) in [
            (
                "container",
                "ps -a --no-trunc --format {{.ID}}|{{.Names}}|{{.State}}",
            ),
            ("volume", "volume ls -q"),
            (
                "network",
                "network ls --no-trunc --format {{.ID}}|{{.Name}}",
            ),
            (
                "image",
                "images -a --no-trunc --format {{.ID}}|{{.Repository}}:{{.Tag}}",
            ),
        ] {
            hold(what, root_docker(words.split(' ')).output().success());
        }
        let cgroups = format!(
            "find /sys/fs/cgroup -type d -path '*/{}*'",
            bed("DOCK_BED_NAME")
        );
        for (what, script) in [
            ("cgroup", cgroups.as_str()),
            (
                "file",
                "find /run/dock /var/lib/dock /tmp -maxdepth 1 -path '*dock*'",
            ),
            ("link", "ip -brief link | cut -d' ' -f1 | cut -d@ -f1"),
            (
                "rule",
                "iptables-save | grep -v '^#' | sed 's/\\[[0-9:]*\\]//'",
            ),
            ("mount", "cut -d' ' -f2 /proc/mounts"),
        ] {
            hold(what, root("sh", ["-c", script]).output().success());
        }
        hold("process", processes(people));
        Holdings(lines)
    }

    /// The same when nothing comes or goes any more: what came before may still
    /// be on its way out.
    pub(crate) fn settled(people: &[Person]) -> Holdings {
        let end = Instant::now() + PATIENCE;
        let mut before = Holdings::now(people);
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let now = Holdings::now(people);
            if now.0 == before.0 || Instant::now() > end {
                return now;
            }
            before = now;
        }
    }

    /// What has come and what has gone since; what ends by itself is waited for.
    pub(crate) fn compared_with_now(&self, people: &[Person]) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let now = Holdings::now(people);
            let came = now
                .0
                .difference(&self.0)
                .map(|line| format!("came: {line}"));
            let went = self
                .0
                .difference(&now.0)
                .map(|line| format!("went: {line}"));
            let changes: Vec<String> = came.chain(went).collect();
            if changes.is_empty() || Instant::now() > end {
                return changes;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

/// Processes that run as one of the people, or that sudo started for them.
pub(crate) fn processes(people: &[Person]) -> String {
    let mut found = String::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let read =
            |name: &str| std::fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        let (status, environment) = (read("status"), read("environ"));
        let is_theirs = people.iter().any(|person| {
            let uid = format!("\nUid:\t{}\t", person.uid);
            let sudo = format!("SUDO_UID={}", person.uid);
            status.contains(&uid) || environment.split('\0').any(|entry| entry == sudo)
        });
        if is_theirs && !status.contains("\nState:\tZ") {
            found += &format!("{} {}\n", read("comm").trim(), entry.path().display());
        }
    }
    found
}
