//! Bringing the journal into the tables.
//!
//! A generation that is full is brought there beside the commits that go on in the next one, by a
//! thread of its own. It must be there before the generation after the next begins, so the writer
//! makes sure of that, and does it itself if need be: whatever goes wrong in the thread, or with
//! the process that had it to do, is met again there.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use parking_lot::Mutex;
use rustc_hash::FxHashSet;

use super::into_tables;
use super::locked::Locked;
use crate::engine::journal::{Start, random_salt};
use crate::engine::locks::Patience;
use crate::engine::store::{OpenStore, TableTurn, Turn};
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::schema;
use crate::engine::view::Generation;
use crate::engine::{Fault, threads};

/// Puts a generation of the journal into the tables, unless it is there already.
pub(in crate::engine) fn checkpoint(
    store: &OpenStore,
    turn: &TableTurn,
    generation: &Generation,
) -> Result<(), Fault> {
    let transaction = store.begin_write(turn)?;
    let log = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
    if log.commits >= generation.commits {
        transaction.abort()?;
        return store.sync_table_commit(generation.commits);
    }
    let block_events = store.block_events()?;
    into_tables::write_generation(
        &transaction,
        generation,
        &FxHashSet::default(),
        block_events,
    )?;
    let reached = LogHead {
        commits: generation.commits,
        token: generation.token,
        ..log
    };
    into_tables::write_log_head(&transaction, reached)?;
    if let Err(error) = transaction.commit() {
        // redb takes no more transactions after that, whatever the reason was.
        store.note_suspect();
        return Err(error.into());
    }
    store.note_table_commit(generation.commits);
    Ok(())
}

/// Brings all of the journal into the tables, and begins a fresh generation.
///
/// What the journal holds is then on disk in any case, even if its own frames are not. With
/// `forced`, a journal that has no frame begins afresh too.
pub(in crate::engine) fn drain(locked: &Locked<'_>, forced: bool) -> Result<(), Fault> {
    let store = locked.store();
    let view = store.view().known()?;
    let turn = store.table_turn();
    let reached = store.log_in_tables()?;
    if !forced && reached.commits == view.log.commits && view.previous.is_none() {
        return Ok(());
    }
    if let Some(previous) = &view.previous {
        checkpoint(store, &turn, previous)?;
    }
    let header = view.next_header(view.log.commits, Start::Fresh, random_salt());
    locked.journal.write_header(&header)?;
    checkpoint(store, &turn, &view.current)?;
    store.view().replace(view.afresh(header, view.log));
    Ok(())
}

/// Locks the journal, waiting for other processes that add to it; after a fault, opens the file again and
/// recovers it first.
pub(in crate::engine) fn lock<'store>(
    store: &'store OpenStore,
    turn: &Turn<'_>,
) -> Result<Locked<'store>, Fault> {
    let journal = store.journal_to_write(turn)?;
    let locked = Locked::new(store, journal)?;
    if store.is_unrecovered() {
        drain(&locked, true)?;
        store.note_recovered();
    }
    Ok(locked)
}

/// Full generations on their way into the tables, and the thread that brings them there, which is there while
/// there are some.
pub(in crate::engine) struct Checkpointer {
    store: Arc<OpenStore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    full: VecDeque<Generation>,
    /// The thread, until it has found nothing more to do.
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(in crate::engine) fn new(store: Arc<OpenStore>) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self { store, state })
    }

    /// Has a full generation brought into the tables before long.
    pub(in crate::engine) fn push(self: &Arc<Self>, generation: Generation) {
        let mut state = self.state.lock();
        state.full.push_back(generation);
        if state.thread.is_none() {
            let own = Arc::clone(self);
            // Without a thread, the writer does it when it has to be done.
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
        crate::engine::seeded_bug::work_for(&*self.store);
        while let Some(generation) = self.next() {
            let store = &*self.store;
            let write = || checkpoint(store, &store.table_turn(), &generation);
            let patience = Patience::as_the_file_says().unless(store.closing());
            match catch_unwind(AssertUnwindSafe(|| patience.during(write))) {
                Ok(Ok(())) => {}
                // The writer comes to the same generation, and tells its callers what it meets there.
                Ok(Err(fault)) => store.note(&fault),
                Err(_) => store.note(&Fault::Storage(redb::Error::PreviousIo)),
            }
        }
    }

    /// The next one, for the thread, which ends if there is none.
    fn next(&self) -> Option<Generation> {
        let mut state = self.state.lock();
        let next = state.full.pop_front();
        if next.is_none() {
            state.thread = None;
        }
        next
    }
}
