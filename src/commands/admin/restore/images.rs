//! The images that containers are of: here, to be pulled, or nowhere.

use serde_json::Value;

use crate::archive::manifest::Image;
use crate::client::{Client, escape};
use crate::error::Error;
use crate::ui;

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is here, under the name that was typed.
    Here,
    /// It is here under this other name: the one that was typed means another
    /// image now, or none.
    Renamed(String),
    /// A registry has it under this digest.
    Pull(String),
    /// Nobody is known to have it.
    Nowhere,
}

/// Where `image` comes from on this host.
///
/// # Errors
/// When the gate does not say.
pub(super) fn origin(client: &mut Client, image: &Image) -> Result<Origin, Error> {
    if id_of(client, &image.reference)?.as_deref() == Some(image.id.as_str()) {
        return Ok(Origin::Here);
    }
    for digest in image.digests.iter().filter(|digest| is_digest(digest)) {
        if id_of(client, digest)?.as_deref() == Some(image.id.as_str()) {
            return Ok(Origin::Renamed(digest.clone()));
        }
    }
    if id_of(client, &image.id)?.as_deref() == Some(image.id.as_str()) {
        return Ok(Origin::Renamed(image.id.clone()));
    }
    let digest = image.digests.iter().find(|digest| is_digest(digest));
    Ok(digest.map_or(Origin::Nowhere, |digest| Origin::Pull(digest.clone())))
}

/// Pulls an image; the name under which containers are made of it: the one that
/// was typed where that means this image, else its digest.
///
/// # Errors
/// When it cannot be pulled, or is another one.
pub(super) fn pull(client: &mut Client, image: &Image, digest: &str) -> Result<String, Error> {
    // A name that is taken here stays what it is.
    if id_of(client, &image.reference)?.is_none()
        && fetch(client, &image.reference).is_ok()
        && id_of(client, &image.reference)?.as_deref() == Some(image.id.as_str())
    {
        return Ok(image.reference.clone());
    }
    fetch(client, digest)?;
    match id_of(client, digest)? {
        Some(_) => Ok(digest.to_owned()),
        None => Err(Error::Answer {
            status: 404,
            text: format!("dock: the pull of \"{}\" left no image", ui::safe(digest)),
        }),
    }
}

fn is_digest(text: &str) -> bool {
    text.contains("@sha256:")
}

/// The id of the image that a reference means in the space.
fn id_of(client: &mut Client, reference: &str) -> Result<Option<String>, Error> {
    if reference.is_empty() {
        return Ok(None);
    }
    match client.get::<Value>(&format!("/images/{}/json", escape(reference))) {
        Ok(found) => Ok(found["Id"].as_str().map(str::to_owned)),
        // Not there, or nothing that an image can be called.
        Err(Error::Answer {
            status: 400 | 404, ..
        }) => Ok(None),
        Err(other) => Err(other),
    }
}

fn fetch(client: &mut Client, reference: &str) -> Result<(), Error> {
    let path = match reference.rsplit_once('@') {
        Some((name, digest)) => {
            let (name, digest) = (escape(name), escape(digest));
            format!("/images/create?fromImage={name}&tag={digest}")
        }
        None => format!("/images/create?fromImage={}", escape(&whole(reference))),
    };
    let mut told = Vec::new();
    client.follow(&path, |piece| {
        // The last lines are what counts.
        told.extend_from_slice(piece);
        let cut = told.len().saturating_sub(64 << 10);
        told.drain(..cut);
    })?;
    let lines = told.split(|byte| *byte == b'\n');
    let mut errors = lines.filter_map(|line| {
        let line: Value = serde_json::from_slice(line).ok()?;
        line["error"].as_str().map(str::to_owned)
    });
    match errors.next_back() {
        None => Ok(()),
        Some(text) => Err(Error::Answer { status: 500, text }),
    }
}

/// A name without a tag means all tags to the engine.
fn whole(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    match last.contains(':') {
        true => reference.to_owned(),
        false => format!("{reference}:latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_tag_means_the_latest() {
        assert_eq!(whole("busybox"), "busybox:latest");
        assert_eq!(whole("localhost:5000/a"), "localhost:5000/a:latest");
        assert_eq!(whole("localhost:5000/a:1"), "localhost:5000/a:1");
    }
}
