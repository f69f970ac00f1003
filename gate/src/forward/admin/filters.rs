//! The filters of the admin's lists: docker's, and `owner`.
//!
//! Names are matched here, on the names that owners gave; what names an object
//! (`volume=alice/data`) is turned into the engine's name; the rest the engine
//! evaluates.

use std::collections::{BTreeMap, HashMap};

use dock_space::admin::Owner;
use dock_space::{Space, Uid};
use tokio::task::spawn_blocking;

use super::super::encode;
use super::super::filter::Names;
use super::call::AdminCall;
use crate::api::filters;
use crate::failure::Failure;

/// What an admin calls what nobody owns.
const NOBODY: &str = "-";

/// Filters as they are evaluated.
pub(super) struct Filters {
    owners: Vec<String>,
    names: Names,
    upstream: HashMap<String, Vec<String>>,
}

impl Filters {
    /// Reads the parameter `filters`; `known` are the keys that the engine has.
    ///
    /// # Errors
    /// For what is no filter, and for a key that neither dock nor docker has here.
    pub(super) async fn read(call: &mut AdminCall<'_>, known: &[&str]) -> Result<Filters, Failure> {
        let mut asked: BTreeMap<String, Vec<String>> =
            filters::parse(call.query.take("filters")?.as_deref())?;
        let owners = asked.remove("owner").unwrap_or_default();
        let names = Names::new(&asked.remove("name").unwrap_or_default())?;
        let mut upstream = HashMap::new();
        for (key, values) in asked {
            if !known.contains(&key.as_str()) {
                return Err(Failure::Malformed(format!("invalid filter '{key}'")));
            }
            let mut real = Vec::with_capacity(values.len());
            for value in values {
                real.push(match key.as_str() {
                    "before" | "since" | "network" | "volume" => real_name(value).await?,
                    _ => value,
                });
            }
            upstream.insert(key, real);
        }
        Ok(Filters {
            owners,
            names,
            upstream,
        })
    }

    /// For the engine, as the value of a query's parameter.
    ///
    /// # Errors
    /// Never in earnest: strings are JSON.
    pub(super) fn upstream(&self) -> Result<String, Failure> {
        encode::json_value(&self.upstream)
    }

    /// Whether an object of `owner`'s that is called `name` is wanted.
    pub(super) fn fit(&self, owner: Option<&Owner>, name: &str) -> bool {
        let owned = |typed: &String| match owner {
            Some(owner) => owner.is(typed),
            None => typed == NOBODY,
        };
        (self.owners.is_empty() || self.owners.iter().any(owned)) && self.names.fit(name)
    }
}

/// `alice/data` in the engine's words; anything else as it is.
async fn real_name(typed: String) -> Result<String, Failure> {
    let Some((owner, name)) = typed.split_once('/') else {
        return Ok(typed);
    };
    let (owner, name) = (owner.to_owned(), name.to_owned());
    let space = spawn_blocking(move || space_of(&owner))
        .await
        .map_err(|error| Failure::Host(error.to_string()))?;
    Ok(space.map_or(typed, |space| space.real_name(&name)))
}

/// The space of a login, or the one that is named by its number.
fn space_of(owner: &str) -> Option<Space> {
    if let Ok(space) = owner.parse() {
        return Some(space);
    }
    let user = nix::unistd::User::from_name(owner).ok()??;
    Some(Space::User(Uid(user.uid.as_raw())))
}
