//! An object of any kind, with all that is known of it.

use std::collections::BTreeMap;

use dock_space::admin::{Container, Image, Kind, Network, Owner, Seen, Volume};

use super::super::named;

/// Networks that the engine makes for itself.
const BUILT_IN: [&str; 3] = ["bridge", "host", "none"];

/// Whether anything has it, or it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A container that runs.
    Running,
    /// A container that has ended, or was never started.
    Ended,
    /// What no container, running or not, has.
    Free,
    /// Everything else: in use, paused, restarting, the engine's own.
    Busy,
}

/// An object.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) kind: Kind,
    /// What the gate's routes take.
    pub(super) id: String,
    pub(super) owner: Option<Owner>,
    pub(super) author: Option<String>,
    /// The name that the owner gave it; an image may have several, or none.
    pub(super) names: Vec<String>,
    /// An image's `name@sha256:...`.
    pub(super) digests: Vec<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) state: State,
    /// The engine's own, or a space's default network, which the gate looks after.
    pub(super) built_in: bool,
    /// Seconds since 1970; 0 when nobody knows.
    pub(super) created: i64,
    pub(super) seen: Seen,
}

impl Object {
    pub(super) fn of_container(row: Container, seen: Seen) -> Object {
        let state = match row.state.as_str() {
            "running" => State::Running,
            "created" => State::Ended,
            // Without the moment nobody knows how old it is.
            "exited" | "dead" if seen.ended.is_some() => State::Ended,
            _ => State::Busy,
        };
        Object {
            kind: Kind::Container,
            id: row.id,
            owner: row.owner,
            author: row.author,
            names: vec![row.name],
            digests: Vec::new(),
            labels: row.labels,
            state,
            built_in: false,
            created: row.created,
            seen,
        }
    }

    pub(super) fn of_network(row: Network, seen: Seen) -> Object {
        // A space's default network is shown as `bridge`, too.
        let built_in = BUILT_IN.contains(&row.name.as_str()) || row.scope != "local";
        Object {
            kind: Kind::Network,
            id: row.id,
            owner: row.owner,
            author: row.author,
            names: vec![row.name],
            digests: Vec::new(),
            labels: row.labels,
            state: free(row.containers == 0 && !built_in),
            built_in,
            created: row.created,
            seen,
        }
    }

    pub(super) fn of_volume(row: Volume, seen: Seen) -> Object {
        Object {
            kind: Kind::Volume,
            id: row.real,
            owner: row.owner,
            author: row.author,
            names: vec![row.name],
            digests: Vec::new(),
            labels: row.labels,
            state: free(row.containers == 0),
            built_in: false,
            created: row.created,
            seen,
        }
    }

    pub(super) fn of_image(row: Image, seen: Seen) -> Object {
        Object {
            kind: Kind::Image,
            id: row.id,
            owner: row.owner,
            author: row.author,
            names: row.tags,
            digests: row.digests,
            labels: row.labels,
            state: free(row.containers == 0),
            built_in: false,
            created: row.created,
            seen,
        }
    }

    /// Without a name, and without a digest that somebody pulled it by.
    pub(super) fn is_dangling(&self) -> bool {
        self.names.is_empty() && self.digests.is_empty()
    }

    /// Made past dock. Images are not: public ones are nobody's on purpose.
    pub(super) fn is_unowned(&self) -> bool {
        self.kind != Kind::Image && self.owner.is_none() && self.author.is_none()
    }

    /// As an admin types it; an image without a name goes by its id.
    pub(super) fn name(&self) -> String {
        let name = self.names.first().or(self.digests.first());
        let hex = self.id.strip_prefix("sha256:").unwrap_or(&self.id);
        let short = || hex.chars().take(12).collect();
        name.cloned().unwrap_or_else(short)
    }

    /// Every form of its name that a pattern can mean.
    pub(super) fn full_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for name in self.names.iter().chain(&self.digests) {
            names.push(named::full_name(self.owner.as_ref(), name));
            if let Some(owner) = &self.owner {
                names.push(format!("{}/{name}", owner.space));
            }
        }
        if names.is_empty() {
            names.push(named::full_name(self.owner.as_ref(), &self.name()));
        }
        names
    }

    /// The last moment at which it was of use to anybody, as far as is known.
    pub(super) fn rests_since(&self) -> Option<i64> {
        let seen = &self.seen;
        let created = match self.kind {
            // Images are built with the date 1970 on purpose.
            Kind::Image => Some(self.created.max(0)),
            _ => Some(self.created).filter(|created| *created > 0),
        };
        match self.state {
            State::Running => seen.idle_since,
            State::Ended => created.max(seen.used).max(seen.ended),
            State::Free => created.max(seen.arrived).max(seen.used),
            State::Busy => None,
        }
    }
}

fn free(is_free: bool) -> State {
    match is_free {
        true => State::Free,
        false => State::Busy,
    }
}
