//! What became of the files of a volume or of a container on their way.

use serde::{Deserialize, Serialize};

/// The trailer in which the gate tells it behind a stream. A stream without it is
/// half a stream.
pub const TRANSFER: &str = "dock-transfer";

/// A stream that was read to its end, or why it was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    pub entries: u64,
    /// Of the tar.
    pub bytes: u64,
    /// Files that changed while they were read: they have the size that they
    /// had at first, and what was in them one after the other.
    pub changed: u64,
    /// Entries whose owner or group no container can have; they are nobody's.
    pub foreign: u64,
    pub left_out: LeftOut,
    /// Why the stream ends here: then it is of no use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How many of what was not put into a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Files with an extended attribute that is left out: of another id's, or
    /// there is too much of them.
    pub attributes: u64,
    /// Files that their holder did not let go of.
    pub busy: u64,
    /// Folders below the deepest that is taken, with all that is in them.
    pub deep: u64,
    pub devices: u64,
    /// What is mounted there from elsewhere.
    pub mounts: u64,
    /// Files of a container whose names mark removed files in a layer.
    pub reserved: u64,
    pub sockets: u64,
    /// Gone between the look into the folder and the look at the file.
    pub vanished: u64,
}

impl LeftOut {
    /// Whether nothing is missing.
    pub fn is_nothing(&self) -> bool {
        *self == LeftOut::default()
    }
}
