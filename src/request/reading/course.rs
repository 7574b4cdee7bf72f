//! A reading that has begun: what is left of it, and how it goes on.

mod fill;

use std::collections::VecDeque;

use super::StepBounds;
use super::complete::{Complete, Reached};
use super::lines::PageEvents;
use super::places::{Chain, Way};
use super::range::ReadingRange;
use super::search::Search;
use super::view::{Place, Span, StepClock, View};
use crate::engine::Fault;
use crate::engine::seeded_bug::{Bug, OfThisThread, Seeded};
use crate::error::{Code, Error};
use crate::request::encryption::Revealing;
use crate::request::extent::Extent;
use crate::request::named_instance::find_in_snapshot;
use crate::request::query::Oldest;
use crate::seam::{EventChain, ReadSnapshot};

/// What is left to be read.
pub(super) struct ReadingCourse {
    number: u32,
    instance_id: String,
    backward: bool,
    /// Whether events that are appended later are read as well.
    follows: bool,
    /// How many events may still be read.
    left: u64,
    way: Way,
    /// Where events stand that were found and not read yet, in the order of reading.
    places: VecDeque<u64>,
    /// How many pages were read.
    pages: u32,
    last_read: Place,
    /// How many bytes a line takes, as those of the last page did on average; `None` where none was made.
    line_bytes: Option<usize>,
    /// What may not be missed.
    complete: Complete,
}

/// How far a reading has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageProgress {
    /// Whether nothing comes any more.
    pub(super) ended: bool,
    /// Whether all that there is has been read.
    pub(super) caught_up: bool,
}

impl PageProgress {
    pub(super) const ENDED: Self = Self {
        ended: true,
        caught_up: true,
    };
}

impl ReadingCourse {
    /// Whether events that are appended later are read as well.
    pub(super) const fn follows(&self) -> bool {
        self.follows
    }

    /// Decides on what there is to read: the events that the snapshot has.
    pub(super) fn plan(
        range: ReadingRange,
        snapshot: &dyn ReadSnapshot,
        bounds: StepBounds,
    ) -> Result<Self, Fault> {
        let number = find_in_snapshot("instance", range.query.instance(), snapshot)?;
        let instance = snapshot.instance(number)?;
        let ReadingRange {
            backward,
            follows,
            limit,
            ..
        } = range;
        let chunks = snapshot.chunks(number)?;
        let all = Span {
            low: chunks.first(),
            high: instance.head.last_position,
        };
        range.check_position(all.low, all.high)?;
        let complete = Complete::of(&range, (number, snapshot), &*chunks)?;
        let mut places = VecDeque::new();
        let (way, left) = match &range.stream {
            Some(stream_id) if !follows => {
                let stream = snapshot.stream(number, stream_id)?;
                let first = stream.first()?;
                range.check_sequence(first, stream.len())?;
                let dense = bounds.dense.saturating_mul(chunks.len() as u64);
                let (mut chain, left, walked) = Self::chain_of(&range, stream_id, &*stream)?;
                if walked > dense {
                    let (low, high) = (all.low, stream.last_position());
                    let search = Search::new(range.query);
                    (Way::Blocks(Box::new(search), Span { low, high }), left)
                } else {
                    if !backward && left > 0 {
                        let oldest = Oldest {
                            query: &range.query,
                            instance_id: &instance.id,
                            chunks: &*chunks,
                            dense: bounds.dense,
                        };
                        places = chain.begin(&oldest, stream.len(), left)?;
                    }
                    (Way::Chain(chain), left)
                }
            }
            _ => (Self::way_to_all(range, all), limit),
        };
        Ok(Self {
            number,
            instance_id: instance.id,
            backward,
            follows,
            left,
            way,
            places,
            pages: 0,
            last_read: Place::default(),
            line_bytes: None,
            complete,
        })
    }

    /// How many events the first page of a range may have to look at, which is not decided on yet.
    pub(super) fn extent_of(
        range: ReadingRange,
        snapshot: &dyn ReadSnapshot,
    ) -> Result<Extent, Fault> {
        let number = find_in_snapshot("instance", range.query.instance(), snapshot)?;
        let instance = snapshot.instance(number)?;
        let count = match &range.stream {
            Some(stream_id) if !range.follows => {
                let stream = snapshot.stream(number, stream_id)?;
                Self::chain_of(&range, stream_id, &*stream)?.2
            }
            _ => {
                let (limit, follows) = (range.limit, range.follows);
                let all = Span {
                    low: snapshot.chunks(number)?.first(),
                    high: instance.head.last_position,
                };
                match Self::way_to_all(range, all) {
                    way @ Way::Row(_) if !follows => way.len(None).min(limit),
                    way => way.len(None),
                }
            }
        };
        Ok(Extent::of_events(count, &instance))
    }

    /// The way to the events of a range, if those of the instance stand at `all` of these positions.
    fn way_to_all(range: ReadingRange, all: Span) -> Way {
        let Span {
            low: first,
            high: last,
        } = all;
        let start = if range.from_end {
            Some(last)
        } else {
            range.start
        };
        let span = match (start, range.backward) {
            (None, _) => all,
            (Some(after), false) => Span {
                low: after.saturating_add(1),
                high: last,
            },
            (Some(after), true) => Span {
                low: first,
                high: last.min(after.saturating_sub(1)),
            },
        };
        if range.query.has_conditions() {
            Way::Blocks(Box::new(Search::new(range.query)), span)
        } else {
            Way::Row(span)
        }
    }

    /// The chain of a stream, how many of its events there are to read, and how many steps lead to the first of them.
    fn chain_of(
        range: &ReadingRange,
        stream_id: &str,
        stream: &dyn EventChain,
    ) -> Result<(Chain, u64, u64), Fault> {
        let (begin, len) = (stream.first()?, stream.len());
        let (first, last) = if range.backward {
            (begin, range.start.unwrap_or(len).min(len))
        } else {
            (range.start.unwrap_or(begin).max(begin), len)
        };
        let count = (last + 1).saturating_sub(first).min(range.limit);
        let walked = if range.backward {
            len - last + count
        } else {
            (len + 1).saturating_sub(first)
        };
        let chain = Chain {
            stream_id: stream_id.to_owned(),
            next: (count > 0).then(|| (len, stream.last_position())),
            first,
            last,
            met: Vec::new(),
        };
        Ok((chain, count, walked))
    }

    /// How many events, or how much of them, a page may have to look at.
    pub(super) fn extent(&self, snapshot: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        if !snapshot.has_instance(self.number)? {
            return Ok(Extent::Small);
        }
        let instance = snapshot.instance(self.number)?;
        let last = instance.head.last_position;
        let found = self.places.len() as u64;
        let count = found + self.way.len(self.follows.then_some(last));
        let count = match &self.way {
            // Each of them is read.
            Way::Row(_) => count.min(self.left),
            Way::Blocks(..) | Way::Chain(_) => count,
        };
        Ok(Extent::of_events(count, &instance))
    }

    /// Reads the next page, whose events `page` takes as they are to be shown. If the snapshot is lost, the page ends with what
    /// it has. If that is nothing, this fails, and the same page can be read of another snapshot.
    pub(super) fn page(
        &mut self,
        revealing: &Revealing<'_>,
        snapshot: &dyn ReadSnapshot,
        page: &mut impl PageEvents,
        bounds: StepBounds,
        clock: StepClock<'_>,
    ) -> Result<PageProgress, Fault> {
        if !snapshot.has_instance(self.number)? {
            return Err(deleted(&self.instance_id));
        }
        let revealed = revealing.over(snapshot);
        let chunks = match self.way.reads_data() {
            true => revealed.chunks(self.number)?,
            false => snapshot.chunks(self.number)?,
        };
        let instance_id = self.instance_id.clone();
        let bounds = bounds.of_page(self.pages);
        let view = View {
            snapshot,
            chunks: &*chunks,
            number: self.number,
            instance_id: &instance_id,
            bounds,
            clock,
        };
        if self.follows && !OfThisThread.has(Bug::FollowerLooksOnce) {
            self.way.extend(chunks.events());
        }
        // What was to be read next may be out since.
        if self.way.lowest().is_some_and(|low| low < chunks.first()) {
            return Err(Error::trimmed(chunks.first()).into());
        }
        if chunks.has_gaps() && (!self.is_done() || self.follows) {
            let at = (self.number, snapshot);
            self.complete.check(at, self.reached(), chunks.last_out())?;
        }
        match self.fill(view, revealing, page) {
            Err(_) if snapshot.is_lost() && page.bytes() > 0 => {}
            filled => filled?,
        }
        self.pages = self.pages.saturating_add(1);
        if let Some(lines) = page.shared_lines() {
            self.line_bytes = lines
                .bytes()
                .checked_div(lines.events())
                .or(self.line_bytes);
        }
        let caught_up = self.is_done();
        Ok(PageProgress {
            ended: caught_up && !self.follows,
            caught_up,
        })
    }

    /// How far it has come, going forward.
    fn reached(&self) -> Reached {
        let passed = match &self.way {
            Way::Row(_) | Way::Blocks(..) if !self.backward => self.passed(),
            _ => 0,
        };
        Reached {
            position: passed.max(self.last_read.position),
            sequence: match self.backward {
                true => 0,
                false => self.last_read.sequence,
            },
        }
    }

    /// The number of the instance.
    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    /// The position up to which there is nothing left of a reading that goes forward.
    pub(super) fn passed(&self) -> u64 {
        let next = self.places.front().copied();
        next.unwrap_or_else(|| self.way.next()).saturating_sub(1)
    }

    fn is_done(&self) -> bool {
        self.left == 0 || self.places.is_empty() && self.way.is_empty()
    }
}

/// Whoever made it again has made another one: its events are not those that reading began with.
pub(super) fn deleted(instance_id: &str) -> Fault {
    Fault::refused(
        Code::InstanceNotFound,
        format!("the instance with the id {instance_id:?} was deleted while it was read"),
    )
}
