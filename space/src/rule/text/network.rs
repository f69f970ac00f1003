//! Rules of networks and endpoints.

/// Sorted by id.
pub(super) static RULES: &[(&str, &str)] = &[
    (
        "network.alias",
        "An alias is a name in the DNS of one network of yours, so it is a host name: letters, \
         digits, \"-\", \"_\" and \".\". One endpoint can have 64 of them. The container's own name is \
         one already.",
    ),
    (
        "network.config",
        "A network can be made from the settings of another one of the engine (--config-from), \
         which an administrator may have made for the host's own interfaces; and --config-only \
         makes such settings. Both reach past your space. Give the options to the network itself.",
    ),
    (
        "network.count",
        "Each space has its own part of the host's addresses, and it holds eight networks as long \
         as an administrator has not made it larger (`network_prefix`): your default one and \
         seven that you make. `dock network ls` shows them; `dock network prune` removes those \
         that no container uses.",
    ),
    (
        "network.driver",
        "macvlan and ipvlan put a container on the host's own network, where it can take others' \
         addresses; host and overlay join what all people share; other drivers are root's \
         programs. A bridge keeps your containers together and everybody else's out. Ports are \
         published with --publish.",
    ),
    (
        "network.endpoint",
        "Options of the driver steer the host's network devices, and a network can be named once. \
         Leave the option out. The container gets an address of your private network, and other \
         containers of yours find it by its name.",
    ),
    (
        "network.ipam",
        "Addresses come from the part of the pool that belongs to your space, so the engine's own \
         address driver is the only one, without options. --subnet, --gateway, --ip-range and \
         --aux-address choose among your addresses.",
    ),
    (
        "network.ipv6",
        "Networks get IPv6 from a pool that an administrator sets (`pool6` under [network] in \
         dock.toml), one /64 each. This host has none, or yours is used up. Leave --ipv6 out, and \
         the network has IPv4.",
    ),
    (
        "network.link-local",
        "An address such as 169.254.169.254 inside a network can stand in for the host's metadata \
         service. --ip gives a container a fixed address of the network's own subnet.",
    ),
    (
        "network.mac",
        "A MAC address is six pairs of hex digits, and the first is even: an odd one means a \
         group of machines. Leave the option out, and one is chosen.",
    ),
    (
        "network.name",
        "bridge, host, none and default are docker's own networks, in your space as in every \
         other. What you make is stored under your space's prefix, which nobody else can use, and \
         shown to you without it.",
    ),
    (
        "network.option",
        "The name of a bridge can be that of one of the host's own, and other options open the \
         network to the outside or change the host's addresses. The size of packets (mtu, 1280 to \
         9216), enable_icc and enable_ip_masquerade are yours to choose.",
    ),
    (
        "network.subnet",
        "A subnet of your choice becomes a route of this host: with somebody else's addresses it \
         would take their traffic. So a subnet lies in the part of the pool that belongs to your \
         space, which the refusal names, or in a range that an administrator has opened for \
         everybody (`user_subnets`). Leave --subnet out, and a free one is chosen.",
    ),
    (
        "network.swarm",
        "Overlay networks, --ingress and --attachable belong to swarms, and the engine of this \
         host is shared by people who are none. A container of yours can be connected to every \
         network of yours without them.",
    ),
];
