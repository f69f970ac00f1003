//! Fields of the create body.

use super::{Row, check, drop, force, safe};

/// Sorted by field.
pub(super) static ROWS: &[Row] = &[
    drop("Config.ArgsEscaped", "ArgsEscaped"),
    safe("Config.AttachStderr", "--attach"),
    safe("Config.AttachStdin", "--attach"),
    safe("Config.AttachStdout", "--attach"),
    safe("Config.Cmd", "COMMAND"),
    check("Config.Domainname", "--domainname", "create.hostname")
        .because("it is no host name")
        .instead("use letters, digits, \"-\" and \".\""),
    safe("Config.Entrypoint", "--entrypoint"),
    check("Config.Env", "--env", "create.env")
        .because("it is larger than an environment may be")
        .instead("mount a file in a volume"),
    check("Config.ExposedPorts", "--expose", "create.expose")
        .because("it names too many ports")
        .instead("expose at most 256 ports"),
    check("Config.Healthcheck", "--health-cmd", "create.healthcheck")
        .because("it runs more often than once a second")
        .instead("use an interval of 1s or more"),
    check("Config.Hostname", "--hostname", "create.hostname")
        .because("it is no host name")
        .instead("use letters, digits, \"-\" and \".\""),
    force("Config.Image", "IMAGE", "create.image")
        .because("the image that you name is looked up once, and that one is used"),
    check("Config.Labels", "--label", "create.label")
        .because("labels under \"dock.\" are dock's own")
        .instead("choose another prefix"),
    check("Config.MacAddress", "--mac-address", "network.mac")
        .because("it is no unicast MAC address")
        .instead("leave it out, and one is chosen"),
    safe("Config.NetworkDisabled", "NetworkDisabled"),
    drop("Config.OnBuild", "OnBuild"),
    safe("Config.OpenStdin", "--interactive"),
    safe("Config.Shell", "Shell"),
    safe("Config.StdinOnce", "--interactive"),
    check("Config.StopSignal", "--stop-signal", "create.stop-signal")
        .because("it is no signal")
        .instead("use a name such as SIGTERM"),
    check(
        "Config.StopTimeout",
        "--stop-timeout",
        "create.stop-timeout",
    )
    .because("the engine would wait for it when it shuts down")
    .instead("use 0 to 120 seconds"),
    safe("Config.Tty", "--tty"),
    check("Config.User", "--user", "create.user")
        .because("it is no user that a container can have")
        .instead("use NAME, UID or UID:GID"),
    check("Config.Volumes", "--volume", "mount.target")
        .because("containers cannot have a volume there")
        .instead("use an absolute path outside /proc, /sys and /dev"),
    check("Config.WorkingDir", "--workdir", "create.workdir")
        .because("a container must not begin there")
        .instead("use an absolute path outside /proc, /sys and /dev"),
];
