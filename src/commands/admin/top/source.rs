//! Where readings come from: the gate, and the driver's library for GPUs.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use dock_space::admin::Usage;

use super::report::Sample;
use crate::client::Client;
use crate::error::Error;
use crate::gpu::Gpus;

/// How long names of containers are believed: they can be renamed.
const BELIEVED: Duration = Duration::from_secs(30);

/// What is asked of the gate for one reading.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Question {
    pub(super) containers: bool,
    /// The engine measures the disk first, which takes it a while.
    pub(super) disk: bool,
}

/// A gate to ask again and again.
pub(super) struct Source {
    client: Client,
    gpus: Option<Gpus>,
    names: HashMap<String, String>,
    named: Option<Instant>,
}

impl Source {
    /// # Errors
    /// When the client's runtime cannot be started.
    pub(super) fn new(socket: PathBuf) -> Result<Source, Error> {
        Ok(Source {
            client: Client::new(socket)?,
            gpus: Gpus::find(),
            names: HashMap::new(),
            named: None,
        })
    }

    /// Reads everything once.
    ///
    /// # Errors
    /// The gate's own words, or that there was no usable answer.
    pub(super) fn read(&mut self, question: Question) -> Result<Sample, Error> {
        let Question { containers, .. } = question;
        let mut names = containers && self.named.is_none_or(|at| at.elapsed() > BELIEVED);
        let mut usage = self.ask(question, names)?;
        let stranger = |usage: &Usage, known: &HashMap<String, String>| {
            let mut rows = usage.spaces.iter().flat_map(|space| &space.containers);
            rows.any(|row| !known.contains_key(&row.id))
        };
        if containers && !names && stranger(&usage, &self.names) {
            names = true;
            usage = self.ask(
                Question {
                    containers,
                    disk: false,
                },
                names,
            )?;
        }
        let gpu = self.gpus.as_ref().map(Gpus::sample);
        if names {
            self.named = Some(Instant::now());
            self.names.clear();
        }
        for row in usage
            .spaces
            .iter_mut()
            .flat_map(|space| &mut space.containers)
        {
            if names {
                // A container without a name was asked after once; again when all are.
                self.names.insert(row.id.clone(), row.name.clone());
            } else if let Some(name) = self.names.get(&row.id) {
                row.name.clone_from(name);
            }
        }
        Ok(Sample {
            usage,
            gpu,
            containers,
        })
    }

    fn ask(&mut self, question: Question, names: bool) -> Result<Usage, Error> {
        let Question { containers, disk } = question;
        let pids = self.gpus.is_some();
        let words = [
            ("containers", containers),
            ("disk", disk),
            ("names", names),
            ("pids", pids),
        ];
        let words = words.map(|(key, value)| format!("{key}={}", u8::from(value)));
        self.client.get(&format!("/dock/usage?{}", words.join("&")))
    }
}
