//! Threads that do one kind of work, and the work that waits for them.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::engine::threads;
use crate::panic::caught;

/// A unit of work. It is told if no thread could be started for it.
pub type LaneWork = Box<dyn FnOnce(io::Result<()>) + Send>;

/// How long a thread looks for more work before it sleeps.
const LOOKING: Duration = Duration::from_micros(50);

/// A few threads, which are started when they are needed and end when they are not, and the work that waits
/// for them. It is begun in the order in which it came.
pub struct Lane {
    shared: Arc<LaneShared>,
    /// Those that have not been found to have ended.
    handles: Mutex<Vec<JoinHandle<()>>>,
    threads_max: usize,
    name: &'static str,
}

struct LaneShared {
    state: Mutex<LaneState>,
    /// How much work there is, or nearly so.
    waiting: AtomicIsize,
    filled: Condvar,
    /// How long a thread stays without work.
    idle: Duration,
}

#[derive(Default)]
struct LaneState {
    work: VecDeque<LaneWork>,
    /// How many threads there are, those included that are being started.
    threads: usize,
    /// How many of them look for work.
    idle: usize,
    closed: bool,
}

impl Lane {
    /// A lane of at most that many threads of that name. Those that have been idle for that long end.
    #[must_use]
    pub fn new(name: &'static str, threads_max: usize, idle: Duration) -> Self {
        let shared = LaneShared {
            state: Mutex::default(),
            waiting: AtomicIsize::new(0),
            filled: Condvar::new(),
            idle,
        };
        Self {
            shared: Arc::new(shared),
            handles: Mutex::default(),
            threads_max,
            name,
        }
    }

    /// Has `work` done by one of the threads.
    pub fn run(&self, work: LaneWork) {
        let mut state = self.shared.state.lock();
        state.work.push_back(work);
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        let one_more = state.work.len() > state.idle && state.threads < self.threads_max;
        if one_more {
            state.threads += 1;
        }
        drop(state);
        if one_more {
            self.start();
        } else {
            self.shared.filled.notify_one();
        }
    }

    /// Starts a thread, which was counted already.
    fn start(&self) {
        let shared = Arc::clone(&self.shared);
        let mut handles = self.handles.lock();
        match threads::start(self.name, move || shared.serve()) {
            Ok(handle) => {
                handles.retain(|handle| !handle.is_finished());
                handles.push(handle);
            }
            Err(error) => {
                drop(handles);
                self.shared.not_started(&error);
            }
        }
    }

    /// How many threads there are.
    #[cfg(test)]
    pub(super) fn thread_count(&self) -> usize {
        self.shared.state.lock().threads
    }

    /// Waits until all threads have ended for want of work.
    #[cfg(test)]
    pub(super) fn until_idle(&self) {
        while self.thread_count() > 0 {
            thread::yield_now();
        }
    }

    /// Finishes what waits, and ends the threads.
    pub fn close(&self) {
        self.shared.state.lock().closed = true;
        self.shared.filled.notify_all();
        let handles = std::mem::take(&mut *self.handles.lock());
        for handle in handles {
            // A panic was caught where the work was run; there is nothing to hear from it.
            let _ = handle.join();
        }
    }
}

impl LaneShared {
    /// Those that run will come to the work. If there are none, it learns that nobody does.
    fn not_started(&self, error: &io::Error) {
        let mut state = self.state.lock();
        state.threads -= 1;
        let left = match state.threads {
            0 => std::mem::take(&mut state.work),
            _ => VecDeque::new(),
        };
        self.waiting
            .fetch_sub(left.len() as isize, Ordering::Relaxed);
        drop(state);
        for work in left {
            let error = io::Error::new(error.kind(), error.to_string());
            let _ = caught(|| work(Err(error)));
        }
    }

    /// Waits a little without sleeping: a program that awaits each query makes its next one soon.
    fn look(&self) {
        let began = Instant::now();
        while self.waiting.load(Ordering::Relaxed) == 0 && began.elapsed() < LOOKING {
            thread::yield_now();
        }
    }

    fn serve(&self) {
        while let Some(work) = self.next() {
            // Work that panics answers by being dropped. The thread goes on.
            let _ = caught(|| work(Ok(())));
        }
    }

    /// Waits for work. `None` ends the thread, which is counted no more.
    fn next(&self) -> Option<LaneWork> {
        let mut state = self.state.lock();
        loop {
            if let Some(work) = state.work.pop_front() {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                return Some(work);
            }
            if state.closed {
                state.threads -= 1;
                return None;
            }
            state.idle += 1;
            MutexGuard::unlocked(&mut state, || self.look());
            let mut ends = false;
            if state.work.is_empty() && !state.closed {
                let slept = self.filled.wait_for(&mut state, self.idle);
                ends = slept.timed_out() && state.work.is_empty();
            }
            state.idle -= 1;
            if ends {
                state.threads -= 1;
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn threads_are_started_up_to_the_bound_and_end_when_there_is_nothing_to_do() {
        let lane = Lane::new("tested", 3, Duration::ZERO);
        for round in 0..50 {
            let (begun, beginning) = channel();
            let releases: Vec<_> = (0..7)
                .map(|n| {
                    let begun = begun.clone();
                    let (release, released) = channel::<()>();
                    lane.run(Box::new(move |started| {
                        started.unwrap();
                        begun.send(n).unwrap();
                        let _ = released.recv();
                        assert!(n % 2 == 0, "what panics ends no thread");
                    }));
                    release
                })
                .collect();
            let mut first: Vec<_> = beginning.iter().take(3).collect();
            first.sort_unstable();
            assert_eq!(first, [0, 1, 2], "round {round}");
            assert_eq!(lane.thread_count(), 3);
            assert!(
                beginning.try_recv().is_err(),
                "more go on than there may be"
            );
            drop(releases);
            assert_eq!(beginning.iter().take(4).count(), 4);
            lane.until_idle();
        }
        lane.close();
    }

    #[test]
    fn what_waits_is_done_before_the_threads_end() {
        let lane = Lane::new("tested", 1, threads::IDLE);
        let (sender, done) = channel();
        for n in 0..100 {
            let sender = sender.clone();
            lane.run(Box::new(move |_| sender.send(n).unwrap()));
        }
        lane.close();
        drop(sender);
        assert!(done.iter().eq(0..100));
        assert_eq!(lane.thread_count(), 0);
    }
}
