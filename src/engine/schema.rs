//! The tables of a log file, and the check that a file is one.
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | [`META_FORMAT`] | the format's number, [`FORMAT`] |
//! | `names` | an instance's id or name | the instance's number |
//! | `instances` | instance number | what seldom changes, as JSON |
//! | `heads` | instance number | what every append changes |
//! | | 0, [`LOG_HEAD`] | what every commit changes: commits, token, next instance number |
//! | `events/<number>` | position, 1, 2, 3 … | a record |
//! | `streams/<number>` | stream id | last sequence number, position of the last event |
//!
//! Tables of an instance are named by its number, never by a caller's string. A number is never
//! used twice, so what belongs to a deleted instance cannot be taken for another's.

use redb::{Database, ReadTransaction, ReadableDatabase, TableDefinition, WriteTransaction};

use super::Fault;
use super::log_head::LogHead;

/// The format that this version writes, and the newest that it reads.
pub(super) const FORMAT: u64 = 1;

pub(super) const META: TableDefinition<'static, &str, u64> = TableDefinition::new("meta");
pub(super) const NAMES: TableDefinition<'static, &str, u32> = TableDefinition::new("names");
pub(super) const INSTANCES: TableDefinition<'static, u32, &[u8]> =
    TableDefinition::new("instances");
pub(super) const HEADS: TableDefinition<'static, u32, HeadValue> = TableDefinition::new("heads");

/// Last position, number of streams, bytes of records, time of the last change in milliseconds.
pub(super) type HeadValue = (u64, u64, u64, i64);

/// Last sequence number, position of the stream's last event.
pub(super) type StreamValue = (u64, u64);

/// The format's number.
pub(super) const META_FORMAT: &str = "codebolt-eventlog/format";

/// The row of `heads` that is the log's own. Instances are numbered from 1.
pub(super) const LOG_HEAD: u32 = 0;

pub(super) fn events_table(number: u32) -> String {
    format!("events/{number}")
}

pub(super) fn streams_table(number: u32) -> String {
    format!("streams/{number}")
}

/// Makes the tables of an empty file, or checks that the file is a log of a known format.
pub(super) fn prepare(database: &Database) -> Result<(), Fault> {
    if check(&database.begin_read()?)? {
        return Ok(());
    }
    // Another process may have made the tables since: the write transaction decides.
    let transaction = database.begin_write()?;
    if transaction.list_tables()?.next().is_none() {
        create(&transaction)?;
        transaction.commit()?;
        return Ok(());
    }
    transaction.abort()?;
    if check(&database.begin_read()?)? {
        Ok(())
    } else {
        Err(not_a_log())
    }
}

/// Whether the file holds a log of a known format; `false` if it holds no table at all.
pub(super) fn check(transaction: &ReadTransaction) -> Result<bool, Fault> {
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_)) => {
            return if transaction.list_tables()?.next().is_none()
                && transaction.list_multimap_tables()?.next().is_none()
            {
                Ok(false)
            } else {
                Err(not_a_log())
            };
        }
        Err(redb::TableError::Storage(error)) => return Err(error.into()),
        Err(_) => return Err(not_a_log()),
    };
    let format = meta.get(META_FORMAT)?.ok_or_else(not_a_log)?.value();
    match format {
        FORMAT => Ok(true),
        newer if newer > FORMAT => Err(Fault::UnsupportedFormat(newer)),
        other => Err(Fault::Corrupted(format!("meta: format {other}"))),
    }
}

fn create(transaction: &WriteTransaction) -> Result<(), Fault> {
    let mut meta = transaction.open_table(META)?;
    meta.insert(META_FORMAT, FORMAT)?;
    transaction.open_table(NAMES)?;
    transaction.open_table(INSTANCES)?;
    transaction
        .open_table(HEADS)?
        .insert(LOG_HEAD, LogHead::NEW.to_value())?;
    Ok(())
}

fn not_a_log() -> Fault {
    Fault::Refused(crate::error::Error::new(
        crate::error::Code::Corrupted,
        "the file is not a log: it is a redb database of another program",
    ))
}
