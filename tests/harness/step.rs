//! One program run to its end, and what came out of it.

use std::ffi::OsStr;
use std::fmt;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::terminal::Terminal;
use super::{DEADLINE, bed};

/// Root's plain docker against the engine itself, for comparison and for set-up.
pub fn root_docker<W: AsRef<OsStr>>(words: impl IntoIterator<Item = W>) -> Step {
    let host = format!("unix://{}", bed("DOCK_BED_SOCKET"));
    root(&bed("DOCK_BED_DOCKER"), words).env("DOCKER_HOST", host)
}

/// Any program as root.
pub fn root<W: AsRef<OsStr>>(program: &str, words: impl IntoIterator<Item = W>) -> Step {
    bed("DOCK_BED");
    let mut command = Command::new(program);
    command
        .args(words)
        .env_clear()
        .env("HOME", "/root")
        .env("TERM", "xterm")
        .env("LANG", "C.UTF-8")
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .current_dir("/root");
    own_session(&mut command);
    Step::new(command, DEADLINE)
}

/// A session of its own, which can be given a terminal and be killed as one group.
#[expect(unsafe_code, reason = "std has no word for a session")]
fn own_session(command: &mut Command) {
    // SAFETY: between fork and exec only one system call is made.
    unsafe {
        command.pre_exec(|| Ok(nix::unistd::setsid().map(drop)?));
    }
}

/// A program that is about to run.
pub struct Step {
    command: Command,
    stdin: Option<Vec<u8>>,
    timeout: Duration,
}

impl Step {
    pub(super) fn new(command: Command, timeout: Duration) -> Step {
        Step {
            command,
            stdin: None,
            timeout,
        }
    }

    /// What the program reads; without it, /dev/null.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Step {
        self.stdin = Some(bytes.into());
        self
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Step {
        self.command.env(name, value);
        self
    }

    #[must_use]
    pub fn current_dir(mut self, folder: impl AsRef<std::path::Path>) -> Step {
        self.command.current_dir(folder);
        self
    }

    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Step {
        self.timeout = timeout;
        self
    }

    /// Runs to the end.
    ///
    /// # Panics
    /// When it does not start, or hangs.
    pub fn output(self) -> Output {
        self.spawn().output()
    }

    /// Starts it; [`Running::output`] waits for the end.
    pub fn spawn(mut self) -> Running {
        let shown = format!("{:?}", self.command);
        let stdin = if self.stdin.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let mut child = self
            .command
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        if let Some(bytes) = self.stdin {
            let mut pipe = child.stdin.take().unwrap();
            // A program that ends without reading everything is no error here.
            thread::spawn(move || pipe.write_all(&bytes));
        }
        Running {
            stdout: collect(child.stdout.take().unwrap()),
            stderr: collect(child.stderr.take().unwrap()),
            child,
            shown,
            end: Instant::now() + self.timeout,
        }
    }

    /// The command itself, for a test that wires its descriptors on its own.
    pub fn into_command(self) -> Command {
        self.command
    }

    /// Starts it with a terminal of 24 rows and 80 columns as its own.
    pub fn on_terminal(self) -> Terminal {
        Terminal::open(self.command, self.timeout)
    }
}

/// A program that runs.
pub struct Running {
    child: Child,
    stdout: Receiver<Vec<u8>>,
    stderr: Receiver<Vec<u8>>,
    shown: String,
    end: Instant,
}

impl Running {
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Waits for the end.
    ///
    /// # Panics
    /// When the program, or one that holds its output, does not end in time.
    pub fn output(mut self) -> Output {
        let status = wait(&mut self.child, self.end);
        if status.is_none() {
            // Best effort: the panic below is what counts.
            let _ = killpg(self.pid(), Signal::SIGKILL);
        }
        let patience = Duration::from_secs(10);
        let stdout = self.stdout.recv_timeout(patience);
        let stderr = self.stderr.recv_timeout(patience);
        let (Some(status), Ok(stdout), Ok(stderr)) = (status, &stdout, &stderr) else {
            let text = |bytes: Result<Vec<u8>, _>| {
                bytes.map_or("(still held open)".into(), |bytes| lossy(&bytes))
            };
            panic!(
                "hangs: {}\n(ended: {status:?})\nstdout: {}\nstderr: {}",
                self.shown,
                text(stdout),
                text(stderr)
            );
        };
        Output {
            code: code(status),
            stdout: stdout.clone(),
            stderr: stderr.clone(),
            shown: self.shown,
        }
    }
}

/// What a program left.
#[derive(Clone)]
pub struct Output {
    /// The exit code, or 128 + the signal.
    pub code: i32,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    shown: String,
}

impl Output {
    pub fn out(&self) -> String {
        lossy(&self.stdout)
    }

    pub fn err(&self) -> String {
        lossy(&self.stderr)
    }

    /// Standard output without its last line end.
    ///
    /// # Panics
    /// When the exit code is not 0.
    #[track_caller]
    pub fn success(&self) -> String {
        assert!(self.code == 0, "{self:?}");
        self.out().trim_end_matches('\n').to_owned()
    }

    /// # Panics
    /// When the exit code is another, or standard error does not hold `text`.
    #[track_caller]
    pub fn fails(&self, code: i32, text: &str) {
        assert!(
            self.code == code && self.err().contains(text),
            "expected exit code {code} and {text:?}\n{self:?}"
        );
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Output { code, shown, .. } = self;
        let (out, err) = (self.out(), self.err());
        write!(f, "{shown}\nexit code {code}\nstdout: {out}\nstderr: {err}")
    }
}

pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(super) fn code(status: ExitStatus) -> i32 {
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// The child's status, or nothing when it still runs at `end`.
pub(super) fn wait(child: &mut Child, end: Instant) -> Option<ExitStatus> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn collect(mut from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is what the test shall see.
        let _ = from.read_to_end(&mut bytes);
        sender.send(bytes)
    });
    receiver
}
