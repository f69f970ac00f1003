//! Docker's flags, as data.
//!
//! Only what the scanner must know of a flag: its names, and whether it eats the
//! next word. What a flag means is docker's business. The rows are the union of
//! docker 20.10 to 28.5 (29.7 adds none) and buildx 0.13 to 0.36, hidden and
//! deprecated flags included, printed by
//! `tests/argv-table.sh --rust tests/argv/flags/*.txt`; `tests/argv/table.rs` compares
//! them with those recordings and with every docker that is installed.
//!
//! Order: rows by long name, verbs by path. A new command that takes `--label` is a
//! row in [`VERBS`].

/// What a flag does with the words around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Takes the rest of its word, or else the next word.
    Value,
    /// Takes a value only after `=`: pflag's booleans, and all flags with a
    /// `NoOptDefVal`.
    Switch,
}

/// One flag of one command.
#[derive(Debug, PartialEq, Eq)]
pub struct Flag {
    /// Without the two dashes.
    pub long: &'static str,
    /// Without the dash; always ASCII, pflag looks at one byte.
    pub short: Option<char>,
    /// Whether it eats a word.
    pub arity: Arity,
}

/// A command of docker's that takes `--label`.
#[derive(Debug, PartialEq, Eq)]
pub struct Verb {
    /// As typed: one word, or a group and a word.
    pub path: &'static [&'static str],
    /// Flags that may stand between the group and the word.
    pub group: &'static [Flag],
    /// The command's flags, in one or more tables.
    pub flags: &'static [&'static [Flag]],
    /// Whether options may follow operands (pflag's `SetInterspersed`).
    pub interspersed: bool,
    /// Without that many operands docker refuses the command.
    pub operands: usize,
}

const fn value(long: &'static str, short: Option<char>) -> Flag {
    let arity = Arity::Value;
    Flag { long, short, arity }
}

const fn switch(long: &'static str, short: Option<char>) -> Flag {
    let arity = Arity::Switch;
    Flag { long, short, arity }
}

/// `docker exec`, which takes no label; its options end before the container.
pub const EXEC: &[Flag] = &[
    switch("detach", Some('d')),
    value("detach-keys", None),
    value("env", Some('e')),
    value("env-file", None),
    switch("help", None),
    switch("interactive", Some('i')),
    switch("privileged", None),
    switch("tty", Some('t')),
    value("user", Some('u')),
    value("workdir", Some('w')),
];

const fn run(path: &'static [&'static str]) -> Verb {
    Verb {
        path,
        group: &[],
        flags: &[CREATE, RUN],
        interspersed: false,
        operands: 1,
    }
}

const fn create(path: &'static [&'static str]) -> Verb {
    Verb {
        path,
        group: &[],
        flags: &[CREATE],
        interspersed: false,
        operands: 1,
    }
}

const fn build(path: &'static [&'static str], group: &'static [Flag]) -> Verb {
    Verb {
        path,
        group,
        flags: &[BUILD],
        interspersed: true,
        operands: 1,
    }
}

/// Every spelling of every command that takes `--label`.
pub const VERBS: &[Verb] = &[
    build(&["build"], &[]),
    build(&["builder", "b"], BUILDX),
    build(&["builder", "build"], BUILDX),
    build(&["buildx", "b"], BUILDX),
    build(&["buildx", "build"], BUILDX),
    create(&["container", "create"]),
    run(&["container", "run"]),
    create(&["create"]),
    build(&["image", "build"], &[]),
    Verb {
        path: &["network", "create"],
        group: &[],
        flags: &[NETWORK_CREATE],
        interspersed: true,
        operands: 1,
    },
    run(&["run"]),
    Verb {
        path: &["volume", "create"],
        group: &[],
        flags: &[VOLUME_CREATE],
        interspersed: true,
        operands: 0,
    },
];

/// Before the verb.
pub const GLOBALS: &[Flag] = &[
    value("config", None),
    value("context", Some('c')),
    switch("debug", Some('D')),
    value("host", Some('H')),
    value("log-level", Some('l')),
    switch("tls", None),
    value("tlscacert", None),
    value("tlscert", None),
    value("tlskey", None),
    switch("tlsverify", None),
    switch("version", Some('v')),
];

/// `build`, by the classic builder or by buildx.
pub const BUILD: &[Flag] = &[
    value("add-host", None),
    value("allow", None),
    value("annotation", None),
    value("attest", None),
    value("build-arg", None),
    value("build-context", None),
    value("builder", None),
    value("cache-from", None),
    value("cache-to", None),
    value("call", None),
    value("cgroup-parent", None),
    switch("check", None),
    switch("compress", None),
    value("cpu-period", None),
    value("cpu-quota", None),
    value("cpu-shares", Some('c')),
    value("cpuset-cpus", None),
    value("cpuset-mems", None),
    switch("debug", Some('D')),
    switch("detach", None),
    switch("disable-content-trust", None),
    value("file", Some('f')),
    switch("force-rm", None),
    value("iidfile", None),
    value("isolation", None),
    value("label", None),
    switch("load", None),
    value("memory", Some('m')),
    value("memory-swap", None),
    value("metadata-file", None),
    value("network", None),
    switch("no-cache", None),
    value("no-cache-filter", None),
    value("output", Some('o')),
    value("platform", None),
    value("policy", None),
    value("print", None),
    value("progress", None),
    value("provenance", None),
    switch("pull", None),
    switch("push", None),
    switch("quiet", Some('q')),
    value("resource", None),
    switch("rm", None),
    value("root", None),
    value("sbom", None),
    value("secret", None),
    value("security-opt", None),
    value("server-config", None),
    value("shm-size", None),
    switch("squash", None),
    value("ssh", None),
    switch("stream", None),
    value("tag", Some('t')),
    value("target", None),
    value("ulimit", None),
];

/// Between `buildx` and its command.
pub const BUILDX: &[Flag] = &[value("builder", None), switch("debug", Some('D'))];

/// `create`, and `run` too.
pub const CREATE: &[Flag] = &[
    value("add-host", None),
    value("annotation", None),
    value("attach", Some('a')),
    value("blkio-weight", None),
    value("blkio-weight-device", None),
    value("cap-add", None),
    value("cap-drop", None),
    value("cgroup-parent", None),
    value("cgroupns", None),
    value("cidfile", None),
    value("cpu-count", None),
    value("cpu-percent", None),
    value("cpu-period", None),
    value("cpu-quota", None),
    value("cpu-rt-period", None),
    value("cpu-rt-runtime", None),
    value("cpu-shares", Some('c')),
    value("cpus", None),
    value("cpuset-cpus", None),
    value("cpuset-mems", None),
    value("device", None),
    value("device-cgroup-rule", None),
    value("device-read-bps", None),
    value("device-read-iops", None),
    value("device-write-bps", None),
    value("device-write-iops", None),
    switch("disable-content-trust", None),
    value("dns", None),
    value("dns-opt", None),
    value("dns-option", None),
    value("dns-search", None),
    value("domainname", None),
    value("entrypoint", None),
    value("env", Some('e')),
    value("env-file", None),
    value("expose", None),
    value("gpus", None),
    value("group-add", None),
    value("health-cmd", None),
    value("health-interval", None),
    value("health-retries", None),
    value("health-start-interval", None),
    value("health-start-period", None),
    value("health-timeout", None),
    value("hostname", Some('h')),
    switch("init", None),
    switch("interactive", Some('i')),
    value("io-maxbandwidth", None),
    value("io-maxiops", None),
    value("ip", None),
    value("ip6", None),
    value("ipc", None),
    value("isolation", None),
    value("kernel-memory", None),
    value("label", Some('l')),
    value("label-file", None),
    value("link", None),
    value("link-local-ip", None),
    value("log-driver", None),
    value("log-opt", None),
    value("mac-address", None),
    value("memory", Some('m')),
    value("memory-reservation", None),
    value("memory-swap", None),
    value("memory-swappiness", None),
    value("mount", None),
    value("name", None),
    value("net", None),
    value("net-alias", None),
    value("network", None),
    value("network-alias", None),
    switch("no-healthcheck", None),
    switch("oom-kill-disable", None),
    value("oom-score-adj", None),
    value("pid", None),
    value("pids-limit", None),
    value("platform", None),
    switch("privileged", None),
    value("publish", Some('p')),
    switch("publish-all", Some('P')),
    value("pull", None),
    switch("quiet", Some('q')),
    switch("read-only", None),
    value("restart", None),
    switch("rm", None),
    value("runtime", None),
    value("security-opt", None),
    value("shm-size", None),
    value("stop-signal", None),
    value("stop-timeout", None),
    value("storage-opt", None),
    value("sysctl", None),
    value("tmpfs", None),
    switch("tty", Some('t')),
    value("ulimit", None),
    switch("use-api-socket", None),
    value("user", Some('u')),
    value("userns", None),
    value("uts", None),
    value("volume", Some('v')),
    value("volume-driver", None),
    value("volumes-from", None),
    value("workdir", Some('w')),
];

/// `run` alone.
pub const RUN: &[Flag] = &[
    switch("detach", Some('d')),
    value("detach-keys", None),
    switch("sig-proxy", None),
];

/// `network create`.
pub const NETWORK_CREATE: &[Flag] = &[
    switch("attachable", None),
    value("aux-address", None),
    value("config-from", None),
    switch("config-only", None),
    value("driver", Some('d')),
    value("gateway", None),
    switch("ingress", None),
    switch("internal", None),
    value("ip-range", None),
    value("ipam-driver", None),
    value("ipam-opt", None),
    switch("ipv4", None),
    switch("ipv6", None),
    value("label", None),
    value("opt", Some('o')),
    value("scope", None),
    value("subnet", None),
];

/// `volume create`.
pub const VOLUME_CREATE: &[Flag] = &[
    value("availability", None),
    value("driver", Some('d')),
    value("group", None),
    value("label", None),
    value("limit-bytes", None),
    value("name", None),
    value("opt", Some('o')),
    value("required-bytes", None),
    value("scope", None),
    value("secret", None),
    value("sharing", None),
    value("topology-preferred", None),
    value("topology-required", None),
    value("type", None),
];
