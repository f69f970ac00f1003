//! How the service tells the guard what follows a request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// The service's hold on the guard of its connection. Every request is decided
/// once: until then nothing of a following one gets past the guard.
#[derive(Clone)]
pub struct Control(Arc<Mutex<Shared>>);

struct Shared {
    turn: Turn,
    reader: Option<Waker>,
}

/// Whose turn it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// No request is undecided: the next head may pass.
    Client,
    /// A request was handed over and is not decided.
    Service { upgrade: bool },
    /// The rest is no HTTP.
    Raw,
}

impl Control {
    pub(super) fn new() -> Control {
        Control(Arc::new(Mutex::new(Shared {
            turn: Turn::Client,
            reader: None,
        })))
    }

    /// The request is answered with 101, and all that follows is passed on
    /// unseen, from the moment when that answer is flushed. Does nothing when
    /// the request did not ask for an upgrade or is already decided.
    ///
    /// To be called just before the answer 101 is given, and with no other.
    pub fn raw(&self) {
        self.decide(
            |turn| matches!(turn, Turn::Service { upgrade: true }),
            Turn::Raw,
        );
    }

    /// The request is answered as HTTP, and what follows is the next head.
    /// Does nothing when the request is already decided.
    pub fn next(&self) {
        self.decide(|turn| matches!(turn, Turn::Service { .. }), Turn::Client);
    }

    fn decide(&self, may: impl FnOnce(Turn) -> bool, decision: Turn) {
        let mut shared = self.shared();
        if may(shared.turn) {
            shared.turn = decision;
            let reader = shared.reader.take();
            drop(shared);
            if let Some(reader) = reader {
                reader.wake();
            }
        }
    }

    pub(super) fn hand_over(&self, upgrade: bool) {
        self.shared().turn = Turn::Service { upgrade };
    }

    pub(super) fn turn(&self) -> Turn {
        self.shared().turn
    }

    /// The turn; who asks is woken when it changes or at [`Control::wake`].
    pub(super) fn watch(&self, reader: &Waker) -> Turn {
        let mut shared = self.shared();
        shared.reader = Some(reader.clone());
        shared.turn
    }

    pub(super) fn wake(&self) {
        let reader = self.shared().reader.take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // Each change is one assignment, so a panic elsewhere leaves no half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
