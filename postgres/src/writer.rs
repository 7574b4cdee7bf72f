//! The one thread per open log that writes: it takes all that is queued, makes one commit of it, and only then answers.

use std::sync::Arc;
use std::time::Instant;

use codebolt_eventlog::engine::Fault;
use codebolt_eventlog::engine::workings::{CountedCommit, Counters, Queue, Queued};
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::panic::{Panic, caught};
use codebolt_eventlog::seam::{Preview, QueuedChange, ReadSnapshot};
use parking_lot::Mutex;

use crate::blocks::Wanted;
use crate::commit::Committer;
use crate::followers::Followers;
use crate::hints::Hints;
use crate::observed::Observed;
use crate::reads::Reads;
use crate::snapshot::Snapshot;

/// How much goes into one commit, in bytes of its changes, unless one alone has more.
const COMMIT_BYTES: usize = 4 << 20;

/// A change that waits for its turn.
pub(crate) struct Change(pub(crate) Box<dyn QueuedChange>);

impl Queued for Change {
    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// What the writer works with.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) queue: Arc<Queue<Change>>,
    pub(crate) committer: Arc<Mutex<Committer>>,
    pub(crate) reads: Arc<Reads>,
    pub(crate) followers: Arc<Followers>,
    pub(crate) hints: Arc<Hints>,
    pub(crate) observed: Arc<Observed>,
    pub(crate) counters: Arc<Counters>,
}

/// The log before the changes that are prepared together, begun when one asks for it.
struct Before<'a> {
    committer: Mutex<&'a mut Committer>,
    snapshot: std::cell::OnceCell<Result<Snapshot, Error>>,
}

impl Preview for Before<'_> {
    fn snapshot(&self) -> Result<&dyn ReadSnapshot, Error> {
        let snapshot = self
            .snapshot
            .get_or_init(|| self.committer.lock().preview());
        let snapshot = snapshot.as_ref().map_err(Error::clone)?;
        Ok(snapshot)
    }
}

impl Writer {
    /// Works until nothing is queued for long, or the queue is closed and empty.
    pub(crate) fn run(self) {
        while let Some(changes) = self.queue.take(COMMIT_BYTES) {
            self.work_off(changes);
        }
    }

    /// Commits changes and answers each. Whatever panics, the thread goes on and nothing waits for ever.
    fn work_off(&self, mut changes: Vec<Change>) {
        self.reads.settle();
        let mut committer = self.committer.lock();
        let began = Instant::now();
        let mut wanted = self.prepare(&mut committer, &mut changes);
        let mut refusals: Vec<Option<Error>> = vec![None; changes.len()];
        let committed = caught(|| {
            committer.commit(&mut |staging| {
                for (change, refusal) in changes.iter_mut().zip(&mut refusals) {
                    *refusal = match change.0.apply(staging) {
                        Ok(()) => None,
                        Err(Fault::Refused(error)) => Some(error),
                        Err(fault) => return Err(fault),
                    };
                }
                Ok(())
            })
        });
        let committed = committed.unwrap_or_else(|panic| {
            let is_unknown = committer.is_pending();
            committer.reset();
            Err(unexpected(&panic, is_unknown))
        });
        drop(committer);
        let is_stored = committed
            .as_ref()
            .is_ok_and(|committed| committed.is_stored);
        match &committed {
            Ok(committed) if committed.is_stored => {
                let calls = refusals.iter().filter(|refusal| refusal.is_none()).count();
                self.counters.add_commit(CountedCommit {
                    commit: self.observed.number(),
                    bytes: committed.bytes,
                    events: committed.events,
                    calls,
                    time: began.elapsed(),
                });
            }
            Ok(_) => {}
            Err(_) => self.counters.add_failed_commit(),
        }
        // A refusal may rest on a neighbour's change, so it falls with it.
        let failure = match committed {
            Ok(committed) => {
                wanted.extend(committed.blocks);
                None
            }
            Err(failure) => Some(failure),
        };
        let outcomes = refusals
            .into_iter()
            .map(|refusal| failure.clone().or(refusal).map_or(Ok(()), Err));
        self.answer(changes, outcomes.collect());
        if is_stored {
            self.hints.give();
        }
        if failure.is_some() {
            self.followers.wake_all();
        } else {
            self.followers.wake_changed();
        }
        self.reads.want(wanted);
    }

    /// Prepares changes: once more if the connection is lost meanwhile, as long as a server is waited for. Returns the
    /// blocks that were met whose summaries are to be kept.
    fn prepare(&self, committer: &mut Committer, changes: &mut [Change]) -> Vec<Wanted> {
        let until = self.reads.patience();
        loop {
            let before = Before {
                committer: Mutex::new(&mut *committer),
                snapshot: std::cell::OnceCell::new(),
            };
            for change in &mut *changes {
                // One that panics here panics again, or refuses, when it is applied.
                let _ = caught(|| change.0.prepare(&before));
            }
            let Some(Ok(snapshot)) = before.snapshot.into_inner() else {
                return Vec::new();
            };
            let is_lost = snapshot.is_lost();
            let wanted = committer.end_preview(snapshot);
            if !is_lost || Instant::now() > until {
                return wanted;
            }
        }
    }

    fn answer(&self, changes: Vec<Change>, outcomes: Vec<Result<(), Error>>) {
        let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        self.counters.add_refused_calls(refused);
        // Before the answers, so that whoever hears one finds room for the next call.
        self.queue.release(changes.iter().map(Queued::bytes).sum());
        for (change, outcome) in changes.into_iter().zip(outcomes) {
            let _ = caught(|| change.0.finish(outcome));
        }
    }
}

fn unexpected(panic: &Panic, is_unknown: bool) -> Error {
    let fault = panic.fault("writing");
    if is_unknown {
        let text = format!(
            "whether the change was stored is not known: {}",
            fault.text()
        );
        return Error::new(Code::OutcomeUnknown, text);
    }
    fault
}
