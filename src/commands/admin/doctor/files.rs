//! Files and folders that the separation rests on.

use dock_space::admin::host::{Kind, Role, Stat};

use super::facts::{Facts, described, others_write};
use crate::check::{Check, Looked, Severity, Unknown, found};

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "files.config",
        title: "dock's configuration cannot be used",
        severity: Severity::Error,
        why: "the gate serves nobody until it can",
        remedy: "repair the file; see dock.toml(5). Files are root's, and nobody else writes them",
        look: |facts| found(facts.config.as_ref().err().cloned()),
    },
    Check {
        id: "files.gate",
        title: "others than root can change the gate",
        severity: Severity::Error,
        why: "sudo runs it as root: whoever changes it is root",
        remedy: "run install.sh again, or 'chown root:root FILE; chmod 755 FILE'",
        look: |facts| {
            let wrong = |stat: &Stat| others_write(stat) || stat.kind != Kind::File;
            changeable(facts, Role::Gate, wrong)
        },
    },
    Check {
        id: "files.above-gate",
        title: "others than root can change a folder above the gate",
        severity: Severity::Error,
        why: "whoever writes there can put another program in the gate's place",
        remedy: "'chown root:root FOLDER; chmod go-w FOLDER', or install with another --prefix",
        look: |facts| changeable(facts, Role::AboveGate, others_write),
    },
    Check {
        id: "files.dock",
        title: "others than root can change dock itself",
        severity: Severity::Error,
        why: "everybody runs it, admins too",
        remedy: "run install.sh again, or 'chown root:root FILE; chmod 755 FILE'",
        look: |facts| changeable(facts, Role::Dock, others_write),
    },
    Check {
        id: "files.dock-state",
        title: "others than root can change what dock keeps",
        severity: Severity::Error,
        why: "it says whose space is whose",
        remedy: "'chown -R root:root /var/lib/dock; chmod 700 /var/lib/dock'",
        look: |facts| changeable(facts, Role::DockState, others_write),
    },
    Check {
        id: "files.data-root",
        title: "everybody can enter the engine's data",
        severity: Severity::Error,
        why: "a setuid program that container root makes runs as root on the host (CVE-2021-41091)",
        remedy: "'chmod 710 FOLDER', and an engine of 20.10.9 or later",
        look: |facts| entered(facts, Role::DataRoot, 0o007),
    },
    Check {
        id: "files.state",
        title: "everybody can list what the engine or containerd keeps",
        severity: Severity::Warning,
        why: "what lies there was readable in some versions (CVE-2024-25621)",
        remedy: "'chmod 711 FOLDER', and a containerd of 1.7.29, 2.0.7, 2.1.5 or later",
        // To pass through is needed: with userns-remap what runs there is not root's.
        look: |facts| entered(facts, Role::State, 0o006),
    },
    Check {
        id: "files.units",
        title: "others than root can write a unit of the engine or of dock",
        severity: Severity::Error,
        why: "systemd runs what it says as root",
        remedy: "'chown root:root FILE; chmod 644 FILE'",
        look: |facts| {
            let units = facts.units()?.iter();
            let open = units.filter_map(|unit| Some((unit.path.as_str(), unit.stat?)));
            let open = open.filter(|(_, stat)| others_write(stat));
            found(open.map(|(path, stat)| described(path, &stat)))
        },
    },
    Check {
        id: "files.docker",
        title: "there is no docker CLI that dock can run",
        severity: Severity::Error,
        why: "every docker command of dock's is docker's own program",
        remedy: "install docker's own CLI, or set `[engine] docker` in dock.toml",
        look: |facts| found(facts.docker.as_ref().err().cloned()),
    },
];

/// Places of a role that are `wrong`; one that is not there is not known.
fn changeable(facts: &Facts, role: Role, wrong: impl Fn(&Stat) -> bool) -> Looked {
    let stats = facts.stats(role)?;
    // What dock keeps is made by its first use.
    if stats.is_empty() && role != Role::DockState {
        return Err(Unknown("it is not where it was installed".into()));
    }
    let open = stats.into_iter().filter(|(_, stat)| wrong(stat));
    found(open.map(|(path, stat)| described(path, &stat)))
}

/// Places of a role with any of these bits.
fn entered(facts: &Facts, role: Role, bits: u32) -> Looked {
    let open = facts.stats(role)?.into_iter();
    let open = open.filter(|(_, stat)| stat.mode & bits != 0);
    found(open.map(|(path, stat)| described(path, &stat)))
}
