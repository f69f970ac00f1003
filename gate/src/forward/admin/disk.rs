//! The disk that spaces take: measured by the engine, which walks all of it, and
//! kept in a file of root's for those who do not want to wait.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use dock_space::Space;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;

use super::super::usage;
use super::call::AdminCall;
use super::owners;
use crate::failure::Failure;

/// Where the last measurement is kept.
pub(super) const FILE: &str = "/var/lib/dock/disk";

/// What was measured at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Disk {
    /// Seconds since 1970.
    pub(super) measured: i64,
    /// Bytes of writable layers and volumes.
    pub(super) spaces: BTreeMap<Space, i64>,
    /// Bytes of writable layers, by the containers' ids.
    containers: BTreeMap<String, i64>,
}

/// The same in the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    measured: i64,
    spaces: BTreeMap<String, i64>,
    containers: BTreeMap<String, i64>,
}

impl Disk {
    /// Bytes of a space: nothing where nothing was found.
    pub(super) fn space(&self, space: Space) -> i64 {
        self.spaces.get(&space).copied().unwrap_or_default()
    }

    /// Bytes of a container's writable layer, if it was there.
    pub(super) fn container(&self, id: &str) -> Option<i64> {
        self.containers.get(id).copied()
    }

    /// Sums up the engine's answer; what nobody owns is left out.
    fn of(found: &Map<String, Value>, measured: i64) -> Disk {
        let mut disk = Disk {
            measured,
            ..Disk::default()
        };
        let list = |key: &str| {
            let list = found.get(key).and_then(Value::as_array);
            list.into_iter().flatten()
        };
        for container in list("Containers") {
            let mut names = container["Names"].as_array().into_iter().flatten();
            let own = names.find_map(|name| owners::named(name.as_str()?, &container["Labels"]));
            if let (Some((space, _)), Some(bytes)) = (own, container["SizeRw"].as_i64()) {
                *disk.spaces.entry(space).or_default() += bytes.max(0);
                let id = container["Id"].as_str().unwrap_or_default();
                disk.containers.insert(id.to_owned(), bytes.max(0));
            }
        }
        for volume in list("Volumes") {
            let own = volume["Name"]
                .as_str()
                .and_then(|name| owners::of_volume(name, &volume["Labels"]));
            if let (Some((space, _)), Some(bytes)) = (own, volume["UsageData"]["Size"].as_i64()) {
                *disk.spaces.entry(space).or_default() += bytes.max(0);
            }
        }
        disk
    }
}

/// Measures now, and keeps what was found.
///
/// # Errors
/// When the engine does not answer, or with an error.
pub(super) async fn measure(call: &AdminCall<'_>) -> Result<Disk, Failure> {
    let found = usage::everybodys(&call.engine, &["container", "volume"]).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |time| time.as_secs().cast_signed());
    let disk = Disk::of(&found, now);
    let kept = disk.clone();
    // Whoever cannot read it later measures again.
    let _ = spawn_blocking(move || write(Path::new(FILE), &kept)).await;
    Ok(disk)
}

/// What was measured last; none where nobody did, or it cannot be read.
pub(super) fn read(path: &Path) -> Option<Disk> {
    let kept: Kept = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let spaces = kept.spaces.into_iter();
    Some(Disk {
        measured: kept.measured,
        spaces: spaces
            .map(|(space, bytes)| Some((space.parse().ok()?, bytes)))
            .collect::<Option<_>>()?,
        containers: kept.containers,
    })
}

/// Replaces the file whole: a reader sees the old one or the new one.
fn write(path: &Path, disk: &Disk) -> std::io::Result<()> {
    let spaces = disk.spaces.iter();
    let kept = Kept {
        measured: disk.measured,
        spaces: spaces
            .map(|(space, bytes)| (space.to_string(), *bytes))
            .collect(),
        containers: disk.containers.clone(),
    };
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let fresh = path.with_extension(std::process::id().to_string());
    let mut file = std::fs::File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW)
        .open(&fresh)?;
    let written = file
        .write_all(&serde_json::to_vec(&kept)?)
        .and_then(|()| std::fs::rename(&fresh, path));
    written.inspect_err(|_| {
        let _ = std::fs::remove_file(&fresh);
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dock_space::Uid;
    use serde_json::json;

    #[test]
    fn what_was_measured_is_read_again() {
        let own = json!({"dock.space": "u1001"});
        let (id, anonymous) = ("c".repeat(64), "a".repeat(64));
        let found = json!({
            "Containers": [
                {"Id": id, "Names": ["/u1001-web"], "Labels": own, "SizeRw": 5},
                {"Id": "x", "Names": ["/web"], "Labels": {}, "SizeRw": 1000},
            ],
            "Volumes": [
                {"Name": "u1001-data", "Labels": own, "UsageData": {"Size": 7}},
                {"Name": anonymous, "Labels": own, "UsageData": {"Size": 11}},
                // Not measured.
                {"Name": "u1001-nfs", "Labels": own, "UsageData": {"Size": -1}},
                {"Name": "data", "Labels": null, "UsageData": {"Size": 1000}},
            ],
        });
        let disk = Disk::of(found.as_object().unwrap(), 1234);
        let alice = Space::User(Uid(1001));
        assert_eq!(disk.space(alice), 23);
        assert_eq!(disk.space(Space::User(Uid(1002))), 0);
        let folder = std::env::temp_dir().join(format!("dock-disk-{}", std::process::id()));
        let file = folder.join("disk");
        write(&file, &Disk::default()).unwrap();
        write(&file, &disk).unwrap();
        let kept = read(&file);
        let alone = std::fs::read_dir(&folder).unwrap().count();
        std::fs::write(&file, "half of i").unwrap();
        let torn = read(&file);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(kept, Some(disk.clone()));
        assert_eq!(alone, 1);
        assert_eq!(torn, None);
        assert_eq!(disk.container(&id), Some(5));
        assert_eq!(disk.container("x"), None);
    }
}
