//! The gate's process, as the person sees it: sudo, and what it writes to
//! standard error.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::Pid;

use crate::sys;

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

/// As what a gate is started: sudo has a rule for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    /// For the person's own space.
    Person,
    /// For `dock admin`.
    Admin,
}

/// A gate that was started.
pub(crate) struct GateProcess {
    child: Child,
    /// Readable when the child has ended.
    ended: OwnedFd,
    status: Option<ExitStatus>,
    /// `None` when nobody holds the other end.
    stderr: Option<File>,
    words: Vec<u8>,
}

/// What ended the wait of [`GateProcess::watch`].
pub(crate) enum Ended {
    Gate,
    Other,
}

impl GateProcess {
    /// Starts the gate under sudo with `listener` as its standard input.
    ///
    /// # Errors
    /// When sudo cannot be started.
    pub(crate) fn start(listener: &UnixListener, rank: Rank) -> io::Result<GateProcess> {
        let sudo = sudo().ok_or(io::ErrorKind::NotFound)?;
        let mut child = Command::new(sudo)
            .arg("-n")
            .arg(path())
            .args(match rank {
                Rank::Person => &[][..],
                Rank::Admin => &["--admin"],
            })
            // Its words are read below, so they are to be English.
            .env_clear()
            .env("LC_ALL", "C")
            .stdin(OwnedFd::from(listener.try_clone()?))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .current_dir("/")
            // Out of the terminal's process group: ^C is for the container.
            .process_group(0)
            .spawn()?;
        let stderr = child.stderr.take().map(|pipe| OwnedFd::from(pipe).into());
        Ok(GateProcess {
            ended: sys::pidfd(Pid::from_raw(child.id().cast_signed()))?,
            child,
            status: None,
            stderr,
            words: Vec::new(),
        })
    }

    /// Waits until there is no gate any more, or `other` is readable; reads what
    /// the gate writes meanwhile.
    ///
    /// # Errors
    /// When the kernel does not wait.
    pub(crate) fn watch(&mut self, other: BorrowedFd<'_>) -> io::Result<Ended> {
        loop {
            // What has ended is not waited for again; `other` is asked twice instead.
            let ended = match self.status {
                None => self.ended.as_fd(),
                Some(_) => other,
            };
            let stderr = self.stderr.as_ref().map_or(other, File::as_fd);
            let mut waits = [other, ended, stderr].map(|fd| PollFd::new(fd, PollFlags::POLLIN));
            match poll(&mut waits, PollTimeout::NONE) {
                Ok(_) => {}
                Err(nix::Error::EINTR) => continue,
                Err(error) => return Err(error.into()),
            }
            let [other, ended, words] = waits.map(|wait| wait.any().unwrap_or(false));
            if other {
                return Ok(Ended::Other);
            }
            if words {
                self.read();
            } else if ended {
                self.status = Some(self.child.wait()?);
            }
            if self.is_over() {
                return Ok(Ended::Gate);
            }
        }
    }

    /// sudo gives an exit code when the gate has ended or never began, whoever
    /// else may still hold the pipe. A sudo that was killed can leave a gate
    /// behind, which holds the pipe and serves.
    fn is_over(&self) -> bool {
        self.status
            .is_some_and(|status| status.code().is_some() || self.stderr.is_none())
    }

    fn read(&mut self) {
        let Some(stderr) = &mut self.stderr else {
            return;
        };
        let mut piece = [0; 4096];
        match stderr.read(&mut piece) {
            Ok(read @ 1..) => {
                let room = MAX_WORDS.saturating_sub(self.words.len());
                self.words.extend_from_slice(&piece[..read.min(room)]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => self.stderr = None,
        }
    }

    /// Why there is no gate, in dock's words where dock knows them.
    pub(crate) fn last_words(&self) -> String {
        match self.status.and_then(|status| status.signal()) {
            Some(signal) => format!("the gate was ended by signal {signal}"),
            None => explain(&String::from_utf8_lossy(&self.words)),
        }
    }
}

/// docker searches error text for "permission denied" and "no such file or
/// directory" to choose its exit code, so foreign text never gets through with them.
pub(super) fn is_speakable(text: &str) -> bool {
    let lower = text.to_lowercase();
    !lower.is_empty() && !lower.contains("permission denied") && !lower.contains("no such file")
}

fn explain(words: &str) -> String {
    let own = words
        .lines()
        .find_map(|line| line.strip_prefix("dock-gate: "));
    let lower = words.to_lowercase();
    let of_sudo = |texts: &[&str]| own.is_none() && texts.iter().any(|text| lower.contains(text));
    if of_sudo(&["password is required", "not allowed", "may not run"]) {
        return "sudo does not let you start the gate\n\nhint: an administrator can check '/etc/sudoers.d/dock' with 'visudo -c', and run install.sh again".into();
    }
    if of_sudo(&["command not found"]) {
        return "sudo does not find the gate\n\nhint: an administrator can run install.sh again"
            .into();
    }
    let line = own.unwrap_or_else(|| {
        words
            .lines()
            .map(str::trim)
            // Hosts without a name of their own say this at every sudo.
            .find(|line| !line.is_empty() && !line.starts_with("sudo: unable to resolve host"))
            .unwrap_or_default()
    });
    if !is_speakable(line) {
        return "the gate ended and left no word\n\nhint: an administrator can look into the system's log".into();
    }
    let line: String = line.chars().filter(|c| !c.is_control()).take(500).collect();
    format!("the gate did not start: {line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WARNING: &str = "sudo: unable to resolve host x: Name or service not known\n";

    #[test]
    fn the_words_of_sudo_are_explained() {
        for refusal in [
            "sudo: a password is required\n",
            "Sorry, user x is not allowed to execute '/x' as root on y.\n",
            "Sorry, user x may not run sudo on y.\n",
        ] {
            let why = explain(&format!("{WARNING}{refusal}"));
            assert!(why.starts_with("sudo does not let you start the gate\n\nhint: "));
        }
        assert!(explain("sudo: /x: command not found\n").starts_with("sudo does not find"));
        assert_eq!(
            explain(&format!("{WARNING}sudo: effective uid is not 0\n")),
            "the gate did not start: sudo: effective uid is not 0"
        );
    }

    #[test]
    fn the_gates_own_words_come_first() {
        assert_eq!(
            explain(&format!("{WARNING}dock-gate: uid 5 is not allowed here\n")),
            "the gate did not start: uid 5 is not allowed here"
        );
    }

    #[test]
    fn words_that_docker_would_act_on_are_not_passed_on() {
        for words in ["", WARNING, "sudo: unable to open /x: Permission denied"] {
            assert!(explain(words).starts_with("the gate ended and left no word"));
        }
    }
}
