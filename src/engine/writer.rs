//! The one thread per open file that writes.
//!
//! A durable commit costs a sync of the disk, whatever it holds. So the writer takes all that is
//! queued, puts it into one transaction, commits once, and only then answers: the more calls are
//! in flight, the less of a sync each one pays. With one writer, sequence counters need no locks
//! within the process, and between processes the database's write lock orders them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use uuid::Uuid;

use super::batch::Batch;
use super::cache::Cache;
use super::log_head::LogHead;
use super::queue::{Job, Queue};
use super::store::{OpenStore, Turn};
use super::{Fault, schema};
use crate::error::{Code, Error, panic_text};
use crate::timestamp;

/// What the writer works with.
pub(super) struct Writer {
    queue: Arc<Queue>,
    store: Arc<OpenStore>,
    cache: Cache,
    /// Whether a commit is synced once, not twice. See [`Writer::after_failed_commit`].
    exclusive: bool,
}

impl Writer {
    pub(super) fn new(queue: Arc<Queue>, store: Arc<OpenStore>, exclusive: bool) -> Self {
        Self {
            queue,
            store,
            cache: Cache::default(),
            exclusive,
        }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        while let Some(jobs) = self.queue.take() {
            self.work_off(jobs);
        }
    }

    /// Commits the jobs and answers each. Whatever panics, the thread goes on and nothing waits
    /// for ever: a job that is dropped unanswered answers by itself.
    fn work_off(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        let bytes = jobs.iter().map(|job| job.bytes()).sum();
        let decided = catch_unwind(AssertUnwindSafe(|| self.decide(&mut jobs)));
        // Before the answers, so that whoever hears one finds room for the next call.
        self.queue.release(bytes);
        let outcomes = decided.unwrap_or_else(|panic| {
            self.cache.clear();
            let cause = unexpected(&*panic);
            let unknown = outcome_unknown(&cause, "the log could not be read back");
            vec![Err(unknown); jobs.len()]
        });
        for (job, outcome) in jobs.into_iter().zip(outcomes) {
            let _ = catch_unwind(AssertUnwindSafe(|| job.finish(outcome)));
        }
    }

    /// Commits the jobs, and returns what became of each.
    fn decide(&mut self, jobs: &mut [Box<dyn Job>]) -> Vec<Result<(), Error>> {
        let mut refusals: Vec<Option<Error>> = vec![None; jobs.len()];
        let mut mark = None;
        let store = Arc::clone(&self.store);
        let turn = store.turn();
        // The cache is dropped after a panic, so what it has left there is never used.
        let attempted = catch_unwind(AssertUnwindSafe(|| {
            self.attempt(&turn, jobs, &mut refusals, &mut mark)
        }));
        let failure = match attempted {
            Ok(Ok(())) => None,
            // The database was not there to begin with.
            Ok(Err(Fault::Refused(error))) => Some(error),
            Ok(Err(fault)) => self.after_failure(&turn, mark, fault.into()),
            Err(panic) => self.after_failure(&turn, mark, unexpected(&*panic)),
        };
        let outcome = |refusal: Option<Error>| {
            // A refusal may rest on a neighbour's change, so it falls with the batch.
            match failure.clone().or(refusal) {
                Some(error) => Err(error),
                None => Ok(()),
            }
        };
        refusals.into_iter().map(outcome).collect()
    }

    /// Puts the jobs into one transaction and commits it. `mark` is set once the commit begins.
    fn attempt(
        &mut self,
        turn: &Turn<'_>,
        jobs: &mut [Box<dyn Job>],
        refusals: &mut [Option<Error>],
        mark: &mut Option<LogHead>,
    ) -> Result<(), Fault> {
        let transaction = self.store.begin_write(turn)?;
        let token = Uuid::new_v4().as_u64_pair().1;
        let staged = stage(&transaction, &mut self.cache, jobs, refusals, token)?;
        let Some(head) = staged else {
            return Ok(transaction.abort()?);
        };
        *mark = Some(head);
        transaction.commit()?;
        self.cache.committed(head);
        Ok(())
    }

    /// The truth about a batch that failed with `cause`; `None` means that it is on disk.
    ///
    /// After an I/O error the database refuses all work until it is opened again, and after a
    /// panic it may have leaked the pages of the transaction, so it is opened again in any case.
    /// If the commit had begun, the file may hold it or not, and tells by its mark.
    fn after_failure(
        &mut self,
        turn: &Turn<'_>,
        mark: Option<LogHead>,
        cause: Error,
    ) -> Option<Error> {
        self.cache.clear();
        let reopened = self.store.reopen(turn);
        let Some(mark) = mark else {
            // If the file cannot be opened now, the next call tries again and says why not.
            return Some(cause);
        };
        match reopened.and_then(|()| self.confirmed_head(turn)) {
            // With one sync for data and header, what is read back may be in the page cache only.
            Ok(found) if found.is_commit_of(&mark) && self.exclusive => Some(outcome_unknown(
                &cause,
                "it is in the file, but a failed sync may have kept parts of it from the disk",
            )),
            Ok(found) if found.is_commit_of(&mark) => None,
            // Commits are numbered without gaps under the write lock: if the number is not
            // reached, or is another's, this commit never became one.
            Ok(found) if found.commits <= mark.commits => Some(cause),
            Ok(_) => Some(outcome_unknown(&cause, "other commits followed it")),
            Err(fault) => Some(outcome_unknown(&cause, Error::from(fault).text())),
        }
    }

    /// Reads the log's head, and makes sure that it is on disk: what a failed sync has left in the
    /// page cache can be read, and yet be lost. A commit on top of it that succeeds carries it
    /// along.
    fn confirmed_head(&self, turn: &Turn<'_>) -> Result<LogHead, Fault> {
        let transaction = self.store.begin_write(turn)?;
        let head = {
            let mut heads = transaction.open_table(schema::HEADS)?;
            let head = LogHead::read(&heads)?;
            heads.insert(schema::LOG_HEAD, head.to_value())?;
            head
        };
        transaction.commit()?;
        Ok(head)
    }
}

/// Applies the jobs and writes what they staged. `None` if there is nothing to commit.
fn stage(
    transaction: &redb::WriteTransaction,
    cache: &mut Cache,
    jobs: &mut [Box<dyn Job>],
    refusals: &mut [Option<Error>],
    token: u64,
) -> Result<Option<LogHead>, Fault> {
    let mut batch = Batch::begin(transaction, cache, timestamp::now())?;
    for (job, refusal) in jobs.iter_mut().zip(refusals) {
        match job.apply(&mut batch) {
            Ok(()) => {}
            Err(Fault::Refused(error)) => *refusal = Some(error),
            Err(fault) => return Err(fault),
        }
    }
    if !batch.changed() {
        return Ok(None);
    }
    batch.flush(token).map(Some)
}

fn unexpected(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic_text(panic);
    Error::new(
        Code::StorageFailed,
        format!("the writer failed unexpectedly: {text}"),
    )
}

fn outcome_unknown(cause: &Error, why: &str) -> Error {
    Error::new(
        Code::OutcomeUnknown,
        format!(
            "the commit failed ({}) and whether it was stored could not be learned: {why}",
            cause.text()
        ),
    )
}
