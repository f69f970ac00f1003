//! Every route of the Engine API v1.24 to v1.56, and what becomes of it.
//!
//! The order and spelling follow moby's routers. A method and path without a
//! row here is no service at all (default deny): a newer engine can only add
//! routes that are refused. `{x}` is one segment, `{x...}` one or more: image
//! names hold slashes, so those rows are told apart by their last segment.

use super::path::Segment;

/// What a row leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Served.
    Serve(Endpoint),
    /// Served by a later version: 501 with this text.
    Later(&'static str),
    /// Refused to everybody: 403 in the words of this row of [`dock_space::rule`].
    Refuse(&'static str),
    /// What an engine answers when it has no such thing: 404 "page not found".
    Absent,
    /// What an engine outside a swarm answers: 503.
    NotASwarm,
}

/// The endpoints that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    BuildPrune,
    ContainerAttach,
    ContainerChanges,
    ContainerCreate,
    ContainerInspect,
    ContainerKill,
    ContainerList,
    ContainerLogs,
    ContainerPause,
    ContainerPrune,
    ContainerRemove,
    ContainerRename,
    ContainerResize,
    ContainerRestart,
    ContainerStart,
    ContainerStats,
    ContainerStop,
    ContainerTop,
    ContainerUnpause,
    ContainerUpdate,
    ContainerWait,
    DiskUsage,
    ExecCreate,
    ExecInspect,
    ExecResize,
    ExecStart,
    Events,
    ImageHistory,
    ImageInspect,
    ImageList,
    ImagePrune,
    ImagePull,
    ImageRemove,
    ImageSearch,
    Info,
    NetworkConnect,
    NetworkCreate,
    NetworkDisconnect,
    NetworkInspect,
    NetworkList,
    NetworkPrune,
    NetworkRemove,
    Ping,
    PluginList,
    PluginInspect,
    Version,
    VolumeCreate,
    VolumeInspect,
    VolumeList,
    VolumePrune,
    VolumeRemove,
}

/// One row: method, path without its version, answer.
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub answer: Answer,
}

const ARCHIVE: &str = "docker cp is not served yet: it comes with host paths\n\nhint: 'dock exec CONTAINER tar c PATH' and 'dock exec -i CONTAINER tar x' copy files now";
const AUTH: &str = "signing in to a registry is not served yet";
const BUILD: &str = "builds are not served yet\n\nhint: build elsewhere and push to a registry that this host can pull from";
const CHECKPOINT: &str = "route.checkpoint";
const COMMIT: &str = "commit and export are not served yet: they come with private images";
const DISTRIBUTION: &str = "looking at a registry's manifest is not served yet";
const IMAGES: &str = "private images (tag, load, save, import, push) are not served yet\n\nhint: public images can be pulled and run";
const PLUGIN: &str = "route.plugin";
const SESSION: &str = "BuildKit is not served yet [rule route.buildkit]\n\nhint: DOCKER_BUILDKIT=0 asks for the classic builder";
const SWARM: &str = "route.swarm";
const WEBSOCKET: &str = "route.websocket";

use Answer::{Absent, Later, NotASwarm, Refuse, Serve};
use Endpoint as E;

const fn row(method: &'static str, path: &'static str, answer: Answer) -> Route {
    Route {
        method,
        path,
        answer,
    }
}

/// The table, in the order in which rows are tried.
pub static ROUTES: &[Route] = &[
    // System.
    row("GET", "_ping", Serve(E::Ping)),
    row("HEAD", "_ping", Serve(E::Ping)),
    row("GET", "version", Serve(E::Version)),
    row("GET", "info", Serve(E::Info)),
    row("GET", "events", Serve(E::Events)),
    row("GET", "system/df", Serve(E::DiskUsage)),
    row("POST", "auth", Later(AUTH)),
    row("POST", "session", Later(SESSION)),
    row("POST", "grpc", Later(SESSION)),
    // Containers.
    row("GET", "containers/json", Serve(E::ContainerList)),
    row("POST", "containers/create", Serve(E::ContainerCreate)),
    row("POST", "containers/prune", Serve(E::ContainerPrune)),
    row("GET", "containers/{id}/json", Serve(E::ContainerInspect)),
    row("GET", "containers/{id}/top", Serve(E::ContainerTop)),
    row("GET", "containers/{id}/logs", Serve(E::ContainerLogs)),
    row("GET", "containers/{id}/changes", Serve(E::ContainerChanges)),
    row("GET", "containers/{id}/export", Later(COMMIT)),
    row("GET", "containers/{id}/stats", Serve(E::ContainerStats)),
    row("GET", "containers/{id}/attach/ws", Refuse(WEBSOCKET)),
    row("HEAD", "containers/{id}/archive", Later(ARCHIVE)),
    row("GET", "containers/{id}/archive", Later(ARCHIVE)),
    row("PUT", "containers/{id}/archive", Later(ARCHIVE)),
    row("POST", "containers/{id}/copy", Absent),
    row("GET", "containers/{id}/checkpoints", Refuse(CHECKPOINT)),
    row("POST", "containers/{id}/checkpoints", Refuse(CHECKPOINT)),
    row(
        "DELETE",
        "containers/{id}/checkpoints/{checkpoint}",
        Refuse(CHECKPOINT),
    ),
    row("POST", "containers/{id}/kill", Serve(E::ContainerKill)),
    row("POST", "containers/{id}/pause", Serve(E::ContainerPause)),
    row(
        "POST",
        "containers/{id}/unpause",
        Serve(E::ContainerUnpause),
    ),
    row(
        "POST",
        "containers/{id}/restart",
        Serve(E::ContainerRestart),
    ),
    row("POST", "containers/{id}/start", Serve(E::ContainerStart)),
    row("POST", "containers/{id}/stop", Serve(E::ContainerStop)),
    row("POST", "containers/{id}/wait", Serve(E::ContainerWait)),
    row("POST", "containers/{id}/resize", Serve(E::ContainerResize)),
    row("POST", "containers/{id}/attach", Serve(E::ContainerAttach)),
    row("POST", "containers/{id}/rename", Serve(E::ContainerRename)),
    row("POST", "containers/{id}/update", Serve(E::ContainerUpdate)),
    row("POST", "containers/{id}/exec", Serve(E::ExecCreate)),
    row("DELETE", "containers/{id}", Serve(E::ContainerRemove)),
    row("POST", "exec/{id}/start", Serve(E::ExecStart)),
    row("POST", "exec/{id}/resize", Serve(E::ExecResize)),
    row("GET", "exec/{id}/json", Serve(E::ExecInspect)),
    row("POST", "commit", Later(COMMIT)),
    // Images, builds, registries.
    row("GET", "images/json", Serve(E::ImageList)),
    row("GET", "images/search", Serve(E::ImageSearch)),
    row("GET", "images/get", Later(IMAGES)),
    row("POST", "images/create", Serve(E::ImagePull)),
    row("POST", "images/load", Later(IMAGES)),
    row("POST", "images/prune", Serve(E::ImagePrune)),
    row("GET", "images/{name...}/get", Later(IMAGES)),
    row("GET", "images/{name...}/history", Serve(E::ImageHistory)),
    row("GET", "images/{name...}/attestations", Later(IMAGES)),
    row("GET", "images/{name...}/json", Serve(E::ImageInspect)),
    row("POST", "images/{name...}/push", Later(IMAGES)),
    row("POST", "images/{name...}/tag", Later(IMAGES)),
    row("DELETE", "images/{name...}", Serve(E::ImageRemove)),
    row("POST", "build", Later(BUILD)),
    row("POST", "build/prune", Serve(E::BuildPrune)),
    row("POST", "build/cancel", Later(BUILD)),
    row("GET", "distribution/{name...}/json", Later(DISTRIBUTION)),
    // Networks.
    row("GET", "networks", Serve(E::NetworkList)),
    row("POST", "networks/create", Serve(E::NetworkCreate)),
    row("POST", "networks/prune", Serve(E::NetworkPrune)),
    row("POST", "networks/{id}/connect", Serve(E::NetworkConnect)),
    row(
        "POST",
        "networks/{id}/disconnect",
        Serve(E::NetworkDisconnect),
    ),
    row("GET", "networks/{id}", Serve(E::NetworkInspect)),
    row("DELETE", "networks/{id}", Serve(E::NetworkRemove)),
    // Volumes.
    row("GET", "volumes", Serve(E::VolumeList)),
    row("POST", "volumes/create", Serve(E::VolumeCreate)),
    row("POST", "volumes/prune", Serve(E::VolumePrune)),
    row("GET", "volumes/{name}", Serve(E::VolumeInspect)),
    row("DELETE", "volumes/{name}", Serve(E::VolumeRemove)),
    row("PUT", "volumes/{name}", NotASwarm),
    // Plugins: code of root's on the host.
    row("GET", "plugins", Serve(E::PluginList)),
    row("GET", "plugins/privileges", Refuse(PLUGIN)),
    row("POST", "plugins/pull", Refuse(PLUGIN)),
    row("POST", "plugins/create", Refuse(PLUGIN)),
    row("GET", "plugins/{name...}/json", Serve(E::PluginInspect)),
    row("POST", "plugins/{name...}/enable", Refuse(PLUGIN)),
    row("POST", "plugins/{name...}/disable", Refuse(PLUGIN)),
    row("POST", "plugins/{name...}/set", Refuse(PLUGIN)),
    row("POST", "plugins/{name...}/upgrade", Refuse(PLUGIN)),
    row("POST", "plugins/{name...}/push", Refuse(PLUGIN)),
    row("DELETE", "plugins/{name...}", Refuse(PLUGIN)),
    // Swarm.
    row("GET", "swarm", NotASwarm),
    row("GET", "swarm/unlockkey", NotASwarm),
    row("POST", "swarm/init", Refuse(SWARM)),
    row("POST", "swarm/join", Refuse(SWARM)),
    row("POST", "swarm/leave", Refuse(SWARM)),
    row("POST", "swarm/update", Refuse(SWARM)),
    row("POST", "swarm/unlock", Refuse(SWARM)),
    row("GET", "services", NotASwarm),
    row("POST", "services/create", NotASwarm),
    row("GET", "services/{id}", NotASwarm),
    row("POST", "services/{id}/update", NotASwarm),
    row("GET", "services/{id}/logs", NotASwarm),
    row("DELETE", "services/{id}", NotASwarm),
    row("GET", "tasks", NotASwarm),
    row("GET", "tasks/{id}", NotASwarm),
    row("GET", "tasks/{id}/logs", NotASwarm),
    row("GET", "nodes", NotASwarm),
    row("GET", "nodes/{id}", NotASwarm),
    row("POST", "nodes/{id}/update", NotASwarm),
    row("DELETE", "nodes/{id}", NotASwarm),
    row("GET", "secrets", NotASwarm),
    row("POST", "secrets/create", NotASwarm),
    row("GET", "secrets/{id}", NotASwarm),
    row("POST", "secrets/{id}/update", NotASwarm),
    row("DELETE", "secrets/{id}", NotASwarm),
    row("GET", "configs", NotASwarm),
    row("POST", "configs/create", NotASwarm),
    row("GET", "configs/{id}", NotASwarm),
    row("POST", "configs/{id}/update", NotASwarm),
    row("DELETE", "configs/{id}", NotASwarm),
];

/// A row that fits, and the object that the path names (empty when the row
/// names none; an image's segments joined by `/`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    pub answer: Answer,
    pub object: String,
}

/// The row for a method and the segments of a path; `None` is "page not found".
///
/// Only the `{x...}` of image and plugin names takes a segment that held an
/// encoded slash.
pub fn find(method: &str, segments: &[Segment]) -> Option<Match> {
    ROUTES
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| {
            Some(Match {
                answer: route.answer,
                object: fit(route.path, segments)?,
            })
        })
}

pub(super) fn fit(pattern: &str, segments: &[Segment]) -> Option<String> {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let mut object = None;
    let mut rest = segments;
    for (at, word) in pattern.iter().enumerate() {
        let after = pattern.len() - at - 1;
        if word.ends_with("...}") {
            let taken = rest.len().checked_sub(after).filter(|taken| *taken > 0)?;
            let words: Vec<&str> = rest[..taken].iter().map(|s| s.decoded.as_str()).collect();
            object = Some(words.join("/"));
            rest = &rest[taken..];
            continue;
        }
        let (first, others) = rest.split_first()?;
        if first.had_slash {
            return None;
        }
        if word.starts_with('{') {
            // The first variable is the object; a checkpoint's name is refused anyway.
            object.get_or_insert_with(|| first.decoded.clone());
        } else if first.decoded != *word {
            return None;
        }
        rest = others;
    }
    rest.is_empty().then(|| object.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(path: &str) -> Vec<Segment> {
        path.split('/')
            .map(|s| Segment {
                decoded: s.to_owned(),
                had_slash: false,
            })
            .collect()
    }

    #[test]
    fn no_row_stands_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for route in ROUTES {
            assert!(
                seen.insert((route.method, route.path)),
                "{} {}",
                route.method,
                route.path
            );
        }
    }

    #[test]
    fn every_row_is_reached_by_its_own_path() {
        for route in ROUTES {
            let path = route
                .path
                .replace("{name...}", "a/b")
                .replace(['{', '}'], "");
            let found = find(route.method, &segments(&path)).unwrap();
            assert_eq!(
                found.answer, route.answer,
                "{} {}",
                route.method, route.path
            );
        }
    }

    #[test]
    fn image_names_hold_slashes_and_end_before_the_verb() {
        let found = find("GET", &segments("images/registry:5000/a/json/json")).unwrap();
        assert_eq!(found.answer, Serve(Endpoint::ImageInspect));
        assert_eq!(found.object, "registry:5000/a/json");
        // `a/json` with the verb `get`, not `a` with `json`.
        let found = find("GET", &segments("images/a/json/get")).unwrap();
        assert_eq!(
            (found.answer, found.object.as_str()),
            (Later(IMAGES), "a/json")
        );
    }

    #[test]
    fn what_is_not_in_the_table_is_not_served() {
        for (method, path) in [
            ("GET", "debug/pprof/cmdline"),
            ("GET", "containers"),
            ("GET", "containers/x"),
            ("PUT", "containers/x/json"),
            ("get", "version"),
            ("POST", "containers/x/json/kill"),
            ("GET", "images//json"),
            ("GET", "images/json/json/json/x"),
        ] {
            let found = find(method, &segments(path));
            assert!(
                found.is_none_or(|found| found.object.starts_with('/') || found.object.is_empty()),
                "{method} {path}"
            );
        }
        assert!(find("GET", &segments("version")).is_some());
    }

    #[test]
    fn an_encoded_slash_is_no_container() {
        let mut path = segments("containers/x/json");
        assert!(find("GET", &path).is_some());
        path[1] = Segment {
            decoded: "x/json".into(),
            had_slash: true,
        };
        path.pop();
        assert!(find("GET", &path).is_none());
    }
}
