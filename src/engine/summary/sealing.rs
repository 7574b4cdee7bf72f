//! What the tables get of blocks that have become whole.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::lookups::{self, LookingUp};
use super::pieces::{self, Content};
use super::{Facts, Summing};
use crate::block::Overview;
use crate::block::lookup::Lookup;
use crate::block::sealed::{Block, Builder, RowBuffer};
use crate::engine::Fault;
#[cfg(test)]
use crate::engine::seeded_bug;
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::engine::tables::record::{Link, Record};
use crate::engine::tables::row;
use crate::engine::tables::schema::{self, PieceKey};

/// A block with more bytes of records stays rows: all of them are in memory while it is sealed.
const RECORDS_BYTES_MAX: usize = 64 << 20;

/// A block that has become whole, and what the tables get of it.
pub(in crate::engine) struct WholeBlock {
    block: u64,
    content: Content,
    /// What its events are looked up by; `None` where that is not wanted, or cannot be made.
    lookup: Option<Lookup>,
}

/// A block that was tried to be sealed.
pub(in crate::engine) struct Tried {
    /// The block, if it could be.
    pub(in crate::engine) block: Option<WholeBlock>,
    /// How many bytes of records were read for that.
    pub(in crate::engine) records_bytes: usize,
}

/// The table of an instance's events that are rows, in a transaction.
type Rows<'t> = Table<'t, u64, &'static [u8]>;

/// Seals a block whose first events are rows of the table, while `added` are the records of the others. Its rows are
/// then no longer there. There is no block if it cannot be sealed, and then nothing has changed: an event is missing or
/// damaged, or its records take too many bytes, or the block does not give back each of them to the last byte.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn sealed(
    events: &mut Rows<'_>,
    block: u64,
    added: &[(u64, &[u8])],
    block_events: u64,
) -> Result<Tried, Fault> {
    let positions = positions_of(block, block_events);
    let first_added = added.first().map_or(positions.end, |(first, _)| *first);
    let earlier = rows_in(events, positions.start..first_added)?;
    let added = added.iter().map(|(_, record)| *record);
    let records: Vec<&[u8]> = earlier.iter().map(|it| &**it).chain(added).collect();
    let records_bytes: usize = records.iter().map(|record| record.len()).sum();
    let not_sealed = Tried {
        block: None,
        records_bytes,
    };
    if records.len() as u64 != block_events || records_bytes > RECORDS_BYTES_MAX {
        return Ok(not_sealed);
    }
    let Some(made) = made(&records, positions.start) else {
        return Ok(not_sealed);
    };
    if !earlier.is_empty() {
        events.retain_in(positions, |_, _| false)?;
    }
    Ok(Tried {
        block: Some(WholeBlock {
            block,
            content: Content::Sealed(made.bytes),
            lookup: made.lookup,
        }),
        records_bytes,
    })
}

/// What the tables get in the place of the records of a block.
#[derive(Debug)]
pub struct Made {
    /// The block, from which each of them can be read.
    pub bytes: Vec<u8>,
    /// What they are looked up by; `None` where that cannot be made.
    pub lookup: Option<Lookup>,
}

/// Seals a block of these records, the first of which is at that position, and makes sure that it gives back each of them to
/// the last byte; `None` where it does not, or a record is damaged.
#[must_use]
pub fn made(records: &[&[u8]], first: u64) -> Option<Made> {
    // A checkpoint is not lost for a fault of this package, without which nothing could be appended any more.
    let make = || {
        let decoded = decoded(records, first)?;
        Some((checked(records, &decoded)?, decoded))
    };
    let (bytes, decoded) = catch_unwind(AssertUnwindSafe(make)).ok().flatten()?;
    let mut looking_up = LookingUp::new(true);
    for record in &decoded {
        looking_up.push(record);
    }
    Some(Made {
        bytes,
        lookup: looking_up.finish(),
    })
}

/// A block that was sealed, with other records in it; `None` if it cannot be sealed any more. Its look-up is not made.
pub(in crate::engine) fn resealed(
    block: u64,
    records: &[Vec<u8>],
    block_events: u64,
) -> Option<WholeBlock> {
    let records: Vec<&[u8]> = records.iter().map(|record| &**record).collect();
    let make = || {
        let decoded = decoded(&records, positions_of(block, block_events).start)?;
        checked(&records, &decoded)
    };
    let bytes = catch_unwind(AssertUnwindSafe(make)).ok().flatten()?;
    Some(WholeBlock {
        block,
        content: Content::Sealed(bytes),
        lookup: None,
    })
}

/// Writes what a table gets of a block.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn write_block(
    table: &mut Table<'_, PieceKey, &'static [u8]>,
    WholeBlock {
        block,
        content,
        lookup,
    }: &WholeBlock,
) -> Result<(), Fault> {
    pieces::write(table, *block, content)?;
    match lookup {
        Some(lookup) => lookups::write(table, *block, lookup),
        None => Ok(()),
    }
}

fn positions_of(block: u64, block_events: u64) -> Range<u64> {
    block * block_events + 1..(block + 1) * block_events + 1
}

/// Copies the rows at these positions, up to one that is missing, or until they take too many bytes.
fn rows_in(events: &Rows<'_>, positions: Range<u64>) -> Result<Vec<Box<[u8]>>, Fault> {
    let mut rows: Vec<Box<[u8]>> = Vec::new();
    let mut bytes = 0;
    for (entry, expected) in events.range(positions.clone())?.zip(positions) {
        let (position, record) = entry?;
        if position.value() != expected || bytes > RECORDS_BYTES_MAX {
            break;
        }
        let Ok(record) = row::unpack(record.value(), expected) else {
            break;
        };
        bytes += record.len();
        rows.push(record.into());
    }
    Ok(rows)
}

/// These records, whose first is at that position, decoded; `None` if one of them is damaged.
fn decoded<'r>(records: &[&'r [u8]], first: u64) -> Option<Vec<Record<'r>>> {
    let records = (first..).zip(records);
    let decoded = records.map(|(position, bytes)| Record::decode(bytes, position).ok());
    decoded.collect()
}

/// The block of these records; `None` unless it gives back each of them.
fn checked(records: &[&[u8]], decoded: &[Record<'_>]) -> Option<Vec<u8>> {
    let mut is_wrong = OfThisThread.has(Bug::WrongBlock) || OfThisThread.has(Bug::UncheckedBlock);
    let mut builder = Builder::with_narrow_columns();
    for record in decoded {
        let mut row = record.row();
        if std::mem::take(&mut is_wrong) {
            row.timestamp_ms ^= 1;
        }
        builder.push(&row);
    }
    let block = builder.finish();
    (OfThisThread.has(Bug::UncheckedBlock) || gives_back(&block, records)).then_some(block)
}

/// Whether a block has these records, which are sound, and nothing else, and says of all of them together what they say.
fn gives_back(block: &Vec<u8>, records: &[&[u8]]) -> bool {
    let Ok(block) = Block::open(block) else {
        return false;
    };
    let mut facts = Facts::default();
    let mut times = Vec::with_capacity(records.len());
    let (mut buffer, mut link_buffer) = (RowBuffer::default(), RowBuffer::default());
    let mut bytes = Vec::new();
    let mut is_same = |row: usize, record: &[u8]| {
        let found = block.row(row, &mut buffer);
        let link = block.link(row, &mut link_buffer);
        let (Ok(found), Ok(link)) = (found, link) else {
            return false;
        };
        let (found, link) = (Record::of_row(&found), Link::of_row(&link));
        facts.add(&found);
        times.push(found.timestamp_ms);
        found.is_encoded_as(record, &mut bytes) && link == found.link()
    };
    let has_records = block.directory().len() == records.len()
        && (0..).zip(records).all(|(row, record)| is_same(row, record));
    // Queries pass the block over by its directory, and by that of the summary in it.
    has_records
        && facts.are_those_of(Overview::Sealed(block.directory()))
        && (block.overview()).is_ok_and(|overview| facts.are_those_of(overview))
        && block.times().is_ok_and(|found| found == times)
}

/// What the tables get of a block whose events are rows: a summary, and what they are looked up by if they are, unless it
/// has an event that is damaged. Whoever reads that learns of it, and what is appended need not suffer for it.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn summarised(
    events: &Rows<'_>,
    block: u64,
    block_events: u64,
    looks_up: bool,
) -> Result<WholeBlock, Fault> {
    let mut expected = positions_of(block, block_events);
    let mut summing = Summing::default();
    let mut looking_up = LookingUp::new(looks_up);
    let mut is_sound = true;
    for entry in events.range(expected.clone())? {
        let (position, bytes) = entry?;
        let position = position.value();
        let Ok(bytes) = row::unpack(bytes.value(), position) else {
            is_sound = false;
            continue;
        };
        match Record::decode(&bytes, position) {
            Ok(record) if expected.next() == Some(position) => {
                summing.push(&record);
                looking_up.push(&record);
            }
            _ => is_sound = false,
        }
    }
    is_sound &= expected.is_empty() || OfThisThread.has(Bug::SealedTooEarly);
    let summary = if is_sound { summing.finish() } else { None };
    let content = summary.map_or(Content::Nothing, |summary| {
        Content::Summary(summary.encoded)
    });
    Ok(WholeBlock {
        block,
        content,
        lookup: looking_up.finish().filter(|_| is_sound),
    })
}

/// Writes what the tables get of an instance's blocks.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn write_blocks(
    transaction: &WriteTransaction,
    number: u32,
    blocks: Vec<WholeBlock>,
) -> Result<(), Fault> {
    if blocks.is_empty() {
        return Ok(());
    }
    #[cfg(test)]
    if OfThisThread.has(Bug::RowsDroppedFirst) {
        seeded_bug::postpone(number, blocks);
        return Ok(());
    }
    write_at_once(transaction, number, blocks)
}

/// As [`write_blocks`], without the bug that a test can put in there.
pub(in crate::engine) fn write_at_once(
    transaction: &WriteTransaction,
    number: u32,
    blocks: Vec<WholeBlock>,
) -> Result<(), Fault> {
    let name = schema::blocks_table(number);
    let mut table = transaction.open_table(TableDefinition::<PieceKey, &[u8]>::new(&name))?;
    for block in blocks {
        write_block(&mut table, &block)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::sealed::{body_at, fuzzing};

    const TYPES: [&str; 2] = ["made", "sold"];

    fn record(n: u64) -> Record<'static> {
        Record {
            id: uuid::Uuid::from_u128(u128::from(n) << 64),
            timestamp_ms: 1_000 + n as i64,
            sequence: n + 1,
            back: u64::from(n > 0),
            stream_id: "s",
            event_type: TYPES[n as usize % 2],
            call: None,
            payload: "{\"a\":1}",
            metadata: "{}",
        }
    }

    fn encoded(records: &[Record<'_>]) -> Vec<Vec<u8>> {
        let bytes = |record: &Record<'_>| {
            let mut bytes = Vec::new();
            record.encode(&mut bytes);
            bytes
        };
        records.iter().map(bytes).collect()
    }

    fn block_of(records: &[Record<'_>]) -> Vec<u8> {
        let mut builder = Builder::with_narrow_columns();
        for record in records {
            builder.push(&record.row());
        }
        builder.finish()
    }

    fn is_given_back(block: &Vec<u8>, records: &[Record<'_>]) -> bool {
        let bytes = encoded(records);
        let bytes: Vec<&[u8]> = bytes.iter().map(|bytes| &**bytes).collect();
        gives_back(block, &bytes)
    }

    #[test]
    fn a_block_that_would_be_passed_over_wrongly_does_not_give_back_its_events() {
        let records: Vec<_> = (0..6).map(record).collect();
        let block = block_of(&records);
        assert!(is_given_back(&block, &records));
        // After its length, its version, its checksum and the number of rows come the times, the ids, whether it is
        // sorted, and the types with their counts.
        let times_at = 4 + 1 + 4 + 1;
        let ids_at = times_at + 2 + 1;
        let types_at = ids_at + 32 + 1;
        let ends_at = types_at + 1 + 2 * (1 + 4 + 1);
        assert!(ends_at < body_at(&block));
        for at in times_at..ends_at {
            let mut altered = block.clone();
            altered[at] ^= 1;
            let altered = fuzzing::sign(altered);
            assert!(!is_given_back(&altered, &records), "byte {at}");
        }
    }

    #[test]
    fn a_block_whose_summary_says_otherwise_does_not_give_back_its_events() {
        let directory = |records: &[Record<'_>]| {
            let mut summing = Summing::default();
            for record in records {
                summing.push(record);
            }
            summing.finish().unwrap().encoded.directory
        };
        let records: Vec<_> = (0..6).map(record).collect();
        let block = block_of(&records);
        let own = directory(&records);
        let at = block.windows(own.len()).position(|found| found == own);
        let at = at.expect("the summary is in the block");
        let mut otherwise = [records.clone(), records.clone(), records.clone()];
        otherwise[0][5].timestamp_ms += 1;
        otherwise[1][5].id = uuid::Uuid::from_u128(9 << 64);
        otherwise[2][5].event_type = TYPES[0];
        for others in otherwise {
            let others = directory(&others);
            assert_eq!(others.len(), own.len());
            assert_ne!(others, own);
            let mut altered = block.clone();
            altered[at..at + own.len()].copy_from_slice(&others);
            assert!(!is_given_back(&fuzzing::sign(altered), &records));
        }
    }
}
