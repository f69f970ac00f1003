//! System calls that std does not have, and the only `unsafe` of the package.
#![allow(
    unsafe_code,
    reason = "fork and pidfd_open; each block says why it is sound"
)]

use std::io;
use std::os::fd::{FromRawFd as _, OwnedFd};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork, setsid};

/// Which of the two processes this is after [`fork_away`].
pub(crate) enum Side {
    /// The process that was there before; it has no child.
    Original,
    /// A process of init's, in a session of its own.
    Away,
}

/// Forks twice, so that the original has no child that it does not know of and
/// the other one is in no terminal's process group.
///
/// # Errors
/// When the kernel does not fork.
pub(crate) fn fork_away() -> io::Result<Side> {
    // SAFETY: this program has started no thread, so the child may do whatever
    // the parent may.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            waitpid(child, None)?;
            Ok(Side::Original)
        }
        ForkResult::Child => {
            // SAFETY: as above; a child of fork has one thread.
            match unsafe { fork() } {
                Ok(ForkResult::Child) => {
                    // Fails only for a leader of a process group, which this is not.
                    let _ = setsid();
                    Ok(Side::Away)
                }
                // SAFETY: ends the go-between without running what the original
                // has registered for its own end.
                Ok(ForkResult::Parent { .. }) | Err(_) => unsafe { libc::_exit(0) },
            }
        }
    }
}

/// Ends a process that [`fork_away`] made.
pub(crate) fn end() -> ! {
    // SAFETY: nothing is left to run or to write; what the original has
    // registered for its own end is not this process's to run.
    unsafe { libc::_exit(0) }
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
    let descriptor = nix::errno::Errno::result(descriptor)?;
    // SAFETY: on success the kernel has installed a new descriptor for this
    // process alone (close-on-exec); descriptors fit in an int.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as libc::c_int) })
}
