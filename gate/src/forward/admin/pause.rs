//! A container of anybody's that stands still while its files are read.
//!
//! What this gate paused it lets go on: on request, or at the end when whoever
//! asked was killed in between.

use hyper::StatusCode;

use super::super::body::Answer;
use super::super::engine::{Engine, Wire};
use super::Desk;
use super::call::AdminCall;
use super::objects;
use crate::failure::Failure;
use crate::policy::Operation as SpaceOperation;
use crate::policy::admin::Operation;

/// `POST /dock/containers/{id}/pause`
pub(super) async fn pause(call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let found = objects::container(&call).await?;
    let id = found.id.to_string();
    let paused = &call.gate.desk.paused;
    // Before it is: whoever asked may go away while the engine does it.
    let is_new = paused.borrow_mut().insert(id.clone());
    let operation = Operation::ContainerPause {
        id: found.id.clone(),
    };
    let done = objects::change(&call, found.owner(), operation).await;
    if done.is_err() && is_new {
        paused.borrow_mut().remove(&id);
    }
    done
}

/// `POST /dock/containers/{id}/unpause`: what somebody else paused goes on by its
/// owner's rules, as it would start.
pub(super) async fn unpause(call: AdminCall<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let found = objects::container(&call).await?;
    let id = found.id.to_string();
    let here = call.gate.desk.paused.borrow().contains(&id);
    if found.owner().is_some() && !here {
        let unpause = |id| SpaceOperation::ContainerUnpause { id };
        return objects::by_its_owners_rules(call, found, unpause).await;
    }
    let operation = Operation::ContainerUnpause {
        id: found.id.clone(),
        here,
    };
    let answer = objects::change(&call, found.owner(), operation).await?;
    call.gate.desk.paused.borrow_mut().remove(&id);
    debug_assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    Ok(answer)
}

/// Lets go on what this gate paused and nobody unpaused.
pub(super) async fn let_all_go_on(desk: &Desk, engine: &Engine) {
    for id in desk.paused.take() {
        // Gone, stopped or unpaused by its owner: nobody is left to tell.
        let wire = Wire::post(format!("/containers/{id}/unpause"));
        if let Ok(about) = engine.about().await {
            let _ = engine.whole(wire, Some(about.api)).await;
        }
    }
}
