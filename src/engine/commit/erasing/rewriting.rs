//! Writing the tables of an instance anew, with other texts in the place of those that are erased.
//!
//! Events never change but here. A table that has had what is erased is not changed: it is made anew, and the one before goes
//! with all of its pages. redb leaves what it takes out of a page at the end of that page, so no page of it may stay.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use redb::{Key, ReadTransaction, ReadableTable, Table, TableDefinition, Value, WriteTransaction};

use crate::block::sealed::RowBuffer;
use crate::engine::Fault;
use crate::engine::journal::Layout;
use crate::engine::summary::lookups::list_of_key;
use crate::engine::summary::{self, StoredEvents, WholeBlock};
use crate::engine::tables::catalog;
use crate::engine::tables::instance::Head;
use crate::engine::tables::record::Record;
use crate::engine::tables::row;
use crate::engine::tables::schema::{self, PieceKey};
use crate::engine::tables::state::State;

/// Makes the payload and the metadata that an event has from now on, of the one that it is. It makes the same of the same.
pub type Instead = Box<dyn Fn(&Record<'_>) -> [String; 2] + Send>;

/// What takes the place of something in an instance.
#[derive(Default)]
pub struct Rewriting {
    /// The number of the instance.
    pub number: u32,
    /// The payload and the metadata that events have from now on, by their positions. They are made while they are written:
    /// there may be more of them than memory is for.
    pub texts: BTreeMap<u64, Instead>,
    /// What states are from now on, by their names; `None` if there is none any more.
    pub states: BTreeMap<String, Option<Vec<u8>>>,
}

impl fmt::Debug for Rewriting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rewriting")
            .field("number", &self.number)
            .field("texts", &self.texts.keys())
            .field("states", &self.states)
            .finish()
    }
}

/// What blocks, and events, an instance has anew.
struct Anew<'a> {
    rewriting: &'a Rewriting,
    stored: StoredEvents,
    layout: Layout,
    /// The blocks that have one of the events.
    blocks: BTreeSet<u64>,
    /// Records of blocks that were sealed, and cannot be any more.
    rows: BTreeMap<u64, Vec<u8>>,
    /// How many bytes all records of the instance had, and have by now.
    bytes: (u64, u64),
}

/// Writes it to the tables. `reading` has them as they are before.
///
/// # Errors
///
/// A storage fault; corruption.
pub(super) fn rewrite(
    transaction: &WriteTransaction,
    reading: &ReadTransaction,
    rewriting: &Rewriting,
    layout: Layout,
) -> Result<(), Fault> {
    let number = rewriting.number;
    let block_events = u64::from(layout.block_events);
    let blocks = rewriting
        .texts
        .keys()
        .map(|position| (position - 1) / block_events);
    let mut anew = Anew {
        rewriting,
        stored: StoredEvents::unknown(reading, number, block_events)?,
        layout,
        blocks: blocks.collect(),
        rows: BTreeMap::new(),
        bytes: (0, 0),
    };
    let (events, _, pieces) = schema::tables_of(number);
    anew.write_pieces(transaction, &schema::table_made_anew(&pieces))?;
    let summarised = anew.write_rows(transaction, &schema::table_made_anew(&events))?;
    write_summaries(transaction, &schema::table_made_anew(&pieces), &summarised)?;
    replace::<PieceKey>(transaction, &pieces)?;
    replace::<u64>(transaction, &events)?;
    write_states(transaction, reading, rewriting)?;
    let mut heads = transaction.open_table(schema::HEADS)?;
    let head = heads
        .get(number)?
        .map(|head| Head::from_value(head.value()));
    let mut head = head.ok_or_else(|| catalog::missing_row(number))?;
    let (before, after) = anew.bytes;
    head.stored_bytes = (head.stored_bytes + after).saturating_sub(before);
    heads.insert(number, head.to_value())?;
    Ok(())
}

/// Has the table that was made anew take the place of the one before.
fn replace<K: Key + 'static>(transaction: &WriteTransaction, name: &str) -> Result<(), Fault> {
    let anew = schema::table_made_anew(name);
    transaction.delete_table(TableDefinition::<K, &[u8]>::new(name))?;
    transaction.rename_table(
        TableDefinition::<K, &[u8]>::new(&anew),
        TableDefinition::<K, &[u8]>::new(name),
    )?;
    Ok(())
}

/// The table that is made anew. What a transaction before has left of it is gone.
fn open_anew<'t, K: Key + 'static, V: Value + 'static>(
    transaction: &'t WriteTransaction,
    name: &str,
) -> Result<Table<'t, K, V>, Fault> {
    Ok(transaction.open_table(TableDefinition::<K, V>::new(name))?)
}

/// The bytes of records before and after.
type Change = (u64, u64);

/// Appends the record at a position with the texts that it has from now on.
fn encode_rewritten(
    instead: &Instead,
    bytes: &[u8],
    position: u64,
    out: &mut Vec<u8>,
) -> Result<Change, Fault> {
    let record = Record::decode(bytes, position)?;
    let [payload, metadata] = &instead(&record);
    let record = Record {
        payload,
        metadata,
        ..record
    };
    let start = out.len();
    record.encode(out);
    Ok((bytes.len() as u64, (out.len() - start) as u64))
}

impl Anew<'_> {
    fn note(&mut self, (before, after): Change) {
        self.bytes.0 += before;
        self.bytes.1 += after;
    }

    /// Writes the pieces of blocks, but for the summaries of those whose events are rows and are rewritten. No look-up stays
    /// that is of an event which is rewritten.
    fn write_pieces(&mut self, transaction: &WriteTransaction, name: &str) -> Result<(), Fault> {
        let mut table = open_anew::<PieceKey, &[u8]>(transaction, name)?;
        for entry in self.stored.pieces().range::<PieceKey>(..)? {
            let (key, bytes) = entry?;
            let blocks = match list_of_key(key.value().0) {
                None => key.value().0..key.value().0.saturating_add(1),
                Some((level, index)) => {
                    let first = index.saturating_mul(level.blocks());
                    first..first.saturating_add(level.blocks())
                }
            };
            if self.blocks.range(blocks).next().is_none() {
                table.insert(key.value(), bytes.value())?;
            }
        }
        for block in self.blocks.clone() {
            if let Some(resealed) = self.resealed(block)? {
                summary::write_block(&mut table, &resealed)?;
            }
        }
        Ok(())
    }

    /// A block with its events as they are from now on, if it is sealed. If it cannot be sealed any more, they are to be rows.
    fn resealed(&mut self, block: u64) -> Result<Option<WholeBlock>, Fault> {
        let block_events = u64::from(self.layout.block_events);
        let first = block * block_events + 1;
        let mut records = Vec::new();
        {
            let mut buffer = RowBuffer::default();
            let Some(sealed) = self.stored.sealed(block)? else {
                return Ok(None);
            };
            for row in 0..block_events as usize {
                let mut bytes = Vec::new();
                sealed.row(row, &mut buffer)?.encode(&mut bytes);
                records.push(bytes);
            }
        }
        for (position, bytes) in (first..).zip(&mut records) {
            if let Some(instead) = self.rewriting.texts.get(&position) {
                let before = std::mem::take(bytes);
                self.note(encode_rewritten(instead, &before, position, bytes)?);
            }
        }
        let resealed = summary::resealed(block, &records, block_events);
        if resealed.is_none() {
            self.rows.extend((first..).zip(records));
        }
        Ok(resealed)
    }

    /// Writes the events that are rows. Returns what is noted of the whole blocks among those that were rewritten.
    fn write_rows(
        &mut self,
        transaction: &WriteTransaction,
        name: &str,
    ) -> Result<Vec<WholeBlock>, Fault> {
        let mut table = open_anew::<u64, &[u8]>(transaction, name)?;
        let packs = self.layout.format.packs_rows();
        for (position, bytes) in &self.rows {
            table.insert(position, &*row::of(bytes, packs))?;
        }
        let (mut changes, mut rewritten) = (Vec::new(), Vec::new());
        for entry in self.stored.rows().range::<u64>(..)? {
            let (position, bytes) = entry?;
            let position = position.value();
            if let Some(instead) = self.rewriting.texts.get(&position) {
                rewritten.clear();
                let bytes = row::unpack(bytes.value(), position)?;
                changes.push(encode_rewritten(instead, &bytes, position, &mut rewritten)?);
                table.insert(position, &*row::of(&rewritten, packs))?;
            } else {
                table.insert(position, bytes.value())?;
            }
        }
        let block_events = u64::from(self.layout.block_events);
        let mut summarised = Vec::new();
        for block in &self.blocks {
            let first = block * block_events + 1;
            let end = first + block_events;
            // Only those that are whole have a summary.
            let is_whole = self.rows.contains_key(&first) || end <= self.stored.last() + 1;
            if is_whole && table.get(first)?.is_some() {
                let whole = summary::summarised(&table, *block, block_events, false)?;
                summarised.push(whole);
            }
        }
        drop(table);
        for change in changes {
            self.note(change);
        }
        Ok(summarised)
    }
}

/// Writes what is noted of blocks whose events are rows.
fn write_summaries(
    transaction: &WriteTransaction,
    name: &str,
    summarised: &[WholeBlock],
) -> Result<(), Fault> {
    if summarised.is_empty() {
        return Ok(());
    }
    let mut table = open_anew::<PieceKey, &[u8]>(transaction, name)?;
    for whole in summarised {
        summary::write_block(&mut table, whole)?;
    }
    Ok(())
}

/// Writes the states of the instance, if some of them are to be others.
fn write_states(
    transaction: &WriteTransaction,
    reading: &ReadTransaction,
    rewriting: &Rewriting,
) -> Result<(), Fault> {
    if rewriting.states.is_empty() {
        return Ok(());
    }
    let name = schema::states_table(rewriting.number);
    let anew = schema::table_made_anew(&name);
    let stored = schema::open_states(reading, rewriting.number)?;
    {
        let mut table = open_anew::<&str, &[u8]>(transaction, &anew)?;
        if let Some(stored) = &stored {
            for entry in stored.range::<&str>(..)? {
                let (name, bytes) = entry?;
                if !rewriting.states.contains_key(name.value()) {
                    table.insert(name.value(), bytes.value())?;
                }
            }
        }
        let mut bytes = Vec::new();
        for (name, value) in &rewriting.states {
            if let Some(value) = value {
                bytes.clear();
                let value = Some(&**value);
                State { name, value }.encode(&mut bytes);
                table.insert(&**name, &*bytes)?;
            }
        }
    }
    replace::<&str>(transaction, &name)
}
