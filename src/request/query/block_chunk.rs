//! A chunk of an instance, as a query looks at it.

use crate::block::{ColumnKey, Overview};
use crate::engine::Fault;
use crate::query::{self, Known, RowVisitor, Rows};
use crate::seam::EventChunk;

/// The events of a block, or those after the last whole one.
pub(in crate::request) struct BlockChunk<'a> {
    pub(in crate::request) chunk: Box<dyn EventChunk + 'a>,
    pub(in crate::request) instance_id: &'a str,
    /// The rows that can match, if others are known not to, or were trimmed.
    candidates: Option<Rows>,
}

impl<'a> BlockChunk<'a> {
    /// A chunk of an instance, any of whose events can match.
    pub(in crate::request) fn new(chunk: Box<dyn EventChunk + 'a>, instance_id: &'a str) -> Self {
        let candidates = (!chunk.rows_out().is_empty()).then(|| {
            let mut left = Rows::all(chunk.len());
            for row in chunk.rows_out() {
                left.remove(*row);
            }
            left
        });
        Self {
            chunk,
            instance_id,
            candidates,
        }
    }

    /// Has only these rows match.
    pub(super) fn only(&mut self, rows: Rows) {
        match &mut self.candidates {
            Some(candidates) => candidates.intersect(&rows),
            None => self.candidates = Some(rows),
        }
    }

    /// How many events it has that were not trimmed.
    pub(super) fn count(&self) -> u64 {
        (self.chunk.len() - self.chunk.rows_out().len()) as u64
    }

    /// The position after that of the last event.
    pub(super) fn end(&self) -> u64 {
        self.chunk.first_position() + self.chunk.len() as u64
    }
}

impl query::Chunk for BlockChunk<'_> {
    type Fault = Fault;

    fn len(&self) -> usize {
        self.chunk.len()
    }

    fn place(&self, row: usize) -> u64 {
        self.chunk.first_position() + row as u64
    }

    fn is_in_a_row(&self) -> bool {
        true
    }

    fn candidates(&self) -> Option<&Rows> {
        self.candidates.as_ref()
    }

    fn has_rows_out(&self) -> bool {
        !self.chunk.rows_out().is_empty()
    }

    fn overview(&self) -> Option<Overview<'_>> {
        self.chunk.overview()
    }

    fn column(&self, key: &ColumnKey<'_>) -> Result<Known, Fault> {
        let stored = self.chunk.column(key)?;
        Ok(stored.map_or(Known::Nothing, Known::Stored))
    }

    fn column_seeking(&self, key: &ColumnKey<'_>, parts: &[&str]) -> Result<Known, Fault> {
        let stored = self.chunk.column_seeking(key, parts)?;
        Ok(stored.map_or(Known::Nothing, Known::Stored))
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        self.chunk.times()
    }

    fn visit(&self, rows: &Rows, visit: RowVisitor<'_, Fault>) -> Result<(), Fault> {
        self.chunk.rows(&mut rows.iter(), &mut |row, record| {
            visit(row, &record.event(self.instance_id, self.place(row)))
        })
    }
}
