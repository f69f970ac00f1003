//! `dock admin`: its verbs and their options.

use std::time::Duration;

use clap::{Arg, ArgAction, Command, value_parser};

use crate::list;

/// What a name means in every verb that takes one.
const NAMES: &str = "An object is named by its owner and name, as the lists show them: alice/web. Where the account \
is gone, the number of its space stands for the login: u1001/web. What nobody owns goes by its name alone, or by its id.";

/// The command line of `dock admin`.
pub(super) fn command() -> Command {
    Command::new("admin")
        .about("See and steer every space on this host (for members of the admin group)")
        .after_help(
            "Who is eating the memory?   dock admin top --sort mem\n\
             Inside somebody's space:    dock admin --as USER DOCKER-COMMAND...\n\
             More: man dock-admin",
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
        .subcommands([purge()])
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
        .arg(switch("yes", "Do not ask for the name").short('y'))
        .arg(switch("json", "What goes, for a program to read"))
}
