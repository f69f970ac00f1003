//! dock's own verbs; everything else on the command line is docker's.

mod admin;
mod archives;

use clap::{Arg, ArgAction, Command, value_parser};

use crate::check;

/// The verbs that are dock's own.
pub const VERBS: [&str; 5] = ["admin", "doctor", "env", "explain", "serve"];

/// Those that come with a later version: named, never passed to docker.
pub const LATER: [&str; 3] = ["archive", "quota", "snapshot"];

/// The command line of dock's own verbs, for the parser, the completions and
/// the help.
pub fn command() -> Command {
    let socket = || {
        Arg::new("socket")
            .long("socket")
            .value_name("PATH")
            .value_parser(value_parser!(std::path::PathBuf))
            .help("The socket [default: $XDG_RUNTIME_DIR/dock/serve.sock, else ~/.dock/serve.sock]")
    };
    Command::new("dock")
        .about("docker in a private space of your own; every docker command works as it does")
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommand(admin::command())
        .subcommand(
            Command::new("serve")
                .about("Serve your space on a socket, for SDKs and IDEs, until it is interrupted")
                .arg(socket()),
        )
        .subcommand(
            Command::new("env")
                .about("Print the shell command that makes docker clients use 'dock serve'")
                .arg(socket()),
        )
        .subcommand(
            Command::new("doctor")
                .about("Look for what keeps you from using dock, or lets you past it")
                .after_help(
                    "Exit codes: 0 nothing found, 1 warnings, 2 errors, 3 something is not known",
                )
                .args(check::arguments()),
        )
        .subcommand(
            Command::new("explain")
                .about("Explain a rule that refused something; without RULE, list the rules")
                .arg(
                    Arg::new("rule")
                        .value_name("RULE")
                        .allow_hyphen_values(true)
                        .help("A rule (create.privileged), a flag (--privileged) or a field"),
                )
                // `dock explain [rule create.privileged]`, as a refusal says it.
                .arg(Arg::new("rest").hide(true))
                .arg(
                    Arg::new("json")
                        .long("json")
                        .action(ArgAction::SetTrue)
                        .help("For a program to read"),
                ),
        )
}

/// `dock admin` alone, for its completions.
pub fn admin() -> Command {
    admin::command()
}

/// What `dock --help` says before docker's own help.
pub const OWN_HELP: &str = "\
dock is docker in a private space of your own. Its own commands:
  serve       Serve your space on a socket, for SDKs and IDEs
  env         Print how docker clients use that socket: eval \"$(dock env)\"
  admin       See and steer every space on this host: dock admin --help
  doctor      Look for what keeps you from using dock
  explain     Explain a rule that refused something: dock explain RULE
  --dry-run   As the first word: print the docker command line and run nothing

Everything else is docker's:
";
