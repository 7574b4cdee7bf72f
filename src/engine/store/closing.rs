//! Closing the file, with nothing left in its journal.

use std::sync::atomic::Ordering;

use super::{OpenStore, State};
use crate::cancellation::Cancellation;
use crate::engine::locks::Patience;
use crate::engine::opening::Tables;
use crate::engine::{Fault, checkpoint, queue};
use crate::error::Code;
use crate::panic::caught;

impl OpenStore {
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
            return Err(Fault::Refused(queue::closed()));
        }
        Ok(())
    }

    /// Brings the journal into the tables, unless another process holds one of them, and closes the file for
    /// good. What is left in the journal is as safe there, and whoever opens the file next finds it.
    pub(in crate::engine) fn close(&self) -> Result<(), Fault> {
        self.note_closing();
        Patience::none().during(|| self.drain_and_close())
    }

    fn drain_and_close(&self) -> Result<(), Fault> {
        let drained = unless_busy(self.drain());
        let named = self.check_name_of_writer();
        self.sever_if_vanished();
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
            // Nothing is lost by a fault that may pass.
            State::Failed(error) if error.code() == Code::Corrupted => Err(Fault::Refused(error)),
            State::Failed(_) | State::Closed => Ok(()),
        };
        let closed = caught(close).unwrap_or_else(|panic| Err(Fault::of_panic("closing", &panic)));
        drained.and(named).and(unless_busy(closed))
    }

    /// What was stored in a file that its path does not name goes with it: whoever has stored it should hear.
    fn check_name_of_writer(&self) -> Result<(), Fault> {
        if self.is_writable() {
            self.check_name()
        } else {
            Ok(())
        }
    }

    fn drain(&self) -> Result<(), Fault> {
        if !self.is_writable() {
            return Ok(());
        }
        let drain = || checkpoint::drain(&self.lock(&self.turn())?, false);
        caught(drain).unwrap_or_else(|panic| Err(Fault::of_panic("closing", &panic)))
    }
}

/// A file needs no closing: what another process keeps from being done is left.
fn unless_busy(closed: Result<(), Fault>) -> Result<(), Fault> {
    match closed {
        Err(fault) if fault.is_busy() => Ok(()),
        closed => closed,
    }
}
