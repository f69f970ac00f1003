//! Known holes of the engine, containerd and runc, and whether they are fixed here.
//!
//! A version tells what was released, not what a distribution has put into it:
//! a finding is a warning, and says where to look.

use super::facts::Facts;
use super::version::{Version, is_distributions};
use crate::check::{Check, Looked, Severity, Unknown, Verdict, found};

/// A hole.
struct Hole {
    name: &'static str,
    what: &'static str,
    /// The first version that has it; empty: every one.
    since: &'static str,
    /// The first version of each line that has it no more, the last line's last.
    fixed: &'static [&'static str],
}

const ENGINE: &[Hole] = &[
    Hole {
        name: "CVE-2018-15664, CVE-2019-14271",
        what: "'docker cp' follows links and loads libraries of the container",
        since: "",
        fixed: &["18.9.8", "19.3.1"],
    },
    Hole {
        name: "CVE-2021-41089, CVE-2021-41091",
        what: "'docker cp' changes modes on the host; everybody can enter layers",
        since: "",
        fixed: &["20.10.9"],
    },
    Hole {
        name: "CVE-2022-24769",
        what: "containers start with inheritable capabilities",
        since: "",
        fixed: &["20.10.14"],
    },
    Hole {
        name: "CVE-2022-36109",
        what: "supplementary groups are not dropped",
        since: "",
        fixed: &["20.10.18"],
    },
    Hole {
        name: "pull by digest",
        what: "a local digest satisfies a pull without asking the registry",
        since: "",
        fixed: &["20.10.21"],
    },
    Hole {
        name: "CVE-2024-24557",
        what: "the classic builder's cache can be poisoned",
        since: "",
        fixed: &["24.0.9", "25.0.2"],
    },
    Hole {
        name: "CVE-2024-29018",
        what: "names leave internal networks by the engine's DNS",
        since: "",
        fixed: &["23.0.11", "25.0.5", "26.0.0"],
    },
    Hole {
        name: "CVE-2024-41110",
        what: "authorization plugins are bypassed by a body they do not see",
        since: "",
        fixed: &["23.0.15", "25.0.6", "26.1.5", "27.1.1"],
    },
    Hole {
        name: "CVE-2026-33997, CVE-2026-34040",
        what: "plugins get privileges unasked; authorization plugins miss large bodies",
        since: "",
        fixed: &["29.3.1"],
    },
    Hole {
        name: "CVE-2026-41567, CVE-2026-41568, CVE-2026-42306",
        what: "'docker cp' runs a decompressor as the host's root; mounts can be raced",
        since: "",
        fixed: &["29.5.1"],
    },
];

const CONTAINERD: &[Hole] = &[
    Hole {
        name: "CVE-2020-15257",
        what: "containers in the host's network reach containerd",
        since: "",
        fixed: &["1.3.9", "1.4.3"],
    },
    Hole {
        name: "CVE-2024-40635",
        what: "a large uid becomes root",
        since: "",
        fixed: &["1.6.38", "1.7.27", "2.0.4"],
    },
];

const RUNC: &[Hole] = &[
    Hole {
        name: "CVE-2024-21626",
        what: "a container's working folder leads to the host",
        since: "",
        fixed: &["1.1.12"],
    },
    Hole {
        name: "CVE-2025-31133, CVE-2025-52565, CVE-2025-52881",
        what: "with raced mounts a container's root writes the host's /proc",
        since: "",
        fixed: &["1.2.8", "1.3.3", "1.4.0-rc.3"],
    },
];

/// Only beside firewalld.
const FIREWALLD: &[Hole] = &[
    Hole {
        name: "CVE-2025-54388",
        what: "after a reload of firewalld, ports of 127.0.0.1 are open to other hosts",
        since: "28.2.0",
        fixed: &["28.3.3"],
    },
    Hole {
        name: "CVE-2025-54410",
        what: "after a reload of firewalld, networks are no longer apart",
        since: "",
        fixed: &["25.0.13", "28.0.0"],
    },
];

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "version.engine",
        title: "the engine has known holes",
        severity: Severity::Warning,
        why: "they are public; a distribution may have put the fixes into its version",
        remedy: "upgrade to 29.5.1 or later, or see the distribution's security tracker for each",
        look: |facts| holes(&facts.engine()?.version, ENGINE),
    },
    Check {
        id: "version.containerd",
        title: "containerd has known holes",
        severity: Severity::Warning,
        why: "they are public; a distribution may have put the fixes into its version",
        remedy: "upgrade to 1.6.38, 1.7.27, 2.0.4 or later, or see the distribution's security tracker",
        look: |facts| component(facts.engine()?.containerd.as_deref(), CONTAINERD),
    },
    Check {
        id: "version.runc",
        title: "runc has known holes",
        severity: Severity::Warning,
        why: "a container's root can become the host's; a distribution may have put the fixes into its version",
        remedy: "upgrade to 1.2.8, 1.3.3, 1.4.0 or later, or see the distribution's security tracker; turn userns-remap on",
        look: |facts| component(facts.engine()?.runc.as_deref(), RUNC),
    },
    Check {
        id: "version.buildkit",
        title: "BuildKit has known holes",
        severity: Severity::Warning,
        why: "frontends write files and get privileges (CVE-2024-23651, CVE-2026-33747)",
        remedy: "upgrade the engine, which brings it along",
        look: |_| {
            Ok(Verdict::Skipped(
                "dock serves no BuildKit to people, and the engine does not tell its version",
            ))
        },
    },
    Check {
        id: "version.firewalld",
        title: "the engine loses its firewall rules when firewalld reloads",
        severity: Severity::Warning,
        why: "people's networks and local ports are open until the engine restarts",
        remedy: "upgrade to 28.3.3, 25.0.13 or later; restart the engine after 'firewall-cmd --reload'",
        look: |facts| {
            let engine = facts.engine()?;
            let told = engine.firewall.as_deref().unwrap_or_default();
            match facts.network.firewalld || told.contains("firewalld") {
                true => holes(&engine.version, FIREWALLD),
                false => Ok(Verdict::Skipped("firewalld does not run here")),
            }
        },
    },
];

fn component(version: Option<&str>, table: &[Hole]) -> Looked {
    match version {
        Some(version) => holes(version, table),
        None => Err(Unknown("the engine does not tell its version".into())),
    }
}

/// The holes of a table that a version has.
fn holes(version: &str, table: &[Hole]) -> Looked {
    let unknown = || Unknown(format!("\"{version}\" is no version"));
    let mine = Version::parse(version).ok_or_else(unknown)?;
    let open = table.iter().filter(|hole| hole.is_in(mine));
    let mark = match is_distributions(version) {
        true => " (may be backported)",
        false => "",
    };
    found(open.map(|hole| {
        let fixed = hole.fixed.join(", ");
        let Hole { name, what, .. } = hole;
        format!("{version}: {name}: {what}; fixed in {fixed}{mark}")
    }))
}

impl Hole {
    fn is_in(&self, version: Version) -> bool {
        let since = Version::parse(self.since);
        if since.is_some_and(|since| version < since) {
            return false;
        }
        let mut fixed = self.fixed.iter().filter_map(|fixed| Version::parse(fixed));
        // Beyond the last fix every line has it; else its own line must.
        let last = fixed.clone().max();
        let in_line = fixed.any(|fixed| version.is_of_line(fixed) && version >= fixed);
        !in_line && last.is_none_or(|last| version < last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(version: &str, table: &[Hole]) -> Vec<&'static str> {
        let version = Version::parse(version).unwrap();
        let open = table.iter().filter(|hole| hole.is_in(version));
        open.map(|hole| hole.name).collect()
    }

    #[test]
    fn a_fix_counts_in_its_line_and_beyond_the_last() {
        assert_eq!(names("29.5.1", ENGINE), [""; 0]);
        let left = names("20.10.24", ENGINE);
        assert!(!left.contains(&"CVE-2022-36109") && left.contains(&"CVE-2024-24557"));
        let dns = |version| names(version, ENGINE).contains(&"CVE-2024-29018");
        for (version, open) in [
            ("23.0.10", true),
            ("23.0.11", false),
            ("24.0.9", true),
            ("25.0.5", false),
            ("26.1.0", false),
        ] {
            assert_eq!(dns(version), open, "{version}");
        }
        assert_eq!(names("1.1.12", RUNC).len(), 1);
        for fixed in ["1.2.8", "1.3.3", "1.4.0-rc.3", "1.4.1"] {
            assert!(names(fixed, RUNC).is_empty(), "{fixed}");
        }
        for open in ["1.2.7", "1.3.2", "1.4.0-rc.2"] {
            assert_eq!(names(open, RUNC).len(), 1, "{open}");
        }
        assert_eq!(names("28.1.0", FIREWALLD), [""; 0]);
        assert_eq!(names("28.3.2", FIREWALLD), ["CVE-2025-54388"]);
        assert_eq!(names("27.5.1", FIREWALLD), ["CVE-2025-54410"]);
    }

    #[test]
    fn every_row_of_the_tables_can_be_read() {
        for hole in [ENGINE, CONTAINERD, RUNC, FIREWALLD]
            .iter()
            .copied()
            .flatten()
        {
            let fixed: Vec<Version> = hole
                .fixed
                .iter()
                .filter_map(|one| Version::parse(one))
                .collect();
            assert_eq!(fixed.len(), hole.fixed.len(), "{}", hole.name);
            assert!(fixed.is_sorted() && !fixed.is_empty(), "{}", hole.name);
            assert!(hole.since.is_empty() || Version::parse(hole.since).is_some());
        }
    }
}
