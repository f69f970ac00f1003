//! A gate that explains: what a client asks for is looked up and judged as for
//! the owner of the space, told of, and never sent.
//!
//! [`Call::judge`](super::call::Call::judge) is where every request of a
//! client's ends here, but for looks that change nothing. What comes before it
//! (locks, an index, the default network) asks [`Caller::explains`] and leaves
//! the host as it is.
//!
//! [`Caller::explains`]: super::caller::Caller

mod facts;

use std::cell::{Cell, RefCell};

use dock_space::admin::{Explained, Outcome};

use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{Operation, Refusal};

/// The most steps that are kept; a command has a few.
const MAX: usize = 1024;

/// What a gate has explained so far.
#[derive(Default)]
pub(crate) struct Ledger {
    steps: RefCell<Vec<Explained>>,
    /// How many steps of the client's came to nothing.
    troubles: Cell<usize>,
}

impl Ledger {
    /// `operation`, as it would be sent.
    pub(crate) fn allowed(&self, weight: Weight, object: &str, operation: &Operation) {
        self.add(Explained {
            reads: weight == Weight::Read,
            facts: facts::of(operation),
            ..step(Outcome::Allowed, operation.verb(), object)
        });
    }

    /// A prune that may be asked for; what it would remove are steps of their own.
    pub(crate) fn pruned(&self, verb: &str) {
        self.add(step(Outcome::Allowed, verb, ""));
    }

    /// A look that there is nothing to judge about.
    pub(crate) fn looked(&self, verb: &str, object: &str) {
        self.add(Explained {
            reads: true,
            ..step(Outcome::Allowed, verb, object)
        });
    }

    pub(crate) fn refused(&self, verb: &str, object: &str, refusal: &Refusal) {
        self.troubles.set(self.troubles.get() + 1);
        let Refusal {
            status: _,
            rule,
            what,
            why,
            instead,
        } = refusal;
        let outcome = match rule.is_empty() {
            true => Outcome::Fails,
            false => Outcome::Refused,
        };
        self.add(Explained {
            rule: (*rule).to_owned(),
            what: what.clone(),
            why: why.clone(),
            instead: (*instead).to_owned(),
            ..step(outcome, verb, object)
        });
    }

    /// A request that was not judged: there is no such object, it cannot be
    /// read, or it is not served.
    pub(crate) fn failed(&self, request: &str, failure: &Failure) {
        if let Failure::Refused(refusal) = failure {
            return self.refused(request, "", refusal);
        }
        self.fails(request, "", &failure.to_string());
    }

    /// A step that the engine would not take.
    pub(crate) fn fails(&self, verb: &str, object: &str, text: &str) {
        self.troubles.set(self.troubles.get() + 1);
        let (why, instead) = text.split_once("\n\nhint: ").unwrap_or((text, ""));
        self.add(Explained {
            why: why.strip_prefix("dock: ").unwrap_or(why).to_owned(),
            instead: instead.to_owned(),
            ..step(Outcome::Fails, verb, object)
        });
    }

    /// Grows with each step that came to nothing.
    pub(crate) fn troubles(&self) -> usize {
        self.troubles.get()
    }

    pub(crate) fn steps(&self) -> Vec<Explained> {
        self.steps.borrow().clone()
    }

    /// A client asks again what it was told, so nothing stands twice.
    fn add(&self, step: Explained) {
        let mut steps = self.steps.borrow_mut();
        if steps.len() < MAX && !steps.contains(&step) {
            steps.push(step);
        }
    }
}

fn step(outcome: Outcome, verb: &str, object: &str) -> Explained {
    Explained {
        outcome,
        verb: verb.to_owned(),
        object: object.to_owned(),
        reads: false,
        what: String::new(),
        why: String::new(),
        instead: String::new(),
        rule: String::new(),
        facts: Vec::new(),
    }
}
