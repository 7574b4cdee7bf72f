//! What waits for a thread that does one after the other.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::engine::counters::QueueCounts;
use crate::engine::refusals::{closed, no_thread, overloaded};
use crate::error::Error;

/// How long a thread looks for jobs before it sleeps. A program that awaits each call makes the next
/// one within this time, and to wake a thread whose processor sleeps takes as long again.
const LOOKING: Duration = Duration::from_micros(50);

/// What holds bytes while it waits.
pub trait Queued {
    /// How many.
    fn bytes(&self) -> usize;
}

/// A queue with room for a number of bytes, from many threads to one.
pub struct Queue<T> {
    state: Mutex<QueueState<T>>,
    filled: Condvar,
    /// Whether there is something to take, for whoever looks without the lock.
    has_some: AtomicBool,
    /// How long a thread waits for a job.
    idle: Duration,
}

struct QueueState<T> {
    jobs: VecDeque<T>,
    bytes: usize,
    /// Whether there is a thread that takes jobs.
    is_served: bool,
    closed: bool,
}

impl<T> QueueState<T> {
    /// Takes the room for a job of so many bytes, if there is any, and somebody to take it.
    fn admit(
        &mut self,
        bytes: usize,
        bytes_max: usize,
        serve: &impl Fn() -> io::Result<()>,
    ) -> Result<(), Error> {
        if self.closed {
            return Err(closed());
        }
        if self.bytes.saturating_add(bytes) > bytes_max {
            return Err(overloaded(self.bytes, bytes, bytes_max));
        }
        // Under the lock, under which the thread before has ended: so there is never more than one.
        if !self.is_served {
            serve().map_err(|error| no_thread(&error))?;
            self.is_served = true;
        }
        self.bytes += bytes;
        Ok(())
    }
}

impl<T: Queued> Queue<T> {
    /// A thread that takes jobs has to end once there has been none for `idle`.
    #[must_use]
    pub fn new(idle: Duration) -> Self {
        Self {
            state: Mutex::new(QueueState {
                jobs: VecDeque::new(),
                bytes: 0,
                is_served: false,
                closed: false,
            }),
            filled: Condvar::new(),
            has_some: AtomicBool::new(false),
            idle,
        }
    }

    /// Adds a job, or gives it back with the reason why not. If no thread takes jobs, `serve` is to start one.
    ///
    /// # Errors
    ///
    /// `OVERLOADED` or `LIMIT_EXCEEDED`, `CLOSED`, or `STORAGE_FAILED` if there is no thread to be had.
    pub fn push(
        &self,
        job: T,
        bytes_max: usize,
        serve: impl Fn() -> io::Result<()>,
    ) -> Result<(), (T, Error)> {
        let refused = self.push_all([job], bytes_max, serve);
        refused.into_iter().next().map_or(Ok(()), Err)
    }

    /// Adds jobs as [`Queue::push`] adds each, in their order. Whoever takes jobs finds all of them at once, and is woken once.
    /// Returns those that were not added, with the reasons.
    pub fn push_all(
        &self,
        jobs: impl IntoIterator<Item = T>,
        bytes_max: usize,
        serve: impl Fn() -> io::Result<()>,
    ) -> Vec<(T, Error)> {
        let mut refused = Vec::new();
        let mut state = self.state.lock();
        for job in jobs {
            match state.admit(job.bytes(), bytes_max, &serve) {
                Ok(()) => state.jobs.push_back(job),
                Err(error) => refused.push((job, error)),
            }
        }
        let has_some = !state.jobs.is_empty();
        self.has_some.store(has_some, Ordering::Release);
        drop(state);
        if has_some {
            self.filled.notify_one();
        }
        refused
    }

    /// Takes the jobs that have up to `bytes_max` together, but at least one, waiting for it. `None` if there is
    /// none for long or the queue is closed: then the thread has to end.
    pub fn take(&self, bytes_max: usize) -> Option<Vec<T>> {
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
        Some(self.first_of(&mut state, bytes_max))
    }

    /// Takes jobs as [`Queue::take`] does, without waiting for any. There may be none.
    pub fn take_waiting(&self, bytes_max: usize) -> Vec<T> {
        self.first_of(&mut self.state.lock(), bytes_max)
    }

    /// Takes the first jobs, at least one if there is any.
    fn first_of(&self, state: &mut QueueState<T>, bytes_max: usize) -> Vec<T> {
        let mut bytes = 0;
        let fitting = state.jobs.iter().take_while(|job| {
            bytes += job.bytes();
            bytes <= bytes_max
        });
        let count = fitting.count().max(1).min(state.jobs.len());
        let jobs = state.jobs.drain(..count).collect();
        self.has_some
            .store(!state.jobs.is_empty(), Ordering::Relaxed);
        jobs
    }

    /// Waits a little without sleeping.
    fn look(&self) {
        let began = Instant::now();
        while !self.has_some.load(Ordering::Acquire) && began.elapsed() < LOOKING {
            thread::yield_now();
        }
    }

    /// Gives back the room of jobs that have been answered.
    pub fn release(&self, bytes: usize) {
        self.state.lock().bytes -= bytes;
    }

    /// What waits.
    pub fn counts(&self) -> QueueCounts {
        let state = self.state.lock();
        QueueCounts {
            calls: state.jobs.len() as u64,
            bytes: state.bytes as u64,
        }
    }

    /// Whether it takes no more jobs.
    pub fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Takes no more jobs.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    /// So many bytes.
    #[derive(Debug, PartialEq)]
    struct Bytes(usize);

    impl Queued for Bytes {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    const BYTES_MAX: usize = 10;

    fn queue() -> Queue<Bytes> {
        Queue::new(Duration::ZERO)
    }

    fn push_all(queue: &Queue<Bytes>, bytes: &[usize]) -> Vec<(usize, Code)> {
        let jobs = bytes.iter().map(|bytes| Bytes(*bytes));
        let refused = queue.push_all(jobs, BYTES_MAX, || Ok(()));
        let told = |(job, error): (Bytes, Error)| (job.0, error.code());
        refused.into_iter().map(told).collect()
    }

    #[test]
    fn jobs_that_are_pushed_together_are_taken_together_in_their_order() {
        let queue = queue();
        assert_eq!(push_all(&queue, &[3, 1, 2]), []);
        assert_eq!(push_all(&queue, &[]), []);
        assert_eq!(queue.take(usize::MAX).unwrap(), [3, 1, 2].map(Bytes));
        assert_eq!(queue.counts().bytes, 6);
        assert_eq!(queue.take(usize::MAX), None);
    }

    #[test]
    fn jobs_that_wait_are_taken_and_none_are_waited_for() {
        let queue = queue();
        assert_eq!(queue.take_waiting(4), []);
        assert_eq!(push_all(&queue, &[3, 1, 2, 4]), []);
        assert_eq!(queue.take_waiting(4), [3, 1].map(Bytes));
        assert_eq!(queue.take_waiting(1), [2].map(Bytes));
        assert_eq!(queue.take(4).unwrap(), [4].map(Bytes));
        assert_eq!(queue.take_waiting(4), []);
    }

    #[test]
    fn jobs_without_room_come_back_and_those_behind_them_that_fit_do_not() {
        let queue = queue();
        let refused = push_all(&queue, &[6, 11, 5, 4, 1]);
        let expected = [
            (11, Code::LimitExceeded),
            (5, Code::Overloaded),
            (1, Code::Overloaded),
        ];
        assert_eq!(refused, expected);
        assert_eq!(queue.take(usize::MAX).unwrap(), [6, 4].map(Bytes));
        queue.release(10);
        assert_eq!(push_all(&queue, &[10]), []);
    }

    #[test]
    fn jobs_that_nobody_can_take_come_back_and_hold_no_room() {
        let queue = queue();
        let started = AtomicBool::new(false);
        let fails = || {
            started.store(true, Ordering::Relaxed);
            Err(io::Error::other("no thread"))
        };
        let refused = queue.push_all([Bytes(6), Bytes(6)], BYTES_MAX, fails);
        assert_eq!(refused.len(), 2);
        for (_, error) in refused {
            assert_eq!(error.code(), Code::StorageFailed);
        }
        assert!(started.load(Ordering::Relaxed));
        assert_eq!((queue.counts().calls, queue.counts().bytes), (0, 0));
        queue.close();
        assert_eq!(push_all(&queue, &[1, 1]), [(1, Code::Closed); 2]);
    }
}
