//! What a raw socket can try, and why it does not work: each refusal has a twin
//! that differs in one thing and is served.
//!
//! A refusal means that nothing but reading reached the engine for that person.
//! Names of tests hold the facts and rules (G1 to G25) of the Engine API that they try.

mod bodies;
mod connections;
mod fields;
mod framing;
mod targets;

use crate::harness::{Answer, Gate, Person, Record};

/// Somebody who speaks to a gate in raw bytes, with a container that runs.
pub(super) struct Stage {
    pub(super) person: Person,
    pub(super) gate: Gate,
    /// The container's full id.
    pub(super) web: String,
}

impl Stage {
    pub(super) fn new() -> Stage {
        let person = Person::fresh("mallory");
        let started = person
            .dock(["run", "-d", "--name", "web", "busybox", "sleep", "1000"])
            .output();
        Stage {
            web: started.success(),
            gate: Gate::open(&person),
            person,
        }
    }

    /// The answer to raw bytes; nothing when the gate closes without one.
    pub(super) fn raw(&self, bytes: &[u8]) -> Option<Answer> {
        let mut connection = self.gate.connect();
        // A gate that refuses early closes while the rest is still on its way.
        let _ = connection.try_send(bytes);
        connection.maybe_answer("GET")
    }

    /// `bytes` are refused with `status` (0: closed without a word), and the twin is served.
    #[track_caller]
    pub(super) fn refuses(&self, what: &str, bytes: &[u8], status: u16, twin: &[u8]) -> String {
        let record = Record::mark();
        let answer = self.raw(bytes);
        let got = answer.as_ref().map_or(0, |answer| answer.status);
        assert_eq!(got, status, "{what}: {answer:?}");
        record.only_reads(&self.person);
        let served = self
            .raw(twin)
            .unwrap_or_else(|| panic!("{what}: no answer to the twin"));
        assert!(
            served.status < 400,
            "{what}: the twin is refused: {served:?}"
        );
        answer.map(|answer| answer.text()).unwrap_or_default()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.person.clear();
    }
}

/// A well-formed request without a body.
pub(super) fn get(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: docker\r\n\r\n").into_bytes()
}

/// A well-formed request with a JSON body.
pub(super) fn post(target: &str, body: &str) -> Vec<u8> {
    typed(target, "application/json", body)
}

pub(super) fn typed(target: &str, kind: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {target} HTTP/1.1\r\nHost: docker\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A request to make a container.
pub(super) fn create(body: &str) -> Vec<u8> {
    post("/v1.41/containers/create", body)
}
