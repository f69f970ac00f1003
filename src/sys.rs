//! System calls that std does not have, and the only `unsafe` of the package.
#![allow(
    unsafe_code,
    reason = "fork and pidfd_open; each block says why it is sound"
)]

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, setsid};

/// Which of the two processes this is after [`fork_away`].
pub(crate) enum Side {
    /// The process that was there before; it has no child.
    Original,
    /// A process of init's, in a session of its own.
    Away,
}

/// Forks twice, so that the original has no child that it does not know of and
/// the other one is in no terminal's process group. The one that goes away lets
/// go of what it does not need by `release`; that is done when this returns.
///
/// # Errors
/// When the kernel does not fork.
pub(crate) fn fork_away(release: impl FnOnce()) -> io::Result<Side> {
    // SAFETY: this program has started no thread, so the child may do whatever
    // the parent may.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => match waitpid(child, None) {
            // Whoever started this ignores SIGCHLD, and so do we: the kernel has
            // collected it, and nobody knows its status.
            Ok(WaitStatus::Exited(_, 0)) | Err(Errno::ECHILD) => Ok(Side::Original),
            Err(error) => Err(error.into()),
            Ok(_) => Err(Errno::EAGAIN.into()),
        },
        ForkResult::Child => {
            // Fails only for a leader of a process group, which this is not.
            let _ = setsid();
            release();
            // SAFETY: as above; a child of fork has one thread.
            match unsafe { fork() } {
                Ok(ForkResult::Child) => Ok(Side::Away),
                Ok(ForkResult::Parent { .. }) => end(0),
                Err(_) => end(1),
            }
        }
    }
}

/// Ends a process that [`fork_away`] made.
pub(crate) fn end(status: i32) -> ! {
    // SAFETY: nothing is left to run or to write; what the original has
    // registered for its own end is not this process's to run.
    unsafe { libc::_exit(status) }
}

/// Closes every descriptor above 2 but two: a lock or a pipe that the caller
/// handed to docker ends with docker.
pub(crate) fn close_all_but(kept: [BorrowedFd<'_>; 2]) {
    let [mut low, mut high] = kept.map(|descriptor| descriptor.as_raw_fd().cast_unsigned());
    if low > high {
        std::mem::swap(&mut low, &mut high);
    }
    for (first, last) in [(3, low - 1), (low + 1, high - 1), (high + 1, u32::MAX)] {
        if first <= last {
            // SAFETY: whatever else is open was inherited, and nothing here owns
            // it. A kernel without the call (before 5.9) leaves them open.
            let _ = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0u32) };
        }
    }
}

/// Sets what a signal does to this process.
pub(crate) fn handle(signal: Signal, handler: SigHandler) {
    let action = SigAction::new(handler, SaFlags::empty(), SigSet::empty());
    // SAFETY: the callers pass SigIgn or SigDfl, which run no code of ours.
    // Only SIGKILL and SIGSTOP cannot be set, and nobody asks for those.
    let _ = unsafe { sigaction(signal, &action) };
}

/// A descriptor that becomes readable when `process` has ended.
///
/// # Errors
/// When there is no such process.
pub(crate) fn pidfd(process: Pid) -> io::Result<OwnedFd> {
    // SAFETY: takes two integers by value.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, process.as_raw(), 0) };
    let descriptor = Errno::result(descriptor)?;
    // SAFETY: on success the kernel has installed a new descriptor for this
    // process alone (close-on-exec); descriptors fit in an int.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as libc::c_int) })
}
