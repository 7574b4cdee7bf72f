//! The events of an instance, whether the tables hold them or the journal.

use std::sync::Arc;

use redb::{ReadableTable, TableDefinition};

use super::Snapshot;
use super::page::RecordPage;
use crate::engine::Fault;
pub(super) use crate::engine::summary::missing_event;
use crate::engine::summary::{Direction, StoredEvents, Walk};
use crate::engine::tables::record::Record;
use crate::engine::tables::schema;

/// How much of the journal is copied at once, in bytes of records: the writer waits meanwhile.
const PAGE_BYTES: usize = 64 << 10;

/// The events of an instance as a snapshot has them.
pub(in crate::engine) struct InstanceEvents<'snapshot> {
    pub(super) snapshot: &'snapshot Snapshot,
    pub(super) number: u32,
    /// The position of the last one.
    pub(in crate::engine) last: u64,
    /// Those that the tables have.
    pub(in crate::engine) stored: Arc<StoredEvents>,
}

impl<'snapshot> InstanceEvents<'snapshot> {
    pub(in crate::engine) fn new(
        snapshot: &'snapshot Snapshot,
        number: u32,
    ) -> Result<Self, Fault> {
        Ok(Self {
            snapshot,
            number,
            last: snapshot.instance(number)?.head.last_position,
            stored: stored(snapshot, number)?,
        })
    }

    /// Up to this position they are in the tables.
    pub(in crate::engine) fn in_tables(&self) -> u64 {
        self.stored.last()
    }

    /// The position of the first one that the tables still have; `None` if they have none.
    ///
    /// # Errors
    ///
    /// A storage fault.
    pub(in crate::engine) fn first_kept(&self) -> Result<Option<u64>, Fault> {
        let block = self.stored.pieces().first()?.map(|(key, _)| key.value().0);
        let block = block.map(|block| *self.stored.positions_of(block).start());
        let name = schema::events_table(self.number);
        let rows = TableDefinition::<u64, &[u8]>::new(&name);
        let rows = self.snapshot.transaction.open_table(rows)?;
        let row = rows.first()?.map(|(position, _)| position.value());
        Ok(block.into_iter().chain(row).min())
    }

    /// A walk through those that are in the tables.
    pub(super) fn walk(&self, direction: Direction) -> Walk<'_> {
        self.stored.walk(direction)
    }

    /// Calls `visit` with the event at a position.
    pub(in crate::engine) fn at<T>(
        &self,
        position: u64,
        visit: impl FnOnce(&Record<'_>) -> T,
    ) -> Result<T, Fault> {
        if position > self.last {
            return Err(missing_event(position));
        }
        if position <= self.in_tables() {
            return self.walk(Direction::Up).visit(position, None, visit);
        }
        let bytes = self.copy_one(position)?;
        Ok(visit(&Record::decode(&bytes, position)?))
    }

    /// Calls `visit` with the events at these positions, which ascend, until it fails.
    pub(super) fn each<E: From<Fault>>(
        &self,
        positions: impl IntoIterator<Item = u64>,
        mut visit: impl FnMut(u64, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut positions = positions.into_iter().peekable();
        let mut walk = self.walk(Direction::Up);
        while let Some(position) = positions.next_if(|position| *position <= self.in_tables()) {
            let next = positions.peek().copied();
            self.visit_stored(&mut walk, position, next, &mut visit)?;
        }
        self.each_copied(&positions.collect::<Vec<u64>>(), &mut visit)
    }

    /// Calls `visit` with the events at these positions, which descend, until it fails.
    pub(super) fn each_back<E: From<Fault>>(
        &self,
        positions: impl IntoIterator<Item = u64>,
        mut visit: impl FnMut(u64, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut positions = positions.into_iter().peekable();
        let in_journal = std::iter::from_fn(|| positions.next_if(|it| *it > self.in_tables()));
        self.each_copied(&in_journal.collect::<Vec<u64>>(), &mut visit)?;
        let mut walk = self.walk(Direction::Down);
        while let Some(position) = positions.next() {
            let next = positions.peek().copied();
            self.visit_stored(&mut walk, position, next, &mut visit)?;
        }
        Ok(())
    }

    /// Calls `visit` with an event that is in the table.
    fn visit_stored<E: From<Fault>>(
        &self,
        walk: &mut Walk<'_>,
        position: u64,
        next: Option<u64>,
        visit: &mut impl FnMut(u64, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.snapshot.check_wanted()?;
        walk.visit(position, next, |record| visit(position, record))?
    }

    /// Calls `visit` with the events at these positions, which are in the journal. They are known before
    /// it is looked into, so that the writer waits for no caller.
    fn each_copied<E: From<Fault>>(
        &self,
        positions: &[u64],
        visit: &mut impl FnMut(u64, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(after) = positions.iter().find(|position| **position > self.last) {
            return Err(missing_event(*after).into());
        }
        let mut page = RecordPage::default();
        let mut copied = 0;
        while copied < positions.len() {
            self.snapshot.check_wanted()?;
            copied += self.copy(&positions[copied..], &mut page)?;
            for (position, bytes) in page.records() {
                visit(position, &Record::decode(bytes, position)?)?;
            }
        }
        Ok(())
    }

    /// Copies a record out of the journal, which may be one that was appended since.
    pub(in crate::engine) fn copy_one(&self, position: u64) -> Result<Vec<u8>, Fault> {
        let mut generations = self.snapshot.generations.iter();
        let found = generations.find_map(|generation| {
            let records = generation.segment.records();
            records.record(self.number, position).map(<[u8]>::to_vec)
        });
        found.ok_or_else(|| missing_event(position))
    }

    /// Fills a page with the records at the first of these positions, which are in the journal, and
    /// returns how many they are: at least one.
    fn copy(&self, positions: &[u64], page: &mut RecordPage) -> Result<usize, Fault> {
        page.clear();
        for generation in &self.snapshot.generations {
            let records = generation.segment.records();
            // The generations share no position: what follows the last one is in a newer one.
            let found = positions.iter().map_while(|position| {
                let record = records.record(self.number, *position)?;
                Some((*position, record))
            });
            let mut copied = 0;
            for (position, record) in found {
                page.push(position, record);
                copied += 1;
                if page.bytes() >= PAGE_BYTES {
                    break;
                }
            }
            if copied > 0 {
                return Ok(copied);
            }
        }
        Err(missing_event(
            positions.first().copied().unwrap_or_default(),
        ))
    }
}

/// The events of an instance that the tables have.
fn stored(snapshot: &Snapshot, number: u32) -> Result<Arc<StoredEvents>, Fault> {
    if let Some(stored) = &*snapshot.stored.lock()
        && stored.number() == number
    {
        return Ok(Arc::clone(stored));
    }
    let head = snapshot.stored_head(number)?;
    let stored = Arc::new(StoredEvents::open(
        &snapshot.transaction,
        Arc::clone(&snapshot.known),
        number,
        snapshot.open_log.storage.block_events()?,
        head.map_or(0, |head| head.last_position),
    )?);
    *snapshot.stored.lock() = Some(Arc::clone(&stored));
    Ok(stored)
}
