//! sudo's rules: dock's own says exactly two commands, and no other says more.

use dock_space::admin::host::Excerpt;

use super::facts::{Facts, described, lines};
use crate::check::{Check, Looked, Severity, Unknown, found};

/// Where install.sh writes the rule.
const OWN: &str = "/etc/sudoers.d/dock";

const MAIN: [&str; 2] = ["/etc/sudoers", "/etc/sudoers-rs"];

/// With all three sudo becomes the gate; with one missing it stays beside it.
const LEAN: [&str; 3] = ["!use_pty", "!pam_session", "!pam_setcred"];

/// The other settings that install.sh writes.
const SETTINGS: [&str; 2] = ["!requiretty", "!log_allowed"];

pub(super) const CHECKS: &[Check<Facts>] = &[
    Check {
        id: "sudo.gate",
        title: "the admin gate does not answer",
        severity: Severity::Error,
        why: "most of this host cannot be looked at, and nobody may be served",
        remedy: "what it says names the reason; 'sudo -n -l' shows what sudo lets you start",
        look: |facts| {
            // An unusable configuration is a finding of its own.
            let silent = facts.host.as_ref().err().filter(|_| facts.config.is_ok());
            found(silent.map(|why| why.lines().next().unwrap_or_default().to_owned()))
        },
    },
    Check {
        id: "sudo.rule",
        title: "sudo's rule for dock is missing or names another gate or group",
        severity: Severity::Error,
        why: "sudo starts no gate, or one that was not installed with this dock",
        remedy: "run install.sh again; with other groups in dock.toml, change the rule with 'visudo -f'",
        look: rule,
    },
    Check {
        id: "sudo.drift",
        title: "sudo's file for dock holds more than dock's rule",
        severity: Severity::Error,
        why: "dock needs two exact commands; anything more may make people root",
        remedy: "run install.sh again, which writes the file anew",
        look: drift,
    },
    Check {
        id: "sudo.mode",
        title: "others than root can write sudo's file for dock",
        severity: Severity::Error,
        why: "sudo refuses such a file, or whoever writes it is root",
        remedy: "'chown root:root /etc/sudoers.d/dock; chmod 440 /etc/sudoers.d/dock'",
        look: |facts| {
            let stat = own(facts)?.and_then(|own| Some((own, own.stat?)));
            let open = stat.filter(|(_, stat)| stat.uid != 0 || stat.mode & 0o022 != 0);
            found(open.map(|(own, stat)| described(&own.path, &stat)))
        },
    },
    Check {
        id: "sudo.others",
        title: "another sudo rule is about dock's groups or its gate",
        severity: Severity::Error,
        why: "it may let dock's people do more, or ask them for a password before each command",
        remedy: "take the line out with 'visudo -f FILE'",
        look: |facts| elsewhere(facts, |line| !line.contains("docker")),
    },
    Check {
        id: "sudo.docker",
        title: "a sudo rule lets people run docker",
        severity: Severity::Error,
        why: "docker as root makes them root on this host, past dock",
        remedy: "take the line out with 'visudo -f FILE'; dock needs no such rule",
        look: |facts| elsewhere(facts, |line| line.contains("docker")),
    },
    Check {
        id: "sudo.include",
        title: "sudo does not read /etc/sudoers.d",
        severity: Severity::Error,
        why: "dock's rule has no effect",
        remedy: "add '@includedir /etc/sudoers.d' to /etc/sudoers with visudo",
        look: |facts| {
            let mut found_any = false;
            for excerpt in facts.sudoers()?.iter().filter(|one| is_main(one)) {
                let includes = |line: &String| {
                    let line = line.trim_start_matches(['@', '#']);
                    let folder = line.strip_prefix("includedir").map(str::trim);
                    folder.is_some_and(|folder| {
                        folder.trim_matches('"').trim_end_matches('/') == "/etc/sudoers.d"
                    })
                };
                if lines(excerpt)?.iter().any(includes) {
                    return found([]);
                }
                found_any = true;
            }
            match found_any {
                true => found(["no line '@includedir /etc/sudoers.d'".to_owned()]),
                false => Err(Unknown("there is no /etc/sudoers".into())),
            }
        },
    },
    Check {
        id: "sudo.settings",
        title: "a sudo process stays beside each gate",
        severity: Severity::Info,
        why: "it costs memory for as long as a command runs",
        remedy: "run install.sh again; sudo-rs and old versions of sudo do not have the settings",
        look: |facts| {
            let own = own_lines(facts)?;
            let missing = LEAN.iter().filter(|setting| {
                let line = format!("Defaults!DOCK_GATE {setting}");
                !own.is_empty() && !own.contains(&line)
            });
            found(missing.map(|setting| format!("not set: {setting}")))
        },
    },
];

fn own(facts: &Facts) -> Result<Option<&Excerpt>, Unknown> {
    Ok(facts.sudoers()?.iter().find(|one| one.path == OWN))
}

fn own_lines(facts: &Facts) -> Result<&[String], Unknown> {
    own(facts)?.map_or(Ok(&[]), lines)
}

fn is_main(excerpt: &Excerpt) -> bool {
    MAIN.contains(&excerpt.path.as_str())
}

/// The two lines that dock needs.
fn needed(facts: &Facts) -> [String; 2] {
    let access = facts.config().access;
    let gate = facts.gate.display();
    [
        format!("%{} ALL=(root) NOPASSWD: {gate} \"\"", access.group),
        format!(
            "%{} ALL=(root) NOPASSWD: {gate} --admin",
            access.admin_group
        ),
    ]
}

fn rule(facts: &Facts) -> Looked {
    let own = own_lines(facts)?;
    let needed = needed(facts);
    let missing = needed.iter().filter(|line| !own.contains(line));
    found(missing.map(|line| format!("no line '{line}' in '{OWN}'")))
}

fn drift(facts: &Facts) -> Looked {
    let gate = facts.gate.display();
    let mut allowed: Vec<String> = needed(facts).to_vec();
    allowed.push(format!("root ALL=(root) NOPASSWD: {gate} --admin"));
    allowed.push(format!(
        "Cmnd_Alias DOCK_GATE = {gate} \"\", {gate} --admin"
    ));
    let settings = LEAN.iter().chain(&SETTINGS);
    allowed.extend(settings.map(|setting| format!("Defaults!DOCK_GATE {setting}")));
    let more = own_lines(facts)?
        .iter()
        .filter(|line| !allowed.contains(line));
    found(more.map(|line| format!("'{line}'")))
}

/// Lines of sudo's other files about dock, of those that are `wanted`.
fn elsewhere(facts: &Facts, wanted: fn(&str) -> bool) -> Looked {
    let mut evidence = Vec::new();
    for excerpt in facts.sudoers()?.iter().filter(|one| one.path != OWN) {
        let about = |line: &&String| {
            let line = line.to_lowercase();
            line.contains("dock") && wanted(&line)
        };
        let found = lines(excerpt)?.iter().filter(about);
        evidence.extend(found.map(|line| format!("'{}': {line}", excerpt.path)));
    }
    found(evidence)
}
