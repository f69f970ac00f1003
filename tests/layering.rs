//! Who may use whom inside a package (Cargo keeps the packages apart).
//!
//! In `dock`: `argv` knows std alone. In `dock-gate`: `forward` -> `policy` ->
//! `api`; `policy` does no I/O and is not async; `unsafe` is in `sys` alone.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall stop and say where"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// The words that must not stand in a folder or file, below the repository's root.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "gate/src/api",
        &["crate::policy", "crate::forward", "tokio::net"],
    ),
    (
        "gate/src/policy",
        &[
            "async fn",
            "bollard",
            "crate::forward",
            "crate::sys",
            "hyper",
            "std::env",
            "std::fs",
            "std::os",
            "std::process",
            "tokio",
            // Addresses are values; sockets and lookups are not.
            "SystemTime",
            "TcpListener",
            "TcpStream",
            "ToSocketAddrs",
            "UdpSocket",
        ],
    ),
    (
        "src/commands/admin/prune/plan",
        &[
            "crate::client",
            "crate::launch",
            "crate::ui",
            "nix::",
            "std::env",
            "std::fs",
            "std::process",
            "SystemTime",
        ],
    ),
    (
        "src/argv",
        &[
            "crate::commands",
            "crate::launch",
            "crate::ui",
            "dock_space",
            "nix::",
            "std::env",
            "std::fs",
            "std::process",
        ],
    ),
];

/// The only places that may say `unsafe`.
const UNSAFE: &[&str] = &["gate/src/sys", "src/launch", "src/sys"];

#[test]
fn no_module_uses_one_to_its_left() {
    let mut wrong = Vec::new();
    for (place, words) in FORBIDDEN {
        let files = sources(&root().join(place));
        assert!(
            !files.is_empty(),
            "{place} holds no source: the table is out of date"
        );
        for file in files {
            for (number, line) in code(&file) {
                for word in *words {
                    if says(&line, word) {
                        wrong.push(format!("{}:{number}: {word}", file.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_stands_in_few_places() {
    let mut wrong = Vec::new();
    for package in ["src", "gate/src", "space/src"] {
        for file in sources(&root().join(package)) {
            let shown = file.strip_prefix(root()).unwrap().to_str().unwrap();
            if UNSAFE.iter().any(|place| shown.starts_with(place)) {
                continue;
            }
            for (number, line) in code(&file) {
                if line.contains("unsafe {") || line.contains("unsafe fn") {
                    wrong.push(format!("{shown}:{number}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "unsafe in {}", wrong.join(", "));
}

/// A field that is added to the struct must not compile until somebody decides
/// about it.
#[test]
fn the_policy_names_every_field_of_a_host_config() {
    let text = fs::read_to_string(root().join("gate/src/policy/host.rs")).unwrap();
    let patterns: Vec<&str> = text.split("let HostConfig {").skip(1).collect();
    let [pattern] = patterns.as_slice() else {
        panic!("{} patterns", patterns.len());
    };
    let (fields, _) = pattern.split_once("} = host;").unwrap();
    assert!(!fields.contains("..") && fields.lines().count() > 60);
}

#[test]
fn the_packages_meet_in_dock_space_alone() {
    let manifest =
        |package: &str| fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
    assert!(!manifest("gate").contains("\ndock ="), "the gate uses dock");
    let dock = manifest("");
    let (_, dependencies) = dock.split_once("\n[dependencies]").unwrap();
    assert!(
        !dependencies.contains("\ndock-gate ="),
        "dock uses the gate"
    );
    for package in ["dock ", "dock-gate "] {
        assert!(
            !manifest("space").contains(&format!("\n{package}=")),
            "dock-space uses {package}"
        );
    }
}

/// Whether `word` stands in `line` and begins there: "nix::" is not in "unix::".
fn says(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    })
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files at or below `place`, without those that hold only tests.
fn sources(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            found.append(&mut sources(&path));
        } else if name.ends_with(".rs") && name != "tests.rs" {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The lines of a file, numbered, up to its unit tests and without comments.
fn code(file: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line.to_owned()))
        .collect()
}
