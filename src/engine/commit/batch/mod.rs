//! One commit in the making: the operations that jobs apply, and where they end up.
//!
//! Appended events are staged as a frame of the journal. A batch that changes instances as well, or
//! whose frame is too large, is committed to the tables directly, together with all that the
//! journal holds; such a batch begins a fresh generation of the journal.
//!
//! An operation that refuses has changed nothing, so a refused job leaves its neighbours alone.
//! What is staged is noted in the writer's memory at once: if the commit fails, that is forgotten
//! and read again.

mod events;
mod finish;
mod instances;
mod reading;
mod records;
mod states;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use redb::WriteTransaction;
use rustc_hash::{FxHashMap, FxHashSet};

use self::reading::TableReader;
use super::checkpoint::checkpoint;
use crate::engine::Fault;
use crate::engine::journal::{Frame, StreamHead};
use crate::engine::seeded_bug::Seeded;
use crate::engine::storage::TableTurn;
use crate::engine::tables::instance::Instance;
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::{catalog, schema};
use crate::engine::view::OpenLog;
use crate::engine::view::{LogView, Memory};
use crate::hashing::TextMap;

pub use events::{Appended, NewEvent};
pub(in crate::engine) use finish::{Finished, Staged};
pub use instances::NewInstance;

/// One commit in the making.
pub struct Batch<'a> {
    open_log: &'a OpenLog,
    /// The log before this commit.
    view: Arc<LogView>,
    /// What is staged of instances is noted here as well.
    memory: &'a mut Memory,
    /// The instances of which `memory` is known to be as new as the view.
    fresh: FxHashSet<u32>,
    frame: &'a mut Frame,
    staged: FxHashMap<u32, StagedInstance>,
    /// There once the tables had to be asked.
    reading: Option<TableReader>,
    /// There once the tables have to be changed.
    writing: Option<Writing>,
    log: LogHead,
    /// When the batch was begun, in milliseconds since the epoch.
    began_ms: i64,
    /// The time of what is staged: that, unless the job has a clock of its own.
    now_ms: i64,
    changed: bool,
}

/// What a batch adds to one instance.
#[derive(Debug, Default)]
pub(in crate::engine) struct StagedInstance {
    /// Its events in the frame: where among the entries the record of each lies, in the order of positions.
    records: Vec<Range<usize>>,
    /// Where its streams stand after them.
    streams: TextMap<Arc<str>, StreamHead>,
    /// The keys of its calls in the frame, each with the position of the call's first event.
    keys: TextMap<Arc<str>, u64>,
    /// Its states in the frame: where among the entries the newest of each name lies.
    states: BTreeMap<Arc<str>, Range<usize>>,
    /// Whether the tables know nothing of the instance yet.
    new: bool,
}

/// The transaction of a batch that changes the tables.
pub(in crate::engine) struct Writing {
    pub(in crate::engine) transaction: WriteTransaction,
    turn: TableTurn,
    deleted: FxHashSet<u32>,
}

impl Writing {
    /// Commits the transaction. Returns the turn to write to the tables, which has not ended with it.
    pub(in crate::engine) fn commit(self) -> Result<TableTurn, Fault> {
        self.transaction.commit()?;
        Ok(self.turn)
    }
}

impl Seeded for Batch<'_> {
    #[cfg(test)]
    fn seeded(&self) -> Option<crate::engine::seeded_bug::Bug> {
        self.open_log.seeded()
    }
}

impl<'a> Batch<'a> {
    /// Starts on an empty `frame`, after the commit of the `view` that `memory` has followed.
    pub(in crate::engine) fn begin(
        open_log: &'a OpenLog,
        view: Arc<LogView>,
        memory: &'a mut Memory,
        frame: &'a mut Frame,
        now_ms: i64,
    ) -> Self {
        Self {
            open_log,
            log: view.log,
            view,
            memory,
            fresh: FxHashSet::default(),
            frame,
            staged: FxHashMap::default(),
            reading: None,
            writing: None,
            began_ms: now_ms,
            now_ms,
            changed: false,
        }
    }

    /// Sets the time of what a job stages, in milliseconds since the epoch; `None` for when the batch was begun.
    pub fn set_now(&mut self, now_ms: Option<i64>) {
        self.now_ms = now_ms.unwrap_or(self.began_ms);
    }

    /// The time of what is staged, in milliseconds since the epoch.
    #[must_use]
    pub const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Forgets where an instance stands, as nothing does.
    #[cfg(test)]
    pub(in crate::engine) fn forget_instance(&mut self, number: u32) {
        self.memory.instances.remove(&number);
    }

    /// The number of the commit that this one follows.
    #[cfg(test)]
    pub(in crate::engine) const fn commits(&self) -> u64 {
        self.log.commits
    }

    /// The instance of that number, as it stands within this commit.
    fn known_instance(&mut self, number: u32) -> Result<&mut Instance, Fault> {
        if self.fresh.insert(number) {
            let mut instance = match (self.memory.instances.remove(&number), &self.writing) {
                (Some(instance), _) => instance,
                (None, Some(writing)) => catalog::read_within(&writing.transaction, number)?,
                (None, None) => self.reading()?.instance(number)?,
            };
            if let Some(head) = self.view.head(number) {
                instance.head = instance.head.or_later(head);
            }
            self.memory.instances.insert(number, instance);
        }
        self.memory
            .instances
            .get_mut(&number)
            .ok_or_else(|| catalog::missing_row(number))
    }

    /// The tables, as they stand before this commit.
    fn reading(&mut self) -> Result<&mut TableReader, Fault> {
        let reading = match self.reading.take() {
            Some(reading) => reading,
            None => TableReader::new(self.open_log)?,
        };
        Ok(self.reading.insert(reading))
    }

    /// The transaction that changes the tables. Others wait for it from now on.
    fn writing(&mut self) -> Result<&mut Writing, Fault> {
        let writing = match self.writing.take() {
            Some(writing) => writing,
            None => {
                let turn = self.open_log.storage.table_turn();
                // The fresh generation takes its segment.
                if let Some(previous) = &self.view.previous {
                    checkpoint(&self.open_log.storage, &turn, previous)?;
                    self.view = Arc::new(self.view.without_previous());
                    // What only that generation has told is remembered from now on.
                    self.memory.follow(&self.view);
                }
                // It may not know what has just been dropped here.
                self.reading = None;
                let transaction = self.open_log.storage.begin_write(&turn)?;
                let tables = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
                self.log.next_instance = tables.next_instance;
                Writing {
                    transaction,
                    turn,
                    deleted: FxHashSet::default(),
                }
            }
        };
        Ok(self.writing.insert(writing))
    }
}
