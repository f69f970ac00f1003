//! What the configuration says of one person: the layers of `dock.toml`
//! (everybody, then the person's groups, then the person) folded into one.
//!
//! Each key stands in one struct, [`Layer`], with one row in [`Layer::over`];
//! [`Settings`] is the result with the defaults filled in.

use serde::Deserialize;

/// One layer: `[defaults]`, `[groups.NAME]` or `[users.NAME]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Layer {
    /// Template of the `author` label.
    pub author: Option<String>,
    /// Text of the `org` label; empty takes away what an earlier layer gave.
    pub organisation: Option<String>,
    pub containers: Containers,
}

/// What containers may ask for beyond docker's safe defaults, and their ceilings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Containers {
    /// Capabilities that may be added beside the engine's default set (`"SYS_PTRACE"`).
    pub cap_add: Option<Vec<String>>,
    /// Default and ceiling of processes in one container.
    pub pids_limit: Option<i64>,
}

/// What holds for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub author: String,
    pub organisation: Option<String>,
    pub cap_add: Vec<String>,
    pub pids_limit: i64,
}

impl Default for Settings {
    fn default() -> Settings {
        Layer::default().settle()
    }
}

impl Layer {
    /// This layer laid over `below`: what it says wins, what it leaves unsaid stays.
    #[must_use]
    pub fn over(self, below: Layer) -> Layer {
        Layer {
            author: self.author.or(below.author),
            organisation: self.organisation.or(below.organisation),
            containers: Containers {
                cap_add: self.containers.cap_add.or(below.containers.cap_add),
                pids_limit: self.containers.pids_limit.or(below.containers.pids_limit),
            },
        }
    }

    /// The layer with dock's defaults for what it leaves unsaid.
    pub fn settle(self) -> Settings {
        let Layer {
            author,
            organisation,
            containers:
                Containers {
                    cap_add,
                    pids_limit,
                },
        } = self;
        Settings {
            author: author.unwrap_or_else(|| "{login}".to_owned()),
            organisation: organisation.filter(|text| !text.is_empty()),
            cap_add: cap_add.unwrap_or_default(),
            pids_limit: pids_limit.unwrap_or(4096),
        }
    }
}
