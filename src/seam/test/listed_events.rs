//! Events of a list, of which nothing is known without reading them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::block::{ColumnKey, Overview, Stored};
use crate::engine::{Fault, Record};
use crate::seam::{EventChain, EventChunk, EventChunks, LinkVisitor, Visitor};

/// How many events a chunk has.
const CHUNK: usize = 4;

fn visit_at<T>(
    events: &[Arc<[u8]>],
    position: u64,
    visit: impl FnOnce(&Record<'_>) -> T,
) -> Result<T, Fault> {
    let bytes = (position as usize)
        .checked_sub(1)
        .and_then(|at| events.get(at));
    let missing = || Fault::Corrupted(format!("there is no event at position {position}"));
    Ok(visit(&Record::decode(
        bytes.ok_or_else(missing)?,
        position,
    )?))
}

fn each(
    events: &[Arc<[u8]>],
    positions: impl Iterator<Item = u64>,
    visit: Visitor<'_>,
) -> Result<(), Fault> {
    for position in positions {
        if visit_at(events, position, |record| visit(position, record))??.is_break() {
            break;
        }
    }
    Ok(())
}

/// All events of an instance.
pub(super) struct ListedChunks<'a>(pub(super) &'a [Arc<[u8]>]);

impl EventChunks for ListedChunks<'_> {
    fn events(&self) -> u64 {
        self.0.len() as u64
    }

    fn len(&self) -> usize {
        self.0.len().div_ceil(CHUNK)
    }

    fn index_of(&self, position: u64) -> usize {
        (position as usize).saturating_sub(1) / CHUNK
    }

    fn chunk(&self, index: usize) -> Result<Box<dyn EventChunk + '_>, Fault> {
        let before = index * CHUNK;
        let len = CHUNK.min(self.0.len() - before);
        let events = self.0;
        Ok(Box::new(ListedChunk {
            events,
            before,
            len,
        }))
    }

    fn each(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        each(self.0, positions, visit)
    }

    fn each_back(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        each(self.0, positions, visit)
    }

    fn at(&self, position: u64, visit: &mut dyn FnMut(&Record<'_>)) -> Result<(), Fault> {
        visit_at(self.0, position, visit)
    }
}

struct ListedChunk<'a> {
    events: &'a [Arc<[u8]>],
    before: usize,
    len: usize,
}

impl EventChunk for ListedChunk<'_> {
    fn first_position(&self) -> u64 {
        self.before as u64 + 1
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
        for row in rows {
            let position = self.first_position() + row as u64;
            visit_at(self.events, position, |record| visit(row, record))??;
        }
        Ok(())
    }
}

/// The events of one stream.
pub(super) struct ListedChain<'a> {
    pub(super) events: &'a [Arc<[u8]>],
    pub(super) positions: Vec<u64>,
}

impl EventChain for ListedChain<'_> {
    fn len(&self) -> u64 {
        self.positions.len() as u64
    }

    fn last_position(&self) -> u64 {
        self.positions.last().copied().unwrap_or(0)
    }

    fn cut(&mut self, sequence: u64, position: u64) {
        self.positions.truncate(sequence as usize);
        assert_eq!(self.last_position(), position);
    }

    fn each_back(&self, visit: Visitor<'_>) -> Result<(), Fault> {
        each(self.events, self.positions.iter().rev().copied(), visit)
    }

    fn links_back(&self, visit: LinkVisitor<'_>) -> Result<(), Fault> {
        self.each_back(&mut |position, record| visit(position, record.sequence, record.back))
    }

    fn each_forward(
        &self,
        sequences: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        for (sequence, position) in (1..).zip(&self.positions) {
            if sequences.contains(&sequence) {
                visit_at(self.events, *position, |record| visit(*position, record))??;
            }
        }
        Ok(())
    }
}
