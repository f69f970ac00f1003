//! What people read must be what the code does.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall stop and say where"
)]

use std::fs;
use std::path::PathBuf;

use dock_space::config::Config;
use dock_space::settings::Layer;

#[test]
fn the_installed_config_says_nothing() {
    let config: Config = toml::from_str(&commented_config()).unwrap();
    assert_eq!(config, Config::default());
}

#[test]
fn the_installed_config_shows_the_defaults() {
    let said: Config = toml::from_str(&config_with_every_default_said()).unwrap();
    assert_ne!(
        said.defaults,
        Layer::default(),
        "it says nothing of [defaults]"
    );
    assert_eq!(said.defaults.clone().settle(), Layer::default().settle());
    let apart = Config {
        defaults: Layer::default(),
        ..said
    };
    assert_eq!(apart, Config::default());
}

#[test]
fn the_installed_config_shows_every_key() {
    let config = commented_config();
    for key in keys() {
        // A key without a default has an example instead.
        let shown = ["#", "# "]
            .iter()
            .any(|mark| config.contains(&format!("\n{mark}{key} = ")));
        assert!(shown, "install.sh does not show {key}");
    }
}

#[test]
fn the_manual_of_the_config_names_every_key() {
    let manual = read("man/dock.toml.5");
    let bold: Vec<&str> = manual
        .lines()
        .filter_map(|line| line.strip_prefix(".B "))
        .flat_map(|line| line.split("\\fR, \\fB"))
        .collect();
    for key in keys() {
        assert!(
            bold.contains(&key.as_str()),
            "dock.toml(5) does not name {key}"
        );
    }
}

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

/// Every key that the code reads: the public fields of the structs that TOML is
/// read into, but for those that are tables.
fn keys() -> Vec<String> {
    let mut keys = Vec::new();
    for file in ["space/src/config/mod.rs", "space/src/settings.rs"] {
        let text = read(file);
        for part in text
            .split("#[serde(deny_unknown_fields, default)]\n")
            .skip(1)
        {
            let (body, _) = part.split_once("\n}").unwrap();
            if body.starts_with("pub struct Config ") {
                continue;
            }
            keys.extend(
                body.lines()
                    .filter_map(|line| line.strip_prefix("    pub ")?.split(':').next())
                    .filter(|key| *key != "containers")
                    .map(str::to_owned),
            );
        }
    }
    assert!(
        keys.len() > 15,
        "the structs are written in another way: {keys:?}"
    );
    keys
}

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
