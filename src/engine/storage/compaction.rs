//! Giving back what the tables do not need any more.

use redb::CompactionError;

use super::opening::Tables;
use super::{FileState, Storage, TableTurn};
use crate::engine::{Fault, refusals};
use crate::error::{Code, Error};
use crate::panic::caught;

/// How long a file was, and how long it is now, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Before.
    pub before: u64,
    /// Now.
    pub after: u64,
}

impl Storage {
    /// Moves the pages of the tables together and cuts the file off after them. No snapshot of this process may be
    /// alive.
    pub(in crate::engine) fn compact_tables(&self, turn: &TableTurn) -> Result<Compacted, Fault> {
        self.open_to_write(turn)?;
        match &mut *self.state.write() {
            FileState::Open {
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
            FileState::Open { .. } => Err(Fault::Refused(refusals::read_only())),
            FileState::Failed(error) => Err(Fault::Refused(error.clone())),
            FileState::Closed => Err(Fault::Refused(refusals::closed())),
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
