//! Tables that may be written to, and are only read until something is.
//!
//! To open tables for writing costs a sync, and closing them costs several more. A program that appends a little and ends
//! does not come to that: what it appends is in the journal, and stays there for whoever opens the log next.

use std::ops::Bound;
use std::sync::Arc;

use redb::{Builder, Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase, StorageBackend};

use super::region::Region;
use crate::engine::Fault;
use crate::engine::journal::JournalFile;
use crate::engine::locks::LOCKS_START;
use crate::engine::tables::creation;

/// The byte on which each process that may write to the tables has a shared lock, by redb 4.6.
const WRITERS: u64 = LOCKS_START + 1;

/// The byte on which whoever reads a log with `exclusive` has one, before it looks for writers.
const EXCLUSIVE_READER: u64 = LOCKS_START + 3;

/// Tables that this process may write to, and only reads so far.
pub(in crate::engine) struct Unwritten {
    pub(in crate::engine) reading: ReadOnlyDatabase,
    pub(in crate::engine) opener: TablesOpener,
}

/// Opens tables for writing.
pub(in crate::engine) type TablesOpener =
    Arc<dyn Fn(&JournalFile) -> Result<Database, Fault> + Send + Sync>;

/// Opens the tables to be read. `None` if they have to be opened for writing: where there are none yet, where a crash has
/// left them in the middle of a transaction, and where they were cut off or somebody keeps writers out, which is told then.
///
/// # Errors
///
/// Corruption; a storage fault.
pub(super) fn opened_to_read(
    builder: &Builder,
    region: Region,
    journal: &JournalFile,
) -> Result<Option<ReadOnlyDatabase>, Fault> {
    let file = region.file();
    // Only who opens them for writing looks whether all of them are there.
    let is_cut_off = matches!(journal.check_signature(), Err(Fault::Vanished(_)));
    if is_cut_off || !locks_as_writer(&*file) {
        return Ok(None);
    }
    let database = match builder.open_read_only_with_backend(region) {
        Err(DatabaseError::RepairAborted) => return Ok(None),
        opened => opened?,
    };
    if !creation::check(&database.begin_read()?)? {
        return Ok(None);
    }
    journal.write_unsynced_through(file);
    Ok(Some(database))
}

/// Takes the lock by which others know of a writer, for as long as the file is open. `false` if it is not to be had.
fn locks_as_writer(file: &dyn StorageBackend) -> bool {
    let byte = |at: u64| (Bound::Included(at), Bound::Included(at));
    let (start, end) = byte(WRITERS);
    let locked = file.try_lock_shared_range(start, end);
    // In this order: of two who take theirs at the same time, one finds the other.
    let (start, end) = byte(EXCLUSIVE_READER);
    matches!(locked, Ok(true)) && matches!(file.query_lock_range(start, end), Ok(false))
}
