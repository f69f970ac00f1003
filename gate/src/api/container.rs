//! The body of `POST /containers/create`, field by field.
//!
//! The same structs are read from clients and written to the engine. They name
//! every field of the API up to 1.56, the refused ones too; what they do not
//! name is refused by the reader. Engines up to 26.1 also read HostConfig's
//! fields at the top level (fact 1): those are not named here on purpose.

use std::collections::BTreeMap;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Whether a value is what Go takes for "not set".
fn unset<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// `{}`, the value of Go's sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Empty {}

/// A value that is only ever compared with zero: of a field that is refused.
pub type Any = serde_json::Value;

/// A list of words, which old clients send as one string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Words(pub Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        struct WordsVisitor;
        impl<'de> Visitor<'de> for WordsVisitor {
            type Value = Words;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_unit<E>(self) -> Result<Words, E> {
                Ok(Words::default())
            }

            fn visit_none<E>(self) -> Result<Words, E> {
                Ok(Words::default())
            }

            fn visit_str<E>(self, word: &str) -> Result<Words, E> {
                Ok(Words(vec![word.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element()? {
                    words.push(word);
                }
                Ok(Words(words))
            }
        }
        deserializer.deserialize_any(WordsVisitor)
    }
}

/// The whole body.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct CreateBody {
    #[serde(skip_serializing_if = "unset")]
    pub hostname: String,
    #[serde(skip_serializing_if = "unset")]
    pub domainname: String,
    #[serde(skip_serializing_if = "unset")]
    pub user: String,
    pub attach_stdin: bool,
    pub attach_stdout: bool,
    pub attach_stderr: bool,
    #[serde(skip_serializing_if = "unset")]
    pub exposed_ports: BTreeMap<String, Empty>,
    pub tty: bool,
    pub open_stdin: bool,
    pub stdin_once: bool,
    #[serde(skip_serializing_if = "unset")]
    pub env: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub cmd: Option<Words>,
    #[serde(skip_serializing_if = "unset")]
    pub healthcheck: Option<Healthcheck>,
    #[serde(skip_serializing_if = "unset")]
    pub args_escaped: bool,
    pub image: String,
    #[serde(skip_serializing_if = "unset")]
    pub volumes: BTreeMap<String, Empty>,
    #[serde(skip_serializing_if = "unset")]
    pub working_dir: String,
    #[serde(skip_serializing_if = "unset")]
    pub entrypoint: Option<Words>,
    #[serde(skip_serializing_if = "unset")]
    pub network_disabled: bool,
    #[serde(skip_serializing_if = "unset")]
    pub mac_address: String,
    #[serde(skip_serializing_if = "unset")]
    pub on_build: Vec<String>,
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "unset")]
    pub stop_signal: String,
    #[serde(skip_serializing_if = "unset")]
    pub stop_timeout: Option<i64>,
    #[serde(skip_serializing_if = "unset")]
    pub shell: Vec<String>,
    pub host_config: HostConfig,
    #[serde(skip_serializing_if = "unset")]
    pub networking_config: NetworkingConfig,
}

/// Times are nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Healthcheck {
    #[serde(skip_serializing_if = "unset")]
    pub test: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub interval: i64,
    #[serde(skip_serializing_if = "unset")]
    pub timeout: i64,
    #[serde(skip_serializing_if = "unset")]
    pub start_period: i64,
    #[serde(skip_serializing_if = "unset")]
    pub start_interval: i64,
    #[serde(skip_serializing_if = "unset")]
    pub retries: i64,
}

/// What the container is given of the host; sizes are bytes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HostConfig {
    #[serde(skip_serializing_if = "unset")]
    pub binds: Vec<String>,
    #[serde(rename = "ContainerIDFile", skip_serializing_if = "unset")]
    pub container_id_file: String,
    #[serde(skip_serializing_if = "unset")]
    pub log_config: LogConfig,
    #[serde(skip_serializing_if = "unset")]
    pub network_mode: String,
    #[serde(skip_serializing_if = "unset")]
    pub port_bindings: BTreeMap<String, Option<Vec<PortBinding>>>,
    #[serde(skip_serializing_if = "unset")]
    pub restart_policy: RestartPolicy,
    #[serde(skip_serializing_if = "unset")]
    pub auto_remove: bool,
    #[serde(skip_serializing_if = "unset")]
    pub volume_driver: String,
    #[serde(skip_serializing_if = "unset")]
    pub volumes_from: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub mounts: Vec<Mount>,
    #[serde(skip_serializing_if = "unset")]
    pub console_size: Vec<u32>,
    #[serde(skip_serializing_if = "unset")]
    pub annotations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "unset")]
    pub cap_add: Words,
    #[serde(skip_serializing_if = "unset")]
    pub cap_drop: Words,
    #[serde(skip_serializing)]
    pub capabilities: Any,
    #[serde(skip_serializing_if = "unset")]
    pub cgroupns_mode: String,
    // CLIs send `[]` for these three, and inspect tells it from null.
    #[serde(skip_serializing_if = "unset")]
    pub dns: Option<Vec<String>>,
    #[serde(skip_serializing_if = "unset")]
    pub dns_options: Option<Vec<String>>,
    #[serde(skip_serializing_if = "unset")]
    pub dns_search: Option<Vec<String>>,
    #[serde(skip_serializing_if = "unset")]
    pub extra_hosts: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub group_add: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub ipc_mode: String,
    #[serde(skip_serializing_if = "unset")]
    pub cgroup: String,
    #[serde(skip_serializing_if = "unset")]
    pub links: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub oom_score_adj: i64,
    #[serde(skip_serializing_if = "unset")]
    pub pid_mode: String,
    #[serde(skip_serializing_if = "unset")]
    pub privileged: bool,
    #[serde(skip_serializing_if = "unset")]
    pub publish_all_ports: bool,
    #[serde(skip_serializing_if = "unset")]
    pub readonly_rootfs: bool,
    #[serde(skip_serializing_if = "unset")]
    pub security_opt: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub storage_opt: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "unset")]
    pub tmpfs: BTreeMap<String, String>,
    #[serde(rename = "UTSMode", skip_serializing_if = "unset")]
    pub uts_mode: String,
    #[serde(skip_serializing_if = "unset")]
    pub userns_mode: String,
    #[serde(skip_serializing_if = "unset")]
    pub shm_size: i64,
    #[serde(skip_serializing_if = "unset")]
    pub sysctls: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "unset")]
    pub runtime: String,
    #[serde(skip_serializing_if = "unset")]
    pub isolation: String,
    /// `null` is the engine's list, `[]` is none: never the same.
    #[serde(skip_serializing)]
    pub masked_paths: Option<Any>,
    #[serde(skip_serializing)]
    pub readonly_paths: Option<Any>,
    #[serde(skip_serializing_if = "unset")]
    pub init: Option<bool>,
    // What `docker update` can change, too. Not a struct of its own: serde's
    // `flatten` would take the reader's folding of keys away.
    #[serde(skip_serializing_if = "unset")]
    pub cpu_shares: i64,
    #[serde(skip_serializing_if = "unset")]
    pub memory: i64,
    #[serde(skip_serializing_if = "unset")]
    pub nano_cpus: i64,
    #[serde(skip_serializing_if = "unset")]
    pub cgroup_parent: String,
    #[serde(skip_serializing_if = "unset")]
    pub blkio_weight: u16,
    #[serde(skip_serializing)]
    pub blkio_weight_device: Any,
    #[serde(skip_serializing)]
    pub blkio_device_read_bps: Any,
    #[serde(skip_serializing)]
    pub blkio_device_write_bps: Any,
    #[serde(rename = "BlkioDeviceReadIOps", skip_serializing)]
    pub blkio_device_read_iops: Any,
    #[serde(rename = "BlkioDeviceWriteIOps", skip_serializing)]
    pub blkio_device_write_iops: Any,
    #[serde(skip_serializing_if = "unset")]
    pub cpu_period: i64,
    #[serde(skip_serializing_if = "unset")]
    pub cpu_quota: i64,
    #[serde(skip_serializing)]
    pub cpu_realtime_period: Any,
    #[serde(skip_serializing)]
    pub cpu_realtime_runtime: Any,
    #[serde(skip_serializing_if = "unset")]
    pub cpuset_cpus: String,
    #[serde(skip_serializing_if = "unset")]
    pub cpuset_mems: String,
    #[serde(skip_serializing_if = "unset")]
    pub devices: Vec<Device>,
    #[serde(skip_serializing)]
    pub device_cgroup_rules: Any,
    #[serde(skip_serializing)]
    pub device_requests: Any,
    #[serde(skip_serializing)]
    pub kernel_memory: Any,
    #[serde(rename = "KernelMemoryTCP", skip_serializing)]
    pub kernel_memory_tcp: Any,
    #[serde(skip_serializing_if = "unset")]
    pub memory_reservation: i64,
    #[serde(skip_serializing_if = "unset")]
    pub memory_swap: i64,
    #[serde(skip_serializing_if = "unset")]
    pub memory_swappiness: Option<i64>,
    #[serde(skip_serializing)]
    pub oom_kill_disable: Option<bool>,
    #[serde(skip_serializing_if = "unset")]
    pub pids_limit: Option<i64>,
    #[serde(skip_serializing_if = "unset")]
    pub ulimits: Vec<Ulimit>,
    #[serde(skip_serializing)]
    pub cpu_count: Any,
    #[serde(skip_serializing)]
    pub cpu_percent: Any,
    #[serde(rename = "IOMaximumIOps", skip_serializing)]
    pub io_maximum_iops: Any,
    #[serde(rename = "IOMaximumBandwidth", skip_serializing)]
    pub io_maximum_bandwidth: Any,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct LogConfig {
    pub r#type: String,
    pub config: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct PortBinding {
    pub host_ip: String,
    pub host_port: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct RestartPolicy {
    pub name: String,
    pub maximum_retry_count: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Device {
    pub path_on_host: String,
    pub path_in_container: String,
    pub cgroup_permissions: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ulimit {
    pub name: String,
    pub hard: i64,
    pub soft: i64,
}

/// One entry of `--mount`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Mount {
    pub r#type: String,
    #[serde(skip_serializing_if = "unset")]
    pub source: String,
    pub target: String,
    #[serde(skip_serializing_if = "unset")]
    pub read_only: bool,
    #[serde(skip_serializing_if = "unset")]
    pub consistency: String,
    #[serde(skip_serializing_if = "unset")]
    pub bind_options: Any,
    #[serde(skip_serializing_if = "unset")]
    pub volume_options: Option<VolumeOptions>,
    #[serde(skip_serializing_if = "unset")]
    pub tmpfs_options: Option<TmpfsOptions>,
    #[serde(skip_serializing_if = "unset")]
    pub image_options: Any,
    #[serde(skip_serializing_if = "unset")]
    pub cluster_options: Any,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct VolumeOptions {
    #[serde(skip_serializing_if = "unset")]
    pub no_copy: bool,
    #[serde(skip_serializing_if = "unset")]
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "unset")]
    pub driver_config: Option<DriverConfig>,
    #[serde(skip_serializing_if = "unset")]
    pub subpath: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DriverConfig {
    #[serde(skip_serializing_if = "unset")]
    pub name: String,
    #[serde(skip_serializing_if = "unset")]
    pub options: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct TmpfsOptions {
    #[serde(skip_serializing_if = "unset")]
    pub size_bytes: i64,
    #[serde(skip_serializing_if = "unset")]
    pub mode: u32,
    #[serde(skip_serializing_if = "unset")]
    pub options: Vec<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkingConfig {
    pub endpoints_config: BTreeMap<String, Option<Endpoint>>,
}

/// What a client may say of an endpoint; what the engine itself fills in is
/// read and dropped (fact 6).
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Endpoint {
    #[serde(rename = "IPAMConfig", skip_serializing_if = "unset")]
    pub ipam_config: Option<EndpointIpam>,
    #[serde(skip_serializing_if = "unset")]
    pub links: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub aliases: Vec<String>,
    #[serde(skip_serializing_if = "unset")]
    pub mac_address: String,
    #[serde(skip_serializing_if = "unset")]
    pub driver_opts: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "unset")]
    pub gw_priority: i64,
    #[serde(rename = "NetworkID", skip_serializing)]
    pub network_id: String,
    #[serde(rename = "EndpointID", skip_serializing)]
    pub endpoint_id: String,
    #[serde(skip_serializing)]
    pub gateway: String,
    #[serde(rename = "IPAddress", skip_serializing)]
    pub ip_address: String,
    #[serde(rename = "IPPrefixLen", skip_serializing)]
    pub ip_prefix_len: i64,
    #[serde(rename = "IPv6Gateway", skip_serializing)]
    pub ipv6_gateway: String,
    #[serde(rename = "GlobalIPv6Address", skip_serializing)]
    pub global_ipv6_address: String,
    #[serde(rename = "GlobalIPv6PrefixLen", skip_serializing)]
    pub global_ipv6_prefix_len: i64,
    #[serde(rename = "DNSNames", skip_serializing)]
    pub dns_names: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct EndpointIpam {
    #[serde(rename = "IPv4Address", skip_serializing_if = "unset")]
    pub ipv4_address: String,
    #[serde(rename = "IPv6Address", skip_serializing_if = "unset")]
    pub ipv6_address: String,
    #[serde(rename = "LinkLocalIPs", skip_serializing_if = "unset")]
    pub link_local_ips: Vec<String>,
}

/// The body of `POST /containers/{id}/update`: HostConfig's resource fields and
/// `RestartPolicy`; everything else in it has to be unset.
pub type UpdateBody = HostConfig;
