//! Values of queries that no engine, or no shared engine, should take.

use super::operation::{Attach, Logs, Operation};
use super::refusal::Refusal;

/// The longest time that a stop may wait, in seconds.
const MAX_STOP: i64 = 3600;

pub(super) fn check(operation: &Operation) -> Result<(), Refusal> {
    match operation {
        Operation::ContainerKill { signal, .. } => signal_name(signal.as_deref()),
        Operation::ContainerStop {
            seconds, signal, ..
        }
        | Operation::ContainerRestart {
            seconds, signal, ..
        } => {
            stop_seconds(*seconds)?;
            signal_name(signal.as_deref())
        }
        Operation::ContainerStart {
            checkpoint,
            directory,
            ..
        } => {
            if checkpoint.as_deref().is_some_and(|text| !text.is_empty())
                || directory.as_deref().is_some_and(|text| !text.is_empty())
            {
                return Err(Refusal::of("start.checkpoint"));
            }
            Ok(())
        }
        Operation::ContainerWait { condition, .. } => match condition.as_deref() {
            None | Some("" | "not-running" | "next-exit" | "removed") => Ok(()),
            Some(other) => Err(Refusal::invalid(format!("invalid condition: \"{other}\""))),
        },
        Operation::ContainerLogs { logs, .. } => log_options(logs),
        Operation::Events { since, until, .. } => {
            moment("since", since.as_deref())?;
            moment("until", until.as_deref())
        }
        Operation::ContainerAttach {
            attach: Attach { detach_keys, .. },
            ..
        } => detach(detach_keys.as_deref().unwrap_or_default()),
        Operation::ContainerTop { ps_args, .. } => top(ps_args.as_deref()),
        Operation::ContainerRename { name, .. } => object_name(name).map_err(|_| {
            Refusal::invalid(format!(
                "Error when allocating new name: Invalid container name (/{name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            ))
        }),
        Operation::ContainerInspectNamed { name, .. } => object_name(name),
        Operation::ContainerRemove { link: true, .. } => Err(Refusal::of("remove.link")),
        // Every operation is named: a new one does not compile until somebody
        // decides what its values may be.
        Operation::ContainerChanges { .. }
        | Operation::ContainerCreate(_)
        | Operation::ContainerInspect { .. }
        | Operation::ContainerList { .. }
        | Operation::ContainerPause { .. }
        | Operation::ContainerRemove { link: false, .. }
        | Operation::ContainerResize { .. }
        | Operation::ContainerStats { .. }
        | Operation::ContainerUnpause { .. }
        | Operation::ContainerUpdate { .. }
        | Operation::ExecCreate { .. }
        | Operation::ExecInspect { .. }
        | Operation::ExecResize { .. }
        | Operation::ExecStart { .. }
        | Operation::ImageHistory { .. }
        | Operation::ImageInspect { .. }
        | Operation::ImageList { .. }
        | Operation::ImagePull { .. }
        | Operation::ImageSearch { .. }
        | Operation::NetworkConnect { .. }
        | Operation::NetworkCreate(_)
        | Operation::NetworkDisconnect { .. }
        | Operation::NetworkInspect { .. }
        | Operation::NetworkList { .. }
        | Operation::NetworkRemove { .. }
        | Operation::VolumeCreate(_)
        | Operation::VolumeList { .. }
        | Operation::VolumeRemove { .. } => Ok(()),
    }
}

/// The engine's rule for names, and its words.
pub(super) fn object_name(name: &str) -> Result<(), Refusal> {
    if dock_space::name::is_object_name(name) {
        return Ok(());
    }
    Err(Refusal::invalid(format!(
        "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
    )))
}

/// `SIGTERM`, `TERM`, `15`, `RTMIN+3`: the engine knows which exist.
pub(super) fn signal_name(signal: Option<&str>) -> Result<(), Refusal> {
    let Some(signal) = signal else { return Ok(()) };
    let plain = signal.len() <= 15
        && signal
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-'));
    if plain {
        Ok(())
    } else {
        Err(Refusal::invalid(format!("Invalid signal: {signal}")))
    }
}

/// `-1` waits for ever, as docker allows; the wait ends with the client.
fn stop_seconds(seconds: Option<i64>) -> Result<(), Refusal> {
    match seconds {
        Some(seconds) if !(-1..=MAX_STOP).contains(&seconds) => Err(Refusal::invalid(format!(
            "dock: {seconds} seconds is not between -1 and {MAX_STOP}"
        ))),
        _ => Ok(()),
    }
}

/// A time: seconds with or without a fraction, or RFC 3339.
fn moment(key: &str, value: Option<&str>) -> Result<(), Refusal> {
    let value = value.unwrap_or_default();
    let plain = value.len() <= 64
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'-' | b'+'));
    if plain {
        Ok(())
    } else {
        Err(Refusal::invalid(format!(
            "invalid value for \"{key}\": {value}"
        )))
    }
}

/// docker's key names: `a`, `ctrl-a`, `ctrl-@`, joined by commas.
pub(super) fn detach(keys: &str) -> Result<(), Refusal> {
    let plain = keys.len() <= 64
        && keys.bytes().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'@' | b'[' | b']' | b'\\' | b'^' | b'_' | b',' | b'-')
        });
    if plain {
        Ok(())
    } else {
        Err(Refusal::invalid(format!("Invalid detach keys ({keys})")))
    }
}

fn log_options(logs: &Logs) -> Result<(), Refusal> {
    moment("since", logs.since.as_deref())?;
    moment("until", logs.until.as_deref())?;
    let tail = logs.tail.as_deref().unwrap_or_default();
    // What is no number is "all" to the engine.
    let plain = tail.len() <= 20 && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if plain {
        Ok(())
    } else {
        Err(Refusal::invalid(format!(
            "invalid value for \"tail\": {tail}"
        )))
    }
}

/// Columns of ps that tell of the process and not of its environment or of
/// what the kernel holds for others.
const COLUMNS: [&str; 31] = [
    "args", "c", "cmd", "comm", "cputime", "egid", "egroup", "etime", "etimes", "euid", "euser",
    "gid", "group", "ni", "nlwp", "pcpu", "pgid", "pid", "pmem", "ppid", "pri", "psr", "rss", "s",
    "sid", "start", "stat", "stime", "time", "tty", "uid",
];
const MORE_COLUMNS: [&str; 5] = ["user", "vsz", "%cpu", "%mem", "tid"];

/// Whole words that are passed as they are.
const STYLES: [&str; 12] = [
    "-ef", "-eF", "-e", "-f", "-F", "aux", "ax", "axu", "-aux", "-A", "-eL", "-eLf",
];

/// `ps_args` becomes a command line of root's on the host, and the engine's own
/// check of it can be got past: only what is listed here goes through.
fn top(ps_args: Option<&str>) -> Result<(), Refusal> {
    let words: Vec<&str> = ps_args.unwrap_or_default().split_whitespace().collect();
    let mut rest = words.as_slice();
    while let Some((word, after)) = rest.split_first() {
        rest = after;
        if STYLES.contains(word) {
            continue;
        }
        let columns = match *word {
            "-o" | "o" => {
                let Some((columns, after)) = rest.split_first() else {
                    return Err(Refusal::value("top.ps_args", word));
                };
                rest = after;
                columns
            }
            "-eo" | "axo" => {
                let Some((columns, after)) = rest.split_first() else {
                    return Err(Refusal::value("top.ps_args", word));
                };
                rest = after;
                columns
            }
            other => match other.strip_prefix("-o") {
                Some(columns) => columns,
                None => return Err(Refusal::value("top.ps_args", other)),
            },
        };
        let known = columns
            .split(',')
            .all(|c| COLUMNS.contains(&c) || MORE_COLUMNS.contains(&c));
        if !known {
            return Err(Refusal::value("top.ps_args", columns));
        }
    }
    Ok(())
}
