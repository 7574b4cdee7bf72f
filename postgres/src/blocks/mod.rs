//! What is known of whole blocks of events, so that a query need not read the events.
//!
//! The events of an instance, by position, are cut into blocks of the same size. Of one that is whole a summary is kept in
//! a table: columns, as in a log in a file. Whoever completes a block has that made, behind the answers to his callers
//! (`making`). Whoever meets a whole block without one makes it for himself, and has it kept.
//!
//! A summary is never the truth: the events are, which stay rows. One that is not what was written, or not of these
//! events, is as if there were none (`stored`). What was read is kept in memory (`known`), since blocks do not change. It
//! is used by those alone who see the same events.

mod known;
mod making;
mod stored;

use codebolt_eventlog::block::EVENTS;

pub(crate) use self::known::{Known, KnownBlocks, View};
pub(crate) use self::making::{Making, Wanted};
pub(crate) use self::stored::{BlockId, Made, Maker, StoredHead};

/// How many events a whole block has.
pub(crate) const BLOCK_EVENTS: u64 = EVENTS as u64;

/// How many whole blocks there are of so many events.
pub(crate) const fn whole_blocks(events: u64) -> u32 {
    // The table counts no further.
    let blocks = events / BLOCK_EVENTS;
    if blocks > i32::MAX as u64 {
        i32::MAX as u32
    } else {
        blocks as u32
    }
}

/// The position of the last event of a block.
pub(crate) const fn end_of(block: u32) -> u64 {
    (block as u64 + 1) * BLOCK_EVENTS
}
