//! What the engine holds of a container, for the judgement before it runs.

use serde_json::{Map, Value};

use super::call::Call;
use super::engine::Wire;
use super::resolve::Container;
use crate::api::json;
use crate::failure::Failure;
use crate::policy::{EXISTING_MEMBERS, Existing, Facts};

/// The facts about `container`.
///
/// # Errors
/// `No such container: ...` when it is gone by now, and when the engine's
/// answer cannot be read.
pub(crate) async fn facts(call: &Call<'_>, container: &Container) -> Result<Facts, Failure> {
    let wire = Wire::get(format!("/containers/{}/json", container.id));
    let (found, setup) = tokio::join!(
        call.engine.look_up::<Map<String, Value>>(wire),
        call.engine.setup()
    );
    let missing = || Failure::Missing(format!("No such container: {}", call.object));
    let mut found = found?.ok_or_else(missing)?;
    let unreadable = |why: &str| Failure::EngineBroken(format!("unreadable container: {why}"));
    let Some(Value::Object(mut host)) = found.remove("HostConfig") else {
        return Err(unreadable("it has no HostConfig"));
    };
    // Null and [] both mean that nothing is covered.
    let masked = host
        .get("MaskedPaths")
        .and_then(Value::as_array)
        .is_some_and(|paths| !paths.is_empty());
    host.retain(|key, _| EXISTING_MEMBERS.contains(&key.as_str()));
    // Through the reader of clients' bodies: it knows Go's null.
    let text = serde_json::to_vec(&host).map_err(|error| unreadable(&error.to_string()))?;
    let host = json::parse(&text).map_err(|error| unreadable(&error.to_string()))?;
    Ok(Facts::Existing(Box::new(Existing {
        host,
        masked,
        engine: setup?.facts,
    })))
}
