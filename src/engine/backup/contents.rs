//! Writing what a snapshot sees into the tables of a new log.
//!
//! A transaction takes whatever comes until it has written enough, so that many small instances cost no more than one
//! large one.

use std::collections::BTreeMap;
use std::ops::Bound;

use redb::{Database, Durability, Key, ReadableTable, TableDefinition, Value, WriteTransaction};

use super::of_copy;
use crate::engine::Fault;
use crate::engine::commit::into_tables;
use crate::engine::journal::{Layout, StreamHead};
use crate::engine::snapshot::{InstanceEvents, Snapshot};
use crate::engine::summary::is_sealed;
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::record::Record;
use crate::engine::tables::schema::{self, LOG_HEAD, PieceKey, StreamValue};
use crate::engine::tables::state::State;
use crate::progress::Progress;

/// How much a transaction writes before the next one is begun, in bytes of keys and values: redb holds in memory
/// what it has not written out.
const TRANSACTION_BYTES: usize = 32 << 20;

/// What a table takes, for the sum of what a transaction writes, in bytes: its name, its row in the table of tables,
/// and its first page.
const TABLE_BYTES: usize = 4096;

/// How many transactions go without a sync. Until then redb remembers each page that they have written. Of what
/// is copied, nothing counts before all of it does.
const TRANSACTIONS_UNSYNCED_MAX: usize = 32;

/// How many events of the journal are in memory at a time, in bytes of records.
const JOURNAL_BYTES: usize = 4 << 20;

/// The contents of a log, on their way to another one.
pub(super) struct Contents<'a> {
    snapshot: &'a Snapshot,
    target: &'a Database,
    progress: &'a Progress,
    /// The layout of both.
    layout: Layout,
    /// The transaction that is written, whichever instances and tables its rows belong to.
    transaction: Option<WriteTransaction>,
    /// How much it has written, in bytes.
    written: usize,
    /// How many were committed before it since the last sync.
    unsynced: usize,
}

impl<'a> Contents<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        target: &'a Database,
        layout: Layout,
        progress: &'a Progress,
    ) -> Self {
        Self {
            snapshot,
            target,
            progress,
            layout,
            transaction: None,
            written: 0,
            unsynced: 0,
        }
    }

    /// Writes all of it. What the tables of the new log hold is on disk when this returns.
    pub(super) fn write(mut self) -> Result<(), Fault> {
        let source = self.snapshot.transaction();
        let mut heads = BTreeMap::new();
        for entry in source.open_table(schema::INSTANCES)?.iter()? {
            let number = entry?.0.value();
            let head = self.snapshot.instance(number)?.head;
            self.write_instance(number, head.last_position)?;
            heads.insert(number, head);
        }
        self.copy(schema::NAMES, |_, _| 0)?;
        self.copy(schema::INSTANCES, |_, _| 0)?;
        let log = LogHead {
            commits: self.snapshot.commits(),
            ..LogHead::read(&source.open_table(schema::HEADS)?)?
        };
        let mut table = (self.transaction()?.open_table(schema::HEADS)).map_err(of_copy)?;
        table.insert(LOG_HEAD, log.to_value()).map_err(of_copy)?;
        for (number, head) in heads {
            table.insert(number, head.to_value()).map_err(of_copy)?;
        }
        drop(table);
        self.commit(true)
    }

    /// Commits the transaction if it has written enough.
    fn make_room(&mut self) -> Result<(), Fault> {
        if self.written >= TRANSACTION_BYTES {
            self.commit(self.unsynced == TRANSACTIONS_UNSYNCED_MAX)?;
        }
        Ok(())
    }

    /// The transaction that is written, with room for more.
    fn transaction(&mut self) -> Result<&WriteTransaction, Fault> {
        self.make_room()?;
        let transaction = match self.transaction.take() {
            Some(transaction) => transaction,
            None => self.target.begin_write().map_err(of_copy)?,
        };
        Ok(self.transaction.insert(transaction))
    }

    /// Commits the transaction, if there is one.
    fn commit(&mut self, is_synced: bool) -> Result<(), Fault> {
        self.written = 0;
        self.unsynced = if is_synced { 0 } else { self.unsynced + 1 };
        let Some(mut transaction) = self.transaction.take() else {
            return Ok(());
        };
        if !is_synced {
            let durability = Durability::None;
            transaction.set_durability(durability).map_err(of_copy)?;
        }
        transaction.commit().map_err(of_copy)
    }

    fn write_instance(&mut self, number: u32, last_position: u64) -> Result<(), Fault> {
        self.check_wanted()?;
        let (events, streams, blocks) = schema::tables_of(number);
        self.copy(TableDefinition::<u64, &[u8]>::new(&events), |_, _| 1)?;
        let block_events = u64::from(self.layout.block_events);
        self.copy(
            TableDefinition::<PieceKey, &[u8]>::new(&blocks),
            |(_, piece), bytes| {
                if is_sealed(*piece, bytes) {
                    block_events
                } else {
                    0
                }
            },
        )?;
        self.copy(
            TableDefinition::<&str, StreamValue>::new(&streams),
            |_, _| 0,
        )?;
        let keys = schema::keys_table(number);
        if schema::open_keys(self.snapshot.transaction(), number)?.is_some() {
            self.copy(TableDefinition::<&str, u64>::new(&keys), |_, _| 0)?;
        }
        let states = schema::states_table(number);
        if schema::open_states(self.snapshot.transaction(), number)?.is_some() {
            self.copy(TableDefinition::<&str, &[u8]>::new(&states), |_, _| 0)?;
        }
        self.write_journaled_states(number)?;
        let stored = self.snapshot.stored_head(number)?;
        if stored.is_none_or(|head| head.last_position < last_position) {
            self.write_journaled(number)?;
        }
        Ok(())
    }

    /// Makes a table and copies its rows, each of which is so many events.
    fn copy<K: Key + 'static, V: Value + 'static>(
        &mut self,
        table: TableDefinition<'_, K, V>,
        events_in: impl Fn(&K::SelfType<'_>, &V::SelfType<'_>) -> u64,
    ) -> Result<(), Fault> {
        let source = self.snapshot.transaction().open_table(table)?;
        let mut rows = source.iter()?.peekable();
        loop {
            self.make_room()?;
            let (snapshot, progress, before) = (self.snapshot, self.progress, self.written);
            let mut target = self.transaction()?.open_table(table).map_err(of_copy)?;
            let mut end = target
                .upper_bound_mut(Bound::<K::SelfType<'_>>::Unbounded)
                .map_err(of_copy)?;
            let mut bytes = TABLE_BYTES;
            while before + bytes < TRANSACTION_BYTES
                && let Some(row) = rows.next()
            {
                progress.check()?;
                snapshot.check_wanted()?;
                let (key, value) = row?;
                let value = value.value();
                bytes += V::as_bytes(&value).as_ref().len() + size_of::<StreamValue>();
                progress.advance(events_in(&key.value(), &value));
                end.insert_before(key.value(), &value).map_err(of_copy)?;
            }
            end.close().map_err(of_copy)?;
            drop(target);
            self.written += bytes;
            if rows.peek().is_none() {
                return Ok(());
            }
        }
    }

    fn check_wanted(&self) -> Result<(), Fault> {
        self.progress.check()?;
        self.snapshot.check_wanted()
    }

    /// Writes the states that the journal has, over those that the tables have.
    fn write_journaled_states(&mut self, number: u32) -> Result<(), Fault> {
        let mut states = BTreeMap::new();
        for (name, value) in self.snapshot.journaled_states(number)? {
            let (mut bytes, value) = (Vec::new(), value.as_deref());
            State { name: &name, value }.encode(&mut bytes);
            states.insert(name, bytes);
        }
        if states.is_empty() {
            return Ok(());
        }
        let rows = states.iter().map(|(name, bytes)| (&**name, &**bytes));
        into_tables::write_states(self.transaction()?, number, rows).map_err(of_copy)?;
        self.written += TABLE_BYTES + states.values().map(Vec::len).sum::<usize>();
        Ok(())
    }

    /// Writes the events that only the journal has, with what they change.
    fn write_journaled(&mut self, number: u32) -> Result<(), Fault> {
        let events = InstanceEvents::new(self.snapshot, number)?;
        let mut next = events.in_tables() + 1;
        while next <= events.last {
            let (mut records, mut bytes) = (Vec::new(), 0);
            let mut keys = Vec::new();
            let mut streams = BTreeMap::<String, StreamHead>::new();
            while next <= events.last && bytes < JOURNAL_BYTES {
                self.check_wanted()?;
                let record = events.copy_one(next)?;
                let Record {
                    sequence: last_sequence,
                    stream_id,
                    call,
                    ..
                } = Record::decode(&record, next)?;
                keys.extend(call.map(|call| (call.text.to_owned(), next)));
                let head = StreamHead {
                    last_sequence,
                    last_position: next,
                };
                streams.insert(stream_id.to_owned(), head);
                bytes += record.len();
                records.push((next, record));
                next += 1;
            }
            let layout = self.layout;
            let transaction = self.transaction()?;
            let added = records
                .iter()
                .map(|(position, bytes)| (*position, &**bytes));
            into_tables::write_events(transaction, number, added, layout).map_err(of_copy)?;
            let streams = streams.iter().map(|(name, head)| (&**name, *head));
            into_tables::write_streams(transaction, number, streams.collect()).map_err(of_copy)?;
            let keys = keys.iter().map(|(key, position)| (&**key, *position));
            into_tables::write_keys(transaction, number, keys.collect()).map_err(of_copy)?;
            self.written += bytes;
            self.progress.advance(records.len() as u64);
        }
        Ok(())
    }
}
