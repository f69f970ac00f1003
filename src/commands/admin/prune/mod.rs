//! `dock admin prune`: what nobody uses any more goes, by the configured policy.
//!
//! In the order of a run: [`policy`] is what may go, [`inventory`] all that there
//! is, as [`object`]s, [`plan`] what is to be done, [`show`] says it, [`deeds`]
//! does it, [`tell`] and [`hook`] tell others. `--dry-run` ends after the plan.

mod deeds;
mod hook;
mod inventory;
mod object;
mod pattern;
mod plan;
mod policy;
#[cfg(test)]
mod samples;
mod show;
mod tell;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::ArgMatches;
use dock_space::config::Config;
use hyper::Method;

use crate::client::Client;
use crate::error::Error;
use crate::launch::{self, Rank};
use crate::{ui, units};
use deeds::Outcome;
use plan::{Action, Item};
use policy::Policy;

pub(super) fn run(matches: &ArgMatches) -> Result<ExitCode, Error> {
    let (config, _) = launch::ready_for_admin()?;
    let scheduled = matches.get_flag("scheduled");
    if scheduled && !config.prune.enabled {
        return Ok(ExitCode::SUCCESS);
    }
    let policy = Policy::read(&config.prune, matches, units::now())?;
    let (dry, sure) = (
        matches.get_flag("dry-run"),
        scheduled || matches.get_flag("yes"),
    );
    if !dry && !sure && !std::io::stdin().is_terminal() {
        return Err(Error::NobodyToAsk);
    }
    let mut client = Client::new(launch::start(Rank::Admin)?)?;
    if !dry {
        client.act(Method::POST, "/dock/prune", None)?;
    }
    let plan = planned(&mut client, &config, &policy)?;
    let json = matches.get_flag("json");
    if dry {
        show_plan(&plan, json)?;
        return Ok(ExitCode::SUCCESS);
    }
    let plan = match sure || !plan.iter().any(|item| item.action.is_deed()) {
        true => plan,
        false => confirmed(&mut client, &config, &policy, plan)?,
    };
    let is_quiet = scheduled && plan.iter().all(|item| !is_news(item));
    carry_out(&mut client, &config, &plan, json, is_quiet)
}

/// The plan as of now.
fn planned(client: &mut Client, config: &Config, policy: &Policy) -> Result<Vec<Item>, Error> {
    let inventory = inventory::take(client)?;
    if inventory.forgot {
        ui::note(
            "what was remembered of earlier looks could not be read and is set aside: nothing counts as old by it",
        );
    }
    let mut policy = policy.clone();
    policy.exempt(&config.prune, &inventory.objects);
    Ok(plan::plan(&inventory.objects, &policy, inventory.now))
}

/// What of `plan` somebody at the terminal has agreed to, as far as it still
/// stands: a question may lie there for hours.
fn confirmed(
    client: &mut Client,
    config: &Config,
    policy: &Policy,
    plan: Vec<Item>,
) -> Result<Vec<Item>, Error> {
    show::warning(&plan);
    let answer = ui::ask("Are you sure you want to continue? [y/N] ")?;
    if !matches!(answer.as_str(), "y" | "Y" | "yes") {
        return Err(Error::NotConfirmed);
    }
    let was_shown = |item: &Item| {
        !item.action.is_deed()
            || plan
                .iter()
                .any(|shown| (shown.id == item.id) && shown.action == item.action)
    };
    let mut now = planned(client, config, policy)?;
    now.retain(was_shown);
    Ok(now)
}

/// Whether a timer's run says anything of it: what waits and what stays every
/// day is said once, when it is warned of, and by `--dry-run`.
fn is_news(item: &Item) -> bool {
    item.action.is_deed() || matches!(item.action, Action::Warn { .. })
}

fn carry_out(
    client: &mut Client,
    config: &Config,
    plan: &[Item],
    json: bool,
    is_quiet: bool,
) -> Result<ExitCode, Error> {
    tell::warn(client, plan)?;
    let (mut done, mut failed): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    deeds::carry_out(plan, client, |item, outcome| {
        let at = plan.iter().position(|one| std::ptr::eq(one, item));
        match outcome {
            Outcome::Done => done.extend(at),
            Outcome::Gone => {}
            Outcome::Failed(error) => {
                ui::note(&Error::stays(item.kind, &show::full_name(item), error));
                failed.extend(at);
            }
        }
    });
    let items = |list: &[usize]| list.iter().map(|at| &plan[*at]).collect::<Vec<&Item>>();
    let (done, failed) = (items(&done), items(&failed));
    tell::notify(client, &done);
    let hook = &config.prune.hook;
    let told = hook.as_os_str().is_empty() || tell::hook(hook, plan, &done, &failed);
    if json {
        show_json(plan, &done, &failed)?;
    } else if !is_quiet {
        show::told(plan);
        show::done(&done);
    }
    match failed.is_empty() && told {
        true => Ok(ExitCode::SUCCESS),
        false => Err(Error::Partly),
    }
}

fn show_plan(plan: &[Item], json: bool) -> Result<(), Error> {
    match json {
        true => show_json(plan, &[], &[]),
        false => {
            show::plan(plan);
            Ok(())
        }
    }
}

/// For a program: each item with what became of it, and what it freed.
fn show_json(plan: &[Item], done: &[&Item], failed: &[&Item]) -> Result<(), Error> {
    #[derive(serde::Serialize)]
    struct Row<'a> {
        #[serde(flatten)]
        item: &'a Item,
        /// `planned`, `done`, `failed`.
        outcome: &'static str,
    }
    let is_in = |list: &[&Item], item: &Item| list.iter().any(|one| std::ptr::eq(*one, item));
    let rows: Vec<Row<'_>> = plan
        .iter()
        .map(|item| Row {
            item,
            outcome: match (is_in(done, item), is_in(failed, item)) {
                (true, _) => "done",
                (_, true) => "failed",
                _ => "planned",
            },
        })
        .collect();
    let text = serde_json::to_string(&rows).map_err(|error| Error::Gate(error.to_string()))?;
    ui::line(text.as_bytes());
    Ok(())
}
