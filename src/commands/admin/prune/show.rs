//! A plan and what became of it, in words: docker's where it has some.

use dock_space::admin::Kind;

use super::super::named;
use super::plan::{Action, Item};
use crate::list;
use crate::ui;
use crate::units;

/// `--dry-run`: each line of the plan, and how much of the disk would be free.
pub(super) fn plan(items: &[Item]) {
    let heads = ["ACTION", "KIND", "OWNER", "NAME", "SIZE", "RULE", "REASON"];
    let rows = items.iter().map(|item| {
        vec![
            item.action.word().to_owned(),
            item.kind.to_string(),
            named::owner_cell(item.owner.as_ref()),
            item.name.clone(),
            match item.action {
                Action::Remove => units::bytes(item.bytes),
                _ => "-".to_owned(),
            },
            item.rule.to_owned(),
            item.reason(),
        ]
    });
    list::print_table(heads.map(str::to_owned).to_vec(), rows.collect());
    ui::line(b"");
    ui::line(format!("Total reclaimable space: {}", units::bytes(bytes(items))).as_bytes());
}

/// Bytes that are free when all of `items` are removed.
pub(super) fn bytes(items: &[Item]) -> i64 {
    items.iter().map(|item| item.bytes).sum()
}

/// Before the question: what is about to happen.
pub(super) fn warning(items: &[Item]) {
    let mut text = String::new();
    for (action, head) in [
        (Action::Stop, "WARNING! This will stop:"),
        (Action::Remove, "WARNING! This will remove:"),
    ] {
        let items: Vec<&Item> = items.iter().filter(|item| item.action == action).collect();
        if items.is_empty() {
            continue;
        }
        text.push_str(head);
        text.push('\n');
        for item in items {
            let size = match item.bytes {
                0 => String::new(),
                bytes => format!(", {}", units::bytes(bytes)),
            };
            let (kind, name) = (item.kind, full_name(item));
            text.push_str(&format!("  - {kind} {name} ({}{size})\n", item.reason));
        }
    }
    ui::prompt(&text);
}

/// What was done, under docker's heads; `done` in the order of the deeds.
pub(super) fn done(done: &[&Item]) {
    let heads = [
        (Action::Stop, Kind::Container, "Stopped Containers:"),
        (Action::Remove, Kind::Container, "Deleted Containers:"),
        (Action::Remove, Kind::Network, "Deleted Networks:"),
        (Action::Remove, Kind::Volume, "Deleted Volumes:"),
        (Action::Remove, Kind::Image, "Deleted Images:"),
    ];
    for (action, kind, head) in heads {
        let items = done
            .iter()
            .filter(|item| item.action == action && item.kind == kind);
        section(head, items.copied());
    }
    let bytes = done.iter().map(|item| item.bytes).sum();
    ui::line(format!("Total reclaimed space: {}", units::bytes(bytes)).as_bytes());
}

/// What was not done, and is said all the same.
pub(super) fn told(items: &[Item]) {
    for (action, head) in [
        ("warn", "Warned:"),
        ("keep", "Kept:"),
        ("report", "Without an author:"),
    ] {
        let items = items.iter().filter(|item| item.action.word() == action);
        section(head, items);
    }
}

fn section<'a>(head: &str, items: impl Iterator<Item = &'a Item>) {
    let mut lines = items
        .map(|item| match item.action {
            Action::Stop | Action::Remove => full_name(item),
            _ => format!("{} {}: {}", item.kind, full_name(item), item.reason()),
        })
        .peekable();
    if lines.peek().is_none() {
        return;
    }
    ui::line(head.as_bytes());
    for line in lines {
        ui::line(ui::safe(&line).as_bytes());
    }
    ui::line(b"");
}

/// `alice/web`; an image has its owner in its name.
pub(super) fn full_name(item: &Item) -> String {
    match item.kind {
        Kind::Image => item.name.clone(),
        _ => named::full_name(item.owner.as_ref(), &item.name),
    }
}
