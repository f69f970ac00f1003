//! What people read must be what the code does.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall stop and say where"
)]

use std::fs;
use std::path::PathBuf;

use dock_space::config::{Access, Audit, Cgroup, Config, Engine, Network};
use dock_space::settings::{Containers, Layer};

/// The commented dock.toml that install.sh writes.
fn commented_config() -> String {
    let script = read("install.sh");
    let (_, rest) = script.split_once("cat <<'TOML'\n").unwrap();
    let (text, _) = rest.split_once("\nTOML\n").unwrap();
    text.to_owned()
}

/// The same with each default said: lines that begin with "#" and no space.
fn config_with_every_default_said() -> String {
    commented_config()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        })
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_installed_config_says_nothing() {
    let config: Config = toml::from_str(&commented_config()).unwrap();
    assert_eq!(config, Config::default());
}

/// A key that the code gets stops this from compiling until it is written here
/// and in install.sh; one that it loses is refused as unknown.
#[test]
fn the_installed_config_shows_every_key_with_its_default() {
    let said: Config = toml::from_str(&config_with_every_default_said()).unwrap();
    let Config {
        engine: Engine { socket, docker },
        access:
            Access {
                group,
                admin_group,
                first_uid,
                system_uids,
            },
        network:
            Network {
                pool,
                pool_prefix,
                space_prefix,
                network_prefix,
            },
        cgroup: Cgroup { parent },
        audit: Audit { level, file },
        defaults,
        groups,
        users,
    } = Config::default();
    let shown = Config {
        engine: Engine { socket, docker },
        access: Access {
            group,
            admin_group,
            first_uid,
            system_uids,
        },
        network: Network {
            pool,
            pool_prefix,
            space_prefix,
            network_prefix,
        },
        cgroup: Cgroup { parent },
        audit: Audit { level, file },
        defaults: said.defaults.clone(),
        groups,
        users,
    };
    assert_eq!(said, shown);
    assert_eq!(said.defaults.clone().settle(), defaults.settle());

    let Layer {
        author,
        organisation,
        containers: Containers {
            cap_add,
            pids_limit,
        },
    } = said.defaults;
    assert!(author.is_some() && organisation.is_some() && cap_add.is_some());
    assert!(pids_limit.is_some());
    for key in KEYS {
        assert!(
            commented_config().contains(&format!("\n#{key} = ")) || *key == "file",
            "install.sh does not show {key}"
        );
    }
}

#[test]
fn the_manual_of_the_config_names_every_key() {
    let manual = read("man/dock.toml.5");
    for key in KEYS {
        assert!(
            manual.contains(&key.replace('-', "\\-")),
            "dock.toml(5) does not name {key}"
        );
    }
}

const KEYS: &[&str] = &[
    "admin_group",
    "author",
    "cap_add",
    "docker",
    "file",
    "first_uid",
    "group",
    "level",
    "network_prefix",
    "organisation",
    "parent",
    "pids_limit",
    "pool",
    "pool_prefix",
    "socket",
    "space_prefix",
    "system_uids",
];

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
