//! From where on a query goes one way rather than another.

use std::time::Duration;

/// How many events of a stream for each block of the instance make it faster to go through the blocks
/// than along the stream's chain. Measured: some 3 µs for an event that is not in memory, some 100 µs for
/// a block.
pub(in crate::request) const STREAM_EVENTS_DENSE: u64 = 32;

/// How many blocks a thread looks up at once. They are in eight lists, and asking a list takes some five microseconds.
const LOOKED_UP_AT_ONCE: usize = 8 * 256;

/// From where on one way is taken rather than another. None of them changes an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WayBounds {
    /// How long a query goes on alone before it asks for the help of other threads: starting one
    /// takes some ten microseconds.
    pub(crate) alone: Duration,
    /// See [`STREAM_EVENTS_DENSE`].
    pub(crate) dense: u64,
    /// How many blocks a thread looks up at once. It is 1 or more.
    pub(crate) looked_up_at_once: usize,
}

impl WayBounds {
    pub(super) const DEFAULT: Self = Self {
        alone: Duration::from_micros(500),
        dense: STREAM_EVENTS_DENSE,
        looked_up_at_once: LOOKED_UP_AT_ONCE,
    };
}
