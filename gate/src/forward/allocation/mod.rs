//! The allocation file: which index a space holds, and whose it was.
//!
//! Subnets (and later port blocks) are pure functions of a space's index, and
//! an index is never given to another space. A file that was lost, or lost its
//! tail, is rebuilt from the engine's networks by whoever needs a new index.

mod file;
mod rebuild;

use std::collections::BTreeSet;
use std::path::Path;

use dock_space::Space;
use dock_space::config::Network;
use tokio::task::spawn_blocking;

use self::file::Locked;
use self::rebuild::Held;
use super::caller::Caller;
use super::engine::Engine;
use crate::failure::Failure;

pub(crate) use self::file::Row;

/// The file itself.
pub(crate) const FILE: &str = "/var/lib/dock/spaces";

/// How often a file may be lost while one index is given.
const TRIES: usize = 3;

/// The row of `space`, if it holds one.
///
/// # Errors
/// The reason why the file cannot be read or believed.
pub(crate) fn find(path: &Path, space: Space) -> Result<Option<Row>, String> {
    Ok(file::read(path)?.and_then(|content| content.row(space).cloned()))
}

/// The rows that count: the last one of each space.
///
/// # Errors
/// The reason why the file cannot be read or believed.
pub(crate) fn all(path: &Path) -> Result<Vec<Row>, String> {
    let Some(content) = file::read(path)? else {
        return Ok(Vec::new());
    };
    let rows = content.rows().iter();
    Ok(rows
        .filter(|row| content.row(row.space) == Some(row))
        .cloned()
        .collect())
}

/// The row of the caller's space, made if there is none.
///
/// # Errors
/// When the file cannot be believed or written, every index of the pool is
/// held, or the engine cannot say which ones are in use.
pub(crate) async fn find_or_add(engine: &Engine, caller: &Caller) -> Result<Row, Failure> {
    if caller.explains {
        return expected(caller).map_err(Failure::Host);
    }
    let wanted = Wanted {
        path: Path::new(FILE),
        network: &caller.config.network,
        space: caller.identity.space,
        login: &caller.identity.person.login,
    };
    wanted
        .find_or_add(async || rebuild::held(engine).await)
        .await
}

/// The row of the caller's space, or the one that it would most likely be given.
fn expected(caller: &Caller) -> Result<Row, String> {
    let (path, space) = (Path::new(FILE), caller.identity.space);
    if let Some(row) = find(path, space)? {
        return Ok(row);
    }
    let last = all(path)?.iter().map(|row| row.index).max();
    let capacity = caller.config.network.capacity();
    Ok(Row {
        index: last.map_or(0, |last| last + 1).min(capacity - 1),
        space,
        login: caller.identity.person.login.clone(),
    })
}

/// Who needs a row, and where.
struct Wanted<'a> {
    path: &'a Path,
    network: &'a Network,
    space: Space,
    login: &'a str,
}

impl Wanted<'_> {
    async fn find_or_add(
        &self,
        held: impl AsyncFn() -> Result<Vec<Held>, Failure>,
    ) -> Result<Row, Failure> {
        let Wanted { path, space, .. } = *self;
        for _ in 0..TRIES {
            let before = file::read_or_make(path).map_err(Failure::Host)?;
            if let Some(row) = before.row(space) {
                return Ok(row.clone());
            }
            // The engine is asked without the lock, which must not wait for it.
            // A space has its row before it has a network: as long as the file
            // only grows, what the engine's list does not show yet, the file does.
            let held = held().await?;
            let lost = rebuild::lost(self.network, &held, &before);
            let mut rows = spawn_blocking(move || {
                lost.into_iter()
                    .map(|(space, index)| rebuild::row(space, index))
                    .collect::<Result<Vec<Row>, Failure>>()
            })
            .await
            .map_err(|error| Failure::Host(error.to_string()))??;
            let mut locked = Locked::take(path).await.map_err(Failure::Host)?;
            if !locked.content.continues(&before) {
                continue;
            }
            if let Some(row) = locked.content.row(space) {
                return Ok(row.clone());
            }
            let mut taken: BTreeSet<u32> =
                locked.content.rows().iter().map(|row| row.index).collect();
            // Others may have found the same rows, or been given such an index.
            rows.retain(|row| {
                locked.content.row(row.space).is_none() && !taken.contains(&row.index)
            });
            taken.extend(rows.iter().map(|row| row.index));
            let own = match rows.iter_mut().find(|row| row.space == space) {
                Some(row) => {
                    self.login.clone_into(&mut row.login);
                    row.clone()
                }
                None => {
                    let in_use = rebuild::in_use(self.network, &held, space);
                    let row = Row {
                        index: self.free(&taken, &in_use)?,
                        space,
                        login: self.login.to_owned(),
                    };
                    rows.push(row.clone());
                    row
                }
            };
            locked.append(path, &rows).map_err(Failure::Host)?;
            return Ok(own);
        }
        Err(Failure::Host(format!(
            "cannot use {}: it changes all the time",
            path.display()
        )))
    }

    /// The next index; from the start again at the pool's end, since a file
    /// that was lost leaves holes.
    fn free(&self, taken: &BTreeSet<u32>, in_use: &BTreeSet<u32>) -> Result<u32, Failure> {
        let capacity = self.network.capacity();
        let next = taken.last().map_or(0, |last| last + 1).min(capacity);
        (next..capacity)
            .chain(0..next)
            .find(|index| !taken.contains(index) && !in_use.contains(index))
            .ok_or_else(|| {
                Failure::Host(format!(
                    "all {capacity} address blocks of the spaces are taken\n\nhint: an administrator can make `[network] pool` in dock.toml larger"
                ))
            })
    }
}

#[cfg(test)]
mod tests;
