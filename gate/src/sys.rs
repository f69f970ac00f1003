//! What the gate asks of the kernel, and the only `unsafe` of the package.
//!
//! [`enter`] is the gate's first act: it makes a process that a user started
//! through sudo forget everything that the user could have set.
#![allow(
    unsafe_code,
    reason = "system calls that no kept crate wraps; each block says why it is sound"
)]

use std::ffi::{CStr, CString};
use std::fmt;
use std::io::Write as _;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use dock_space::Uid;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask,
};
use nix::sys::socket::{getsockopt, sockopt};

/// What the kernel and sudo attest about the caller.
pub(crate) struct Entry {
    /// The listening socket that was standard input.
    pub listener: std::os::unix::net::UnixListener,
    /// The uid that both sudo and the kernel name.
    pub uid: Uid,
    /// The login uid of the audit subsystem, where the kernel keeps one.
    pub login_uid: Option<u32>,
    /// Becomes readable when the process that called `listen()` is gone.
    pub lifetime: OwnedFd,
}

/// Why there is nothing to serve. Goes to standard error, which the waiting
/// child of `dock` reads.
#[derive(Debug)]
pub(crate) enum Fatal {
    Usage,
    NotRoot,
    NotUnderSudo,
    NoListener,
    NoPeer(nix::Error),
    UidsDisagree { sudo: u32, kernel: u32 },
    Kernel(&'static str, nix::Error),
    Runtime(std::io::Error),
}

impl Fatal {
    /// Whether the caller used the program wrongly (exit 64), rather than
    /// something failing (exit 1).
    pub(crate) fn is_usage(&self) -> bool {
        matches!(
            self,
            Fatal::Usage | Fatal::NotRoot | Fatal::NotUnderSudo | Fatal::NoListener
        )
    }
}

impl fmt::Display for Fatal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fatal::Usage => write!(f, "takes no argument but --admin; dock starts it"),
            Fatal::NotRoot => write!(f, "must run as root, under sudo; dock starts it"),
            Fatal::NotUnderSudo => write!(f, "SUDO_UID is not set: dock starts it under sudo"),
            Fatal::NoListener => {
                write!(
                    f,
                    "standard input is not a listening unix socket; dock starts it"
                )
            }
            Fatal::NoPeer(error) => {
                write!(f, "cannot tell who listens on the socket: {}", error.desc())
            }
            Fatal::UidsDisagree { sudo, kernel } => write!(
                f,
                "sudo was run by uid {sudo}, but the socket is uid {kernel}'s: nothing is served"
            ),
            Fatal::Kernel(what, error) => write!(f, "{what}: {}", error.desc()),
            Fatal::Runtime(error) => write!(f, "cannot start: {error}"),
        }
    }
}

/// Writes the one line of a gate that cannot serve.
pub(crate) fn last_words(fatal: &Fatal) {
    // Nobody is left to tell when this fails.
    let _ = writeln!(std::io::stderr(), "dock-gate: {fatal}");
}

/// Forgets the caller's environment, limits, signals, folders and descriptors
/// (DESIGN.md 2, rule G25), and learns who the caller is.
///
/// # Errors
/// When this is not root under sudo with a listening socket, or when sudo and
/// the kernel name different people.
pub(crate) fn enter() -> Result<Entry, Fatal> {
    if !nix::unistd::geteuid().is_root() || !nix::unistd::getuid().is_root() {
        return Err(Fatal::NotRoot);
    }
    let sudo_uid = sudo_uid().ok_or(Fatal::NotUnderSudo)?;
    forget_environment()?;
    close_inherited()?;
    nix::unistd::setgroups(&[nix::unistd::Gid::from_raw(0)])
        .map_err(|error| Fatal::Kernel("setgroups", error))?;
    nix::unistd::chdir("/").map_err(|error| Fatal::Kernel("chdir", error))?;
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    own_limits();
    own_signals()?;

    let stdin = std::io::stdin();
    if !getsockopt(&stdin, sockopt::AcceptConn).unwrap_or(false) || !is_unix(&stdin.as_fd()) {
        return Err(Fatal::NoListener);
    }
    let peer = getsockopt(&stdin, sockopt::PeerCredentials).map_err(Fatal::NoPeer)?;
    if peer.uid() != sudo_uid {
        return Err(Fatal::UidsDisagree {
            sudo: sudo_uid,
            kernel: peer.uid(),
        });
    }
    let lifetime = process_of(&stdin.as_fd(), peer.pid())?;
    let listener = stdin
        .as_fd()
        .try_clone_to_owned()
        .map_err(Fatal::Runtime)
        .map(std::os::unix::net::UnixListener::from)?;
    Ok(Entry {
        listener,
        uid: Uid(sudo_uid),
        login_uid: login_uid(),
        lifetime,
    })
}

/// The uid of whoever ran sudo, as sudo itself sets it.
fn sudo_uid() -> Option<u32> {
    let text = std::env::var_os("SUDO_UID")?.into_string().ok()?;
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

fn login_uid() -> Option<u32> {
    let text = std::fs::read_to_string("/proc/self/loginuid").ok()?;
    text.trim().parse().ok().filter(|uid| *uid != u32::MAX)
}

fn forget_environment() -> Result<(), Fatal> {
    // SAFETY: called before any thread is started, so nobody else reads or
    // writes the environment.
    unsafe { nix::env::clearenv() }.map_err(|_| Fatal::Kernel("clearenv", nix::Error::UnknownErrno))
}

fn close_inherited() -> Result<(), Fatal> {
    // SAFETY: called before anything of this program has opened a descriptor;
    // whatever lies at 3 and above was inherited and is owned by nobody here.
    let result = unsafe { libc::syscall(libc::SYS_close_range, 3u32, u32::MAX, 0u32) };
    nix::errno::Errno::result(result)
        .map(drop)
        .map_err(|error| Fatal::Kernel("close_range", error))
}

/// The most memory of one gate: several of the largest answers, read and
/// written. Whoever asks for a hundred of them at once and reads none ends her
/// own gate, not the host.
const MEMORY: u64 = 1 << 30;

/// Limits that do not depend on the caller's session: as high as the kernel
/// lets root go but for [`MEMORY`], no core files.
fn own_limits() {
    for resource in [
        Resource::RLIMIT_CPU,
        Resource::RLIMIT_FSIZE,
        Resource::RLIMIT_STACK,
        Resource::RLIMIT_AS,
        Resource::RLIMIT_NPROC,
    ] {
        if setrlimit(resource, RLIM_INFINITY, RLIM_INFINITY).is_err() {
            // Without CAP_SYS_RESOURCE the hard limit stays; take all of it.
            if let Ok((_, hard)) = getrlimit(resource) {
                let _ = setrlimit(resource, hard, hard);
            }
        }
    }
    if setrlimit(Resource::RLIMIT_NOFILE, 4096, 4096).is_err()
        && let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
    if setrlimit(Resource::RLIMIT_DATA, MEMORY, MEMORY).is_err()
        && let Ok((_, hard)) = getrlimit(Resource::RLIMIT_DATA)
    {
        let least = hard.min(MEMORY);
        let _ = setrlimit(Resource::RLIMIT_DATA, least, least);
    }
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
}

fn own_signals() -> Result<(), Fatal> {
    let failed = |error| Fatal::Kernel("sigaction", error);
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    for signal in Signal::iterator() {
        let action = match signal {
            Signal::SIGKILL | Signal::SIGSTOP => continue,
            // A terminal's ^C, ^\, ^Z and hang-up are the client's to act on;
            // the gate ends with the client.
            Signal::SIGHUP
            | Signal::SIGINT
            | Signal::SIGQUIT
            | Signal::SIGTSTP
            | Signal::SIGTTIN
            | Signal::SIGTTOU
            | Signal::SIGPIPE => &ignore,
            _ => &default,
        };
        // SAFETY: neither action runs any code of ours in a signal context.
        unsafe { sigaction(signal, action) }.map_err(failed)?;
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).map_err(failed)
}

fn is_unix(socket: &BorrowedFd<'_>) -> bool {
    nix::sys::socket::getsockname::<nix::sys::socket::UnixAddr>(socket.as_raw_fd()).is_ok()
}

/// A descriptor of the process that called `listen()` on `socket`.
fn process_of(socket: &BorrowedFd<'_>, pid: i32) -> Result<OwnedFd, Fatal> {
    match peer_pidfd(socket) {
        Ok(descriptor) => Ok(descriptor),
        // Before Linux 6.5 there is no SO_PEERPIDFD; the pid is all there is.
        Err(_) => pidfd_open(pid).map_err(|error| Fatal::Kernel("pidfd_open", error)),
    }
}

/// `SO_PEERPIDFD` of asm-generic/socket.h; libc has no name for it yet.
const SO_PEERPIDFD: libc::c_int = 77;

fn peer_pidfd(socket: &BorrowedFd<'_>) -> Result<OwnedFd, nix::Error> {
    let mut descriptor: libc::c_int = -1;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the pointers are to a live int and its length, which is what the
    // kernel writes for this option.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            SO_PEERPIDFD,
            (&raw mut descriptor).cast(),
            &raw mut length,
        )
    };
    nix::errno::Errno::result(result)?;
    // SAFETY: on success the kernel has installed a new descriptor for us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Registers a descriptor with the runtime, to wait until it is readable.
///
/// # Errors
/// When the runtime's poller does not take it.
pub(crate) fn watch(descriptor: OwnedFd) -> std::io::Result<tokio::io::unix::AsyncFd<OwnedFd>> {
    // SAFETY: an OwnedFd always answers with the one descriptor that it owns
    // and keeps it open until it is dropped with the AsyncFd.
    unsafe { tokio::io::unix::AsyncFd::register(descriptor) }.map_err(Into::into)
}

/// Registers a socket with the runtime, to wait until its peer has closed it.
/// Neither data nor the end of one direction makes it ready.
///
/// # Errors
/// When the runtime's poller does not take it.
pub(crate) fn watch_hang_up(
    descriptor: OwnedFd,
) -> std::io::Result<tokio::io::unix::AsyncFd<OwnedFd>> {
    let nothing_but_hang_up = tokio::io::Interest::PRIORITY;
    // SAFETY: as in `watch`.
    unsafe { tokio::io::unix::AsyncFd::register_with_interest(descriptor, nothing_but_hang_up) }
        .map_err(Into::into)
}

fn pidfd_open(pid: i32) -> Result<OwnedFd, nix::Error> {
    // SAFETY: takes two integers by value.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let descriptor = nix::errno::Errno::result(descriptor)?;
    // SAFETY: on success the kernel has installed a new descriptor for us
    // alone; descriptors fit in an int.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as libc::c_int) })
}

/// Seconds that the host's zone is east of Greenwich at `seconds` since 1970;
/// 0 when the C library cannot say.
pub(crate) fn zone_offset(seconds: i64) -> i64 {
    // SAFETY: `tm` is plain data for which zero is a value (its pointer may be
    // null); localtime_r writes to it alone, and both pointers outlive the call.
    unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        if libc::localtime_r(&seconds, &mut tm).is_null() {
            return 0;
        }
        tm.tm_gmtoff
    }
}

/// The name of a descriptor: what is held by `O_PATH` alone is reached by it.
/// It names the file itself, also where that is a symbolic link.
pub(crate) fn held_path(file: BorrowedFd<'_>) -> CString {
    CString::new(format!("/proc/self/fd/{}", file.as_raw_fd())).unwrap_or_default()
}

/// Opens the file that is held.
///
/// # Errors
/// The kernel's.
pub(crate) fn reopen(held: BorrowedFd<'_>, flags: OFlag) -> Result<OwnedFd, Errno> {
    let path = held_path(held);
    let flags = flags | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    nix::fcntl::open(&*path, flags, nix::sys::stat::Mode::empty())
}

/// The longest list of names and the longest value that the kernel has.
const MAX_XATTR: usize = 64 * 1024;

/// Where a first try of a name or value fits, mostly.
const USUAL_XATTR: usize = 1024;

/// The names of a file's extended attributes, each with a NUL behind it.
///
/// # Errors
/// The kernel's.
pub(crate) fn list_xattrs(file: BorrowedFd<'_>) -> Result<Vec<u8>, Errno> {
    let path = held_path(file);
    xattr_bytes(|buffer| {
        // SAFETY: the path ends with a NUL, and the buffer is writable for its
        // whole length; the kernel keeps neither.
        unsafe { libc::listxattr(path.as_ptr(), buffer.as_mut_ptr().cast(), buffer.len()) }
    })
}

/// The value of one.
///
/// # Errors
/// The kernel's; `ENODATA` when there is none.
pub(crate) fn get_xattr(file: BorrowedFd<'_>, name: &CStr) -> Result<Vec<u8>, Errno> {
    let path = held_path(file);
    xattr_bytes(|buffer| {
        // SAFETY: path and name end with a NUL, and the buffer is writable for
        // its whole length; the kernel keeps none of them.
        unsafe {
            libc::getxattr(
                path.as_ptr(),
                name.as_ptr(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
            )
        }
    })
}

/// # Errors
/// The kernel's.
pub(crate) fn set_xattr(file: BorrowedFd<'_>, name: &CStr, value: &[u8]) -> Result<(), Errno> {
    let path = held_path(file);
    // SAFETY: path and name end with a NUL, and the value is readable for its
    // whole length; the kernel keeps none of them.
    let result = unsafe {
        libc::setxattr(
            path.as_ptr(),
            name.as_ptr(),
            value.as_ptr().cast(),
            value.len(),
            0,
        )
    };
    Errno::result(result).map(drop)
}

/// # Errors
/// The kernel's; `ENODATA` when there is none.
pub(crate) fn remove_xattr(file: BorrowedFd<'_>, name: &CStr) -> Result<(), Errno> {
    let path = held_path(file);
    // SAFETY: path and name end with a NUL; the kernel keeps neither.
    let result = unsafe { libc::removexattr(path.as_ptr(), name.as_ptr()) };
    Errno::result(result).map(drop)
}

/// What a call writes into a buffer that may have to be the largest.
fn xattr_bytes(call: impl Fn(&mut [u8]) -> isize) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0; USUAL_XATTR];
    let mut length = Errno::result(call(&mut buffer));
    if length == Err(Errno::ERANGE) {
        buffer = vec![0; MAX_XATTR];
        length = Errno::result(call(&mut buffer));
    }
    // Never negative after the check.
    buffer.truncate(length?.unsigned_abs());
    Ok(buffer)
}

/// Appends up to `count` bytes of `file` from `offset` on, as far as `bytes` has
/// room already; how many there were. Nothing is filled with zeros first.
///
/// # Errors
/// The kernel's.
pub(crate) fn read_at(
    file: BorrowedFd<'_>,
    bytes: &mut Vec<u8>,
    count: usize,
    offset: u64,
) -> Result<usize, Errno> {
    let offset = libc::off_t::try_from(offset).map_err(|_| Errno::EOVERFLOW)?;
    let room = bytes.spare_capacity_mut();
    let count = count.min(room.len());
    loop {
        // SAFETY: the room is writable for `count` bytes, which are not read
        // before the kernel has written them.
        let read =
            unsafe { libc::pread(file.as_raw_fd(), room.as_mut_ptr().cast(), count, offset) };
        match Errno::result(read) {
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
            Ok(read) => {
                let read = read.unsigned_abs();
                let length = bytes.len() + read;
                // SAFETY: the kernel has written that many bytes behind the old
                // length, and no more than there was room for.
                unsafe { bytes.set_len(length) };
                return Ok(read);
            }
        }
    }
}
