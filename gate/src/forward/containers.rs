//! Everything about a container that exists, but its making.

use hyper::StatusCode;
use serde_json::Value;

use super::body::{self, Answer};
use super::call::Call;
use super::filter::ContainerFilters;
use super::lines::Line;
use super::resolve::Container;
use super::translate::{self, Typed};
use super::{existing, hijack, networks, resolve};
use crate::api::container::UpdateBody;
use crate::api::filters;
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{Attach, ContainerId, Facts, Logs, Operation};

/// `ps`: the caller's own, in the caller's words.
pub(crate) async fn list(mut call: Call<'_>) -> Result<Answer, Failure> {
    let all = call.query.bool("all")?;
    let size = call.query.bool("size")?;
    let limit = call.query.int("limit")?.filter(|limit| *limit > 0);
    let mut asked = filters::parse(call.query.take("filters")?.as_deref())?;
    // What API 1.24 called parameters of their own.
    for legacy in ["before", "since"] {
        if let Some(value) = call.query.take(legacy)?.filter(|value| !value.is_empty()) {
            asked.entry(legacy.into()).or_default().push(value);
        }
    }
    call.query.finish()?;
    let filters = ContainerFilters::new(&call.engine, call.space(), call.version, asked).await?;
    let engine_limit = limit.filter(|_| filters.engine_sees_all());
    let operation = Operation::ContainerList {
        // A limit means all of them, the newest first.
        all: all || limit.is_some(),
        size,
        limit: engine_limit,
        filters: filters.upstream.clone(),
    };
    let permit = call.judge(Weight::Read, "", operation, &Facts::None)?;
    let rows: Vec<Value> = call.fetch(permit, None).await?;
    let mut shown: Vec<Value> = rows
        .into_iter()
        .filter_map(|row| translate::container_row(call.space(), call.version, row))
        .filter(|row| {
            let names = row["Names"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            filters.names_fit(names)
        })
        .collect();
    if let Some(limit) = limit {
        shown.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(body::json(StatusCode::OK, &shown))
}

/// `inspect`: by name in one call, since the answer itself says whose it is.
pub(crate) async fn inspect(mut call: Call<'_>) -> Result<Answer, Failure> {
    let size = call.query.bool("size")?;
    call.query.finish()?;
    let missing = || Failure::Missing(format!("No such container: {}", call.object));
    let named = resolve::as_name(&call.object);
    let (object, operation) = match named {
        Some(name) => {
            let name = name.to_owned();
            (
                name.clone(),
                Operation::ContainerInspectNamed { name, size },
            )
        }
        None => {
            let id = call.container().await?.id;
            let operation = Operation::ContainerInspect {
                id: ContainerId::new(&id)?,
                size,
            };
            (id, operation)
        }
    };
    let permit = call.judge(Weight::Read, &object, operation, &Facts::None)?;
    let answer: Value = match call.fetch(permit, None).await {
        Err(Failure::Engine(404, _)) => return Err(missing()),
        other => other?,
    };
    let id = answer["Id"].as_str().unwrap_or_default().to_owned();
    let shown = translate::container(call.space(), call.version, answer).ok_or_else(missing)?;
    if named.is_some_and(|name| shown["Name"].as_str() != Some(&format!("/{name}"))) {
        return Err(missing());
    }
    // Whoever inspects by name goes on by id or by name at once, most often.
    let name = shown["Name"]
        .as_str()
        .unwrap_or_default()
        .trim_start_matches('/')
        .to_owned();
    call.gate.known.remember(&Container { id, shown: name });
    Ok(body::json(StatusCode::OK, &shown))
}

/// An operation on one container that is answered with a status alone.
async fn change(
    call: Call<'_>,
    operation: impl FnOnce(ContainerId) -> Operation,
) -> Result<Answer, Failure> {
    let container = call.container().await?;
    change_of(&call, &container, operation).await
}

/// The same of a container that was looked up.
pub(crate) async fn change_of(
    call: &Call<'_>,
    container: &Container,
    operation: impl FnOnce(ContainerId) -> Operation,
) -> Result<Answer, Failure> {
    let operation = operation(ContainerId::new(&container.id)?);
    let facts = if operation.runs() {
        existing::facts(call, container).await?
    } else {
        Facts::None
    };
    let permit = call.judge(Weight::Change, container, operation, &facts)?;
    call.act(permit, Some(typed(container, &call.object))).await
}

fn typed<'a>(container: &'a Container, reference: &'a str) -> Typed<'a> {
    Typed {
        id: &container.id,
        reference,
    }
}

/// How long a failed start is kept from the client.
const AFTER_FAILED_START: std::time::Duration = std::time::Duration::from_millis(25);

pub(crate) async fn start(mut call: Call<'_>) -> Result<Answer, Failure> {
    // Before API 1.24 a body here was a whole HostConfig (fact 4).
    call.refuse_body().await?;
    let checkpoint = call.query.take("checkpoint")?;
    let directory = call.query.take("checkpoint-dir")?;
    // The engine ignores it, and CLIs send it.
    call.query.take("detachKeys")?;
    call.query.finish()?;
    let started = change(call, |id| Operation::ContainerStart {
        id,
        checkpoint,
        directory,
    })
    .await;
    if started.is_err() {
        // With --rm the engine has removed the container by now, and a client
        // that waits for that on another connection should hear of it first:
        // docker cancels its wait, loudly, when the start fails.
        tokio::time::sleep(AFTER_FAILED_START).await;
    }
    started
}

pub(crate) async fn stop(mut call: Call<'_>) -> Result<Answer, Failure> {
    let seconds = call.query.int("t")?;
    let signal = call.query.take("signal")?;
    call.query.finish()?;
    change(call, |id| Operation::ContainerStop {
        id,
        seconds,
        signal,
    })
    .await
}

pub(crate) async fn restart(mut call: Call<'_>) -> Result<Answer, Failure> {
    let seconds = call.query.int("t")?;
    let signal = call.query.take("signal")?;
    call.query.finish()?;
    change(call, |id| Operation::ContainerRestart {
        id,
        seconds,
        signal,
    })
    .await
}

pub(crate) async fn kill(mut call: Call<'_>) -> Result<Answer, Failure> {
    let signal = call.query.take("signal")?;
    call.query.finish()?;
    let object = call.object.clone();
    let cannot = if call.version < 44 {
        "Cannot"
    } else {
        "cannot"
    };
    let killed = change(call, |id| Operation::ContainerKill { id, signal }).await;
    killed.map_err(|failure| match failure {
        // The engine says it twice here.
        Failure::Missing(text) => {
            Failure::Missing(format!("{cannot} kill container: {object}: {text}"))
        }
        other => other,
    })
}

pub(crate) async fn pause(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    change(call, |id| Operation::ContainerPause { id }).await
}

pub(crate) async fn unpause(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    change(call, |id| Operation::ContainerUnpause { id }).await
}

pub(crate) async fn resize(mut call: Call<'_>) -> Result<Answer, Failure> {
    let (height, width) = call.size()?;
    change(call, |id| Operation::ContainerResize { id, height, width }).await
}

/// `rm`, and the default network with the last container that used it.
pub(crate) async fn remove(mut call: Call<'_>) -> Result<Answer, Failure> {
    let force = call.query.bool("force")?;
    let volumes = call.query.bool("v")?;
    let link = call.query.bool("link")?;
    call.query.finish()?;
    let (engine, space) = (std::rc::Rc::clone(&call.engine), call.space());
    let answer = change(call, |id| Operation::ContainerRemove {
        id,
        force,
        volumes,
        link,
    })
    .await?;
    // Best effort: the container is gone, and that is the answer.
    let _ = networks::remove_unused(&engine, space).await;
    Ok(answer)
}

/// `rename`; a name is looked at and given under the space's lock.
pub(crate) async fn rename(mut call: Call<'_>) -> Result<Answer, Failure> {
    let name = call.query.take("name")?.unwrap_or_default();
    call.query.finish()?;
    let name = name.strip_prefix('/').unwrap_or(&name).to_owned();
    if name.is_empty() {
        return Err(Failure::Engine(
            500,
            "Neither old nor new names may be empty".into(),
        ));
    }
    let _lock = call.lock().await?;
    let (engine, space) = (std::rc::Rc::clone(&call.engine), call.space());
    // Not what a gate remembers: the name is what matters here.
    let container = super::resolve::container(&engine, space, &call.object).await?;
    let new = name.clone();
    let answer = change(call, |id| Operation::ContainerRename { id, name }).await?;
    networks::follow_rename(&engine, space, &container.id, &container.shown, &new).await?;
    Ok(answer)
}

/// `update`
pub(crate) async fn update(mut call: Call<'_>) -> Result<Answer, Failure> {
    let body: UpdateBody = call.json().await?.unwrap_or_default();
    call.query.finish()?;
    let container = call.container().await?;
    let id = ContainerId::new(&container.id)?;
    let operation = Operation::ContainerUpdate {
        id,
        body: Box::new(body),
    };
    let facts = existing::facts(&call, &container).await?;
    let permit = call.judge(Weight::Change, &container, operation, &facts)?;
    let answer: Value = call
        .fetch(permit, Some(typed(&container, &call.object)))
        .await?;
    Ok(body::json(
        StatusCode::OK,
        &serde_json::json!({"Warnings": answer["Warnings"]}),
    ))
}

/// An operation on one container whose JSON answer holds no names.
async fn read(
    call: Call<'_>,
    operation: impl FnOnce(ContainerId) -> Operation,
) -> Result<Answer, Failure> {
    let container = call.container().await?;
    let operation = operation(ContainerId::new(&container.id)?);
    let permit = call.judge(Weight::Read, &container, operation, &Facts::None)?;
    let answer: Value = call
        .fetch(permit, Some(typed(&container, &call.object)))
        .await?;
    Ok(body::json(StatusCode::OK, &answer))
}

/// `top`
pub(crate) async fn top(mut call: Call<'_>) -> Result<Answer, Failure> {
    let ps_args = call
        .query
        .take("ps_args")?
        .filter(|text| !text.trim().is_empty());
    call.query.finish()?;
    read(call, |id| Operation::ContainerTop { id, ps_args }).await
}

/// `diff`
pub(crate) async fn changes(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    read(call, |id| Operation::ContainerChanges { id }).await
}

/// How long a reader of `stats` may not read: far less than the engine's queue for
/// one lasts, behind which the numbers of everybody's containers would wait.
const STATS_PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// `stats`: a line of JSON each second, or one.
pub(crate) async fn stats(mut call: Call<'_>) -> Result<Answer, Failure> {
    // Absent means yes.
    let stream = match call.query.take("stream")? {
        None => true,
        Some(text) => crate::api::query::is_true(&text),
    };
    let one_shot = call.query.bool("one-shot")?;
    call.query.finish()?;
    let container = call.container().await?;
    let id = ContainerId::new(&container.id)?;
    let operation = Operation::ContainerStats {
        id,
        stream,
        one_shot,
    };
    let permit = call.judge(Weight::Read, &container, operation, &Facts::None)?;
    let upstream = call
        .send(permit, Some(typed(&container, &call.object)))
        .await?;
    let space = call.space();
    let lines = super::lines::rewrite(
        upstream.into_body(),
        STATS_PATIENCE,
        async move |line: &[u8]| {
            let Ok(mut line) = serde_json::from_slice::<serde_json::Map<String, Value>>(line)
            else {
                return Line::LeaveOut;
            };
            if let Some(name) = line.get_mut("name") {
                *name = translate::names(space, name.as_str().unwrap_or_default()).into();
            }
            serde_json::to_vec(&line).ok().into()
        },
    );
    Ok(body::with_body(StatusCode::OK, "application/json", lines))
}

/// `wait`: headers at once, the body when the container gets there.
pub(crate) async fn wait(mut call: Call<'_>) -> Result<Answer, Failure> {
    let condition = call.query.take("condition")?;
    call.query.finish()?;
    let container = call.container().await?;
    let operation = Operation::ContainerWait {
        id: ContainerId::new(&container.id)?,
        condition,
    };
    let permit = call.judge(Weight::Read, &container, operation, &Facts::None)?;
    call.gate.touched.set(true);
    call.stream(permit, Some(typed(&container, &call.object)))
        .await
}

pub(crate) async fn logs(mut call: Call<'_>) -> Result<Answer, Failure> {
    let logs = Logs {
        follow: call.query.bool("follow")?,
        stdout: call.query.bool("stdout")?,
        stderr: call.query.bool("stderr")?,
        timestamps: call.query.bool("timestamps")?,
        details: call.query.bool("details")?,
        since: call.query.take("since")?,
        until: call.query.take("until")?,
        tail: call.query.take("tail")?,
    };
    call.query.finish()?;
    let container = call.container().await?;
    let operation = Operation::ContainerLogs {
        id: ContainerId::new(&container.id)?,
        logs,
    };
    let permit = call.judge(Weight::Read, &container, operation, &Facts::None)?;
    call.stream(permit, Some(typed(&container, &call.object)))
        .await
}

pub(crate) async fn attach(mut call: Call<'_>) -> Result<Answer, Failure> {
    let attach = Attach {
        logs: call.query.bool("logs")?,
        stream: call.query.bool("stream")?,
        stdin: call.query.bool("stdin")?,
        stdout: call.query.bool("stdout")?,
        stderr: call.query.bool("stderr")?,
        detach_keys: call.query.take("detachKeys")?,
    };
    call.query.finish()?;
    let container = call.container().await?;
    let operation = Operation::ContainerAttach {
        id: ContainerId::new(&container.id)?,
        attach,
    };
    let permit = call.judge(Weight::Change, &container, operation, &Facts::None)?;
    let object = call.object.clone();
    hijack::join(call, permit, Some(typed(&container, &object))).await
}
