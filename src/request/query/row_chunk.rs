//! Events that were read and kept, as a query looks at them.

use crate::block::{ColumnKey, Overview};
use crate::engine::{Fault, Record};
use crate::query::{self, Known, RowVisitor, Rows};

/// Events of the stream that is asked for, as the bytes of their records. They need not stand in a
/// row.
pub(super) struct RowChunk<'a> {
    instance_id: &'a str,
    bytes: Vec<u8>,
    /// Their positions, and where they are in the bytes.
    records: Vec<(u64, (usize, usize))>,
}

impl<'a> RowChunk<'a> {
    pub(super) const fn new(instance_id: &'a str) -> Self {
        Self {
            instance_id,
            bytes: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Adds the event at a position.
    pub(super) fn push(&mut self, position: u64, record: &Record<'_>) {
        let start = self.bytes.len();
        record.encode(&mut self.bytes);
        self.records.push((position, (start, self.bytes.len())));
    }

    /// The event at a position, if it was added. The events were added in the order of their positions,
    /// or in the opposite one.
    pub(super) fn find(&self, position: u64) -> Option<Result<Record<'_>, Fault>> {
        let descends = self.records.first() > self.records.last();
        let found = self.records.binary_search_by(|(other, _)| {
            let order = other.cmp(&position);
            if descends { order.reverse() } else { order }
        });
        let (_, (start, end)) = *self.records.get(found.ok()?)?;
        Some(Record::decode(self.bytes.get(start..end)?, position))
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.records.clear();
    }
}

impl query::Chunk for RowChunk<'_> {
    type Fault = Fault;

    fn len(&self) -> usize {
        self.records.len()
    }

    fn place(&self, row: usize) -> u64 {
        self.records.get(row).map_or(0, |(position, _)| *position)
    }

    fn is_of_stream(&self) -> bool {
        true
    }

    fn overview(&self) -> Option<Overview<'_>> {
        None
    }

    fn column(&self, _: &ColumnKey<'_>) -> Result<Known, Fault> {
        Ok(Known::Nothing)
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        Ok(None)
    }

    fn visit(&self, rows: &Rows, visit: RowVisitor<'_, Fault>) -> Result<(), Fault> {
        for row in rows.iter() {
            let Some((position, (start, end))) = self.records.get(row) else {
                continue;
            };
            let bytes = self.bytes.get(*start..*end).unwrap_or_default();
            visit(
                row,
                &Record::decode(bytes, *position)?.event(self.instance_id, *position),
            )?;
        }
        Ok(())
    }
}
