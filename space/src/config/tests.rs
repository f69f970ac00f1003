use super::*;
use crate::identity::{Group, Uid};
use std::os::unix::fs::PermissionsExt;

/// A folder of this test's own; the checks ask for root's files, so these
/// tests need root, as the whole suite does.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("dock-config-{}-{name}", std::process::id()));
        std::fs::create_dir_all(path.join("conf.d")).unwrap();
        for folder in [path.clone(), path.join("conf.d")] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Folder(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        path
    }

    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn person(login: &str, groups: &[&str]) -> Person {
    Person {
        uid: Uid(1001),
        login: login.into(),
        full_name: String::new(),
        home: "/home".into(),
        gid: 1001,
        groups: groups
            .iter()
            .map(|name| Group {
                gid: 1,
                name: (*name).into(),
            })
            .collect(),
    }
}

#[test]
fn no_file_is_the_default() {
    let folder = Folder::new("none");
    assert_eq!(folder.load().unwrap(), Config::default());
    assert_eq!(
        Config::load(Path::new("/nonexistent/dock")).unwrap(),
        Config::default()
    );
}

#[test]
fn later_files_and_nearer_layers_win() {
    let folder = Folder::new("layers");
    folder.write(
        "dock.toml",
        "[defaults]\nauthor = '{uid}'\norganisation = 'a'\n[groups.lab]\norganisation = 'lab'\n",
    );
    folder.write("conf.d/10.toml", "[defaults]\norganisation = 'b'\n");
    folder.write("conf.d/20.toml", "[users.alice]\nauthor = 'x'\n");
    folder.write("conf.d/ignored.bak", "this is not toml");
    let config = folder.load().unwrap();
    let organisation = |login, groups| config.settings_for(&person(login, groups)).organisation;
    assert_eq!(organisation("bob", &[]).unwrap(), "b");
    assert_eq!(organisation("bob", &["lab"]).unwrap(), "lab");
    assert_eq!(config.settings_for(&person("bob", &[])).author, "{uid}");
    assert_eq!(config.settings_for(&person("alice", &["lab"])).author, "x");
}

#[test]
fn an_unknown_key_names_its_file_and_line() {
    let folder = Folder::new("unknown");
    let path = folder.write("dock.toml", "[engine]\n\nsokcet = '/x'\n");
    let error = folder.load().unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("{}:3: unknown field `sokcet`", path.display())),
        "{error}"
    );
    folder.write("dock.toml", "[engine]\n\nsocket = '/x'\n");
    assert_eq!(folder.load().unwrap().engine.socket, Path::new("/x"));
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    let folder = Folder::new("mode");
    let path = folder.write("dock.toml", "");
    assert!(folder.load().is_ok());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o664)).unwrap();
    assert_eq!(
        folder.load(),
        Err(ConfigError::WritableByOthers(path, 0o664))
    );
}

#[test]
fn a_file_that_is_not_roots_is_refused() {
    let folder = Folder::new("owner");
    let path = folder.write("conf.d/x.toml", "");
    assert!(folder.load().is_ok());
    std::os::unix::fs::chown(&path, Some(1001), None).unwrap();
    assert_eq!(folder.load(), Err(ConfigError::NotRoots(path, 1001)));
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    let folder = Folder::new("folder");
    folder.write("dock.toml", "");
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(
        folder.load(),
        Err(ConfigError::WritableByOthers(folder.0.clone(), 0o777))
    );
}

#[test]
fn values_that_cannot_work_are_refused() {
    for (text, key) in [
        ("[network]\npool_prefix = 30", "network"),
        ("[network]\npool = '10.128.0.1'", "network.pool"),
        ("[engine]\nsocket = 'docker.sock'", "engine.socket"),
        ("[cgroup]\nparent = 'a/../b'", "cgroup.parent"),
    ] {
        let folder = Folder::new("values");
        folder.write("dock.toml", text);
        assert!(
            matches!(folder.load(), Err(ConfigError::Value(k, _)) if k == key),
            "{text}"
        );
    }
}

#[test]
fn a_ceiling_that_would_hold_nobody_is_refused_in_every_layer() {
    let folder = Folder::new("ceilings");
    for layer in ["defaults", "groups.students", "users.alice"] {
        for (key, wrong, right) in [
            ("memory", "-1", "0"),
            ("shm_size", "-1", "1048576"),
            ("cpus", "nan", "0.5"),
            ("cpus", "inf", "0.0"),
            ("pids_limit", "0", "1"),
            ("log_max_file", "0", "1"),
            ("log_max_size", "'50x'", "'50m'"),
            ("log_max_size", "'0m'", "'1048576'"),
            ("publish_addresses", "['localhost']", "['127.0.0.1', '::1']"),
            ("ulimits", "{ nofile = -2 }", "{ nofile = -1 }"),
        ] {
            let of = |value: &str| format!("[{layer}.containers]\n{key} = {value}");
            folder.write("dock.toml", &of(wrong));
            let name = format!("containers.{key}");
            assert!(
                matches!(folder.load(), Err(ConfigError::Value(k, _)) if k == name),
                "{}",
                of(wrong)
            );
            folder.write("dock.toml", &of(right));
            assert!(folder.load().is_ok(), "{}", of(right));
        }
    }
}
