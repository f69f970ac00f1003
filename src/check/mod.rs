//! Checks of a host or of one person's place on it: a table of rows, each a pure
//! function of facts that were gathered before.
//!
//! This module knows what a check is and how its result is shown, and nothing of
//! what is checked. What cannot be found out is said, never taken for fine.

mod report;

use serde::Serialize;

pub(crate) use report::{Options, arguments, show};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Worth knowing.
    Info,
    /// The separation is weaker than it could be, or something will hurt.
    Warning,
    /// The separation does not hold, or dock does not work.
    Error,
}

/// One row of a table of checks.
pub(crate) struct Check<F> {
    /// `engine.tcp-file`: its theme, a dot, what is looked at.
    pub(crate) id: &'static str,
    /// What is the case when it finds something.
    pub(crate) title: &'static str,
    /// Of its findings.
    pub(crate) severity: Severity,
    /// Why that is bad, in half a line.
    pub(crate) why: &'static str,
    /// What to do about it.
    pub(crate) remedy: &'static str,
    pub(crate) look: fn(&F) -> Looked,
}

/// What a look at the facts gives.
pub(crate) type Looked = Result<Verdict, Unknown>;

/// What was seen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fine,
    /// What exactly, a line each.
    Found(Vec<String>),
    /// It does not concern this host, and why.
    Skipped(&'static str),
}

/// Why it could not be found out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown(pub(crate) String);

/// A verdict by evidence: none is fine.
pub(crate) fn found(evidence: impl IntoIterator<Item = String>) -> Looked {
    let evidence: Vec<String> = evidence.into_iter().collect();
    Ok(match evidence.is_empty() {
        true => Verdict::Fine,
        false => Verdict::Found(evidence),
    })
}

/// A verdict by one condition.
pub(crate) fn found_if(wrong: bool, evidence: impl FnOnce() -> String) -> Looked {
    found(wrong.then(evidence))
}

/// A fact that may not be known.
pub(crate) fn known<T, E: ToString>(fact: &Result<T, E>) -> Result<&T, Unknown> {
    fact.as_ref().map_err(|why| Unknown(why.to_string()))
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Ok,
    Info,
    Warning,
    Error,
    Unknown,
    Skipped,
}

/// The result of one check, as `--json` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) status: Status,
    /// Of a finding of this check, whether there is one or not.
    pub(crate) severity: Severity,
    pub(crate) why: &'static str,
    pub(crate) remedy: &'static str,
    /// What was found, or why nothing could be.
    pub(crate) evidence: Vec<String>,
}

impl<F> Check<F> {
    /// Looks at `facts`.
    pub(crate) fn run(&self, facts: &F) -> Outcome {
        let (status, evidence) = match (self.look)(facts) {
            Ok(Verdict::Fine) => (Status::Ok, Vec::new()),
            Ok(Verdict::Skipped(why)) => (Status::Skipped, vec![why.to_owned()]),
            Err(Unknown(why)) => (Status::Unknown, vec![why]),
            Ok(Verdict::Found(evidence)) => {
                let status = match self.severity {
                    Severity::Info => Status::Info,
                    Severity::Warning => Status::Warning,
                    Severity::Error => Status::Error,
                };
                (status, evidence)
            }
        };
        Outcome {
            id: self.id,
            title: self.title,
            status,
            severity: self.severity,
            why: self.why,
            remedy: self.remedy,
            evidence,
        }
    }
}

/// The exit code for monitoring: 2 for an error, else 1 for a warning, else 3
/// when something that could be either is not known, else 0.
pub(crate) fn exit_code(outcomes: &[Outcome]) -> u8 {
    let any = |wanted: Status| outcomes.iter().any(|outcome| outcome.status == wanted);
    let unknown =
        |outcome: &Outcome| outcome.status == Status::Unknown && outcome.severity > Severity::Info;
    match () {
        () if any(Status::Error) => 2,
        () if any(Status::Warning) => 1,
        () if outcomes.iter().any(unknown) => 3,
        () => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(severity: Severity, look: fn(&()) -> Looked) -> Outcome {
        let check = Check {
            id: "a.b",
            title: "",
            severity,
            why: "",
            remedy: "",
            look,
        };
        check.run(&())
    }

    #[test]
    fn the_worst_finding_is_the_exit_code() {
        let fine = || outcome(Severity::Error, |()| Ok(Verdict::Fine));
        let finding = |severity| outcome(severity, |()| found(["x".to_owned()]));
        let unknown = |severity| outcome(severity, |()| Err(Unknown("x".to_owned())));
        use Severity::{Error, Info, Warning};
        for (outcomes, expected) in [
            (vec![], 0),
            (vec![fine(), finding(Info)], 0),
            (vec![fine(), unknown(Info)], 0),
            (vec![fine(), unknown(Warning)], 3),
            (vec![finding(Warning), unknown(Error)], 1),
            (vec![finding(Warning), finding(Error), fine()], 2),
        ] {
            assert_eq!(exit_code(&outcomes), expected, "{outcomes:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_fine() {
        let outcome = outcome(Severity::Info, |()| Err(Unknown("no /proc".to_owned())));
        assert_eq!(outcome.status, Status::Unknown);
        assert_eq!(outcome.evidence, ["no /proc"]);
    }
}
