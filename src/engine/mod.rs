//! The storage engine: instances, streams and events in a redb file.
//!
//! [`Shared`] is a share in an open file. Changes are [`Job`]s: they go to the file's one writer
//! thread, which stages many of them in a [`Batch`], commits once and answers. Reads get a
//! [`Snapshot`] on a reader thread.

mod backup;
mod commit;
mod counters;
#[cfg(test)]
pub(crate) mod effort;
mod fault;
mod followers;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod holes;
mod journal;
mod locks;
mod options;
mod readers;
mod refusals;
mod registry;
pub(crate) mod seeded_bug;
mod snapshot;
mod storage;
mod summary;
mod tables;
#[cfg(test)]
pub(crate) mod test;
mod threads;
mod verify;
mod view;
mod zeroing;

use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::Mutex;

pub use backup::{Copied, copy};
pub use commit::batch::{Appended, Batch, NewEvent, NewInstance};
pub use commit::erasing::{Instead, Rewriting};
pub use commit::job::{Job, Latest};
pub use counters::{CacheCounts, Counts, Distribution, QueueCounts, Timed};
pub use fault::Fault;
pub use followers::Wait;
pub use options::{
    CACHE_BYTES_DEFAULT, EVENT_BYTES_MAX_DEFAULT, LOCK_WAIT_DEFAULT, Options,
    QUEUED_BYTES_MAX_DEFAULT,
};
pub use readers::{Pace, Read};
pub use refusals::{closed, no_thread, overloaded, read_only};
pub use registry::{IN_MEMORY, Shared};
pub use snapshot::{Chunks, Snapshot, SnapshotChunk, StreamEnd, StreamView};
pub use storage::compaction::Compacted;
pub use tables::horizon::Horizon;
pub use tables::instance::{Head, Instance};
pub use tables::record::{CallKey, Record};
pub use tables::sieve::{Sieve, SieveState, StateReader};
pub use verify::{Problem, Report, verify};

/// How the work of an engine waits, takes turns, and is counted, and how blocks are summarised, wherever the engine keeps
/// its logs.
pub mod workings {
    pub use super::commit::queue::{Queue, Queued};
    pub use super::counters::{CountedCommit, Counters};
    pub use super::readers::{Lane, LaneWork, PaceTurns};
    pub use super::summary::{Made, Summary, Summing, made};
    pub use super::threads::{IDLE, start};
}

use crate::error::Error;
use crate::progress::Progress;
use commit::checkpointer::Checkpointer;
use commit::compaction::compact;
use commit::erasing::erase;
use commit::queue::Queue;
use commit::writer::Writer;
use followers::Followers;
use readers::{Moments, Readers};
use storage::FileOpener;
use view::OpenLog;

/// An open log file: its database, and the threads that write to it and read it while there is something to do.
pub struct Engine {
    options: Options,
    queue: Arc<Queue<Box<dyn Job>>>,
    readers: Arc<Readers>,
    moments: Arc<Moments>,
    open_log: Arc<OpenLog>,
    checkpointer: Arc<Checkpointer>,
    followers: Arc<Followers>,
    /// How much goes into one commit, in bytes of its jobs.
    commit_bytes: usize,
    /// The thread that writes, or the last one that did.
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// `moments` are those of all engines of the file in this process.
    fn start(opener: FileOpener, options: Options, moments: Arc<Moments>) -> Result<Self, Error> {
        Self::start_with(opener, options, moments, threads::IDLE)
    }

    /// As [`Engine::start`], with threads that end once they have been idle for that long.
    fn start_with(
        opener: FileOpener,
        options: Options,
        moments: Arc<Moments>,
        idle: std::time::Duration,
    ) -> Result<Self, Error> {
        let open_log = Arc::new(commit::settling::open(opener, &options)?);
        commit::erasing::finish(&open_log);
        let checkpointer = Checkpointer::new(Arc::clone(&open_log));
        let followers = Followers::new(!options.exclusive || options.read_only, idle);
        let waiting = Arc::downgrade(&followers);
        open_log.storage.set_alarm(move || {
            if let Some(followers) = waiting.upgrade() {
                followers.wake_all();
            }
        });
        // Several frames then fit into a segment, also where records take more than the jobs' texts.
        let commit_bytes = open_log.storage.layout()?.segment_bytes as usize / 4;
        Ok(Self {
            queue: Arc::new(Queue::new(idle)),
            readers: Readers::new(Arc::clone(&moments), options.lock_wait, idle),
            options,
            moments,
            open_log,
            checkpointer,
            followers,
            commit_bytes,
            writer: Mutex::default(),
        })
    }

    fn start_writer(&self) -> std::io::Result<()> {
        let writer = Writer::new(
            Arc::clone(&self.queue),
            Arc::clone(&self.open_log),
            Arc::clone(&self.checkpointer),
            Arc::clone(&self.followers),
            self.commit_bytes,
            self.options.lock_wait,
            Arc::clone(&self.moments),
        );
        let started = threads::start("eventlog-writer", move || writer.run())?;
        // One that was there before has nothing more to do.
        *self.writer.lock() = Some(started);
        Ok(())
    }

    /// How many threads read, look for commits and write checkpoints.
    #[cfg(test)]
    fn thread_counts(&self) -> [usize; 3] {
        [
            self.readers.thread_count(),
            usize::from(self.followers.has_thread()),
            usize::from(self.checkpointer.has_thread()),
        ]
    }

    /// Waits until the threads have ended for want of work.
    #[cfg(test)]
    fn until_idle(&self) {
        self.readers.until_idle();
        self.checkpointer.stop();
        while self.followers.has_thread() {
            std::thread::yield_now();
        }
    }

    /// How the file was opened.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Queues a job for the writer, behind all that is queued already.
    ///
    /// # Errors
    ///
    /// `OVERLOADED`, `CLOSED`, `INVALID_ARGUMENT` if the log is read-only, or `STORAGE_FAILED` if there is no thread to
    /// be had; with the job, which was not queued.
    pub fn submit(&self, job: Box<dyn Job>) -> Result<(), (Box<dyn Job>, Error)> {
        if self.options.read_only {
            return Err((job, refusals::read_only()));
        }
        let bytes_max = self.options.queued_bytes_max;
        self.queue.push(job, bytes_max, || self.start_writer())
    }

    /// Queues jobs as [`Engine::submit`] queues each, in their order. The writer finds all of them at once. Returns those that
    /// were not queued, with the reasons.
    pub fn submit_all(&self, jobs: Vec<Box<dyn Job>>) -> Vec<(Box<dyn Job>, Error)> {
        if self.options.read_only {
            let refused = jobs.into_iter().map(|job| (job, refusals::read_only()));
            return refused.collect();
        }
        let bytes_max = self.options.queued_bytes_max;
        self.queue.push_all(jobs, bytes_max, || self.start_writer())
    }

    /// Has `read` done on another thread. It sees every commit that was acknowledged before this call, by
    /// whatever process, and none of a job that is submitted after it to this process.
    pub fn read(&self, read: Box<dyn Read>) {
        self.readers.read(&self.open_log, read);
    }

    /// Has `work` done on a thread where no reads wait: it takes long. It sees what a [read](Engine::read) sees.
    pub fn operate(&self, work: impl FnOnce(Result<Arc<Snapshot>, Error>) + Send + 'static) {
        self.readers.operate(&self.open_log, Box::new(work));
    }

    /// Makes the file as short as it can be, and tells `done` how that went.
    pub fn compact(
        &self,
        progress: Progress,
        done: impl FnOnce(Result<Compacted, Error>) + Send + 'static,
    ) {
        let open_log = Arc::clone(&self.open_log);
        self.readers.compact(move |started| match started {
            Ok(()) => done(compact(&open_log, &progress).map_err(Error::from)),
            Err(error) => done(Err(refusals::no_thread(&error))),
        });
    }

    /// Has what `plan` says take the place of what events and states have had in them, so that the file is rid of that, and
    /// tells `done` what `plan` has found, or how it went wrong. `plan` gets a snapshot of all that was committed, after which
    /// nothing is committed until that is done.
    pub fn erase<T: Send + 'static>(
        &self,
        progress: Progress,
        plan: impl FnOnce(&Snapshot) -> Result<(Option<Rewriting>, T), Fault> + Send + 'static,
        done: impl FnOnce(Result<T, Error>) + Send + 'static,
    ) {
        if self.options.read_only {
            return done(Err(refusals::read_only()));
        }
        let (open_log, lock_wait) = (Arc::clone(&self.open_log), self.options.lock_wait);
        // It waits for snapshots, as a compaction does, and there is one of both at a time.
        self.readers.compact(move |started| match started {
            Ok(()) => {
                let erased = erase(&open_log, lock_wait, &progress, plan);
                done(erased.map_err(Error::from));
            }
            Err(error) => done(Err(refusals::no_thread(&error))),
        });
    }

    /// Has `wake` called, on any thread, once there is a commit after number `seen` that changes the instance of that
    /// number, whichever process makes it; without an instance, one that makes or deletes any. It may be called for a
    /// commit of which that is not known. It is called once in any case: also when the wait is [ended](Wait::end), when the file is
    /// closed, when committing or looking for commits fails, and when any call finds that the file is not the log any
    /// more or cannot be used, which reading then finds out.
    ///
    /// # Errors
    ///
    /// `STORAGE_FAILED` if there is no thread to be had that looks for commits; `wake` is dropped then.
    pub fn follow(
        &self,
        instance: Option<u32>,
        seen: u64,
        wake: Box<dyn FnOnce() + Send>,
    ) -> Result<Wait, Error> {
        self.followers.wait(&self.open_log, instance, seen, wake)
    }

    /// What was done since the file was opened, and what waits. It waits for nothing that takes long.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            queue: self.queue.counts(),
            waiting: self.followers.waiting_count(),
            ..self.open_log.storage.counters().counts()
        }
    }

    /// The commits and checkpoints that were made since this was last called; what was before the first call is not kept.
    #[must_use]
    pub fn take_timed(&self) -> Vec<Timed> {
        self.open_log.storage.counters().take_timed()
    }

    /// Gives up the reads that are under way and those that come.
    fn abandon_reads(&self) {
        self.open_log.storage.abandon_reads();
    }

    /// Commits and answers all that is queued, finishes the reads, and closes the file.
    fn stop(&self) -> Result<(), Error> {
        self.queue.close();
        let writer = self.writer.lock().take();
        if let Some(writer) = writer {
            // The writer catches every panic, so there is none to hear of.
            let _ = writer.join();
        }
        self.open_log.storage.note_closing();
        self.followers.close();
        self.readers.close();
        self.checkpointer.stop();
        commit::closing::close(&self.open_log).map_err(Error::from)
    }
}
