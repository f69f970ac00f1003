//! What reached the engine through gates, by person.

use super::{Person, bed};

/// A point in the bed's record of requests.
pub struct Record {
    from: usize,
    heads_from: usize,
}

impl Record {
    /// From now on.
    pub fn mark() -> Record {
        Record {
            from: all("").len(),
            heads_from: all(".heads").len(),
        }
    }

    /// What gates have asked of the engine for `person` since: `"METHOD /target"`
    /// each, in order.
    pub fn requests_of(&self, person: &Person) -> Vec<String> {
        let uid = person.uid.to_string();
        lines_of(&uid, &all("")[self.from..])
            .map(|request| request.trim_end_matches(" HTTP/1.1").to_owned())
            .collect()
    }

    /// Since then no request that changes anything has reached the engine for `person`.
    ///
    /// # Panics
    /// When one has.
    #[track_caller]
    pub fn only_reads(&self, person: &Person) {
        let asked = self.requests_of(person);
        let reads = |line: &String| line.starts_with("GET ") || line.starts_with("HEAD ");
        assert!(asked.iter().all(reads), "{asked:?}");
    }

    /// The headers that gates have sent to the engine for `person` since: `"Name: value"` each.
    pub fn headers_of(&self, person: &Person) -> Vec<String> {
        let uid = person.uid.to_string();
        lines_of(&uid, &all(".heads")[self.heads_from..])
            .map(str::to_owned)
            .collect()
    }
}

/// What stands behind `UID PID` in the lines of that uid.
fn lines_of<'a>(uid: &'a str, lines: &'a str) -> impl Iterator<Item = &'a str> {
    lines.lines().filter_map(move |line| {
        let mut fields = line.splitn(3, ' ');
        let whose = fields.next()?;
        (whose == uid).then(|| fields.nth(1)).flatten()
    })
}

fn all(which: &str) -> String {
    std::fs::read_to_string(bed("DOCK_BED_RECORD") + which).unwrap()
}
