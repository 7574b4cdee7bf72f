//! Those who wait for the next commit that concerns them, by whatever process.
//!
//! Each waits for one instance. The writer tells what the commits of this process have changed once it has
//! answered their jobs, so that a commit costs nothing for those who wait for other instances. Commits of other
//! processes are looked for in the journal, as every reader does before it reads, by a thread that does so
//! at intervals as long as anybody waits. It is started when it is needed, and ends once nobody has waited for a
//! while. What they have changed, the view says that it has come to.

mod change;

use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};
use rustc_hash::FxHashMap;

pub(super) use self::change::{CommitChange, CommitChanges};
use super::locks::Patience;
use super::refusals::no_thread;
use super::threads;
use super::view::LogView;
use super::view::OpenLog;
use crate::error::Error;
use crate::panic::caught;

/// How often other processes' commits are looked for.
const INTERVAL: Duration = Duration::from_millis(20);

/// What stands for no commit: there is never one of that number.
const NONE: u64 = u64::MAX;

/// What is called once there is a commit, or the wait is over for another reason.
type Wake = Box<dyn FnOnce() + Send>;

/// Those who wait.
pub(super) struct Followers {
    state: Mutex<FollowersState>,
    /// Ends the thread's rest.
    stirred: Condvar,
    /// Whether anybody waits.
    any: AtomicBool,
    /// The commit that the writer is about to let readers see, or has and has not told of; [`NONE`] if there is none.
    announced: AtomicU64,
    /// Whether other processes can commit.
    looks: bool,
    /// How long the thread stays if nobody waits.
    idle: Duration,
}

#[derive(Default)]
struct FollowersState {
    /// Those who wait for each instance; with `None`, for one that is not there yet.
    waiting: FxHashMap<Option<u32>, FxHashMap<u64, Waiter>>,
    next_id: u64,
    checked: CheckedUpTo,
    thread: Option<JoinHandle<()>>,
    /// Whether the thread rests until somebody waits.
    resting: bool,
    closed: bool,
}

/// Nobody who waits has missed a commit up to this one.
#[derive(Clone, Copy, Default)]
struct CheckedUpTo {
    /// The [lineage](LogView::lineage) of the view that has it. In another one, it says nothing.
    lineage: u64,
    commit: u64,
}

impl CheckedUpTo {
    const fn of(view: &LogView) -> Self {
        Self {
            lineage: view.lineage(),
            commit: view.log.commits,
        }
    }

    /// The commit, for whoever goes on in a view; 0 if nothing is known.
    const fn within(self, view: &LogView) -> u64 {
        if self.lineage == view.lineage() {
            self.commit
        } else {
            0
        }
    }
}

struct Waiter {
    /// The last commit that it has seen.
    seen: u64,
    wake: Wake,
}

/// A wait that can be ended.
pub struct Wait {
    followers: Weak<Followers>,
    instance: Option<u32>,
    id: u64,
}

impl Wait {
    /// Ends the wait, unless it is over.
    pub fn end(&self) {
        let Some(followers) = self.followers.upgrade() else {
            return;
        };
        let waiter = followers.state.lock().take(self.instance, self.id);
        if let Some(waiter) = waiter {
            (waiter.wake)();
        }
    }
}

impl FollowersState {
    fn take(&mut self, instance: Option<u32>, id: u64) -> Option<Waiter> {
        let Entry::Occupied(mut entry) = self.waiting.entry(instance) else {
            return None;
        };
        let waiter = entry.get_mut().remove(&id);
        if entry.get().is_empty() {
            entry.remove();
        }
        waiter
    }

    /// Takes those who wait for an instance and have not seen a commit.
    fn take_before(&mut self, instance: Option<u32>, commit: u64, woken: &mut Vec<Waiter>) {
        let Entry::Occupied(mut entry) = self.waiting.entry(instance) else {
            return;
        };
        let news = |_: &u64, waiter: &mut Waiter| waiter.seen < commit;
        let taken = entry.get_mut().extract_if(news);
        woken.extend(taken.map(|(_, waiter)| waiter));
        if entry.get().is_empty() {
            entry.remove();
        }
    }

    /// Takes those whom changes of this process concern, or what others have changed before; `view` has all of it.
    fn take_concerned(&mut self, changes: &CommitChanges, view: &LogView) -> Vec<Waiter> {
        let Some(last) = changes.last_after(self.checked.within(view)) else {
            return self.take_changed(view);
        };
        let mut woken = Vec::new();
        for (instance, commit) in changes.concerned() {
            self.take_before(instance, commit, &mut woken);
        }
        self.checked = CheckedUpTo {
            commit: last,
            ..CheckedUpTo::of(view)
        };
        woken
    }

    /// Takes those whom what has changed up to a view concerns, or may concern.
    fn take_changed(&mut self, view: &LogView) -> Vec<Waiter> {
        let checked = self.checked.within(view);
        let mut woken = Vec::new();
        if checked >= view.log.commits {
            return woken;
        }
        let changed: Vec<(Option<u32>, u64)> = (self.waiting.keys())
            .map(|instance| (*instance, view.last_change(*instance)))
            .filter(|(_, commit)| *commit > checked)
            .collect();
        for (instance, commit) in changed {
            self.take_before(instance, commit, &mut woken);
        }
        self.checked = CheckedUpTo::of(view);
        woken
    }

    fn take_all(&mut self) -> Vec<Waiter> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting
            .into_values()
            .flat_map(FxHashMap::into_values)
            .collect()
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
            announced: AtomicU64::new(NONE),
            looks,
            idle,
        })
    }

    /// Has `wake` called once there is a commit after `seen` that concerns the instance, or following is ended.
    pub(super) fn wait(
        self: &Arc<Self>,
        open_log: &Arc<OpenLog>,
        instance: Option<u32>,
        seen: u64,
        wake: Wake,
    ) -> Result<Wait, Error> {
        let mut state = self.state.lock();
        let id = state.next_id;
        state.next_id += 1;
        let wait = Wait {
            followers: Arc::downgrade(self),
            instance,
            id,
        };
        if self.looks && state.thread.is_none() && !state.closed {
            let (own, open_log) = (Arc::clone(self), Arc::clone(open_log));
            let started = threads::start("eventlog-follower", move || own.look(&open_log));
            state.thread = Some(started.map_err(|error| no_thread(&error))?);
        }
        // Before it is asked what is known: a commit, or a loss, becomes known before it is asked whether anybody
        // waits, so that one of the two sees the other.
        self.any.store(true, Ordering::SeqCst);
        let view = (open_log.view().last()).filter(|view| view.last_change(instance) <= seen);
        // Where nothing is known, a look does no harm.
        let Some(view) = view.filter(|_| !state.closed && !open_log.storage.has_vanished()) else {
            self.any.store(!state.waiting.is_empty(), Ordering::SeqCst);
            drop(state);
            wake();
            return Ok(wait);
        };
        if state.waiting.is_empty() {
            state.checked = CheckedUpTo::of(&view);
        }
        let group = state.waiting.entry(instance).or_default();
        group.insert(id, Waiter { seen, wake });
        if state.resting {
            drop(state);
            self.stirred.notify_all();
        }
        Ok(wait)
    }

    /// How many wait.
    pub(super) fn waiting_count(&self) -> u64 {
        let state = self.state.lock();
        state.waiting.values().map(|group| group.len() as u64).sum()
    }

    /// Notes that the writer is about to let readers see a commit, of which it then [tells](Followers::wake). What it
    /// changes, a view of it does not always say.
    pub(super) fn announce(&self, commit: u64) {
        self.announced.store(commit, Ordering::SeqCst);
    }

    /// Wakes those whom the commits concern that the writer has made, which readers see by now. It is called in any
    /// case after one was announced, whatever has become of it.
    pub(super) fn wake(&self, open_log: &OpenLog, changes: &CommitChanges) {
        // Also without any: the writer may have brought to disk what it had left after a fault, for which nobody looks
        // where no other process can commit.
        if !self.any.load(Ordering::SeqCst) {
            return self.announced.store(NONE, Ordering::SeqCst);
        }
        let mut state = self.state.lock();
        self.announced.store(NONE, Ordering::SeqCst);
        let view = open_log.view().last().filter(|_| !changes.has_failed());
        let woken = match view {
            Some(view) => state.take_concerned(changes, &view),
            None => state.take_all(),
        };
        self.call(state, woken);
    }

    /// Wakes those whom what others have committed concerns, as far as a view has it.
    pub(super) fn wake_changed(&self, view: &LogView) {
        let mut state = self.state.lock();
        // The writer tells of it better, and of what others have committed before.
        if view.log.commits >= self.announced.load(Ordering::SeqCst) {
            return;
        }
        let woken = state.take_changed(view);
        self.call(state, woken);
    }

    /// Wakes all who wait, to find out what has happened.
    pub(super) fn wake_all(&self) {
        let mut state = self.state.lock();
        let woken = state.take_all();
        self.call(state, woken);
    }

    fn call(&self, state: MutexGuard<'_, FollowersState>, woken: Vec<Waiter>) {
        self.any.store(!state.waiting.is_empty(), Ordering::SeqCst);
        drop(state);
        for waiter in woken {
            // Who panics answers by being dropped, and the others are woken all the same.
            let _ = caught(waiter.wake);
        }
    }

    /// Looks for commits of other processes as long as anybody waits, until all is closed.
    fn look(&self, open_log: &OpenLog) {
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
            let patience = Patience::as_the_file_says().unless(open_log.storage.closing());
            let look = || patience.during(|| open_log.latest_view());
            MutexGuard::unlocked(&mut state, || match look() {
                Ok(view) => self.wake_changed(&view),
                // Whoever reads next opens the log again, or learns that this cannot be done.
                Err(fault) => {
                    open_log.storage.note(&fault);
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
        self.wake_all();
        if let Some(thread) = thread {
            // What it does that can panic is caught.
            let _ = thread.join();
        }
    }
}
