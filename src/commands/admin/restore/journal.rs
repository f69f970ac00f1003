//! What a restore has made so far, so that it can be removed again.
//!
//! Each thing is written down before it is made and again when it is, in a file
//! of the admin's own that the restore holds locked. A file that nobody holds was
//! left by a restore that was killed; the next one removes what it names.

use std::fs::{DirBuilder, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use dock_space::admin::{Container, Network, Volume};
use hyper::Method;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use super::super::named;
use crate::client::{Client, escape};
use crate::error::Error;
use crate::{ui, units};

/// How long after it was written down a thing can have been made, in seconds.
const SOON: i64 = 60;

/// What can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Container,
    Network,
    Volume,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    /// About to be made: what, in which space, under which name, when.
    Wanted {
        kind: Kind,
        space: String,
        name: String,
        moment: i64,
    },
    /// The last one was not made, and will not be.
    Refused,
    /// The last one was made; what the gate knows it by.
    Made { key: String },
}

/// The file of one restore.
pub(super) struct Journal {
    file: Flock<File>,
    path: PathBuf,
    lines: Vec<Line>,
}

impl Journal {
    /// Begins one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn begin() -> Result<Journal, Error> {
        let folder = folder()?;
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| Error::State { path, error }
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(failed(&folder))?;
        let path = folder.join(format!("{}-{}", units::now(), std::process::id()));
        let file = File::options()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed(&path))?;
        let file = Flock::lock(file, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, error)| failed(&path)(error.into()))?;
        Ok(Journal {
            file,
            path,
            lines: Vec::new(),
        })
    }

    /// Makes something that is written down before and after; `make` gives what
    /// the gate knows it by.
    ///
    /// # Errors
    /// What `make` says; and when it cannot be written down.
    pub(super) fn make(
        &mut self,
        kind: Kind,
        space: &str,
        name: &str,
        make: impl FnOnce() -> Result<String, Error>,
    ) -> Result<String, Error> {
        self.write(Line::Wanted {
            kind,
            space: space.to_owned(),
            name: name.to_owned(),
            moment: units::now(),
        })?;
        let key = match make() {
            Ok(key) => key,
            Err(error) => {
                // A gate that answered has made nothing; what one that did not
                // answer has made is looked for.
                if matches!(error, Error::Answer { .. }) {
                    self.write(Line::Refused)?;
                }
                return Err(error);
            }
        };
        self.write(Line::Made { key: key.clone() })?;
        Ok(key)
    }

    /// Everything is made: there is nothing to remove any more.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub(super) fn close(self) -> Result<(), Error> {
        std::fs::remove_file(&self.path).map_err(|error| Error::State {
            path: self.path.clone(),
            error,
        })
    }

    /// Removes everything that was made.
    ///
    /// # Errors
    /// [`Error::LeftBehind`], with `after`, when something stays.
    pub(super) fn undo(self, client: &mut Client, after: Error) -> Error {
        let left = remove(client, &self.lines);
        if left.is_empty() {
            // What is made is gone; an empty file is swept by the next restore.
            let _ = self.close();
            return after;
        }
        Error::LeftBehind {
            what: left.join(", "),
            after: Box::new(after),
        }
    }

    fn write(&mut self, line: Line) -> Result<(), Error> {
        let failed = |error| Error::State {
            path: self.path.clone(),
            error,
        };
        let mut text =
            serde_json::to_vec(&line).map_err(|error| failed(io::Error::other(error)))?;
        text.push(b'\n');
        self.file.write_all(&text).map_err(failed)?;
        self.file.sync_data().map_err(failed)?;
        self.lines.push(line);
        Ok(())
    }
}

/// Removes what restores of this admin that were killed have left.
///
/// # Errors
/// When something of it stays.
pub(super) fn sweep(client: &mut Client) -> Result<(), Error> {
    let folder = folder()?;
    let Ok(entries) = folder.read_dir() else {
        return Ok(());
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let Ok(file) = File::options().read(true).write(true).open(&path) else {
            continue;
        };
        // One that is held belongs to a restore that goes on.
        let Ok(file) = Flock::lock(file, FlockArg::LockExclusiveNonblock) else {
            continue;
        };
        let lines = BufReader::new(&*file).lines().map_while(Result::ok);
        // A line that was cut by the kill was not acted on.
        let lines: Vec<Line> = lines
            .map_while(|line| serde_json::from_str(&line).ok())
            .collect();
        let left = remove(client, &lines);
        if !left.is_empty() {
            let error = Error::Answer {
                status: 409,
                text: "dock: a restore that was killed left something behind".into(),
            };
            return Err(Error::LeftBehind {
                what: left.join(", "),
                after: Box::new(error),
            });
        }
        if !lines.is_empty() {
            ui::note("what a restore that was killed had made was removed");
        }
        std::fs::remove_file(&path).map_err(|error| Error::State { path, error })?;
    }
    Ok(())
}

/// Removes what the lines name, the last first; what could not be removed.
fn remove(client: &mut Client, lines: &[Line]) -> Vec<String> {
    let mut left = Vec::new();
    let mut lines = lines.iter().rev();
    while let Some(line) = lines.next() {
        let (key, wanted) = match line {
            Line::Made { key } => (Some(key.clone()), lines.next()),
            Line::Wanted { .. } => (None, Some(line)),
            Line::Refused => {
                lines.next();
                continue;
            }
        };
        let Some(Line::Wanted {
            kind,
            space,
            name,
            moment,
        }) = wanted
        else {
            continue;
        };
        let key = match key {
            Some(key) => Ok(Some(key)),
            None => look(client, *kind, space, name, *moment),
        };
        let done = key.and_then(|key| match key {
            Some(key) => act(client, *kind, &key),
            None => Ok(()),
        });
        match done {
            Ok(()) | Err(Error::Answer { status: 404, .. }) => {}
            Err(error) => {
                ui::error(&error);
                left.push(format!("{space}/{name}"));
            }
        }
    }
    left
}

fn act(client: &mut Client, kind: Kind, key: &str) -> Result<(), Error> {
    let key = escape(key);
    let path = match kind {
        Kind::Container => format!("/dock/containers/{key}?force=1&v=1"),
        Kind::Network => format!("/dock/networks/{key}"),
        Kind::Volume => format!("/dock/volumes/{key}"),
    };
    client.act(Method::DELETE, &path, None)
}

/// Something that was wanted, and may have been made without anybody learning of
/// it: it was made then, and nothing was done with it.
fn look(
    client: &mut Client,
    kind: Kind,
    space: &str,
    name: &str,
    moment: i64,
) -> Result<Option<String>, Error> {
    let is_it = |owner: Option<&dock_space::admin::Owner>, other: &str, created: i64| {
        owner.is_some_and(|owner| owner.space == space)
            && other == name
            && (moment - 1..=moment + SOON).contains(&created)
    };
    Ok(match kind {
        Kind::Container => {
            let all: Vec<Container> = named::all(client)?;
            let found = all.into_iter().find(|one| {
                is_it(one.owner.as_ref(), &one.name, one.created) && one.state == "created"
            });
            found.map(|one| one.id)
        }
        Kind::Network => {
            let all: Vec<Network> = named::all(client)?;
            let found = all.into_iter().find(|one| {
                is_it(one.owner.as_ref(), &one.name, one.created) && one.containers == 0
            });
            found.map(|one| one.id)
        }
        Kind::Volume => {
            let all: Vec<Volume> = named::all(client)?;
            let found = all.into_iter().find(|one| {
                // One without a name is told by when it was made alone.
                let other = if one.anonymous { "" } else { &one.name };
                is_it(one.owner.as_ref(), other, one.created) && one.containers == 0
            });
            found.map(|one| one.real)
        }
    })
}

/// `$XDG_STATE_HOME/dock/restores`, else below the home folder.
fn folder() -> Result<PathBuf, Error> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = match state.filter(|path| path.is_absolute()) {
        Some(state) => state,
        None => crate::launch::myself()?.home.join(".local/state"),
    };
    Ok(state.join("dock/restores"))
}
