//! Full ids that were the caller's a moment ago.
//!
//! `docker run` names one container in four requests within a tenth of a
//! second. A full id is one container for ever, and only an administrator can
//! change whose it is, so for a moment the answer is remembered; a container that is gone by then is gone for the engine, too.
//! Names are not remembered: they move.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::resolve::Container;

/// How long an answer holds.
const MOMENT: Duration = Duration::from_secs(2);

/// The most that is remembered; a moment does not hold more in earnest.
const MAX: usize = 256;

/// Containers by full id, with the time of the look-up.
#[derive(Default)]
pub(crate) struct Known(RefCell<HashMap<String, (Instant, Container)>>);

impl Known {
    pub(crate) fn remember(&self, container: &Container) {
        let mut known = self.0.borrow_mut();
        if known.len() >= MAX {
            known.retain(|_, (then, _)| then.elapsed() < MOMENT);
        }
        if known.len() < MAX {
            known.insert(container.id.clone(), (Instant::now(), container.clone()));
        }
    }

    pub(crate) fn find(&self, id: &str) -> Option<Container> {
        let known = self.0.borrow();
        let (then, container) = known.get(id)?;
        (then.elapsed() < MOMENT).then(|| container.clone())
    }
}
