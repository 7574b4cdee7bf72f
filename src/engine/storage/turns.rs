//! Who may change the file. Every lock of an open log is named here, in the order in which they are taken: who has one
//! takes none of those before it.
//!
//! | lock | who has it |
//! |---|---|
//! | [held off](super::snapshot_gate::SnapshotGate::hold_off) | a compaction, or an erasure, which waits for the snapshots to end |
//! | [`Turn`] | who adds to the journal, or opens the file again |
//! | [the journal's lock](crate::engine::commit::locked::Locked) | the same, among processes |
//! | following, in [`SharedView`](crate::engine::view::SharedView) | who reads what other processes have added. The writer may have to write to the tables for that: a commit that a killed process has left becomes one then, or void |
//! | [memory](crate::engine::view::Memory) | who has the turn to add to the journal, while jobs are applied or the view that it goes with is replaced |
//! | [`TableTurn`] | who writes to the tables, or opens the file again |
//! | the latest view; the state of the file | anybody, for no longer than it takes to look at it or to replace it |
//!
//! redb's own locks, in the process and on the file, are taken within [`TableTurn`] by who writes, and by who reads
//! within none.

use std::sync::Arc;

use parking_lot::{ArcMutexGuard, Mutex, MutexGuard, RawMutex};

use super::Storage;
use super::snapshot_gate::CHECK_INTERVAL;
use crate::error::Error;
use crate::progress::Progress;

/// The turns to change the file.
#[derive(Default)]
pub(super) struct Turns {
    journal: Mutex<()>,
    /// Apart from the other one: a full generation is brought into the tables while the next one is added to. Whoever
    /// opens the file again has both, since a database that is closed under a write transaction would be closed only
    /// later, beside its successor.
    tables: Arc<Mutex<()>>,
}

/// The right to add to the journal, and to open the file again.
pub(in crate::engine) struct Turn<'storage>(
    #[expect(dead_code, reason = "held, not read")] MutexGuard<'storage, ()>,
);

/// The right to write to the tables.
pub(in crate::engine) struct TableTurn(
    #[expect(dead_code, reason = "held, not read")] ArcMutexGuard<RawMutex, ()>,
);

impl Storage {
    /// Waits for the turn to add to the journal.
    pub(in crate::engine) fn turn(&self) -> Turn<'_> {
        Turn(self.turns.journal.lock())
    }

    /// As [`Storage::turn`], for work that can be called off.
    pub(in crate::engine) fn turn_for(&self, progress: &Progress) -> Result<Turn<'_>, Error> {
        loop {
            progress.check()?;
            if let Some(turn) = self.turns.journal.try_lock_for(CHECK_INTERVAL) {
                return Ok(Turn(turn));
            }
        }
    }

    /// Waits for the turn to write to the tables.
    pub(in crate::engine) fn table_turn(&self) -> TableTurn {
        TableTurn(self.turns.tables.lock_arc())
    }
}
