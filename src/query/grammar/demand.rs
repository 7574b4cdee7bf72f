//! What a query without conditions wants.

/// What the result of a query without conditions is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing but how many events there are.
    Count,
    /// As many events in a row, after as many others.
    Slice {
        /// How many come before.
        offset: u64,
        /// How many there may be.
        limit: u64,
    },
    /// As many events at one end of an order.
    End {
        /// What they are ordered by.
        key: EndKey,
        /// Whether the greatest are wanted.
        descending: bool,
        /// How many of them come before the page.
        offset: u64,
        /// How many the page may have.
        limit: u64,
    },
    /// Anything else: all events have to be gone through.
    All,
}

/// What events are ordered by that is known without going through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKey {
    /// Their time.
    Time,
    /// Their number within their stream.
    Sequence,
    /// Their position within the instance.
    Position,
}
