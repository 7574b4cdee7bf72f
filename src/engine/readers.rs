//! The threads that read, off the callers' threads. They are started when they are needed, and end once they have
//! been idle for a while.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::threads;
use crate::panic::caught;

/// A unit of reading. It is told if no thread could be started for it.
type Work = Box<dyn FnOnce(io::Result<()>) + Send>;

/// How long a thread looks for more work before it sleeps.
const LOOKING: Duration = Duration::from_micros(50);

/// How much that takes long is done at the same time; the rest waits its turn.
const OPERATIONS_MAX: usize = 4;

/// A few threads and the work that waits for them.
pub(super) struct Readers {
    shared: Arc<Shared>,
    /// Those that have not ended, and perhaps some that have. This is locked before the state.
    threads: Mutex<Vec<JoinHandle<()>>>,
    threads_max: usize,
    name: &'static str,
}

struct Shared {
    state: Mutex<State>,
    /// How much work there is, or nearly so.
    waiting: AtomicIsize,
    filled: Condvar,
    /// How long a thread stays without work.
    idle: Duration,
}

#[derive(Default)]
struct State {
    work: VecDeque<Work>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl Readers {
    /// Those that have been idle for that long end.
    pub(super) fn new(idle: Duration) -> Self {
        let cores = thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            shared: Shared::new(idle),
            threads: Mutex::default(),
            threads_max: cores.clamp(2, 4),
            name: "eventlog-reader",
        }
    }

    /// The threads of what takes long, such as a check of the whole log.
    pub(super) fn of_operations(idle: Duration) -> Self {
        Self {
            shared: Shared::new(idle),
            threads: Mutex::default(),
            threads_max: OPERATIONS_MAX,
            name: "eventlog-operation",
        }
    }

    /// Has `work` done by one of the threads.
    pub(super) fn run(&self, work: Work) {
        let mut threads = self.threads.lock();
        let mut state = self.shared.state.lock();
        // Under the lock under which a thread ends, so that none ends before it sees the work.
        if let Err(error) = self.have_a_thread(&mut threads, &mut state) {
            drop((state, threads));
            return work(Err(error));
        }
        state.work.push_back(work);
        drop((state, threads));
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        self.shared.filled.notify_one();
    }

    /// Starts one more thread if none is idle and there may be more.
    fn have_a_thread(
        &self,
        threads: &mut Vec<JoinHandle<()>>,
        state: &mut State,
    ) -> io::Result<()> {
        if state.work.len() < state.idle || state.threads >= self.threads_max {
            return Ok(());
        }
        threads.retain(|thread| !thread.is_finished());
        let shared = Arc::clone(&self.shared);
        match threads::start(self.name, move || shared.serve()) {
            Ok(thread) => {
                threads.push(thread);
                state.threads += 1;
            }
            Err(error) if state.threads == 0 => return Err(error),
            // Those that run will come to it.
            Err(_) => {}
        }
        Ok(())
    }

    /// How many threads there are.
    #[cfg(test)]
    pub(super) fn thread_count(&self) -> usize {
        self.shared.state.lock().threads
    }

    /// Waits until all threads have ended for want of work.
    #[cfg(test)]
    pub(super) fn until_idle(&self) {
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            thread.join().unwrap();
        }
    }

    /// Finishes what waits, and ends the threads.
    pub(super) fn close(&self) {
        self.shared.state.lock().closed = true;
        self.shared.filled.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            // A panic was caught where the work was run; there is nothing to hear from it.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn new(idle: Duration) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            waiting: AtomicIsize::default(),
            filled: Condvar::new(),
            idle,
        })
    }

    /// Waits a little without sleeping: a program that awaits each query makes its next one soon.
    fn look(&self) {
        let began = Instant::now();
        while self.waiting.load(Ordering::Relaxed) == 0 && began.elapsed() < LOOKING {
            thread::yield_now();
        }
    }

    fn serve(&self) {
        loop {
            let mut state = self.state.lock();
            let work = loop {
                if let Some(work) = state.work.pop_front() {
                    self.waiting.fetch_sub(1, Ordering::Relaxed);
                    break work;
                }
                if state.closed {
                    return;
                }
                state.idle += 1;
                MutexGuard::unlocked(&mut state, || self.look());
                let mut is_idle = false;
                if state.work.is_empty() && !state.closed {
                    is_idle = self.filled.wait_for(&mut state, self.idle).timed_out();
                }
                state.idle -= 1;
                if is_idle && state.work.is_empty() {
                    state.threads -= 1;
                    return;
                }
            };
            drop(state);
            // Work that panics answers by being dropped. The thread goes on.
            let _ = caught(|| work(Ok(())));
        }
    }
}
