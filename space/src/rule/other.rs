//! What is no field of one body: mounts and endpoints in whatever body they
//! stand, values of queries, images, and whole routes.

use super::{Row, check, forbid};

/// Sorted by field.
pub(super) static ROWS: &[Row] = &[
    forbid(
        "Mount.Docker",
        "--volume /var/run/docker.sock",
        "mount.docker-socket",
    )
    .because("the engine's socket is root on this host")
    .instead("'dock serve' gives you a socket of your own; mounting it comes with host paths"),
    check("Mount.Target", "--mount", "mount.target")
        .because("containers cannot have a mount there")
        .instead("use an absolute path outside /proc, /sys and /dev"),
    check(
        "Mount.VolumeOptions",
        "--mount volume-opt",
        "mount.volume-opt",
    )
    .because("options of volumes can mount the host")
    .instead("those of a tmpfs are allowed: type=tmpfs, device=tmpfs and o= with size, uid, gid, mode, nosuid, nodev, noexec"),
    forbid(
        "admin.files",
        "opening the files of what nobody owns",
        "admin.files",
    )
    .because("it was made past dock and its files are root's")
    .instead("root can open them"),
    forbid(
        "admin.unowned",
        "starting a container that nobody owns",
        "admin.unowned",
    )
    .because("it was made past dock and may be privileged")
    .instead("root can start it"),
    forbid("image.all-tags", "pull --all-tags", "image.all-tags")
        .because("all tags of a repository cannot be pulled at once")
        .instead("name the tags that you want"),
    forbid("image.public", "rmi", "image.public")
        .because("public images are shared by everybody on this host")
        .instead("an administrator removes images that nobody uses"),
    check("image.pulls", "one more pull", "image.pulls")
        .because("you have as many at a time as you can have")
        .instead("wait for one of them")
        .widened_by(&["max_pulls"]),
    check("image.registry", "registry", "image.registry")
        .because("an administrator has not listed it")
        .instead("`[images] registries` in dock.toml")
        .widened_by(&["registries"]),
    check("image.repository", "IMAGE", "image.repository")
        .because("an administrator has not listed it")
        .instead("`[images] repositories` in dock.toml")
        .widened_by(&["repositories"]),
    forbid("image.reserved", "IMAGE", "image.reserved")
        .because("names under \".dock.invalid\" are dock's own"),
    check("image.size", "this image", "image.size")
        .because("it has more to download than is allowed")
        .instead("`[images] max_download` in dock.toml")
        .widened_by(&["max_download"]),
    forbid("remove.link", "--link", "remove.link")
        .because("removing a link is not served")
        .instead("remove the container"),
    forbid("route.buildkit", "BuildKit", "route.buildkit")
        .because("it is not served yet")
        .instead("DOCKER_BUILDKIT=0 asks for the classic builder"),
    forbid("route.checkpoint", "checkpoint", "route.checkpoint")
        .because("a checkpoint is a path of the host that the engine writes as root"),
    forbid("route.plugin", "plugin", "route.plugin")
        .because("a plugin of the engine is root's code on this host"),
    forbid("route.swarm", "swarm", "route.swarm").because("the engine of this host is shared"),
    forbid(
        "route.websocket",
        "attach over a websocket",
        "route.websocket",
    )
    .because("it is a second way to do the same")
    .instead("POST .../attach"),
    forbid("start.body", "a body", "start.body").because("this request takes none"),
    forbid("start.checkpoint", "--checkpoint", "start.checkpoint")
        .because("a checkpoint is a path of the host that the engine reads as root"),
    check("top.ps_args", "ps option", "top.ps-args")
        .because("the engine runs ps as root on the host")
        .instead("-ef, aux and -o with columns such as pid,user,time,args are allowed"),
];

/// Words for a field that has no row: the gate's tests see to it that none is asked for.
pub(super) static UNKNOWN: Row =
    forbid("", "this option", "create.unknown").because("it is not known here");
