//! The faults that are planted: data alone.

/// Each: the check, what is planted, what its evidence says.
pub(super) const FAULTS: &[(&str, &str, &str)] = &[
    (
        "access.docker-group",
        "sed -i 's/^docker:.*:/&mallory/' /etc/group",
        "group \"docker\": mallory",
    ),
    (
        "access.docker-group",
        "gid=$(getent group docker | cut -d: -f3)
         echo \"zoe:x:4711:$gid::/nonexistent:/bin/false\" >>/etc/passwd",
        "group \"docker\": zoe",
    ),
    (
        "access.engine-config",
        "copy /run/bed/daemon.json; chmod 666 /run/bed/daemon.json",
        "'/run/bed/daemon.json': mode 0666",
    ),
    (
        "access.dock-group",
        "sed -i '/^dock:/d' /etc/group",
        "group \"dock\"",
    ),
    (
        "access.admin-group",
        "sed -i '/^dock-admin:/d' /etc/group",
        "group \"dock-admin\"",
    ),
    (
        "sudo.rule",
        "sed -i '/^%dock /d' /etc/sudoers.d/dock",
        "no line '%dock ALL=(root) NOPASSWD: /usr/local/libexec/dock-gate \"\"'",
    ),
    (
        "sudo.drift",
        "echo '%dock ALL=(ALL) NOPASSWD: ALL' >>/etc/sudoers.d/dock",
        "'%dock ALL=(ALL) NOPASSWD: ALL'",
    ),
    (
        "sudo.mode",
        "chmod 646 /etc/sudoers.d/dock",
        "'/etc/sudoers.d/dock': mode 0646",
    ),
    (
        "sudo.others",
        "echo '%dock ALL=(ALL) ALL' >/etc/sudoers.d/aa; chmod 440 /etc/sudoers.d/aa",
        "'/etc/sudoers.d/aa': %dock ALL=(ALL) ALL",
    ),
    (
        "sudo.docker",
        "echo 'bob ALL=(root) NOPASSWD: /usr/bin/docker' >/etc/sudoers.d/zz; chmod 440 /etc/sudoers.d/zz",
        "bob ALL=(root) NOPASSWD: /usr/bin/docker",
    ),
    (
        "sudo.include",
        "sed -i '/includedir/d' /etc/sudoers; echo 'root ALL=(ALL) NOPASSWD: ALL' >>/etc/sudoers",
        "no line '@includedir /etc/sudoers.d'",
    ),
    (
        "sudo.settings",
        "sed -i '/!use_pty/d' /etc/sudoers.d/dock",
        "!use_pty",
    ),
    (
        "files.gate",
        "copy /usr/local/libexec/dock-gate; chmod 777 /usr/local/libexec/dock-gate",
        "'/usr/local/libexec/dock-gate': mode 0777",
    ),
    (
        "files.above-gate",
        "cp -a /usr/local/libexec /mnt/libexec; mount --bind /mnt/libexec /usr/local/libexec
         chmod 777 /usr/local/libexec",
        "'/usr/local/libexec': mode 0777",
    ),
    (
        "files.dock",
        "copy /usr/local/bin/dock; chmod 777 /usr/local/bin/dock",
        "'/usr/local/bin/dock': mode 0777",
    ),
    (
        "files.dock-state",
        "mount -t tmpfs -o mode=777 tmpfs /var/lib/dock",
        "'/var/lib/dock': mode 0777",
    ),
    (
        "files.state",
        "mount -t tmpfs -o mode=755 tmpfs /run/docker",
        "'/run/docker': mode 0755",
    ),
    (
        "files.units",
        "mkdir -p /etc/systemd/system; echo '[Timer]' >/etc/systemd/system/dock-x.timer
         chmod 666 /etc/systemd/system/dock-x.timer",
        "'/etc/systemd/system/dock-x.timer': mode 0666",
    ),
    (
        "files.docker",
        "printf '[engine]\\ndocker = \"/nonexistent/docker\"\\n' >/etc/dock/conf.d/99-x.toml",
        "no docker CLI at '/nonexistent/docker'",
    ),
    (
        "engine.tcp-file",
        "says /run/bed/daemon.json '{\"hosts\": [\"tcp://0.0.0.0:2375\"]}'",
        "tcp://0.0.0.0:2375",
    ),
    (
        "engine.tcp-tls",
        "says /run/bed/daemon.json '{\"hosts\": [\"tcp://0.0.0.0:2376\"], \"tlsverify\": true}'",
        "tcp://0.0.0.0:2376",
    ),
    (
        "engine.tcp-units",
        "mkdir -p /etc/systemd/system/docker.service.d
         printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/dockerd -H fd:// \\\\\\n  -H tcp://:2375\\n' \
            >/etc/systemd/system/docker.service.d/tcp.conf",
        "-H tcp://:2375",
    ),
    (
        "engine.socket-unit",
        "mkdir -p /etc/systemd/system/docker.socket.d
         printf '[Socket]\\nSocketMode=0666\\n' >/etc/systemd/system/docker.socket.d/open.conf",
        "SocketMode=0666",
    ),
    (
        "network.iptables",
        "says /run/bed/daemon.json '{\"iptables\": false}'",
        "iptables is off",
    ),
    (
        "logs.audit",
        "echo >/mnt/audit.log; chmod 666 /mnt/audit.log
         printf '[audit]\\nfile = \"/mnt/audit.log\"\\n' >/etc/dock/conf.d/99-x.toml",
        "'/mnt/audit.log': mode 0666",
    ),
    (
        "logs.syslog",
        "mount -t tmpfs tmpfs /var/log; sed -i '/^file = /d' /etc/dock/conf.d/00-bed.toml",
        "no '/dev/log'",
    ),
    (
        "jobs.prune",
        "mkdir -p /etc/cron.d; echo '0 3 * * 0 root docker system prune -af' >/etc/cron.d/clean",
        "'/etc/cron.d/clean': 0 3 * * 0 root docker system prune -af",
    ),
    (
        "jobs.prune",
        "mkdir -p /var/spool/cron; mount -t tmpfs tmpfs /var/spool/cron; mkdir /var/spool/cron/crontabs
         echo '@daily /usr/bin/docker image prune -a' >/var/spool/cron/crontabs/root",
        "'/var/spool/cron/crontabs/root': @daily",
    ),
    (
        "jobs.prune",
        "mkdir -p /etc/systemd/system
         printf '[Service]\\nExecStart=/usr/bin/docker system prune -f\\n' >/etc/systemd/system/clean.service",
        "clean.service': ExecStart=/usr/bin/docker system prune -f",
    ),
];

/// What changes the answer of a check that the bed may fail by nature: a plant
/// that makes it fail, and one that makes it pass.
pub(super) const BOTH_WAYS: &[(&str, &str, &str)] = &[
    (
        "kernel.inotify-instances",
        "says /proc/sys/fs/inotify/max_user_instances 128",
        "says /proc/sys/fs/inotify/max_user_instances 8192",
    ),
    (
        "kernel.inotify-watches",
        "says /proc/sys/fs/inotify/max_user_watches 8192",
        "says /proc/sys/fs/inotify/max_user_watches 1048576",
    ),
    (
        "kernel.pid-max",
        "says /proc/sys/kernel/pid_max 32768",
        "says /proc/sys/kernel/pid_max 4194304",
    ),
    (
        "network.resolution",
        "hostname no-such-name.invalid",
        "hostname found; echo '127.0.1.1 found' >>/etc/hosts",
    ),
    (
        "logs.limit",
        "says /run/bed/daemon.json '{}'",
        "says /run/bed/daemon.json '{\"log-opts\": {\"max-size\": \"50m\"}}'",
    ),
    (
        "runtime.no-new-privileges",
        "says /run/bed/daemon.json '{}'",
        "says /run/bed/daemon.json '{\"no-new-privileges\": true}'",
    ),
    (
        "homes.options",
        "mount -o remount,bind,suid,dev /home",
        "mount -o remount,bind,nosuid,nodev /home",
    ),
    (
        "homes.mapped",
        "mkdir /mnt/lower /mnt/upper /mnt/work
         mount -t overlay overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /home",
        "mount -t tmpfs tmpfs /home; says /proc/sys/kernel/osrelease 6.12.0",
    ),
];
