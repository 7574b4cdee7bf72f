//! Closing the file, with little or nothing left in its journal.

use super::checkpoint::{drain_and_give_back, lock};
use super::locked::Locked;
use crate::engine::Fault;
use crate::engine::locks::Patience;
use crate::engine::view::OpenLog;
use crate::panic::caught;

/// Brings the journal into the tables and gives back its room and that of unused pages, unless it is short or another process holds one of them, and
/// closes the file for good. What is left in the journal is as safe there, and whoever opens the file next finds it.
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
    let drain = || {
        let turn = open_log.storage.turn();
        let locked = lock(open_log, &turn)?;
        if !is_short(&locked)? {
            drain_and_give_back(&locked, false)?;
        }
        let storage = &open_log.storage;
        storage.give_back_unused(&storage.table_turn())
    };
    caught(drain).unwrap_or_else(|panic| Err(Fault::of_panic("closing", &panic)))
}

/// Whether the journal takes no room that would be given back. To bring what it has into the tables costs some ten syncs, and
/// to read it from the journal costs whoever opens the log next about what it costs to read the tables.
fn is_short(locked: &Locked<'_>) -> Result<bool, Fault> {
    let view = locked.open_log().view().known()?;
    let kept_bytes = locked.journal.layout().kept_bytes();
    let is_known_to_be = view.previous.is_none() && view.room_beyond(kept_bytes) == 0;
    Ok(is_known_to_be && !locked.journal.takes_room()?)
}

/// A file needs no closing: what another process keeps from being done is left.
fn unless_busy(closed: Result<(), Fault>) -> Result<(), Fault> {
    match closed {
        Err(fault) if fault.is_busy() => Ok(()),
        closed => closed,
    }
}
