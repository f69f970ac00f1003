//! Rules of volumes.

/// Sorted by id.
pub(super) static RULES: &[(&str, &str)] = &[
    (
        "volume.cluster",
        "Volumes of a swarm are made by plugins that run as root, and this host is no swarm. \
         Leave the option out, and the volume is a folder of the engine's on this host.",
    ),
    (
        "volume.driver",
        "A volume driver is a program that runs as root on this host. The engine's own, local, is \
         the one that is used: a volume of it keeps its files on this host's disk until you \
         remove it.",
    ),
    (
        "volume.label",
        "Labels that begin with \"dock.\" say whose an object is, and only dock writes them. Every \
         other label is yours: choose another prefix.",
    ),
    (
        "volume.name",
        "Names can have 200 letters, digits, \"_\", \".\" and \"-\", since the engine stores them with \
         your space's prefix. A volume of yours can also be named by the 64 digits that the \
         engine gave it.",
    ),
    (
        "volume.options",
        "With options the local driver mounts anything as root: `o=bind` any folder of the host, \
         `type=nfs` other people's home folders. Only a tmpfs is allowed: type=tmpfs, \
         device=tmpfs, and o= with size, uid, gid, mode, nosuid, nodev and noexec.",
    ),
];
