//! Fields of a network that is made, and of a container's endpoint on one.

use super::{Row, check, drop, forbid, force, safe};

/// Sorted by field.
pub(super) static ROWS: &[Row] = &[
    check("Network.Aliases", "--network-alias", "network.alias")
        .because("it is no host name")
        .instead("use letters, digits, \"-\", \"_\" and \".\""),
    forbid("Network.Attachable", "--attachable", "network.swarm")
        .because("it is for swarms")
        .instead("every container of yours can be attached to your networks anyway"),
    drop("Network.CheckDuplicate", "CheckDuplicate"),
    forbid("Network.ConfigFrom", "--config-from", "network.config")
        .because("it takes the settings of a network of the host")
        .instead("leave it out"),
    forbid("Network.ConfigOnly", "--config-only", "network.config")
        .because("it holds settings for networks of the host")
        .instead("leave it out"),
    check("Network.Count", "one more network", "network.count")
        .because("all addresses of your networks are in use")
        .instead("'dock network prune' removes those that no container uses"),
    check("Network.Driver", "--driver", "network.driver")
        .because("it reaches beyond this host or into its own network")
        .instead("--driver bridge is what you get"),
    check("Network.DriverOpts", "--driver-opt", "network.endpoint")
        .because("this option of an endpoint is refused")
        .instead("com.docker.network.endpoint.ifname and ...endpoint.sysctls of IFNAME are allowed, on networks of your own"),
    safe("Network.EnableIPv4", "--ipv4"),
    check("Network.EnableIPv6", "--ipv6", "network.ipv6")
        .because("this host has no IPv6 addresses for users")
        .instead("an administrator can set `pool6` under [network] in dock.toml")
        .widened_by(&["pool6"]),
    check("Network.Endpoint", "--network", "network.endpoint")
        .because("this option of a network is refused"),
    check("Network.IPAM", "--ipam-driver", "network.ipam")
        .because("addresses are given by the gate")
        .instead("--subnet, --gateway, --ip-range and --aux-address are allowed"),
    forbid("Network.Ingress", "--ingress", "network.swarm")
        .because("it is for swarms")
        .instead("leave it out"),
    safe("Network.Internal", "--internal"),
    check("Network.Labels", "--label", "create.label")
        .because("labels under \"dock.\" are dock's own")
        .instead("choose another prefix"),
    forbid("Network.LinkLocalIPs", "--link-local-ip", "network.link-local")
        .because("it can stand in for a service of the host's")
        .instead("--ip"),
    force("Network.Name", "NETWORK", "network.name")
        .because("the names of docker's own networks are taken")
        .instead("choose another name"),
    check("Network.Options", "--opt", "network.option")
        .because("this option reaches the host's own network")
        .instead("com.docker.network.driver.mtu, ...bridge.enable_icc and ...bridge.enable_ip_masquerade are allowed"),
    check("Network.Scope", "--scope", "network.swarm")
        .because("it is for swarms")
        .instead("--scope local is what you get"),
    check("Network.Subnet", "--subnet", "network.subnet")
        .because("these addresses are not yours")
        .instead("leave it out, and one is chosen; an administrator can open ranges with `user_subnets` under [network] in dock.toml")
        .widened_by(&["user_subnets"]),
];
