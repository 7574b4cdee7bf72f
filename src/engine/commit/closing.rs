//! Closing the file, with nothing left in its journal.

use super::checkpoint::{drain_and_give_back, lock};
use crate::engine::Fault;
use crate::engine::locks::Patience;
use crate::engine::view::OpenLog;
use crate::panic::caught;

/// Brings the journal into the tables and gives back its room, unless another process holds one of them, and closes the
/// file for good. What is left in the journal is as safe there, and whoever opens the file next finds it.
pub(in crate::engine) fn close(open_log: &OpenLog) -> Result<(), Fault> {
    open_log.storage.note_closing();
    Patience::none().during(|| {
        let drained = unless_busy(drain_for_good(open_log));
        let named = open_log.storage.check_name_of_writer();
        let closed = unless_busy(open_log.storage.close_file());
        drained.and(named).and(closed)
    })
}

fn drain_for_good(open_log: &OpenLog) -> Result<(), Fault> {
    if !open_log.storage.is_writable() {
        return Ok(());
    }
    let drain = || drain_and_give_back(&lock(open_log, &open_log.storage.turn())?, false);
    caught(drain).unwrap_or_else(|panic| Err(Fault::of_panic("closing", &panic)))
}

/// A file needs no closing: what another process keeps from being done is left.
fn unless_busy(closed: Result<(), Fault>) -> Result<(), Fault> {
    match closed {
        Err(fault) if fault.is_busy() => Ok(()),
        closed => closed,
    }
}
