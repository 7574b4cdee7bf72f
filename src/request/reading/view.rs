//! What is read from, and which of its events are left.

use std::time::Instant;

use super::StepBounds;
use crate::seam::{EventChunks, ReadSnapshot};

/// Positions that follow each other: from the first one to the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: u64,
    pub(super) high: u64,
}

/// What is read from.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) snapshot: &'a dyn ReadSnapshot,
    pub(super) chunks: &'a dyn EventChunks,
    pub(super) number: u32,
    pub(super) instance_id: &'a str,
    pub(super) bounds: StepBounds,
    /// When the step began.
    pub(super) began: Instant,
}

impl View<'_> {
    /// Whether the step has taken long enough.
    pub(super) fn is_over(&self) -> bool {
        self.began.elapsed() >= self.bounds.step
    }
}

impl Span {
    pub(super) const fn is_empty(self) -> bool {
        self.low > self.high
    }

    /// Takes up to `count` positions from the end where reading goes on.
    pub(super) fn take(&mut self, count: u64, backward: bool) -> Self {
        let count = count.min((self.high + 1).saturating_sub(self.low));
        let whole = *self;
        if backward {
            self.high -= count;
            Self {
                low: self.high + 1,
                ..whole
            }
        } else {
            self.low += count;
            Self {
                high: self.low - 1,
                ..whole
            }
        }
    }
}
