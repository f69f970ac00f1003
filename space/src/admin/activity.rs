//! What the engine's lists do not say and a clean-up must know: when something
//! was used last, and whether its owner was warned.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum Kind {
    Container,
    Network,
    Volume,
    Image,
}

impl Kind {
    /// All of them, in the order in which they can be removed.
    pub const ALL: [Kind; 4] = [Kind::Container, Kind::Network, Kind::Volume, Kind::Image];

    /// As people type it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Container => "container",
            Kind::Network => "network",
            Kind::Volume => "volume",
            Kind::Image => "image",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What is no kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAKind(String);

impl fmt::Display for NotAKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is no kind of object", self.0)
    }
}

impl FromStr for Kind {
    type Err = NotAKind;

    fn from_str(text: &str) -> Result<Kind, NotAKind> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.word() == text)
            .ok_or_else(|| NotAKind(text.to_owned()))
    }
}

// The gate's strict reader knows texts and no enums.
impl TryFrom<String> for Kind {
    type Error = NotAKind;

    fn try_from(text: String) -> Result<Kind, NotAKind> {
        text.parse()
    }
}

/// `POST /dock/activity`: what the asker has seen itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Containers at work in a way that neither CPU nor networks show: on a GPU.
    pub busy: Vec<String>,
}

/// Its answer: one look at everything, and what is remembered of earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// The host's clock at this look, seconds since 1970.
    pub now: i64,
    /// Whether what was remembered could not be read: then nothing is old.
    pub forgot: bool,
    pub objects: Vec<Seen>,
}

/// One object. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    pub kind: Kind,
    /// What the gate's routes take: an id, a volume's real name.
    pub id: String,
    /// The first look that met it; none where it was there before anybody looked.
    pub arrived: Option<i64>,
    /// A container: when it was seen up last. Else: when a container had it last.
    pub used: Option<i64>,
    /// A container that runs: since when it does nothing.
    pub idle_since: Option<i64>,
    /// A container that ran: when it ended.
    pub ended: Option<i64>,
    /// What it takes of the disk alone, when asked for.
    pub bytes: Option<i64>,
    /// The last warning, unless it was used since.
    pub warned: Option<Warned>,
}

/// That an owner was warned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warned {
    /// Of what: the key of the configuration.
    pub rule: String,
    pub at: i64,
}

/// `POST /dock/warnings`: remembers that owners were warned, from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warnings {
    pub warnings: Vec<Warning>,
}

/// A warning about one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    pub kind: Kind,
    pub id: String,
    pub rule: String,
}

/// `POST /dock/notices`: what an owner reads at the next command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The space's name.
    pub space: String,
    pub lines: Vec<String>,
}

/// Where notices lie, one file for each login. The folder is root's; a file is
/// its reader's, so that the reader can empty it.
pub const NOTICES: &str = "/var/spool/dock";

/// The most bytes of a file of notices: what does not fit is not said.
pub const MAX_NOTICES: u64 = 16 << 10;
