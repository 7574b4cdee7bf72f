//! The events of an instance, by their positions.

use std::borrow::Cow;
use std::ops::ControlFlow;

use codebolt_eventlog::block::{ColumnKey, ColumnPlace, Finding, Overview, Stored};
use codebolt_eventlog::engine::{Fault, Record};
use codebolt_eventlog::seam::{EventChunk, EventChunks, Visitor};

use tokio_postgres::Row;

use super::Snapshot;
use super::blocks::{Blocks, MetBlock};
use crate::blocks::Maker;
use crate::rows::{EVENTS, EVENTS_AT, PageSize, missing, record_of};
use crate::session::Values;

/// The events of an instance as a snapshot has them.
pub(super) struct Chunks<'snapshot> {
    snapshot: &'snapshot Snapshot,
    number: u32,
    last: u64,
    blocks: Blocks<'snapshot>,
}

impl<'snapshot> Chunks<'snapshot> {
    pub(super) fn new(snapshot: &'snapshot Snapshot, number: u32) -> Result<Self, Fault> {
        use codebolt_eventlog::seam::ReadSnapshot as _;
        let last = snapshot.instance(number)?.head.last_position;
        Ok(Self {
            snapshot,
            number,
            last,
            blocks: Blocks::new(snapshot, number, last),
        })
    }

    const fn block_events(&self) -> u64 {
        self.snapshot.block_size().0
    }

    /// What is known of a whole block. What was not known before is found out.
    fn met(&self, block: u32) -> Result<Option<MetBlock>, Fault> {
        let found = self.blocks.find(block)?;
        if found.is_some() {
            return Ok(found);
        }
        let mut maker = Maker::default();
        let mut positions = self.snapshot.block_size().positions_of(block);
        self.visit(&mut positions, &mut |_, record| {
            maker.push(record);
            Ok(ControlFlow::Continue(()))
        })?;
        self.blocks.keep(block, maker)
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
            let is_row = high - low + 1 == page.len() as u64;
            let read = |sql, values: Values<'_>| self.snapshot.rows(sql, values).map(Cow::Owned);
            let rows: Cow<'_, [Row]> = match self.snapshot.newest.at(self.number, low, high) {
                Some(newest) if is_row => Cow::Borrowed(newest),
                _ if is_row => read(EVENTS, &[&number, &(low as i64), &(high as i64)])?,
                _ => {
                    let positions: Vec<i64> =
                        page.iter().map(|position| *position as i64).collect();
                    read(EVENTS_AT, &[&number, &positions])?
                }
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
        self.last.div_ceil(self.block_events()) as usize
    }

    fn index_of(&self, position: u64) -> usize {
        (position.saturating_sub(1) / self.block_events()) as usize
    }

    fn chunk(&self, index: usize) -> Result<Box<dyn EventChunk + '_>, Fault> {
        let before = index as u64 * self.block_events();
        if before >= self.last {
            return Err(missing(before.saturating_add(1)));
        }
        let len = self.block_events().min(self.last - before) as usize;
        let block = u32::try_from(index).ok();
        let block = block.filter(|block| self.blocks.has(*block));
        let met = block.map(|block| self.met(block)).transpose()?.flatten();
        Ok(Box::new(Chunk {
            chunks: self,
            before,
            len,
            met,
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

/// Some events in a row. If they are a whole block, it may be known what they have.
struct Chunk<'chunks> {
    chunks: &'chunks Chunks<'chunks>,
    before: u64,
    len: usize,
    met: Option<MetBlock>,
}

impl Chunk<'_> {
    /// The number of the block that it is.
    const fn block(&self) -> u32 {
        (self.before / self.chunks.block_events()) as u32
    }

    /// Reads a column with `read`, which gives nothing if it is not what was written. Then the events have to be read.
    fn read<T>(
        &self,
        (key, place): (&ColumnKey<'_>, &ColumnPlace),
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(MetBlock { known, columns }) = &self.met else {
            return Ok(None);
        };
        let range = place.range();
        let found = if let Some(all) = columns {
            all.get(range.clone()).and_then(read)
        } else {
            let part = (key, range.clone());
            let column = self.chunks.blocks.column(self.block(), known, part)?;
            column.and_then(|column| read(&column))
        };
        if found.is_none() {
            self.chunks.blocks.damaged(self.block(), range.start)?;
        }
        Ok(found)
    }
}

impl EventChunk for Chunk<'_> {
    fn first_position(&self) -> u64 {
        self.before + 1
    }

    fn len(&self) -> usize {
        self.len
    }

    fn overview(&self) -> Option<Overview<'_>> {
        let met = self.met.as_ref()?;
        Some(Overview::Summary(&met.known.directory))
    }

    fn is_sealed(&self) -> bool {
        (self.met.as_ref()).is_some_and(|met| met.columns.is_none())
    }

    fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        let Some(met) = &self.met else {
            return Ok(None);
        };
        let directory = &met.known.directory;
        match directory.find(key) {
            Finding::Unknown => Ok(None),
            Finding::Absent => Ok(Some(Stored::Column(directory.absent_column()))),
            Finding::Stored(place) => {
                self.read((key, &place), |bytes| directory.read(&place, bytes))
            }
        }
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        let Some(met) = &self.met else {
            return Ok(None);
        };
        let directory = &met.known.directory;
        match directory.find(&ColumnKey::Time) {
            Finding::Stored(place) => {
                self.read((&ColumnKey::Time, &place), |bytes| directory.times(bytes))
            }
            Finding::Absent | Finding::Unknown => Ok(None),
        }
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
