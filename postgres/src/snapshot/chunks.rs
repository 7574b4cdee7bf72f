//! The events of an instance, by their positions.

use std::ops::ControlFlow;

use codebolt_eventlog::block::{ColumnKey, Overview, Stored};
use codebolt_eventlog::engine::{Fault, Record};
use codebolt_eventlog::seam::{EventChunk, EventChunks, Visitor};

use super::Snapshot;
use crate::rows::{EVENTS, EVENTS_AT, PageSize, missing, record_of};

/// How many events a chunk has.
const CHUNK_EVENTS: u64 = 4_096;

/// The events of an instance as a snapshot has them.
pub(super) struct Chunks<'snapshot> {
    snapshot: &'snapshot Snapshot,
    number: u32,
    last: u64,
}

impl<'snapshot> Chunks<'snapshot> {
    pub(super) fn new(snapshot: &'snapshot Snapshot, number: u32) -> Result<Self, Fault> {
        use codebolt_eventlog::seam::ReadSnapshot as _;
        let last = snapshot.instance(number)?.head.last_position;
        Ok(Self {
            snapshot,
            number,
            last,
        })
    }

    /// Calls `visit` with the events at these positions, which ascend or descend.
    fn visit(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        let mut size = PageSize::default();
        loop {
            let page: Vec<u64> = positions.take(size.events() as usize).collect();
            let (Some(first), Some(last)) = (page.first().copied(), page.last().copied()) else {
                return Ok(());
            };
            let (low, high) = (first.min(last), first.max(last));
            if high > self.last {
                return Err(missing(high));
            }
            let number = self.number as i32;
            let rows = if high - low + 1 == page.len() as u64 {
                self.snapshot
                    .rows(EVENTS, &[&number, &(low as i64), &(high as i64)])?
            } else {
                let positions: Vec<i64> = page.iter().map(|position| *position as i64).collect();
                self.snapshot.rows(EVENTS_AT, &[&number, &positions])?
            };
            size.learn(&rows);
            let mut ascending = rows.iter();
            for position in page {
                let row = if first <= last {
                    ascending.next()
                } else {
                    ascending.next_back()
                };
                let (found, record) = record_of(row.ok_or_else(|| missing(position))?)?;
                if found != position {
                    return Err(missing(position));
                }
                if visit(position, &record)?.is_break() {
                    return Ok(());
                }
            }
        }
    }
}

impl EventChunks for Chunks<'_> {
    fn events(&self) -> u64 {
        self.last
    }

    fn len(&self) -> usize {
        self.last.div_ceil(CHUNK_EVENTS) as usize
    }

    fn index_of(&self, position: u64) -> usize {
        (position.saturating_sub(1) / CHUNK_EVENTS) as usize
    }

    fn chunk(&self, index: usize) -> Result<Box<dyn EventChunk + '_>, Fault> {
        let before = index as u64 * CHUNK_EVENTS;
        if before >= self.last {
            return Err(missing(before.saturating_add(1)));
        }
        let len = CHUNK_EVENTS.min(self.last - before) as usize;
        Ok(Box::new(Chunk {
            chunks: self,
            before,
            len,
        }))
    }

    fn each(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        self.visit(positions, visit)
    }

    fn each_back(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        self.visit(positions, visit)
    }

    fn at(&self, position: u64, visit: &mut dyn FnMut(&Record<'_>)) -> Result<(), Fault> {
        self.visit(&mut std::iter::once(position), &mut |_, record| {
            visit(record);
            Ok(ControlFlow::Break(()))
        })
    }
}

/// Some events in a row, of which nothing is known without reading them.
struct Chunk<'chunks> {
    chunks: &'chunks Chunks<'chunks>,
    before: u64,
    len: usize,
}

impl EventChunk for Chunk<'_> {
    fn first_position(&self) -> u64 {
        self.before + 1
    }

    fn len(&self) -> usize {
        self.len
    }

    fn overview(&self) -> Option<Overview<'_>> {
        None
    }

    fn is_sealed(&self) -> bool {
        false
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
        let first = self.first_position();
        let end = first + self.len as u64;
        self.chunks.visit(
            &mut rows.map(|row| first + row as u64),
            &mut |position, record| {
                if position >= end {
                    return Err(missing(position));
                }
                visit((position - first) as usize, record)?;
                Ok(ControlFlow::Continue(()))
            },
        )
    }
}
