//! The tables of a log file. They hold the log up to some commit; what follows is in the journal.
//!
//! | table | key | value |
//! |---|---|---|
//! | `names` | an instance's id or name | the instance's number |
//! | `instances` | instance number | what seldom changes, as JSON |
//! | `heads` | instance number | what every append changes |
//! | | 0, [`LOG_HEAD`] | the last commit that is here, its token, the next instance's number |
//! | `events/<number>` | position, 1, 2, 3 … | a record |
//! | `streams/<number>` | stream id | last sequence number, position of the last event |
//! | `blocks/<number>` | block, from 0; piece | a piece of the block's [summary](crate::engine::summary) |
//! | `keys/<number>` | idempotency key of a call | position of the call's first event |
//! | `states/<number>` | name of a state | a [state](super::state) |
//! | `unerased` | 0 | the commit that has erased something of which the file has not been rid yet |
//!
//! Tables of an instance are named by its number, never by a caller's string. A number is never
//! used twice, so what belongs to a deleted instance cannot be taken for another's. The tables of keys
//! and of states are there once the instance has had one.

use redb::{ReadOnlyTable, ReadTransaction, TableDefinition, TableHandle, Value, WriteTransaction};

use crate::engine::Fault;

pub(in crate::engine) const NAMES: TableDefinition<'static, &str, u32> =
    TableDefinition::new("names");
pub(in crate::engine) const INSTANCES: TableDefinition<'static, u32, &[u8]> =
    TableDefinition::new("instances");
pub(in crate::engine) const HEADS: TableDefinition<'static, u32, HeadValue> =
    TableDefinition::new("heads");

/// There while the file still has what a commit has erased, beside the tables.
pub(in crate::engine) const UNERASED: TableDefinition<'static, u32, u64> =
    TableDefinition::new("unerased");

/// The fields of a [`Head`](crate::engine::Head), in their order.
pub(in crate::engine) type HeadValue = (u64, u64, u64, i64, i64, u64);

/// Last sequence number, position of the stream's last event.
pub(in crate::engine) type StreamValue = (u64, u64);

/// The number of a block of events, and that of a piece of its summary.
pub(in crate::engine) type PieceKey = (u64, u32);

/// The row of `heads` that is the log's own. Instances are numbered from 1.
pub(in crate::engine) const LOG_HEAD: u32 = 0;

pub(in crate::engine) fn events_table(number: u32) -> String {
    format!("events/{number}")
}

pub(in crate::engine) fn streams_table(number: u32) -> String {
    format!("streams/{number}")
}

pub(in crate::engine) fn blocks_table(number: u32) -> String {
    format!("blocks/{number}")
}

pub(in crate::engine) fn keys_table(number: u32) -> String {
    format!("keys/{number}")
}

pub(in crate::engine) fn states_table(number: u32) -> String {
    format!("states/{number}")
}

/// Makes the tables of an instance.
pub(in crate::engine) fn create_instance(
    transaction: &WriteTransaction,
    number: u32,
) -> Result<(), Fault> {
    let (events, streams, blocks) = tables_of(number);
    transaction.open_table(TableDefinition::<u64, &[u8]>::new(&events))?;
    transaction.open_table(TableDefinition::<&str, StreamValue>::new(&streams))?;
    transaction.open_table(TableDefinition::<PieceKey, &[u8]>::new(&blocks))?;
    Ok(())
}

/// Deletes the tables of an instance.
pub(in crate::engine) fn delete_instance(
    transaction: &WriteTransaction,
    number: u32,
) -> Result<(), Fault> {
    let (events, streams, blocks) = tables_of(number);
    delete(transaction, TableDefinition::<u64, &[u8]>::new(&events))?;
    delete(
        transaction,
        TableDefinition::<&str, StreamValue>::new(&streams),
    )?;
    delete(
        transaction,
        TableDefinition::<PieceKey, &[u8]>::new(&blocks),
    )?;
    let keys = keys_table(number);
    transaction.delete_table(TableDefinition::<&str, u64>::new(&keys))?;
    let states = states_table(number);
    transaction.delete_table(TableDefinition::<&str, &[u8]>::new(&states))?;
    Ok(())
}

/// The table of an instance's keys; `None` if it has had no key.
pub(in crate::engine) fn open_keys(
    transaction: &ReadTransaction,
    number: u32,
) -> Result<Option<ReadOnlyTable<&'static str, u64>>, Fault> {
    open_if_there(transaction, &keys_table(number))
}

/// The table of an instance's states; `None` if it has had no state.
pub(in crate::engine) fn open_states(
    transaction: &ReadTransaction,
    number: u32,
) -> Result<Option<ReadOnlyTable<&'static str, &'static [u8]>>, Fault> {
    open_if_there(transaction, &states_table(number))
}

fn open_if_there<V: Value + 'static>(
    transaction: &ReadTransaction,
    name: &str,
) -> Result<Option<ReadOnlyTable<&'static str, V>>, Fault> {
    match transaction.open_table(TableDefinition::<&'static str, V>::new(name)) {
        Ok(table) => Ok(Some(table)),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The name that a table has while it is made anew.
pub(in crate::engine) fn table_made_anew(name: &str) -> String {
    format!("anew/{name}")
}

/// The names of the tables of an instance.
pub(in crate::engine) fn tables_of(number: u32) -> (String, String, String) {
    (
        events_table(number),
        streams_table(number),
        blocks_table(number),
    )
}

fn delete(transaction: &WriteTransaction, table: impl TableHandle) -> Result<(), Fault> {
    let name = table.name().to_owned();
    if transaction.delete_table(table)? {
        Ok(())
    } else {
        Err(Fault::Corrupted(format!("the table {name} is missing")))
    }
}
