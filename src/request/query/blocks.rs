//! The chunks that a query has to look into.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::BlockChunk;
use crate::block::lookup::{CandidateRows, Candidates, Span};
use crate::engine::Fault;
use crate::query::{Examined, Query, Rows};
use crate::seam::EventChunks;

/// Chunks that follow each other, or what is left of them to be looked into.
#[derive(Debug)]
pub(in crate::request) struct Blocks {
    parts: Parts,
    /// How many chunks a look-up has ruled out.
    pub(super) ruled_out: u64,
}

#[derive(Debug)]
enum Parts {
    All(Range<usize>),
    /// Those that can have what is asked for, as far as that is looked up.
    Found(Vec<(u64, CandidateRows)>),
    /// Chunks, and many at once of which enough is known.
    Mixed(Vec<Part>),
}

#[derive(Debug)]
enum Part {
    Chunk(usize),
    /// With the positions of the first and the last event.
    Span((u64, u64), Box<Span>),
    /// A chunk among several of which enough is known together once nothing matters but how many events match.
    Among(usize, Arc<CountedSpan>),
}

/// Several chunks, each of which is looked into, or all of which are counted together.
#[derive(Debug)]
struct CountedSpan {
    /// The index of the first one.
    first: usize,
    places: (u64, u64),
    span: Span,
    /// Which of the two it is. Whoever comes first to one of them says it.
    is_counted: OnceLock<bool>,
}

/// What is there to be looked into.
pub(super) enum Step<'a> {
    Chunk(BlockChunk<'a>),
    Known(Examined),
}

impl Blocks {
    /// Those in a range of chunks. Each is there to be looked into.
    ///
    /// # Errors
    ///
    /// A storage fault; corruption.
    pub(in crate::request) fn of(
        query: &Query,
        chunks: &dyn EventChunks,
        all: Range<usize>,
    ) -> Result<Self, Fault> {
        let Some(wanted) = query.wanted().filter(|_| !all.is_empty()) else {
            return Ok(Self::all(all));
        };
        let found = chunks.look_up(&wanted, all.start as u64..all.end as u64)?;
        Ok(Self::found(&all, found))
    }

    const fn all(all: Range<usize>) -> Self {
        Self {
            parts: Parts::All(all),
            ruled_out: 0,
        }
    }

    /// Those of a range that were found by a look-up.
    pub(super) fn found(all: &Range<usize>, found: Candidates) -> Self {
        let found: Vec<_> = found.into_blocks().collect();
        Self {
            ruled_out: (all.len() - found.len()) as u64,
            parts: Parts::Found(found),
        }
    }

    /// Those in a range of chunks, for a query that looks nothing up: what is known of many chunks together can be enough.
    ///
    /// # Errors
    ///
    /// A storage fault; corruption.
    pub(super) fn with_spans(
        query: &Query,
        chunks: &dyn EventChunks,
        all: Range<usize>,
        instance_id: &str,
    ) -> Result<Self, Fault> {
        if !query.can_need_no_columns() {
            return Ok(Self::all(all));
        }
        let mut parts = Vec::new();
        let mut next = all.start;
        while next < all.end {
            let found = chunks.span(next as u64, all.end as u64)?;
            let end = all.end.min(next + found.chunks as usize);
            let Some(span) = found.span else {
                parts.extend((next..end).map(Part::Chunk));
                next = end;
                continue;
            };
            let first = found.first_position;
            let places = (first, first + span.events() - 1);
            let is_enough = |counts| {
                query
                    .examine_span(instance_id, places, &span, counts)
                    .is_some()
            };
            if is_enough(false) {
                parts.push(Part::Span(places, Box::new(span)));
            } else if is_enough(true) {
                let counted = Arc::new(CountedSpan {
                    first: next,
                    places,
                    span,
                    is_counted: OnceLock::new(),
                });
                parts.extend((next..end).map(|index| Part::Among(index, Arc::clone(&counted))));
            } else {
                parts.extend((next..end).map(Part::Chunk));
            }
            next = end;
        }
        Ok(Self {
            parts: Parts::Mixed(parts),
            ruled_out: 0,
        })
    }

    /// How many chunks there are, of which many can count as one.
    pub(in crate::request) fn len(&self) -> usize {
        match &self.parts {
            Parts::All(all) => all.len(),
            Parts::Found(found) => found.len(),
            Parts::Mixed(parts) => parts.len(),
        }
    }

    /// The number among them of the first one from a chunk on, by its index.
    pub(in crate::request) fn first_from(&self, index: usize) -> Option<usize> {
        let before = self.before(index);
        (before < self.len()).then_some(before)
    }

    /// The number among them of the last one up to a chunk, by its index.
    pub(in crate::request) fn last_up_to(&self, index: usize) -> Option<usize> {
        self.before(index + 1).checked_sub(1)
    }

    /// How many of them come before a chunk, by its index, of those that [`Blocks::of`] has.
    fn before(&self, index: usize) -> usize {
        match &self.parts {
            Parts::All(all) => index.clamp(all.start, all.end) - all.start,
            Parts::Found(found) => found.partition_point(|(found, _)| (*found as usize) < index),
            Parts::Mixed(_) => 0,
        }
    }

    /// The one with that number among them, from 0, of those that [`Blocks::of`] has.
    ///
    /// # Errors
    ///
    /// A storage fault; corruption.
    pub(in crate::request) fn chunk<'a>(
        &self,
        at: usize,
        chunks: &'a dyn EventChunks,
        instance_id: &'a str,
    ) -> Result<BlockChunk<'a>, Fault> {
        let index = match &self.parts {
            Parts::All(all) => all.start + at,
            Parts::Found(found) => found
                .get(at)
                .map_or(usize::MAX, |(index, _)| *index as usize),
            Parts::Mixed(parts) => match parts.get(at) {
                Some(Part::Chunk(index) | Part::Among(index, _)) => *index,
                _ => usize::MAX,
            },
        };
        let mut block = BlockChunk::new(chunks.chunk(index)?, instance_id);
        if let Parts::Found(found) = &self.parts
            && let Some((_, CandidateRows::Rows(rows))) = found.get(at)
        {
            let mut candidates = Rows::none(block.chunk.len());
            for row in rows {
                candidates.insert(*row as usize);
            }
            block.only(candidates);
        }
        Ok(block)
    }

    /// What is to be done for the one with that number.
    ///
    /// # Errors
    ///
    /// A storage fault; corruption.
    pub(super) fn step<'a>(
        &self,
        at: usize,
        (query, counts): (&Query, bool),
        chunks: &'a dyn EventChunks,
        instance_id: &'a str,
    ) -> Result<Step<'a>, Fault> {
        let part = match &self.parts {
            Parts::Mixed(parts) => parts.get(at),
            Parts::All(_) | Parts::Found(_) => None,
        };
        let known = match part {
            Some(Part::Span(places, span)) => {
                query.examine_span(instance_id, *places, span, counts)
            }
            Some(Part::Among(index, counted)) => counted.part(*index, (query, counts), instance_id),
            Some(Part::Chunk(_)) | None => None,
        };
        match known {
            Some(known) => Ok(Step::Known(known)),
            None => self.chunk(at, chunks, instance_id).map(Step::Chunk),
        }
    }
}

impl CountedSpan {
    /// What one of the chunks has for the result if all are counted together: the first one has what all have, and the
    /// others nothing. `None` where each is looked into.
    fn part(
        &self,
        index: usize,
        (query, counts): (&Query, bool),
        instance_id: &str,
    ) -> Option<Examined> {
        // Once those that are not taken yet need only be counted, all that follow do too. So whoever asks first about one
        // of them may say it for all.
        if !*self.is_counted.get_or_init(|| counts) {
            return None;
        }
        if index > self.first {
            return Some(Examined::counted(0));
        }
        query.examine_span(instance_id, self.places, &self.span, true)
    }
}

#[cfg(test)]
mod test;
