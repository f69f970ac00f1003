//! Pulling and searching public images.
//!
//! A pull is anonymous: credentials that the client sends are not passed on, so
//! what arrives is what everybody may have. The engine dials registries as
//! root from the host, so a registry that is the host itself has to be listed.

use std::net::IpAddr;
use std::time::Duration;

use dock_space::Space;
use dock_space::image::{Reference, ReferenceError};
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::body::{self, Answer};
use super::call::Call;
use super::download::Download;
use super::lines::Line;
use super::lock::Place;
use super::{lines, lock, translate};
use crate::api::filters;
use crate::audit::Weight;
use crate::failure::Failure;
use crate::policy::{Facts, Operation, Permit, Refusal};

/// How long a client may not read its pull's progress: the engine goes on
/// meanwhile, and what it has to download is not seen.
const PATIENCE: Duration = Duration::from_secs(30);

/// `POST /images/create`
pub(crate) async fn pull(mut call: Call<'_>) -> Result<Answer, Failure> {
    let name = call.query.take("fromImage")?.unwrap_or_default();
    let tag = call.query.take("tag")?.filter(|tag| !tag.is_empty());
    let platform = call
        .query
        .take("platform")?
        .filter(|platform| !platform.is_empty());
    let source = call
        .query
        .take("fromSrc")?
        .filter(|source| !source.is_empty());
    // Words of an import; a pull ignores them.
    for ignored in ["repo", "message"] {
        call.query.take(ignored)?;
    }
    call.query.take_all("changes");
    call.query.finish()?;
    if source.is_some() {
        if let Some(body) = call.body.take() {
            super::body::discard(body).await;
        }
        return Err(Failure::NotBuilt(
            "importing images is not served yet\n\nhint: public images can be pulled",
        ));
    }
    let reference = reference(&name, tag.as_deref())?;
    let permit = match judge(&call, &reference, platform) {
        // As if it had come: the client goes on with what it wanted it for.
        Err(Failure::Explained) => {
            let nothing = body::with_type(StatusCode::OK, "application/json", "");
            return Ok(nothing);
        }
        other => other?,
    };
    let place = place(&call, &reference)?;
    let answer = call.send(permit, None).await?;
    let space = call.space();
    let limit = call.caller.config.images.max_download();
    let mut download = Download::new(limit);
    let body = lines::rewrite(answer.into_body(), PATIENCE, async move |line: &[u8]| {
        // Held as long as the pull: its place, and what it has to download.
        let _place = &place;
        let Ok(line) = serde_json::from_slice::<Map<String, Value>>(line) else {
            return Line::LeaveOut;
        };
        match download.over(&line) {
            Some(bytes) => Line::Last(too_large(bytes, limit)),
            None => serde_json::to_vec(&shown(space, line)).ok().into(),
        }
    });
    Ok(body::with_body(StatusCode::OK, "application/json", body))
}

/// Whether the image may be pulled.
///
/// # Errors
/// The refusal.
pub(super) fn judge(
    call: &Call<'_>,
    reference: &Reference,
    platform: Option<String>,
) -> Result<Permit, Failure> {
    let familiar = reference.familiar();
    may_dial(call, &reference.domain)?;
    if !call.caller.config.images.is_listed(reference) {
        let refusal = Refusal::value("image.repository", &familiar);
        return Err(call.refuse("image.pull", &familiar, refusal));
    }
    let name = reference.familiar_name();
    let tag = match (&reference.digest, &reference.tag) {
        (Some(digest), _) => digest.clone(),
        (None, Some(tag)) => tag.clone(),
        (None, None) => {
            let refusal = Refusal::of("image.all-tags");
            return Err(call.refuse("image.pull", &name, refusal));
        }
    };
    let operation = Operation::ImagePull {
        name,
        tag,
        platform,
    };
    call.judge(Weight::Change, &familiar, operation, &Facts::None)
}

/// A line of a pull's progress.
fn shown(space: Space, mut line: Map<String, Value>) -> Map<String, Value> {
    translate::keep(
        &mut line,
        &[
            "status",
            "progress",
            "progressDetail",
            "id",
            "error",
            "errorDetail",
            "aux",
        ],
    );
    if let Some(error) = line.get_mut("error") {
        *error = translate::names(space, error.as_str().unwrap_or_default()).into();
    }
    line
}

/// The last line of a pull that is cut.
fn too_large(bytes: u64, limit: Option<u64>) -> Vec<u8> {
    let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
    let refusal = Refusal::of("image.size").because(format!(
        "it has {} MB or more to download, and {} MB are allowed",
        megabytes(bytes),
        megabytes(limit.unwrap_or_default())
    ));
    let text = refusal.to_string();
    let line = serde_json::json!({"errorDetail": {"message": text}, "error": text});
    serde_json::to_vec(&line).unwrap_or_default()
}

/// A place among the person's pulls.
fn place(call: &Call<'_>, reference: &Reference) -> Result<Place, Failure> {
    let count = call.caller.config.images.max_pulls;
    if let Some(place) = lock::place(call.space(), "pull", count)? {
        return Ok(place);
    }
    let refusal = Refusal {
        status: 429,
        ..Refusal::of("image.pulls").because(format!("you have {count} at a time already"))
    };
    Err(call.refuse("image.pull", &reference.familiar(), refusal))
}

/// The reference that `fromImage` and `tag` make, as the engine joins them.
fn reference(name: &str, tag: Option<&str>) -> Result<Reference, Failure> {
    let text = match tag {
        None => name.to_owned(),
        Some(digest) if digest.contains(':') => format!("{name}@{digest}"),
        Some(tag) => format!("{name}:{tag}"),
    };
    match Reference::parse(&text) {
        Ok(reference) => Ok(reference),
        Err(ReferenceError::Reserved) => Err(Refusal::value("image.reserved", name).into()),
        Err(error) => Err(Failure::Engine(400, error.to_string())),
    }
}

/// Whether the engine may be made to dial this registry.
fn may_dial(call: &Call<'_>, domain: &str) -> Result<(), Failure> {
    let listed = &call.caller.config.images.registries;
    if listed.iter().any(|registry| registry == domain) {
        return Ok(());
    }
    let refusal = Refusal::value("image.registry", domain);
    let refusal = match listed.is_empty() {
        true if !is_the_host(domain) => return Ok(()),
        true => refusal.because("a registry on this host has to be listed by an administrator"),
        false => refusal,
    };
    Err(call.refuse("image.pull", domain, refusal))
}

/// `localhost`, loopback, link-local and unspecified addresses: what the engine
/// reaches there is the host's own, the cloud's metadata service among it.
fn is_the_host(domain: &str) -> bool {
    let host = match domain.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => domain,
    };
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase();
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    // The C library's reading of "127.1" and "0x7f.1" is not Rust's: a name of
    // digits alone is no name of a registry.
    let numeric = host.split('.').all(|part| {
        !part.is_empty()
            && (part.bytes().all(|b| b.is_ascii_digit())
                || part
                    .strip_prefix("0x")
                    .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())))
    });
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            address.is_loopback() || address.is_link_local() || address.is_unspecified()
        }
        Ok(IpAddr::V6(address)) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unicast_link_local()
                || address.to_ipv4_mapped().is_some()
        }
        Err(_) => numeric,
    }
}

/// `search`
pub(crate) async fn search(mut call: Call<'_>) -> Result<Answer, Failure> {
    let term = call.query.take("term")?.unwrap_or_default();
    let limit = call.query.int("limit")?;
    let filters = filters::parse(call.query.take("filters")?.as_deref())?;
    call.query.finish()?;
    // A term can name a registry, as a reference can.
    let domain = term.split_once('/').map_or("docker.io", |(first, _)| {
        if first.contains(['.', ':']) || first == "localhost" {
            first
        } else {
            "docker.io"
        }
    });
    may_dial(&call, domain)?;
    let plain = !term.is_empty()
        && term.len() <= 256
        && term
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./: ".contains(&b));
    if !plain {
        return Err(Failure::Engine(400, format!("invalid search term: {term}")));
    }
    let filters = filters
        .into_iter()
        .map(|(key, values)| match key.as_str() {
            "is-automated" | "is-official" | "stars" => Ok((key, values)),
            unknown => Err(super::filter::invalid(call.version, unknown)),
        })
        .collect::<Result<_, _>>()?;
    let operation = Operation::ImageSearch {
        term,
        limit: limit.map(|limit| limit.clamp(0, 100)),
        filters,
    };
    let permit = call.judge(Weight::Read, "", operation, &Facts::None)?;
    let found: Value = call.fetch(permit, None).await?;
    Ok(body::json(StatusCode::OK, &found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_own_addresses_are_known_in_every_spelling() {
        for host in [
            "localhost",
            "localhost:5000",
            "LOCALHOST:5000",
            "a.localhost",
            "127.0.0.1:5000",
            "127.1",
            "0",
            "0x7f.1",
            "2130706433",
            "0.0.0.0",
            "169.254.169.254",
            "[::1]:5000",
            "[::ffff:127.0.0.1]:5000",
            "[fe80::1]",
        ] {
            assert!(is_the_host(host), "{host}");
        }
        for host in [
            "docker.io",
            "ghcr.io",
            "10.0.0.5:5000",
            "localhost.example.org",
            "[2001:db8::1]:5000",
            "registry:5000",
        ] {
            assert!(!is_the_host(host), "{host}");
        }
    }

    #[test]
    fn name_and_tag_are_joined_as_the_engine_joins_them() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(
            reference("busybox", Some("1")).unwrap().familiar(),
            "busybox:1"
        );
        assert_eq!(
            reference("busybox", Some(&digest)).unwrap().digest,
            Some(digest.clone())
        );
        assert_eq!(
            reference(&format!("busybox@{digest}"), None)
                .unwrap()
                .digest,
            Some(digest)
        );
        assert_eq!(reference("busybox", None).unwrap().tag, None);
        assert!(matches!(
            reference("u1002.dock.invalid/x", Some("1")),
            Err(Failure::Refused(Refusal {
                rule: "image.reserved",
                ..
            }))
        ));
        assert!(reference("Bad", Some("1")).is_err());
    }
}
