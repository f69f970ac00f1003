//! A bucket of an S3-compatible service.
//!
//! An upload is seen only when it is whole; its pieces are sent again when the
//! connection breaks. What a killed run leaves of one is invisible and the
//! bucket's own rules remove it.

use std::collections::BTreeMap;
use std::fs::File;
use std::future::poll_fn;
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use dock_space::config::Target;
use futures_core::Stream as _;
use nix::fcntl::OFlag;
use opendal::layers::{RetryLayer, TimeoutLayer};
use opendal::services::S3;
use opendal::{ErrorKind, Operator, Writer};
use tokio::runtime::Runtime;

use super::background::{Background, Blocks};
use super::ranged::{Fetch, Ranged};
use super::{Input, Item, Output, Shelf};

/// A service takes at most 10,000 pieces of a file.
const MAX_PIECES: u64 = 9_000;

/// The smallest piece.
const PIECE: u64 = 16 << 20;

/// The largest credentials file.
const MAX_CREDENTIALS: u64 = 64 << 10;

/// The bucket, and a runtime for the questions to it.
pub(super) struct Bucket {
    operator: Operator,
    runtime: Arc<Runtime>,
}

impl Bucket {
    /// # Errors
    /// When the credentials cannot be used.
    pub(super) fn new(target: &Target) -> io::Result<Bucket> {
        // The first one counts; there is no other.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (key, secret) = credentials(&target.credentials)?;
        let region = match target.region.as_str() {
            "" => "us-east-1",
            region => region,
        };
        let mut service = S3::default()
            .bucket(&target.bucket)
            .region(region)
            .access_key_id(&key)
            .secret_access_key(&secret)
            // Nothing but what the configuration says.
            .disable_config_load()
            .disable_ec2_metadata();
        if !target.endpoint.is_empty() {
            service = service.endpoint(&target.endpoint);
        }
        if let Some(folder) = target.folder.to_str().filter(|folder| !folder.is_empty()) {
            service = service.root(folder);
        }
        let operator = Operator::new(service)
            .map_err(words)?
            .layer(
                TimeoutLayer::new()
                    .with_timeout(Duration::from_secs(60))
                    .with_io_timeout(Duration::from_secs(120)),
            )
            .layer(
                RetryLayer::new()
                    .with_max_times(7)
                    .with_min_delay(Duration::from_secs(1))
                    .with_max_delay(Duration::from_secs(30))
                    .with_jitter(),
            )
            .finish();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Bucket {
            operator,
            runtime: Arc::new(runtime),
        })
    }
}

impl Shelf for Bucket {
    fn list(&self) -> io::Result<Vec<Item>> {
        let listed = self.runtime.block_on(async {
            let mut lister = self.operator.lister("/").await?;
            let mut items: BTreeMap<String, u64> = BTreeMap::new();
            while let Some(entry) =
                poll_fn(|context| Pin::new(&mut lister).poll_next(context)).await
            {
                let entry = entry?;
                let metadata = entry.metadata();
                let (file, size) = (entry.name().to_owned(), metadata.content_length());
                // A service that gives one page again and again has no end.
                if metadata.mode().is_file() && items.insert(file, size).is_some() {
                    break;
                }
            }
            Ok(items)
        });
        let items = listed.map_err(words)?.into_iter();
        Ok(items.map(|(file, size)| Item { file, size }).collect())
    }

    fn open(&self, file: &str) -> io::Result<Box<dyn Input>> {
        let length = self.runtime.block_on(self.operator.stat(file));
        let length = length.map_err(words)?.content_length();
        let reading = Reading {
            operator: self.operator.clone(),
            runtime: Arc::clone(&self.runtime),
            file: file.to_owned(),
        };
        Ok(Box::new(Ranged::new(reading, length)))
    }

    fn create(&self, file: &str, expected: u64) -> io::Result<Box<dyn Output>> {
        let piece = PIECE.max((expected / MAX_PIECES).next_multiple_of(1 << 20));
        let piece = usize::try_from(piece).unwrap_or(usize::MAX);
        let opened = self.runtime.block_on(async {
            if self.operator.exists(file).await? {
                return Ok(None);
            }
            // One at a time is enough: the next is packed meanwhile.
            self.operator.writer_with(file).chunk(piece).await.map(Some)
        });
        let Some(writer) = opened.map_err(words)? else {
            return Err(io::ErrorKind::AlreadyExists.into());
        };
        Ok(Box::new(Background::new(Writing {
            writer,
            runtime: Arc::clone(&self.runtime),
        })?))
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        self.runtime
            .block_on(self.operator.delete(file))
            .map_err(words)
    }
}

struct Writing {
    writer: Writer,
    runtime: Arc<Runtime>,
}

impl Blocks for Writing {
    fn put(&mut self, block: Vec<u8>) -> io::Result<()> {
        self.runtime
            .block_on(self.writer.write(block))
            .map_err(words)
    }

    fn finish(&mut self) -> io::Result<()> {
        let done = self.runtime.block_on(self.writer.close());
        done.map(drop).map_err(words)
    }

    fn abort(&mut self) {
        // What cannot be taken back now is invisible, and the bucket's to remove.
        let _ = self.runtime.block_on(self.writer.abort());
    }
}

struct Reading {
    operator: Operator,
    runtime: Arc<Runtime>,
    file: String,
}

impl Fetch for Reading {
    fn fetch(&mut self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let range = offset..offset + length;
        let read = self.operator.read_with(&self.file).range(range);
        let bytes = self.runtime.block_on(async { read.await });
        Ok(bytes.map_err(words)?.to_vec())
    }
}

/// opendal's errors tell of requests and headers; one line is for people.
fn words(error: opendal::Error) -> io::Error {
    let kind = match error.kind() {
        ErrorKind::NotFound => return io::ErrorKind::NotFound.into(),
        ErrorKind::PermissionDenied => {
            return io::Error::new(
                io::ErrorKind::PermissionDenied,
                "the service does not accept the credentials",
            );
        }
        _ => io::ErrorKind::Other,
    };
    let mut text = format!("the service says: {}", error.message());
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    io::Error::new(
        kind,
        crate::ui::safe(text.lines().next().unwrap_or_default()),
    )
}

/// The two words of a credentials file that only its owner can read.
fn credentials(path: &Path) -> io::Result<(String, String)> {
    let wrong = |why: String| io::Error::other(format!("'{}' {why}", path.display()));
    let file = File::options()
        .read(true)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_CLOEXEC).bits())
        .open(path)
        .map_err(|error| wrong(format!("cannot be read: {}", crate::error::words(&error))))?;
    let metadata = file.metadata()?;
    let me = nix::unistd::geteuid().as_raw();
    if !metadata.is_file() || ![0, me].contains(&metadata.uid()) {
        return Err(wrong("is not root's and not yours".into()));
    }
    if metadata.mode() & 0o077 != 0 {
        let mode = metadata.mode() & 0o7777;
        return Err(wrong(format!("has mode {mode:04o}: others can read it")));
    }
    let mut text = String::new();
    file.take(MAX_CREDENTIALS).read_to_string(&mut text)?;
    let value = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once('='));
        let found = lines.find(|(key, _)| key.trim() == name);
        let value = found.map(|(_, value)| value.trim().trim_matches('"').to_owned());
        value
            .filter(|value| !value.is_empty())
            .ok_or_else(|| wrong(format!("holds no {name}")))
    };
    Ok((value("aws_access_key_id")?, value("aws_secret_access_key")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn credentials_are_their_owners_alone() {
        let path = std::env::temp_dir().join(format!("dock-credentials-{}", std::process::id()));
        let write = |text: &str, mode: u32| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let whole = "[default]\naws_access_key_id = AK\naws_secret_access_key=\"s/k=\"\n";
        write(whole, 0o600);
        assert_eq!(credentials(&path).unwrap(), ("AK".into(), "s/k=".into()));
        write(whole, 0o640);
        assert!(credentials(&path).is_err());
        write("aws_access_key_id = AK\n", 0o600);
        assert!(credentials(&path).is_err());
        std::fs::remove_file(&path).unwrap();
        assert!(credentials(&path).is_err());
    }
}
