//! A command in a running container.

use super::refusal::Refusal;
use super::{process, values};
use crate::api::exec::ExecCreateBody;

pub(super) fn judge(body: ExecCreateBody) -> Result<ExecCreateBody, Refusal> {
    if body.privileged {
        return Err(Refusal::of("Exec.Privileged"));
    }
    process::user("Exec.User", &body.user)?;
    process::straight_folder("Exec.WorkingDir", &body.working_dir)?;
    process::environment("Exec.Env", &body.env)?;
    values::detach(&body.detach_keys)?;
    Ok(body)
}
