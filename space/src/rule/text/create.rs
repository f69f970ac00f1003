//! Rules of a container that is made.

/// Sorted by id.
pub(super) static RULES: &[(&str, &str)] = &[
    (
        "create.add-host",
        "An entry of /etc/hosts in the container is a name, a colon and an IPv4 or IPv6 address, \
         or the word host-gateway. Anything else could write lines of its own into that file. At \
         most 256 entries are taken.",
    ),
    (
        "create.annotation",
        "Annotations are not shown by docker: they are read by the runtime that starts the \
         container, which runs as root. Some of them keep the runtime's own groups, choose \
         another program or set properties of a systemd unit. To mark a container for yourself or \
         for a filter, use --label.",
    ),
    (
        "create.blkio-device",
        "These options name a device of the host by its path, and the engine looks at that path \
         as root. The answer tells whether any file of the host is there, so it is not for users. \
         --blkio-weight sets the container's share of all disks without naming one.",
    ),
    (
        "create.blkio-weight",
        "The weight is the container's share of the disks when several containers want them; 500 \
         is what everybody has. A higher weight takes from all other people on this host, a lower \
         one is always allowed.",
    ),
    (
        "create.cap-add",
        "A capability is a part of root's power over the kernel, and the kernel is the host's. \
         The engine's default set is in every container, but for MKNOD (a device node is a way to \
         the disk) and AUDIT_WRITE (forged audit records), which dock always drops. An \
         administrator can list more under `cap_add`, as SYS_PTRACE for debuggers; SYS_ADMIN, \
         SYS_MODULE and others that are as good as root on the host stay refused even then. Often \
         another option does it: ports below 1024 need no capability inside a container, and \
         `ping` works without one.",
    ),
    (
        "create.cap-drop",
        "The value is no name of a capability: letters and underscores, with or without CAP_ in \
         front, or ALL. Dropping capabilities is always allowed, and a good habit.",
    ),
    (
        "create.capabilities",
        "This field of old engines replaces the container's whole set of capabilities, also the \
         ones that dock takes away. Use --cap-add and --cap-drop, which add to the default set \
         and take from it.",
    ),
    (
        "create.cgroup",
        "This field of old clients lets a container join the control group of another, and with \
         it its limits and its devices. No flag leads to it. Leave it out.",
    ),
    (
        "create.cgroup-parent",
        "All containers of your space stand below one control group, in which the sum of what \
         they use is counted. Another parent would take a container out of your limits, or into \
         somebody else's. Limits of one container are set with --memory, --cpus and --pids-limit.",
    ),
    (
        "create.cgroupns",
        "With the host's control group namespace a container sees the tree of the whole host: the \
         names and the use of everybody's containers. Every container of yours has a namespace of \
         its own, which is what --cgroupns private asks for.",
    ),
    (
        "create.device",
        "A device of the host is not the container's alone: a disk can be read past all files' \
         rights, and memory or a terminal is everybody's. An administrator can list devices under \
         `devices`, each by its exact path, as /dev/fuse. The right to make device nodes is never \
         given with one.",
    ),
    (
        "create.device-cgroup-rule",
        "Such a rule opens devices of the host by number, whether they are in the container or \
         not. With one of them a container could read and write the host's disks. An \
         administrator can allow devices by their path instead, see create.device.",
    ),
    (
        "create.dns",
        "Name servers are addresses, search domains are host names, and an option of the resolver \
         is one word. Anything else could write lines of its own into the container's \
         /etc/resolv.conf. Together at most 64 are taken.",
    ),
    (
        "create.env",
        "One variable can have 128 KiB, all together 1 MiB in 4000 variables at most; the kernel \
         would not start a program with more. The engine keeps the environment in its own memory, \
         which all people on this host share. Put large values into a file in a volume.",
    ),
    (
        "create.expose",
        "Exposing a port says that something listens there; with --publish-all every exposed port \
         is published, and the engine starts a program for each on the host. More than 256 are \
         refused. To publish a range, name it: -p 8000-8010.",
    ),
    (
        "create.gpu",
        "GPUs are shared by everybody on this host, and this version of dock does not hand them \
         out yet. The variables NVIDIA_VISIBLE_DEVICES and the runtime of NVIDIA give none \
         either. A later version hands them out by the administrator's rules.",
    ),
    (
        "create.group-add",
        "A supplementary group is a name that the image knows or a number up to 2147483647. At \
         most 64 are taken.",
    ),
    (
        "create.healthcheck",
        "Each check is a program that the engine starts as root's child in your container. More \
         than one each second is a storm that everybody on this host feels, so --health-interval \
         and --health-start-interval are 1s or more. An image that checks more often is slowed \
         down to that; where its start interval is shorter, --no-healthcheck turns its check off.",
    ),
    (
        "create.hostname",
        "A host name has letters, digits, hyphens and dots and at most 63 of them, a domain name \
         at most 253. It is written to the container's /etc/hosts, where anything else could \
         become a line of its own.",
    ),
    (
        "create.image",
        "The name that you type is looked up once, and the container is made of exactly the image \
         that was found: its full id is what the engine gets. So an image that is pulled anew \
         meanwhile changes nothing, and a name leads to no image of somebody else's.",
    ),
    (
        "create.ipc",
        "With the host's IPC namespace a container reaches the shared memory and the semaphores \
         of every program on the host. private is what you get, shareable lets other containers \
         of yours join, and container:NAME joins one of yours.",
    ),
    (
        "create.kernel-memory",
        "The kernel has no such limit any more, and engines answer with a warning or ignore it. \
         --memory limits the kernel's memory of a container as well.",
    ),
    (
        "create.label",
        "Labels that begin with \"dock.\" say whose an object is; if users could set them, one \
         person's container could pass for another's. Every other label is yours, up to 256 KiB \
         in all; author (and org, where an administrator has set it) is filled in by dock.",
    ),
    (
        "create.link",
        "Links between containers are not served yet. Containers of yours on your default network \
         reach each other by name without one.",
    ),
    (
        "create.log-driver",
        "Log drivers other than json-file, local and none send to an address or write to the \
         system's log, as root and in the host's network. Of the first two, max-size, max-file, \
         compress, mode, max-buffer-size, labels and env can be set; the size is bounded, since \
         the log is on everybody's disk. An administrator can list other drivers under \
         `log_drivers` and sets the ceilings `log_max_size` and `log_max_file`.",
    ),
    (
        "create.network",
        "Your containers are on a private network of your own, where they find each other by name \
         and nobody else finds them. The host's network is everybody's: a container on it could \
         reach what listens on the host alone and take other people's ports. Leave --network out, \
         or use none or container:NAME with a container of yours; networks that you make yourself \
         come with a later version.",
    ),
    (
        "create.oom",
        "When memory is short the kernel ends the process that is easiest to spare. A container \
         that is never ended, or that comes after the processes of others, makes others pay for \
         it and can stop the whole host. --oom-score-adj 0 to 1000 makes a container go first; \
         --memory keeps it small.",
    ),
    (
        "create.pid",
        "With the host's process namespace a container sees every process of the host, with its \
         command line, and with enough rights can signal or trace it. container:NAME shares the \
         namespace of a container of yours, for debugging.",
    ),
    (
        "create.port",
        "A published port is a port of the host, and everybody shares those. Ports below \
         `first_port` (1024) belong to the system, a container can publish `max_ports` (64), and \
         where an administrator has listed `publish_addresses`, only those. Leave the host's port \
         out (-p 80) and a free one is chosen; `dock port CONTAINER` shows which.",
    ),
    (
        "create.privileged",
        "A privileged container has every capability and every device of the host, and nothing \
         keeps it from mounting the host's disk: root in it is root on this host. No \
         configuration allows it. Mostly one part is wanted: a debugger needs SYS_PTRACE, a FUSE \
         file system the device /dev/fuse, both of which an administrator can list. A Docker in \
         the container is not needed where `dock serve` gives a socket.",
    ),
    (
        "create.realtime",
        "Real-time processes run before all others of the host, for as long as they want. On a \
         shared host that stops everybody else. --cpu-shares says how much of the CPU a container \
         gets when it is short.",
    ),
    (
        "create.restart",
        "A restart policy is no, on-failure with or without :COUNT, always or unless-stopped. A \
         count goes with on-failure alone, and --rm with no policy.",
    ),
    (
        "create.runtime",
        "A runtime is a program that the engine starts as root. The engine's default one is yours \
         to name, and an administrator can list others under `runtimes`. Where the default is \
         hardened, runc is no way around it; where it is NVIDIA's, it has to be listed, since it \
         gives GPUs to whoever asks.",
    ),
    (
        "create.security-opt",
        "Seccomp, AppArmor and SELinux are walls between a container and the kernel that all \
         people share. Taking one down, or bringing a profile of one's own, is refused. \
         no-new-privileges is always allowed, and so are the names of the defaults, \
         seccomp=builtin and apparmor=docker-default.",
    ),
    (
        "create.stop-signal",
        "A signal is a name such as SIGTERM or RTMIN+3, or a number. The engine sends it to the \
         container's first process when it is stopped.",
    ),
    (
        "create.stop-timeout",
        "So many seconds pass between the stop signal and the kill. The engine waits as long when \
         it is shut down, and for ever when the value is negative, so 0 to 120 are taken. `dock \
         stop --time` can wait longer for once.",
    ),
    (
        "create.storage-opt",
        "This option sets the size of the container's own layer, and works on few storage \
         drivers. Sizes are not granted by this version of dock. Data that needs room belongs \
         into a volume.",
    ),
    (
        "create.sysctl",
        "Most settings of the kernel are the whole host's, and some run a program as root. Those \
         of a container's own network and IPC namespaces are allowed, as net.core.somaxconn, \
         net.ipv4.tcp_*, kernel.shm* and fs.mqueue.*. An administrator can list more under \
         `sysctls`.",
    ),
    (
        "create.systempaths",
        "Parts of /proc and /sys are masked or read-only in a container because they show or \
         steer the host's kernel: its memory, its keys, its firmware. Uncovering them is refused.",
    ),
    (
        "create.unknown",
        "The option is not in dock's table, and what is not known is not passed on. If docker has \
         it, tell the people who install dock: a newer version may know it.",
    ),
    (
        "create.user",
        "A user is NAME, UID, NAME:GROUP or UID:GID, and numbers go up to 2147483647: beyond that \
         some runtimes wrap around to 0, which is root. The rule holds for the image's own USER, \
         too; --user overrides it.",
    ),
    (
        "create.userns",
        "Where the engine maps root in containers to another user of the host, --userns host \
         turns that off: root in the container would be root on the host. Leave it out.",
    ),
    (
        "create.uts",
        "With the host's UTS namespace a container could read and change the name of the host. \
         --hostname sets the container's own.",
    ),
    (
        "create.volumes-from",
        "The value is a container of yours, with or without :ro or :rw. Other suffixes ask the \
         engine to change labels of files as root.",
    ),
    (
        "create.windows",
        "The option exists for Windows containers alone, and this host runs Linux. --cpus limits \
         the CPU.",
    ),
    (
        "create.workdir",
        "A container begins in its working directory, and a path such as /proc/self/fd/8 can be a \
         folder of the host that the runtime has open (CVE-2024-21626). So the path is absolute, \
         has no \"..\", and is not below /proc, /sys or /dev. The rule holds for the image's own \
         WORKDIR, too; --workdir overrides it.",
    ),
];
