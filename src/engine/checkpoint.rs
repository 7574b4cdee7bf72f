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
use uuid::Uuid;

use super::journal::{Header, Start};
use super::locked::Locked;
use super::log_head::LogHead;
use super::store::{OpenStore, TableTurn};
use super::tail::{Known, Part};
use super::{Fault, schema, tables, threads};

/// Puts a part of the journal into the tables, unless it is there already.
pub(super) fn checkpoint(store: &OpenStore, turn: &TableTurn, part: &Part) -> Result<(), Fault> {
    let transaction = store.begin_write(turn)?;
    let log = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
    if log.commits >= part.commits {
        transaction.abort()?;
        return store.sync_table_commit(part.commits);
    }
    let block_events = store.block_events()?;
    tables::write_part(&transaction, part, &FxHashSet::default(), block_events)?;
    let reached = LogHead {
        commits: part.commits,
        token: part.token,
        ..log
    };
    tables::write_log_head(&transaction, reached)?;
    transaction.commit()?;
    store.note_table_commit(part.commits);
    Ok(())
}

/// Brings all of the journal into the tables, and begins a fresh generation.
///
/// What the journal holds is then on disk in any case, even if its own frames are not. With
/// `forced`, a journal that has no frame begins afresh too.
pub(super) fn drain(locked: &Locked<'_>, forced: bool) -> Result<(), Fault> {
    let store = locked.store();
    let (header, log, parts) = {
        let mut tail = store.tail();
        let known = locked.follow(&mut tail)?;
        let parts = known.overlay().parts;
        (fresh_header(known, known.log.commits), known.log, parts)
    };
    let turn = store.table_turn();
    let reached = store.log_in_tables()?;
    let [current, previous @ ..] = &parts[..] else {
        return Ok(());
    };
    if !forced && reached.commits == log.commits && previous.is_empty() {
        return Ok(());
    }
    for part in previous {
        checkpoint(store, &turn, part)?;
    }
    locked.journal.write_header(&header)?;
    checkpoint(store, &turn, current)?;
    store.tail().known()?.start_afresh(header, log);
    Ok(())
}

/// The header of the generation that comes next, if the tables are to hold all up to `base`.
pub(super) fn fresh_header(known: &Known, base: u64) -> Header {
    next_header(known, base, Start::Fresh)
}

/// The header of the generation that comes next.
pub(super) fn next_header(known: &Known, base: u64, start: Start) -> Header {
    let mut header = Header {
        generation: known.next_generation,
        salt: Uuid::new_v4().as_u64_pair().0,
        base,
        filled: 0,
        start,
    };
    header.filled = known.filled[header.segment() as usize];
    header
}

/// Full generations on their way into the tables, and the thread that brings them there, which is there while
/// there are some.
pub(super) struct Checkpointer {
    store: Arc<OpenStore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    full: VecDeque<Part>,
    /// The thread, until it has found nothing more to do.
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn new(store: Arc<OpenStore>) -> Arc<Self> {
        let state = Mutex::default();
        Arc::new(Self { store, state })
    }

    /// Has a full generation brought into the tables before long.
    pub(super) fn push(self: &Arc<Self>, part: Part) {
        let mut state = self.state.lock();
        state.full.push_back(part);
        if state.thread.is_none() {
            let own = Arc::clone(self);
            // Without a thread, the writer does it when it has to be done.
            state.thread = threads::start("eventlog-checkpoint", move || own.work_off()).ok();
        }
    }

    /// Whether there is a thread.
    #[cfg(test)]
    pub(super) fn has_thread(&self) -> bool {
        self.state.lock().thread.is_some()
    }

    /// Finishes what is under way.
    pub(super) fn stop(&self) {
        let thread = self.state.lock().thread.take();
        if let Some(thread) = thread {
            // It catches every panic, so there is none to hear of.
            let _ = thread.join();
        }
    }

    fn work_off(&self) {
        #[cfg(test)]
        super::seeded_bug::seed(self.store.seeded());
        while let Some(part) = self.next() {
            let store = &*self.store;
            let write = || checkpoint(store, &store.table_turn(), &part);
            match catch_unwind(AssertUnwindSafe(write)) {
                Ok(Ok(())) => {}
                // The writer comes to the same generation, and tells its callers what it meets there.
                Ok(Err(fault)) => store.note(&fault),
                Err(_) => store.note(&Fault::Storage(redb::Error::PreviousIo)),
            }
        }
    }

    /// The next one, for the thread, which ends if there is none.
    fn next(&self) -> Option<Part> {
        let mut state = self.state.lock();
        let next = state.full.pop_front();
        if next.is_none() {
            state.thread = None;
        }
        next
    }
}
