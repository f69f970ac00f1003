//! Rules of whole requests: routes, queries, bodies that no request has.

/// Sorted by id.
pub(super) static RULES: &[(&str, &str)] = &[
    (
        "remove.link",
        "`dock rm --link` removes a link between two containers, not a container. Links are not \
         served yet, so there is none to remove. `dock rm` removes the container itself.",
    ),
    (
        "route.buildkit",
        "BuildKit is a second engine with an interface of its own, which dock does not serve yet. \
         Clients that ask for it get this answer. `dock` itself sets DOCKER_BUILDKIT=0, which \
         asks for the classic builder.",
    ),
    (
        "route.checkpoint",
        "A checkpoint of a container is a folder of the host that the engine writes and reads as \
         root, under a path that the client chooses. It is refused to everybody. Data that shall \
         outlive a container belongs into a volume.",
    ),
    (
        "route.plugin",
        "A plugin of the engine is a program that runs as root on the host, with the rights that \
         it asks for. Users can list plugins, and no more. An administrator can install one with \
         docker itself.",
    ),
    (
        "route.swarm",
        "A swarm joins whole hosts, and whoever steers it steers everybody's engine. The commands \
         of swarm, service, stack, node, secret and config are refused. Several containers that \
         belong together can be run by Compose.",
    ),
    (
        "route.websocket",
        "Attaching over a websocket is a second way to do what POST .../attach does, and no \
         client of docker's uses it. The other one is served.",
    ),
    (
        "start.body",
        "Old clients could change a container's HostConfig in the very moment of its start, past \
         all rules. A start takes no body, and neither do the other requests that end with this \
         rule; an empty one is ignored. Make a new container with the options that you want.",
    ),
    (
        "start.checkpoint",
        "A checkpoint is a folder of the host that the engine reads as root, under a path that \
         the client chooses. A container can be started without one.",
    ),
    (
        "top.ps-args",
        "`dock top CONTAINER OPTIONS` makes the engine run ps with these options as root on the \
         host, where ps can show the environment of every process. So options and columns come \
         from a list: -ef, aux, -o with columns such as pid, user, time and args. `dock exec \
         CONTAINER ps` takes any option, inside the container.",
    ),
];
