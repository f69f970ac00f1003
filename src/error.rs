//! Everything that can go wrong before docker speaks for itself: values here,
//! words in one `Display`, and the only place that decides an exit code.

use std::fmt;
use std::io;
use std::path::PathBuf;

use dock_space::admin::Kind;
use dock_space::config::ConfigError;
use dock_space::identity::IdentityError;

/// An error with what its words need.
#[derive(Debug)]
pub(crate) enum Error {
    Config(ConfigError),
    Identity(IdentityError),
    /// uid 0 has no space.
    Root,
    NotAMember {
        login: String,
        group: String,
    },
    /// In the group by NSS, but the session is older.
    OldSession {
        login: String,
        group: String,
    },
    NoNewPrivileges,
    UserNamespace,
    NoSudo,
    NoGate(PathBuf),
    /// No docker CLI at the configured or usual places.
    NoDocker(Vec<PathBuf>),
    /// What is there is not docker's own CLI.
    NotDocker {
        path: PathBuf,
        what: &'static str,
    },
    CannotExecute {
        path: PathBuf,
        error: io::Error,
    },
    /// A step of the launch: what, on what.
    Launch {
        what: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    SocketPath(PathBuf),
    SocketInUse(PathBuf),
    NotServing(PathBuf),
    /// The words that the waiter would have given to docker.
    GateEnded(String),
    NotBuilt(&'static str),
    /// In no group that may run `dock admin`.
    NotAnAdmin {
        login: String,
        group: String,
    },
    /// The connection to the gate, or what came over it.
    Gate(String),
    /// The terminal of a live view cannot be used.
    Terminal(String),
    /// A gate's or an engine's error answer.
    Answer {
        status: u16,
        text: String,
    },
    /// `--sort` by what is no column.
    NoColumn {
        asked: String,
        known: Vec<&'static str>,
    },
    /// `--check` of what is no check.
    NoCheck {
        asked: String,
        themes: Vec<&'static str>,
    },
    /// `--format` with what is no template.
    Template(String),
    /// `--filter` without a value.
    Filter(String),
    /// A name that no object, or more than one, has.
    NoObject {
        kind: &'static str,
        asked: String,
        /// What others have of that name, as it is typed.
        near: Vec<String>,
    },
    ManyObjects {
        kind: &'static str,
        asked: String,
    },
    /// `--since` or `--until` with what is no moment.
    Moment(String),
    /// A login that nobody has.
    NoUser(String),
    /// A command in a container that nobody owns.
    Unowned(String),
    /// `dock admin prune` without a policy.
    NothingToPrune,
    /// The program of `[prune] hook`.
    Hook {
        path: PathBuf,
        why: String,
    },
    /// A notice that could not be left.
    NotTold {
        login: String,
        error: Box<Error>,
    },
    /// docker's own words about words that it does not take.
    DockerSays(String),
    /// Some of several things were not done, and that was said.
    Partly,
    /// Nobody said where archives go, or what was said is no place.
    NoTarget(String),
    /// There is no archive of that name.
    NoArchive(String),
    /// A place for archives, and what went wrong while doing what.
    Store {
        doing: &'static str,
        place: String,
        error: io::Error,
    },
    /// An archive that is not what was written.
    Damaged {
        archive: String,
        damage: String,
    },
    /// What was to be archived changed its form on the way.
    Unarchivable(String),
    /// A description that this version cannot make an object of.
    Undescribed {
        part: String,
        why: String,
    },
    /// What stands in the way of a restore; each was told.
    Conflicts(usize),
    /// Unpacked, the archive would be larger than was allowed.
    TooLarge {
        size: u64,
        limit: u64,
    },
    /// A file with keys of age's, or what is in it.
    Keys {
        path: PathBuf,
        why: String,
    },
    /// A recipient that is none.
    Recipient(String),
    /// An encrypted archive without an identity, or with another one.
    Locked(String),
    /// A signal came, and what was begun was undone.
    Interrupted,
    /// What a restore made could not be removed.
    LeftBehind {
        what: String,
        after: Box<Error>,
    },
    /// A file of dock's own in the caller's home.
    State {
        path: PathBuf,
        error: io::Error,
    },
    /// What was to be archived first was not, so it was not removed.
    NotArchived(String),
    /// What cannot be undone was not confirmed.
    NotConfirmed,
    /// There is nobody to confirm it.
    NobodyToAsk,
    /// No rule, flag or field of that name; the rules that come near.
    NoRule {
        asked: String,
        near: Vec<&'static str>,
    },
    /// `--dry-run` of a verb that is dock's own.
    NothingToPrint(&'static str),
    /// The docker CLI starts dock, which starts the docker CLI.
    Circle(PathBuf),
    /// clap has the words and the exit code.
    Usage(clap::Error),
}

impl Error {
    /// docker's own codes for its own failures, 2 for a wrong use of dock's verbs.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Error::NoDocker(_) => 127,
            Error::CannotExecute { error, .. } if error.kind() == io::ErrorKind::NotFound => 127,
            Error::NotDocker { .. } | Error::CannotExecute { .. } | Error::Circle(_) => 126,
            Error::NotServing(_)
            | Error::NoObject { .. }
            | Error::ManyObjects { .. }
            | Error::NoUser(_)
            | Error::Unowned(_)
            | Error::NoArchive(_)
            | Error::Damaged { .. }
            | Error::Unarchivable(_)
            | Error::Undescribed { .. }
            | Error::Conflicts(_)
            | Error::TooLarge { .. }
            | Error::Locked(_)
            | Error::NotConfirmed
            | Error::NotArchived(_)
            | Error::Hook { .. }
            | Error::NotTold { .. }
            | Error::Partly => 1,
            Error::Interrupted => 130,
            Error::LeftBehind { after, .. } => after.exit_code(),
            // The gate serves nobody: as when there is none.
            Error::Answer { status: 503, .. } => 125,
            Error::Answer { .. } => 1,
            Error::NotBuilt(_)
            | Error::NothingToPrint(_)
            | Error::NothingToPrune
            | Error::NoRule { .. }
            | Error::NoColumn { .. }
            | Error::NoCheck { .. }
            | Error::Template(_)
            | Error::NoTarget(_)
            | Error::Recipient(_)
            | Error::NobodyToAsk
            | Error::Moment(_)
            | Error::Filter(_) => 2,
            // 0 for --help, 2 otherwise.
            Error::Usage(error) => u8::try_from(error.exit_code()).unwrap_or(2),
            Error::Config(_)
            | Error::DockerSays(_)
            | Error::Identity(_)
            | Error::Root
            | Error::NotAMember { .. }
            | Error::NotAnAdmin { .. }
            | Error::OldSession { .. }
            | Error::Gate(_)
            | Error::Terminal(_)
            | Error::NoNewPrivileges
            | Error::UserNamespace
            | Error::NoSudo
            | Error::NoGate(_)
            | Error::Launch { .. }
            | Error::SocketPath(_)
            | Error::SocketInUse(_)
            | Error::Store { .. }
            | Error::Keys { .. }
            | Error::State { .. }
            | Error::GateEnded(_) => 125,
        }
    }

    /// What is possible instead, if anything is.
    pub(crate) fn hint(&self) -> Option<String> {
        Some(match self {
            Error::Config(_) => {
                "ask an administrator of this host; dock.toml(5) says what the file may hold".into()
            }
            Error::Identity(_) => {
                "an administrator can see what 'getent passwd' says of you".into()
            }
            Error::Root => {
                "'dock admin --as USER ...' acts inside one space; root can use docker itself"
                    .into()
            }
            Error::NotAMember { login, group } => {
                format!("an administrator can run 'usermod -aG {group} {login}'; then log in again")
            }
            Error::NotAnAdmin { group, .. } => {
                format!(
                    "its members see every space on this host; root decides who is one ('usermod -aG {group} LOGIN')"
                )
            }
            Error::NoColumn { known, .. } => format!("there is {}", known.join(", ")),
            Error::NoCheck { themes, .. } => format!(
                "'--list' lists the checks; their themes are {}",
                themes.join(", ")
            ),
            Error::Template(_) => "see 'man dock-admin' for what a list can show".into(),
            Error::Filter(_) => "a filter is KEY=VALUE".into(),
            Error::Moment(_) => "2h for two hours ago, 3d, 2026-01-31, 2026-01-31T12:00:00".into(),
            Error::NoUser(_) => {
                "'dock admin ls' lists the spaces; one whose account is gone is named by its number, u1001"
                    .into()
            }
            Error::NoObject { near, .. } if !near.is_empty() => {
                format!("there is {}", near.join(", "))
            }
            Error::NoObject { kind: "space", .. } => {
                "'dock admin ls -a' lists the spaces; the login or the number names one".into()
            }
            Error::NoObject { .. } => {
                "OWNER/NAME, as 'dock admin ps -a' and the other lists show it".into()
            }
            Error::ManyObjects { kind: "space", .. } => {
                "name it by its number; 'dock admin ls -a' shows it".into()
            }
            Error::ManyObjects { .. } => {
                "name its owner, by the number of the space if need be, or give more of its id"
                    .into()
            }
            Error::NobodyToAsk => "'--yes' goes on without asking".into(),
            Error::Unowned(_) => {
                "it was made past dock and may be privileged; root can use docker itself".into()
            }
            Error::NothingToPrune => {
                "set ages under [prune] in dock.toml(5), or name them here: dock admin prune --containers 30d"
                    .into()
            }
            Error::Hook { .. } => "see \"hook\" under [prune] in dock.toml(5)".into(),
            Error::NotTold { error, .. } => return error.hint(),
            Error::Answer { text, .. } => return Some(text.split_once("\n\nhint: ")?.1.to_owned()),
            Error::OldSession { group, .. } => format!("log in again, or run 'newgrp {group}'"),
            Error::NoNewPrivileges => {
                "run dock outside of the sandbox or container that sets no_new_privs".into()
            }
            Error::UserNamespace => {
                "run dock outside of the user namespace ('unshare -U', a rootless container)".into()
            }
            Error::NoSudo => "an administrator can install the package sudo".into(),
            Error::NoGate(_) => "an administrator can run install.sh again".into(),
            Error::NoDocker(_) => {
                "an administrator can install a docker CLI, or set `[engine] docker` in dock.toml"
                    .into()
            }
            Error::NotDocker { .. } | Error::Circle(_) => {
                "an administrator can set `[engine] docker` in dock.toml to docker's own CLI".into()
            }
            Error::SocketPath(_) => "choose a shorter path with --socket".into(),
            Error::SocketInUse(_) => "'dock env' tells how to use it".into(),
            Error::NotServing(_) => "start one with 'dock serve &'".into(),
            Error::NoRule { near, .. } if near.is_empty() => {
                "'dock explain' lists the rules".into()
            }
            Error::NoRule { near, .. } => format!("there is {}", near.join(", ")),
            Error::Terminal(_) => "'--once' needs no terminal".into(),
            Error::NoTarget(_) => {
                "`[archive] target` in dock.toml, or --to: a target's name, a folder (/srv/archives), sftp://user@machine/folder"
                    .into()
            }
            Error::NoArchive(_) => "'dock admin archives ls' lists them".into(),
            Error::Damaged { .. } => {
                "nothing was made of it; 'dock admin archives verify' names every part that is damaged"
                    .into()
            }
            Error::TooLarge { size, .. } => {
                format!("if it is to be trusted: --max-size {size}")
            }
            Error::Recipient(_) => "'age-keygen' makes an identity and tells its recipient".into(),
            Error::Locked(_) => {
                "--identity FILE names the identity of one of its recipients".into()
            }
            Error::LeftBehind { .. } => {
                "the next 'dock admin restore' tries again to remove it".into()
            }
            Error::CannotExecute { .. }
            | Error::Launch { .. }
            | Error::Store { .. }
            | Error::Unarchivable(_)
            | Error::Undescribed { .. }
            | Error::Conflicts(_)
            | Error::Keys { .. }
            | Error::Interrupted
            | Error::State { .. }
            | Error::GateEnded(_)
            | Error::NotBuilt(_)
            | Error::NothingToPrint(_)
            | Error::Gate(_)
            | Error::DockerSays(_)
            | Error::Partly
            | Error::NotConfirmed
            | Error::NotArchived(_)
            | Error::Usage(_) => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Config(error) => error.fmt(f),
            Error::Identity(error) => error.fmt(f),
            Error::Root => f.write_str("root has no space of its own"),
            Error::NotAMember { login, group } => {
                write!(f, "\"{login}\" is not in group \"{group}\"")
            }
            Error::NotAnAdmin { login, group } => {
                write!(f, "\"{login}\" is not in group \"{group}\", whose members may run 'dock admin'")
            }
            Error::Terminal(why) => write!(f, "cannot use this terminal: {why}"),
            Error::Gate(why) => write!(f, "no usable answer from the gate: {why}"),
            Error::Answer { text, .. } => {
                let text = text.split("\n\nhint: ").next().unwrap_or_default();
                // The gate's own words begin as ours do.
                match text.strip_prefix("dock: ") {
                    Some(own) => f.write_str(own),
                    None => write!(f, "the engine says: {text}"),
                }
            }
            Error::NoColumn { asked, .. } => write!(f, "there is no column \"{asked}\""),
            Error::NoCheck { asked, .. } => write!(f, "there is no check \"{asked}\""),
            Error::Template(why) => write!(f, "cannot use the template: {why}"),
            Error::Filter(asked) => write!(f, "\"{asked}\" is no filter"),
            Error::NoObject { kind, asked, .. } => write!(f, "no such {kind}: {asked}"),
            Error::ManyObjects { kind, asked } => {
                write!(f, "more than one {kind} is called \"{asked}\"")
            }
            Error::Moment(asked) => write!(f, "\"{asked}\" is no moment"),
            Error::NoUser(asked) => write!(f, "there is no user \"{asked}\" on this host"),
            Error::NoTarget(named) if named.is_empty() => {
                f.write_str("nobody said where archives go")
            }
            Error::NoTarget(named) => write!(f, "\"{named}\" is no place for archives"),
            Error::NoArchive(name) => write!(f, "no such archive: {name}"),
            Error::Store { doing, place, error } => {
                write!(f, "cannot {doing} \"{place}\": {}", words(error))
            }
            Error::Damaged { archive, damage } => write!(f, "\"{archive}\" is damaged: {damage}"),
            Error::Unarchivable(damage) => write!(f, "cannot archive {damage}"),
            Error::Undescribed { part, why } => {
                write!(f, "cannot make anything of \"{part}\": {why}")
            }
            Error::Conflicts(1) => f.write_str("one thing stands in the way; nothing was made"),
            Error::Conflicts(count) => {
                write!(f, "{count} things stand in the way; nothing was made")
            }
            Error::TooLarge { size, limit } => write!(
                f,
                "the archive unpacks to {size} bytes, more than the {limit} that are taken for a file of its length"
            ),
            Error::Keys { path, why } => write!(f, "cannot use '{}': {why}", path.display()),
            Error::Recipient(text) => write!(f, "\"{text}\" is no recipient of age's"),
            Error::Locked(archive) => write!(f, "\"{archive}\" cannot be opened: it is encrypted"),
            Error::Interrupted => f.write_str("interrupted; what was begun was undone"),
            Error::LeftBehind { what, after } => {
                write!(f, "{after}; and could not be removed: {what}")
            }
            Error::State { path, error } => {
                write!(f, "cannot write '{}': {}", path.display(), words(error))
            }
            Error::Unowned(name) => write!(f, "nobody owns \"{name}\""),
            Error::NothingToPrune => f.write_str("nothing says what may go, so nothing does"),
            Error::Hook { path, why } => write!(f, "the hook '{}': {why}", path.display()),
            Error::NotTold { login, error } => {
                write!(f, "cannot leave a notice for \"{login}\": {error}")
            }
            Error::DockerSays(words) => write!(f, "docker does not take these words:\n{words}"),
            Error::Partly => f.write_str("not everything was done"),
            Error::NotArchived(login) => {
                write!(f, "there is no archive of {login}; nothing was removed")
            }
            Error::NotConfirmed => f.write_str("not confirmed; nothing was removed"),
            Error::NobodyToAsk => {
                f.write_str("this cannot be undone, and there is no terminal to ask at")
            }
            Error::OldSession { login, group } => {
                write!(f, "this session is older than \"{login}\" in group \"{group}\"")
            }
            Error::NoNewPrivileges => {
                f.write_str("this process cannot gain privileges (no_new_privs is set), so sudo cannot start the gate")
            }
            Error::UserNamespace => {
                f.write_str("this is inside a user namespace, where sudo cannot start the gate")
            }
            Error::NoSudo => f.write_str("sudo is not installed"),
            Error::NoGate(path) => write!(f, "the gate is not installed at '{}'", path.display()),
            Error::NoDocker(places) => {
                f.write_str("no docker CLI at ")?;
                for (at, place) in places.iter().enumerate() {
                    let separator = if at == 0 { "" } else { " or " };
                    write!(f, "{separator}'{}'", place.display())?;
                }
                Ok(())
            }
            Error::NotDocker { path, what } => {
                write!(f, "'{}' is {what}, not docker's own CLI", path.display())
            }
            Error::CannotExecute { path, error } => {
                write!(f, "cannot execute '{}': {}", path.display(), words(error))
            }
            Error::Launch { what, path, error } => {
                write!(f, "cannot {what} '{}': {}", path.display(), words(error))
            }
            Error::SocketPath(path) => {
                write!(f, "the path of the socket is too long: '{}'", path.display())
            }
            Error::SocketInUse(path) => {
                write!(f, "'{}' is being served already", path.display())
            }
            Error::NotServing(path) => write!(f, "nothing is served at '{}'", path.display()),
            Error::GateEnded(why) => f.write_str(why),
            Error::NotBuilt(verb) => {
                write!(f, "'dock {verb}' is not part of this version; it comes with a later one")
            }
            Error::NothingToPrint(verb) => {
                write!(f, "'dock {verb}' is no command of docker's, so --dry-run has nothing to print")
            }
            Error::NoRule { asked, .. } => write!(f, "there is no rule \"{asked}\""),
            Error::Circle(path) => {
                write!(f, "'{}' runs dock again, without end", path.display())
            }
            Error::Usage(error) => error.fmt(f),
        }
    }
}

impl Error {
    /// Why an object is still there, in one line.
    pub(crate) fn stays(kind: Kind, name: &str, error: &Error) -> String {
        format!("{kind} \"{name}\" stays as it is: {error}")
    }
}

/// An I/O error's words without Rust's "(os error N)".
pub(crate) fn words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Error {
        Error::Config(error)
    }
}

impl From<IdentityError> for Error {
    fn from(error: IdentityError) -> Error {
        Error::Identity(error)
    }
}
