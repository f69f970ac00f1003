//! The gate's process, as the person sees it: sudo, and what it writes to
//! standard error.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Where sudo is looked for; never in $PATH, which is the caller's.
const SUDO: [&str; 3] = ["/usr/bin/sudo", "/bin/sudo", "/usr/local/bin/sudo"];

/// How much of the last words is kept, in bytes.
const MAX_WORDS: usize = 8 * 1024;

/// sudo's path, if it is installed.
pub(super) fn sudo() -> Option<PathBuf> {
    SUDO.iter().map(PathBuf::from).find(|path| path.exists())
}

/// The gate that was installed with this program: `PREFIX/libexec/dock-gate`
/// beside `PREFIX/bin/dock`. sudo lets nobody start any other path than the one
/// in its rule.
pub(super) fn path() -> PathBuf {
    let prefix = std::env::current_exe()
        .ok()
        .and_then(|dock| Some(dock.parent()?.parent()?.to_owned()))
        .unwrap_or_else(|| "/usr/local".into());
    prefix.join("libexec/dock-gate")
}

/// A gate that was started.
pub(crate) struct GateProcess {
    child: Child,
    stderr: File,
    words: Vec<u8>,
}

impl GateProcess {
    /// Starts the gate under sudo with `listener` as its standard input.
    ///
    /// # Errors
    /// When sudo cannot be started.
    pub(crate) fn start(listener: &UnixListener) -> io::Result<GateProcess> {
        let sudo = sudo().ok_or(io::ErrorKind::NotFound)?;
        let mut child = Command::new(sudo)
            .arg("-n")
            .arg(path())
            .stdin(OwnedFd::from(listener.try_clone()?))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .current_dir("/")
            // Out of the terminal's process group: ^C is for the container.
            .process_group(0)
            .spawn()?;
        let stderr = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let stderr = File::from(OwnedFd::from(stderr));
        Ok(GateProcess {
            child,
            stderr,
            words: Vec::new(),
        })
    }

    /// Readable when there are words, or when the gate has ended.
    pub(crate) fn words(&self) -> BorrowedFd<'_> {
        self.stderr.as_fd()
    }

    /// Reads what there is; false when the gate has ended.
    pub(crate) fn read(&mut self) -> bool {
        let mut piece = [0; 4096];
        match self.stderr.read(&mut piece) {
            Ok(read @ 1..) => {
                let room = MAX_WORDS.saturating_sub(self.words.len());
                self.words.extend_from_slice(&piece[..read.min(room)]);
                true
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Ok(_) | Err(_) => {
                // Reaps it: its end of the pipe is closed, so it ends or has ended.
                let _ = self.child.wait();
                false
            }
        }
    }

    /// What sudo or the gate said, in one line and in dock's words where dock
    /// knows them.
    pub(crate) fn last_words(&self) -> String {
        explain(&String::from_utf8_lossy(&self.words))
    }
}

/// docker searches error text for "permission denied" and "no such file or
/// directory" to choose its exit code, so foreign text never gets through with them.
fn explain(words: &str) -> String {
    let lower = words.to_lowercase();
    if lower.contains("password is required")
        || lower.contains("not allowed")
        || lower.contains("may not run")
    {
        return "sudo does not let you start it\n\nhint: an administrator can check '/etc/sudoers.d/dock' with 'visudo -c', and run install.sh again".into();
    }
    if lower.contains("command not found") {
        return "sudo does not find it\n\nhint: an administrator can run install.sh again".into();
    }
    let line = words
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    let line = line.strip_prefix("dock-gate: ").unwrap_or(line).trim();
    let lower = line.to_lowercase();
    if line.is_empty() || lower.contains("permission denied") || lower.contains("no such file") {
        return "it left no word\n\nhint: an administrator can look into the system's log".into();
    }
    line.chars().filter(|c| !c.is_control()).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_sudo_and_of_the_gate_are_explained() {
        assert!(explain("sudo: a password is required\n").starts_with("sudo does not let you"));
        assert!(explain("Sorry, user x is not allowed to execute '/x' as root").contains("visudo"));
        assert_eq!(
            explain("dock-gate: standard input is not a listening unix socket\n"),
            "standard input is not a listening unix socket"
        );
        assert!(explain("").contains("no word"));
        assert!(
            !explain("sudo: unable to open /x: Permission denied")
                .to_lowercase()
                .contains("permission denied")
        );
    }
}
