//! `POST /dock/notices`: what an owner reads at the next command.
//!
//! The folder is root's, so nobody can lay a link there; a file is its
//! reader's, so it is only ever appended to, and nothing is decided by it.

use std::fs::{File, Metadata};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use dock_space::admin::{MAX_NOTICES, NOTICES, Notice};
use dock_space::{Person, Space};
use hyper::StatusCode;
use nix::unistd::{Uid, fchown};
use tokio::task::spawn_blocking;

use super::super::body::{self, Answer};
use super::super::caller;
use super::call::AdminCall;
use crate::audit::Weight;
use crate::failure::Failure;

/// The longest line, in characters.
const MAX_LINE: usize = 300;

pub(super) async fn leave(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let notice: Notice = call.json().await?;
    let Ok(Space::User(uid)) = notice.space.parse() else {
        let why = format!("\"{}\" is nobody's space", notice.space);
        return Err(Failure::Malformed(why));
    };
    let space = Space::User(uid);
    call.journal(Some(space))
        .permit(Weight::Change, "admin.notice", "");
    let done = spawn_blocking(move || {
        let person = caller::person(uid)?;
        // Whoever has the uid now is not told of another's containers.
        caller::same_login(space, &person)?;
        append(Path::new(NOTICES), &person, &notice.lines)
    });
    done.await
        .map_err(|error| Failure::Host(error.to_string()))?
        .map_err(Failure::Host)?;
    Ok(body::empty(StatusCode::NO_CONTENT))
}

/// Appends `lines` to what `person` has not read yet, as far as there is room.
fn append(folder: &Path, person: &Person, lines: &[String]) -> Result<(), String> {
    let failed = |error: std::io::Error| {
        format!("cannot write to '{}': {:?}", folder.display(), error.kind())
    };
    let name = &person.login;
    if name.is_empty() || name.starts_with('.') || name.contains('/') {
        return Err(format!("\"{name}\" cannot be the name of a file"));
    }
    make(folder).map_err(failed)?;
    let path = folder.join(name);
    let (mut file, mut found) = open(&path).map_err(failed)?;
    if ![0, person.uid.0].contains(&found.uid()) {
        // Left from another account of this name, which may have it open still.
        std::fs::remove_file(&path).map_err(failed)?;
        (file, found) = open(&path).map_err(failed)?;
    }
    if !found.is_file() {
        return Err(format!("'{}/{name}' is no file", folder.display()));
    }
    if found.uid() != person.uid.0 {
        fchown(file.as_fd(), Some(Uid::from_raw(person.uid.0)), None)
            .map_err(|error| failed(error.into()))?;
    }
    let mut room = MAX_NOTICES.saturating_sub(found.len());
    let mut text = String::new();
    for line in lines {
        let line = shown(line);
        room = match room.checked_sub(line.len() as u64) {
            Some(left) => left,
            None => break,
        };
        text.push_str(&line);
    }
    file.write_all(text.as_bytes()).map_err(failed)
}

fn open(path: &Path) -> std::io::Result<(File, Metadata)> {
    let file = File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(path)?;
    let found = file.metadata()?;
    Ok((file, found))
}

/// The folder; through it everybody reaches the own file and sees no other's name.
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)?;
    // The gate's umask takes all from others.
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o711);
    std::fs::set_permissions(folder, mode)
}

/// One line, of a length that somebody reads and without control characters.
fn shown(line: &str) -> String {
    let plain = line
        .chars()
        .take(MAX_LINE)
        .map(|c| if c.is_control() { '?' } else { c });
    plain.chain(['\n']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn myself() -> Person {
        Person {
            uid: dock_space::Uid(nix::unistd::getuid().as_raw()),
            login: "alice".into(),
            full_name: String::new(),
            home: "/".into(),
            gid: 0,
            groups: Vec::new(),
        }
    }

    #[test]
    fn lines_are_added_as_long_as_there_is_room() {
        let folder = std::env::temp_dir().join(format!("dock-notices-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let read = || std::fs::read_to_string(folder.join("alice")).unwrap();
        append(&folder, &myself(), &["one\u{1b}[2J".into()]).unwrap();
        append(&folder, &myself(), &["two".into()]).unwrap();
        assert_eq!(read(), "one?[2J\ntwo\n");
        let long = vec!["x".repeat(1_000); 100];
        append(&folder, &myself(), &long).unwrap();
        assert!(read().len() as u64 <= MAX_NOTICES);
        for name in ["", "../x", ".", "a/b"] {
            let person = Person {
                login: name.into(),
                ..myself()
            };
            assert!(append(&folder, &person, &[]).is_err(), "{name}");
        }
        std::os::unix::fs::symlink("/dev/null", folder.join("mallory")).unwrap();
        let mallory = Person {
            login: "mallory".into(),
            ..myself()
        };
        assert!(append(&folder, &mallory, &["x".into()]).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn who_had_the_name_before_reads_nothing_of_what_comes() {
        if !nix::unistd::geteuid().is_root() {
            return;
        }
        let folder = std::env::temp_dir().join(format!("dock-renamed-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("alice");
        for (owner, expected) in [(54_321, ""), (0, "one\n")] {
            std::fs::write(&path, "").unwrap();
            std::os::unix::fs::chown(&path, Some(owner), None).unwrap();
            let kept = File::open(&path).unwrap();
            append(&folder, &myself(), &["one".into()]).unwrap();
            assert_eq!(std::io::read_to_string(kept).unwrap(), expected, "{owner}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\n");
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
