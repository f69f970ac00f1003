//! `POST /dock/activity`: one look at all that the engine has, for a clean-up.
//!
//! [`sight`] asks the engine, [`memory`] is what is remembered of earlier looks
//! and how a look changes it, [`mod@file`] keeps that. Nothing here decides what
//! goes: that is `dock`'s to plan and the engine's to allow.

mod file;
mod memory;
mod sight;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dock_space::admin::{Activity, Kind, Look, Warnings};
use hyper::StatusCode;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::super::body::{self, Answer};
use super::super::lock;
use super::call::AdminCall;
use crate::audit::Weight;
use crate::failure::Failure;
use memory::Memory;

/// What a key of `[prune]` may hold; it is kept for each object.
const MAX_RULE: usize = 32;

/// How long a prune waits for another one: a gate outlives its client by a moment.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// `POST /dock/activity`
pub(super) async fn look(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let size = call.query.bool("size")?;
    call.query.finish()?;
    let asked: Look = call.json().await?;
    call.tell_of_read("admin.activity");
    let mut sights = sight::all(&call).await?;
    for sight in &mut sights {
        sight.busy = sight.kind == Kind::Container && asked.busy.contains(&sight.id);
    }
    let sizes = match size {
        true => sight::sizes(&call).await?,
        false => sight::Sizes::default(),
    };
    let now = now();
    let answer = changed(move |memory, forgot| {
        let mut objects = memory.look(now, &sights, forgot);
        for seen in &mut objects {
            seen.bytes = sizes.get(&(seen.kind, seen.id.clone())).copied();
        }
        Activity {
            now,
            forgot,
            objects,
        }
    });
    Ok(body::json(StatusCode::OK, &answer.await?))
}

/// `POST /dock/warnings`
pub(super) async fn warn(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let warnings: Warnings = call.json().await?;
    if let Some(odd) = warnings
        .warnings
        .iter()
        .find(|warning| warning.rule.len() > MAX_RULE)
    {
        let why = format!("\"{:.MAX_RULE$}...\" is no key of [prune]", odd.rule);
        return Err(Failure::Malformed(why));
    }
    let journal = call.journal(None);
    for warning in &warnings.warnings {
        journal.permit(Weight::Change, "admin.warn", &warning.id);
    }
    let now = now();
    changed(move |memory, _| {
        for warning in &warnings.warnings {
            memory.warn(now, warning);
        }
    })
    .await?;
    Ok(body::empty(StatusCode::NO_CONTENT))
}

/// `POST /dock/prune`: this gate's admin prunes, until the gate ends; one at a time.
pub(super) async fn turn(call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let desk = &call.gate.desk;
    let deadline = Instant::now() + PATIENCE;
    while desk.turn.borrow().is_none() {
        let place = lock::turn("prune")?;
        if place.is_none() {
            if Instant::now() >= deadline {
                return Err(Failure::Conflict(
                    "dock: another 'dock admin prune' is at work\n\nhint: run this again when it has ended"
                        .into(),
                ));
            }
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        *desk.turn.borrow_mut() = place;
        call.journal(None).permit(Weight::Change, "admin.prune", "");
    }
    Ok(body::empty(StatusCode::NO_CONTENT))
}

/// Changes what is remembered, while nobody else does.
async fn changed<T: Send + 'static>(
    change: impl FnOnce(&mut Memory, bool) -> T + Send + 'static,
) -> Result<T, Failure> {
    let _lock = lock::host("activity").await?;
    let done = spawn_blocking(move || {
        let (mut memory, forgot) = file::read()?;
        let result = change(&mut memory, forgot);
        file::write(&memory)?;
        Ok(result)
    });
    done.await
        .map_err(|error| Failure::Host(error.to_string()))?
        .map_err(Failure::Host)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
