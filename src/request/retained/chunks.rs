//! The events of an instance without those that were trimmed.

use std::cell::Cell;
use std::ops::{Range, RangeInclusive};

use super::gaps::Gaps;
use crate::block::lookup::{CandidateRows, Candidates, Wanted};
use crate::block::{ColumnKey, Overview, Stored};
use crate::engine::{Fault, Horizon, Record};
use crate::error::Error;
use crate::seam::{ChunkSpan, EventChunk, EventChunks, Visitor};

/// The events of an instance after its horizon and between its gaps, in the chunks of the engine. Whoever asks for an event
/// before the horizon is refused with `TRIMMED`.
pub(super) struct RetainedChunks<'a> {
    stored: Box<dyn EventChunks + 'a>,
    horizon: Horizon,
    gaps: Option<Gaps<'a>>,
    /// How many chunks have no event after the horizon.
    passed: usize,
}

impl<'a> RetainedChunks<'a> {
    pub(super) fn new(
        stored: Box<dyn EventChunks + 'a>,
        horizon: Horizon,
        gaps: Option<Gaps<'a>>,
    ) -> Self {
        let passed = if horizon.position < stored.events() {
            stored.index_of(horizon.first_position())
        } else {
            stored.len()
        };
        Self {
            stored,
            horizon,
            gaps,
            passed,
        }
    }

    fn trimmed(&self) -> Fault {
        Error::trimmed(self.horizon.first_position()).into()
    }

    /// Whether the event at a position after the horizon is out.
    fn is_in_gap(&self, position: u64) -> Result<bool, Fault> {
        self.gaps
            .as_ref()
            .map_or(Ok(false), |gaps| gaps.has(position))
    }

    /// How many events at these positions, which are after the horizon, are out.
    fn count_in_gaps(&self, positions: RangeInclusive<u64>) -> Result<u64, Fault> {
        self.gaps
            .as_ref()
            .map_or(Ok(0), |gaps| gaps.count(positions))
    }

    /// Visits by `each` those of the positions that are left, up to the first one before the horizon, with which it fails
    /// unless the visitor has enough before.
    fn each_left(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
        each: impl FnOnce(&mut dyn Iterator<Item = u64>, Visitor<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (is_out, has_enough) = (Cell::new(false), Cell::new(false));
        let failed = Cell::new(None);
        let of_gaps = |position| match self.is_in_gap(position) {
            Ok(is_out) => Some((!is_out).then_some(position)),
            Err(fault) => {
                failed.set(Some(fault));
                None
            }
        };
        let mut left = positions
            .map_while(|position| {
                is_out.set(position <= self.horizon.position);
                if is_out.get() {
                    return None;
                }
                of_gaps(position)
            })
            .flatten();
        each(&mut left, &mut |position, record| {
            let flow = visit(position, record)?;
            has_enough.set(flow.is_break());
            Ok(flow)
        })?;
        if let Some(fault) = failed.take() {
            return Err(fault);
        }
        if is_out.get() && !has_enough.get() {
            return Err(self.trimmed());
        }
        Ok(())
    }
}

impl EventChunks for RetainedChunks<'_> {
    fn gains_by_threads(&self) -> bool {
        self.stored.gains_by_threads()
    }

    fn first(&self) -> u64 {
        self.horizon.first_position()
    }

    fn events(&self) -> u64 {
        self.stored.events()
    }

    fn count(&self) -> u64 {
        self.stored.events() - self.horizon.position - self.horizon.between
    }

    fn has_gaps(&self) -> bool {
        self.gaps.is_some()
    }

    fn last_out(&self) -> u64 {
        self.horizon.last_out()
    }

    fn is_out(&self, position: u64) -> Result<bool, Fault> {
        if position <= self.horizon.position {
            return Ok(true);
        }
        self.is_in_gap(position)
    }

    fn count_after(&self, position: u64) -> Result<u64, Fault> {
        let (after, last) = (position.max(self.horizon.position), self.events());
        if after >= last {
            return Ok(0);
        }
        Ok(last - after - self.count_in_gaps(after + 1..=last)?)
    }

    fn positions(&self, numbers: RangeInclusive<u64>) -> Result<Vec<u64>, Fault> {
        let before = self.horizon.position;
        match &self.gaps {
            Some(gaps) => gaps.left(before + 1, numbers),
            None => Ok(numbers.map(|number| before + number).collect()),
        }
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
        let chunk = match self.horizon.first_position().saturating_sub(first) {
            0 => chunk,
            out => Box::new(RetainedChunk {
                stored: chunk,
                out: out as usize,
            }),
        };
        let Some(gaps) = &self.gaps else {
            return Ok(chunk);
        };
        let first = chunk.first_position();
        let mut rows_out = Vec::new();
        gaps.each(first..=first + chunk.len() as u64 - 1, &mut |position| {
            rows_out.push((position - first) as usize);
        })?;
        Ok(match rows_out.is_empty() {
            true => chunk,
            false => Box::new(GappedChunk {
                stored: chunk,
                rows_out,
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
        if let Some(span) = &found.span {
            let last = found.first_position + span.events() - 1;
            if self.count_in_gaps(found.first_position..=last)? > 0 {
                found.span = None;
            }
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
        if self.is_in_gap(position)? {
            return Err(Error::event_trimmed(position).into());
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

/// A chunk of whose events some are out, but perhaps neither the first nor the last ones. It says which, and of those that
/// are left what was known of all.
struct GappedChunk<'a> {
    stored: Box<dyn EventChunk + 'a>,
    /// Those that are out, ascending.
    rows_out: Vec<usize>,
}

impl EventChunk for GappedChunk<'_> {
    fn first_position(&self) -> u64 {
        self.stored.first_position()
    }

    fn len(&self) -> usize {
        self.stored.len()
    }

    fn rows_out(&self) -> &[usize] {
        &self.rows_out
    }

    fn overview(&self) -> Option<Overview<'_>> {
        self.stored.overview()
    }

    fn is_sealed(&self) -> bool {
        self.stored.is_sealed()
    }

    fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        self.stored.column(key)
    }

    fn column_seeking(&self, key: &ColumnKey<'_>, parts: &[&str]) -> Result<Option<Stored>, Fault> {
        self.stored.column_seeking(key, parts)
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        self.stored.times()
    }

    fn rows(
        &self,
        rows: &mut dyn Iterator<Item = usize>,
        visit: &mut dyn FnMut(usize, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.stored.rows(rows, visit)
    }
}
