//! A plan, carried out. The engine has the last word on each object: nothing is
//! forced, so what runs or is in use by then stays.

use dock_space::admin::Kind;
use hyper::Method;

use super::plan::{Action, Item};
use crate::client::{self, Client};
use crate::error::Error;

/// What became of a deed.
#[derive(Debug)]
pub(super) enum Outcome {
    Done,
    /// It was so already.
    Gone,
    Failed(Error),
}

/// Who does things to the engine.
pub(super) trait Hands {
    fn act(&mut self, method: Method, path: &str) -> Result<(), Error>;
}

impl Hands for Client {
    fn act(&mut self, method: Method, path: &str) -> Result<(), Error> {
        Client::act(self, method, path, None)
    }
}

/// Does every deed of `plan`, and says of each what became of it.
pub(super) fn carry_out(
    plan: &[Item],
    hands: &mut impl Hands,
    mut tell: impl FnMut(&Item, &Outcome),
) {
    for item in plan.iter().filter(|item| item.action.is_deed()) {
        let outcome = outcome(item, hands);
        tell(item, &outcome);
    }
}

fn outcome(item: &Item, hands: &mut impl Hands) -> Outcome {
    let mut outcome = Outcome::Gone;
    for (method, path) in requests(item) {
        match hands.act(method, &path) {
            Ok(()) => outcome = Outcome::Done,
            // Stopped, or removed, by somebody else.
            Err(Error::Answer {
                status: 304 | 404, ..
            }) => {}
            Err(error) => return Outcome::Failed(error),
        }
    }
    outcome
}

/// What is asked of the gate, one after the other.
fn requests(item: &Item) -> Vec<(Method, String)> {
    let id = &item.id;
    if item.action == Action::Stop {
        return vec![(Method::POST, format!("/dock/containers/{id}/stop"))];
    }
    let paths = match item.kind {
        // Its volumes stay, also those without a name.
        Kind::Container => vec![format!("/dock/containers/{id}?force=0&v=0")],
        Kind::Network => vec![format!("/dock/networks/{id}")],
        Kind::Volume => vec![format!("/dock/volumes/{}?force=0", client::escape(id))],
        Kind::Image => item
            .references
            .iter()
            .map(|name| format!("/dock/images/{}?force=0", client::escape(name)))
            .collect(),
    };
    paths
        .into_iter()
        .map(|path| (Method::DELETE, path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::object::State;
    use super::super::plan::plan;
    use super::super::samples::{self, NOW};
    use super::*;

    /// An engine that writes down what it is told, and refuses what holds a word.
    struct Engine {
        told: Vec<String>,
        refuses: &'static str,
    }

    impl Hands for Engine {
        fn act(&mut self, method: Method, path: &str) -> Result<(), Error> {
            self.told.push(format!("{method} {path}"));
            let answer = |status| Error::Answer {
                status,
                text: String::new(),
            };
            if path.contains("gone") {
                return Err(answer(404));
            }
            match self.refuses.is_empty() || !path.contains(self.refuses) {
                true => Ok(()),
                false => Err(answer(409)),
            }
        }
    }

    #[test]
    fn nothing_is_forced_and_a_failure_stops_nothing() {
        let objects = [
            samples::image(&["a:1", "b:2"]),
            samples::volume("bob", "busy"),
            samples::volume("bob", "data"),
            samples::container("alice", "gone"),
            samples::object(Kind::Container, Some("alice"), "idle", State::Running),
        ];
        let mut engine = Engine {
            told: Vec::new(),
            refuses: "busy",
        };
        let mut outcomes = Vec::new();
        carry_out(
            &plan(&objects, &samples::policy(), NOW),
            &mut engine,
            |item, outcome| {
                let word = match outcome {
                    Outcome::Done => "done",
                    Outcome::Gone => "gone",
                    Outcome::Failed(_) => "failed",
                };
                outcomes.push(format!("{} {word}", item.name));
            },
        );
        assert_eq!(
            engine.told,
            [
                "POST /dock/containers/container-alice-idle/stop",
                "DELETE /dock/containers/container-alice-gone?force=0&v=0",
                "DELETE /dock/volumes/volume-bob-busy?force=0",
                "DELETE /dock/volumes/volume-bob-data?force=0",
                "DELETE /dock/images/a%3A1?force=0",
                "DELETE /dock/images/b%3A2?force=0",
            ]
        );
        assert_eq!(
            outcomes,
            [
                "idle done",
                "gone gone",
                "busy failed",
                "data done",
                "a:1 done"
            ]
        );
    }
}
