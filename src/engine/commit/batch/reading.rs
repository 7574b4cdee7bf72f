//! What a batch asks the tables.

use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;
use std::sync::Arc;

use redb::{ReadOnlyTable, ReadTransaction, TableDefinition};
use rustc_hash::FxHashMap;

use crate::engine::Fault;
use crate::engine::journal::StreamHead;
use crate::engine::summary::{Direction, KnownBlocks, StoredEvents};
use crate::engine::tables::catalog;
use crate::engine::tables::instance::{Head, Instance};
use crate::engine::tables::record::Record;
use crate::engine::tables::schema::{self, HeadValue, StreamValue};
use crate::engine::tables::state::State;
use crate::engine::view::OpenLog;

/// The tables as of one commit, opened when first asked.
pub(super) struct TableReader {
    transaction: ReadTransaction,
    /// What is in memory of blocks that the tables have.
    known: Arc<KnownBlocks>,
    block_events: u64,
    names: ReadOnlyTable<&'static str, u32>,
    instances: ReadOnlyTable<u32, &'static [u8]>,
    heads: ReadOnlyTable<u32, HeadValue>,
    streams: FxHashMap<u32, ReadOnlyTable<&'static str, StreamValue>>,
    /// Of an instance that has had no key, there is no table.
    keys: FxHashMap<u32, Option<ReadOnlyTable<&'static str, u64>>>,
    /// Of an instance that has had no state, there is no table.
    states: FxHashMap<u32, Option<ReadOnlyTable<&'static str, &'static [u8]>>>,
}

impl TableReader {
    pub(super) fn new(open_log: &OpenLog) -> Result<Self, Fault> {
        let transaction = open_log.storage.begin_read()?;
        Ok(Self {
            known: open_log.view().of_tables().blocks,
            block_events: open_log.storage.block_events()?,
            names: transaction.open_table(schema::NAMES)?,
            instances: transaction.open_table(schema::INSTANCES)?,
            heads: transaction.open_table(schema::HEADS)?,
            streams: FxHashMap::default(),
            keys: FxHashMap::default(),
            states: FxHashMap::default(),
            transaction,
        })
    }

    pub(super) fn number(&self, id_or_name: &str) -> Result<Option<u32>, Fault> {
        Ok(self.names.get(id_or_name)?.map(|guard| guard.value()))
    }

    pub(super) fn instance(&self, number: u32) -> Result<Instance, Fault> {
        catalog::read(&self.instances, &self.heads, number)
    }

    /// Where a stream stands; one without events stands at zero.
    pub(super) fn stream(&mut self, number: u32, stream_id: &str) -> Result<StreamHead, Fault> {
        if !self.streams.contains_key(&number) {
            let name = schema::streams_table(number);
            let table = self
                .transaction
                .open_table(TableDefinition::<&str, StreamValue>::new(&name))?;
            self.streams.insert(number, table);
        }
        let Some(table) = self.streams.get(&number) else {
            return Ok(StreamHead::default());
        };
        let found = table.get(stream_id)?.map(|guard| guard.value());
        Ok(
            found.map_or_else(StreamHead::default, |(last_sequence, last_position)| {
                StreamHead {
                    last_sequence,
                    last_position,
                }
            }),
        )
    }

    /// The position of the first event of the call with that key.
    pub(super) fn position_of_key(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        let table = match self.keys.entry(number) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(schema::open_keys(&self.transaction, number)?),
        };
        let Some(table) = table else {
            return Ok(None);
        };
        Ok(table.get(key)?.map(|guard| guard.value()))
    }

    /// The state that an instance has under that name.
    pub(super) fn state(&mut self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let table = match self.states.entry(number) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(schema::open_states(&self.transaction, number)?),
        };
        let Some(table) = table else {
            return Ok(None);
        };
        let Some(row) = table.get(name)? else {
            return Ok(None);
        };
        Ok(State::value_of(name, row.value())?.map(<[u8]>::to_vec))
    }

    /// Calls `visit` with the names of an instance's states that begin so.
    pub(super) fn each_state_name(
        &self,
        number: u32,
        prefix: &str,
        mut visit: impl FnMut(&str),
    ) -> Result<(), Fault> {
        let Some(table) = schema::open_states(&self.transaction, number)? else {
            return Ok(());
        };
        for row in table.range(prefix..)? {
            let (name, _) = row?;
            #[cfg(test)]
            crate::engine::effort::step();
            if !name.value().starts_with(prefix) {
                break;
            }
            visit(name.value());
        }
        Ok(())
    }

    /// Calls `visit` with those events at these positions that are in the tables.
    pub(super) fn each_record(
        &self,
        number: u32,
        positions: RangeInclusive<u64>,
        mut visit: impl FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let head = self.heads.get(number)?;
        let last = head.map_or(0, |head| Head::from_value(head.value()).last_position);
        let (known, block_events) = (Arc::clone(&self.known), self.block_events);
        let events = StoredEvents::open(&self.transaction, known, number, block_events, last)?;
        let mut walk = events.walk(Direction::Up);
        let (first, end) = positions.into_inner();
        for position in first..=end.min(events.last()) {
            #[cfg(test)]
            crate::engine::effort::step();
            let next = Some(position + 1);
            walk.visit(position, next, |record| visit(position, record))??;
        }
        Ok(())
    }
}
