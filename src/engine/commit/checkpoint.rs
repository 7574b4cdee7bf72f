//! Bringing the journal into the tables.

use std::time::Instant;

use rustc_hash::FxHashSet;

use super::into_tables;
use super::locked::Locked;
use crate::engine::Fault;
use crate::engine::journal::{Start, random_salt};
#[cfg(test)]
use crate::engine::seeded_bug;
use crate::engine::seeded_bug::{Bug, Seeded};
use crate::engine::storage::{Storage, TableTurn, Turn};
#[cfg(test)]
use crate::engine::summary;
use crate::engine::tables::log_head::LogHead;
use crate::engine::tables::schema;
use crate::engine::view::{Generation, LogView, OpenLog};

/// Puts a generation of the journal into the tables, unless it is there already.
pub(in crate::engine) fn checkpoint(
    storage: &Storage,
    turn: &TableTurn,
    generation: &Generation,
) -> Result<(), Fault> {
    let began = Instant::now();
    let transaction = storage.begin_write(turn)?;
    let log = LogHead::read(&transaction.open_table(schema::HEADS)?)?;
    if log.commits >= generation.commits {
        transaction.abort()?;
        return storage.sync_table_commit(generation.commits);
    }
    if !generation.follows(log.commits) {
        // They would say that they have what they do not, and nobody would look for it in the journal any more.
        transaction.abort()?;
        let text = format!(
            "generation {} of the journal cannot come into the tables: they end at commit {}, before what it goes on from",
            generation.number, log.commits
        );
        return Err(std::io::Error::other(text).into());
    }
    let layout = storage.layout_to_write()?;
    into_tables::write_generation(&transaction, generation, &FxHashSet::default(), layout)?;
    let reached = LogHead {
        commits: generation.commits,
        token: generation.token,
        ..log
    };
    into_tables::write_log_head(&transaction, reached)?;
    if let Err(error) = transaction.commit() {
        // redb takes no more transactions after that, whatever the reason was.
        storage.note_suspect();
        return Err(error.into());
    }
    storage.note_table_commit(generation.commits);
    #[cfg(test)]
    write_postponed(storage, turn)?;
    storage
        .counters()
        .add_checkpoint(generation.commits, began.elapsed());
    Ok(())
}

/// Writes the blocks whose rows were dropped before, as a bug does.
#[cfg(test)]
pub(in crate::engine) fn write_postponed(storage: &Storage, turn: &TableTurn) -> Result<(), Fault> {
    let postponed = seeded_bug::postponed();
    if postponed.is_empty() {
        return Ok(());
    }
    let transaction = storage.begin_write(turn)?;
    for (number, blocks) in postponed {
        summary::write_at_once(&transaction, number, blocks)?;
    }
    Ok(transaction.commit()?)
}

/// Brings all of the journal into the tables, and begins a fresh generation.
///
/// What the journal holds is then on disk in any case, even if its own frames are not. With
/// `forced`, a journal that has no frame begins afresh too.
pub(in crate::engine) fn drain(locked: &Locked<'_>, forced: bool) -> Result<(), Fault> {
    let view = locked.open_log().view().known()?;
    if forced || !is_drained(locked, &view)? {
        begin_afresh(locked, &view)?;
    }
    Ok(())
}

/// As [`drain`], and gives back the room that the journal takes. If the tables have everything already, that was done
/// before, unless it is `forced`.
pub(in crate::engine) fn drain_and_give_back(
    locked: &Locked<'_>,
    forced: bool,
) -> Result<(), Fault> {
    let open_log = locked.open_log();
    let view = open_log.view().known()?;
    if !forced && is_drained(locked, &view)? {
        return Ok(());
    }
    if open_log.has(Bug::GivenBackTooEarly) {
        locked.journal.give_back()?;
    }
    // Whoever reads the header of the new generation learns from it where writing takes room again.
    let kept_bytes = locked.journal.layout().kept_bytes();
    begin_afresh(locked, &view.with_room_given_back(kept_bytes))?;
    // It is still the log: what else may have come into the file since is not to lose anything.
    locked.journal.check_start()?;
    locked.journal.give_back()
}

/// Whether the tables have all of the journal.
fn is_drained(locked: &Locked<'_>, view: &LogView) -> Result<bool, Fault> {
    let reached = locked.open_log().storage.log_in_tables()?;
    Ok(reached.commits == view.log.commits && view.previous.is_none())
}

/// Begins a fresh generation, before which the tables hold everything on disk.
fn begin_afresh(locked: &Locked<'_>, view: &LogView) -> Result<(), Fault> {
    let open_log = locked.open_log();
    let turn = open_log.storage.table_turn();
    // With `exclusive` nothing of the file need have been read yet in this turn.
    locked.journal.check_start()?;
    if let Some(previous) = &view.previous {
        checkpoint(&open_log.storage, &turn, previous)?;
    }
    let header = view.next_header(view.log.commits, Start::Fresh, random_salt());
    locked.journal.write_header(&header)?;
    checkpoint(&open_log.storage, &turn, &view.current)?;
    open_log.view().replace(view.afresh(header, view.log));
    Ok(())
}

/// Locks the journal, waiting for other processes that add to it; after a fault, opens the file again and
/// recovers it first.
pub(in crate::engine) fn lock<'log>(
    open_log: &'log OpenLog,
    turn: &Turn<'_>,
) -> Result<Locked<'log>, Fault> {
    let journal = open_log.journal_to_write(turn)?;
    let locked = Locked::new(open_log, journal)?;
    if open_log.storage.is_unrecovered() {
        drain(&locked, true)?;
        open_log.storage.note_recovered();
    }
    Ok(locked)
}
