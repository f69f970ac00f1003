//! The bodies of `POST /networks/create`, `.../connect` and `.../disconnect`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::container::{Any, Endpoint};

/// A network to be made; read from clients and written to the engine.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct NetworkBody {
    pub name: String,
    /// Gone since API 1.44; always sent as true.
    pub check_duplicate: bool,
    pub driver: String,
    #[serde(skip_serializing)]
    pub scope: String,
    #[serde(rename = "EnableIPv4", skip_serializing_if = "Option::is_none")]
    pub enable_ipv4: Option<bool>,
    #[serde(rename = "EnableIPv6", skip_serializing_if = "Option::is_none")]
    pub enable_ipv6: Option<bool>,
    #[serde(rename = "IPAM")]
    pub ipam: Option<Ipam>,
    pub internal: bool,
    #[serde(skip_serializing)]
    pub attachable: bool,
    #[serde(skip_serializing)]
    pub ingress: bool,
    #[serde(skip_serializing)]
    pub config_only: bool,
    #[serde(skip_serializing)]
    pub config_from: Any,
    pub options: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Ipam {
    pub driver: String,
    pub options: BTreeMap<String, String>,
    pub config: Vec<IpamRange>,
}

/// One range of addresses, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct IpamRange {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subnet: String,
    #[serde(rename = "IPRange", skip_serializing_if = "String::is_empty")]
    pub ip_range: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gateway: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub auxiliary_addresses: BTreeMap<String, String>,
}

/// `network connect`
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ConnectBody {
    pub container: String,
    pub endpoint_config: Option<Endpoint>,
}

/// `network disconnect`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DisconnectBody {
    pub container: String,
    pub force: bool,
}
