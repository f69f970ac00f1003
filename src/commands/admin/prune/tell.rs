//! Who is told of what was done: owners by a notice, a program by its input.

use std::collections::BTreeMap;
use std::path::Path;

use dock_space::admin::{Kind, Notice, Owner, Warning, Warnings};
use hyper::Method;

use super::hook::{self, Told};
use super::plan::{Action, Item};
use crate::client::Client;
use crate::error::Error;
use crate::{ui, units};

/// The most lines of one notice.
const MAX_LINES: usize = 20;

/// Leaves each owner a notice of what is to go, and remembers that it was said:
/// in this order, so that a run that is cut off warns twice rather than never.
///
/// # Errors
/// When nothing can be remembered.
pub(super) fn warn(client: &mut Client, plan: &[Item]) -> Result<(), Error> {
    let warned: Vec<&Item> = plan
        .iter()
        .filter(|item| matches!(item.action, Action::Warn { .. }))
        .collect();
    if warned.is_empty() {
        return Ok(());
    }
    for (owner, items) in by_owner(&warned) {
        if let Some(owner) = owner {
            notice(client, owner, "unless they are used until then:", &items);
        }
    }
    let warnings = warned
        .iter()
        .map(|item| Warning {
            kind: item.kind,
            id: item.id.clone(),
            rule: item.rule.to_owned(),
        })
        .collect();
    post(client, "/dock/warnings", &Warnings { warnings })
}

/// Leaves each owner a notice of what was stopped and removed.
pub(super) fn notify(client: &mut Client, done: &[&Item]) {
    for (owner, items) in by_owner(done) {
        if let Some(owner) = owner {
            notice(client, owner, "by this host's clean-up:", &items);
        }
    }
}

/// Runs the configured program for each owner, and for what is nobody's.
/// Whether each run went well; one that did not is told of.
pub(super) fn hook(path: &Path, plan: &[Item], done: &[&Item], failed: &[&Item]) -> bool {
    let host = nix::unistd::gethostname()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let all: Vec<&Item> = plan.iter().collect();
    let mut well = true;
    for (owner, items) in by_owner(&all) {
        let of = |list: &[&Item], item: &&Item| list.iter().any(|one| one.id == item.id);
        let with = |fits: &dyn Fn(&&Item) -> bool| -> Vec<&Item> {
            items.iter().copied().filter(|item| fits(item)).collect()
        };
        let told = Told {
            host: host.clone(),
            owner,
            warned: with(&|item| matches!(item.action, Action::Warn { .. })),
            stopped: with(&|item| item.action == Action::Stop && of(done, item)),
            removed: with(&|item| item.action == Action::Remove && of(done, item)),
            failed: with(&|item| of(failed, item)),
            reported: with(&|item| item.action == Action::Report),
        };
        if told.is_empty() {
            continue;
        }
        if let Err(error) = hook::run(path, &told) {
            ui::error(&error);
            well = false;
        }
    }
    well
}

type Parts<'a> = BTreeMap<Option<&'a Owner>, Vec<&'a Item>>;

fn by_owner<'a>(items: &[&'a Item]) -> Parts<'a> {
    let mut parts = Parts::new();
    for item in items {
        parts.entry(item.owner.as_ref()).or_default().push(item);
    }
    parts
}

/// A notice that cannot be left (the account is gone) keeps nothing from going.
fn notice(client: &mut Client, owner: &Owner, head: &str, items: &[&Item]) {
    let notice = Notice {
        space: owner.space.clone(),
        lines: lines(head, items),
    };
    if let Err(error) = post(client, "/dock/notices", &notice) {
        ui::error(&Error::NotTold {
            login: owner.login.clone(),
            error: Box::new(error),
        });
    }
}

fn post(client: &mut Client, path: &str, body: &impl serde::Serialize) -> Result<(), Error> {
    let body = serde_json::to_vec(body).map_err(|error| Error::Gate(error.to_string()))?;
    client.act(Method::POST, path, Some(body))
}

fn lines(head: &str, items: &[&Item]) -> Vec<String> {
    let mut lines = vec![head_of(head, items)];
    let shown = items.iter().take(MAX_LINES);
    lines.extend(shown.map(|item| format!("  {} {}: {}", item.kind, item.name, item.reason)));
    if items.len() > MAX_LINES {
        lines.push(format!("  and {} more", items.len() - MAX_LINES));
    }
    lines
}

fn head_of(head: &str, items: &[&Item]) -> String {
    match items.iter().find_map(|item| item.until) {
        Some(until) => {
            let stopped = items.iter().filter(|item| item.end() == "stopped").count();
            let what = what(stopped, items.len());
            let until = units::local(until);
            format!("dock: these will be {what} after {until}, {head}")
        }
        None => {
            let stopped = items.iter().filter(|item| item.action == Action::Stop);
            let what = what(stopped.count(), items.len());
            let kinds: Vec<Kind> = Kind::ALL
                .into_iter()
                .filter(|kind| items.iter().any(|item| item.kind == *kind))
                .collect();
            let kinds: Vec<String> = kinds.iter().map(|kind| format!("{kind}s")).collect();
            format!("dock: {} of yours were {what} {head}", kinds.join(", "))
        }
    }
}

fn what(stopped: usize, all: usize) -> &'static str {
    match stopped {
        0 => "removed",
        some if some == all => "stopped",
        _ => "stopped or removed",
    }
}
