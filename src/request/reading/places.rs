//! Finding where the events stand that are to be read.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use super::search::Search;
use super::view::{Span, View};
use crate::engine::Fault;
use crate::request::query::{Oldest, StreamPart};

/// How many events are looked for in the blocks before a stream is walked along its chain.
const BEGINNING_EVENTS: u64 = 32;

/// The way to the events that are left.
#[derive(Debug)]
pub(super) enum Way {
    /// All events of a span.
    Row(Span),
    /// Those of a span that match, found by the blocks they are in.
    Blocks(Box<Search>, Span),
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
        matches!(self, Self::Blocks(search, _) if search.reads_data())
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
            Self::Blocks(search, span) => {
                let found = search.next(view, span, backward)?;
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
