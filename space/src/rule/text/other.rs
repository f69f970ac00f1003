//! Rules of execs, images, limits and mounts.

/// Sorted by id.
pub(super) static RULES: &[(&str, &str)] = &[
    (
        "exec.detach-keys",
        "Detach keys are a letter, or ctrl- and a letter or one of @ [ ] \\ ^ _, joined by \
         commas. The default is ctrl-p,ctrl-q.",
    ),
    (
        "exec.env",
        "One variable can have 128 KiB, all together 1 MiB in 4000 variables at most; the kernel \
         would not start a program with more. Put large values into a file in a volume.",
    ),
    (
        "exec.privileged",
        "A privileged command has every capability, in a container whose processes have not: root \
         in it would have root's powers over this host. `dock exec --user root` is root inside \
         the container, with what the container has.",
    ),
    (
        "exec.user",
        "A user is NAME, UID, NAME:GROUP or UID:GID, and numbers go up to 2147483647: beyond that \
         some runtimes wrap around to 0, which is root. Leave it out, and the command runs as the \
         container does.",
    ),
    (
        "exec.workdir",
        "A path such as /proc/self/fd/8 can be a folder of the host that the runtime has open \
         (CVE-2024-21626). So the path has no \"..\", and is not below /proc, /sys or /dev. A \
         `cd` inside the command goes anywhere in the container.",
    ),
    (
        "image.all-tags",
        "Pulling all tags of a repository can fill the disk that everybody shares. Pull the tags \
         that you want, one by one.",
    ),
    (
        "image.public",
        "Images from public registries are stored once and used by everybody on this host, so one \
         person does not remove or untag them. An image that nobody uses is removed by an \
         administrator. The image costs you nothing: it counts for no space.",
    ),
    (
        "image.pulls",
        "A person can have `max_pulls` pulls at a time (4), so that nobody's downloads take the \
         line and the disk of everybody. Wait for one of yours to end, or stop it with ^C.",
    ),
    (
        "image.registry",
        "The engine dials registries as root and from the host's own network. So a registry on \
         the host itself (localhost, a loopback or link-local address) has to be listed under \
         `[images] registries` in dock.toml, and where that list is not empty, only the \
         registries in it are used. Ask an administrator to add the one that you need.",
    ),
    (
        "image.repository",
        "Where an administrator has listed repositories under `[images] repositories` in \
         dock.toml, only those are pulled. Use one of them, or ask an administrator to add the \
         one that you need: by its whole name, or by its beginning and a *.",
    ),
    (
        "image.reserved",
        "dock keeps the images of each space under names that end with \".dock.invalid\". No \
         registry can have such a name, and nobody pulls or runs from one by hand. Use the name \
         that `dock images` shows.",
    ),
    (
        "image.size",
        "An administrator can set how much one pull may download (`max_download`). The sizes of \
         an image's layers become known while they are fetched, so a pull that turns out to be \
         larger is cut, and what it has fetched is removed. A smaller image (slim, alpine) often \
         does the same.",
    ),
    (
        "limit.cpu",
        "An administrator can set how many CPUs one container may have at most (`cpus`); --cpus \
         and --cpu-quota with --cpu-period ask for more than that, or for no number of CPUs. \
         --cpu-shares is 2 to 1024, where 1024 is what everybody has, and --cpu-period 1000 to \
         1000000 microseconds.",
    ),
    (
        "limit.cpuset",
        "The CPUs or memory nodes are numbers, ranges and commas: 0-3,7. `dock info` shows how \
         many CPUs there are; numbers begin at 0.",
    ),
    (
        "limit.memory",
        "An administrator can set how much memory one container may have at most (`memory`); with \
         swap it is twice that. --memory, --memory-swap or --memory-reservation asks for more, or \
         is negative. Ask for less, or let an administrator raise the ceiling.",
    ),
    (
        "limit.pids",
        "Processes are the whole host's: a container that forks without end would leave none for \
         others. A container gets `pids_limit` processes (4096) when it asks for nothing, and can \
         ask for fewer. An administrator can raise the ceiling.",
    ),
    (
        "limit.shm",
        "/dev/shm is memory. An administrator sets how much one container may have (`shm_size`, 8 \
         GiB where nothing is set); --shm-size asks for more. For large data use a volume or \
         --tmpfs, which has the same ceiling.",
    ),
    (
        "limit.swappiness",
        "The value is between 0 and 100: how gladly the kernel swaps out the container's memory. \
         -1 means what the host has.",
    ),
    (
        "limit.ulimit",
        "The runtime raises a hard limit as root, past the limits of your login. So each name has \
         a ceiling that an administrator sets (`ulimits`), and a name without one is refused: \
         rtprio, rttime and nice would take the CPU from everybody. Ask for less, or let an \
         administrator raise the ceiling.",
    ),
    (
        "mount.bind",
        "A path of the host that root in a container can write is a way to become root on the \
         host, so dock has to mount it with your rights alone. That is not part of this version. \
         Use a volume of yours (-v NAME:/path), and copy files in and out with `dock exec -i \
         CONTAINER tar x` and `dock exec CONTAINER tar c PATH`. Of a volume's options ro, rw and \
         nocopy are taken; z and Z would change labels of files as root.",
    ),
    (
        "mount.docker-socket",
        "Whoever can speak to the engine's own socket is root on this host. `dock serve` gives a \
         socket on which a program reaches your space and nothing else. Mounting that one into a \
         container comes with host paths.",
    ),
    (
        "mount.driver",
        "A volume driver is a program that runs as root on the host. The driver local is all \
         there is here, and it is what you get without the option.",
    ),
    (
        "mount.target",
        "A mount over /proc, /sys or /dev hides or fakes what the runtime reads as root while it \
         starts the container, and one over /etc/hosts, /etc/hostname or /etc/resolv.conf meets \
         the engine's own. So a mount point is an absolute path without \"..\", not / and not in \
         those folders; /dev/shm is allowed. The rule holds for the image's VOLUMEs, too. A \
         container can have 128 mounts.",
    ),
    (
        "mount.tmpfs",
        "A tmpfs is memory, so its size has the ceiling that an administrator sets for \
         `shm_size`. The options rw, ro, exec, noexec, nosuid, nodev, size, mode, uid, gid and \
         nr_inodes are taken; others, as suid and dev, open doors that containers keep shut.",
    ),
    (
        "mount.type",
        "Mounts of type volume and tmpfs are served. Binds of host paths are not part of this \
         version (see mount.bind), and named pipes, cluster volumes and images as mounts are not \
         served.",
    ),
    (
        "mount.volume-opt",
        "The options of the local driver are words for the mount command, which the engine runs \
         as root: with o=bind they mount any folder of the host. A volume without options is a \
         folder that docker keeps for you.",
    ),
];
