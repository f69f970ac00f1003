//! Volumes: so far, looking at one.

use dock_space::name::{is_full_id, is_object_name};
use hyper::StatusCode;
use serde_json::Value;

use super::body::{self, Answer};
use super::call::Call;
use super::engine::Wire;
use super::{encode, translate};
use crate::failure::Failure;

/// `volume inspect`
pub(crate) async fn inspect(call: Call<'_>) -> Result<Answer, Failure> {
    call.query.finish()?;
    let missing = || Failure::Missing(format!("get {}: no such volume", call.object));
    let real = match call.object.as_str() {
        anonymous if is_full_id(anonymous) => anonymous.to_owned(),
        name if is_object_name(name) => call.space().real_name(name),
        _ => return Err(missing()),
    };
    let wire = Wire::get(format!("/volumes/{}", encode::segment(&real)));
    let found: Option<Value> = call.engine.look_up(wire).await?;
    let shown = found.and_then(|found| translate::volume(call.space(), found));
    Ok(body::json(StatusCode::OK, &shown.ok_or_else(missing)?))
}
