//! Jobs that remove things past dock.

use dock_space::admin::host::Excerpt;

use super::facts::{Facts, lines};
use crate::check::{Check, Looked, Severity, Unknown, found, known};

pub(super) const CHECKS: &[Check<Facts>] = &[Check {
    id: "jobs.prune",
    title: "a job removes objects of the engine past dock",
    severity: Severity::Warning,
    why: "it removes people's stopped containers and untags their private images",
    remedy: "'dock admin prune' in its place, which knows whose things they are",
    look: prune,
}];

fn prune(facts: &Facts) -> Looked {
    let mut evidence = Vec::new();
    let mut unread = None;
    for job in known(&facts.host()?.jobs)? {
        match of_job(job) {
            Ok(lines) => evidence.extend(lines),
            Err(why) => unread = unread.or(Some(why)),
        }
    }
    // What was found counts, whatever else could not be read.
    match unread {
        Some(why) if evidence.is_empty() => Err(why),
        _ => found(evidence),
    }
}

fn of_job(job: &Excerpt) -> Result<Vec<String>, Unknown> {
    let lines = lines(job)?.iter();
    Ok(lines
        .map(|line| format!("'{}': {line}", job.path))
        .collect())
}
