//! A folder on another machine, over the host's own ssh. A connection that breaks
//! is made again, and the file goes on where the machine has said that it has it.

use std::io::{self, SeekFrom};
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use bytes::BytesMut;
use dock_space::config::Target;
use openssh_sftp_client::error::Error as SftpError;
use openssh_sftp_client::file::{File, TokioCompatFile};
use openssh_sftp_client::metadata::{MetaDataBuilder, Permissions};
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::background::{Background, Blocks};
use super::ranged::{Fetch, Ranged};
use super::ssh::Session;
use super::{Input, Item, Output, Shelf, partial};
use crate::interrupt;

/// How many seconds pass before each new try.
const WAITS: [u64; 6] = [1, 2, 4, 8, 15, 30];

/// How many ranges are on their way at a time.
const AT_ONCE: usize = 16;

/// The longest range that is asked for at once.
const MOST: u64 = 128 << 10;

/// The folder there, and how to get there.
pub(super) struct Machine(Target);

impl Machine {
    pub(super) fn new(target: &Target) -> Machine {
        Machine(target.clone())
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.folder.join(file)
    }
}

impl Shelf for Machine {
    fn list(&self) -> io::Result<Vec<Item>> {
        Session::open(&self.0)?.list(&self.0.folder)
    }

    fn open(&self, file: &str) -> io::Result<Box<dyn Input>> {
        let mut reading = Reading {
            target: self.0.clone(),
            path: self.path(file),
            open: None,
        };
        let path = reading.path.clone();
        let session = &reading.session()?.0;
        let length = session.with(async |mut fs| Ok(fs.metadata(&path).await?.len()))?;
        let length = length.ok_or_else(|| io::Error::other("the machine gives it no length"))?;
        Ok(Box::new(Ranged::new(reading, length)))
    }

    fn create(&self, file: &str, _: u64) -> io::Result<Box<dyn Output>> {
        let session = Session::open(&self.0)?;
        make_folder(&session, &self.0)?;
        for item in session.list(&self.0.folder)? {
            if partial::is_abandoned(&item.file) {
                let path = self.path(&item.file);
                session.with(async |mut fs| fs.remove_file(&path).await)?;
            }
        }
        let to = self.path(file);
        if session
            .with(async |mut fs| fs.symlink_metadata(&to).await)
            .is_ok()
        {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let from = self.path(&partial::name(file));
        let private = MetaDataBuilder::new()
            .permissions(Permissions::from(0o600))
            .create();
        let made = session.runtime.block_on(async {
            let mut options = session.sftp.options();
            let mut made = options.write(true).create_new(true).open(&from).await?;
            made.set_metadata(private).await?;
            Ok(made)
        });
        let open = made.map_err(|error| session.words_for(error))?;
        Ok(Box::new(Background::new(Writing {
            target: self.0.clone(),
            from,
            to,
            open: Some((session, Box::pin(TokioCompatFile::new(open)))),
            written: 0,
        })?))
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        let path = self.path(file);
        Session::open(&self.0)?.with(async |mut fs| fs.remove_file(&path).await)
    }
}

fn make_folder(session: &Session, target: &Target) -> io::Result<()> {
    let folder = &target.folder;
    if session
        .with(async |mut fs| fs.metadata(folder).await)
        .is_ok()
    {
        return Ok(());
    }
    session.with(async |mut fs| {
        let mut builder = fs.dir_builder();
        let private = builder.permissions(Permissions::from(0o700));
        private.create(folder).await
    })
}

/// Tries again, until there is no hope: what the machine itself refuses stays
/// refused, and what it does not answer to may be a cable.
fn again<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let mut waits = WAITS.iter();
    loop {
        let error = match attempt() {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let is_final = matches!(
            error.kind(),
            io::ErrorKind::NotFound
                | io::ErrorKind::PermissionDenied
                | io::ErrorKind::StorageFull
                | io::ErrorKind::AlreadyExists
        );
        let Some(wait) = waits.next().filter(|_| !is_final) else {
            return Err(error);
        };
        for _ in 0..wait * 10 {
            if interrupt::happened() {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A file that is being written.
struct Writing {
    target: Target,
    from: PathBuf,
    to: PathBuf,
    /// None between a connection that broke and the next.
    open: Option<(Session, Pin<Box<TokioCompatFile>>)>,
    /// Bytes that the machine has said it has.
    written: u64,
}

impl Writing {
    fn try_put(&mut self, block: &[u8]) -> io::Result<()> {
        let (session, mut file) = match self.open.take() {
            Some(open) => open,
            None => {
                let session = Session::open(&self.target)?;
                let opened = session
                    .runtime
                    .block_on(session.sftp.options().write(true).open(&self.from));
                let file = opened.map_err(|error| session.words_for(error))?;
                (session, Box::pin(TokioCompatFile::new(file)))
            }
        };
        let written = self.written;
        let done = session.runtime.block_on(async {
            file.seek(SeekFrom::Start(written)).await?;
            file.write_all(block).await?;
            file.flush().await
        });
        done.map_err(|error| sort(&session, error))?;
        self.written += block.len() as u64;
        self.open = Some((session, file));
        Ok(())
    }
}

/// What the crate has packed into an I/O error, taken out again.
fn sort(session: &Session, error: io::Error) -> io::Error {
    match error.downcast::<SftpError>() {
        Ok(error) => session.words_for(error),
        Err(error) => session.words_for(SftpError::IOError(error)),
    }
}

impl Blocks for Writing {
    fn put(&mut self, block: Vec<u8>) -> io::Result<()> {
        again(|| self.try_put(&block))
    }

    fn finish(&mut self) -> io::Result<()> {
        again(|| {
            if self.open.is_none() {
                self.try_put(&[])?;
            }
            let Some((session, mut file)) = self.open.take() else {
                return Err(io::ErrorKind::NotConnected.into());
            };
            let (from, to) = (self.from.clone(), self.to.clone());
            let done = session.runtime.block_on(async {
                if session.sftp.support_fsync() {
                    file.as_mut().as_mut_file().sync_all().await?;
                }
                session.sftp.fs().rename(&from, &to).await
            });
            done.map_err(|error| session.words_for(error))
        })
    }

    fn abort(&mut self) {
        let session = match self.open.take() {
            Some((session, _)) => Ok(session),
            None => Session::open(&self.target),
        };
        let from = self.from.clone();
        // What cannot be removed now is removed by the next run.
        let _ =
            session.and_then(|session| session.with(async |mut fs| fs.remove_file(&from).await));
    }
}

/// A file that is being read.
struct Reading {
    target: Target,
    path: PathBuf,
    open: Option<(Session, File)>,
}

impl Reading {
    fn session(&mut self) -> io::Result<&(Session, File)> {
        if self.open.is_none() {
            let session = Session::open(&self.target)?;
            let opened = session.runtime.block_on(session.sftp.open(&self.path));
            let file = opened.map_err(|error| session.words_for(error))?;
            self.open = Some((session, file));
        }
        self.open
            .as_ref()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn try_fetch(&mut self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let (session, file) = self.session()?;
        let step = MOST;
        let fetched = session.runtime.block_on(async {
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
            let mut places = (0..length).step_by(usize::try_from(step).unwrap_or(usize::MAX));
            let mut tasks = JoinSet::new();
            loop {
                while tasks.len() < AT_ONCE
                    && let Some(place) = places.next()
                {
                    let file = file.clone();
                    let count = step.min(length - place);
                    tasks.spawn(async move {
                        range(file, offset + place, count)
                            .await
                            .map(|piece| (place, piece))
                    });
                }
                let Some(done) = tasks.join_next().await else {
                    return Ok(bytes);
                };
                let (place, piece) = done.map_err(SftpError::TaskJoinError)??;
                let place = usize::try_from(place).unwrap_or(usize::MAX);
                bytes[place..place + piece.len()].copy_from_slice(&piece);
            }
        });
        fetched.map_err(|error| session.words_for(error))
    }
}

/// One range; a machine may answer with less than was asked for.
async fn range(mut file: File, offset: u64, count: u64) -> Result<Vec<u8>, SftpError> {
    file.seek(SeekFrom::Start(offset)).await?;
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < count {
        let wanted = u32::try_from(count - bytes.len() as u64).unwrap_or(u32::MAX);
        match file.read(wanted, BytesMut::new()).await? {
            Some(piece) => bytes.extend_from_slice(&piece),
            None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }
    Ok(bytes)
}

impl Fetch for Reading {
    fn fetch(&mut self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        again(|| {
            let fetched = self.try_fetch(offset, length);
            if fetched.is_err() {
                self.open = None;
            }
            fetched
        })
    }
}
