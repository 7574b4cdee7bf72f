//! Those who wait for the next commit, by whatever process.
//!
//! The writer tells of the commits of this process once it has answered their jobs. Those of other
//! processes are looked for in the journal, as every reader does before it reads, by a thread that does so
//! at intervals as long as anybody waits. It is started when it is needed, and ends once nobody has waited for a
//! while.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};
use rustc_hash::FxHashMap;

use super::locks::Patience;
use super::store::OpenStore;
use super::{no_thread, threads};
use crate::error::Error;
use crate::panic::caught;

/// How often other processes' commits are looked for.
const INTERVAL: Duration = Duration::from_millis(20);

/// What is called once there is a commit, or the wait is over for another reason.
type Wake = Box<dyn FnOnce() + Send>;

/// Those who wait.
pub(super) struct Followers {
    state: Mutex<State>,
    /// Ends the thread's rest.
    stirred: Condvar,
    /// Whether anybody waits.
    any: AtomicBool,
    /// The last commit of this process, which is on disk.
    commits: AtomicU64,
    /// Whether other processes can commit.
    looks: bool,
    /// How long the thread stays if nobody waits.
    idle: Duration,
}

#[derive(Default)]
struct State {
    waiting: FxHashMap<u64, Waiter>,
    next_id: u64,
    thread: Option<JoinHandle<()>>,
    /// Whether the thread rests until somebody waits.
    resting: bool,
    closed: bool,
}

struct Waiter {
    /// The last commit that it has seen.
    seen: u64,
    wake: Wake,
}

/// A wait that can be ended.
pub struct Wait {
    followers: Weak<Followers>,
    id: u64,
}

impl Wait {
    /// Ends the wait, unless it is over.
    pub fn end(&self) {
        let Some(followers) = self.followers.upgrade() else {
            return;
        };
        let waiter = followers.state.lock().take(&followers.any, self.id);
        if let Some(waiter) = waiter {
            (waiter.wake)();
        }
    }
}

impl State {
    fn take(&mut self, any: &AtomicBool, id: u64) -> Option<Waiter> {
        let waiter = self.waiting.remove(&id);
        any.store(!self.waiting.is_empty(), Ordering::SeqCst);
        waiter
    }
}

impl Followers {
    /// `looks` says whether other processes can commit, whose commits are then looked for by a thread, which ends once
    /// nobody has waited for `idle`.
    pub(super) fn new(looks: bool, idle: Duration) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            stirred: Condvar::new(),
            any: AtomicBool::new(false),
            commits: AtomicU64::new(0),
            looks,
            idle,
        })
    }

    /// Has `wake` called once there is a commit after `seen`, or following is ended.
    pub(super) fn wait(
        self: &Arc<Self>,
        store: &Arc<OpenStore>,
        seen: u64,
        wake: Wake,
    ) -> Result<Wait, Error> {
        let mut state = self.state.lock();
        let id = state.next_id;
        state.next_id += 1;
        let wait = Wait {
            followers: Arc::downgrade(self),
            id,
        };
        if self.looks && state.thread.is_none() && !state.closed {
            let (own, store) = (Arc::clone(self), Arc::clone(store));
            let started = threads::start("eventlog-follower", move || own.look(&store));
            state.thread = Some(started.map_err(|error| no_thread(&error))?);
        }
        state.waiting.insert(id, Waiter { seen, wake });
        self.any.store(true, Ordering::SeqCst);
        // A commit, or a loss, is made known before it is asked whether anybody waits, so that one of the two
        // sees the other.
        let has_news = self.commits.load(Ordering::SeqCst) > seen || store.has_vanished();
        if state.closed || has_news {
            let waiter = state.take(&self.any, id);
            drop(state);
            if let Some(waiter) = waiter {
                (waiter.wake)();
            }
        } else if state.resting {
            drop(state);
            self.stirred.notify_all();
        }
        Ok(wait)
    }

    /// Makes a commit of this process known. Those who wait for it are woken by [`Followers::wake`].
    pub(super) fn note(&self, commits: u64) {
        self.commits.fetch_max(commits, Ordering::SeqCst);
    }

    /// Wakes those who have not seen the last commit.
    pub(super) fn wake(&self) {
        if self.any.load(Ordering::SeqCst) {
            self.wake_before(self.commits.load(Ordering::SeqCst));
        }
    }

    /// Wakes all who wait, to find out what has happened.
    pub(super) fn wake_all(&self) {
        self.wake_before(u64::MAX);
    }

    /// Wakes those who have not seen that commit.
    fn wake_before(&self, commits: u64) {
        let mut state = self.state.lock();
        let news = |_: &u64, waiter: &mut Waiter| waiter.seen < commits;
        let woken: Vec<Waiter> = (state.waiting.extract_if(news))
            .map(|(_, waiter)| waiter)
            .collect();
        self.any.store(!state.waiting.is_empty(), Ordering::SeqCst);
        drop(state);
        for waiter in woken {
            // Who panics answers by being dropped, and the others are woken all the same.
            let _ = caught(waiter.wake);
        }
    }

    /// Looks for commits of other processes as long as anybody waits, until all is closed.
    fn look(&self, store: &OpenStore) {
        let mut state = self.state.lock();
        while !state.closed {
            if state.waiting.is_empty() {
                state.resting = true;
                let rested = self.stirred.wait_for(&mut state, self.idle);
                state.resting = false;
                if rested.timed_out() && state.waiting.is_empty() && !state.closed {
                    // Whoever waits next starts another one.
                    state.thread = None;
                    return;
                }
                continue;
            }
            self.stirred.wait_for(&mut state, INTERVAL);
            if state.closed || state.waiting.is_empty() {
                continue;
            }
            let patience = Patience::as_the_file_says().unless(store.closing());
            let look = || patience.during(|| store.last_commit());
            MutexGuard::unlocked(&mut state, || match look() {
                // It is not kept: it may turn out to be none, if its sync fails in the process that makes it.
                // Whoever has seen less and begins to wait then is woken by the next look.
                Ok(commits) => self.wake_before(commits),
                // Whoever reads next opens the log again, or learns that this cannot be done.
                Err(fault) => {
                    store.note(&fault);
                    self.wake_all();
                }
            });
        }
    }

    /// Whether there is a thread.
    #[cfg(test)]
    pub(super) fn has_thread(&self) -> bool {
        self.state.lock().thread.is_some()
    }

    /// Ends all waits and the thread.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let thread = state.thread.take();
        drop(state);
        self.stirred.notify_all();
        self.wake_before(u64::MAX);
        if let Some(thread) = thread {
            // What it does that can panic is caught.
            let _ = thread.join();
        }
    }
}
