//! A gate of one's own, spoken to in raw bytes.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::http::{Answer, Connection};
use super::{Person, bed, eventually, root, unique};

/// The words of the sudoers rule.
pub const GATE: &str = "/usr/local/libexec/dock-gate";

/// A gate that serves one person for as long as this value lives.
pub struct Gate {
    person: Person,
    socket: PathBuf,
    /// What sudo was started as; it becomes the gate, or its parent.
    pub pid: Pid,
    listener: Child,
    stdin: Option<ChildStdin>,
}

impl Gate {
    /// Starts one as `dock` would, for somebody in group dock.
    pub fn open(person: &Person) -> Gate {
        Gate::start(person, &["sudo", "-n", GATE])
    }

    /// Starts an admin gate, for somebody in group dock-admin.
    pub fn admin(person: &Person) -> Gate {
        Gate::start(person, &["sudo", "-n", GATE, "--admin"])
    }

    /// Starts one with other words.
    pub fn start(person: &Person, words: &[&str]) -> Gate {
        let socket = socket();
        let command = person.command(&bed("DOCK_BED_LISTENER"), [&socket]);
        Gate::listen(person, socket, command.into_command(), words)
    }

    /// Starts one where `folder` stands in the place of /etc/dock, for it alone.
    pub fn open_with_configuration(person: &Person, folder: &Path) -> Gate {
        let socket = socket();
        let mut command = with_configuration(person, folder);
        command.arg(bed("DOCK_BED_LISTENER")).arg(&socket);
        Gate::listen(person, socket, command, &["sudo", "-n", GATE])
    }

    fn listen(person: &Person, socket: PathBuf, mut command: Command, words: &[&str]) -> Gate {
        let mut listener = command
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(listener.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let pid = line.trim().parse().expect("the listener did not start");
        Gate {
            person: person.clone(),
            socket,
            pid: Pid::from_raw(pid),
            stdin: listener.stdin.take(),
            listener,
        }
    }

    /// A connection of the person's own.
    pub fn connect(&self) -> Connection {
        self.connect_as(&self.person)
    }

    /// A connection of somebody else's.
    pub fn connect_as(&self, person: &Person) -> Connection {
        Connection::new(connect_as(person, &self.socket))
    }

    /// One request on a connection of its own.
    pub fn request(&self, method: &str, target: &str, body: Option<&str>) -> Answer {
        self.connect().request(method, target, body)
    }

    /// Whether the process still runs.
    pub fn is_running(&self) -> bool {
        kill(self.pid, None).is_ok() && !is_zombie(self.pid)
    }

    /// The process that listens ends, as docker does at the end of a command.
    pub fn close(&mut self) {
        self.stdin = None;
        self.listener.wait().unwrap();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.close();
        let _ = std::fs::remove_file(&self.socket);
        if !thread::panicking() {
            eventually("the gate ends when nobody listens", || {
                (!self.is_running()).then_some(())
            });
        }
        let _ = kill(self.pid, Signal::SIGKILL);
    }
}

/// Not in the home, which others cannot enter.
fn socket() -> PathBuf {
    PathBuf::from(format!("/tmp/{}.sock", unique("gate")))
}

/// The start of a command line that runs as the person with `folder` in the
/// place of /etc/dock; nobody else sees the change.
pub fn with_configuration(person: &Person, folder: &Path) -> Command {
    with_folder(person, folder, "/etc/dock")
}

/// The same with `folder` in the place of any other.
pub fn with_folder(person: &Person, folder: &Path, place: &str) -> Command {
    let script = "mount --bind \"$1\" \"$2\" && shift 2 && \
                  exec setpriv --reuid \"$1\" --regid \"$2\" --init-groups -- \"${@:3}\"";
    let words = [
        "--mount",
        "--propagation",
        "private",
        "bash",
        "-c",
        script,
        "bash",
    ];
    let mut command = root("unshare", words).into_command();
    command
        .arg(folder)
        .arg(place)
        .args([person.uid.to_string(), person.gid.to_string()]);
    command
}

fn is_zombie(pid: Pid) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| rest.starts_with(" Z"))
}

/// The kernel notes who connects by the thread's own ids, so a thread takes
/// the person's ids, connects, and ends.
#[expect(
    unsafe_code,
    reason = "only a raw system call changes one thread's ids"
)]
fn connect_as(person: &Person, socket: &Path) -> UnixStream {
    let (uid, gid, socket) = (person.uid, person.gid, socket.to_path_buf());
    // u32::MAX is the kernel's "leave as it is".
    const SAME: u32 = u32::MAX;
    thread::spawn(move || {
        // SAFETY: these take integers by value and change this thread alone.
        let changed = unsafe {
            libc::syscall(libc::SYS_setresgid, SAME, gid, SAME) == 0
                && libc::syscall(libc::SYS_setresuid, SAME, uid, SAME) == 0
        };
        assert!(changed, "cannot take the ids of uid {uid}");
        UnixStream::connect(&socket).unwrap_or_else(|error| panic!("{}: {error}", socket.display()))
    })
    .join()
    .unwrap()
}
