//! Putting events into the tables: all of a journal's generation, or those of one commit.
//!
//! Of a write transaction, no table is open while another one is opened. On pages that were altered behind its
//! back, redb may panic there; it then leaves a lock that closing the first table panics at, and a panic
//! while another one unwinds ends the process.

use std::ops::Bound;

use redb::{ReadableTable, TableDefinition, WriteTransaction};
use rustc_hash::FxHashSet;

use super::dropping::drop_trimmed;
use crate::engine::Fault;
use crate::engine::journal::{Layout, StreamHead};
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::summary;
use crate::engine::tables::catalog;
use crate::engine::tables::instance::Head;
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::row;
use crate::engine::tables::schema::{self, StreamValue};
use crate::engine::tables::state::State;
use crate::engine::view::Generation;

/// Puts into the tables what a generation holds and they do not, but for `deleted` instances.
pub(in crate::engine) fn write_generation(
    transaction: &WriteTransaction,
    generation: &Generation,
    deleted: &FxHashSet<u32>,
    layout: Layout,
) -> Result<(), Fault> {
    let records = generation.segment.records();
    let mut changed: Vec<(u32, Head)> = records.heads(generation.commits).collect();
    changed.retain(|(number, _)| !deleted.contains(number));
    changed.sort_unstable_by_key(|(number, _)| *number);
    let written = positions_in(transaction, changed.iter().map(|(number, _)| *number))?;
    for ((number, head), written) in changed.iter().copied().zip(written) {
        write_events(
            transaction,
            number,
            records.records_from(number, written + 1),
            layout,
        )?;
        let streams = records.streams(number).map(|(name, head)| (&**name, *head));
        write_streams(transaction, number, streams.collect())?;
        write_keys(transaction, number, records.keys(number).collect())?;
        let states = || {
            let states = records.states(number, generation.commits);
            states.map(|(name, bytes)| (&**name, bytes))
        };
        write_states(transaction, number, states())?;
        drop_trimmed(transaction, number, states(), head.last_position, layout)?;
    }
    let mut heads = transaction.open_table(schema::HEADS)?;
    for (number, head) in changed {
        heads.insert(number, head.to_value())?;
    }
    Ok(())
}

/// Adds events to an instance, in the order of their positions. Of a block that they make whole no row is left where the
/// layout says so and it can be sealed.
pub(in crate::engine) fn write_events<'a>(
    transaction: &WriteTransaction,
    number: u32,
    records: impl Iterator<Item = (u64, &'a [u8])>,
    layout: Layout,
) -> Result<(), Fault> {
    let records: Vec<(u64, &[u8])> = records.collect();
    if records.is_empty() {
        return Ok(());
    }
    let block_events = u64::from(layout.block_events);
    let name = schema::events_table(number);
    let mut events = transaction.open_table(TableDefinition::<u64, &[u8]>::new(&name))?;
    let mut whole = Vec::new();
    for added in records
        .chunk_by(|(one, _), (other, _)| (one - 1) / block_events == (other - 1) / block_events)
    {
        let Some((last, _)) = added.last() else {
            continue;
        };
        let (block, is_whole) = ((last - 1) / block_events, last.is_multiple_of(block_events));
        if is_whole
            && layout.format.seals()
            && let Some(sealed) = summary::sealed(&mut events, block, added, block_events)?.block
        {
            whole.push(sealed);
            continue;
        }
        let packs = layout.format.packs_rows();
        let mut cursor = events.upper_bound_mut(Bound::<u64>::Unbounded)?;
        for (position, bytes) in added {
            cursor.insert_before(position, &*row::of(bytes, packs))?;
        }
        cursor.close()?;
        if is_whole || OfThisThread.has(Bug::SealedTooEarly) {
            let looks_up = layout.format.seals();
            whole.push(summary::summarised(&events, block, block_events, looks_up)?);
        }
    }
    drop(events);
    summary::write_blocks(transaction, number, whole)
}

/// Writes where streams of an instance stand.
pub(in crate::engine) fn write_streams(
    transaction: &WriteTransaction,
    number: u32,
    mut streams: Vec<(&str, StreamHead)>,
) -> Result<(), Fault> {
    if streams.is_empty() {
        return Ok(());
    }
    if OfThisThread.has(Bug::CounterOutsideTransaction) {
        return Ok(());
    }
    // In key order, so that streams on one page are written while it is at hand.
    streams.sort_unstable_by_key(|(name, _)| *name);
    let name = schema::streams_table(number);
    let mut table = transaction.open_table(TableDefinition::<&str, StreamValue>::new(&name))?;
    for (stream, head) in streams {
        table.insert(stream, (head.last_sequence, head.last_position))?;
    }
    Ok(())
}

/// Writes where the calls of an instance begin that have keys.
pub(in crate::engine) fn write_keys(
    transaction: &WriteTransaction,
    number: u32,
    mut keys: Vec<(&str, u64)>,
) -> Result<(), Fault> {
    if keys.is_empty() {
        return Ok(());
    }
    // In key order, as streams are.
    keys.sort_unstable();
    let name = schema::keys_table(number);
    let mut table = transaction.open_table(TableDefinition::<&str, u64>::new(&name))?;
    let between = match table.last()? {
        Some((last, _)) => keys.partition_point(|(key, _)| *key <= last.value()),
        None => 0,
    };
    let (between, after) = keys.split_at(between);
    for (key, position) in between {
        table.insert(key, position)?;
    }
    // Keys that grow with time come here, as events do: none of them is looked for in the tree.
    let mut cursor = table.upper_bound_mut(Bound::<&str>::Unbounded)?;
    for (key, position) in after {
        cursor.insert_before(key, position)?;
    }
    Ok(cursor.close()?)
}

/// Writes the states of an instance, each of which is the newest of its name. Those that are no more are
/// removed.
pub(in crate::engine) fn write_states<'a>(
    transaction: &WriteTransaction,
    number: u32,
    states: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Result<(), Fault> {
    let mut states = states.peekable();
    if states.peek().is_none() {
        return Ok(());
    }
    let name = schema::states_table(number);
    let mut table = transaction.open_table(TableDefinition::<&str, &[u8]>::new(&name))?;
    for (name, bytes) in states {
        if State::value_of(name, bytes)?.is_some() {
            table.insert(name, bytes)?;
        } else {
            table.remove(name)?;
        }
    }
    Ok(())
}

/// Notes up to which commit the tables hold everything.
pub(in crate::engine) fn write_log_head(
    transaction: &WriteTransaction,
    log: LogHead,
) -> Result<(), Fault> {
    let mut heads = transaction.open_table(schema::HEADS)?;
    heads.insert(schema::LOG_HEAD, log.to_value())?;
    Ok(())
}

/// The last positions that the tables have of instances.
fn positions_in(
    transaction: &WriteTransaction,
    numbers: impl Iterator<Item = u32>,
) -> Result<Vec<u64>, Fault> {
    let heads = transaction.open_table(schema::HEADS)?;
    let position = |number: u32| {
        let head = heads
            .get(number)?
            .ok_or_else(|| catalog::missing_row(number))?;
        Ok(head.value().0)
    };
    numbers.map(position).collect()
}
