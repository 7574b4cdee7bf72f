//! The threads that read, off the callers' threads. They are started when first needed.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

/// A unit of reading. It is told if no thread could be started for it.
type Work = Box<dyn FnOnce(io::Result<()>) + Send>;

/// How long a thread looks for more work before it sleeps.
const LOOKING: Duration = Duration::from_micros(50);

/// How much that takes long is done at the same time; the rest waits its turn.
const OPERATIONS_MAX: usize = 4;

/// A few threads and the work that waits for them.
pub(super) struct Readers {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    threads_max: usize,
    name: &'static str,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// How much work there is, or nearly so.
    waiting: AtomicIsize,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    work: VecDeque<Work>,
    idle: usize,
    closed: bool,
}

impl Readers {
    pub(super) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            shared: Arc::default(),
            threads: Mutex::default(),
            threads_max: cores.clamp(2, 4),
            name: "eventlog-reader",
        }
    }

    /// The threads of what takes long, such as a check of the whole log.
    pub(super) fn of_operations() -> Self {
        Self {
            shared: Arc::default(),
            threads: Mutex::default(),
            threads_max: OPERATIONS_MAX,
            name: "eventlog-operation",
        }
    }

    /// Has `work` done by one of the threads.
    pub(super) fn run(&self, work: Work) {
        if let Err(error) = self.have_a_thread() {
            return work(Err(error));
        }
        self.shared.state.lock().work.push_back(work);
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        self.shared.filled.notify_one();
    }

    /// Starts one more thread if none is idle and there may be more.
    fn have_a_thread(&self) -> io::Result<()> {
        let mut threads = self.threads.lock();
        let state = self.shared.state.lock();
        let enough = state.work.len() < state.idle || threads.len() >= self.threads_max;
        drop(state);
        if enough {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let started = thread::Builder::new()
            .name(self.name.into())
            .spawn(move || shared.serve());
        match started {
            Ok(thread) => threads.push(thread),
            Err(error) if threads.is_empty() => return Err(error),
            // Those that run will come to it.
            Err(_) => {}
        }
        Ok(())
    }

    /// Finishes what waits, and ends the threads.
    pub(super) fn close(&self) {
        self.shared.state.lock().closed = true;
        self.shared.filled.notify_all();
        for thread in self.threads.lock().drain(..) {
            // A panic was caught where the work was run; there is nothing to hear from it.
            let _ = thread.join();
        }
    }
}

impl Shared {
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
                if state.work.is_empty() && !state.closed {
                    self.filled.wait(&mut state);
                }
                state.idle -= 1;
            };
            drop(state);
            // Work that panics answers by being dropped. The thread goes on.
            let _ = catch_unwind(AssertUnwindSafe(|| work(Ok(()))));
        }
    }
}
