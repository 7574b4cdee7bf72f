//! Finding the events that match, block by block.

use std::ops::{ControlFlow, Range};

use super::view::{Span, View};
use crate::engine::Fault;
use crate::query::{Chunk as _, Query};
use crate::request::query::{BlockChunk, Blocks};

/// How many chunks are looked up at once: so many that the lists of most are asked once, and so few that what is found is
/// little to hold.
const LOOKED_UP_CHUNKS: usize = 64;

/// Finding the events that match, block by block.
#[derive(Debug)]
pub(super) struct Search {
    query: Query,
    looked_up: Option<LookedUp>,
}

/// Chunks that were looked up. What was found stays right whatever is appended: a chunk that was ruled out is a block, which
/// never changes.
#[derive(Debug)]
struct LookedUp {
    /// The position of the first event, from whose block on chunks are counted.
    first: u64,
    all: Range<usize>,
    /// Those of them that can have events which match.
    found: Blocks,
}

impl Search {
    pub(super) const fn new(query: Query) -> Self {
        Self {
            query,
            looked_up: None,
        }
    }

    /// Whether it looks into payloads.
    pub(super) fn reads_data(&self) -> bool {
        self.query.reads_data()
    }

    /// Where the events stand that match in the next chunk that can have some, ascending. It is taken off the span once it
    /// was looked through, with what comes before it there. There may be none, and yet more to be found.
    pub(super) fn next(
        &mut self,
        view: View<'_>,
        span: &mut Span,
        backward: bool,
    ) -> Result<Vec<u64>, Fault> {
        let Some(chunk) = self.next_chunk(view, span, backward)? else {
            return Ok(Vec::new());
        };
        let first = chunk.chunk.first_position();
        let last = first + chunk.len() as u64 - 1;
        let count = if backward {
            span.high + 1 - first
        } else {
            last + 1 - span.low
        };
        let mut rest = *span;
        let Span { low, high } = rest.take(count, backward);
        let query = &self.query;
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

    /// The chunk in which reading goes on. What comes before it is taken off the span. There is none if no event of those
    /// that were looked up can match.
    fn next_chunk<'v>(
        &mut self,
        view: View<'v>,
        span: &mut Span,
        backward: bool,
    ) -> Result<Option<BlockChunk<'v>>, Fault> {
        let at = if backward { span.high } else { span.low };
        let index = view.chunks.index_of(at);
        let LookedUp { all, found, .. } = self.looked_up(view, index, backward)?;
        let next = if backward {
            found.last_up_to(index)
        } else {
            found.first_from(index)
        };
        if let Some(next) = next {
            let chunk = found.chunk(next, view.chunks, view.instance_id)?;
            let first = chunk.chunk.first_position();
            if backward {
                span.high = span.high.min(first + chunk.len() as u64 - 1);
            } else {
                span.low = span.low.max(first);
            }
            return Ok((!span.is_empty()).then_some(chunk));
        }
        if backward {
            span.high = view.chunks.chunk(all.start)?.first_position() - 1;
        } else if all.end < view.chunks.len() {
            span.low = view.chunks.chunk(all.end)?.first_position();
        } else {
            span.low = view.chunks.events() + 1;
        }
        Ok(None)
    }

    /// What was looked up of a chunk and some that follow it in the direction of reading.
    fn looked_up(
        &mut self,
        view: View<'_>,
        index: usize,
        backward: bool,
    ) -> Result<&LookedUp, Fault> {
        let first = view.chunks.first();
        let known = self.looked_up.take();
        let known = known.filter(|it| it.first == first && it.all.contains(&index));
        let looked_up = match known {
            Some(known) => known,
            None => {
                let all = if backward {
                    (index + 1).saturating_sub(LOOKED_UP_CHUNKS)..index + 1
                } else {
                    index..view.chunks.len().min(index + LOOKED_UP_CHUNKS)
                };
                let found = Blocks::of(&self.query, view.chunks, all.clone())?;
                LookedUp { first, all, found }
            }
        };
        Ok(self.looked_up.insert(looked_up))
    }
}
