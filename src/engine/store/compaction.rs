//! Giving back what the tables do not need any more.

use redb::CompactionError;

use super::{OpenStore, State};
use crate::engine::locks::Patience;
use crate::engine::storage::opening::Tables;
use crate::engine::{Fault, refusals};
use crate::error::{Code, Error};
use crate::panic::caught;
use crate::progress::Progress;

/// How long a file was, and how long it is now, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Before.
    pub before: u64,
    /// Now.
    pub after: u64,
}

impl OpenStore {
    /// Moves the pages of the tables together and cuts the file off after them. Snapshots of this process
    /// are waited for, and whatever it reads or changes waits until this is done.
    ///
    /// Each step is a transaction of redb, so that the file is whole whenever it is left.
    pub(in crate::engine) fn compact(&self, progress: &Progress) -> Result<Compacted, Fault> {
        self.vanishing.check()?;
        let patience = Patience::as_the_file_says().unless(progress.cancellation());
        patience.during(|| self.compact_when_free(progress))
    }

    fn compact_when_free(&self, progress: &Progress) -> Result<Compacted, Fault> {
        let _held_off = self.reads.hold_off(progress)?;
        let turn = self.turn_for(progress)?;
        if self.needs_reopening() {
            self.reopen(&turn)?;
        }
        let _table_turn = self.table_turn();
        // What is gained is to be gained where the path leads.
        let compacted = self.check_name().and_then(|()| self.compact_tables());
        if let Err(fault) = &compacted {
            self.note(fault);
        }
        compacted
    }

    fn compact_tables(&self) -> Result<Compacted, Fault> {
        match &mut *self.state.write() {
            State::Open {
                tables: Tables::Writable(database),
                journal,
                ..
            } => {
                journal.check_signature()?;
                let before = journal.file_bytes()?;
                let compact = || database.compact();
                match caught(compact) {
                    Ok(compacted) => compacted.map_err(fault_of)?,
                    Err(panic) => {
                        // What it holds in memory may not be what is in the file.
                        self.note_suspect();
                        return Err(Fault::of_panic("compacting", &panic));
                    }
                };
                let after = journal.file_bytes()?;
                Ok(Compacted { before, after })
            }
            State::Open { .. } => Err(Fault::Refused(refusals::read_only())),
            State::Failed(error) => Err(Fault::Refused(error.clone())),
            State::Closed => Err(Fault::Refused(refusals::closed())),
        }
    }
}

fn fault_of(error: CompactionError) -> Fault {
    match error {
        // In this process there is none.
        CompactionError::TransactionInProgress => Fault::Refused(Error::new(
            Code::Locked,
            "another process reads from the log at this moment: compact it again later, or while no other \
             process has it open",
        )),
        error => Fault::Storage(error.into()),
    }
}
