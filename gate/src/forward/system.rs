//! ping, version, info, auth: the daemon as the caller sees it.

use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::body::{self, Answer};
use super::call::Call;
use super::engine::Wire;
use super::{opaque, resolve, translate};
use crate::failure::Failure;

/// `_ping`: answered for as long as the engine answers.
pub(crate) async fn ping(call: Call<'_>) -> Result<Answer, Failure> {
    let mut answer = match *call.request.method() {
        Method::HEAD => body::empty(StatusCode::OK),
        _ => body::with_type(StatusCode::OK, "text/plain; charset=utf-8", "OK"),
    };
    let headers = answer.headers_mut();
    for (key, value) in [
        ("Builder-Version", "1"),
        ("Swarm", "inactive"),
        ("Cache-Control", "no-cache, no-store, must-revalidate"),
        ("Pragma", "no-cache"),
    ] {
        headers.insert(key, hyper::header::HeaderValue::from_static(value));
    }
    Ok(answer)
}

const VERSION: [&str; 12] = [
    "Platform",
    "Components",
    "Version",
    "ApiVersion",
    "MinAPIVersion",
    "GitCommit",
    "GoVersion",
    "Os",
    "Arch",
    "KernelVersion",
    "Experimental",
    "BuildTime",
];

/// `version`: the engine's, with the range that the gate speaks.
pub(crate) async fn version(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    call.tell_of_look("system.version", "");
    let about = call.engine.about().await?;
    let mut version: Map<String, Value> = call.ask(Wire::get("/version")).await?;
    translate::keep(&mut version, &VERSION);
    let oldest = call.engine.min_api().await?;
    let range = [("ApiVersion", about.api), ("MinAPIVersion", oldest)];
    for (key, minor) in range {
        version.insert(key.into(), format!("1.{minor}").into());
    }
    for component in version
        .get_mut("Components")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .filter_map(|component| component.get_mut("Details")?.as_object_mut())
    {
        for (key, minor) in range {
            if component.contains_key(key) {
                component.insert(key.into(), format!("1.{minor}").into());
            }
        }
    }
    Ok(body::json(StatusCode::OK, &version))
}

/// What `info` may tell of the engine as it is.
const INFO: [&str; 47] = [
    "ID",
    "Containers",
    "ContainersRunning",
    "ContainersPaused",
    "ContainersStopped",
    "Images",
    "Driver",
    "DriverStatus",
    "MemoryLimit",
    "SwapLimit",
    "KernelMemory",
    "KernelMemoryTCP",
    "CpuCfsPeriod",
    "CpuCfsQuota",
    "CPUShares",
    "CPUSet",
    "PidsLimit",
    "IPv4Forwarding",
    "BridgeNfIptables",
    "BridgeNfIp6tables",
    "Debug",
    "OomKillDisable",
    "SystemTime",
    "LoggingDriver",
    "CgroupDriver",
    "CgroupVersion",
    "KernelVersion",
    "OperatingSystem",
    "OSVersion",
    "OSType",
    "Architecture",
    "IndexServerAddress",
    "RegistryConfig",
    "NCPU",
    "MemTotal",
    "DockerRootDir",
    "Name",
    "ExperimentalBuild",
    "ServerVersion",
    "DefaultRuntime",
    "LiveRestoreEnabled",
    "Isolation",
    "InitBinary",
    "SecurityOptions",
    "Warnings",
    "NFd",
    "NGoroutines",
];

/// `info`: counts of the caller's own, what the host is, and nothing that
/// tells of others or of the engine's surroundings.
pub(crate) async fn info(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    call.tell_of_look("system.info", "");
    let mut info: Map<String, Value> = call.ask(Wire::get("/info")).await?;
    let engine_id = info
        .get("ID")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let runtimes: Map<String, Value> = info
        .get("Runtimes")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| (name.clone(), json!({"path": ""})))
        .collect();
    translate::keep(&mut info, &INFO);
    for key in ["NFd", "NGoroutines"] {
        info.shift_remove(key);
    }
    let own = resolve::own_states(&call.engine, call.space()).await?;
    for (key, states) in [
        ("Containers", None),
        ("ContainersRunning", Some(&["running"][..])),
        ("ContainersPaused", Some(&["paused"][..])),
        (
            "ContainersStopped",
            Some(&["created", "exited", "dead", "removing"][..]),
        ),
    ] {
        let count = own
            .iter()
            .filter(|state| states.is_none_or(|states| states.contains(&state.as_str())))
            .count();
        info.insert(key.into(), count.into());
    }
    let images: Vec<Value> = call.ask(Wire::get("/images/json")).await?;
    info.insert(
        "Images".into(),
        images
            .into_iter()
            .filter_map(super::images::row)
            .count()
            .into(),
    );
    // An id of the caller's own: clients use it to tell daemons apart.
    let id = opaque::words(&format!("{engine_id} {}", call.space()));
    info.insert("ID".into(), id.into());
    for (key, value) in [
        (
            "Plugins",
            json!({"Volume": ["local"], "Network": ["bridge", "host", "null"], "Authorization": null, "Log": ["json-file", "local", "none"]}),
        ),
        ("Runtimes", Value::Object(runtimes)),
        (
            "Swarm",
            json!({"NodeID": "", "NodeAddr": "", "LocalNodeState": "inactive", "ControlAvailable": false, "Error": "", "RemoteManagers": null}),
        ),
        ("Labels", json!([])),
        ("HttpProxy", json!("")),
        ("HttpsProxy", json!("")),
        ("NoProxy", json!("")),
    ] {
        info.insert(key.into(), value);
    }
    strip_userinfo(&mut info);
    Ok(body::json(StatusCode::OK, &info))
}

/// A mirror's address can hold a password.
fn strip_userinfo(info: &mut Map<String, Value>) {
    let Some(registries) = info
        .get_mut("RegistryConfig")
        .and_then(Value::as_object_mut)
    else {
        return;
    };
    let without = |url: &mut Value| {
        let Some(text) = url.as_str() else { return };
        if let Some((scheme, rest)) = text.split_once("://")
            && let Some((_, host)) = rest.split_once('@')
        {
            *url = format!("{scheme}://{host}").into();
        }
    };
    if let Some(mirrors) = registries.get_mut("Mirrors").and_then(Value::as_array_mut) {
        mirrors.iter_mut().for_each(without);
    }
    let indexes = registries
        .get_mut("IndexConfigs")
        .and_then(Value::as_object_mut);
    for index in indexes.into_iter().flat_map(Map::values_mut) {
        if let Some(mirrors) = index.get_mut("Mirrors").and_then(Value::as_array_mut) {
            mirrors.iter_mut().for_each(without);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mirrors_password_is_not_told() {
        let mut info = json!({"RegistryConfig": {
            "Mirrors": ["https://me:secret@mirror.example/", "https://plain.example/"],
            "IndexConfigs": {"docker.io": {"Mirrors": ["https://me:secret@mirror.example/"]}},
        }});
        strip_userinfo(info.as_object_mut().unwrap());
        assert_eq!(
            info,
            json!({"RegistryConfig": {
                "Mirrors": ["https://mirror.example/", "https://plain.example/"],
                "IndexConfigs": {"docker.io": {"Mirrors": ["https://mirror.example/"]}},
            }})
        );
    }
}
