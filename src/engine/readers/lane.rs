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

/// How long it looks if what it did last had come within that time after what it did before: then a program awaits one
/// read after the other, and parses what it was given in between. Where reads are farther apart, looking as long would cost
/// the processor more than it gains.
const LOOKING_ON: Duration = Duration::from_micros(250);

/// A few threads, which are started when they are needed and end when they are not, and the work that waits
/// for them. It is begun in the order in which it came.
pub struct Lane {
    shared: Arc<LaneShared>,
    /// Those that have not been found to have ended.
    handles: Mutex<Vec<JoinHandle<()>>>,
    name: &'static str,
}

/// A thread of a lane that does something else until this is dropped.
pub(super) struct Lent<'lane>(&'lane Lane);

struct LaneShared {
    state: Mutex<LaneState>,
    /// How much work there is, or nearly so.
    waiting: AtomicIsize,
    filled: Condvar,
    /// How many threads there are at most, beside those that are lent.
    threads_max: usize,
    /// Whether a thread may look for work while others have some: not where there is one processor for all.
    may_look: bool,
    /// How long a thread stays without work.
    idle: Duration,
}

#[derive(Default)]
struct LaneState {
    work: VecDeque<LaneWork>,
    /// How many threads there are, those included that are being started.
    threads: usize,
    /// How many of them have no work.
    idle: usize,
    /// Whether one of these looks for some.
    is_looked: bool,
    /// How many of them are [lent](Lane::lend).
    lent: usize,
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
            threads_max,
            may_look: thread::available_parallelism().is_ok_and(|cores| cores.get() > 1),
            idle,
        };
        Self {
            shared: Arc::new(shared),
            handles: Mutex::default(),
            name,
        }
    }

    /// Has `work` done by one of the threads.
    pub fn run(&self, work: LaneWork) {
        let mut state = self.shared.state.lock();
        state.work.push_back(work);
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        let one_more = self.shared.counts_one_more(&mut state);
        drop(state);
        if one_more {
            self.start();
        } else {
            self.shared.filled.notify_one();
        }
    }

    /// Has the lane do without the thread that calls this, which is one of its own, until what this returns is dropped: it
    /// has one more meanwhile, if it needs that.
    pub(super) fn lend(&self) -> Lent<'_> {
        let mut state = self.shared.state.lock();
        state.lent += 1;
        let one_more = !state.closed && self.shared.counts_one_more(&mut state);
        drop(state);
        if one_more {
            self.start();
        }
        Lent(self)
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
        loop {
            // One of them may have started another one meanwhile.
            let handles = std::mem::take(&mut *self.handles.lock());
            if handles.is_empty() {
                break;
            }
            for handle in handles {
                // A panic was caught where the work was run; there is nothing to hear from it.
                let _ = handle.join();
            }
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.0.shared.state.lock().lent -= 1;
    }
}

impl LaneShared {
    /// Whether one more thread is to be started, which is counted then.
    fn counts_one_more(&self, state: &mut LaneState) -> bool {
        let has_too_few = state.work.len() > state.idle;
        let one_more = has_too_few && state.threads < self.threads_max + state.lent;
        state.threads += usize::from(one_more);
        one_more
    }

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

    /// Waits a little without sleeping, as long as `bound` at most: a program that awaits each query makes its next one
    /// soon. It does not yield: where all processors are busy, the thread would not come back before the others have had
    /// their turns, which takes longer than to be woken.
    fn look(&self, bound: Duration) {
        let began = Instant::now();
        while self.waiting.load(Ordering::Relaxed) == 0 && began.elapsed() < bound {
            std::hint::spin_loop();
        }
    }

    fn serve(&self) {
        let mut looking = LOOKING;
        loop {
            let began = Instant::now();
            let Some(work) = self.next(looking) else {
                return;
            };
            looking = if began.elapsed() < LOOKING_ON {
                LOOKING_ON
            } else {
                LOOKING
            };
            // Work that panics answers by being dropped. The thread goes on.
            let _ = caught(|| work(Ok(())));
        }
    }

    /// Waits for work, which is looked for as long as `looking` before the thread sleeps. `None` ends the thread, which is
    /// counted no more.
    fn next(&self, looking: Duration) -> Option<LaneWork> {
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
            // One that looks is enough.
            if self.may_look && !state.is_looked {
                state.is_looked = true;
                MutexGuard::unlocked(&mut state, || self.look(looking));
                state.is_looked = false;
            }
            // One that was there in the place of another, which has come back, is one too many.
            let mut ends = state.work.is_empty() && state.threads > self.threads_max + state.lent;
            if !ends && state.work.is_empty() && !state.closed {
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
    fn a_thread_that_is_lent_has_another_in_its_place_until_it_comes_back() {
        let lane = Arc::new(Lane::new("tested", 1, threads::IDLE));
        let (begun, beginning) = channel();
        let (release, released) = channel::<()>();
        let own = Arc::clone(&lane);
        let first = begun.clone();
        lane.run(Box::new(move |_| {
            let _lent = own.lend();
            first.send("lent").unwrap();
            let _ = released.recv();
        }));
        assert_eq!(beginning.recv(), Ok("lent"));
        lane.run(Box::new(move |_| begun.send("in its place").unwrap()));
        assert_eq!(beginning.recv(), Ok("in its place"));
        assert_eq!(lane.thread_count(), 2);
        drop(release);
        while lane.thread_count() > 1 {
            thread::yield_now();
        }
        lane.close();
        assert_eq!(lane.thread_count(), 0);
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
