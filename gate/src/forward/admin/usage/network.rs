//! What goes over a container's network: the interfaces of the network
//! namespace that its processes are in.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::text::read;

/// Bytes received and sent.
pub(super) type Traffic = (u64, u64);

/// A network namespace's name, `net:[4026531840]`: the same for all its processes.
pub(super) type Namespace = OsString;

/// The network namespaces as `/proc` shows them.
pub(super) struct Networks {
    proc: PathBuf,
    /// The host's own, which is no container's.
    own: Option<Namespace>,
}

impl Networks {
    pub(super) fn new(proc: &Path) -> Networks {
        let networks = Networks {
            own: None,
            proc: proc.to_owned(),
        };
        Networks {
            own: networks.name("self"),
            ..networks
        }
    }

    /// The namespace that a process is in; none where it is gone.
    pub(super) fn namespace(&self, pid: u32) -> Option<Namespace> {
        self.name(&pid.to_string())
    }

    fn name(&self, pid: &str) -> Option<Namespace> {
        let link = std::fs::read_link(self.proc.join(pid).join("ns/net")).ok()?;
        Some(link.into_os_string())
    }

    /// What went over the namespace of a process; nothing where it is gone or
    /// uses the host's.
    pub(super) fn traffic(&self, pid: u32, namespace: &Namespace) -> Traffic {
        if self.own.as_ref() == Some(namespace) {
            return (0, 0);
        }
        let file = self.proc.join(pid.to_string()).join("net/dev");
        traffic(&read(&file).unwrap_or_default(), |interface| {
            interface != "lo"
        })
    }
}

/// The sums of `/proc/net/dev` over those interfaces that count.
pub(super) fn traffic(text: &str, counts: impl Fn(&str) -> bool) -> Traffic {
    let (mut received, mut sent) = (0, 0);
    // The heads have no colon.
    for line in text.lines() {
        let Some((interface, numbers)) = line.split_once(':') else {
            continue;
        };
        if !counts(interface.trim()) {
            continue;
        }
        let mut numbers = numbers
            .split_whitespace()
            .map(|word| word.parse::<u64>().unwrap_or_default());
        received += numbers.next().unwrap_or_default();
        sent += numbers.nth(7).unwrap_or_default();
    }
    (received, sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_summed_up_but_for_the_loopback() {
        let text = "\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    9579      87    0    0    0     0          0         0     9579      87    0    0    0     0       0          0
  eth0:    1000       1    0    0    0     0          0         0       20       2    0    0    0     0       0          0
  eth1:1       1    0    0    0     0          0         0       2       2    0    0    0     0       0          0
";
        assert_eq!(traffic(text, |interface| interface != "lo"), (1001, 22));
        assert_eq!(traffic("", |_| true), (0, 0));
    }
}
