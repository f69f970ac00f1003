//! The engine's process: how it was started, and where it listens.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use dock_space::admin::host::{Known, Process, Word};
use nix::sys::socket::{getsockopt, sockopt};

use super::excerpt;

/// Where the engine writes its pid when it is not told otherwise.
const PID_FILE: &str = "/var/run/docker.pid";

/// The options of dockerd that a check knows. Some take a value in the next word.
const VALUES: [(&str, &str); 4] = [
    ("host", "H"),
    ("config-file", ""),
    ("metrics-addr", ""),
    ("log-driver", ""),
];
const MORE_VALUES: &str = "log-opt";
const SWITCHES: [&str; 4] = ["iptables", "no-new-privileges", "tls", "tlsverify"];

/// Linux's number for a socket that listens.
const LISTEN: &str = "0A";

/// The engine behind `socket`.
pub(super) fn find(socket: &Path) -> Known<Process> {
    let pid = by_pid_file().or_else(|| by_socket(socket));
    let pid = pid.ok_or_else(|| {
        format!(
            "the engine's process is not known: '{PID_FILE}' names none, and '{}' is another program's",
            socket.display()
        )
    })?;
    let line = std::fs::read(format!("/proc/{pid}/cmdline"))
        .map_err(|error| format!("its command line: {}", excerpt::reason(&error)))?;
    let words: Vec<String> = line
        .split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    Ok(Process {
        pid,
        options: options(words.get(1..).unwrap_or_default()),
        listens: listens(pid),
        hosts_mounts: hosts_mounts(pid),
    })
}

fn by_pid_file() -> Option<i32> {
    let text = std::fs::read_to_string(PID_FILE).ok()?;
    text.trim().parse().ok().filter(|pid| is_engine(*pid))
}

/// Under socket activation this is systemd, which is no engine.
fn by_socket(socket: &Path) -> Option<i32> {
    let stream = UnixStream::connect(socket).ok()?;
    let peer = getsockopt(&stream, sockopt::PeerCredentials).ok()?;
    Some(peer.pid()).filter(|pid| is_engine(*pid))
}

/// Whether a process is a dockerd of root's, and not one in a container: what
/// its command line says is believed.
fn is_engine(pid: i32) -> bool {
    let program = std::fs::read_link(format!("/proc/{pid}/exe"));
    let named = program.is_ok_and(|program| {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        name.trim_end_matches(" (deleted)") == "dockerd"
    });
    let owner = std::fs::metadata(format!("/proc/{pid}"));
    let is_roots = owner.is_ok_and(|owner| owner.uid() == 0);
    named && is_roots && is_beside_us(pid)
}

/// Whether a process sees the same processes as this one.
fn is_beside_us(pid: i32) -> bool {
    let space = |whose: &str| std::fs::read_link(format!("/proc/{whose}/ns/pid"));
    let ours = space("self");
    ours.is_ok_and(|ours| space(&pid.to_string()).is_ok_and(|its| its == ours))
}

/// The known options among the words of a command line, by pflag's grammar.
fn options(words: &[String]) -> Vec<Word> {
    let takes_value = |name: &str| {
        name == MORE_VALUES
            || VALUES
                .iter()
                .any(|(long, _)| !long.is_empty() && *long == name)
    };
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (name, value) = match word.strip_prefix("--") {
            Some(long) => match long.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (long.to_owned(), None),
            },
            None => match short(word) {
                Some(found) => found,
                None => continue,
            },
        };
        if takes_value(&name) {
            let value = value.or_else(|| words.next().cloned());
            found.extend(value.map(|value| Word { name, value }));
        } else if SWITCHES.contains(&name.as_str()) {
            let value = value.unwrap_or_else(|| "true".into());
            found.push(Word { name, value });
        }
    }
    found
}

/// `-H x`, `-Hx`, `-H=x`: the long name, and the value where it is in the word.
fn short(word: &str) -> Option<(String, Option<String>)> {
    let letters = word.strip_prefix('-')?;
    let (long, letter) = VALUES
        .iter()
        .find(|(_, letter)| !letter.is_empty() && letters.starts_with(letter))?;
    let value = letters[letter.len()..].trim_start_matches('=');
    Some((
        (*long).to_owned(),
        (!value.is_empty()).then(|| value.to_owned()),
    ))
}

/// The TCP addresses on which a process listens in its own network namespace.
fn listens(pid: i32) -> Known<Vec<String>> {
    let failed = |error: std::io::Error| format!("its sockets: {}", excerpt::reason(&error));
    let mut own = HashSet::new();
    for entry in std::fs::read_dir(format!("/proc/{pid}/fd")).map_err(failed)? {
        // A descriptor may be closed meanwhile.
        let Ok(target) = std::fs::read_link(entry.map_err(failed)?.path()) else {
            continue;
        };
        let target = target.to_string_lossy();
        let inode = target.strip_prefix("socket:[");
        own.extend(inode.map(|inode| inode.trim_end_matches(']').to_owned()));
    }
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let path = format!("/proc/{pid}/net/{table}");
        match std::fs::read_to_string(path) {
            Ok(text) => found.extend(listening(&text, &own)),
            // A kernel without IPv6.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The listening addresses of a table of the kernel's that are in `own`.
fn listening(table: &str, own: &HashSet<String>) -> Vec<String> {
    let address = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = fields.get(3) == Some(&LISTEN);
        let mine = fields.get(9).is_some_and(|inode| own.contains(*inode));
        (listens && mine).then(|| address(fields[1])).flatten()
    };
    table.lines().skip(1).filter_map(address).collect()
}

/// `0100007F:0947` -> `127.0.0.1:2375`: words of 32 bits in the host's order.
fn address(text: &str) -> Option<String> {
    let (digits, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::new();
    for word in digits.as_bytes().chunks(8) {
        let word = u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let ip = match bytes.len() {
        4 => IpAddr::from(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        _ => IpAddr::from(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
    };
    Some(std::net::SocketAddr::new(ip, port).to_string())
}

fn hosts_mounts(pid: i32) -> Known<bool> {
    let space = |pid: i32| {
        std::fs::read_link(format!("/proc/{pid}/ns/mnt"))
            .map_err(|error| format!("its mounts: {}", excerpt::reason(&error)))
    };
    Ok(space(pid)? == space(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Vec<(String, String)> {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let found = options(&words).into_iter();
        found.map(|word| (word.name, word.value)).collect()
    }

    #[test]
    fn options_are_read_in_every_spelling() {
        for words in [
            &["-H", "tcp://:2375"][..],
            &["-Htcp://:2375"],
            &["-H=tcp://:2375"],
            &["--host", "tcp://:2375"],
            &["--host=tcp://:2375"],
        ] {
            let words = [&["--data-root", "/x", "-D"], words, &["--iptables=false"]].concat();
            let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            assert_eq!(
                read(&words),
                [own("host", "tcp://:2375"), own("iptables", "false")]
            );
        }
        assert_eq!(read(&["--tlsverify"])[0].1, "true");
        assert!(read(&["--registry-mirror", "https://user:secret@x"]).is_empty());
    }

    #[test]
    fn addresses_are_the_kernels() {
        assert_eq!(address("0100007F:0947").as_deref(), Some("127.0.0.1:2375"));
        assert_eq!(address("00000000:0947").as_deref(), Some("0.0.0.0:2375"));
        let six = format!("{}:0050", "0".repeat(32));
        assert_eq!(address(&six).as_deref(), Some("[::]:80"));
        assert_eq!(address("x:1"), None);
    }

    #[test]
    fn only_own_sockets_that_listen_are_told() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:0947 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1\n\
            1: 0100007F:0948 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12 1\n\
            2: 0100007F:0949 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 11 1\n";
        let own = HashSet::from(["11".to_owned()]);
        assert_eq!(listening(table, &own), ["127.0.0.1:2375"]);
    }
}
