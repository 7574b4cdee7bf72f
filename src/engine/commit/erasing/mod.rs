//! Erasing what events have had in them.
//!
//! It is done in two steps. The first one is a transaction of the tables: from then on, every answer has what takes the place
//! of what is erased, and no table has that any more. The second one has the file be rid of it: both segments of the journal,
//! and all pages of the tables that are not in use, are overwritten. A row of the table `unerased` says that the second one
//! has not been done to the end. It is written by the first one, and whoever opens the file does the second one then.

mod overwriting;
mod rewriting;

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

pub(in crate::engine) use self::overwriting::{finish, overwrite};
use self::rewriting::rewrite;
pub use self::rewriting::{Instead, Rewriting};
use super::checkpoint::{drain, lock};
use super::into_tables::write_log_head;
use super::locked::Locked;
use super::looking_up::look_up_all;
use crate::engine::Fault;
use crate::engine::journal::{Header, Start, random_salt};
use crate::engine::locks::Patience;
use crate::engine::snapshot::Snapshot;
use crate::engine::storage::snapshot_gate;
use crate::engine::storage::{TableTurn, Turn};
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::schema;
use crate::engine::view::OpenLog;
use crate::error::{Code, Error};
use crate::progress::Progress;

/// Has what `plan` says take the place of what there is, which it decides by a snapshot of all that was committed before;
/// nobody commits anything until that is done. Then the file is rid of what was there before. Where there is nothing to be
/// replaced, it may still be rid of what an earlier call has erased. Once something is replaced, it is not called off any
/// more. Other processes are waited for as long as `lock_wait`.
///
/// # Errors
///
/// What `plan` fails with; `ABORTED`, `LOCKED`; a storage fault. `OUTCOME_UNKNOWN` if it is not known whether it was
/// committed. If it was, and the file could not be rid of it, the error says so.
pub(in crate::engine) fn erase<T>(
    open_log: &Arc<OpenLog>,
    lock_wait: Duration,
    progress: &Progress,
    plan: impl FnOnce(&Snapshot) -> Result<(Option<Rewriting>, T), Fault>,
) -> Result<T, Fault> {
    open_log.storage.check_there()?;
    let replaced = patience_of(progress).during(|| {
        let turn = open_log.storage.turn_for(progress)?;
        open_log.reopen_if_needed(&turn)?;
        replace(open_log, &turn, plan)
    });
    let (rewriting, answer) = replaced.inspect_err(|fault| open_log.storage.note(fault))?;
    let is_rid = match rewriting {
        None => patience_of(progress).during(|| overwrite(open_log, lock_wait, progress)),
        Some(Rewriting { number, .. }) => be_rid(open_log, lock_wait, number),
    };
    is_rid.inspect_err(|fault| open_log.storage.note(fault))?;
    Ok(answer)
}

/// Locks are waited for until it is called off.
fn patience_of(progress: &Progress) -> Patience {
    Patience::as_the_file_says().unless(progress.cancellation())
}

/// Has the file be rid of what was erased of an instance.
fn be_rid(open_log: &Arc<OpenLog>, lock_wait: Duration, number: u32) -> Result<(), Fault> {
    let progress = &Progress::default();
    let work = || {
        if open_log.storage.layout_now()?.format.seals() {
            look_up_all(&open_log.storage, number, progress)?;
        }
        overwrite(open_log, lock_wait, progress)
    };
    work().map_err(|fault| {
        open_log.storage.note(&fault);
        let error = Error::from(fault);
        let text = format!(
            "the events are erased, and their bytes are still in the file: erase them again to overwrite these, or \
             open the log again ({})",
            error.text()
        );
        Fault::Refused(error.with_text(text))
    })
}

/// Decides what is replaced, and commits it.
fn replace<T>(
    open_log: &Arc<OpenLog>,
    turn: &Turn<'_>,
    plan: impl FnOnce(&Snapshot) -> Result<(Option<Rewriting>, T), Fault>,
) -> Result<(Option<Rewriting>, T), Fault> {
    let mut attempted = None;
    let locked = lock(open_log, turn)?;
    open_log.storage.check_name()?;
    drain(&locked, false)?;
    let (rewriting, answer) = plan(&snapshot(open_log)?)?;
    let Some(rewriting) = rewriting else {
        return Ok((None, answer));
    };
    let committed = commit(&locked, &rewriting, &mut attempted);
    drop(locked);
    // What was read of blocks, and of where instances stand, is not what they are any more.
    open_log.forget();
    match (committed, attempted) {
        (Err(fault), Some(attempted)) => settle(open_log, turn, fault, attempted)?,
        (committed, _) => committed?,
    }
    Ok((Some(rewriting), answer))
}

/// What there is as of the last commit, while nobody else can make one.
fn snapshot(open_log: &Arc<OpenLog>) -> Result<Snapshot, Fault> {
    let reading = open_log
        .storage
        .gate()
        .begin(snapshot_gate::Duration::Short);
    let (view, of_tables) = (open_log.view().known()?, open_log.view().of_tables());
    let transaction = open_log.storage.begin_read()?;
    Snapshot::new(transaction, reading, &view, of_tables, Arc::clone(open_log))
}

/// Commits it as a transaction of the tables, which have all of the journal already. `attempted` is where the log stands
/// after it, once it may have been committed.
fn commit(
    locked: &Locked<'_>,
    rewriting: &Rewriting,
    attempted: &mut Option<LogHead>,
) -> Result<(), Fault> {
    let open_log = locked.open_log();
    let storage = &open_log.storage;
    let view = open_log.view().known()?;
    let turn = storage.table_turn();
    let layout = storage.layout_to_write()?;
    let transaction = storage.begin_write(&turn)?;
    let tables = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
    let log = LogHead {
        commits: view.log.commits + 1,
        token: Uuid::new_v4().as_u64_pair().1,
        ..tables
    };
    {
        let reading = storage.begin_read()?;
        rewrite(&transaction, &reading, rewriting, layout)?;
    }
    transaction
        .open_table(schema::UNERASED)?
        .insert(0, log.commits)?;
    write_log_head(&transaction, log)?;
    let header = view.next_header(log.commits, Start::Fresh, random_salt());
    storage.check_name()?;
    storage.note_unrecovered();
    *attempted = Some(log);
    locked.journal.write_header(&header)?;
    transaction.commit()?;
    storage.note_recovered();
    after_commit(locked, header, log, turn)
}

fn after_commit(
    locked: &Locked<'_>,
    header: Header,
    log: LogHead,
    turn: TableTurn,
) -> Result<(), Fault> {
    let open_log = locked.open_log();
    open_log.storage.note_table_commit(log.commits);
    locked.mark(log.commits)?;
    let view = open_log.view().known()?;
    open_log.view().replace_rewritten(view.afresh(header, log));
    open_log.storage.note_stored(log.commits);
    drop(turn);
    open_log.storage.check_name()
}

/// Finds out whether a commit that failed is one all the same.
fn settle(
    open_log: &OpenLog,
    turn: &Turn<'_>,
    fault: Fault,
    attempted: LogHead,
) -> Result<(), Fault> {
    open_log.storage.note(&fault);
    let reached = open_log.reopen(turn).and_then(|()| {
        // What can be read may not be on disk.
        open_log.storage.note_unrecovered();
        let _locked = lock(open_log, turn)?;
        open_log.storage.log_in_tables()
    });
    match reached {
        Ok(found) if found.is_commit_of(&attempted) => Ok(()),
        // Commits are numbered without gaps under the lock.
        Ok(found) if found.commits <= attempted.commits => Err(fault),
        _ => {
            let text = format!(
                "the commit failed, and whether the events are erased is not known: erase them again ({})",
                Error::from(fault).text()
            );
            Err(Fault::refused(Code::OutcomeUnknown, text))
        }
    }
}
