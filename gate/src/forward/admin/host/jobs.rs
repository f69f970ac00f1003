//! Jobs of cron and systemd that remove objects of the engine past dock.

use std::path::{Path, PathBuf};

use dock_space::admin::host::{Excerpt, Known};

use super::{excerpt, units};

const FILES: [&str; 2] = ["/etc/crontab", "/etc/anacrontab"];

const FOLDERS: [&str; 7] = [
    "/etc/cron.d",
    "/etc/cron.hourly",
    "/etc/cron.daily",
    "/etc/cron.weekly",
    "/etc/cron.monthly",
    "/var/spool/cron/crontabs",
    "/var/spool/cron",
];

/// What groups of docker's verbs are called.
const KINDS: [&str; 7] = [
    "builder",
    "buildx",
    "container",
    "image",
    "network",
    "system",
    "volume",
];

/// The lines, and the files that could not be read.
pub(super) fn all() -> Known<Vec<Excerpt>> {
    let mut found = Vec::new();
    for file in FILES {
        found.extend(excerpt::of_file(Path::new(file), removes));
    }
    for folder in FOLDERS {
        found.extend(excerpt::of_folder(Path::new(folder), |_| true, removes)?);
    }
    for folder in units::folders() {
        let services = excerpt::files(&folder, |name| name.ends_with(".service"))?;
        let own = services.into_iter().filter(|path| !is_alias(path));
        found.extend(own.filter_map(|path| excerpt::of_file(&path, started)));
    }
    found.retain(|excerpt| {
        excerpt
            .lines
            .as_ref()
            .map_or(true, |lines| !lines.is_empty())
    });
    Ok(found)
}

/// Whether a unit is a link to one that is read anyway, or switches one off.
fn is_alias(path: &Path) -> bool {
    let Ok(target) = path.read_link() else {
        return false;
    };
    let target: PathBuf = path.parent().unwrap_or(path).join(target);
    let is_unit = |folder: &&str| target.starts_with(folder);
    target == Path::new("/dev/null") || units::FOLDERS.iter().any(is_unit)
}

fn started(line: &str) -> bool {
    line.starts_with("Exec") && removes(line)
}

/// Whether a command line makes docker remove something.
fn removes(line: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || "\"'`;|&()=".contains(c);
    let words: Vec<&str> = line.split(ends).filter(|word| !word.is_empty()).collect();
    let program = |word: &str| word.rsplit('/').next().unwrap_or_default().to_owned();
    // Once for the line, which is as long as who wrote the table likes.
    let last_prune = words.iter().rposition(|word| *word == "prune");
    words.iter().enumerate().any(|(at, word)| {
        let rest = &words[at + 1..];
        let mut verbs = rest.iter().filter(|word| !word.starts_with('-'));
        match program(word).as_str() {
            "docker-gc" => true,
            "docker" => match verbs.next().copied() {
                Some("rm" | "rmi") => true,
                Some(kind) if KINDS.contains(&kind) => {
                    matches!(verbs.next().copied(), Some("prune" | "rm"))
                }
                // Behind a global option with a value.
                _ => last_prune.is_some_and(|last| last > at),
            },
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_removes_is_told_from_what_does_not() {
        for line in [
            "0 3 * * * root docker system prune -af",
            "@daily /usr/bin/docker image prune --all",
            "ExecStart=/usr/bin/docker -H unix:///run/x.sock system prune -f",
            "docker rmi $(docker images -q)",
            "/usr/sbin/docker-gc",
            "sh -c 'docker container rm web'",
        ] {
            assert!(removes(line), "{line}");
        }
        for line in [
            "docker run --rm busybox",
            "prune docker run busybox",
            "docker exec web rm -rf /tmp/x",
            "dock admin prune -f",
            "git prune",
            "ExecStart=/usr/bin/dockerd -H fd://",
        ] {
            assert!(!removes(line), "{line}");
        }
    }
}
