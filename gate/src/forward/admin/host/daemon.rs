//! The engine's configuration file: the keys that a check knows, and no others
//! (a proxy's password may lie beside them).

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use dock_space::admin::host::{Daemon, Known, Process};
use nix::libc::{O_CLOEXEC, O_NONBLOCK};
use serde::Deserialize;

use super::excerpt;

const USUAL: &str = "/etc/docker/daemon.json";

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Keys {
    hosts: Vec<String>,
    tlsverify: Option<bool>,
    iptables: Option<bool>,
    no_new_privileges: Option<bool>,
    log_driver: Option<String>,
    log_opts: BTreeMap<String, String>,
    metrics_addr: Option<String>,
}

/// The file that the running engine was told of, else the usual one.
pub(super) fn path(process: Option<&Process>) -> PathBuf {
    let options = process.map(|process| process.options.as_slice());
    let told = options
        .unwrap_or_default()
        .iter()
        .rfind(|word| word.name == "config-file");
    told.map_or_else(|| USUAL.into(), |word| PathBuf::from(&word.value))
}

/// What the file says; none when there is no file.
pub(super) fn read(path: &Path) -> Known<Option<Daemon>> {
    let failed = |why: String| format!("'{}': {why}", path.display());
    // Root's path, but a pipe in its place must not hold the gate.
    let file = File::options()
        .read(true)
        .custom_flags(O_NONBLOCK | O_CLOEXEC)
        .open(path);
    let file = match file {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(excerpt::reason(&error))),
    };
    let metadata = file
        .metadata()
        .map_err(|error| failed(excerpt::reason(&error)))?;
    if !metadata.is_file() {
        return Err(failed("it is no file".into()));
    }
    parse(&excerpt::text(file, &metadata).map_err(&failed)?)
        .map(Some)
        .map_err(failed)
}

fn parse(text: &str) -> Known<Daemon> {
    if text.trim().is_empty() {
        return Ok(Daemon::default());
    }
    let keys: Keys = serde_json::from_str(text).map_err(|error| {
        // serde_json's own words can quote a value.
        format!("not as the engine reads it, at line {}", error.line())
    })?;
    let Keys {
        hosts,
        tlsverify,
        iptables,
        no_new_privileges,
        log_driver,
        mut log_opts,
        metrics_addr,
    } = keys;
    Ok(Daemon {
        hosts,
        tlsverify,
        iptables,
        no_new_privileges,
        log_driver,
        log_max_size: log_opts.remove("max-size"),
        metrics: metrics_addr,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_keys_are_read_and_others_stay() {
        let text = r#"{"hosts": ["tcp://0.0.0.0:2375"], "iptables": false,
            "log-opts": {"max-size": "10m", "splunk-token": "secret"},
            "proxies": {"http-proxy": "http://user:secret@proxy"}}"#;
        let daemon = parse(text).unwrap();
        assert_eq!(daemon.hosts, ["tcp://0.0.0.0:2375"]);
        assert_eq!(daemon.iptables, Some(false));
        assert_eq!(daemon.log_max_size.as_deref(), Some("10m"));
        assert!(!format!("{daemon:?}").contains("secret"));
        assert_eq!(parse("\n"), Ok(Daemon::default()));
    }

    #[test]
    fn what_is_wrong_is_told_without_its_text() {
        let error = parse("{\n\"hosts\": \"secret\"}").unwrap_err();
        assert_eq!(error, "not as the engine reads it, at line 2");
    }
}
