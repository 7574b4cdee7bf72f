//! How much a read has to look at, as far as that is known before it is done.

use crate::engine::Instance;

/// How many events, or rows, a small read looks at, at most.
const SMALL_ROWS: u64 = 512;

/// How many bytes of records it looks at, at most.
const SMALL_BYTES: u64 = 512 << 10;

/// The longest text of a call that is parsed to find out what it asks for.
const SMALL_TEXT_BYTES: usize = 32 << 10;

/// Whether a read takes about a millisecond at most, or may take longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Small,
    Long,
}

impl Extent {
    /// That of reading so many rows.
    pub(super) const fn of_rows(count: u64) -> Self {
        if count <= SMALL_ROWS {
            Self::Small
        } else {
            Self::Long
        }
    }

    /// That of reading so many events of an instance, which have the length of all of them on average.
    pub(super) fn of_events(count: u64, instance: &Instance) -> Self {
        let head = &instance.head;
        let mean = head.stored_bytes / head.last_position.max(1);
        if mean.saturating_mul(count) > SMALL_BYTES {
            return Self::Long;
        }
        Self::of_rows(count)
    }

    /// That of a call with arguments of that text, if they are too long to be looked at for this.
    pub(super) const fn of_text(text: &str) -> Self {
        if text.len() <= SMALL_TEXT_BYTES {
            Self::Small
        } else {
            Self::Long
        }
    }
}
