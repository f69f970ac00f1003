//! A refusal: what, why, by which rule, and what is possible instead.

use std::fmt;

use dock_space::rule;

/// Why an operation is not sent. Its words are for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status of the answer.
    pub status: u16,
    /// A stable name for `dock explain` and the audit; empty for a value that
    /// the engine would not take either.
    pub rule: &'static str,
    /// What is refused, as the user typed it: `--privileged`.
    pub what: String,
    /// Why, in half a line.
    pub why: String,
    /// What is possible instead; may be empty.
    pub instead: &'static str,
}

impl Refusal {
    /// A refusal in the words of the field's row.
    pub(crate) fn of(field: &str) -> Refusal {
        let row = rule::of(field);
        Refusal {
            status: 403,
            rule: row.rule,
            what: row.flag.to_owned(),
            why: row.why.to_owned(),
            instead: row.instead,
        }
    }

    /// A refusal in the words of the field's row that names the value.
    pub(crate) fn value(field: &str, value: impl fmt::Display) -> Refusal {
        let mut refusal = Refusal::of(field);
        refusal.what = format!("{} \"{}\"", refusal.what, shorten(&value.to_string()));
        refusal
    }

    /// The same refusal with a reason of its own.
    #[must_use]
    pub(crate) fn because(mut self, why: impl Into<String>) -> Refusal {
        self.why = why.into();
        self
    }

    /// The refusal of a container that exists: it was made when this was allowed.
    #[must_use]
    pub(super) fn of_before(mut self) -> Refusal {
        self.why = format!("{}, and this container was made with it", self.why);
        self.instead = "remove the container and make it again without it";
        self
    }

    /// Something that is not in the state for it (409).
    pub(super) fn conflict(why: impl Into<String>) -> Refusal {
        Refusal {
            status: 409,
            ..Refusal::invalid(why)
        }
    }

    /// A value that no engine would take (400).
    pub(super) fn invalid(why: impl Into<String>) -> Refusal {
        Refusal {
            status: 400,
            rule: "",
            what: String::new(),
            why: why.into(),
            instead: "",
        }
    }
}

/// A value is quoted, not repeated: an error is no place for a megabyte.
fn shorten(value: &str) -> String {
    let mut short: String = value
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .take(80)
        .collect();
    if value.chars().count() > 80 {
        short.push_str("...");
    }
    short
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal {
            rule,
            what,
            why,
            instead,
            ..
        } = self;
        if rule.is_empty() {
            return f.write_str(why);
        }
        write!(f, "dock: {what} is not allowed: {why} [rule {rule}]")?;
        if !instead.is_empty() {
            write!(f, "\n\nhint: {instead}")?;
        }
        Ok(())
    }
}
