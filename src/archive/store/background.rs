//! A file that is written while the next of it is made: blocks on their way to
//! another thread, no more than a few.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::Output;

/// How much is handed over at once.
pub(super) const BLOCK: usize = 4 << 20;

/// How many blocks wait.
const WAITING: usize = 3;

/// Where the blocks go, one after another. Dropped before its end, it takes
/// back what it has written.
pub(super) trait Blocks: Send {
    fn put(&mut self, block: Vec<u8>) -> io::Result<()>;
    fn finish(&mut self) -> io::Result<()>;
    fn abort(&mut self);
}

enum Job {
    Put(Vec<u8>),
    Finish,
}

/// The near end.
pub(super) struct Background {
    block: Vec<u8>,
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Background {
    pub(super) fn new(blocks: impl Blocks + 'static) -> io::Result<Background> {
        let (jobs, taken) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || run(blocks, &taken))?;
        Ok(Background {
            block: Vec::with_capacity(BLOCK),
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    fn send(&mut self, job: Job) -> io::Result<()> {
        let sent = self.jobs.as_ref().map(|jobs| jobs.send(job));
        match sent {
            Some(Ok(())) => Ok(()),
            // It has ended, and says why.
            _ => self.end(),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        self.jobs = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(done)) => done,
            _ => Err(io::Error::other("the thread that writes has ended")),
        }
    }
}

fn run(mut blocks: impl Blocks, jobs: &Receiver<Job>) -> io::Result<()> {
    let done = (|| {
        loop {
            match jobs.recv() {
                Ok(Job::Put(block)) => blocks.put(block)?,
                Ok(Job::Finish) => return blocks.finish(),
                Err(_) => return Err(io::ErrorKind::Interrupted.into()),
            }
        }
    })();
    if done.is_err() {
        blocks.abort();
    }
    done
}

impl Write for Background {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let here = (BLOCK - self.block.len()).min(bytes.len());
        self.block.extend_from_slice(&bytes[..here]);
        if self.block.len() == BLOCK {
            let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
            self.send(Job::Put(block))?;
        }
        Ok(here)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Background {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let block = std::mem::take(&mut self.block);
        if !block.is_empty() {
            self.send(Job::Put(block))?;
        }
        self.send(Job::Finish)?;
        self.end()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if self.thread.is_some() {
            // What it says is of a file that nobody wants any more.
            let _ = self.end();
        }
    }
}
