//! The image endpoints: list, inspect, history, and why public images stay.

use hyper::StatusCode;
use serde_json::Value;

use super::body::{self, Answer};
use super::call::Call;
use super::images;
use crate::api::filters;
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{Facts, Operation, Refusal};

/// `images`
pub(crate) async fn list(mut call: Call<'_>) -> Result<Answer, Failure> {
    // Intermediate images have no tag and are never shown.
    call.query.bool("all")?;
    let digests = call.query.bool("digests")?;
    for ignored in ["shared-size", "manifests", "identity"] {
        call.query.bool(ignored)?;
    }
    let mut asked = filters::parse(call.query.take("filters")?.as_deref())?;
    if let Some(legacy) = call.query.take("filter")?.filter(|value| !value.is_empty()) {
        asked.entry("reference".into()).or_default().push(legacy);
    }
    call.query.finish()?;
    let filters = images::filters(&call.engine, call.space(), call.version, asked).await?;
    let operation = Operation::ImageList {
        all: false,
        digests,
        filters,
    };
    let permit = call.judge(Weight::Read, "", operation, &Facts::None)?;
    let rows: Vec<Value> = call.fetch(permit, None).await?;
    let shown: Vec<Value> = rows.into_iter().filter_map(images::row).collect();
    Ok(body::json(StatusCode::OK, &shown))
}

/// `image inspect`
pub(crate) async fn inspect(mut call: Call<'_>) -> Result<Answer, Failure> {
    let platform = call
        .query
        .take("platform")?
        .filter(|platform| !platform.is_empty());
    call.query.bool("manifests")?;
    call.query.finish()?;
    let image = images::find(&call.engine, call.space(), &call.object).await?;
    let operation = Operation::ImageInspect {
        id: image.id.clone(),
        platform,
    };
    let permit = call.judge(Weight::Read, &image.id, operation, &Facts::None)?;
    let answer: Value = call.fetch(permit, None).await?;
    images::inspected(answer)
        .map(|answer| body::json(StatusCode::OK, &answer))
        .ok_or_else(|| Failure::Missing(format!("No such image: {}", call.object)))
}

/// `history`
pub(crate) async fn history(mut call: Call<'_>) -> Result<Answer, Failure> {
    call.query.take("platform")?;
    call.query.finish()?;
    let image = images::find(&call.engine, call.space(), &call.object).await?;
    let operation = Operation::ImageHistory {
        id: image.id.clone(),
    };
    let permit = call.judge(Weight::Read, &image.id, operation, &Facts::None)?;
    let rows: Vec<Value> = call.fetch(permit, None).await?;
    Ok(body::json(
        StatusCode::OK,
        &images::history(&image.id, rows),
    ))
}

/// `rmi`: public images are everybody's.
pub(crate) async fn remove(call: Call<'_>) -> Result<Answer, Failure> {
    let image = images::find(&call.engine, call.space(), &call.object).await?;
    let refusal = Refusal::of("image.public");
    Err(call.refuse("image.remove", &image.id, refusal))
}
