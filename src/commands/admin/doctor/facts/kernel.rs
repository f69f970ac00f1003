//! The kernel's release and settings.

use std::collections::BTreeMap;
use std::path::Path;

use crate::check::Unknown;

/// What is read below /proc/sys; the dots are slashes there.
const SETTINGS: [&str; 5] = [
    "fs.inotify.max_user_instances",
    "fs.inotify.max_user_watches",
    "kernel.pid_max",
    "kernel.unprivileged_userns_clone",
    "user.max_user_namespaces",
];

/// What the kernel says of itself.
#[derive(Clone, Debug)]
pub(in super::super) struct Kernel {
    /// `6.1.0-18-amd64`.
    pub(in super::super) release: String,
    /// Those that this kernel has.
    pub(in super::super) settings: BTreeMap<&'static str, u64>,
    /// Whether systemd manages this host and so its cgroups.
    pub(in super::super) systemd: bool,
}

impl Kernel {
    pub(super) fn gather() -> Kernel {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let setting = |name: &&'static str| {
            let text = read(&format!("/proc/sys/{}", name.replace('.', "/")));
            Some((*name, text.trim().parse().ok()?))
        };
        Kernel {
            release: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            settings: SETTINGS.iter().filter_map(setting).collect(),
            systemd: Path::new("/run/systemd/system").is_dir(),
        }
    }

    /// A setting that every kernel of interest has.
    pub(in super::super) fn setting(&self, name: &str) -> Result<u64, Unknown> {
        let value = self.settings.get(name).copied();
        value.ok_or_else(|| Unknown(format!("'{name}' cannot be read below '/proc/sys'")))
    }
}
