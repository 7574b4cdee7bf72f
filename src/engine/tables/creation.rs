//! The tables of a log that has just been made.

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::log_head::LogHead;
use super::schema::{HEADS, INSTANCES, LOG_HEAD, NAMES};
use crate::engine::Fault;

/// Makes the tables of a new log, or checks that they are there.
pub(in crate::engine) fn prepare(database: &Database) -> Result<(), Fault> {
    if check(&database.begin_read()?)? {
        return Ok(());
    }
    // Another process may have made the tables since: the write transaction decides.
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    if transaction.list_tables()?.next().is_none() {
        create(&transaction)?;
        transaction.commit()?;
        return Ok(());
    }
    transaction.abort()?;
    if check(&database.begin_read()?)? {
        Ok(())
    } else {
        Err(damaged())
    }
}

/// Whether the tables are there; `false` if there is no table at all.
pub(in crate::engine) fn check(transaction: &ReadTransaction) -> Result<bool, Fault> {
    match transaction.open_table(HEADS) {
        Ok(_) => Ok(true),
        Err(redb::TableError::TableDoesNotExist(_)) => {
            if transaction.list_tables()?.next().is_none() {
                Ok(false)
            } else {
                Err(damaged())
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn create(transaction: &WriteTransaction) -> Result<(), Fault> {
    transaction.open_table(NAMES)?;
    transaction.open_table(INSTANCES)?;
    transaction
        .open_table(HEADS)?
        .insert(LOG_HEAD, LogHead::NEW.to_value())?;
    Ok(())
}

fn damaged() -> Fault {
    Fault::Corrupted("the table heads is missing".to_owned())
}
