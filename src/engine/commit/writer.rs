//! The one thread per open file that writes.
//!
//! A durable commit costs a sync of the disk, whatever it holds. So the writer takes all that is
//! queued, makes one commit of it, and only then answers: the more calls are in flight, the less
//! of a sync each one pays. Of more than a few MiB, it takes a part at a time: its frame then fits beside others
//! into a segment of the journal, and what comes after it is ready meanwhile. With one writer, sequence counters need no locks within the process,
//! and between processes the journal's lock orders them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::batch::{Batch, Finished};
use super::checkpoint::lock;
use super::checkpointer::Checkpointer;
use super::frame_commit::{Attempt, Commit};
use super::job::{Job, Latest};
use super::locked::Locked;
use super::queue::Queue;
use crate::engine::Fault;
use crate::engine::counters::CountedCommit;
use crate::engine::followers::{CommitChanges, Followers};
use crate::engine::journal::Frame;
use crate::engine::locks::Patience;
use crate::engine::readers::Moments;
use crate::engine::storage::Turn;
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::schema;
use crate::engine::view::OpenLog;
use crate::error::{Code, Error};
use crate::panic::{Panic, caught};
use crate::timestamp;

/// How much of a frame's buffer is kept between commits, in bytes.
const FRAME_BYTES_KEPT: usize = 4 << 20;

/// What the writer works with.
pub(in crate::engine) struct Writer {
    queue: Arc<Queue<Box<dyn Job>>>,
    open_log: Arc<OpenLog>,
    checkpointer: Arc<Checkpointer>,
    followers: Arc<Followers>,
    /// How much is taken for one commit, in bytes of its jobs.
    commit_bytes: usize,
    /// How long a job waits for other processes.
    lock_wait: Duration,
    /// Whether another process did not let go of the journal in time when it was last asked for.
    held_up: bool,
    moments: Arc<Moments>,
    /// What was committed that followers have not been told of.
    changes: CommitChanges,
    /// Whether any of the last ones failed.
    has_failed: bool,
    frame: Frame,
}

impl Writer {
    pub(in crate::engine) fn new(
        queue: Arc<Queue<Box<dyn Job>>>,
        open_log: Arc<OpenLog>,
        checkpointer: Arc<Checkpointer>,
        followers: Arc<Followers>,
        commit_bytes: usize,
        lock_wait: Duration,
        moments: Arc<Moments>,
    ) -> Self {
        Self {
            queue,
            open_log,
            checkpointer,
            followers,
            commit_bytes,
            lock_wait,
            held_up: false,
            moments,
            changes: CommitChanges::default(),
            has_failed: false,
            frame: Frame::default(),
        }
    }

    /// Works until nothing is queued for long, or the queue is closed and empty.
    pub(in crate::engine) fn run(mut self) {
        crate::engine::seeded_bug::work_for(&*self.open_log);
        while let Some(jobs) = self.queue.take(self.commit_bytes) {
            self.work_off(jobs);
        }
        // Where the last commits failed, as on a full disk, so would this. And the tables would be gone from those who read,
        // until they are opened again.
        if !self.queue.is_closed() && !self.has_failed {
            self.checkpointer.note_idle();
        }
    }

    /// Commits the jobs and answers each. Whatever panics, the thread goes on and nothing waits
    /// for ever: a job that is dropped unanswered answers by itself.
    fn work_off(&mut self, mut jobs: Vec<Box<dyn Job>>) {
        // What was called to be read before these jobs must not see them.
        self.moments.settle();
        self.prepare(&mut jobs);
        while let Some(first) = jobs.first() {
            let until = self.until(first.since());
            let decided = caught(|| self.decide(&mut jobs, until));
            let outcomes = decided.unwrap_or_else(|panic| {
                self.changes.add_failure();
                let cause = unexpected(&panic);
                let unknown = outcome_unknown(&cause, "the log could not be read back");
                vec![Err(unknown); jobs.len()]
            });
            self.answer(jobs.drain(..outcomes.len()), outcomes);
        }
        let changes = std::mem::take(&mut self.changes);
        self.has_failed = changes.has_failed();
        self.followers.wake(&self.open_log, &changes);
    }

    /// Until when other processes are waited for, by a job that was asked for then. The time that it has waited
    /// counts if it has waited for them: what is queued behind a job that was held up is held up as well.
    fn until(&self, since: Instant) -> Instant {
        let began = if self.held_up { since } else { Instant::now() };
        began + self.lock_wait
    }

    fn prepare(&self, jobs: &mut [Box<dyn Job>]) {
        let latest = Latest::of(Arc::clone(&self.open_log));
        for job in jobs {
            let patience = Patience::until(self.until(job.since()));
            let prepare = || patience.during(|| job.prepare(&latest));
            // A job that panics here panics again, or refuses, when it is applied.
            let _ = caught(prepare);
        }
    }

    fn answer(&self, jobs: impl Iterator<Item = Box<dyn Job>>, outcomes: Vec<Result<(), Error>>) {
        let jobs: Vec<_> = jobs.collect();
        let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        self.open_log.storage.counters().add_refused_calls(refused);
        // Before the answers, so that whoever hears one finds room for the next call.
        self.queue.release(jobs.iter().map(|job| job.bytes()).sum());
        for (job, outcome) in jobs.into_iter().zip(outcomes) {
            let _ = caught(|| job.finish(outcome));
        }
    }

    /// Commits the jobs, and returns what became of each. If another process is at work until then, that
    /// of the jobs that have waited long enough: the first one, and those that were asked for with it.
    fn decide(&mut self, jobs: &mut [Box<dyn Job>], until: Instant) -> Vec<Result<(), Error>> {
        let mut refusals: Vec<Option<Error>> = vec![None; jobs.len()];
        let mut attempt = Attempt::default();
        let open_log = Arc::clone(&self.open_log);
        let turn = open_log.storage.turn();
        let attempted = caught(|| {
            Patience::until(until).during(|| self.attempt(&turn, jobs, &mut refusals, &mut attempt))
        });
        if let Ok(Err(fault @ Fault::Vanished(_))) = &attempted {
            self.open_log.storage.note(fault);
        }
        let failure = match attempted {
            Ok(Ok(())) => None,
            Ok(Err(fault)) if fault.is_busy() && matches!(attempt, Attempt::Waiting) => {
                self.held_up = true;
                let now = Instant::now();
                let others = jobs.iter().skip(1).map(|job| job.since());
                let late = |since: &Instant| *since + self.lock_wait <= now;
                let count = others.take_while(late).count();
                return vec![Err(fault.into()); 1 + count];
            }
            Ok(Err(fault)) if fault.is_busy() && matches!(attempt, Attempt::NotBegun) => {
                // What was staged is not going to be.
                self.open_log.forget();
                Some(fault.into())
            }
            // The log was not open to begin with, or its file is somewhere else.
            Ok(Err(Fault::Refused(error)))
                if !matches!(attempt, Attempt::Frame(_) | Attempt::Tables(_)) =>
            {
                self.open_log.forget();
                self.changes.add_failure();
                Some(error)
            }
            Ok(Err(fault)) => self.after_failure(&turn, attempt, fault.into()),
            Err(panic) => self.after_failure(&turn, attempt, unexpected(&panic)),
        };
        if failure.is_some() {
            self.open_log.storage.counters().add_failed_commit();
        }
        let outcome = |refusal: Option<Error>| {
            // A refusal may rest on a neighbour's change, so it falls with the batch.
            match failure.clone().or(refusal) {
                Some(error) => Err(error),
                None => Ok(()),
            }
        };
        refusals.into_iter().map(outcome).collect()
    }

    /// Stages the jobs and commits them.
    fn attempt(
        &mut self,
        turn: &Turn<'_>,
        jobs: &mut [Box<dyn Job>],
        refusals: &mut [Option<Error>],
        attempt: &mut Attempt,
    ) -> Result<(), Fault> {
        self.frame.clear(FRAME_BYTES_KEPT);
        let began = Instant::now();
        let locked = lock(&self.open_log, turn)?;
        self.held_up = false;
        *attempt = Attempt::NotBegun;
        let finished = stage(&locked, &mut self.frame, jobs, refusals)?;
        let commit = Commit {
            locked: &locked,
            checkpointer: &self.checkpointer,
        };
        let Some(change) = finished.change() else {
            // It was answered from memory, perhaps. What is written looks at the file itself.
            return locked.journal.check_start();
        };
        let events = finished.event_count();
        self.followers.announce(change.commit);
        match finished {
            Finished::Unchanged => return Ok(()),
            Finished::Frame(staged) => commit.frame(&mut self.frame, staged, attempt)?,
            Finished::Tables {
                writing,
                header,
                staged,
            } => commit.tables(writing, header, staged, attempt)?,
        }
        self.open_log.storage.note_stored(change.commit);
        let calls = refusals.iter().filter(|refusal| refusal.is_none()).count();
        let time = began.elapsed();
        let commit = CountedCommit {
            commit: change.commit,
            bytes: self.frame.bytes().len(),
            events,
            calls,
            time,
        };
        self.open_log.storage.counters().add_commit(commit);
        self.changes.add(change);
        Ok(())
    }

    /// The truth about a batch that failed with `cause`; `None` means that it is on disk.
    ///
    /// After an I/O error redb refuses all work until it is opened again, and after a panic it may
    /// have leaked the pages of a transaction, so the file is opened again in any case.
    fn after_failure(&mut self, turn: &Turn<'_>, attempt: Attempt, cause: Error) -> Option<Error> {
        self.changes.add_failure();
        let reopened = self.open_log.reopen(turn);
        let mark = match attempt {
            // If the file cannot be opened now, the next call tries again and says why not.
            Attempt::Waiting | Attempt::NotBegun | Attempt::Void => return Some(cause),
            Attempt::Frame(mark) | Attempt::Tables(mark) => mark,
        };
        match reopened.and_then(|()| self.confirmed_head(turn)) {
            Ok(found) if found.is_commit_of(&mark) => None,
            // Commits are numbered without gaps under the lock: if the number is not reached, or
            // is another's, this commit never became one.
            Ok(found) if found.commits <= mark.commits => Some(cause),
            Ok(_) => Some(outcome_unknown(&cause, "other commits followed it")),
            Err(fault) => Some(outcome_unknown(&cause, Error::from(fault).text())),
        }
    }

    /// Reads the last commit, and makes sure that it is on disk: what a failed sync has left in the
    /// page cache can be read, and yet be lost.
    ///
    /// The journal is brought into the tables for that. If the tables hold all of it already, a
    /// commit on top of theirs carries it along.
    fn confirmed_head(&self, turn: &Turn<'_>) -> Result<LogHead, Fault> {
        self.open_log.storage.note_unrecovered();
        let _locked = lock(&self.open_log, turn)?;
        let transaction = self
            .open_log
            .storage
            .begin_write(&self.open_log.storage.table_turn())?;
        let head = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
        super::into_tables::write_log_head(&transaction, head)?;
        transaction.commit()?;
        Ok(head)
    }
}

/// Applies the jobs, and returns what is to be committed.
fn stage(
    locked: &Locked<'_>,
    frame: &mut Frame,
    jobs: &mut [Box<dyn Job>],
    refusals: &mut [Option<Error>],
) -> Result<Finished, Fault> {
    let open_log = locked.open_log();
    let view = open_log.view().known()?;
    let mut memory = open_log.memory(&view);
    let mut batch = Batch::begin(open_log, view, &mut memory, frame, timestamp::now());
    for (job, refusal) in jobs.iter_mut().zip(refusals) {
        match job.apply(&mut batch) {
            Ok(()) => {}
            Err(Fault::Refused(error)) => *refusal = Some(error),
            Err(fault) => return Err(fault),
        }
    }
    let token = Uuid::new_v4().as_u64_pair().1;
    let segment_bytes = locked.journal.layout().segment_bytes;
    batch.finish(token, segment_bytes as usize)
}

/// What a batch fails with in which something panics. In redb that may be for what it has read, or for a disk that has
/// failed just before: whether the file is damaged is not said here.
fn unexpected(panic: &Panic) -> Error {
    if !panic.is_of_storage() {
        return panic.fault("writing");
    }
    Error::new(
        Code::StorageFailed,
        format!("writing failed unexpectedly; `verify` says whether the file is damaged: {panic}"),
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
