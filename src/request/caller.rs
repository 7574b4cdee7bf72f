//! What a log says of the calls that are made on it, whichever they are.

use super::encryption::Keys;

/// What holds for a call because of the log that it is made on.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// Whether an append that does not say so itself makes an instance that is not there.
    pub(super) creates_instances: bool,
    /// The time of the call by the log's own clock, in milliseconds since the epoch; without one, that of the commit
    /// holds.
    pub(super) now_ms: Option<i64>,
    /// The keys of subjects.
    pub(super) keys: Keys,
}
