//! Stands where dock looks for docker, and writes down what the gate answers.
//!
//! dock executes it as docker: it becomes the real one (`DOCK_BED_DOCKER`), after it
//! has left a process of the same person's between docker and the gate. That process
//! changes no byte and closes what the other side closes; all that came from the
//! gate stands in a file of `DOCK_BED_ANSWERS`, one for each connection, named
//! `UID.PID.NUMBER`. It is a part of the test bed and is never installed.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::{CommandExt, parent_id};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// What the process between is called with.
const BETWEEN: &str = "--between";

/// Connections that are open.
static OPEN: AtomicUsize = AtomicUsize::new(0);

fn main() -> io::Result<()> {
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    match words.as_slice() {
        [between, gate, answers] if between == BETWEEN => {
            stand_between(&PathBuf::from(gate), &answers.to_string_lossy())
        }
        _ => become_docker(&words),
    }
}

fn setting(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

fn become_docker(words: &[OsString]) -> io::Result<()> {
    let mut docker = Command::new(setting("DOCK_BED_DOCKER")?);
    docker.arg0("docker").args(words);
    // Without a gate (another engine was asked for) there is nothing to stand between.
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    if let Some(gate) = host.strip_prefix("unix://") {
        let me = std::process::id();
        let uid = std::fs::metadata("/proc/self")?.uid();
        let answers = format!("{}/{uid}.{me}", setting("DOCK_BED_ANSWERS")?);
        let socket = format!("{answers}.sock");
        let listener = UnixListener::bind(&socket)?;
        Command::new(std::env::current_exe()?)
            .args([BETWEEN, gate, &answers])
            .env_clear()
            // Out of the terminal's foreground: keys that send signals are docker's.
            .process_group(0)
            .stdin(Stdio::from(OwnedFd::from(listener)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        docker.env("DOCKER_HOST", format!("unix://{socket}"));
    }
    Err(docker.exec())
}

/// Joins every connection on standard input to the gate, for as long as docker lives.
fn stand_between(gate: &Path, answers: &str) -> io::Result<()> {
    let docker = parent_id();
    let (gate, answers, socket) = (
        gate.to_owned(),
        answers.to_owned(),
        format!("{answers}.sock"),
    );
    let listener = UnixListener::from(io::stdin().as_fd().try_clone_to_owned()?);
    thread::spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let (gate, answers) = (gate.clone(), format!("{answers}.{number}"));
            let Ok(client) = client else { return };
            OPEN.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || {
                // A connection that breaks is docker's and the gate's affair.
                let _ = join(&client, &gate, Path::new(&answers));
                OPEN.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    while parent_id() == docker || OPEN.load(Ordering::SeqCst) > 0 {
        thread::sleep(Duration::from_millis(20));
    }
    std::fs::remove_file(socket)
}

fn join(client: &UnixStream, gate: &Path, answers: &Path) -> io::Result<()> {
    let gate = UnixStream::connect(gate)?;
    let answers = File::create(answers)?;
    let (from_gate, to_client) = (gate.try_clone()?, client.try_clone()?);
    let answered = thread::spawn(move || {
        let _ = copy_answers(from_gate, &to_client, answers);
        let _ = to_client.shutdown(Shutdown::Write);
    });
    let mut from_client = client;
    let asked = io::copy(&mut from_client, &mut &gate);
    let _ = gate.shutdown(Shutdown::Write);
    // A client that only asks no more is still there for the answer; one that is
    // gone altogether is gone for the gate too.
    let mut gone = [PollFd::new(client.as_fd(), PollFlags::empty())];
    let _ = poll(&mut gone, PollTimeout::NONE);
    let _ = gate.shutdown(Shutdown::Both);
    let _ = answered.join();
    asked.map(drop)
}

fn copy_answers(mut gate: UnixStream, mut client: &UnixStream, mut file: File) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = gate.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        // First the record: when docker has its answer, it is there.
        file.write_all(&buffer[..read])?;
        client.write_all(&buffer[..read])?;
    }
}
