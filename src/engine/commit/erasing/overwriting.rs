//! Having the file be rid of what was erased.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::Fault;
use crate::engine::commit::checkpoint::{drain_and_give_back, lock};
use crate::engine::locks::{self, Patience};
use crate::engine::seeded_bug::{Bug, Seeded};
use crate::engine::storage::Storage;
use crate::engine::tables::schema;
use crate::engine::view::OpenLog;
use crate::error::{Code, Error};
use crate::panic::caught;
use crate::progress::Progress;

/// Overwrites what the file has beside the tables, if there may be something in it that was erased: both segments of the
/// journal, and the pages of the tables that are not in use. It is on disk when this returns. Who reads from the log in
/// another process, or writes to it, is waited for as long as `lock_wait`.
///
/// Whatever it has done when it fails, and wherever it ends, the log is whole, and the rest can be done later.
///
/// # Errors
///
/// `ABORTED`; `LOCKED` if other processes were in the way for too long; a storage fault.
pub(in crate::engine) fn overwrite(
    open_log: &Arc<OpenLog>,
    lock_wait: Duration,
    progress: &Progress,
) -> Result<(), Fault> {
    if !is_pending(&open_log.storage)? {
        return Ok(());
    }
    overwrite_journal(open_log, progress)?;
    let mut in_the_way = None;
    let is_done = locks::retry(&Patience::of_this_thread(lock_wait), || {
        progress.check()?;
        match overwrite_tables(open_log, progress) {
            Err(fault) if is_locked(&fault) => {
                in_the_way = Some(fault);
                Ok(false)
            }
            done => done,
        }
    })?;
    match (is_done, in_the_way) {
        (true, _) => Ok(()),
        (false, Some(fault)) => Err(fault),
        (false, None) => Err(Fault::Refused(Error::new(
            Code::Locked,
            "other processes have written to the log again and again",
        ))),
    }
}

/// Does what a process has left to be done that was killed. What is in the way, such as a process that reads from the log, is
/// left to whoever opens it next, or erases something: it is in no answer meanwhile.
pub(in crate::engine) fn finish(open_log: &Arc<OpenLog>) {
    let finish = || {
        if open_log.storage.is_writable() && is_pending(&open_log.storage)? {
            overwrite(open_log, Duration::ZERO, &Progress::default())?;
        }
        Ok(())
    };
    let finished = Patience::none().during(|| caught(finish));
    let finished = finished.unwrap_or_else(|panic| Err(Fault::of_panic("overwriting", &panic)));
    if let Err(fault) = finished {
        open_log.storage.note(&fault);
    }
}

fn is_locked(fault: &Fault) -> bool {
    fault.is_busy() || matches!(fault, Fault::Refused(error) if error.code() == Code::Locked)
}

/// Whether the file may still have what was erased.
fn is_pending(storage: &Storage) -> Result<bool, Fault> {
    let transaction = storage.begin_read()?;
    match transaction.open_table(schema::UNERASED) {
        Ok(_) => Ok(true),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The tables have all of the journal first.
fn overwrite_journal(open_log: &OpenLog, progress: &Progress) -> Result<(), Fault> {
    let turn = open_log.storage.turn_for(progress)?;
    open_log.reopen_if_needed(&turn)?;
    let locked = lock(open_log, &turn)?;
    drain_and_give_back(&locked, true)?;
    if open_log.has(Bug::LeftBehind) {
        return Ok(());
    }
    locked.journal.overwrite()
}

/// Whether it is done. It is not if somebody has changed the tables since they were compacted.
fn overwrite_tables(open_log: &OpenLog, progress: &Progress) -> Result<bool, Fault> {
    let storage = &open_log.storage;
    let _held_off = storage.gate().hold_off(progress)?;
    let turn = storage.turn_for(progress)?;
    open_log.reopen_if_needed(&turn)?;
    let table_turn = storage.table_turn();
    storage.check_name()?;
    // A page is free once nobody reads from it any more, of which redb makes sure here.
    if !open_log.has(Bug::LeftBehind) {
        storage.compact_tables(&table_turn)?;
        if !storage.overwrite_unused(&table_turn)? {
            return Ok(false);
        }
    }
    let transaction = storage.begin_write(&table_turn)?;
    transaction.delete_table(schema::UNERASED)?;
    if let Err(error) = transaction.commit() {
        // redb takes no more transactions after that, whatever the reason was.
        storage.note_suspect();
        return Err(error.into());
    }
    Ok(true)
}
