//! What was permitted, as the request that goes to the engine.
//!
//! Paths and queries are built from typed values alone; nothing of the
//! client's request line, headers or body is copied.

use hyper::Method;
use serde::Serialize;

use super::encode::{image, json_value, segment};
use super::engine::Wire;
use crate::failure::Failure;
use crate::policy::{Attach, ContainerId, Create, Logs, Operation, Permit};

/// A query under construction: typed values only.
#[derive(Default)]
struct Query(String);

impl Query {
    fn text(mut self, key: &str, value: Option<&str>) -> Query {
        if let Some(value) = value {
            self.0.push(if self.0.is_empty() { '?' } else { '&' });
            self.0.push_str(key);
            self.0.push('=');
            self.0.push_str(&segment(value));
        }
        self
    }

    fn number(self, key: &str, value: Option<i64>) -> Query {
        self.text(key, value.map(|value| value.to_string()).as_deref())
    }

    fn flag(self, key: &str, value: bool) -> Query {
        self.text(key, value.then_some("1"))
    }

    fn onto(self, path: impl std::fmt::Display) -> String {
        format!("{path}{}", self.0)
    }
}

/// The request for a container's output.
pub(crate) fn logs(id: &ContainerId, logs: Logs) -> Wire {
    let Logs {
        follow,
        stdout,
        stderr,
        timestamps,
        details,
        since,
        until,
        tail,
    } = logs;
    let query = Query::default()
        .flag("follow", follow)
        .flag("stdout", stdout)
        .flag("stderr", stderr)
        .flag("timestamps", timestamps)
        .flag("details", details)
        .text("since", since.as_deref())
        .text("until", until.as_deref())
        .text("tail", tail.as_deref());
    Wire::get(query.onto(format!("/containers/{id}/logs")))
}

/// The request for a permitted operation.
///
/// # Errors
/// When a body cannot be written as JSON, which no type here allows.
pub(crate) fn of(permit: Permit, space: dock_space::Space) -> Result<Wire, Failure> {
    let q = Query::default;
    Ok(match permit.into_operation() {
        Operation::ContainerAttach { id, attach } => {
            let Attach {
                logs,
                stream,
                stdin,
                stdout,
                stderr,
                detach_keys,
            } = attach;
            let query = q()
                .flag("logs", logs)
                .flag("stream", stream)
                .flag("stdin", stdin)
                .flag("stdout", stdout)
                .flag("stderr", stderr)
                .text("detachKeys", detach_keys.as_deref());
            Wire::post(query.onto(format!("/containers/{id}/attach")))
        }
        Operation::ContainerChanges { id } => Wire::get(format!("/containers/{id}/changes")),
        Operation::ContainerCreate(create) => {
            let Create {
                name,
                platform,
                body,
                default_network: _,
            } = *create;
            let query = q()
                .text("name", Some(&name))
                .text("platform", platform.as_deref());
            with_body(query.onto("/containers/create"), &body)?
        }
        Operation::ContainerInspect { id, size } => Wire::get(
            q().flag("size", size)
                .onto(format!("/containers/{id}/json")),
        ),
        Operation::ContainerInspectNamed { name, size } => {
            let name = segment(&space.real_name(&name));
            Wire::get(
                q().flag("size", size)
                    .onto(format!("/containers/{name}/json")),
            )
        }
        Operation::ContainerKill { id, signal } => Wire::post(
            q().text("signal", signal.as_deref())
                .onto(format!("/containers/{id}/kill")),
        ),
        Operation::ContainerList {
            all,
            size,
            limit,
            filters,
        } => {
            let target = q()
                .flag("all", all)
                .flag("size", size)
                .number("limit", limit)
                .onto("/containers/json");
            let mark = if target.contains('?') { '&' } else { '?' };
            Wire::get(format!("{target}{mark}filters={}", json_value(&filters)?))
        }
        Operation::ContainerLogs { id, logs } => self::logs(&id, logs),
        Operation::ContainerPause { id } => Wire::post(format!("/containers/{id}/pause")),
        Operation::ContainerRemove {
            id,
            force,
            volumes,
            link: _,
        } => {
            let query = q().flag("force", force).flag("v", volumes);
            Wire::new(Method::DELETE, query.onto(format!("/containers/{id}")))
        }
        Operation::ContainerRename { id, name } => {
            let query = q().text("name", Some(&space.real_name(&name)));
            Wire::post(query.onto(format!("/containers/{id}/rename")))
        }
        Operation::ContainerResize { id, height, width } => {
            Wire::post(format!("/containers/{id}/resize?h={height}&w={width}"))
        }
        Operation::ContainerRestart {
            id,
            seconds,
            signal,
        } => {
            let query = q().number("t", seconds).text("signal", signal.as_deref());
            Wire::post(query.onto(format!("/containers/{id}/restart")))
        }
        // The judgement has refused every checkpoint.
        Operation::ContainerStart {
            id,
            checkpoint: _,
            directory: _,
        } => Wire::post(format!("/containers/{id}/start")),
        Operation::ContainerStats {
            id,
            stream,
            one_shot,
        } => {
            let query = q()
                .text("stream", Some(if stream { "1" } else { "0" }))
                .flag("one-shot", one_shot);
            Wire::get(query.onto(format!("/containers/{id}/stats")))
        }
        Operation::ContainerStop {
            id,
            seconds,
            signal,
        } => {
            let query = q().number("t", seconds).text("signal", signal.as_deref());
            Wire::post(query.onto(format!("/containers/{id}/stop")))
        }
        Operation::ContainerTop { id, ps_args } => Wire::get(
            q().text("ps_args", ps_args.as_deref())
                .onto(format!("/containers/{id}/top")),
        ),
        Operation::ContainerUnpause { id } => Wire::post(format!("/containers/{id}/unpause")),
        Operation::ContainerUpdate { id, body } => {
            with_body(format!("/containers/{id}/update"), &body)?
        }
        Operation::ContainerWait { id, condition } => Wire::post(
            q().text("condition", condition.as_deref())
                .onto(format!("/containers/{id}/wait")),
        ),
        Operation::ExecCreate { id, body } => with_body(format!("/containers/{id}/exec"), &body)?,
        Operation::ExecInspect { id } => Wire::get(format!("/exec/{id}/json")),
        Operation::ExecResize { id, height, width } => {
            Wire::post(format!("/exec/{id}/resize?h={height}&w={width}"))
        }
        Operation::ExecStart { id, body } => with_body(format!("/exec/{id}/start"), &body)?,
        Operation::Events {
            since,
            until,
            filters,
        } => {
            let target = q()
                .text("since", since.as_deref())
                .text("until", until.as_deref())
                .onto("/events");
            let mark = if target.contains('?') { '&' } else { '?' };
            Wire::get(format!("{target}{mark}filters={}", json_value(&filters)?))
        }
        Operation::ImageHistory { id } => Wire::get(format!("/images/{}/history", image(&id))),
        Operation::ImageInspect { id, platform } => Wire::get(
            q().text("platform", platform.as_deref())
                .onto(format!("/images/{}/json", image(&id))),
        ),
        Operation::ImageList {
            all,
            digests,
            filters,
        } => {
            let target = q()
                .flag("all", all)
                .flag("digests", digests)
                .onto("/images/json");
            let mark = if target.contains('?') { '&' } else { '?' };
            Wire::get(format!("{target}{mark}filters={}", json_value(&filters)?))
        }
        Operation::ImagePull {
            name,
            tag,
            platform,
        } => {
            let query = q()
                .text("fromImage", Some(&name))
                .text("tag", Some(&tag))
                .text("platform", platform.as_deref());
            Wire::post(query.onto("/images/create"))
        }
        Operation::ImageSearch {
            term,
            limit,
            filters,
        } => {
            let target = q()
                .text("term", Some(&term))
                .number("limit", limit)
                .onto("/images/search");
            Wire::get(format!("{target}&filters={}", json_value(&filters)?))
        }
        Operation::NetworkConnect {
            id,
            default: _,
            container,
            shown: _,
            endpoint,
        } => with_body(
            format!("/networks/{id}/connect"),
            &serde_json::json!({"Container": container.to_string(), "EndpointConfig": endpoint}),
        )?,
        Operation::NetworkCreate(body) => with_body("/networks/create", &body)?,
        Operation::NetworkDisconnect {
            id,
            container,
            force,
        } => with_body(
            format!("/networks/{id}/disconnect"),
            &serde_json::json!({"Container": container.to_string(), "Force": force}),
        )?,
        Operation::NetworkInspect { id } => Wire::get(format!("/networks/{id}")),
        Operation::NetworkList { filters } => {
            Wire::get(format!("/networks?filters={}", json_value(&filters)?))
        }
        Operation::NetworkRemove { id } => Wire::new(Method::DELETE, format!("/networks/{id}")),
        Operation::VolumeCreate(body) => with_body("/volumes/create", &*body)?,
        Operation::VolumeList { filters } => {
            Wire::get(format!("/volumes?filters={}", json_value(&filters)?))
        }
        Operation::VolumeRemove { name, force } => {
            let target = format!("/volumes/{}", segment(&name.to_string()));
            Wire::new(Method::DELETE, q().flag("force", force).onto(target))
        }
    })
}

fn with_body<T: Serialize>(target: impl Into<String>, body: &T) -> Result<Wire, Failure> {
    let text = serde_json::to_vec(body)
        .map_err(|error| Failure::Host(format!("cannot write a request: {error}")))?;
    Ok(Wire {
        body: Some(text),
        ..Wire::post(target)
    })
}
