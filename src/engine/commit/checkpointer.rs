//! The thread that brings full generations into the tables.
//!
//! A generation that is full is brought there beside the commits that go on in the next one. It must be there before the
//! generation after the next begins, so the writer makes sure of that, and does it itself if need be: whatever goes wrong in
//! the thread, or with the process that had it to do, is met again there.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::Mutex;

use super::checkpoint::checkpoint;
use super::dropping::drop_rest;
use super::idling;
use crate::engine::locks::Patience;
use crate::engine::view::{Generation, OpenLog};
use crate::engine::{Fault, threads};

/// Full generations on their way into the tables, and the thread that brings them there, which is there while
/// there is something to do.
pub(in crate::engine) struct Checkpointer {
    open_log: Arc<OpenLog>,
    state: Mutex<CheckpointerState>,
}

#[derive(Default)]
struct CheckpointerState {
    tasks: VecDeque<Task>,
    /// The thread, until it has found nothing more to do.
    thread: Option<JoinHandle<()>>,
}

enum Task {
    /// To bring a full generation into the tables.
    Checkpoint(Generation),
    /// To give back the room of a journal that nobody adds to.
    GiveBack,
}

impl Checkpointer {
    pub(in crate::engine) fn new(open_log: Arc<OpenLog>) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self { open_log, state })
    }

    /// Has a full generation brought into the tables before long.
    pub(in crate::engine) fn push(self: &Arc<Self>, generation: Generation) {
        self.queue(Task::Checkpoint(generation));
    }

    /// Has the room of the journal given back before long, if that is worth it.
    pub(in crate::engine) fn note_idle(self: &Arc<Self>) {
        if idling::is_worthwhile(&self.open_log) {
            self.queue(Task::GiveBack);
        }
    }

    fn queue(self: &Arc<Self>, task: Task) {
        let mut state = self.state.lock();
        state.tasks.push_back(task);
        if state.thread.is_none() {
            let own = Arc::clone(self);
            // Without a thread, the writer does what has to be done when it comes to it.
            state.thread = threads::start("eventlog-checkpoint", move || own.work_off()).ok();
        }
    }

    /// Whether there is a thread.
    #[cfg(test)]
    pub(in crate::engine) fn has_thread(&self) -> bool {
        self.state.lock().thread.is_some()
    }

    /// Finishes what is under way.
    pub(in crate::engine) fn stop(&self) {
        let thread = self.state.lock().thread.take();
        if let Some(thread) = thread {
            // It catches every panic, so there is none to hear of.
            let _ = thread.join();
        }
    }

    fn work_off(&self) {
        crate::engine::seeded_bug::work_for(&*self.open_log);
        while let Some(task) = self.next() {
            let storage = &self.open_log.storage;
            let work = || match &task {
                Task::Checkpoint(generation) => {
                    checkpoint(storage, &storage.table_turn(), generation)?;
                    drop_rest(storage, generation)
                }
                Task::GiveBack => idling::give_back(&self.open_log),
            };
            let patience = Patience::as_the_file_says().unless(storage.closing());
            match catch_unwind(AssertUnwindSafe(|| patience.during(work))) {
                Ok(Ok(())) => {}
                // The writer comes to the same generation, and tells its callers what it meets there.
                Ok(Err(fault)) => storage.note(&fault),
                Err(_) => storage.note(&Fault::Storage(redb::Error::PreviousIo)),
            }
        }
    }

    /// The next one, for the thread, which ends if there is none.
    fn next(&self) -> Option<Task> {
        let mut state = self.state.lock();
        let next = state.tasks.pop_front();
        if next.is_none() {
            state.thread = None;
        }
        next
    }
}
