//! Every row of the policy against a real engine: what it refuses reaches no
//! engine, its twin does, and root reads back what the engine then holds.

use std::collections::BTreeSet;

use dock_space::rule::{self, Treatment};
use serde_json::Value;

use crate::harness::{Gate, Person, Record, root_docker};

#[path = "../pairs.rs"]
mod table;

use table::Pair;

/// Somebody with a gate, a container that runs and a network.
struct Stage {
    person: Person,
    gate: Gate,
}

impl Stage {
    fn new() -> Stage {
        let person = Person::fresh("mallory");
        for words in [
            &[
                "run", "-d", "--name", "standing", "busybox", "sleep", "1000",
            ][..],
            &["create", "--name", "db", "busybox"],
            &["create", "--name", "gone", "busybox"],
            &["network", "create", "lab"],
        ] {
            person.dock(words).output().success();
        }
        let gate = Gate::open(&person);
        Stage { person, gate }
    }

    /// What the body of the row's kind of request looks like, `@` in the value's place.
    fn request(pair: &Pair) -> (String, String) {
        let (kind, field) = pair.row.split_once('.').unwrap();
        let (request, body) = match kind {
            "Config" => (
                "POST /containers/create",
                format!(r#"{{"Image":"busybox","{field}":@}}"#),
            ),
            "HostConfig" => (
                "POST /containers/create",
                format!(r#"{{"Image":"busybox","HostConfig":{{"{field}":@}}}}"#),
            ),
            "Exec" => (
                "POST /containers/standing/exec",
                format!(r#"{{"Cmd":["true"],"{field}":@}}"#),
            ),
            "Network" => (
                "POST /networks/create",
                format!(r#"{{"Name":"made","{field}":@}}"#),
            ),
            "Volume" => ("POST /volumes/create", format!(r#"{{"{field}":@}}"#)),
            _ => ("", String::new()),
        };
        let request = pair.request.clone().unwrap_or_else(|| request.to_owned());
        let body = match (&pair.body, &pair.request) {
            (Some(body), _) => body.clone(),
            (None, Some(_)) => String::new(),
            (None, None) => body,
        };
        (request, body)
    }

    fn ask(&self, pair: &Pair, value: &str) -> (u16, Value) {
        let (request, body) = Stage::request(pair);
        let (request, body) = (request.replace('@', value), body.replace('@', value));
        let (method, path) = request.split_once(' ').unwrap();
        let body = (!body.is_empty()).then_some(body.as_str());
        let answer = self.gate.request(method, path, body);
        let json = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status, json)
    }

    /// Plays one pair; what is wrong with it.
    fn play(&self, pair: &Pair) -> Result<(), String> {
        let Pair { row, rule, .. } = pair;
        let record = Record::mark();
        let (status, answer) = self.ask(pair, &pair.refused);
        let message = answer["message"].as_str().unwrap_or_default();
        let named = format!("[rule {rule}]");
        let wanted: &[u16] = if rule.is_empty() {
            // The engine's own words, of what no engine would take or nobody has.
            &[400, 403, 404, 501]
        } else {
            // A body where there is none is a mistake first.
            &[400, 403]
        };
        if !wanted.contains(&status) || (!rule.is_empty() && !message.contains(&named)) {
            return Err(format!("{row}: {:.80}: {status} {message}", pair.refused));
        }
        let reached = record.requests_of(&self.person);
        if let Some(line) = reached.iter().find(|line| !line.starts_with("GET ")) {
            return Err(format!(
                "{row}: {:.80} reached the engine: {line}",
                pair.refused
            ));
        }
        let (status, answer) = self.ask(pair, &pair.permitted);
        let fits = match pair.status {
            Some(wanted) => status == wanted,
            // Whether a registry has it is the registry's affair.
            None if pair
                .request
                .iter()
                .any(|request| request.contains("fromImage")) =>
            {
                status != 403
            }
            None => (200..300).contains(&status),
        };
        if !fits {
            return Err(format!(
                "{row}: the twin {:.80}: {status} {answer}",
                pair.permitted
            ));
        }
        let (request, _) = Stage::request(pair);
        match request.as_str() {
            "POST /containers/create" => self.container_is_as_intended(row, &answer["Id"]),
            "POST /networks/create" => self.network_is_as_intended(&answer["Id"]),
            "POST /volumes/create" => self.volume_is_as_intended(&answer["Name"]),
            _ => Ok(()),
        }
        .map_err(|wrong| format!("{row}: the twin {:.80}: {wrong}", pair.permitted))
    }

    /// What root sees. No body changes it but in what its own `row` is about.
    fn container_is_as_intended(&self, row: &str, id: &Value) -> Result<(), String> {
        let id = id.as_str().unwrap();
        let held = inspect(&["inspect"], id);
        let (space, host, config) = (self.space(), &held["HostConfig"], &held["Config"]);
        let words = |value: &Value| -> BTreeSet<String> {
            let list = value.as_array().into_iter().flatten();
            list.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let dropped = words(&host["CapDrop"]);
        let network = host["NetworkMode"].as_str().unwrap();
        let ipc = host["IpcMode"].as_str().unwrap();
        let prefix = self.person.real("");
        let log = &host["LogConfig"];
        let bounded = match row {
            "HostConfig.LogConfig" => {
                log["Type"] == "none" || log["Config"]["max-size"].is_string()
            }
            _ => log["Config"]["max-size"] == "50m" && log["Config"]["max-file"] == "3",
        };
        let pids = host["PidsLimit"].as_i64().unwrap_or(0);
        let pids = match row {
            "HostConfig.PidsLimit" => (1..=4096).contains(&pids),
            _ => pids == 4096,
        };
        let networked = match row {
            "HostConfig.NetworkMode" => {
                network == "none"
                    || network.starts_with(&prefix)
                    || network.starts_with("container:")
            }
            row if row.starts_with("Network.") => network.starts_with(&prefix),
            _ => network == self.person.real("default"),
        };
        let image = root_docker(["image", "inspect", "-f", "{{.Id}}", "busybox"]);
        let volumes = held["Mounts"].as_array().into_iter().flatten();
        let foreign = volumes
            .filter(|mount| mount["Type"] == "volume")
            .filter_map(|mount| mount["Name"].as_str())
            .find(|name| !self.owns_volume(name));
        for (what, holds) in [
            (
                "name",
                held["Name"].as_str().unwrap()[1..].starts_with(&prefix),
            ),
            (
                "dock.space",
                config["Labels"]["dock.space"] == space.as_str(),
            ),
            ("dock.v", config["Labels"]["dock.v"] == "1"),
            (
                "author",
                config["Labels"]["author"] == self.person.login.as_str(),
            ),
            (
                "image",
                config["Image"] == image.output().success().as_str(),
            ),
            ("privileged", host["Privileged"] == false),
            ("binds", words(&host["Binds"]).is_empty()),
            (
                "devices",
                host["Devices"].as_array().is_none_or(Vec::is_empty),
            ),
            (
                "cgroup parent",
                host["CgroupParent"]
                    .as_str()
                    .unwrap()
                    .ends_with(&format!("/{space}")),
            ),
            ("cgroup namespace", host["CgroupnsMode"] == "private"),
            (
                "ipc",
                matches!(ipc, "private" | "none" | "shareable") || ipc.starts_with("container:"),
            ),
            (
                "dropped capabilities",
                dropped.contains("ALL")
                    || (dropped.contains("MKNOD") && dropped.contains("AUDIT_WRITE")),
            ),
            (
                "added capabilities",
                words(&host["CapAdd"]).is_disjoint(&BTreeSet::from([
                    "MKNOD".into(),
                    "SYS_ADMIN".into(),
                    "ALL".into(),
                ])),
            ),
            ("pids", pids),
            ("log", bounded),
            ("network", networked),
            ("masked paths", !words(&host["MaskedPaths"]).is_empty()),
            ("user namespace", host["UsernsMode"] == ""),
            ("pid namespace", host["PidMode"] != "host"),
            ("volumes", foreign.is_none()),
        ] {
            if !holds {
                return Err(format!("the engine holds another {what}: {host} {config}"));
            }
        }
        let removed = self.person.dock(["rm", "-fv", id]).output();
        if removed.code == 0 {
            Ok(())
        } else {
            Err(format!("{removed:?}"))
        }
    }

    fn network_is_as_intended(&self, id: &Value) -> Result<(), String> {
        let id = id.as_str().unwrap();
        let held = inspect(&["network", "inspect"], id);
        let own = held["Name"]
            .as_str()
            .unwrap()
            .starts_with(&self.person.real(""));
        let labelled = held["Labels"]["dock.space"] == self.space().as_str();
        let plain = held["Driver"] == "bridge"
            && held["Scope"] == "local"
            && held["Ingress"] == false
            && held["ConfigOnly"] == false;
        let subnet = held["IPAM"]["Config"][0]["Subnet"]
            .as_str()
            .unwrap_or_default();
        let removed = self.person.dock(["network", "rm", id]).output();
        if own && labelled && plain && subnet.starts_with("10.") && removed.code == 0 {
            Ok(())
        } else {
            Err(format!("{held} {removed:?}"))
        }
    }

    fn volume_is_as_intended(&self, name: &Value) -> Result<(), String> {
        let shown = name.as_str().unwrap();
        let real = if shown.len() == 64 {
            shown.to_owned()
        } else {
            self.person.real(shown)
        };
        let held = inspect(&["volume", "inspect"], &real);
        let options = held["Options"].to_string();
        let removed = self.person.dock(["volume", "rm", shown]).output();
        let plain =
            held["Driver"] == "local" && !options.contains("bind") && !options.contains("/etc");
        if plain && held["Labels"]["dock.space"] == self.space().as_str() && removed.code == 0 {
            Ok(())
        } else {
            Err(format!("{held} {removed:?}"))
        }
    }

    fn space(&self) -> String {
        format!("u{}", self.person.uid)
    }

    fn owns_volume(&self, real: &str) -> bool {
        inspect(&["volume", "inspect"], real)["Labels"]["dock.space"] == self.space().as_str()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.person.clear();
    }
}

/// What root's docker says of one object.
fn inspect(verb: &[&str], object: &str) -> Value {
    let words = verb.iter().copied().chain([object]);
    let text = root_docker(words).output().success();
    serde_json::from_str::<Vec<Value>>(&text).unwrap().remove(0)
}

/// Plays every fourth pair from `first` on.
fn play(first: usize) {
    let stage = Stage::new();
    let wrong: Vec<String> = table::pairs()
        .iter()
        .skip(first)
        .step_by(4)
        .filter_map(|pair| stage.play(pair).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rows_hold_against_the_engine_1() {
    play(0);
}

#[test]
fn rows_hold_against_the_engine_2() {
    play(1);
}

#[test]
fn rows_hold_against_the_engine_3() {
    play(2);
}

#[test]
fn rows_hold_against_the_engine_4() {
    play(3);
}

#[test]
fn every_row_has_its_pair() {
    let shown: BTreeSet<String> = table::pairs().into_iter().map(|pair| pair.row).collect();
    // What they need is not one value of one request: each has a test of its own.
    let elsewhere = [
        // networks: a space has as many networks as addresses ...
        "Network.Count",
        // archive_data, admin: what nobody owns is root's to open and to start
        "admin.files",
        "admin.unowned",
        // pulls: images have the limits that the configuration sets
        "image.pulls",
        "image.repository",
        "image.size",
    ];
    for row in rule::rows() {
        let decided = !matches!(row.treatment, Treatment::Safe | Treatment::Drop);
        let has = shown.contains(row.field) || elsewhere.contains(&row.field);
        assert!(
            has || !decided,
            "{} has no pair in tests/rows.toml",
            row.field
        );
    }
    for row in shown {
        assert!(rule::find(&row).is_some(), "{row} is no row");
    }
}

#[test]
fn what_is_dropped_or_forced_is_not_what_the_client_said() {
    let stage = Stage::new();
    let body = r#"{"Image":"busybox","OnBuild":["RUN id"],"ArgsEscaped":true,"HostConfig":{"CgroupnsMode":"private"},
        "NetworkingConfig":{"EndpointsConfig":{"default":{"EndpointID":"ab","Gateway":"10.0.0.1"}}}}"#;
    let answer = stage
        .gate
        .request("POST", "/v1.41/containers/create", Some(body));
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["Id"].clone();
    let held = inspect(&["inspect"], id.as_str().unwrap());
    assert!(held["Config"]["OnBuild"].is_null(), "{held}");
    stage.container_is_as_intended("", &id).unwrap();
    let exec = r#"{"Container":"other","Cmd":["true"]}"#;
    let answer = stage
        .gate
        .request("POST", "/v1.41/containers/standing/exec", Some(exec));
    assert_eq!(answer.status, 201, "{answer:?}");
}
