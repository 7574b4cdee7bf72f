//! The events of an instance without those that were trimmed.

use std::cell::Cell;
use std::ops::Range;

use crate::block::lookup::{CandidateRows, Candidates, Wanted};
use crate::block::{ColumnKey, Overview, Stored};
use crate::engine::{Fault, Horizon, Record};
use crate::error::Error;
use crate::seam::{ChunkSpan, EventChunk, EventChunks, Visitor};

/// The events of an instance after its horizon, in the chunks of the engine. Whoever asks for an event that is out is
/// refused with `TRIMMED`.
pub(super) struct RetainedChunks<'a> {
    stored: Box<dyn EventChunks + 'a>,
    horizon: Horizon,
    /// How many chunks have no event that is left.
    passed: usize,
}

impl<'a> RetainedChunks<'a> {
    pub(super) fn new(stored: Box<dyn EventChunks + 'a>, horizon: Horizon) -> Self {
        let passed = if horizon.position < stored.events() {
            stored.index_of(horizon.first_position())
        } else {
            stored.len()
        };
        Self {
            stored,
            horizon,
            passed,
        }
    }

    fn trimmed(&self) -> Fault {
        Error::trimmed(self.horizon.first_position()).into()
    }

    /// Visits by `each` those of the positions that are left, up to the first one that is out, with which it fails
    /// unless the visitor has enough before.
    fn each_left(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
        each: impl FnOnce(&mut dyn Iterator<Item = u64>, Visitor<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (is_out, has_enough) = (Cell::new(false), Cell::new(false));
        let mut left = positions.map_while(|position| {
            is_out.set(position <= self.horizon.position);
            (!is_out.get()).then_some(position)
        });
        each(&mut left, &mut |position, record| {
            let flow = visit(position, record)?;
            has_enough.set(flow.is_break());
            Ok(flow)
        })?;
        if is_out.get() && !has_enough.get() {
            return Err(self.trimmed());
        }
        Ok(())
    }
}

impl EventChunks for RetainedChunks<'_> {
    fn first(&self) -> u64 {
        self.horizon.first_position()
    }

    fn events(&self) -> u64 {
        self.stored.events()
    }

    fn len(&self) -> usize {
        self.stored.len() - self.passed
    }

    fn index_of(&self, position: u64) -> usize {
        self.stored.index_of(position).saturating_sub(self.passed)
    }

    fn chunk(&self, index: usize) -> Result<Box<dyn EventChunk + '_>, Fault> {
        let chunk = self.stored.chunk(index + self.passed)?;
        let first = chunk.first_position();
        Ok(match self.horizon.first_position().saturating_sub(first) {
            0 => chunk,
            out => Box::new(RetainedChunk {
                stored: chunk,
                out: out as usize,
            }),
        })
    }

    fn look_up(&self, wanted: &Wanted, chunks: Range<u64>) -> Result<Candidates, Fault> {
        let passed = self.passed as u64;
        let found = self
            .stored
            .look_up(wanted, chunks.start + passed..chunks.end + passed)?;
        let left = found
            .into_blocks()
            .map(|(chunk, rows)| match chunk - passed {
                // The rows of what is left of it have other numbers.
                0 => (0, CandidateRows::All),
                chunk => (chunk, rows),
            });
        Ok(left.collect())
    }

    fn span(&self, index: u64, end: u64) -> Result<ChunkSpan, Fault> {
        let passed = self.passed as u64;
        let mut found = self.stored.span(index + passed, end + passed)?;
        if found.first_position <= self.horizon.position {
            // Some of its events are out.
            found.span = None;
        }
        Ok(found)
    }

    fn each(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        self.each_left(positions, visit, |left, visit| {
            self.stored.each(left, visit)
        })
    }

    fn each_back(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        self.each_left(positions, visit, |left, visit| {
            self.stored.each_back(left, visit)
        })
    }

    fn at(&self, position: u64, visit: &mut dyn FnMut(&Record<'_>)) -> Result<(), Fault> {
        if position <= self.horizon.position {
            return Err(self.trimmed());
        }
        self.stored.at(position, visit)
    }
}

/// A chunk whose first events are out. What is known of all of its events is not what is known of the rest, so those
/// are read; an instance has one such chunk at most.
struct RetainedChunk<'a> {
    stored: Box<dyn EventChunk + 'a>,
    /// How many are out, which are not all.
    out: usize,
}

impl EventChunk for RetainedChunk<'_> {
    fn first_position(&self) -> u64 {
        self.stored.first_position() + self.out as u64
    }

    fn len(&self) -> usize {
        self.stored.len() - self.out
    }

    fn overview(&self) -> Option<Overview<'_>> {
        None
    }

    fn is_sealed(&self) -> bool {
        self.stored.is_sealed()
    }

    fn column(&self, _: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        Ok(None)
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        Ok(None)
    }

    fn rows(
        &self,
        rows: &mut dyn Iterator<Item = usize>,
        visit: &mut dyn FnMut(usize, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut stored = rows.map(|row| row + self.out);
        self.stored.rows(&mut stored, &mut |row, record| {
            visit(row - self.out, record)
        })
    }
}
