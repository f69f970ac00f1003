//! A connection over the host's own ssh to a machine's SFTP server.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dock_space::config::Target;
use futures_core::Stream as _;
use openssh_sftp_client::error::{Error as SftpError, SftpErrorKind};
use openssh_sftp_client::fs::Fs;
use openssh_sftp_client::{Sftp, SftpOptions};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio::runtime::Runtime;
use tokio::time::timeout;

/// How long a machine may take to let somebody in.
const PATIENCE: Duration = Duration::from_secs(45);

/// What is kept of ssh's own words.
const MAX_WORDS: usize = 4096;

/// Never a question, never a forwarded port, and an end when the other side is gone.
const OPTIONS: [&str; 6] = [
    "BatchMode=yes",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ConnectTimeout=20",
    "ServerAliveInterval=10",
    "ServerAliveCountMax=3",
];

/// A session that is open.
pub(super) struct Session {
    // Before the runtime: its tasks end with it.
    pub(super) sftp: Sftp,
    _child: Child,
    words: Arc<Mutex<Vec<u8>>>,
    pub(super) runtime: Runtime,
}

impl Session {
    /// # Errors
    /// ssh's own words.
    pub(super) fn open(target: &Target) -> io::Result<Session> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let words = Arc::new(Mutex::new(Vec::new()));
        let opened = runtime.block_on(async {
            let mut child = command(target).spawn().map_err(|error| {
                io::Error::new(error.kind(), format!("cannot start ssh: {error}"))
            })?;
            let gone = || io::Error::other("ssh has no pipes");
            let input = child.stdin.take().ok_or_else(gone)?;
            let output = child.stdout.take().ok_or_else(gone)?;
            let mut errors = child.stderr.take().ok_or_else(gone)?;
            let said = Arc::clone(&words);
            let listening = tokio::spawn(async move {
                let mut piece = [0; 512];
                while let Ok(count @ 1..) = errors.read(&mut piece).await {
                    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                    let room = MAX_WORDS.saturating_sub(said.len());
                    said.extend_from_slice(&piece[..count.min(room)]);
                }
            });
            let opening = Sftp::new(input, output, SftpOptions::default());
            match timeout(PATIENCE, opening).await {
                Ok(Ok(sftp)) => Ok((sftp, child)),
                Ok(Err(_)) => {
                    // Its last words are on their way.
                    let _ = timeout(Duration::from_secs(2), listening).await;
                    Err(io::Error::other(last_line(&words)))
                }
                Err(_) => Err(io::ErrorKind::TimedOut.into()),
            }
        });
        let (sftp, child) = opened?;
        Ok(Session {
            sftp,
            _child: child,
            words,
            runtime,
        })
    }

    /// Does something with the folder's files.
    pub(super) fn with<T, F>(&self, task: impl FnOnce(Fs) -> F) -> io::Result<T>
    where
        F: Future<Output = Result<T, SftpError>>,
    {
        let done = self.runtime.block_on(task(self.sftp.fs()));
        done.map_err(|error| self.words_for(error))
    }

    /// An error in ssh's words, if it has said why the connection is gone.
    pub(super) fn words_for(&self, error: SftpError) -> io::Error {
        if let SftpError::SftpError(kind, message) = &error {
            let kind = match kind {
                SftpErrorKind::NoSuchFile => io::ErrorKind::NotFound,
                SftpErrorKind::PermDenied => io::ErrorKind::PermissionDenied,
                _ => io::ErrorKind::StorageFull,
            };
            let said = message.to_string();
            return match kind {
                // "Failure" is all that a server says of a full disk.
                io::ErrorKind::StorageFull => io::Error::new(
                    kind,
                    format!("the machine says: {said} (a full disk, perhaps)"),
                ),
                kind => kind.into(),
            };
        }
        let said = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        match said.is_empty() {
            true => io::Error::new(io::ErrorKind::ConnectionReset, error.to_string()),
            false => {
                drop(said);
                io::Error::new(io::ErrorKind::ConnectionReset, last_line(&self.words))
            }
        }
    }

    /// Names and sizes in a folder.
    pub(super) fn list(&self, folder: &Path) -> io::Result<Vec<super::Item>> {
        self.with(async |mut fs| {
            let mut entries = Box::pin(fs.open_dir(folder).await?.read_dir());
            let mut items = Vec::new();
            while let Some(entry) =
                std::future::poll_fn(|context| Pin::new(&mut entries).poll_next(context)).await
            {
                let entry = entry?;
                let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                if let (true, Some(file)) = (is_file, entry.filename().to_str()) {
                    items.push(super::Item {
                        file: file.to_owned(),
                        size: entry.metadata().len().unwrap_or_default(),
                    });
                }
            }
            Ok(items)
        })
    }
}

fn command(target: &Target) -> Command {
    let mut command = Command::new("ssh");
    for option in OPTIONS {
        command.args(["-o", option]);
    }
    let (host, port) = match target.host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (target.host.as_str(), None),
    };
    if let Some(port) = port {
        command.args(["-p", port]);
    }
    if !target.key.as_os_str().is_empty() {
        command.args(["-o", "IdentitiesOnly=yes", "-i"]);
        command.arg(&target.key);
    }
    if !target.known_hosts.as_os_str().is_empty() {
        let mut option = std::ffi::OsString::from("UserKnownHostsFile=");
        option.push(&target.known_hosts);
        command.args(["-o", "StrictHostKeyChecking=yes", "-o"]);
        command.arg(option);
    }
    command
        .args(["-s", "--", host, "sftp"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // ^C is for dock, which has to clean up over this connection.
        .process_group(0)
        .kill_on_drop(true);
    command
}

fn last_line(words: &Mutex<Vec<u8>>) -> String {
    let said = words.lock().unwrap_or_else(PoisonError::into_inner);
    let text = String::from_utf8_lossy(&said);
    let line = text.lines().rfind(|line| !line.trim().is_empty());
    match line {
        Some(line) => format!("ssh says: {}", crate::ui::safe(line.trim())),
        None => "ssh ended without a word".to_owned(),
    }
}
