//! When a space was last used: the time of an empty file of root's, set by each
//! gate when it begins to serve.

use std::fs::File;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use dock_space::Space;

/// Where the files lie.
const DIRECTORY: &str = "/var/lib/dock/use";

/// Remembers that `space` is used now. Nobody's command fails for it.
pub(crate) fn touch(space: Space) {
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(DIRECTORY);
    let file = made.and_then(|()| {
        File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(Path::new(DIRECTORY).join(space.to_string()))
    });
    if let Ok(file) = file {
        let _ = file.set_modified(SystemTime::now());
    }
}

/// The last use of `space`, seconds since 1970; `None` when nobody remembers.
pub(crate) fn of(space: Space) -> Option<i64> {
    let file = Path::new(DIRECTORY).join(space.to_string());
    let time = file.symlink_metadata().and_then(|file| file.modified());
    let since = time.ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
