//! How events are cut into blocks.

use std::ops::RangeInclusive;

use codebolt_eventlog::block::EVENTS;

/// How many events a whole block has. All who open a log agree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockSize(pub(crate) u64);

impl Default for BlockSize {
    fn default() -> Self {
        Self(EVENTS as u64)
    }
}

impl BlockSize {
    /// How many whole blocks there are of so many events.
    pub(crate) const fn whole_blocks(self, events: u64) -> u32 {
        // The table counts no further.
        let blocks = events / self.0;
        if blocks > i32::MAX as u64 {
            i32::MAX as u32
        } else {
            blocks as u32
        }
    }

    /// The position of the last event of a block.
    pub(crate) const fn end_of(self, block: u32) -> u64 {
        (block as u64 + 1) * self.0
    }

    /// The positions of the events of a block.
    pub(crate) const fn positions_of(self, block: u32) -> RangeInclusive<u64> {
        block as u64 * self.0 + 1..=self.end_of(block)
    }
}
