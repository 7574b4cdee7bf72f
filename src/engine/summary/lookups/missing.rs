//! Blocks that are in no list.

use std::ops::Range;

use redb::ReadableTable;

use super::super::{Direction, StoredEvents};
use super::making::LookingUp;
use super::stored::StoredList;
use crate::block::lookup::{LISTS_MERGED, Level, Lookup};
use crate::engine::Fault;
use crate::engine::tables::schema::PieceKey;

/// Blocks whose lists would become one, not all of which are in one.
pub(in crate::engine) struct Unlisted {
    pub(in crate::engine) blocks: Range<u64>,
    /// Those that need a list of their own.
    pub(in crate::engine) missing: Vec<u64>,
    /// Whether some of them are in a list that has to go, since it cannot take in the others.
    pub(in crate::engine) begins_anew: bool,
}

/// The first blocks from one on, before `whole`, that are not all in lists. Blocks that are not there count for nothing.
pub(in crate::engine) fn first_unlisted(
    table: &impl ReadableTable<PieceKey, &'static [u8]>,
    from: u64,
    whole: u64,
) -> Result<Option<Unlisted>, Fault> {
    let mut block = from;
    while block < whole {
        match list_end(table, block)? {
            Some(end) => block = end,
            None if table.get((block, 0))?.is_none() => block += 1,
            None => return of_group(table, block, whole).map(Some),
        }
    }
    Ok(None)
}

/// The block after those of the list that a block is in.
fn list_end(
    table: &impl ReadableTable<PieceKey, &'static [u8]>,
    block: u64,
) -> Result<Option<u64>, Fault> {
    for level in Level::DOWN {
        if let Some(list) = StoredList::open(table, level, block / level.blocks())? {
            let blocks = list.blocks();
            let number = block - blocks.start;
            if list.head().is_ok_and(|head| head.covered_from() <= number) {
                return Ok(Some(blocks.end));
            }
        }
    }
    Ok(None)
}

fn of_group(
    table: &impl ReadableTable<PieceKey, &'static [u8]>,
    block: u64,
    whole: u64,
) -> Result<Unlisted, Fault> {
    let first = block / LISTS_MERGED * LISTS_MERGED;
    let blocks = first..(first + LISTS_MERGED).min(whole);
    let mut begins_anew = false;
    for level in Level::DOWN
        .into_iter()
        .filter(|level| *level > Level::BLOCK)
    {
        begins_anew |= StoredList::open(table, level, block / level.blocks())?.is_some();
    }
    let mut missing = Vec::new();
    for block in blocks.clone() {
        let is_listed =
            StoredList::open(table, Level::BLOCK, block)?.is_some_and(|list| list.head().is_ok());
        if begins_anew || !is_listed {
            missing.push(block);
        }
    }
    Ok(Unlisted {
        blocks,
        missing,
        begins_anew,
    })
}

/// The look-up of a block that the tables have.
///
/// # Errors
///
/// A storage fault; corruption.
pub(in crate::engine) fn of_block(
    events: &StoredEvents,
    block: u64,
) -> Result<Option<Lookup>, Fault> {
    let mut looking_up = LookingUp::new(true);
    let mut walk = events.walk(Direction::Up);
    for position in events.positions_of(block) {
        walk.visit(position, Some(position + 1), |record| {
            looking_up.push(record);
        })?;
    }
    Ok(looking_up.finish())
}
