//! The columns of a block, in the order in which it has them.

use std::ops::Range;

/// Those that each block has, whatever its events are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// Ids.
    Ids,
    /// Timestamps in milliseconds.
    Times,
    /// Numbers within the streams.
    Sequences,
    /// How many positions back the streams' previous events stand.
    Backs,
    /// Stream ids.
    Streams,
    /// Event types.
    Types,
    /// 1 where the event is the first of a call with a key, else 0.
    Calls,
    /// How many events each such call has.
    CallEvents,
    /// The key of each such call.
    CallKeys,
    /// Of the events that are kept as texts: the number of the text that is like each, from 1; 0 if
    /// there is none.
    Likes,
    /// The bytes of the payload of each such event.
    PayloadBytes,
    /// The bytes of the metadata of each such event.
    MetadataBytes,
    /// Where the compressed texts of each such event end, of those of its group.
    KeptEnds,
}

impl Own {
    pub(super) const COUNT: usize = Self::KeptEnds as usize + 1;

    pub(super) const fn number(self) -> usize {
        self as usize
    }
}

/// How many columns a block has of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) tables: usize,
    pub(super) leaves: usize,
}

impl Columns {
    /// The shapes of a table's records.
    #[expect(clippy::unused_self, reason = "what the other columns are asked of")]
    pub(super) const fn shapes(self, table: usize) -> usize {
        Own::COUNT + table
    }

    /// Where the arrays end whose elements are a table's records: how many of the group's elements
    /// there are up to there.
    pub(super) const fn ends(self, table: usize) -> usize {
        Own::COUNT + self.tables + table
    }

    /// The values of a path.
    pub(super) const fn leaf(self, leaf: usize) -> usize {
        Own::COUNT + 2 * self.tables + leaf
    }

    pub(super) const fn all(self) -> Range<usize> {
        0..self.leaf(self.leaves)
    }
}
