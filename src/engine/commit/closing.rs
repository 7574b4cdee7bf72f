//! Closing the file, with nothing left in its journal.

use super::checkpoint::{drain, lock};
use crate::engine::Fault;
use crate::engine::locks::Patience;
use crate::engine::store::OpenStore;
use crate::panic::caught;

/// Brings the journal into the tables, unless another process holds one of them, and closes the file for
/// good. What is left in the journal is as safe there, and whoever opens the file next finds it.
pub(in crate::engine) fn close(store: &OpenStore) -> Result<(), Fault> {
    store.note_closing();
    Patience::none().during(|| {
        let drained = unless_busy(drain_for_good(store));
        let named = store.check_name_of_writer();
        let closed = unless_busy(store.close_file());
        drained.and(named).and(closed)
    })
}

fn drain_for_good(store: &OpenStore) -> Result<(), Fault> {
    if !store.is_writable() {
        return Ok(());
    }
    let drain = || drain(&lock(store, &store.turn())?, false);
    caught(drain).unwrap_or_else(|panic| Err(Fault::of_panic("closing", &panic)))
}

/// A file needs no closing: what another process keeps from being done is left.
fn unless_busy(closed: Result<(), Fault>) -> Result<(), Fault> {
    match closed {
        Err(fault) if fault.is_busy() => Ok(()),
        closed => closed,
    }
}
