//! Writing the look-up of a block, and making one list of several.

use redb::{ReadableTable, Table};

use super::stored::{StoredList, head_key, key_of, piece_key, rows_of};
use crate::block::lookup::{Form, HASHES, Head, LISTS_MERGED, Level, Lookup, merged, pieces_of};
use crate::engine::Fault;
use crate::engine::summary::pieces::PIECE_BYTES;
use crate::engine::tables::schema::PieceKey;

type Pieces<'t> = Table<'t, PieceKey, &'static [u8]>;

/// Writes the look-up of a block, unless the block is in a list already. Where lists can become one, they do.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn write(
    table: &mut Pieces<'_>,
    block: u64,
    lookup: &Lookup,
) -> Result<(), Fault> {
    if is_listed(table, block)? {
        return Ok(());
    }
    let key = key_of(Level::BLOCK, block);
    table.insert(head_key(key), &*lookup.head(key))?;
    for (last, bytes) in lookup.pieces(key, PIECE_BYTES) {
        table.insert(piece_key(key, last), &*bytes)?;
    }
    let (mut level, mut index) = (Level::BLOCK, block);
    while let Some(above) = level.above()
        && merge(table, level, above, index)?
    {
        (level, index) = (above, index / LISTS_MERGED);
    }
    Ok(())
}

/// Whether a block is in a list. One that cannot be read is left to whoever reads it.
fn is_listed(
    table: &impl ReadableTable<PieceKey, &'static [u8]>,
    block: u64,
) -> Result<bool, Fault> {
    for level in Level::DOWN {
        if let Some(list) = StoredList::open(table, level, block / level.blocks())? {
            let number = block - list.blocks().start;
            if list.head().is_ok_and(|head| head.covered_from() <= number) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Drops all lists that a block could be in.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn drop_lists(table: &mut Pieces<'_>, block: u64) -> Result<(), Fault> {
    for level in Level::DOWN {
        let key = key_of(level, block / level.blocks());
        table.retain_in(rows_of(key), |_, _| false)?;
    }
    Ok(())
}

/// Drops the lists all of whose blocks are before that one.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn drop_before(table: &mut Pieces<'_>, block: u64) -> Result<(), Fault> {
    for level in Level::DOWN {
        let (first, end) = (key_of(level, 0), key_of(level, block / level.blocks()));
        table.retain_in(head_key(first)..head_key(end), |_, _| false)?;
    }
    Ok(())
}

/// Makes one list of up to 16 of a level, if the one of that number is the last of these, or all are there. It is of those
/// that follow each other up to the last one: where one is missing, the ones before it stay as they are.
fn merge(table: &mut Pieces<'_>, level: Level, above: Level, index: u64) -> Result<bool, Fault> {
    let group = index / LISTS_MERGED;
    let last = group * LISTS_MERGED + LISTS_MERGED - 1;
    let first = first_in_a_row(table, level, group, last)?;
    let is_whole = first == group * LISTS_MERGED;
    if first > last || !(is_whole || index == last) {
        return Ok(false);
    }
    let key = key_of(above, group);
    table.retain_in(rows_of(key), |_, _| false)?;
    if write_merged(table, level, above, key, first..=last)?.is_none() {
        // Whoever reads them is told.
        table.retain_in(rows_of(key), |_, _| false)?;
        return Ok(false);
    }
    for index in first..=last {
        table.retain_in(rows_of(key_of(level, index)), |_, _| false)?;
    }
    Ok(true)
}

/// The first of the lists of a group that follow each other up to the last one, each of which but the first is of all of
/// its blocks; the number after the last one if that is missing.
fn first_in_a_row(table: &Pieces<'_>, level: Level, group: u64, last: u64) -> Result<u64, Fault> {
    let mut first = last + 1;
    for index in (group * LISTS_MERGED..=last).rev() {
        let Some(list) = StoredList::open(table, level, index)? else {
            break;
        };
        let Ok(head) = list.head() else {
            break;
        };
        first = index;
        if head.covered_from() > 0 {
            break;
        }
    }
    Ok(first)
}

/// Writes the list with that `key`; `None` if one of those it is made of is not what was written.
fn write_merged(
    table: &mut Pieces<'_>,
    level: Level,
    above: Level,
    key: u64,
    indexes: std::ops::RangeInclusive<u64>,
) -> Result<Option<()>, Fault> {
    let numbers = || indexes.clone().map(|index| index % LISTS_MERGED);
    let group = indexes.start() / LISTS_MERGED * LISTS_MERGED;
    // A part of the hashes at a time, so that not all entries are in memory.
    let parts = level.blocks() as u32;
    for part in 0..parts {
        let hashes = HASHES / parts * part..HASHES / parts * (part + 1);
        let mut lists = Vec::new();
        for number in numbers() {
            let Some(list) = StoredList::open(table, level, group + number)? else {
                return Ok(None);
            };
            match list.entries(hashes.clone()) {
                Ok(entries) => lists.push((number, entries)),
                Err(Fault::Corrupted(_)) => return Ok(None),
                Err(fault) => return Err(fault),
            }
        }
        let entries = merged(level, lists);
        for (last, bytes) in pieces_of(above, key, Form::ByLast, &hashes, &entries, PIECE_BYTES) {
            table.insert(piece_key(key, last), &*bytes)?;
        }
    }
    let mut lists = Vec::new();
    for index in indexes.clone() {
        let Some(list) = StoredList::open(table, level, index)? else {
            return Ok(None);
        };
        lists.push(list);
    }
    let heads: Result<Vec<Head<'_>>, Fault> = lists.iter().map(StoredList::head).collect();
    let Ok(heads) = heads else {
        return Ok(None);
    };
    let head = Head::merged(level, key, indexes.start() % LISTS_MERGED, &heads);
    drop(heads);
    drop(lists);
    let Some(head) = head else {
        return Ok(None);
    };
    table.insert(head_key(key), &*head)?;
    Ok(Some(()))
}
