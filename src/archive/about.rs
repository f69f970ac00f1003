//! What an archive is of: its first part.

use serde::{Deserialize, Serialize};

/// The version of the format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// The member that says it.
pub const ABOUT: &str = "dock-archive/about.json";

/// `dock-archive/about.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    pub format: u32,
    /// The version of dock that wrote it.
    pub dock: String,
    pub kind: Kind,
    /// `u1001`
    pub space: String,
    pub login: String,
    pub author: String,
    pub organisation: Option<String>,
    /// The one container of an archive of a container.
    pub container: Option<String>,
    /// Seconds since 1970.
    pub moment: i64,
    pub mode: Mode,
    /// The engine's version and API version.
    pub engine: String,
    pub api: String,
}

/// What is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Everything of one person.
    Space,
    /// One container and what it refers to.
    Container,
}

/// What containers do while they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// They are stopped, and started again.
    Stop,
    /// They stand still.
    Pause,
    /// They go on, and may write what is being read.
    Live,
}

impl Mode {
    /// As it is typed and written.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Stop => "stop",
            Mode::Pause => "pause",
            Mode::Live => "live",
        }
    }
}
