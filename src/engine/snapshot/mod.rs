//! One consistent view of the log, as of the last commit before it was taken.
//!
//! The tables hold the log up to some commit, and the journal what follows, so that an instance's
//! first events are read from its table and its last ones from the journal.

mod by_name;
mod chunk;
mod chunks;
mod events;
mod keys;
mod page;
mod states;
mod stream_view;
mod streams;

use std::sync::Arc;

use parking_lot::Mutex;
use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata};

pub use self::chunk::SnapshotChunk;
pub use self::chunks::Chunks;
pub(super) use self::events::InstanceEvents;
pub use self::stream_view::StreamView;
pub use self::streams::StreamEnd;

use super::Fault;
use super::seeded_bug::Seeded;
use super::storage::snapshot_gate::{Duration, SnapshotTicket};
use super::summary::{KnownBlocks, StoredEvents, Summaries};
use super::tables::catalog;
use super::tables::instance::{Head, Instance};
use super::tables::log_head::LogHead;
use super::tables::schema::{self, HeadValue};
use super::view::OpenLog;
use super::view::{Generation, LogView, OfTables};

/// A consistent view. Commits that follow are not seen, and the pages of the view are kept from
/// being used again while it lives, so it should be short-lived. Several threads may read from it
/// at once.
pub struct Snapshot {
    transaction: ReadTransaction,
    names: ReadOnlyTable<&'static str, u32>,
    instances: ReadOnlyTable<u32, &'static [u8]>,
    heads: ReadOnlyTable<u32, HeadValue>,
    /// The generations of the journal that the view has, newest first.
    generations: Vec<Generation>,
    /// The summaries of blocks that end in them.
    summaries: Arc<Summaries>,
    /// Those of events that the tables have.
    table_summaries: Arc<Summaries>,
    /// What is in memory of blocks that the tables have.
    known: Arc<KnownBlocks>,
    /// The tables of the instance that was asked for last, which most reads ask for several times.
    stored: Mutex<Option<Arc<StoredEvents>>>,
    /// The last commit that the view has.
    commits: u64,
    open_log: Arc<OpenLog>,
    /// Dropped after the transaction and the tables, which are before it.
    _reading: SnapshotTicket,
}

impl Seeded for Snapshot {
    #[cfg(test)]
    fn seeded(&self) -> Option<super::seeded_bug::Bug> {
        self.open_log.seeded()
    }
}

impl Snapshot {
    /// Takes one of the last commit.
    pub(super) fn of(open_log: &Arc<OpenLog>) -> Result<Self, Fault> {
        Self::within(open_log, open_log.storage.gate().begin(Duration::Short))
    }

    /// Takes one of the last commit, which was begun as `reading`.
    pub(super) fn within(open_log: &Arc<OpenLog>, reading: SnapshotTicket) -> Result<Self, Fault> {
        let take = || {
            let (view, of_tables, transaction) = open_log.begin_snapshot()?;
            Self::new(transaction, reading, &view, of_tables, Arc::clone(open_log))
        };
        take().inspect_err(|fault| open_log.storage.note(fault))
    }

    /// The `view` was taken before the transaction began.
    pub(super) fn new(
        transaction: ReadTransaction,
        reading: SnapshotTicket,
        view: &LogView,
        of_tables: OfTables,
        open_log: Arc<OpenLog>,
    ) -> Result<Self, Fault> {
        let heads = transaction.open_table(schema::HEADS)?;
        let tables = LogHead::read(&heads)?;
        // Where they have moved past the view, something may have been erased in them that is remembered with the view.
        let of_tables = if tables.commits > view.log.commits {
            open_log.view().of_no_tables()
        } else {
            of_tables
        };
        Ok(Self {
            names: transaction.open_table(schema::NAMES)?,
            instances: transaction.open_table(schema::INSTANCES)?,
            heads,
            generations: if tables.commits >= view.log.commits {
                // They hold all that it has, and may have moved past it since.
                Vec::new()
            } else {
                view.generations().cloned().collect()
            },
            summaries: Arc::clone(&view.summaries),
            table_summaries: of_tables.summaries,
            known: of_tables.blocks,
            stored: Mutex::default(),
            commits: tables.commits.max(view.log.commits),
            transaction,
            _reading: reading,
            open_log,
        })
    }

    /// The tables, as the view has them.
    pub(super) const fn transaction(&self) -> &ReadTransaction {
        &self.transaction
    }

    /// The number of the last commit that the view has.
    #[must_use]
    pub const fn commits(&self) -> u64 {
        self.commits
    }

    pub(super) fn open_log(&self) -> &OpenLog {
        &self.open_log
    }

    /// Notes a fault that reading from this snapshot has met, so that the next one is taken from a
    /// database that works.
    pub fn note(&self, fault: &Fault) {
        self.open_log.storage.note(fault);
    }

    /// Makes sure that the log is still in the file which its path names.
    ///
    /// # Errors
    ///
    /// `STORAGE_FAILED` if it is not; corruption.
    pub fn check_name(&self) -> Result<(), Fault> {
        self.open_log.storage.check_name()
    }

    /// Fails once nobody is left to hear what is read. Whatever takes long asks this now and then.
    ///
    /// # Errors
    ///
    /// `CLOSED`.
    pub fn check_wanted(&self) -> Result<(), Fault> {
        self.open_log.storage.check_wanted()
    }

    /// The number of the instance whose id or name is `id_or_name`.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND` if there is none; a storage fault.
    pub fn find(&self, id_or_name: &str) -> Result<u32, Fault> {
        self.names
            .get(id_or_name)?
            .map(|guard| guard.value())
            .ok_or_else(|| catalog::not_found(id_or_name))
    }

    /// The instance of that number.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub fn instance(&self, number: u32) -> Result<Instance, Fault> {
        let mut instance = catalog::read(&self.instances, &self.heads, number)?;
        let mut generations = self.generations.iter();
        if let Some(head) = generations.find_map(|generation| generation.head(number)) {
            instance.head = head;
        }
        Ok(instance)
    }

    /// Where the tables say that an instance stands, which may be before the end of the journal.
    pub(in crate::engine) fn stored_head(&self, number: u32) -> Result<Option<Head>, Fault> {
        let head = self.heads.get(number)?;
        Ok(head.map(|head| Head::from_value(head.value())))
    }

    /// Whether there is an instance of that number: one that was deleted is there no more, and its
    /// number is not given to another one.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn has_instance(&self, number: u32) -> Result<bool, Fault> {
        Ok(self.instances.get(number)?.is_some())
    }

    /// How many instances there are.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn instance_count(&self) -> Result<u64, Fault> {
        Ok(self.instances.len()?)
    }

    /// All instances, oldest first.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub fn instances(&self) -> Result<Vec<Instance>, Fault> {
        self.instances
            .iter()?
            .map(|entry| self.instance(entry?.0.value()))
            .collect()
    }

    /// The events of an instance, in the order of their positions.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub fn chunks(&self, number: u32) -> Result<Chunks<'_>, Fault> {
        Chunks::new(self, number)
    }

    /// As [`Snapshot::chunks`], told where the events begin that were not dropped.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such instance.
    pub fn kept_chunks(&self, number: u32) -> Result<Chunks<'_>, Fault> {
        Chunks::kept(self, number)
    }

    /// The events of one stream, which need not exist.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption: there is no such instance, or the stream's chain is broken.
    pub fn stream(&self, number: u32, stream_id: &str) -> Result<StreamView<'_>, Fault> {
        StreamView::new(self, number, stream_id)
    }

    /// Where streams of an instance end, in the order of the bytes of their ids: the first `limit` of
    /// those whose id begins with `prefix` and comes after `after`.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption: there is no such instance, or a chain is broken.
    pub fn streams(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamEnd>, Fault> {
        streams::list(self, number, prefix, after, limit)
    }
}
