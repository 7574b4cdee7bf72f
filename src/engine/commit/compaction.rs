//! Making the file as short as it can be.

use crate::engine::Fault;
use crate::engine::locks::Patience;
use crate::engine::storage::compaction::Compacted;
use crate::engine::view::OpenLog;
use crate::progress::Progress;

/// Moves the pages of the tables together and cuts the file off after them. Snapshots of this process
/// are waited for, and whatever it reads or changes waits until this is done.
///
/// Each step is a transaction of redb, so that the file is whole whenever it is left.
pub(in crate::engine) fn compact(
    open_log: &OpenLog,
    progress: &Progress,
) -> Result<Compacted, Fault> {
    open_log.storage.check_there()?;
    let patience = Patience::as_the_file_says().unless(progress.cancellation());
    patience.during(|| compact_when_free(open_log, progress))
}

fn compact_when_free(open_log: &OpenLog, progress: &Progress) -> Result<Compacted, Fault> {
    let storage = &open_log.storage;
    let _held_off = storage.gate().hold_off(progress)?;
    let turn = storage.turn_for(progress)?;
    open_log.reopen_if_needed(&turn)?;
    let table_turn = storage.table_turn();
    // What is gained is to be gained where the path leads.
    let compacted = storage
        .check_name()
        .and_then(|()| storage.compact_tables(&table_turn));
    if let Err(fault) = &compacted {
        storage.note(fault);
    }
    compacted
}
