//! The events of an instance, by their positions.

use std::cell::OnceCell;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use codebolt_eventlog::block::{ColumnKey, Finding, Overview, Stored};
use codebolt_eventlog::engine::{Fault, Record};
use codebolt_eventlog::seam::{EventChunk, EventChunks, Visitor};

use super::Snapshot;
use super::blocks::Blocks;
use crate::blocks::{Known, Maker};
use crate::rows::{EVENTS, EVENTS_AT, PageSize, missing, record_of};

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

    /// What is known of a whole block, and whether that was known before. Otherwise it is found out.
    fn known(&self, block: u32) -> Result<Option<(Known, bool)>, Fault> {
        if let Some(known) = self.blocks.find(block)? {
            return Ok(Some((known, true)));
        }
        let mut maker = Maker::default();
        let mut positions = self.snapshot.block_size().positions_of(block);
        self.visit(&mut positions, &mut |_, record| {
            maker.push(record);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(self.blocks.keep(block, maker)?.map(|known| (known, false)))
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
        let known = block.map(|block| self.known(block)).transpose()?.flatten();
        let body = known.as_ref().and_then(|(known, _)| known.body.clone());
        Ok(Box::new(Chunk {
            chunks: self,
            before,
            len,
            known,
            body: body
                .map(|body| OnceCell::from(Some(body)))
                .unwrap_or_default(),
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
    /// What is known, and whether it was known before somebody asked now.
    known: Option<(Known, bool)>,
    /// The columns once they have been read, if they are there.
    body: OnceCell<Option<Arc<[u8]>>>,
}

impl Chunk<'_> {
    /// The number of the block that it is.
    const fn block(&self) -> u32 {
        (self.before / self.chunks.block_events()) as u32
    }

    /// Reads a part of the columns with `read`, which gives nothing if they are not what was written. Then the events
    /// have to be read.
    fn read<T>(
        &self,
        known: &Known,
        range: Range<usize>,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let body = match self.body.get() {
            Some(body) => body,
            None => {
                let body = self.chunks.blocks.body(self.block(), known)?;
                self.body.get_or_init(|| body)
            }
        };
        let bytes = body.as_ref().and_then(|body| body.get(range));
        let found = bytes.and_then(read);
        if found.is_none() {
            self.chunks.blocks.damaged(self.block())?;
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
        let (known, _) = self.known.as_ref()?;
        Some(Overview::Summary(&known.directory))
    }

    fn is_sealed(&self) -> bool {
        self.known.as_ref().is_some_and(|(_, before)| *before)
    }

    fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        let Some((known, _)) = &self.known else {
            return Ok(None);
        };
        let directory = &known.directory;
        match directory.find(key) {
            Finding::Unknown => Ok(None),
            Finding::Absent => Ok(Some(Stored::Column(directory.absent_column()))),
            Finding::Stored(place) => {
                self.read(known, place.range(), |bytes| directory.read(&place, bytes))
            }
        }
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        let Some((known, _)) = &self.known else {
            return Ok(None);
        };
        let directory = &known.directory;
        match directory.find(&ColumnKey::Time) {
            Finding::Stored(place) => {
                self.read(known, place.range(), |bytes| directory.times(bytes))
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
