//! The jobs that wait for the writer.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::Fault;
use super::batch::Batch;
use super::no_thread;
use super::snapshot::Snapshot;
use super::store::OpenStore;
use crate::error::{Code, Error};

/// How long the writer looks for jobs before it sleeps. A program that awaits each call makes the next
/// one within this time, and to wake a thread whose processor sleeps takes as long again.
const LOOKING: Duration = Duration::from_micros(50);

/// A unit of work for the writer. It is stored whole or not at all.
///
/// A job that is dropped without [`Job::finish`] (after a panic) has to answer its caller by itself.
pub trait Job: Send {
    /// The bytes that the job holds while it waits.
    fn bytes(&self) -> usize;

    /// When it was asked for.
    fn since(&self) -> Instant {
        Instant::now()
    }

    /// Does what can be done before the job's turn comes to be committed, while other processes may
    /// still commit. What fails here is to be kept for [`Job::apply`] to tell.
    fn prepare(&mut self, _latest: &Latest) {}

    /// Stages the job's changes.
    ///
    /// # Errors
    ///
    /// [`Fault::Refused`] if it cannot be granted; the batch must be as it was before. Any other
    /// fault undoes the whole batch.
    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault>;

    /// Learns what became of it. `Ok` means that its changes are on disk and survive power loss.
    fn finish(self: Box<Self>, outcome: Result<(), Error>);
}

/// The log as it is before the jobs that are prepared together are committed.
pub struct Latest {
    store: Arc<OpenStore>,
    snapshot: OnceCell<Result<Snapshot, Error>>,
}

impl Latest {
    pub(super) const fn of(store: Arc<OpenStore>) -> Self {
        let snapshot = OnceCell::new();
        Self { store, snapshot }
    }

    /// A snapshot that all of the jobs share, which is taken when one first asks for it.
    ///
    /// # Errors
    ///
    /// As [`Engine::read`](super::Engine::read) gives them.
    pub fn snapshot(&self) -> Result<&Snapshot, Error> {
        let take = || self.store.snapshot().map_err(Error::from);
        self.snapshot
            .get_or_init(take)
            .as_ref()
            .map_err(Error::clone)
    }
}

/// A queue with room for a number of bytes, from many threads to the writer.
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    /// Whether there is something to take, for whoever looks without the lock.
    has_some: AtomicBool,
    /// How long a thread waits for a job.
    idle: Duration,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Box<dyn Job>>,
    bytes: usize,
    /// Whether there is a thread that takes jobs.
    is_served: bool,
    closed: bool,
}

impl Queue {
    /// A thread that takes jobs has to end once there has been none for `idle`.
    pub(super) fn new(idle: Duration) -> Self {
        Self {
            state: Mutex::default(),
            filled: Condvar::new(),
            has_some: AtomicBool::new(false),
            idle,
        }
    }

    /// Adds a job, or gives it back with the reason why not. If no thread takes jobs, `serve` is to start one.
    pub(super) fn push(
        &self,
        job: Box<dyn Job>,
        bytes_max: usize,
        serve: impl FnOnce() -> io::Result<()>,
    ) -> Result<(), (Box<dyn Job>, Error)> {
        let bytes = job.bytes();
        let mut state = self.state.lock();
        if state.closed {
            return Err((job, closed()));
        }
        if state.bytes.saturating_add(bytes) > bytes_max {
            return Err((job, overloaded(state.bytes, bytes, bytes_max)));
        }
        // Under the lock, under which the thread before has ended: so there is never more than one.
        if !state.is_served {
            match serve() {
                Ok(()) => state.is_served = true,
                Err(error) => return Err((job, no_thread(&error))),
            }
        }
        state.bytes += bytes;
        state.jobs.push_back(job);
        self.has_some.store(true, Ordering::Release);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    /// Takes the jobs that have up to `bytes_max` together, but at least one, waiting for it. `None` if there is
    /// none for long or the queue is closed: then the thread has to end.
    pub(super) fn take(&self, bytes_max: usize) -> Option<Vec<Box<dyn Job>>> {
        self.look();
        let mut state = self.state.lock();
        while state.jobs.is_empty() {
            let is_idle = state.closed || self.filled.wait_for(&mut state, self.idle).timed_out();
            // What was queued as the time ran out is for this thread too.
            if is_idle && state.jobs.is_empty() {
                state.is_served = false;
                return None;
            }
        }
        let mut bytes = 0;
        let fitting = state.jobs.iter().take_while(|job| {
            bytes += job.bytes();
            bytes <= bytes_max
        });
        let count = fitting.count();
        let jobs = state.jobs.drain(..count.max(1)).collect();
        self.has_some
            .store(!state.jobs.is_empty(), Ordering::Relaxed);
        Some(jobs)
    }

    /// Waits a little without sleeping.
    fn look(&self) {
        let began = Instant::now();
        while !self.has_some.load(Ordering::Acquire) && began.elapsed() < LOOKING {
            thread::yield_now();
        }
    }

    /// Gives back the room of jobs that have been answered.
    pub(super) fn release(&self, bytes: usize) {
        self.state.lock().bytes -= bytes;
    }

    /// Takes no more jobs.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_all();
    }
}

/// The failure of a call of `bytes` that finds no room beside the `queued` ones.
#[must_use]
pub fn overloaded(queued: usize, bytes: usize, bytes_max: usize) -> Error {
    if bytes > bytes_max {
        return Error::new(
            Code::LimitExceeded,
            format!("expected a call of at most {bytes_max} bytes (queuedBytesMax), found {bytes}"),
        );
    }
    Error::new(
        Code::Overloaded,
        format!(
            "{queued} bytes are queued and this call has {bytes}, over the limit of {bytes_max} \
             (queuedBytesMax): await some calls before making more"
        ),
    )
}

/// The failure of a call on a closed log.
#[must_use]
pub fn closed() -> Error {
    Error::new(
        Code::Closed,
        "the log was closed: open it again with EventLog.open",
    )
}
