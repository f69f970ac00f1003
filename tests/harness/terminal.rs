//! A program on a terminal: keys in, screen out, the window's size, hanging up.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, Winsize, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::step::{code, lossy, wait};

nix::ioctl_write_ptr_bad!(set_size, libc::TIOCSWINSZ, Winsize);
nix::ioctl_write_int_bad!(take_terminal, libc::TIOCSCTTY);

/// Everything that has appeared, and how much of it was expected already.
#[derive(Default)]
struct Screen {
    shown: Vec<u8>,
    seen: usize,
    /// The other side is closed: nothing more will appear.
    ended: bool,
    /// This side is being closed: the reader shall stop.
    closing: bool,
}

pub struct Terminal {
    master: Option<Arc<PtyMaster>>,
    screen: Arc<(Mutex<Screen>, Condvar)>,
    reader: Option<JoinHandle<()>>,
    child: Child,
    words: String,
    timeout: Duration,
}

impl Terminal {
    pub(super) fn open(mut command: Command, timeout: Duration) -> Terminal {
        let words = format!("{command:?}");
        let (master, slave) = pair();
        set_window(&master, 24, 80);
        let slave = || Stdio::from(slave.try_clone().unwrap());
        command.stdin(slave()).stdout(slave()).stderr(slave());
        control(&mut command);
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{words}: {error}"));
        // The command holds copies of the slave, which would keep the terminal open.
        drop(command);
        let master = Arc::new(master);
        let screen = Arc::new((Mutex::new(Screen::default()), Condvar::new()));
        let reader = {
            let (master, screen) = (Arc::clone(&master), Arc::clone(&screen));
            thread::spawn(move || watch(&master, &screen))
        };
        Terminal {
            master: Some(master),
            screen,
            reader: Some(reader),
            child,
            words,
            timeout,
        }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    /// Types `keys`; `"\x03"` is ^C, `"\x1a"` ^Z, `"\x10\x11"` docker's detach keys.
    pub fn send(&self, keys: &str) {
        let mut keys = keys.as_bytes();
        while !keys.is_empty() {
            let written = nix::unistd::write(self.master(), keys).unwrap();
            keys = &keys[written..];
        }
    }

    /// Waits until `text` appears after what was expected before.
    ///
    /// # Panics
    /// When it does not, with all that appeared.
    #[track_caller]
    pub fn expect(&self, text: &str) {
        let (screen, changed) = &*self.screen;
        let end = Instant::now() + self.timeout;
        let mut screen = screen.lock().unwrap();
        loop {
            let fresh = &screen.shown[screen.seen..];
            if let Some(at) = fresh
                .windows(text.len())
                .position(|it| it == text.as_bytes())
            {
                screen.seen += at + text.len();
                return;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !screen.ended && !left.is_zero(),
                "{}\n{text:?} did not appear after what was expected before; all of it:\n{}",
                self.words,
                lossy(&screen.shown)
            );
            screen = changed.wait_timeout(screen, left).unwrap().0;
        }
    }

    /// All that has appeared so far.
    pub fn shown(&self) -> String {
        lossy(&self.screen.0.lock().unwrap().shown)
    }

    /// Changes the window's size, as dragging its corner does.
    pub fn resize(&self, rows: u16, columns: u16) {
        set_window(self.master(), rows, columns);
    }

    /// Closes the window.
    pub fn hang_up(&mut self) {
        self.screen.0.lock().unwrap().closing = true;
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.master = None;
    }

    /// Waits for the end; gives the exit code and all that appeared.
    ///
    /// # Panics
    /// When it does not end in time.
    #[track_caller]
    pub fn wait(mut self) -> (i32, String) {
        let status = wait(&mut self.child, Instant::now() + self.timeout);
        let Some(status) = status else {
            panic!("hangs: {}\n{}", self.words, self.shown());
        };
        // What was written last may still be on its way; nothing more follows an end.
        let (screen, changed) = &*self.screen;
        let screen = screen.lock().unwrap();
        let patience = Duration::from_secs(5);
        let (screen, _) = changed
            .wait_timeout_while(screen, patience, |screen| !screen.ended && !screen.closing)
            .unwrap();
        let shown = lossy(&screen.shown);
        drop(screen);
        (code(status), shown)
    }

    fn master(&self) -> &PtyMaster {
        self.master.as_deref().expect("the window is closed")
    }
}

impl Drop for Terminal {
    /// Nobody sits at it any more: it is closed, and its program killed.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Ok(mut screen) = self.screen.0.lock() {
            screen.closing = true;
        }
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// A terminal's two sides. Both are closed in other programs that start at the
/// same time: one that held the master would keep the window open.
fn pair() -> (PtyMaster, File) {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let master = posix_openpt(OFlag::O_RDWR | flags).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let slave = File::options()
        .read(true)
        .write(true)
        .custom_flags(flags.bits())
        .open(ptsname_r(&master).unwrap())
        .unwrap();
    (master, slave)
}

#[expect(unsafe_code, reason = "an ioctl that nix leaves to its callers")]
fn set_window(master: &PtyMaster, rows: u16, columns: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: the descriptor is a terminal and the pointer is to a live Winsize.
    unsafe { set_size(master.as_raw_fd(), &raw const size) }.unwrap();
}

/// Makes standard input the controlling terminal of the child's session.
#[expect(unsafe_code, reason = "std has no word for a controlling terminal")]
fn control(command: &mut Command) {
    // SAFETY: between fork and exec only two system calls are made, on
    // descriptor 0, which std has made the terminal by then.
    unsafe {
        command.pre_exec(|| {
            // Already a session's leader when started as a person.
            let _ = nix::unistd::setsid();
            take_terminal(0, 0)?;
            Ok(())
        });
    }
}

fn watch(master: &PtyMaster, screen: &(Mutex<Screen>, Condvar)) {
    let (screen, changed) = screen;
    let mut buffer = [0; 16 << 10];
    loop {
        let mut ready = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
        let found = poll(&mut ready, PollTimeout::from(50u8)).unwrap_or(0);
        let read = match found {
            0 => None,
            // EIO is how a terminal says that nobody holds its other side.
            _ => Some(nix::unistd::read(master, &mut buffer).unwrap_or(0)),
        };
        let mut screen = screen.lock().unwrap();
        match read {
            Some(0) => screen.ended = true,
            Some(length) => screen.shown.extend_from_slice(&buffer[..length]),
            None => {}
        }
        if read.is_some() {
            changed.notify_all();
        }
        if screen.ended || screen.closing {
            return;
        }
    }
}
