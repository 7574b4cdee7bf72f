//! Opening the file: at the start, for writing once something is to be written to the tables, and again after a fault.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::opening::{Opened, Tables};
use super::{FileOpener, FileState, Storage, TableTurn, Turn};
use crate::engine::Fault;
use crate::engine::journal::Signature;
use crate::error::{Code, Error};
use crate::panic::caught;

impl Storage {
    /// Closes the file and opens it again. redb refuses all work after an I/O error, and whether
    /// the commit that met it is in the file only a reopening tells. What is known of it has to be forgotten then.
    pub(in crate::engine) fn reopen(&self, _turn: &Turn<'_>) -> Result<(), Fault> {
        let _tables = self.table_turn();
        self.replace_state()
    }

    /// Opens the tables for writing, unless they are. Who reads them as they were opened before goes on with that.
    ///
    /// # Errors
    ///
    /// `LOCKED` if another process writes to them for too long; a storage fault. They are read as before then.
    pub(super) fn open_to_write(&self, _turn: &TableTurn) -> Result<(), Fault> {
        let (opener, journal) = match &*self.state.read() {
            FileState::Open {
                tables: Tables::Unwritten(tables),
                journal,
                ..
            } => (Arc::clone(&tables.opener), Arc::clone(journal)),
            _ => return Ok(()),
        };
        // Opening them writes, which must not be to another log.
        journal.check_signature()?;
        let writable = Tables::Writable(opener(&journal)?);
        // Nobody who reads has waited for that.
        let mut state = self.state.write();
        let left = match &mut *state {
            FileState::Open { tables, .. } => std::mem::replace(tables, writable),
            FileState::Failed(_) | FileState::Closed => writable,
        };
        drop(state);
        drop(left);
        Ok(())
    }

    fn replace_state(&self) -> Result<(), Fault> {
        let mut state = self.state.write();
        self.check_there_in(&state)?;
        let unopened = Error::new(Code::StorageFailed, "the log could not be opened again");
        let failed = std::mem::replace(&mut *state, FileState::Failed(unopened));
        self.suspect.store(false, Ordering::Relaxed);
        // The failed database is closed before the file is opened anew: its locks would be in
        // the way. What it says on closing tells nothing that is not known.
        let _ = caught(|| drop(failed));
        match open_caught(&self.opener, self.vanishing.signature()) {
            Ok(opened) => {
                *state = opened;
                Ok(())
            }
            Err(fault) => {
                self.vanishing.note(&fault);
                let error = Error::from(fault);
                *state = FileState::Failed(error.clone());
                Err(Fault::Refused(error))
            }
        }
    }
}

/// redb can panic on a file that was altered behind its back; that is corruption, not a crash.
pub(super) fn open_caught(
    opener: &FileOpener,
    again: Option<Signature>,
) -> Result<FileState, Fault> {
    let open = || {
        let Opened {
            tables,
            journal,
            name,
        } = opener(again)?;
        Ok(FileState::Open {
            tables,
            journal: Arc::new(journal),
            name,
        })
    };
    caught(open).unwrap_or_else(|panic| Err(Fault::of_panic("opening", &panic)))
}
