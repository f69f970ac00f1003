//! `dock admin`: its verbs and their options.

use std::time::Duration;

use clap::{Arg, ArgAction, Command, value_parser};
use dock_space::span::Span;

use super::archives;
use crate::{check, list};

/// What a name means in every verb that takes one.
const NAMES: &str = "An object is named by its owner and name, as the lists show them: alice/web. The number\n\
of the space may stand for the login: u1001/web. What nobody owns goes by its name alone,\n\
or by its id.";

/// The command line of `dock admin`.
pub(super) fn command() -> Command {
    Command::new("admin")
        .about("See and steer every space on this host (for members of the admin group)")
        .after_help(
            "Who is eating the memory?   dock admin top --sort mem\n\
             Inside somebody's space:    dock admin --as USER DOCKER-COMMAND...\n\
             More: man dock-admin",
        )
        .override_usage(
            "dock admin <COMMAND> [OPTIONS] [ARGS]\n       dock admin --as <USER> <DOCKER-COMMAND>...",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .arg(
            // Taken out before clap reads the rest, which is docker's.
            Arg::new("as")
                .long("as")
                .value_name("USER")
                .help("Run a docker command inside the space of USER, by its rules"),
        )
        .subcommands([ls(), top(), ps(), images(), volumes(), networks()])
        .subcommands([stop(), start(), rm(), logs(), exec()])
        .subcommands([prune(), purge()])
        .subcommands([doctor(), audit(), explain()])
        .subcommands(archives::commands())
}

fn listing(name: &'static str, about: &'static str) -> Command {
    Command::new(name).about(about).args(list::arguments())
}

fn filter(keys: &'static str) -> Arg {
    Arg::new("filter")
        .short('f')
        .long("filter")
        .value_name("KEY=VALUE")
        .action(ArgAction::Append)
        .help(keys)
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

fn ls() -> Command {
    listing(
        "ls",
        "List the spaces: whose they are, what they hold, when they were used",
    )
    .arg(switch("all", "Those of gone accounts that hold nothing, too").short('a'))
    .arg(switch(
        "no-size",
        "Without the disk, which takes the engine a while to measure",
    ))
}

fn top() -> Command {
    Command::new("top")
        .about("Show what each space uses, live or once: cpu, memory, GPU, disk, network, block io, pids")
        .after_help(
            "Live on a terminal, where 'h' tells the keys; one plain pass elsewhere.\n\
             A CPU is 100%. The last row is the host without the spaces.",
        )
        .arg(
            Arg::new("sort")
                .long("sort")
                .value_name("COLUMN")
                .value_parser(["cpu", "mem", "gpu", "disk", "net", "io", "pids"])
                .default_value("cpu")
                .hide_default_value(true)
                .help("Sort by a column, the largest first (default: cpu)"),
        )
        .arg(switch(
            "containers",
            "One row per container in place of one per space",
        ))
        .arg(switch("once", "One plain pass, on a terminal too"))
        .arg(
            Arg::new("interval")
                .long("interval")
                .value_name("SECONDS")
                .value_parser(seconds)
                .help("Between two readings (default: 2; 0.5 for one plain pass)"),
        )
        .arg(switch("json", "One plain pass, for a program to read"))
        .arg(
            Arg::new("format")
                .long("format")
                .value_name("TEMPLATE")
                .help("One plain pass: 'table TEMPLATE', 'json' for one object a line, or a Go template"),
        )
}

/// A pause that is neither nothing nor for ever: from 0.1 to 3600 seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "no number of seconds")?;
    match seconds {
        0.1..=3600.0 => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("must be from 0.1 to 3600".into()),
    }
}

fn ps() -> Command {
    listing("ps", "List containers with their owners")
        .arg(switch("all", "Those that do not run, too").short('a'))
        .arg(switch("size", "With the bytes of their writable layers").short('s'))
        .arg(filter("owner=USER ('-' for nobody's), and docker's: name, status, label, ancestor, volume, ..."))
}

fn images() -> Command {
    listing("images", "List images and how many containers are of each")
        .arg(switch("all", "Intermediate ones, too").short('a'))
        .arg(filter(
            "owner=USER, and docker's: reference, dangling, label, before, since",
        ))
}

fn volumes() -> Command {
    listing("volumes", "List volumes with their owners")
        .arg(
            switch(
                "size",
                "With their bytes, which takes the engine a while to measure",
            )
            .short('s'),
        )
        .arg(filter(
            "owner=USER ('-' for nobody's), and docker's: name, dangling, driver, label",
        ))
}

fn networks() -> Command {
    listing("networks", "List networks with their owners").arg(filter(
        "owner=USER ('-' for nobody's), and docker's: name, dangling, driver, scope, type, label",
    ))
}

/// A verb on objects of any owner.
fn act(name: &'static str, about: &'static str) -> Command {
    Command::new(name).about(about).after_help(NAMES)
}

fn objects() -> Arg {
    Arg::new("object")
        .value_name("OWNER/NAME")
        .required(true)
        .num_args(1..)
        .help("Objects of any owner: alice/web")
}

fn stop() -> Command {
    act("stop", "Stop containers of any owner")
        .arg(objects())
        .arg(
            Arg::new("time")
                .short('t')
                .long("time")
                .visible_alias("timeout")
                .value_name("SECONDS")
                .value_parser(value_parser!(i64))
                .allow_negative_numbers(true)
                .help("Seconds to wait before killing the container"),
        )
}

fn start() -> Command {
    act(
        "start",
        "Start containers of any owner, by the owner's rules",
    )
    .arg(objects())
}

fn rm() -> Command {
    act("rm", "Remove objects of any owner")
        .arg(objects())
        .arg(
            Arg::new("type")
                .long("type")
                .value_name("KIND")
                .value_parser(["container", "image", "network", "volume"])
                .default_value("container")
                .help("What the names are names of"),
        )
        .arg(
            switch(
                "force",
                "Kill a container that runs; untag an image that is used",
            )
            .short('f'),
        )
        .arg(switch("volumes", "A container's anonymous volumes, too").short('v'))
}

fn logs() -> Command {
    let value = |name: &'static str, what: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(what).help(help)
    };
    act("logs", "Show what a container of any owner wrote")
        .arg(
            Arg::new("object")
                .value_name("OWNER/NAME")
                .required(true)
                .help("A container: alice/web"),
        )
        .arg(switch("follow", "Until the container ends").short('f'))
        .arg(switch("timestamps", "With the time of each line").short('t'))
        .arg(switch("details", "With extra attributes of the log"))
        .arg(value(
            "since",
            "TIME",
            "From then on (2026-01-31T12:00:00, or 42m for 42 minutes ago)",
        ))
        .arg(value("until", "TIME", "Until then"))
        .arg(value("tail", "LINES", "The last lines alone").short('n'))
}

fn exec() -> Command {
    act(
        "exec",
        "Run a command in a container, by the owner's rules: dock admin exec -it alice/web sh",
    )
    .disable_help_flag(true)
    .override_usage("dock admin exec [OPTIONS] OWNER/NAME COMMAND [ARG...]")
    .arg(
        Arg::new("words")
            .value_name("[OPTIONS] OWNER/NAME COMMAND [ARG]")
            .value_parser(value_parser!(std::ffi::OsString))
            .required(true)
            .num_args(1..)
            .allow_hyphen_values(true)
            .trailing_var_arg(true)
            .help("The options are those of 'docker exec'"),
    )
}

fn purge() -> Command {
    Command::new("purge")
        .about("Remove everything of one space; its owner's running commands are cut")
        .arg(
            Arg::new("space")
                .value_name("SPACE")
                .required(true)
                .help("A login, or the number of a space (u1001) whose account is gone"),
        )
        .arg(switch("dry-run", "Say what would go, and remove nothing"))
        .arg(
            Arg::new("archive-first")
                .long("archive-first")
                .value_name("PLACE")
                .help(
                    "Archive it there and read the archive back; without that nothing is removed",
                ),
        )
        .arg(switch("yes", "Do not ask for the name").short('y'))
        .arg(switch("json", "What goes, for a program to read"))
}

fn doctor() -> Command {
    Command::new("doctor")
        .about("Look for what weakens the separation of the spaces on this host, with remedies")
        .after_help("Exit codes: 0 nothing found, 1 warnings, 2 errors, 3 something is not known")
        .args(check::arguments())
}

fn prune() -> Command {
    let age = |name: &'static str, option: &'static str, help: &'static str| {
        Arg::new(name)
            .long(option)
            .value_name("AGE")
            .value_parser(value_parser!(Span))
            .help(help)
    };
    Command::new("prune")
        .about("Remove what nobody uses any more, by the policy of [prune] in dock.toml(5)")
        .after_help(
            "An age is 30d, 12h, 90m or 2w. With one on the command line, only the kinds that are\n\
named there go. What the configuration protects stays in any case.\n\
Example: dock admin prune --dry-run --containers 30d --images 60d",
        )
        .arg(switch(
            "dry-run",
            "Print what would be done, and do nothing",
        ))
        .arg(
            switch("yes", "Without asking")
                .short('f')
                .visible_short_alias('y')
                .visible_alias("force"),
        )
        .arg(switch("now", "Without warning the owners first"))
        .arg(switch("json", "For a program to read"))
        .arg(
            switch(
                "scheduled",
                "As the timer runs it: without asking, and only when [prune] enabled is true",
            )
            .conflicts_with("dry-run"),
        )
        .args([
            age("containers", "containers", "Containers stopped for so long"),
            age(
                "dangling_images",
                "dangling-images",
                "Images without a name, unused for so long",
            ),
            age("images", "images", "Images unused for so long"),
            age("volumes", "volumes", "Volumes unused for so long"),
            age("networks", "networks", "Networks unused for so long"),
            age(
                "idle",
                "idle",
                "Running containers that did nothing for so long: they are stopped",
            ),
        ])
        .arg(
            Arg::new("unowned")
                .long("unowned")
                .value_name("WHAT")
                .value_parser(["report", "remove", "ignore"])
                .help("What becomes of objects without an author"),
        )
        .arg(
            Arg::new("filter")
                .long("filter")
                .value_name("KEY=VALUE")
                .action(ArgAction::Append)
                .help("owner=USER ('-' for nobody's), author=, label=, label!=, until=24h"),
        )
}

fn audit() -> Command {
    let value = |name: &'static str, what: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(what).help(help)
    };
    let several = |name, what, help| value(name, what, help).action(ArgAction::Append);
    Command::new("audit")
        .about("Show who did what, when, to what")
        .after_help(
            "Several filters must all fit; one that is given several times fits any of its values.\n\
             Changes and refusals of everybody, and all that admins do, leave a line; reads too with `[audit] level = \"all\"`.",
        )
        .args([
            several("user", "LOGIN", "What this person did (a login or a uid)"),
            several("space", "USER", "What was done in this person's space, by anybody"),
            several("verb", "PATTERN", "container.create, create, container.*, ..."),
            several("object", "NAME", "What was done to this: a name, or the beginning of an id"),
        ])
        .arg(switch("refused", "Refusals alone"))
        .arg(switch("admins", "What came by 'dock admin' alone"))
        .arg(value("since", "TIME", "From then on (2h for two hours ago, 3d, 2026-01-31T12:00:00)"))
        .arg(value("until", "TIME", "Until then").conflicts_with("follow"))
        .arg(switch("follow", "Go on with what happens, until it is interrupted").short('f'))
        .arg(
            value("lines", "LINES", "The last lines alone")
                .short('n')
                .value_parser(value_parser!(usize)),
        )
        .arg(switch("json", "For a program to read: one object a line"))
        .arg(switch("no-trunc", "Whole ids"))
        .arg(value("format", "TEMPLATE", "'table TEMPLATE', 'json' for one object a line, or a Go template"))
}

fn explain() -> Command {
    Command::new("explain")
        .about("Tell what would become of somebody's docker command, and what decides; nothing is done")
        .after_help(
            "Exit status: 0 when it would be allowed, 1 when it would be refused or fail, 125 when docker itself refuses the words.\n\
             Example: dock admin explain alice -- run -d --memory 8g python:3.12",
        )
        .arg(
            Arg::new("user")
                .value_name("USER")
                .required(true)
                .help("Whose command it would be"),
        )
        .arg(switch("json", "For a program to read"))
        .arg(
            Arg::new("words")
                .value_name("DOCKER-COMMAND")
                .value_parser(value_parser!(std::ffi::OsString))
                .required(true)
                .num_args(1..)
                .last(true)
                .help("What would be typed after 'dock'"),
        )
}
