//! Names of unfinished files: `.NAME.MACHINE-PID-START.partial`.
//!
//! They say which process writes them, so that the next run knows which are
//! nobody's any more. Those of other machines are left to those.

use crate::archive::digest::{Digest, hex};

const END: &str = ".partial";

/// The name of `file` while this process writes it.
pub(super) fn name(file: &str) -> String {
    let pid = std::process::id();
    let start = start(pid).unwrap_or_default();
    format!(".{file}.{}-{pid}-{start}{END}", machine())
}

/// Whether a file is an unfinished one of this machine that nobody writes.
pub(super) fn is_abandoned(file: &str) -> bool {
    let writer = || {
        let rest = file.strip_prefix('.')?.strip_suffix(END)?;
        let (_, writer) = rest.rsplit_once('.')?;
        let mut words = writer.split('-');
        let (where_, pid, began) = (words.next()?, words.next()?, words.next()?);
        let is_whole = words.next().is_none();
        is_whole.then_some((where_, pid.parse::<u32>().ok()?, began.parse::<u64>().ok()?))
    };
    writer().is_some_and(|(where_, pid, began)| where_ == machine() && start(pid) != Some(began))
}

/// When a process began, in the kernel's ticks since the machine did.
fn start(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name stands in brackets and may hold anything.
    let (_, fields) = text.rsplit_once(") ")?;
    fields.split(' ').nth(19)?.parse().ok()
}

/// This machine, in a word that does not tell which.
fn machine() -> String {
    let id = std::fs::read("/etc/machine-id").unwrap_or_default();
    let id = match id.is_empty() {
        true => nix::unistd::gethostname()
            .map(std::os::unix::ffi::OsStringExt::into_vec)
            .unwrap_or_default(),
        false => id,
    };
    hex(&Digest::of(&id)[..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_living_process_writes_is_not_abandoned() {
        let mine = name("alice_20260131T120000Z.tar.zst");
        assert!(!is_abandoned(&mine));
        let pid = std::process::id();
        let began = start(pid).unwrap();
        let other = mine.replace(&format!("-{began}."), &format!("-{}.", began + 1));
        assert!(is_abandoned(&other));
        let (here, there) = (machine(), "00000000");
        assert!(!is_abandoned(&other.replace(&here, there)));
        for other in ["", ".x.partial", "alice.tar.zst", ".x.a-b-c.partial"] {
            assert!(!is_abandoned(other), "{other}");
        }
    }
}
