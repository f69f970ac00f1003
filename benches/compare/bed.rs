//! The bed's two sides: plain docker as root, and dock as one of its people.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) const DOCK: &str = "/usr/local/bin/dock";
pub(crate) const USER: &str = "alice";

/// One side of a comparison.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Docker,
    Dock,
}

pub(crate) struct Bed {
    pub(crate) socket: PathBuf,
    pub(crate) docker: PathBuf,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) cpu: Option<Cpu>,
}

impl Bed {
    pub(crate) fn command(&self, side: Side, words: &[&str]) -> Command {
        let mut command = match side {
            Side::Docker => {
                let mut command = Command::new(&self.docker);
                command.env("DOCKER_HOST", format!("unix://{}", self.socket.display()));
                command
            }
            Side::Dock => {
                let mut command = Command::new(DOCK);
                // std gives up root's supplementary groups; the group that counts is primary here.
                command.uid(self.uid).gid(self.gid);
                command
                    .env("HOME", format!("/home/{USER}"))
                    .env_remove("XDG_RUNTIME_DIR");
                command
            }
        };
        command
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit());
        command.current_dir("/");
        command
    }

    /// Runs one command that has to succeed.
    pub(crate) fn run(&self, side: Side, words: &[&str]) {
        let status = self.command(side, words).status().unwrap();
        assert!(status.success(), "{words:?}");
    }

    /// Starts one command where CPU time is counted.
    pub(crate) fn spawn(&self, side: Side, words: &[&str]) -> Child {
        let mut command = self.command(side, words);
        if let Some(cpu) = &self.cpu {
            cpu.enter();
        }
        let child = command.spawn().unwrap();
        if let Some(cpu) = &self.cpu {
            cpu.leave();
        }
        child
    }

    /// Runs one command; wall time and the CPU time of it and its descendants.
    pub(crate) fn time(&self, side: Side, words: &[&str]) -> (Duration, Duration) {
        let before = self.cpu.as_ref().map(Cpu::used);
        let start = Instant::now();
        let mut child = self.spawn(side, words);
        let status = child.wait().unwrap();
        let wall = start.elapsed();
        assert!(status.success(), "{words:?}: {status}");
        // The gate ends a moment after docker.
        std::thread::sleep(Duration::from_millis(25));
        let cpu = match (&self.cpu, before) {
            (Some(cpu), Some(before)) => cpu.used().saturating_sub(before),
            _ => Duration::ZERO,
        };
        (wall, cpu)
    }
}

/// A cgroup that counts the CPU time of whatever starts in it.
pub(crate) struct Cpu {
    folder: PathBuf,
}

impl Cpu {
    pub(crate) fn new() -> Option<Cpu> {
        let folder =
            Path::new("/sys/fs/cgroup/cpuacct").join(format!("dockbench{}", std::process::id()));
        std::fs::create_dir(&folder).ok()?;
        Some(Cpu { folder })
    }

    pub(crate) fn used(&self) -> Duration {
        let text = std::fs::read_to_string(self.folder.join("cpuacct.usage")).unwrap();
        Duration::from_nanos(text.trim().parse().unwrap())
    }

    fn enter(&self) {
        std::fs::write(self.folder.join("tasks"), "0").unwrap();
    }

    fn leave(&self) {
        std::fs::write(self.folder.parent().unwrap().join("tasks"), "0").unwrap();
    }
}

impl Drop for Cpu {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.folder);
    }
}
