//! What the engine says of itself.

use std::collections::BTreeMap;

use dock_space::admin::host::Engine;
use serde::Deserialize;

use super::super::call::AdminCall;
use crate::failure::Failure;

/// What an engine takes for this host's own registries, always.
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Info {
    docker_root_dir: String,
    driver: String,
    driver_status: Option<Vec<(String, String)>>,
    security_options: Option<Vec<String>>,
    cgroup_driver: String,
    cgroup_version: String,
    memory_limit: bool,
    swap_limit: bool,
    cpu_cfs_quota: bool,
    pids_limit: bool,
    live_restore_enabled: bool,
    logging_driver: String,
    swarm: Swarm,
    plugins: Plugins,
    default_runtime: String,
    runtimes: Option<BTreeMap<String, serde::de::IgnoredAny>>,
    registry_config: Option<RegistryConfig>,
    experimental_build: bool,
    #[serde(rename = "IPv4Forwarding")]
    ipv4_forwarding: bool,
    bridge_nf_iptables: Option<bool>,
    firewall_backend: Option<Firewall>,
    warnings: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Swarm {
    local_node_state: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Plugins {
    volume: Option<Vec<String>>,
    network: Option<Vec<String>>,
    authorization: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RegistryConfig {
    #[serde(rename = "InsecureRegistryCIDRs")]
    insecure: Option<Vec<String>>,
    index_configs: Option<BTreeMap<String, Index>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Index {
    secure: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Firewall {
    driver: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Version {
    version: String,
    components: Option<Vec<Component>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Component {
    name: String,
    version: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Bridge {
    name: String,
    options: Option<BTreeMap<String, String>>,
}

/// Three questions, put together.
///
/// # Errors
/// When the engine does not answer.
pub(super) async fn facts(call: &AdminCall<'_>) -> Result<Engine, Failure> {
    let info: Info = call.ask("/info").await?;
    let version: Version = call.ask("/version").await?;
    // An engine can be without one.
    let bridge: Bridge = call.ask("/networks/bridge").await?;
    Ok(engine(info, version, bridge))
}

fn engine(info: Info, version: Version, bridge: Bridge) -> Engine {
    let components = version.components.unwrap_or_default();
    let component = |name: &str| {
        let found = components.iter().find(|component| component.name == name);
        found.map(|component| component.version.clone())
    };
    let icc = bridge.options.unwrap_or_default();
    let icc = icc.get("com.docker.network.bridge.enable_icc");
    let d_type = info.driver_status.unwrap_or_default();
    let d_type = d_type.iter().find(|(key, _)| key == "Supports d_type");
    Engine {
        containerd: component("containerd"),
        runc: component("runc"),
        version: version.version,
        data_root: info.docker_root_dir,
        storage_driver: info.driver,
        d_type: d_type.map(|(_, value)| value == "true"),
        security: info.security_options.unwrap_or_default(),
        cgroup_driver: info.cgroup_driver,
        // Engines before 20.10 know no other and say nothing.
        cgroup_version: match info.cgroup_version.is_empty() {
            true => "1".into(),
            false => info.cgroup_version,
        },
        memory_limit: info.memory_limit,
        swap_limit: info.swap_limit,
        cpu_quota: info.cpu_cfs_quota,
        pids_limit: info.pids_limit,
        live_restore: info.live_restore_enabled,
        log_driver: info.logging_driver,
        swarm: info.swarm.local_node_state,
        volume_plugins: info.plugins.volume.unwrap_or_default(),
        network_plugins: info.plugins.network.unwrap_or_default(),
        authorization_plugins: info.plugins.authorization.unwrap_or_default(),
        default_runtime: info.default_runtime,
        runtimes: info.runtimes.unwrap_or_default().into_keys().collect(),
        insecure_registries: insecure(info.registry_config.unwrap_or_default()),
        experimental: info.experimental_build,
        ip_forwarding: info.ipv4_forwarding,
        bridge_nf: info.bridge_nf_iptables,
        firewall: info.firewall_backend.map(|firewall| firewall.driver),
        icc: (bridge.name == "bridge").then(|| icc.is_none_or(|icc| icc == "true")),
        warnings: info.warnings.unwrap_or_default(),
    }
}

fn insecure(config: RegistryConfig) -> Vec<String> {
    let ranges = config.insecure.unwrap_or_default().into_iter();
    let ranges = ranges.filter(|range| !LOOPBACK.contains(&range.as_str()));
    let named = config.index_configs.unwrap_or_default().into_iter();
    let named = named.filter(|(_, index)| !index.secure);
    ranges.chain(named.map(|(name, _)| name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_engine_may_say_little() {
        let info: Info = serde_json::from_value(
            json!({"Runtimes": null, "Warnings": null, "Plugins": {"Volume": null}}),
        )
        .unwrap();
        let facts = engine(info, Version::default(), Bridge::default());
        assert_eq!((facts.icc, facts.bridge_nf, facts.runc), (None, None, None));
        assert_eq!(facts.cgroup_version, "1");
    }

    #[test]
    fn registries_without_tls_are_told_but_for_the_hosts_own() {
        let info = json!({"RegistryConfig": {
            "InsecureRegistryCIDRs": ["127.0.0.0/8", "10.0.0.0/8"],
            "IndexConfigs": {"docker.io": {"Secure": true}, "lab:5000": {"Secure": false}},
        }});
        let info: Info = serde_json::from_value(info).unwrap();
        let facts = engine(info, Version::default(), Bridge::default());
        assert_eq!(facts.insecure_registries, ["10.0.0.0/8", "lab:5000"]);
    }
}
