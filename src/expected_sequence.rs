//! Where a caller expects a stream to stand.

use std::fmt;

/// What is expected of the number of a stream's last event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedSequence {
    /// It is this one; 0 if the stream has no events.
    At(u64),
    /// There is one: the stream has events.
    Exists,
}

impl ExpectedSequence {
    /// Whether a stream whose last event has that number is where it is expected to be.
    #[must_use]
    pub const fn allows(self, last_sequence: u64) -> bool {
        match self {
            Self::At(expected) => expected == last_sequence,
            Self::Exists => last_sequence > 0,
        }
    }
}

impl fmt::Display for ExpectedSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(0) => f.write_str("to have no events"),
            Self::At(expected) => write!(f, "to end with number {expected}"),
            Self::Exists => f.write_str("to have events"),
        }
    }
}

/// A stream that does not stand where the caller expected it to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceConflict {
    /// The stream, within the instance.
    pub stream_id: String,
    /// Where it was expected to stand.
    pub expected: ExpectedSequence,
    /// The number of its last event; 0 if it has none.
    pub actual: u64,
}
