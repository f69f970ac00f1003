//! What `dock admin` left for this person to read: printed once, at the next
//! command at a terminal. Costs one open of a file that is not there.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use dock_space::Person;
use dock_space::admin::{MAX_NOTICES, NOTICES};
use nix::fcntl::OFlag;

use crate::ui;

/// Prints what is there for `person`, and empties it. No command fails for it.
pub(crate) fn show(person: &Person) {
    if std::io::stderr().is_terminal() && !person.login.contains('/') {
        let text = take(&Path::new(NOTICES).join(&person.login), ui::prompt);
        // A file that cannot be read is nobody's notice.
        drop(text);
    }
}

/// Gives the file's text to `print`, and only then takes it away.
fn take(path: &Path, print: impl FnOnce(&str)) -> std::io::Result<()> {
    let mut file = File::options()
        .read(true)
        .write(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)?;
    let before = file.metadata()?;
    if !before.is_file() || before.len() == 0 {
        return Ok(());
    }
    let mut bytes = Vec::new();
    file.by_ref().take(MAX_NOTICES).read_to_end(&mut bytes)?;
    print(&String::from_utf8_lossy(&bytes));
    // What has come meanwhile is read the next time, with this.
    if file.metadata()?.len() == before.len() {
        file.set_len(0)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_once_and_links_are_not_followed() {
        let folder = std::env::temp_dir().join(format!("dock-notice-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (file, link) = (folder.join("alice"), folder.join("bob"));
        std::fs::write(&file, "one\ntwo\n").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let read = |path: &Path| {
            let mut text = String::new();
            let done = take(path, |found| text = found.to_owned());
            done.map(|()| text).ok()
        };
        assert_eq!(read(&link), None);
        assert_eq!(read(&file).as_deref(), Some("one\ntwo\n"));
        assert_eq!(read(&file).as_deref(), Some(""));
        assert_eq!(read(&folder.join("carol")), None);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
