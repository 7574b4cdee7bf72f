//! Lines of many events, which several threads make beside each other.
//!
//! The events are cut into parts. Each thread takes the next part that nobody has, and makes its lines. A part that gets
//! longer than was thought, or fails, ends the page with what it has: what was made of later events is dropped, and they are
//! read again for the next page. That one meets the failure at its first event, and tells it: after all lines before it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;

use super::lines::{LinesPage, PageEvents as _};
use super::view::{Place, View};
use crate::engine::Fault;
use crate::request::encryption::Revealing;
use crate::request::query::{Helpers, unless_it_panics};

/// How several threads make the lines of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sharing {
    /// No part is begun once there are so many bytes of lines. Those that are under way then come on top, one for each
    /// thread.
    pub(super) page_bytes: usize,
    /// About so many bytes a part has. With twice as many, it is no longer.
    pub(super) part_bytes: usize,
    /// Hires threads that help, up to so many.
    pub(super) hire: fn(usize) -> Helpers,
}

/// How many threads help at most. JavaScript takes lines no faster than four or five threads make them.
const HELPERS_MAX: usize = 3;

/// How many parts there must be for each thread that helps: to start one takes a part of the time that it saves.
const PARTS_PER_HELPER: usize = 2;

impl Sharing {
    pub(super) const DEFAULT: Self = Self {
        page_bytes: 4 << 20,
        part_bytes: 512 << 10,
        hire: Helpers::hire,
    };

    /// How many events make a part, if each takes `line_bytes` of text.
    pub(super) fn part_events(self, line_bytes: usize) -> usize {
        (self.part_bytes / line_bytes.max(1)).max(1)
    }

    /// Hires threads that help with so many events; `None` if one thread makes their lines as soon, or none is free.
    pub(super) fn hire_for(self, events: usize, part_events: usize) -> Option<Helpers> {
        let parts = (events / part_events).min(self.page_bytes / self.part_bytes);
        let wanted = (parts / PARTS_PER_HELPER).min(HELPERS_MAX);
        if wanted == 0 {
            return None;
        }
        Some((self.hire)(wanted)).filter(|helpers| helpers.0 > 0)
    }
}

/// What is to be made lines of.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) view: View<'a>,
    pub(super) revealing: &'a Revealing<'a>,
    pub(super) backward: bool,
    /// Where the events stand, in the order of reading.
    pub(super) places: &'a [u64],
    pub(super) part_events: usize,
}

/// The lines of a part, or of its first events.
pub(super) struct LinesPart {
    pub(super) lines: LinesPage,
    /// How many of the places are done with.
    pub(super) passed: usize,
    /// The event that was read last.
    pub(super) last: Option<Place>,
    is_whole: bool,
}

/// Lines that are being made.
struct SharedLines<'a> {
    wanted: Wanted<'a>,
    /// The number of the part that nobody has begun.
    next: AtomicUsize,
    /// No part after the one with this number is of use.
    last: AtomicUsize,
    /// How many bytes of lines there are.
    bytes: AtomicUsize,
    made: Mutex<Vec<Option<Result<LinesPart, Fault>>>>,
}

/// Makes lines by this thread and those that help. Gives parts that follow each other from the first one on, each of which has
/// some of the places behind it. Not all events need be in them.
///
/// # Errors
///
/// What the first event fails with.
pub(super) fn make(wanted: Wanted<'_>, helpers: &Helpers) -> Result<Vec<LinesPart>, Fault> {
    let parts = wanted.places.len().div_ceil(wanted.part_events);
    let shared = SharedLines {
        wanted,
        next: AtomicUsize::new(0),
        last: AtomicUsize::new(usize::MAX),
        bytes: AtomicUsize::new(0),
        made: Mutex::new((0..parts).map(|_| None).collect()),
    };
    thread::scope(|scope| {
        for _ in 0..helpers.0 {
            // Without the thread, the others do the work.
            let _ = thread::Builder::new()
                .name("eventlog-scan".into())
                .spawn_scoped(scope, || shared.work());
        }
        shared.work();
    });
    let last = shared.last.into_inner();
    let made = shared.made.into_inner().into_iter();
    let mut parts = Vec::new();
    // Parts are begun in their order.
    for part in made.take(last.saturating_add(1)).map_while(|part| part) {
        match part {
            Ok(part) => parts.push(part),
            Err(fault) if parts.is_empty() => return Err(fault),
            // The next page begins there.
            Err(_) => break,
        }
    }
    Ok(parts)
}

impl SharedLines<'_> {
    /// Makes parts until there are enough, or none is left.
    fn work(&self) {
        let Wanted {
            view,
            places,
            part_events,
            ..
        } = self.wanted;
        while !self.is_enough(view) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(places) = places.chunks(part_events).nth(number) else {
                return;
            };
            let made = unless_it_panics(|| self.part(number, places));
            match &made {
                Ok(part) if part.is_whole => {
                    self.bytes.fetch_add(part.lines.bytes(), Ordering::Relaxed);
                }
                _ => {
                    self.last.fetch_min(number, Ordering::Relaxed);
                }
            }
            self.made.lock()[number] = Some(made);
        }
    }

    /// Whether no further part is to be begun. The first one always is.
    fn is_enough(&self, view: View<'_>) -> bool {
        let next = self.next.load(Ordering::Relaxed);
        let sharing = view.bounds.sharing;
        next > self.last.load(Ordering::Relaxed)
            || next > 0
                && (self.bytes.load(Ordering::Relaxed) >= sharing.page_bytes || view.is_over())
    }

    /// Makes the lines of a part, up to the event that fails.
    fn part(&self, number: usize, places: &[u64]) -> Result<LinesPart, Fault> {
        let Wanted {
            view,
            revealing,
            backward,
            ..
        } = self.wanted;
        let part_bytes = view.bounds.sharing.part_bytes;
        let mut lines = LinesPage::with_room_for(part_bytes);
        let mut at = places.iter().copied();
        let is_enough = |lines: &LinesPage| {
            lines.bytes() >= 2 * part_bytes || number > self.last.load(Ordering::Relaxed)
        };
        let read = view.read(revealing, backward, &mut at, &mut lines, is_enough);
        let passed = match (read.last, read.outcome) {
            (Some(last), Err(_)) => last.passed_in(places),
            (None, Err(fault)) => return Err(fault),
            (Some(last), Ok(())) if read.is_enough => last.passed_in(places),
            (_, Ok(())) => places.len(),
        };
        Ok(LinesPart {
            lines,
            passed,
            last: read.last,
            is_whole: passed == places.len(),
        })
    }
}
