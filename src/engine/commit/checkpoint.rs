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
use std::time::Instant;

use parking_lot::Mutex;
use rustc_hash::FxHashSet;

use super::dropping::drop_rest;
use super::into_tables;
use super::locked::Locked;
use crate::engine::journal::{Start, random_salt};
use crate::engine::locks::Patience;
#[cfg(test)]
use crate::engine::seeded_bug;
use crate::engine::storage::{Storage, TableTurn, Turn};
#[cfg(test)]
use crate::engine::summary;
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::schema;
use crate::engine::view::Generation;
use crate::engine::view::OpenLog;
use crate::engine::{Fault, threads};

/// Puts a generation of the journal into the tables, unless it is there already.
pub(in crate::engine) fn checkpoint(
    storage: &Storage,
    turn: &TableTurn,
    generation: &Generation,
) -> Result<(), Fault> {
    let began = Instant::now();
    let transaction = storage.begin_write(turn)?;
    let log = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
    if log.commits >= generation.commits {
        transaction.abort()?;
        return storage.sync_table_commit(generation.commits);
    }
    let layout = storage.layout_to_write()?;
    into_tables::write_generation(&transaction, generation, &FxHashSet::default(), layout)?;
    let reached = LogHead {
        commits: generation.commits,
        token: generation.token,
        ..log
    };
    into_tables::write_log_head(&transaction, reached)?;
    if let Err(error) = transaction.commit() {
        // redb takes no more transactions after that, whatever the reason was.
        storage.note_suspect();
        return Err(error.into());
    }
    storage.note_table_commit(generation.commits);
    #[cfg(test)]
    write_postponed(storage, turn)?;
    storage
        .counters()
        .add_checkpoint(generation.commits, began.elapsed());
    Ok(())
}

/// Writes the blocks whose rows were dropped before, as a bug does.
#[cfg(test)]
pub(in crate::engine) fn write_postponed(storage: &Storage, turn: &TableTurn) -> Result<(), Fault> {
    let postponed = seeded_bug::postponed();
    if postponed.is_empty() {
        return Ok(());
    }
    let transaction = storage.begin_write(turn)?;
    for (number, blocks) in postponed {
        summary::write_at_once(&transaction, number, blocks)?;
    }
    Ok(transaction.commit()?)
}

/// Brings all of the journal into the tables, and begins a fresh generation.
///
/// What the journal holds is then on disk in any case, even if its own frames are not. With
/// `forced`, a journal that has no frame begins afresh too.
pub(in crate::engine) fn drain(locked: &Locked<'_>, forced: bool) -> Result<(), Fault> {
    let open_log = locked.open_log();
    let view = open_log.view().known()?;
    let turn = open_log.storage.table_turn();
    let reached = open_log.storage.log_in_tables()?;
    if !forced && reached.commits == view.log.commits && view.previous.is_none() {
        return Ok(());
    }
    // With `exclusive` nothing of the file need have been read yet in this turn.
    locked.journal.check_start()?;
    if let Some(previous) = &view.previous {
        checkpoint(&open_log.storage, &turn, previous)?;
    }
    let header = view.next_header(view.log.commits, Start::Fresh, random_salt());
    locked.journal.write_header(&header)?;
    checkpoint(&open_log.storage, &turn, &view.current)?;
    open_log.view().replace(view.afresh(header, view.log));
    Ok(())
}

/// Locks the journal, waiting for other processes that add to it; after a fault, opens the file again and
/// recovers it first.
pub(in crate::engine) fn lock<'log>(
    open_log: &'log OpenLog,
    turn: &Turn<'_>,
) -> Result<Locked<'log>, Fault> {
    let journal = open_log.journal_to_write(turn)?;
    let locked = Locked::new(open_log, journal)?;
    if open_log.storage.is_unrecovered() {
        drain(&locked, true)?;
        open_log.storage.note_recovered();
    }
    Ok(locked)
}

/// Full generations on their way into the tables, and the thread that brings them there, which is there while
/// there are some.
pub(in crate::engine) struct Checkpointer {
    open_log: Arc<OpenLog>,
    state: Mutex<CheckpointerState>,
}

#[derive(Default)]
struct CheckpointerState {
    full: VecDeque<Generation>,
    /// The thread, until it has found nothing more to do.
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(in crate::engine) fn new(open_log: Arc<OpenLog>) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self { open_log, state })
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
        crate::engine::seeded_bug::work_for(&*self.open_log);
        while let Some(generation) = self.next() {
            let storage = &self.open_log.storage;
            let write = || {
                checkpoint(storage, &storage.table_turn(), &generation)?;
                drop_rest(storage, &generation)
            };
            let patience = Patience::as_the_file_says().unless(storage.closing());
            match catch_unwind(AssertUnwindSafe(|| patience.during(write))) {
                Ok(Ok(())) => {}
                // The writer comes to the same generation, and tells its callers what it meets there.
                Ok(Err(fault)) => storage.note(&fault),
                Err(_) => storage.note(&Fault::Storage(redb::Error::PreviousIo)),
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
