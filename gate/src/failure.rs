//! Why a request gets an error answer, and its status and words.
//!
//! docker searches error text for "permission denied" and "no such file or
//! directory" to pick an exit code (docker/cli, run.go `toStatusError`), so
//! none of these words is ever written here.

use std::fmt;
use std::path::PathBuf;

use crate::api::filters::FilterError;
use crate::api::path::PathError;
use crate::api::query::QueryError;
use crate::policy::Refusal;

/// An error answer: what went wrong, with the values that its words need.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The policy refused; already audited.
    Refused(Refusal),
    /// The request cannot be understood (400).
    Malformed(String),
    /// A prefix of several of the caller's ids; the engine answers 400 (404 up to 20.10).
    Ambiguous(String),
    /// No such object in the caller's space; the words are the engine's (404).
    Missing(String),
    /// The engine's own conflict text (409).
    Conflict(String),
    /// A route that no engine has (404).
    UnknownRoute,
    /// A route that an engine outside a swarm answers this way (503).
    NotASwarm,
    /// A route that this version of dock does not serve yet (501).
    NotBuilt(&'static str),
    /// The body's type is one that the engine would read over the query (415).
    MediaType,
    /// The body is larger than the limit (413).
    TooLarge(usize),
    /// The engine answered with an error; status and translated words.
    Engine(u16, String),
    /// The engine cannot be reached (503).
    EngineDown(PathBuf, String),
    /// The engine did not answer in time, or not in HTTP (502).
    EngineBroken(String),
    /// Nobody can be served: identity or configuration (503).
    Unavailable(String),
    /// It was told what would be done, and nothing is done (403).
    Explained,
    /// Something on the host failed (500).
    Host(String),
}

impl Failure {
    /// The HTTP status of the answer.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Failure::Refused(refusal) => refusal.status,
            Failure::Malformed(_) | Failure::Ambiguous(_) => 400,
            Failure::Missing(_) | Failure::UnknownRoute => 404,
            Failure::Conflict(_) => 409,
            Failure::NotASwarm | Failure::EngineDown(..) | Failure::Unavailable(_) => 503,
            Failure::NotBuilt(_) => 501,
            Failure::MediaType => 415,
            Failure::TooLarge(_) => 413,
            Failure::Engine(status, _) => *status,
            Failure::EngineBroken(_) => 502,
            Failure::Explained => 403,
            Failure::Host(_) => 500,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(f),
            Failure::Malformed(why) => write!(f, "dock: {why}"),
            Failure::Ambiguous(prefix) => {
                write!(f, "multiple IDs found with provided prefix: {prefix}")
            }
            Failure::Missing(text) | Failure::Conflict(text) | Failure::Engine(_, text) => {
                f.write_str(text)
            }
            // The engine's own words for a route that it does not know.
            Failure::UnknownRoute => f.write_str("page not found"),
            Failure::NotASwarm => f.write_str(
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
            ),
            Failure::NotBuilt(what) => write!(f, "dock: {what}"),
            Failure::MediaType => f.write_str("dock: form bodies are not accepted"),
            Failure::TooLarge(limit) => {
                write!(f, "dock: the request body is larger than {limit} bytes")
            }
            Failure::EngineDown(socket, why) => write!(
                f,
                "dock: the Docker Engine on this host does not answer at {}: {why}\n\nhint: ask an administrator of this host to start it",
                socket.display()
            ),
            Failure::EngineBroken(why) => {
                write!(
                    f,
                    "dock: the Docker Engine on this host gave no usable answer: {why}\n\nhint: ask an administrator of this host whether it runs ('systemctl status docker')"
                )
            }
            Failure::Explained => f.write_str("dock: explained, and not done"),
            Failure::Unavailable(why) => write!(f, "dock: {why}"),
            Failure::Host(why) => write!(f, "dock: {why}"),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}

/// Errors of the readers of hostile bytes are the client's (400).
macro_rules! malformed {
    ($($error:ty),+) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Failure {
                Failure::Malformed(error.to_string())
            }
        })+
    };
}

malformed!(FilterError, PathError, QueryError);
