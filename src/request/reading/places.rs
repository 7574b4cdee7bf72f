//! Finding where the events stand that are to be read.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Instant;

use super::StepBounds;
use crate::engine::Fault;
use crate::query::{Chunk as _, Query};
use crate::request::query::{BlockChunk, Oldest, StreamPart};
use crate::seam::{EventChunks, ReadSnapshot};

/// How many events are looked for in the blocks before a stream is walked along its chain.
const BEGINNING_EVENTS: u64 = 32;

/// Positions that follow each other: from the first one to the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: u64,
    pub(super) high: u64,
}

/// The way to the events that are left.
#[derive(Debug)]
pub(super) enum Way {
    /// All events of a span.
    Row(Span),
    /// Those of a span that match, found by the blocks they are in.
    Blocks(Box<Query>, Span),
    /// Those of a stream, found along its chain.
    Chain(Chain),
}

/// A stream's chain, which leads from newer events to older ones.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) stream_id: String,
    /// The number and the position of the event that is met next.
    pub(super) next: Option<(u64, u64)>,
    /// The numbers of the first event and of the last one that are to be read.
    pub(super) first: u64,
    pub(super) last: u64,
    /// Where events stand that were met on the way to the first one.
    pub(super) met: Vec<u64>,
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
    fn take(&mut self, count: u64, backward: bool) -> Self {
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

impl Way {
    /// Whether nothing is left to be found.
    pub(super) const fn is_empty(&self) -> bool {
        match self {
            Self::Row(span) | Self::Blocks(_, span) => span.is_empty(),
            Self::Chain(chain) => chain.next.is_none() && chain.met.is_empty(),
        }
    }

    /// How many events are left to be looked at, if there are events up to `last` by now.
    pub(super) fn len(&self, last: Option<u64>) -> u64 {
        match self {
            Self::Row(span) | Self::Blocks(_, span) => {
                let high = last.map_or(span.high, |last| last.max(span.high));
                (high + 1).saturating_sub(span.low)
            }
            Self::Chain(chain) => {
                let ahead = chain.next.map_or(0, |(sequence, _)| sequence);
                (ahead + 1).saturating_sub(chain.first) + chain.met.len() as u64
            }
        }
    }

    /// The lowest position that is left, where that is known.
    pub(super) const fn lowest(&self) -> Option<u64> {
        match self {
            Self::Row(span) | Self::Blocks(_, span) if !span.is_empty() => Some(span.low),
            Self::Row(_) | Self::Blocks(..) | Self::Chain(_) => None,
        }
    }

    /// Whether it looks into payloads.
    pub(super) fn reads_data(&self) -> bool {
        matches!(self, Self::Blocks(query, _) if query.reads_data())
    }

    /// The position from which on it looks next, going forward.
    pub(super) const fn next(&self) -> u64 {
        match self {
            Self::Row(span) | Self::Blocks(_, span) => span.low,
            Self::Chain(_) => 0,
        }
    }

    /// Goes on up to a position, where events are by now.
    pub(super) fn extend(&mut self, last: u64) {
        if let Self::Row(span) | Self::Blocks(_, span) = self {
            span.high = span.high.max(last);
        }
    }

    /// Adds some of the places that come next, in the order of reading. There may be none, and
    /// yet more to be found.
    pub(super) fn find(
        &mut self,
        view: View<'_>,
        backward: bool,
        places: &mut VecDeque<u64>,
    ) -> Result<(), Fault> {
        match self {
            Self::Row(span) => {
                let Span { low, high } = span.take(view.bounds.page_events as u64, backward);
                if backward {
                    places.extend((low..=high).rev());
                } else {
                    places.extend(low..=high);
                }
                Ok(())
            }
            Self::Blocks(query, span) => {
                let found = next_matches(view, query, span, backward)?;
                if backward {
                    places.extend(found.into_iter().rev());
                } else {
                    places.extend(found);
                }
                Ok(())
            }
            Self::Chain(chain) => chain.find(view, backward, places),
        }
    }
}

/// The events that match in the chunk where reading goes on, which is taken off the span once it was looked through.
fn next_matches(
    view: View<'_>,
    query: &Query,
    span: &mut Span,
    backward: bool,
) -> Result<Vec<u64>, Fault> {
    let at = if backward { span.high } else { span.low };
    let chunk = view.chunks.chunk(view.chunks.index_of(at))?;
    let chunk = BlockChunk::new(chunk, view.instance_id);
    let first = chunk.chunk.first_position();
    let last = first + chunk.len() as u64 - 1;
    let count = if backward {
        at + 1 - first
    } else {
        last + 1 - at
    };
    let mut rest = *span;
    let Span { low, high } = rest.take(count, backward);
    if chunk.overview().is_some() {
        let examined = query.examine(view.instance_id, &chunk)?;
        let places = examined.places();
        let found = places.filter(|place| (low..=high).contains(place));
        *span = rest;
        return Ok(found.collect());
    }
    // The newest events, which a follower reads a few at a time.
    let mut found = Vec::new();
    view.chunks
        .each(&mut (low..=high), &mut |position, record| {
            if query.matches(&record.event(view.instance_id, position)) {
                found.push(position);
            }
            Ok(ControlFlow::Continue(()))
        })?;
    *span = rest;
    Ok(found)
}

impl Chain {
    /// Takes the first events off a chain that leads to `wanted` ones of a stream of `total`, if the blocks tell at once
    /// where they stand: who reads on forwards has them before the chain has been walked, and perhaps needs no more.
    pub(super) fn begin(
        &mut self,
        oldest: &Oldest<'_>,
        total: u64,
        wanted: u64,
    ) -> Result<VecDeque<u64>, Fault> {
        let part = StreamPart {
            total,
            offset: self.first - 1,
            limit: wanted.min(BEGINNING_EVENTS),
            excluded: self.first - 1,
        };
        let places = oldest.places(part, |_, _| Ok(()))?.unwrap_or_default();
        self.first += places.len() as u64;
        if self.first > self.last {
            self.next = None;
        }
        Ok(places.into())
    }

    fn find(
        &mut self,
        view: View<'_>,
        backward: bool,
        places: &mut VecDeque<u64>,
    ) -> Result<(), Fault> {
        let met_max = if backward {
            view.bounds.page_events
        } else {
            usize::MAX
        };
        if let Some((sequence, position)) = self.next {
            let mut stream = view.snapshot.stream(view.number, &self.stream_id)?;
            stream.cut(sequence, position);
            stream.links_back(&mut |position, sequence, back| {
                if sequence <= self.last {
                    self.met.push(position);
                }
                self.next = (sequence > self.first).then(|| (sequence - 1, position - back));
                let pauses = self.next.is_none() || self.met.len() >= met_max || view.is_over();
                Ok(if pauses {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                })
            })?;
        }
        if backward {
            places.extend(self.met.drain(..));
        } else if self.next.is_none() {
            places.extend(self.met.drain(..).rev());
        }
        Ok(())
    }
}
