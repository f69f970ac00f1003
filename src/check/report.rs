//! Results for people, for programs and for monitoring.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches};

use super::{Check, Outcome, Status, exit_code};
use crate::error::Error;
use crate::list;
use crate::ui;

/// What was asked for on the command line.
pub(crate) struct Options {
    wanted: Vec<String>,
    list: bool,
    json: bool,
}

/// The options of a doctor.
pub(crate) fn arguments() -> [Arg; 3] {
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    [
        Arg::new("check")
            .long("check")
            .value_name("ID")
            .action(ArgAction::Append)
            .help("This check alone, or those of a theme ('engine'); may be given more than once"),
        switch("list", "List the checks and look at nothing"),
        switch("json", "For a program to read: every check with its status"),
    ]
}

impl Options {
    pub(crate) fn read(matches: &ArgMatches) -> Options {
        let wanted = matches.get_many::<String>("check");
        Options {
            wanted: wanted.into_iter().flatten().cloned().collect(),
            list: matches.get_flag("list"),
            json: matches.get_flag("json"),
        }
    }

    /// The rows that were asked for, in the table's order.
    ///
    /// # Errors
    /// For a check that there is not.
    fn pick<'a, F>(&self, table: &[&'a Check<F>]) -> Result<Vec<&'a Check<F>>, Error> {
        let names = |asked: &str, id: &str| {
            id == asked || id.split_once('.').is_some_and(|(theme, _)| theme == asked)
        };
        for asked in &self.wanted {
            if !table.iter().any(|check| names(asked, check.id)) {
                let themes = table.iter().filter_map(|check| check.id.split('.').next());
                let mut themes: Vec<&'static str> = themes.collect();
                themes.dedup();
                return Err(Error::NoCheck {
                    asked: asked.clone(),
                    themes,
                });
            }
        }
        let wanted = |check: &&&Check<F>| {
            self.wanted.is_empty() || self.wanted.iter().any(|asked| names(asked, check.id))
        };
        Ok(table.iter().filter(wanted).copied().collect())
    }
}

/// Looks at the facts and prints what was found; the exit code is monitoring's.
///
/// # Errors
/// For a check that there is not, or when the facts cannot be gathered.
pub(crate) fn show<F>(
    table: &[&Check<F>],
    options: &Options,
    gather: impl FnOnce() -> Result<F, Error>,
) -> Result<ExitCode, Error> {
    let checks = options.pick(table)?;
    if options.list {
        print_list(&checks, options.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let facts = gather()?;
    let outcomes: Vec<Outcome> = checks.iter().map(|check| check.run(&facts)).collect();
    match options.json {
        true => print_json(&outcomes)?,
        false => {
            for line in lines(&outcomes) {
                ui::line(ui::safe(&line).as_bytes());
            }
        }
    }
    Ok(ExitCode::from(exit_code(&outcomes)))
}

fn print_list<F>(checks: &[&Check<F>], json: bool) -> Result<(), Error> {
    if json {
        let rows: Vec<serde_json::Value> = checks
            .iter()
            .map(|check| {
                serde_json::json!({
                    "id": check.id,
                    "severity": check.severity,
                    "title": check.title,
                    "why": check.why,
                    "remedy": check.remedy,
                })
            })
            .collect();
        return print_json(&rows);
    }
    let rows = checks.iter().map(|check| {
        let severity = format!("{:?}", check.severity).to_lowercase();
        vec![check.id.to_owned(), severity, check.title.to_owned()]
    });
    let heads = ["CHECK", "SEVERITY", "FINDS"].map(str::to_owned);
    list::print_table(heads.to_vec(), rows.collect());
    Ok(())
}

fn print_json(rows: &impl serde::Serialize) -> Result<(), Error> {
    let text = serde_json::to_string(rows).map_err(|error| Error::Gate(error.to_string()))?;
    ui::line(text.as_bytes());
    Ok(())
}

/// Findings first, the worst before the others; then what is not known; a count.
fn lines(outcomes: &[Outcome]) -> Vec<String> {
    let mut lines = Vec::new();
    let findings = [
        (Status::Error, "error"),
        (Status::Warning, "warning"),
        (Status::Info, "info"),
    ];
    for (status, word) in findings {
        let of_status = outcomes.iter().filter(|outcome| outcome.status == status);
        for outcome in of_status {
            lines.push(format!("{word:9}{}: {}", outcome.id, outcome.title));
            let evidence = outcome.evidence.iter().flat_map(|text| text.lines());
            let evidence = evidence.filter(|line| !line.is_empty());
            lines.extend(evidence.map(|line| format!("           {line}")));
            lines.push(format!("         why: {}", outcome.why));
            lines.push(format!("         remedy: {}", outcome.remedy));
        }
    }
    lines.extend(not_known(outcomes));
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(count(outcomes));
    lines
}

/// Checks that stand without an answer for the same reason share a line.
fn not_known(outcomes: &[Outcome]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    let unknown = outcomes.iter().filter(|one| one.status == Status::Unknown);
    for outcome in unknown {
        let reason = outcome.evidence.first().map_or("", String::as_str);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, ids)) => ids.push(outcome.id),
            None => reasons.push((reason, vec![outcome.id])),
        }
    }
    let line = |(reason, ids): (&str, Vec<&str>)| {
        let first = reason.split("\n\nhint: ").next().unwrap_or_default();
        [
            format!("unknown  {}", ids.join(", ")),
            format!("           {first}"),
        ]
    };
    reasons.into_iter().flat_map(line).collect()
}

/// `52 checks: 1 error, 6 warnings, 2 infos, 1 unknown, 3 skipped, 39 ok`
fn count(outcomes: &[Outcome]) -> String {
    let of = |wanted: Status| {
        let found = outcomes.iter().filter(|outcome| outcome.status == wanted);
        found.count()
    };
    let plural = |number: usize, word: &str| {
        let s = if number == 1 { "" } else { "s" };
        format!("{number} {word}{s}")
    };
    format!(
        "{}: {}, {}, {}, {} unknown, {} skipped, {} ok",
        plural(outcomes.len(), "check"),
        plural(of(Status::Error), "error"),
        plural(of(Status::Warning), "warning"),
        plural(of(Status::Info), "info"),
        of(Status::Unknown),
        of(Status::Skipped),
        of(Status::Ok),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Severity, Unknown, Verdict, found};
    use super::*;

    const TABLE: [Check<u8>; 3] = [
        Check {
            id: "engine.size",
            title: "the engine is too large",
            severity: Severity::Warning,
            why: "it does not fit",
            remedy: "take a smaller one",
            look: |size| found((*size > 5).then(|| format!("{size}"))),
        },
        Check {
            id: "engine.colour",
            title: "the engine is red",
            severity: Severity::Error,
            why: "red hurts",
            remedy: "paint it",
            look: |_| Err(Unknown("it is dark".into())),
        },
        Check {
            id: "home.door",
            title: "the door is open",
            severity: Severity::Error,
            why: "anybody comes in",
            remedy: "close it",
            look: |size| {
                Ok(match size {
                    0 => Verdict::Skipped("there is no door"),
                    9 => Verdict::Found(vec!["front".into()]),
                    _ => Verdict::Fine,
                })
            },
        },
    ];

    fn table() -> Vec<&'static Check<u8>> {
        TABLE.iter().collect()
    }

    fn asked(wanted: &[&str]) -> Options {
        Options {
            wanted: wanted.iter().map(ToString::to_string).collect(),
            list: false,
            json: false,
        }
    }

    #[test]
    fn findings_come_first_and_the_count_last() {
        let outcomes: Vec<Outcome> = TABLE.iter().map(|check| check.run(&9)).collect();
        assert_eq!(
            lines(&outcomes),
            [
                "error    home.door: the door is open",
                "           front",
                "         why: anybody comes in",
                "         remedy: close it",
                "warning  engine.size: the engine is too large",
                "           9",
                "         why: it does not fit",
                "         remedy: take a smaller one",
                "unknown  engine.colour",
                "           it is dark",
                "",
                "3 checks: 1 error, 1 warning, 0 infos, 1 unknown, 0 skipped, 0 ok",
            ]
        );
        let fine: Vec<Outcome> = TABLE[..1].iter().map(|check| check.run(&0)).collect();
        let all_fine = "1 check: 0 errors, 0 warnings, 0 infos, 0 unknown, 0 skipped, 1 ok";
        assert_eq!(lines(&fine), [all_fine]);
    }

    #[test]
    fn checks_are_picked_by_id_or_theme() {
        let ids = |wanted: &[&str]| {
            let picked = asked(wanted).pick(&table()).unwrap();
            picked.iter().map(|check| check.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[]).len(), 3);
        assert_eq!(ids(&["engine"]), ["engine.size", "engine.colour"]);
        assert_eq!(
            ids(&["home.door", "engine.size"]),
            ["engine.size", "home.door"]
        );
        for wrong in ["engin", "", "engine.", "door"] {
            assert!(asked(&[wrong]).pick(&table()).is_err(), "{wrong}");
        }
    }
}
