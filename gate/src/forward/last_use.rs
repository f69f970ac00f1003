//! When a space or an object was last used: the time of an empty file of root's.
//!
//! A gate touches its space's when it begins to serve, and those of an image, a
//! volume and a network when a container is made of them: `run --rm` leaves no
//! other trace, and who cleans up must know of it.

use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use dock_space::Space;
use dock_space::admin::Kind;

use crate::policy::Create;

/// Where the files lie; those of objects in a folder for each kind.
const DIRECTORY: &str = "/var/lib/dock/use";

/// Remembers that `space` is used now. Nobody's command fails for it.
pub(crate) fn touch(space: Space) {
    touch_in(Path::new(DIRECTORY), &space.to_string());
}

/// The last use of `space`, seconds since 1970; `None` when nobody remembers.
pub(crate) fn of(space: Space) -> Option<i64> {
    time_of(&Path::new(DIRECTORY).join(space.to_string()))
}

/// The image, the volumes and the networks of a container that is to be made,
/// as the engine knows them: an id, real names.
pub(crate) fn parts(create: &Create) -> Vec<(Kind, String)> {
    let body = &create.body;
    let volumes = body
        .host_config
        .mounts
        .iter()
        .filter(|mount| mount.r#type == "volume" && !mount.source.is_empty())
        .map(|mount| (Kind::Volume, mount.source.clone()));
    let networks = body.networking_config.endpoints_config.keys();
    let networks = networks.chain([&body.host_config.network_mode]);
    [(Kind::Image, body.image.clone())]
        .into_iter()
        .chain(volumes)
        .chain(networks.map(|name| (Kind::Network, name.clone())))
        .collect()
}

/// Remembers that `objects` are used now.
pub(crate) fn touch_all(objects: &[(Kind, String)]) {
    for (kind, name) in objects {
        if is_file_name(name) {
            touch_in(&Path::new(DIRECTORY).join(kind.word()), name);
        }
    }
}

/// The last use of an object by a new container.
pub(crate) fn of_object(kind: Kind, name: &str) -> Option<i64> {
    is_file_name(name)
        .then(|| time_of(&Path::new(DIRECTORY).join(kind.word()).join(name)))
        .flatten()
}

/// Forgets what is gone: a person can make and remove as many as she likes, and
/// on a host where nobody cleans up nobody looks for what is left of them.
pub(crate) fn forget(kind: Kind, name: &str) {
    if is_file_name(name) {
        // What cannot be removed is looked at again by a clean-up.
        let _ = std::fs::remove_file(Path::new(DIRECTORY).join(kind.word()).join(name));
    }
}

/// Forgets all of a kind but what is still there.
pub(crate) fn forget_but(kind: Kind, there: &HashSet<&str>) {
    let folder: PathBuf = Path::new(DIRECTORY).join(kind.word());
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_none_or(|name| !there.contains(name)) {
            // What cannot be removed is looked at again the next time.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// `name:digits` of an image is one; what leads elsewhere is not.
fn is_file_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\0'])
}

fn touch_in(folder: &Path, name: &str) {
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    let file = made.and_then(|()| {
        File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(folder.join(name))
    });
    if let Ok(file) = file {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn time_of(file: &Path) -> Option<i64> {
    let time = file.symlink_metadata().and_then(|file| file.modified());
    let since = time.ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
