//! The end of the open file.

use std::sync::atomic::Ordering;

use super::opening::Tables;
use super::{FileState, Storage};
use crate::cancellation::Cancellation;
use crate::engine::{Fault, refusals};
use crate::error::Code;
use crate::panic::caught;

impl Storage {
    /// Gives up the reads that are under way and those that come.
    pub(in crate::engine) fn abandon_reads(&self) {
        self.abandoned.store(true, Ordering::Relaxed);
        self.closing.cancel();
    }

    /// Calls off the waiting for other processes, but for that of changes.
    pub(in crate::engine) fn note_closing(&self) {
        self.closing.cancel();
    }

    /// What calls off the waiting for other processes once the file is to be closed.
    pub(in crate::engine) const fn closing(&self) -> &Cancellation {
        &self.closing
    }

    /// Fails once nobody is left to hear what is read.
    pub(in crate::engine) fn check_wanted(&self) -> Result<(), Fault> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(Fault::Refused(refusals::closed()));
        }
        Ok(())
    }

    /// Closes the file for good. Nothing is written to one that is not the log any more.
    pub(in crate::engine) fn close_file(&self) -> Result<(), Fault> {
        self.sever_if_vanished();
        let state = std::mem::replace(&mut *self.state.write(), FileState::Closed);
        let close = || match state {
            FileState::Open { tables, .. } => match tables {
                Tables::Unwritten(tables) => Ok(tables.reading.close()?),
                Tables::Writable(database) => Ok(database.close()?),
                Tables::ReadOnly(database) => Ok(database.close()?),
            },
            // Nothing is lost by a fault that may pass.
            FileState::Failed(error) if error.code() == Code::Corrupted => {
                Err(Fault::Refused(error))
            }
            FileState::Failed(_) | FileState::Closed => Ok(()),
        };
        caught(close).unwrap_or_else(|panic| Err(Fault::of_panic("closing", &panic)))
    }

    /// What was stored in a file that its path does not name goes with it: whoever has stored it should hear.
    pub(in crate::engine) fn check_name_of_writer(&self) -> Result<(), Fault> {
        if self.is_writable() {
            self.check_name()
        } else {
            Ok(())
        }
    }

    pub(in crate::engine) fn is_writable(&self) -> bool {
        matches!(
            *self.state.read(),
            FileState::Open {
                tables: Tables::Unwritten(_) | Tables::Writable(_),
                ..
            }
        )
    }
}
