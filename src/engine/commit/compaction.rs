//! Making the file as short as it can be.

use super::checkpoint::{drain_and_give_back, lock};
use super::sealing::seal_all;
use crate::engine::Fault;
use crate::engine::locks::Patience;
use crate::engine::storage::compaction::Compacted;
use crate::engine::view::OpenLog;
use crate::progress::Progress;

/// Seals the blocks that can be, brings the journal into the tables and gives back its room, moves the pages of the tables
/// together and cuts the file off after them. For the latter, snapshots of this process are waited for, and whatever it reads or changes waits until it is done.
///
/// Each step is a transaction of redb, so that the file is whole whenever it is left.
pub(in crate::engine) fn compact(
    open_log: &OpenLog,
    progress: &Progress,
) -> Result<Compacted, Fault> {
    open_log.storage.check_there()?;
    let patience = Patience::as_the_file_says().unless(progress.cancellation());
    patience.during(|| {
        {
            let turn = open_log.storage.turn_for(progress)?;
            open_log.reopen_if_needed(&turn)?;
        }
        let before = open_log.storage.journal()?.file_bytes()?;
        if let Err(fault) = seal_all(open_log, progress) {
            open_log.storage.note(&fault);
            return Err(fault);
        }
        give_back_journal(open_log, progress)?;
        let compacted = compact_when_free(open_log, progress)?;
        Ok(Compacted {
            before,
            ..compacted
        })
    })
}

/// Also that of a log which was closed by a version that did not.
fn give_back_journal(open_log: &OpenLog, progress: &Progress) -> Result<(), Fault> {
    let turn = open_log.storage.turn_for(progress)?;
    let given_back = lock(open_log, &turn).and_then(|locked| drain_and_give_back(&locked, true));
    if let Err(fault) = &given_back {
        open_log.storage.note(fault);
    }
    given_back
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
