//! What is read from, and which of its events are left.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::StepBounds;
use super::lines::PageEvents;
use crate::engine::{Fault, Record};
use crate::request::encryption::Revealing;
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
    pub(super) clock: StepClock<'a>,
}

/// What says that a step has taken long enough.
#[derive(Clone, Copy)]
pub(super) struct StepClock<'a> {
    /// When it began.
    pub(super) began: Instant,
    /// Whether nobody wants what is read any more.
    pub(super) is_left: &'a AtomicBool,
}

/// Where an event stands that was read: its position, and its number in its stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) position: u64,
    pub(super) sequence: u64,
}

impl Place {
    /// How many of these places one is done with after this event.
    pub(super) fn passed_in<'p>(self, places: impl IntoIterator<Item = &'p u64>) -> usize {
        let mut places = places.into_iter();
        let index = places.position(|place| *place == self.position);
        index.map_or(0, |index| index + 1)
    }
}

/// What came of reading events.
pub(super) struct EventsRead {
    /// How many were read.
    pub(super) count: usize,
    pub(super) last: Option<Place>,
    /// Whether the page has enough, so that places may be left.
    pub(super) is_enough: bool,
    /// Those that were read before it failed are read as well.
    pub(super) outcome: Result<(), Fault>,
}

impl View<'_> {
    /// Has a page take the events at these places, in this order, until it `is_enough`. What was trimmed since it was found is
    /// passed over.
    pub(super) fn read<P: PageEvents>(
        self,
        revealing: &Revealing<'_>,
        backward: bool,
        places: &mut dyn Iterator<Item = u64>,
        page: &mut P,
        is_enough: impl Fn(&P) -> bool,
    ) -> EventsRead {
        let mut read = EventsRead {
            count: 0,
            last: None,
            is_enough: false,
            outcome: Ok(()),
        };
        let mut visit = |position, record: &Record<'_>| {
            let event = record.event(self.instance_id, position);
            revealing.event(&event, |event| Ok::<_, Fault>(page.add(event)?))?;
            read.count += 1;
            let sequence = record.sequence;
            read.last = Some(Place { position, sequence });
            read.is_enough = is_enough(page);
            Ok(if read.is_enough {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        };
        read.outcome = if backward {
            self.chunks.each_back(places, &mut visit)
        } else {
            self.chunks.each(places, &mut visit)
        };
        read
    }

    /// Whether the step has taken long enough.
    pub(super) fn is_over(&self) -> bool {
        self.clock.is_left.load(Ordering::Relaxed) || self.clock.began.elapsed() >= self.bounds.step
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
