//! exec: create, start, resize, inspect.

use hyper::StatusCode;
use serde_json::Value;

use super::body::{self, Answer};
use super::call::Call;
use super::resolve::{self, Container};
use super::translate::{self, Typed};
use super::{existing, hijack};
use crate::api::exec::{ExecCreateBody, ExecStartBody};
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{ContainerId, ExecId, Facts, Operation};

/// How many execs a gate keeps in mind.
const MAX_KNOWN: usize = 1024;

pub(crate) async fn create(mut call: Call<'_>) -> Result<Answer, Failure> {
    let body: ExecCreateBody = call.json().await?.unwrap_or_default();
    call.query.finish()?;
    let container = call.container().await?;
    let operation = Operation::ExecCreate {
        id: ContainerId::new(&container.id)?,
        body: Box::new(body),
    };
    let facts = existing::facts(&call, &container).await?;
    let permit = call.judge(Weight::Change, &container, operation, &facts)?;
    let typed = Typed {
        id: &container.id,
        reference: &call.object,
    };
    let answer: Value = call.fetch(permit, Some(typed)).await?;
    if let Some(id) = answer["Id"].as_str() {
        let mut execs = call.gate.execs.borrow_mut();
        // Only a short cut: the engine knows the container of each as well.
        if execs.len() >= MAX_KNOWN {
            execs.clear();
        }
        execs.insert(id.to_owned(), container.id.clone());
    }
    Ok(body::json(
        StatusCode::CREATED,
        &serde_json::json!({"Id": answer["Id"]}),
    ))
}

pub(crate) async fn start(mut call: Call<'_>) -> Result<Answer, Failure> {
    let body: ExecStartBody = call.json().await?.unwrap_or_default();
    call.query.finish()?;
    let container = container(&call).await?;
    let detach = body.detach;
    let operation = Operation::ExecStart {
        id: ExecId::new(&call.object)?,
        body,
    };
    let permit = call.judge(Weight::Change, &container, operation, &Facts::None)?;
    // Decided from the value that is sent, never from what the client asked for (fact 5).
    if detach {
        call.act(permit, None).await
    } else {
        hijack::join(call, permit, None).await
    }
}

pub(crate) async fn resize(mut call: Call<'_>) -> Result<Answer, Failure> {
    let (height, width) = call.size()?;
    let container = container(&call).await?;
    let operation = Operation::ExecResize {
        id: ExecId::new(&call.object)?,
        height,
        width,
    };
    let permit = call.judge(Weight::Read, &container, operation, &Facts::None)?;
    call.act(permit, None).await
}

pub(crate) async fn inspect(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let container = container(&call).await?;
    let operation = Operation::ExecInspect {
        id: ExecId::new(&call.object)?,
    };
    let permit = call.judge(Weight::Read, &container, operation, &Facts::None)?;
    let answer: Value = call.fetch(permit, None).await?;
    translate::exec(answer)
        .map(|answer| body::json(StatusCode::OK, &answer))
        .ok_or_else(|| Failure::Missing(format!("No such exec instance: {}", call.object)))
}

/// The container of the exec that the path names, looked at each time: it may
/// have been removed, or taken over by nobody.
async fn container(call: &Call<'_>) -> Result<Container, Failure> {
    let known = call.gate.execs.borrow().get(&call.object).cloned();
    resolve::exec(
        &call.engine,
        call.space(),
        known,
        &call.gate.known,
        &call.object,
    )
    .await
}
