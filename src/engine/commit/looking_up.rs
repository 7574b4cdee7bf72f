//! Looking up the blocks that were sealed without that: those of files that earlier versions have written.

use std::thread;
use std::time::Duration;

use redb::{ReadableTable, TableDefinition};

use crate::block::lookup::Lookup;
use crate::engine::Fault;
use crate::engine::storage::Storage;
use crate::engine::summary::StoredEvents;
use crate::engine::summary::lookups::{self, Unlisted};
use crate::engine::tables::instance::Head;
use crate::engine::tables::schema::{self, PieceKey};
use crate::progress::Progress;

/// How long others have between two transactions. Those of other processes look for their turn after at most half as
/// long.
pub(super) const PAUSE: Duration = Duration::from_millis(2);

/// Makes the look-ups that are missing of an instance's whole blocks.
///
/// # Errors
///
/// `ABORTED`; a storage fault. What was made until then stays.
pub(super) fn look_up_all(
    storage: &Storage,
    number: u32,
    progress: &Progress,
) -> Result<(), Fault> {
    let mut from = 0;
    loop {
        progress.check()?;
        let Some(group) = next_group(storage, number, from)? else {
            return Ok(());
        };
        from = group.unlisted.blocks.end;
        if !group.made.is_empty() && !write_group(storage, number, &group)? {
            return Ok(());
        }
        // Others look for their turn again and again.
        thread::sleep(PAUSE);
    }
}

/// Blocks that are in no list, with the look-ups that they need.
struct Group {
    unlisted: Unlisted,
    made: Vec<(u64, Lookup)>,
}

/// The next blocks that are in no list.
fn next_group(storage: &Storage, number: u32, from: u64) -> Result<Option<Group>, Fault> {
    let transaction = storage.begin_read()?;
    let head = transaction.open_table(schema::HEADS)?.get(number)?;
    let Some(head) = head.map(|head| Head::from_value(head.value())) else {
        // It was deleted in the meantime.
        return Ok(None);
    };
    let block_events = storage.block_events()?;
    let stored = StoredEvents::unknown(&transaction, number, block_events)?;
    let whole = head.last_position / block_events;
    let Some(unlisted) = lookups::first_unlisted(stored.pieces(), from, whole)? else {
        return Ok(None);
    };
    let mut made = Vec::new();
    for block in unlisted.missing.clone() {
        // What cannot be read is told to whoever reads it, and is not looked up.
        match lookups::of_block(&stored, block) {
            Ok(lookup) => made.extend(lookup.map(|lookup| (block, lookup))),
            Err(Fault::Corrupted(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(Some(Group { unlisted, made }))
}

/// Writes look-ups that were made. Says whether the instance is still there.
fn write_group(storage: &Storage, number: u32, group: &Group) -> Result<bool, Fault> {
    let turn = storage.table_turn();
    let transaction = storage.begin_write(&turn)?;
    let is_there = transaction
        .open_table(schema::HEADS)?
        .get(number)?
        .is_some();
    if !is_there {
        transaction.abort()?;
        return Ok(false);
    }
    let name = schema::blocks_table(number);
    let mut table = transaction.open_table(TableDefinition::<PieceKey, &[u8]>::new(&name))?;
    if group.unlisted.begins_anew {
        lookups::drop_lists(&mut table, group.unlisted.blocks.start)?;
    }
    for (block, lookup) in &group.made {
        lookups::write(&mut table, *block, lookup)?;
    }
    drop(table);
    if let Err(error) = transaction.commit() {
        // redb takes no more transactions after that, whatever the reason was.
        storage.note_suspect();
        return Err(error.into());
    }
    Ok(true)
}
