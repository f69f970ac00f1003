//! What reached the engine through gates, by person.

use super::{Person, bed};

/// A point in the bed's record of requests.
pub struct Record {
    from: usize,
}

impl Record {
    /// From now on.
    pub fn mark() -> Record {
        Record { from: all().len() }
    }

    /// What gates have asked of the engine for `person` since: `"METHOD /target"`
    /// each, in order.
    pub fn requests_of(&self, person: &Person) -> Vec<String> {
        let uid = person.uid.to_string();
        all()[self.from..]
            .lines()
            .filter_map(|line| {
                let mut fields = line.splitn(3, ' ');
                let whose = fields.next()?;
                let request = fields.nth(1)?;
                let request = request.trim_end_matches(" HTTP/1.1").to_owned();
                (whose == uid).then_some(request)
            })
            .collect()
    }
}

fn all() -> String {
    std::fs::read_to_string(bed("DOCK_BED_RECORD")).unwrap()
}
