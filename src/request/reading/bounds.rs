//! How far a step of a reading may go.

use std::time::Duration;

use super::together::Sharing;
use crate::request::query::STREAM_EVENTS_DENSE;

/// From so much text on, a page is full. The last event of it may be longer by itself.
const PAGE_BYTES: usize = 1 << 20;

/// How many events a page has at most.
const PAGE_EVENTS: usize = 4_096;

/// As [`PAGE_BYTES`] and [`PAGE_EVENTS`], for lines: JavaScript hands them on as they are.
const LINES_PAGE_BYTES: usize = 1 << 20;
const LINES_PAGE_EVENTS: usize = 32_768;

/// How many events the first page has at most: many readers want no more.
const FIRST_PAGE_EVENTS: usize = 64;

/// How many times as many events the next page may have.
const PAGE_GROWTH: usize = 4;

/// How long a step looks for events before it answers with those it has, of which there may be none:
/// so long a closing log waits for it, and the snapshot lives.
const STEP: Duration = Duration::from_millis(10);

/// How far a step may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepBounds {
    pub(super) page_bytes: usize,
    pub(super) page_events: usize,
    pub(super) step: Duration,
    /// How many events of a stream for each block of the instance make it faster to go through the
    /// blocks than along the stream's chain.
    pub(super) dense: u64,
    /// How several threads make the lines of a page.
    pub(super) sharing: Sharing,
}

impl StepBounds {
    pub(super) const DEFAULT: Self = Self {
        page_bytes: PAGE_BYTES,
        page_events: PAGE_EVENTS,
        step: STEP,
        dense: STREAM_EVENTS_DENSE,
        sharing: Sharing::DEFAULT,
    };

    pub(super) const OF_LINES: Self = Self {
        page_bytes: LINES_PAGE_BYTES,
        page_events: LINES_PAGE_EVENTS,
        ..Self::DEFAULT
    };

    /// Those of a page that so many others came before.
    pub(super) fn of_page(self, before: u32) -> Self {
        let events = FIRST_PAGE_EVENTS.saturating_mul(PAGE_GROWTH.saturating_pow(before));
        Self {
            page_events: self.page_events.min(events),
            ..self
        }
    }
}
