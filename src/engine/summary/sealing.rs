//! Writing the summaries of blocks that have become whole.

use std::ops::Range;

use redb::{ReadableTable, TableDefinition, WriteTransaction};

use super::{Summary, Summing, pieces};
use crate::block::Encoded;
use crate::engine::Fault;
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::tables::record::Record;
use crate::engine::tables::schema::{self, PieceKey};

/// A block that has become whole.
pub(in crate::engine) struct Sealed {
    block: u64,
    /// Its summary, if there can be one.
    encoded: Option<Encoded>,
}

/// The summaries of those blocks whose last events have been put into the table of `events` at the
/// positions of `added`, in the same transaction.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn summaries_of(
    events: &impl ReadableTable<u64, &'static [u8]>,
    added: Range<u64>,
    block_events: u64,
) -> Result<Vec<Sealed>, Fault> {
    let blocks = (added.start - 1) / block_events..(added.end - 1) / block_events;
    let is_too_early = OfThisThread.has(Bug::SealedTooEarly);
    let blocks = blocks.start..blocks.end + u64::from(is_too_early);
    let sealed = |block| {
        let summary = summarised(events, block, block_events)?;
        Ok(Sealed {
            block,
            encoded: summary.map(|summary| summary.encoded),
        })
    };
    blocks.map(sealed).collect()
}

/// Writes summaries of an instance's blocks.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn seal(
    transaction: &WriteTransaction,
    number: u32,
    summaries: &[Sealed],
) -> Result<(), Fault> {
    if summaries.is_empty() {
        return Ok(());
    }
    let name = schema::blocks_table(number);
    let mut table = transaction.open_table(TableDefinition::<PieceKey, &[u8]>::new(&name))?;
    for Sealed { block, encoded } in summaries {
        pieces::write(&mut table, *block, encoded.as_ref())?;
    }
    Ok(())
}

/// The summary of a block, unless it has an event that is damaged: whoever reads that learns of it,
/// and what is appended need not suffer for it.
fn summarised(
    events: &impl ReadableTable<u64, &'static [u8]>,
    block: u64,
    block_events: u64,
) -> Result<Option<Summary>, Fault> {
    let mut expected = block * block_events + 1..(block + 1) * block_events + 1;
    let mut summing = Summing::default();
    for entry in events.range(expected.clone())? {
        let (position, bytes) = entry?;
        let record = Record::decode(bytes.value(), position.value());
        match record {
            Ok(record) if expected.next() == Some(position.value()) => summing.push(&record),
            _ => return Ok(None),
        }
    }
    if OfThisThread.has(Bug::SealedTooEarly) {
        return Ok(summing.finish());
    }
    Ok(expected.is_empty().then(|| summing.finish()).flatten())
}
