//! The admin gate's own routes, below `/dock/`, and what becomes of each.
//!
//! As with [`super::route`], a method and path without a row is no service.

use super::path::Segment;
use super::route;

/// The endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Act,
    Activity,
    Audit,
    Explained,
    ContainerChangesRead,
    ContainerChangesWrite,
    ContainerList,
    ContainerLogs,
    ContainerPause,
    ContainerRemove,
    ContainerStart,
    ContainerStop,
    ContainerUnpause,
    Host,
    ImageList,
    ImageRemove,
    NetworkList,
    NetworkRemove,
    SpaceHold,
    NoticeLeave,
    PruneTurn,
    SpaceList,
    Usage,
    VolumeFilesRead,
    VolumeFilesWrite,
    VolumeList,
    VolumeRemove,
    WarningAdd,
}

struct Row(&'static str, &'static str, Endpoint);

/// What the paths begin with.
const PREFIX: &str = "dock";

use Endpoint as E;

static ROUTES: &[Row] = &[
    Row("POST", "as", E::Act),
    Row("POST", "activity", E::Activity),
    Row("POST", "notices", E::NoticeLeave),
    Row("POST", "prune", E::PruneTurn),
    Row("GET", "audit", E::Audit),
    Row("GET", "explained", E::Explained),
    Row("GET", "spaces", E::SpaceList),
    Row("POST", "spaces/{space}/hold", E::SpaceHold),
    Row("GET", "containers", E::ContainerList),
    Row("GET", "containers/{id}/changes", E::ContainerChangesRead),
    Row("PUT", "containers/{id}/changes", E::ContainerChangesWrite),
    Row("GET", "containers/{id}/logs", E::ContainerLogs),
    Row("POST", "containers/{id}/pause", E::ContainerPause),
    Row("POST", "containers/{id}/start", E::ContainerStart),
    Row("POST", "containers/{id}/stop", E::ContainerStop),
    Row("POST", "containers/{id}/unpause", E::ContainerUnpause),
    Row("DELETE", "containers/{id}", E::ContainerRemove),
    Row("GET", "host", E::Host),
    Row("GET", "images", E::ImageList),
    Row("DELETE", "images/{name...}", E::ImageRemove),
    Row("GET", "networks", E::NetworkList),
    Row("DELETE", "networks/{id}", E::NetworkRemove),
    Row("GET", "usage", E::Usage),
    Row("GET", "volumes", E::VolumeList),
    Row("DELETE", "volumes/{name}", E::VolumeRemove),
    Row("GET", "volumes/{name}/tar", E::VolumeFilesRead),
    Row("PUT", "volumes/{name}/tar", E::VolumeFilesWrite),
    Row("POST", "warnings", E::WarningAdd),
];

/// Whether a path is one of these routes' or the engine's.
pub fn is_own(segments: &[Segment]) -> bool {
    segments
        .first()
        .is_some_and(|first| first.decoded == PREFIX)
}

/// The endpoint for a method and a path, and the object that the path names.
pub fn find(method: &str, segments: &[Segment]) -> Option<(Endpoint, String)> {
    let rest = segments.get(1..)?;
    ROUTES
        .iter()
        .filter(|row| row.0 == method)
        .find_map(|row| Some((row.2, route::fit(row.1, rest)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::path::Path;

    fn read(method: &str, path: &str) -> Option<(Endpoint, String)> {
        let path = Path::parse(path).unwrap();
        assert!(is_own(&path.segments));
        find(method, &path.segments)
    }

    #[test]
    fn no_row_stands_twice_and_each_is_reached() {
        let mut seen = std::collections::BTreeSet::new();
        for Row(method, path, endpoint) in ROUTES {
            assert!(seen.insert((method, path)), "{method} {path}");
            let path = path.replace("{name...}", "a/b").replace(['{', '}'], "");
            let found = read(method, &format!("/dock/{path}")).unwrap();
            assert_eq!(found.0, *endpoint, "{method} {path}");
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_not_served() {
        for (method, path) in [
            ("GET", "/dock"),
            ("GET", "/dock/"),
            ("GET", "/dock/as"),
            ("POST", "/dock/spaces"),
            ("POST", "/dock/containers/x/exec"),
            ("DELETE", "/dock/containers"),
            ("DELETE", "/dock/volumes/a%2Fb"),
        ] {
            assert_eq!(read(method, path), None, "{method} {path}");
        }
        assert!(read("DELETE", "/dock/volumes/ab").is_some());
    }
}
