//! Spaces that are worth an archive, and ways to compare.

use std::ffi::CString;
use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::libc;
use nix::sys::stat::Mode;
use nix::sys::time::TimeSpec;
use serde_json::Value;

use crate::harness::{Output, Person, eventually, root, root_docker};

/// `dock admin WORDS...`
pub(super) fn admin(person: &Person, words: &[&str]) -> Output {
    let timeout = std::time::Duration::from_secs(180);
    let step = person.dock([&["admin"], words].concat());
    step.timeout(timeout).output()
}

/// Archives into a folder of the admin's own; the file's path.
pub(super) fn archived(carol: &Person, words: &[&str]) -> String {
    let folder = carol.home.join("archives");
    let folder = folder.to_str().unwrap();
    let words = [&["archive", "--to", folder], words].concat();
    let name = admin(carol, &words).success();
    // The next one has another second in its name.
    std::thread::sleep(std::time::Duration::from_millis(1001));
    format!("{folder}/{name}")
}

/// Containers, networks and volumes of a person, as root sees them.
pub(super) fn objects_of(person: &Person) -> String {
    let space = format!("label=dock.space=u{}", person.uid);
    let mut found = String::new();
    for list in [
        vec!["ps", "-aq"],
        vec!["network", "ls", "-q"],
        vec!["volume", "ls", "-q"],
    ] {
        found += &root_docker(list.iter().chain(&["--filter", &space]))
            .output()
            .success();
    }
    found
}

/// Names of a person's objects of a kind that were made by them.
pub(super) fn names_of(person: &Person, kind: &str) -> Vec<String> {
    let words: &[&str] = match kind {
        "container" => &["ps", "-a", "--format", "{{.Names}}"],
        "network" => &["network", "ls", "--format", "{{.Name}}"],
        _ => &["volume", "ls", "-q"],
    };
    let listed = person.dock(words).output().success();
    let mut names: Vec<String> = listed
        .lines()
        .filter(|name| !["bridge", "host", "none"].contains(name))
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

/// Everything that tar can say of a folder, without when it was read.
pub(super) fn kept_in(folder: &str) -> String {
    let script = format!(
        "cd '{folder}' && tar --create --sort=name --format=posix --numeric-owner \
         --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
         --xattrs --xattrs-include='*' . 2>&1 | sha256sum; \
         find . -printf '%P %y %m %U:%G %T@ %s %l\\n' | sort"
    );
    root("/bin/bash", ["-c", &script]).output().success()
}

/// The members of a tar, each with all that `tar tv` says.
pub(super) fn listed(tar: &[u8]) -> Vec<String> {
    let words = ["--list", "--verbose", "--full-time", "--numeric-owner"];
    let text = root("/bin/tar", words).stdin(tar).output().success();
    let mut lines: Vec<String> = text
        .lines()
        // The engine makes these anew in each container.
        .filter(|line| {
            ![
                " dev/",
                " proc/",
                " sys/",
                " etc/",
                " .dockerenv",
                " etc/hostname",
                " etc/hosts",
                " etc/mtab",
                " etc/resolv.conf",
            ]
            .iter()
            .any(|own| line.contains(own) && !line.contains("changed"))
        })
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

/// A space with one of everything.
pub(super) struct Furnished;

impl Furnished {
    /// `web` runs; `db` has its volumes; `job` has nothing.
    pub(super) fn of(alice: &Person) -> Furnished {
        let make = |words: &[&str]| alice.dock(words).output().success();
        make(&["network", "create", "--label", "net=yes", "back"]);
        make(&["network", "create", "--internal", "front"]);
        make(&["volume", "create", "--label", "keep=yes", "data"]);
        let script = "echo changed > /etc/changed; rm /etc/group; mkdir -p /opt/app; \
                      [ -e /data/words ] || echo words > /data/words; echo warm > /cache/warm; chown 7:8 /opt/app; \
                      chmod 4755 /opt/app; ln -s /nowhere /opt/link; touch /opt/ready; sleep 1000";
        make(&[
            "run",
            "-d",
            "--name",
            "web",
            "--network",
            "back",
            "--network-alias",
            "www",
            "-p",
            &format!("{}:80", port_of(alice)),
            "-p",
            "9000/udp",
            "-e",
            "KEY=value with spaces",
            "--label",
            "a=b",
            "--user",
            "0",
            "--workdir",
            "/tmp",
            "--memory",
            "64m",
            "--restart",
            "on-failure:3",
            "--cap-drop",
            "NET_RAW",
            "--tmpfs",
            "/scratch",
            "--stop-signal",
            "SIGKILL",
            "-v",
            "data:/data",
            "-v",
            "/cache",
            "--add-host",
            "there:127.0.0.9",
            "--health-cmd",
            "true",
            "busybox",
            "sh",
            "-c",
            script,
        ]);
        make(&["network", "connect", "--alias", "entry", "front", "web"]);
        make(&[
            "create",
            "--name",
            "db",
            "--volumes-from",
            "web:ro",
            "busybox",
            "true",
        ]);
        make(&[
            "create", "--name", "job", "-t", "-i", "busybox", "echo", "a b",
        ]);
        eventually("the container has made its files", || {
            (alice
                .dock(["exec", "web", "ls", "/opt/ready"])
                .output()
                .code
                == 0)
                .then_some(())
        });
        let furnished = Furnished;
        furnish(Path::new(&furnished.folder(alice, "data")));
        furnished
    }

    /// Where a volume's files are.
    pub(super) fn folder(&self, person: &Person, volume: &str) -> String {
        let real = person.real(volume);
        let words = ["volume", "inspect", "-f", "{{.Mountpoint}}", &real];
        root_docker(words).output().success()
    }

    /// The same for the anonymous volume of `web`.
    pub(super) fn anonymous(&self, person: &Person) -> String {
        let words = ["inspect", "-f", "{{json .Mounts}}", &person.real("web")];
        let mounts = root_docker(words).output().success();
        let mounts: Value = serde_json::from_str(&mounts).unwrap();
        let mounts = mounts.as_array().unwrap();
        let mount = mounts.iter().find(|mount| mount["Destination"] == "/cache");
        mount.unwrap()["Source"].as_str().unwrap().to_owned()
    }
}

/// The port of the host that `web` asks for: nobody else's.
pub(super) fn port_of(person: &Person) -> u32 {
    30_000 + person.uid % 10_000
}

/// Files of every kind that a volume can hold.
fn furnish(folder: &Path) {
    let at = |name: &str| folder.join(name);
    fs::create_dir_all(at("deep/er")).unwrap();
    fs::write(at("deep/er/file"), b"x".repeat(100_000)).unwrap();
    fs::write(at("empty"), b"").unwrap();
    fs::hard_link(at("deep/er/file"), at("hard")).unwrap();
    std::os::unix::fs::symlink("../../outside", at("soft")).unwrap();
    let long = "n".repeat(250);
    fs::write(at(&long), b"long").unwrap();
    fs::write(at("u\u{fc}ml\u{e4}ut \"quoted\""), b"name").unwrap();
    let holes = fs::File::create(at("holes")).unwrap();
    holes.set_len(50 << 20).unwrap();
    std::os::unix::fs::FileExt::write_at(&holes, b"in the middle", 20 << 20).unwrap();
    nix::unistd::mkfifo(&at("pipe"), Mode::from_bits_truncate(0o640)).unwrap();
    std::os::unix::fs::chown(at("empty"), Some(1234), Some(4321)).unwrap();
    std::os::unix::fs::lchown(at("soft"), Some(1234), Some(4321)).unwrap();
    let mode = |name: &str, mode: u32| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs::set_permissions(at(name), permissions).unwrap();
    };
    mode("hard", 0o4711);
    mode("deep", 0o1777);
    set_xattr(&at("empty"), c"user.note", b"kept");
    // version 2; owner rwx, user 1234 r, group r, mask r, others nothing.
    let acl: &[u8] = &[
        2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 4, 0, 210, 4, 0, 0, 4, 0, 4, 0, 255, 255,
        255, 255, 16, 0, 4, 0, 255, 255, 255, 255, 32, 0, 0, 0, 255, 255, 255, 255,
    ];
    set_xattr(&at("deep/er"), c"system.posix_acl_access", acl);
    set_xattr(&at("deep/er"), c"system.posix_acl_default", acl);
    let time = TimeSpec::new(1_000_000_000, 123_456_789);
    let flags = nix::sys::stat::UtimensatFlags::NoFollowSymlink;
    for name in ["soft", "hard", "deep"] {
        nix::sys::stat::utimensat(nix::fcntl::AT_FDCWD, &at(name), &time, &time, flags).unwrap();
    }
}

#[expect(unsafe_code, reason = "neither std nor nix sets extended attributes")]
fn set_xattr(path: &Path, name: &std::ffi::CStr, value: &[u8]) {
    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: both names end with a zero, and the length is the value's.
    let done = unsafe {
        libc::setxattr(
            path.as_ptr(),
            name.as_ptr(),
            value.as_ptr().cast(),
            value.len(),
            0,
        )
    };
    assert_eq!(done, 0, "{name:?}: {}", std::io::Error::last_os_error());
}

/// A file's bytes.
pub(super) fn bytes(path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// Writes a file that `person` can read.
pub(super) fn written(person: &Person, name: &str, bytes: &[u8]) -> String {
    let path = person.home.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}
