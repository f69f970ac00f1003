//! `GET /dock/audit`: who did what, read back from where the gates write it.
//!
//! Filters but those for the time are dock's own affair: it needs no privilege
//! for them.

mod journal;
mod log;
mod sources;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dock_space::admin::{AuditEntry, AuditPiece};
use hyper::StatusCode;
use tokio::sync::mpsc::{self, Sender};
use tokio::task::spawn_local;

use self::sources::{Found, Source};
use super::super::body::{self, Answer, Piece};
use super::call::AdminCall;
use crate::failure::Failure;

/// How often files are looked at while they are followed.
const LOOK: Duration = Duration::from_millis(250);

/// After how many lines others are let in.
const BREATH: u32 = 1024;

/// How much is sent at a time.
const BATCH: usize = 32 * 1024;

pub(super) async fn read(mut call: AdminCall<'_>) -> Result<Answer, Failure> {
    let since = call.query.int("since")?.unwrap_or_default();
    let until = call.query.int("until")?;
    let follow = call.query.bool("follow")?;
    call.query.finish()?;
    call.tell_of_read("admin.audit");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_secs());
    let found = sources::find(&call.admin.config.audit, since, now).map_err(Failure::Host)?;
    let (sender, receiver) = mpsc::channel(1);
    let flow = Flow {
        sender,
        batch: Vec::new(),
        since: u64::try_from(since).unwrap_or_default(),
        until: until.map_or(u64::MAX, |until| u64::try_from(until).unwrap_or_default()),
    };
    spawn_local(pass(found, flow, follow));
    let body = body::channel(receiver);
    Ok(body::with_body(StatusCode::OK, "application/json", body))
}

/// Passes on what there is, and then, when asked, what comes; until the client
/// is gone.
async fn pass(found: Vec<Found>, mut flow: Flow, follow: bool) {
    let mut sources = Vec::new();
    for Found { source, told } in found {
        flow.add(&AuditPiece::Source(told));
        sources.push(source);
    }
    let gone = flow.sender.clone();
    tokio::select! {
        // Nobody is left to tell when the client is gone.
        _ = pass_all(sources, &mut flow, follow) => {}
        () = gone.closed() => {}
    }
}

async fn pass_all(mut sources: Vec<Source>, flow: &mut Flow, follow: bool) -> Option<()> {
    merge(&mut sources, flow).await?;
    flow.add(&AuditPiece::Now);
    flow.send().await?;
    if follow {
        for source in &mut sources {
            if let Source::Journal(journal) = source {
                journal.follow().ok()?;
            }
        }
        loop {
            wait(&mut sources, flow).await?;
            flow.send().await?;
        }
    }
    flow.sender.send(Piece::End).await.ok()
}

/// What there is in all sources, in the order of its time.
async fn merge(sources: &mut [Source], flow: &mut Flow) -> Option<()> {
    let mut heads = Vec::with_capacity(sources.len());
    for source in sources.iter_mut() {
        heads.push(source.next().await);
    }
    let mut passed: u32 = 0;
    loop {
        let first = heads
            .iter()
            .enumerate()
            .filter_map(|(at, head)| Some((head.as_ref()?.line.time, at)))
            .min();
        let Some((_, at)) = first else {
            return Some(());
        };
        let entry = std::mem::replace(&mut heads[at], sources[at].next().await);
        flow.entry(entry?).await?;
        // Reading files waits for nothing; whether the client is gone is to be seen.
        passed += 1;
        if passed.is_multiple_of(BREATH) {
            tokio::task::yield_now().await;
        }
    }
}

/// One look at files; of a journal, what comes meanwhile.
async fn wait(sources: &mut [Source], flow: &mut Flow) -> Option<()> {
    let pause = tokio::time::sleep(LOOK);
    tokio::pin!(pause);
    for source in sources {
        let Source::Journal(journal) = source else {
            while let Some(entry) = source.next().await {
                flow.entry(entry).await?;
            }
            continue;
        };
        tokio::select! {
            line = journal.next() => flow.entry(AuditEntry { verified: true, line: line? }).await?,
            () = &mut pause => {}
        }
    }
    if flow.batch.is_empty() {
        pause.await;
    }
    Some(())
}

/// What goes to the client.
struct Flow {
    sender: Sender<Piece>,
    batch: Vec<u8>,
    since: u64,
    until: u64,
}

impl Flow {
    /// `None` when the client is gone.
    async fn entry(&mut self, entry: AuditEntry) -> Option<()> {
        if !(self.since..=self.until).contains(&entry.line.time) {
            return Some(());
        }
        self.add(&AuditPiece::Entry(entry));
        if self.batch.len() < BATCH {
            return Some(());
        }
        self.send().await
    }

    fn add(&mut self, piece: &AuditPiece) {
        // Strings and numbers are JSON.
        if serde_json::to_writer(&mut self.batch, piece).is_ok() {
            self.batch.push(b'\n');
        }
    }

    async fn send(&mut self) -> Option<()> {
        if self.batch.is_empty() {
            return Some(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.sender.send(Piece::Data(batch.into())).await.ok()
    }
}
