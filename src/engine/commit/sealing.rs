//! Sealing the blocks whose events are rows although they are whole: those of a file that had the format before, and those
//! that could not be sealed when they became whole.

use std::thread;

use redb::{ReadableTable, TableDefinition};

use super::checkpoint::{drain, lock};
use super::dropping::drop_all;
use super::looking_up::{PAUSE, look_up_all};
use crate::engine::Fault;
use crate::engine::journal::Format;
use crate::engine::storage::Storage;
use crate::engine::summary;
use crate::engine::tables::instance::Head;
use crate::engine::tables::schema;
use crate::engine::view::OpenLog;
use crate::progress::Progress;

/// How many blocks are tried in one transaction: others wait for it who write to the tables.
const BLOCKS_AT_ONCE: usize = 8;

/// A transaction for which more bytes of records were read takes no further block.
const BYTES_AT_ONCE: usize = 16 << 20;

/// Drops all blocks that need not be there, seals all whole ones that can be sealed, and looks up what is not yet. The file
/// has the last format from then on.
///
/// # Errors
///
/// `ABORTED`; a storage fault. What was sealed until then stays so.
pub(super) fn seal_all(open_log: &OpenLog, progress: &Progress) -> Result<(), Fault> {
    progress.check()?;
    let storage = &open_log.storage;
    {
        let turn = storage.turn_for(progress)?;
        let locked = lock(open_log, &turn)?;
        storage.check_name()?;
        // Before there is a sealed block in it, older versions are to leave it alone.
        if locked.journal.layout_now()?.format != Format::LAST {
            locked.journal.write_format(Format::LAST)?;
        }
        // Blocks are whole, and events out, as of now.
        drain(&locked, false)?;
    }
    let numbers: Vec<u32> = {
        let instances = storage.begin_read()?.open_table(schema::INSTANCES)?;
        let numbers = instances.iter()?.map(|entry| Ok(entry?.0.value()));
        numbers.collect::<Result<_, Fault>>()?
    };
    for number in numbers {
        drop_all(storage, number, || Ok(progress.check()?))?;
        let mut next = first_whole(storage, number)?;
        while let Some(block) = next {
            progress.check()?;
            next = seal_some(storage, number, block, progress)?;
            if next.is_some() {
                // Others look for their turn again and again.
                thread::sleep(PAUSE);
            }
        }
        look_up_all(storage, number, progress)?;
    }
    Ok(())
}

/// The first whole block of an instance that has rows, as nobody has to wait for it to be found.
fn first_whole(storage: &Storage, number: u32) -> Result<Option<u64>, Fault> {
    let transaction = storage.begin_read()?;
    let heads = transaction.open_table(schema::HEADS)?;
    let Some(head) = heads.get(number)? else {
        // It was deleted in the meantime.
        return Ok(None);
    };
    let head = Head::from_value(head.value());
    let block_events = storage.block_events()?;
    let name = schema::events_table(number);
    let events = transaction.open_table(TableDefinition::<u64, &[u8]>::new(&name))?;
    whole_block_from(&events, 0, block_events, head)
}

/// The first whole block from one on that has rows.
fn whole_block_from(
    events: &impl ReadableTable<u64, &'static [u8]>,
    from: u64,
    block_events: u64,
    head: Head,
) -> Result<Option<u64>, Fault> {
    let row = events.range(from * block_events + 1..)?.next();
    let block = row
        .transpose()?
        .map(|(position, _)| (position.value() - 1) / block_events);
    Ok(block.filter(|block| *block < head.last_position / block_events))
}

/// Seals some blocks of an instance, from one on. Returns the one to go on with, if there is one.
fn seal_some(
    storage: &Storage,
    number: u32,
    from: u64,
    progress: &Progress,
) -> Result<Option<u64>, Fault> {
    let turn = storage.table_turn();
    let transaction = storage.begin_write(&turn)?;
    let block_events = storage.block_events()?;
    let head = {
        let heads = transaction.open_table(schema::HEADS)?;
        let head = heads.get(number)?;
        head.map(|head| Head::from_value(head.value()))
    };
    let Some(head) = head else {
        // It was deleted in the meantime.
        transaction.abort()?;
        return Ok(None);
    };
    let name = schema::events_table(number);
    let mut events = transaction.open_table(TableDefinition::<u64, &[u8]>::new(&name))?;
    let (mut next, mut sealed, mut bytes) = (Some(from), Vec::new(), 0);
    for _ in 0..BLOCKS_AT_ONCE {
        // What was made until it was called off is kept.
        let goes_on = bytes < BYTES_AT_ONCE && progress.check().is_ok();
        let Some(from) = next.filter(|_| goes_on) else {
            break;
        };
        next = whole_block_from(&events, from, block_events, head)?;
        if let Some(block) = next {
            let tried = summary::sealed(&mut events, block, &[], block_events)?;
            bytes += tried.records_bytes;
            sealed.extend(tried.block);
            next = Some(block + 1);
        }
    }
    drop(events);
    if sealed.is_empty() {
        transaction.abort()?;
        return Ok(next);
    }
    summary::write_blocks(&transaction, number, sealed)?;
    if let Err(error) = transaction.commit() {
        // redb takes no more transactions after that, whatever the reason was.
        storage.note_suspect();
        return Err(error.into());
    }
    #[cfg(test)]
    super::checkpoint::write_postponed(storage, &turn)?;
    Ok(next)
}
