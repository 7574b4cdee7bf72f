//! Dropping the blocks whose events are all out.
//!
//! A block goes in a transaction of the tables in which the [horizon](Horizon) is there, too: the one that brings it there,
//! or a later one. So no loss of power, and no process, can find a block gone and its events not out. It goes as a whole,
//! and only if the tables have all of its events. The pages that it had are used again.

use std::thread;
use std::time::Duration;

use redb::{ReadableTable, TableDefinition, WriteTransaction};

use crate::engine::Fault;
use crate::engine::journal::Layout;
use crate::engine::storage::Storage;
use crate::engine::summary::lookups;
use crate::engine::tables::horizon::Horizon;
use crate::engine::tables::schema::{self, PieceKey};
use crate::engine::tables::state::State;
use crate::engine::view::Generation;

/// How many blocks a transaction drops: others wait for it who write to the tables.
const BLOCKS_AT_ONCE: u64 = 256;

/// How long others have between two transactions, as when blocks are sealed.
const PAUSE: Duration = Duration::from_millis(2);

/// Drops what can be dropped of an instance once these states of it were written, if its horizon is among them. `last` is
/// the position of the last event that the tables have.
///
/// # Errors
///
/// A storage fault; corruption of the horizon.
pub(in crate::engine) fn drop_trimmed<'a>(
    transaction: &WriteTransaction,
    number: u32,
    states: impl Iterator<Item = (&'a str, &'a [u8])>,
    last: u64,
    layout: Layout,
) -> Result<(), Fault> {
    for (name, bytes) in states {
        if name == Horizon::STATE {
            let value = State::value_of(name, bytes)?.map(<[u8]>::to_vec);
            let horizon = Horizon::of_state(value)?;
            drop_before(
                transaction,
                number,
                droppable(horizon, last, layout),
                layout,
            )?;
        }
    }
    Ok(())
}

/// How many blocks of an instance there need not be. Older versions, which may have a file of the format before open, look
/// for them.
fn droppable(horizon: Horizon, last: u64, layout: Layout) -> u64 {
    if layout.format.seals() {
        horizon.position.min(last) / u64::from(layout.block_events)
    } else {
        0
    }
}

/// Drops the blocks of an instance before that one, but no more than a transaction takes. Returns whether some are left.
fn drop_before(
    transaction: &WriteTransaction,
    number: u32,
    blocks: u64,
    layout: Layout,
) -> Result<bool, Fault> {
    if blocks == 0 {
        return Ok(false);
    }
    let block_events = u64::from(layout.block_events);
    let (events, _, pieces) = schema::tables_of(number);
    let first_row = {
        let events = transaction.open_table(TableDefinition::<u64, &[u8]>::new(&events))?;
        let row = events.first()?.map(|(position, _)| position.value());
        row.map(|position| position.saturating_sub(1) / block_events)
    };
    let end = {
        let name = TableDefinition::<PieceKey, &[u8]>::new(&pieces);
        let mut pieces = transaction.open_table(name)?;
        let first_piece = pieces.first()?.map(|(key, _)| key.value().0);
        let Some(first) = first_row.into_iter().chain(first_piece).min() else {
            return Ok(false);
        };
        let end = blocks.min(first.saturating_add(BLOCKS_AT_ONCE));
        pieces.retain_in(..(end, 0), |_, _| false)?;
        lookups::drop_before(&mut pieces, end)?;
        end
    };
    let mut events = transaction.open_table(TableDefinition::<u64, &[u8]>::new(&events))?;
    events.retain_in(..=end * block_events, |_, _| false)?;
    Ok(end < blocks)
}

/// Drops what can be dropped of an instance by now: a horizon may have been there before its block was whole, or before the
/// file had its format. Between two transactions `goes_on` is asked.
///
/// # Errors
///
/// What `goes_on` fails with; a storage fault; corruption of the horizon.
pub(super) fn drop_all(
    storage: &Storage,
    number: u32,
    goes_on: impl Fn() -> Result<(), Fault>,
) -> Result<(), Fault> {
    let horizon = {
        let transaction = storage.begin_read()?;
        let Some(states) = schema::open_states(&transaction, number)? else {
            return Ok(());
        };
        let state = states.get(Horizon::STATE)?;
        let value = state.map(|state| {
            let value = State::value_of(Horizon::STATE, state.value())?;
            Ok::<_, Fault>(value.map(<[u8]>::to_vec))
        });
        Horizon::of_state(value.transpose()?.flatten())?
    };
    while drop_up_to(storage, number, horizon)? {
        goes_on()?;
        // Others look for their turn again and again.
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Drops, in a transaction of its own, blocks of an instance whose events are out if that is its horizon. Returns whether
/// some are left.
///
/// # Errors
///
/// A storage fault.
pub(in crate::engine) fn drop_up_to(
    storage: &Storage,
    number: u32,
    horizon: Horizon,
) -> Result<bool, Fault> {
    let layout = storage.layout_to_write()?;
    let blocks = {
        let transaction = storage.begin_read()?;
        let heads = transaction.open_table(schema::HEADS)?;
        let Some(head) = heads.get(number)? else {
            // It was deleted in the meantime.
            return Ok(false);
        };
        let blocks = droppable(horizon, head.value().0, layout);
        let (events, _, pieces) = schema::tables_of(number);
        let events = transaction.open_table(TableDefinition::<u64, &[u8]>::new(&events))?;
        let pieces = transaction.open_table(TableDefinition::<PieceKey, &[u8]>::new(&pieces))?;
        let row = events.first()?.map(|(position, _)| position.value());
        let block = pieces.first()?.map(|(key, _)| key.value().0);
        let end = blocks * u64::from(layout.block_events);
        if row.is_none_or(|row| row > end) && block.is_none_or(|block| block >= blocks) {
            return Ok(false);
        }
        blocks
    };
    let turn = storage.table_turn();
    let transaction = storage.begin_write(&turn)?;
    if transaction
        .open_table(schema::HEADS)?
        .get(number)?
        .is_none()
    {
        // It was deleted in the meantime, and its number is not used again.
        transaction.abort()?;
        return Ok(false);
    }
    let is_more = drop_before(&transaction, number, blocks, layout)?;
    if let Err(error) = transaction.commit() {
        // redb takes no more transactions after that, whatever the reason was.
        storage.note_suspect();
        return Err(error.into());
    }
    Ok(is_more)
}

/// Drops what is left of what can be dropped, of the instances that a generation has trimmed, once that is in the tables.
///
/// # Errors
///
/// A storage fault; corruption of a horizon.
pub(super) fn drop_rest(storage: &Storage, generation: &Generation) -> Result<(), Fault> {
    let trimmed: Vec<u32> = {
        let records = generation.segment.records();
        let numbers = records.heads(generation.commits).map(|(number, _)| number);
        let is_trimmed = |number: &u32| {
            let state = records.state(*number, Horizon::STATE, generation.commits);
            state.is_some()
        };
        numbers.filter(is_trimmed).collect()
    };
    for number in trimmed {
        match drop_all(storage, number, || Ok(storage.closing().check()?)) {
            // The log is being closed. The rest is left.
            Err(Fault::Refused(_)) => return Ok(()),
            dropped => dropped?,
        }
    }
    Ok(())
}
