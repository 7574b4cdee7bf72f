//! Bringing the journal into the tables.
//!
//! A generation that is full is brought there beside the commits that go on in the next one, by a
//! thread of its own. It must be there before the generation after the next begins, so the writer
//! makes sure of that, and does it itself if need be: whatever goes wrong in the thread, or with
//! the process that had it to do, is met again there.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use rustc_hash::FxHashSet;
use uuid::Uuid;

use super::journal::{Header, Start};
use super::locked::Locked;
use super::log_head::LogHead;
use super::store::{OpenStore, TableTurn};
use super::tail::{Known, Part};
use super::{Fault, schema, tables};

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

/// The thread that brings full generations into the tables.
pub(super) struct Checkpointer {
    full: Mutex<Option<Sender<Part>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpointer {
    pub(super) fn start(store: Arc<OpenStore>) -> std::io::Result<Self> {
        let (full, parts) = channel();
        let thread = thread::Builder::new()
            .name("eventlog-checkpoint".into())
            .spawn(move || work_off(&store, &parts))?;
        Ok(Self {
            full: Mutex::new(Some(full)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Has a full generation brought into the tables before long.
    pub(super) fn push(&self, part: Part) {
        if let Some(full) = &*self.full.lock() {
            // Without the thread, the writer does it when it has to be done.
            let _ = full.send(part);
        }
    }

    /// Finishes what is under way.
    pub(super) fn stop(&self) {
        self.full.lock().take();
        if let Some(thread) = self.thread.lock().take() {
            // It catches every panic, so there is none to hear of.
            let _ = thread.join();
        }
    }
}

fn work_off(store: &OpenStore, parts: &Receiver<Part>) {
    #[cfg(test)]
    super::seeded_bug::seed(store.seeded());
    while let Ok(part) = parts.recv() {
        let write = || checkpoint(store, &store.table_turn(), &part);
        match catch_unwind(AssertUnwindSafe(write)) {
            Ok(Ok(())) => {}
            // The writer comes to the same generation, and tells its callers what it meets there.
            Ok(Err(fault)) => store.note(&fault),
            Err(_) => store.note(&Fault::Storage(redb::Error::PreviousIo)),
        }
    }
}
