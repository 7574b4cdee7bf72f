//! Giving back the room of the journal once nothing was committed for long.
//!
//! Whoever appends meanwhile waits for no more than a header or two: what the journal holds is brought into the tables beside
//! that, as a full generation is.

use super::checkpoint::{checkpoint, drain_and_give_back, lock};
use super::dropping::drop_rest;
use crate::engine::Fault;
use crate::engine::journal::{Layout, Start, random_salt};
use crate::engine::view::{Generation, LogView, OpenLog};

/// The part of a segment from which on it is worth it to give back what the journal takes: one MiB in the segments of new
/// files. To take room again costs an append next to nothing, and to bring little into the tables as much as much.
const WORTHWHILE: u32 = 16;

/// Whether the journal takes much room, as far as is known without reading it, and this process was the last to add to it.
pub(in crate::engine) fn is_worthwhile(open_log: &OpenLog) -> bool {
    let (Some(view), Ok(layout)) = (open_log.view().last(), open_log.storage.layout()) else {
        return false;
    };
    is_own(open_log, &view) && takes_much(&view, layout)
}

fn takes_much(view: &LogView, layout: Layout) -> bool {
    view.room_beyond(layout.kept_bytes()) > layout.segment_bytes / WORTHWHILE
}

/// Whether no process has committed anything since this one did. If one has, it is the one to know when it is idle.
fn is_own(open_log: &OpenLog, view: &LogView) -> bool {
    view.log.commits == open_log.storage.stored()
}

/// Brings all of the journal into the tables and gives back its room, unless anybody adds to it before that is done.
pub(in crate::engine) fn give_back(open_log: &OpenLog) -> Result<(), Fault> {
    let Some(ended) = end_generation(open_log)? else {
        return Ok(());
    };
    let storage = &open_log.storage;
    checkpoint(storage, &storage.table_turn(), &ended)?;
    drop_rest(storage, &ended)?;
    {
        let turn = storage.turn();
        let locked = lock(open_log, &turn)?;
        if is_own(open_log, &*open_log.view().known()?) {
            drain_and_give_back(&locked, true)?;
        }
    }
    // Whoever appends meanwhile waits for it only if that goes to the tables at once.
    storage.give_back_unused(&storage.table_turn())
}

/// Ends the current generation, so that nothing more is added to it, and returns it. `None` if others have been at work, or
/// nothing is to be given back any more.
fn end_generation(open_log: &OpenLog) -> Result<Option<Generation>, Fault> {
    let storage = &open_log.storage;
    let turn = storage.turn();
    let locked = lock(open_log, &turn)?;
    let view = open_log.view().known()?;
    if !is_own(open_log, &view) || !takes_much(&view, storage.layout()?) {
        return Ok(None);
    }
    // Also where the current one has nothing yet: whoever was to bring this one into the tables may have failed, and the
    // current one means nothing without it.
    if let Some(previous) = &view.previous {
        checkpoint(storage, &storage.table_turn(), previous)?;
    }
    if view.last.is_some() {
        let next = view.next_header(view.log.commits, Start::Continues, random_salt());
        locked.journal.write_header(&next)?;
        open_log.view().replace(view.continued(next));
    }
    Ok(Some(view.current.clone()))
}
