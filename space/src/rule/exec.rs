//! Fields of a command in a running container: of its making and of its start.

use super::{Row, check, drop, forbid, safe};

/// Sorted by field.
pub(super) static ROWS: &[Row] = &[
    safe("Exec.AttachStderr", "--detach"),
    safe("Exec.AttachStdin", "--interactive"),
    safe("Exec.AttachStdout", "--detach"),
    safe("Exec.Cmd", "COMMAND"),
    safe("Exec.ConsoleSize", "ConsoleSize"),
    drop("Exec.Container", "Container"),
    safe("Exec.Detach", "--detach"),
    check("Exec.DetachKeys", "--detach-keys", "exec.detach-keys")
        .because("they are no keys")
        .instead("for example ctrl-p,ctrl-q"),
    check("Exec.Env", "--env", "exec.env")
        .because("it is larger than an environment may be")
        .instead("mount a file in a volume"),
    forbid("Exec.Privileged", "--privileged", "exec.privileged")
        .because("it gives all of root's powers over this host")
        .instead("'dock exec --user root' is root inside the container"),
    safe("Exec.Tty", "--tty"),
    check("Exec.User", "--user", "exec.user")
        .because("it is no user that a container can have")
        .instead("use NAME, UID or UID:GID"),
    check("Exec.WorkingDir", "--workdir", "exec.workdir")
        .because("a command must not begin there")
        .instead("use an absolute path outside /proc, /sys and /dev"),
];
