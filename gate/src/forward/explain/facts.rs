//! What would be sent, in the words of the command line: what was asked for,
//! what is forced and what is filled in.

use dock_space::admin::Fact;

use crate::api::container::{HostConfig, PortBinding};
use crate::api::network::NetworkBody;
use crate::policy::{Create, Operation};

/// The values of `operation` that an administrator wants to see; values that
/// nobody set and nothing fills in are left out.
pub(super) fn of(operation: &Operation) -> Vec<Fact> {
    let facts = match operation {
        Operation::ContainerCreate(create) => container(create),
        Operation::NetworkCreate(network) => self::network(network),
        Operation::VolumeCreate(volume) => vec![
            ("name", volume.name.clone()),
            ("driver", volume.driver.clone()),
            ("options", pairs(volume.driver_opts.iter().flatten())),
            ("labels", pairs(&volume.labels)),
        ],
        Operation::ImagePull { name, tag, .. } => vec![("image", format!("{name}:{tag}"))],
        _ => Vec::new(),
    };
    facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| Fact {
            name: name.to_owned(),
            value,
        })
        .collect()
}

fn container(create: &Create) -> Vec<(&'static str, String)> {
    let body = &create.body;
    let host = &body.host_config;
    let network = match create.default_network {
        true => format!("{} (the space's own bridge)", host.network_mode),
        false => host.network_mode.clone(),
    };
    let mut facts = vec![
        ("name", create.name.clone()),
        ("image", body.image.clone()),
        ("user", body.user.clone()),
        ("network", network),
        ("cgroup parent", host.cgroup_parent.clone()),
    ];
    facts.extend(limits(host));
    facts.extend([
        ("cap add", host.cap_add.0.join(", ")),
        ("cap drop", host.cap_drop.0.join(", ")),
        ("security options", host.security_opt.join(", ")),
        ("devices", list(&host.devices, |it| it.path_on_host.clone())),
        ("runtime", host.runtime.clone()),
        ("ports", ports(host)),
        (
            "volumes",
            list(&host.mounts, |it| format!("{}:{}", it.source, it.target)),
        ),
        (
            "log",
            format!(
                "{} {}",
                host.log_config.r#type,
                pairs(&host.log_config.config)
            )
            .trim()
            .to_owned(),
        ),
        ("restart", host.restart_policy.name.clone()),
        ("labels", pairs(&body.labels)),
    ]);
    facts
}

fn limits(host: &HostConfig) -> Vec<(&'static str, String)> {
    let set = |number: i64| match number {
        0 => String::new(),
        number => number.to_string(),
    };
    let cpus = match host.nano_cpus {
        0 => String::new(),
        nano => (nano as f64 / 1e9).to_string(),
    };
    vec![
        ("memory", set(host.memory)),
        ("memory swap", set(host.memory_swap)),
        ("cpus", cpus),
        ("cpu quota", set(host.cpu_quota)),
        ("pids", set(host.pids_limit.unwrap_or_default())),
        ("shm size", set(host.shm_size)),
        (
            "ulimits",
            list(&host.ulimits, |it| {
                format!("{}={}:{}", it.name, it.soft, it.hard)
            }),
        ),
        ("sysctls", pairs(&host.sysctls)),
    ]
}

fn network(network: &NetworkBody) -> Vec<(&'static str, String)> {
    let ranges = network.ipam.iter().flat_map(|ipam| &ipam.config);
    let subnets: Vec<String> = ranges.map(|range| range.subnet.clone()).collect();
    vec![
        ("name", network.name.clone()),
        ("driver", network.driver.clone()),
        ("subnet", subnets.join(", ")),
        (
            "internal",
            if network.internal {
                "yes".into()
            } else {
                String::new()
            },
        ),
        ("options", pairs(&network.options)),
        ("labels", pairs(&network.labels)),
    ]
}

fn ports(host: &HostConfig) -> String {
    let bindings = host.port_bindings.iter().flat_map(|(inside, bindings)| {
        let bindings = bindings.iter().flatten();
        bindings.map(move |binding| port(inside, binding))
    });
    let mut ports: Vec<String> = bindings.collect();
    if host.publish_all_ports {
        ports.push("all that the image exposes".into());
    }
    ports.join(", ")
}

fn port(inside: &str, binding: &PortBinding) -> String {
    let PortBinding { host_ip, host_port } = binding;
    let outside = match host_port.as_str() {
        "" => "a free port",
        port => port,
    };
    match host_ip.as_str() {
        "" => format!("{outside}->{inside}"),
        address => format!("{address}:{outside}->{inside}"),
    }
}

fn list<T>(values: &[T], text: impl Fn(&T) -> String) -> String {
    let texts: Vec<String> = values.iter().map(text).collect();
    texts.join(", ")
}

/// `a=1, b=2`, without what has no value.
fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    let texts: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
    texts.join(", ")
}
