//! `dock admin archive`, `archives` and `restore`: their options.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};

use crate::list;

/// What a place is in every verb that takes one.
const PLACES: &str = "A place is the name of a target in dock.toml, a folder (/srv/archives) or \
sftp://user@machine/folder. An archive is a name that 'dock admin archives ls' shows, or the path of a file.";

/// The three verbs.
pub(super) fn commands() -> [Command; 3] {
    [archive(), archives(), restore()]
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

fn value(name: &'static str, what: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(what).help(help)
}

fn from() -> Arg {
    value(
        "from",
        "PLACE",
        "Where the archives lie [default: `[archive] target` in dock.toml]",
    )
}

fn identity() -> Arg {
    value(
        "identity",
        "FILE",
        "Identities of age's, for encrypted archives; nobody else may be able to read the file",
    )
    .value_parser(value_parser!(PathBuf))
}

fn bandwidth() -> Arg {
    value(
        "bandwidth",
        "BYTES",
        "No more bytes a second than that: 500k, 20m",
    )
    .value_parser(bytes)
}

fn quiet() -> Arg {
    switch("quiet", "No progress and no summary").short('q')
}

/// `20m`, as the configuration has sizes.
fn bytes(text: &str) -> Result<u64, String> {
    let size = dock_space::settings::size(text);
    size.ok_or_else(|| "a size is a number with k, m or g behind it, or none".to_owned())
}

fn archive() -> Command {
    Command::new("archive")
        .about("Put a space, or one container of it, into one file that can be restored")
        .after_help(PLACES)
        .arg(
            Arg::new("space")
                .value_name("SPACE")
                .required_unless_present("scheduled")
                .help("A login, or the number of a space (u1001) whose account is gone"),
        )
        .arg(value(
            "container",
            "NAME",
            "This container alone, with its networks and volumes",
        ))
        .arg(value(
            "to",
            "PLACE",
            "Where the archive goes [default: `[archive] target` in dock.toml]",
        ))
        .arg(
            value(
                "mode",
                "MODE",
                "What containers do meanwhile [default: `[archive] mode`, pause]",
            )
            .value_parser(["stop", "pause", "live"]),
        )
        .arg(
            value(
                "encrypt",
                "RECIPIENT",
                "For this recipient of age's alone; can be given again",
            )
            .action(ArgAction::Append),
        )
        .arg(bandwidth())
        .arg(switch("protected", "No retention removes it"))
        .arg(switch("verify", "Read it back from where it lies"))
        .arg(quiet())
        .arg(
            switch(
                "scheduled",
                "Archive the spaces that are due by `[archive.schedule]`",
            )
            .conflicts_with_all([
                "space",
                "container",
                "to",
                "mode",
                "encrypt",
                "protected",
            ]),
        )
}

fn one() -> Arg {
    Arg::new("archive")
        .value_name("ARCHIVE")
        .required(true)
        .help("Its name, or the path of a file")
}

fn many() -> Arg {
    one().num_args(1..)
}

fn archives() -> Command {
    let keep = |name: &'static str, help: &'static str| {
        value(name, "NUMBER", help).value_parser(value_parser!(u32))
    };
    Command::new("archives")
        .about("List, show, verify, protect and prune archives")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("ls")
                .about("List the archives of a place")
                .after_help(PLACES)
                .args(list::arguments())
                .arg(from()),
        )
        .subcommand(
            Command::new("show")
                .about("Show what is in an archive; only its end is fetched")
                .after_help(PLACES)
                .args(list::arguments())
                .args([one(), from(), identity()]),
        )
        .subcommand(
            Command::new("verify")
                .about("Read archives whole; exit 1 when anything in them is damaged")
                .after_help(PLACES)
                .args([many(), from(), identity(), bandwidth(), quiet()]),
        )
        .subcommand(
            Command::new("protect")
                .about("Keep archives from every retention")
                .after_help(PLACES)
                .args([many(), from(), switch("off", "No longer")]),
        )
        .subcommand(
            Command::new("prune")
                .about("Remove archives that no rule keeps [default: the rules of `[archive]`]")
                .after_help(PLACES)
                .args([
                    keep("keep-last", "Of each space, so many of the newest"),
                    keep("keep-daily", "And the newest of each of so many days"),
                    keep("keep-weekly", "And of weeks"),
                    keep("keep-monthly", "And of months"),
                    keep("keep-yearly", "And of years"),
                ])
                .args([from(), identity()])
                .arg(switch("dry-run", "Say what would go, and remove nothing"))
                .arg(switch("yes", "Do not ask").short('y')),
        )
}

fn restore() -> Command {
    Command::new("restore")
        .about("Make what is in an archive again: all of it, or nothing")
        .after_help(PLACES)
        .arg(one())
        .arg(
            Arg::new("user")
                .long("as")
                .value_name("USER")
                .help("Into the space of USER [default: the one that was archived]"),
        )
        .arg(value(
            "container",
            "NAME",
            "This container alone, with its networks and volumes",
        ))
        .arg(switch("start", "Start the containers that ran"))
        .arg(switch(
            "dry-run",
            "Verify, say what would be made and what is in the way, and make nothing",
        ))
        .arg(from())
        .arg(identity())
        .arg(bandwidth())
        .arg(
            value(
                "max-size",
                "BYTES",
                "Unpack no more than that [default: 200 times the file, at least 4g]",
            )
            .value_parser(bytes),
        )
        .arg(quiet())
}
