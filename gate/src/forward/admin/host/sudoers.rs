//! sudo's rules about dock and docker.

use std::path::Path;

use dock_space::admin::host::{Excerpt, Known};

use super::excerpt;

/// The rule that install.sh writes: all of it, it holds nothing else.
const OWN: &str = "/etc/sudoers.d/dock";

const MAIN: [&str; 2] = ["/etc/sudoers", "/etc/sudoers-rs"];

const FOLDER: &str = "/etc/sudoers.d";

/// The lines, dock's own file first.
pub(super) fn all() -> Known<Vec<Excerpt>> {
    let mut found = Vec::new();
    found.extend(excerpt::of_file(Path::new(OWN), |_| true));
    for file in MAIN {
        found.extend(excerpt::of_file(Path::new(file), is_about_dock));
    }
    let others = excerpt::of_folder(Path::new(FOLDER), is_read_by_sudo, is_about_dock)?;
    found.extend(others.into_iter().filter(|other| other.path != OWN));
    Ok(found)
}

/// sudo leaves out names with a dot and those that end with a tilde.
fn is_read_by_sudo(name: &str) -> bool {
    !name.contains('.') && !name.ends_with('~')
}

fn is_about_dock(line: &str) -> bool {
    let line = line.to_lowercase();
    line.contains("dock") || line.contains("includedir")
}
