//! Closing the file, with nothing left in its journal.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{OpenStore, State, failed};
use crate::engine::opening::Tables;
use crate::engine::{Fault, checkpoint};

impl OpenStore {
    /// Brings the journal into the tables and closes the file for good.
    pub(in crate::engine) fn close(&self) -> Result<(), Fault> {
        let drained = self.drain();
        let state = std::mem::replace(&mut *self.state.write(), State::Closed);
        let close = || match state {
            State::Open {
                tables: Tables::Writable(database),
                ..
            } => Ok(database.close()?),
            State::Open {
                tables: Tables::ReadOnly(database),
                ..
            } => Ok(database.close()?),
            State::Failed(_) | State::Closed => Ok(()),
        };
        let closed = catch_unwind(AssertUnwindSafe(close))
            .unwrap_or_else(|panic| Err(failed("closing", &*panic)));
        drained.and(closed)
    }

    fn drain(&self) -> Result<(), Fault> {
        if !matches!(
            *self.state.read(),
            State::Open {
                tables: Tables::Writable(_),
                ..
            }
        ) {
            return Ok(());
        }
        let drain = || checkpoint::drain(&self.lock(&self.turn())?, false);
        catch_unwind(AssertUnwindSafe(drain))
            .unwrap_or_else(|panic| Err(failed("closing", &*panic)))
    }
}
