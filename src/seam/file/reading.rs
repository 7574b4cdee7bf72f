//! Snapshots of the engine, and the events that are read of them.

use std::ops::{ControlFlow, Range, RangeInclusive};

use crate::block::lookup::{Candidates, Wanted};
use crate::block::{ColumnKey, Overview, Stored};
use crate::engine::{
    Chunks, Fault, Instance, Record, Snapshot, SnapshotChunk, StreamEnd, StreamView,
};
use crate::seam::{
    ChunkSpan, EventChain, EventChunk, EventChunks, LinkVisitor, ReadSnapshot, Visitor,
};

impl ReadSnapshot for Snapshot {
    fn commits(&self) -> u64 {
        Self::commits(self)
    }

    fn find(&self, id_or_name: &str) -> Result<u32, Fault> {
        Self::find(self, id_or_name)
    }

    fn instance(&self, number: u32) -> Result<Instance, Fault> {
        Self::instance(self, number)
    }

    fn has_instance(&self, number: u32) -> Result<bool, Fault> {
        Self::has_instance(self, number)
    }

    fn instance_count(&self) -> Result<u64, Fault> {
        Self::instance_count(self)
    }

    fn instances(&self) -> Result<Vec<Instance>, Fault> {
        Self::instances(self)
    }

    fn chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        Ok(Box::new(Self::chunks(self, number)?))
    }

    fn kept_chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        Ok(Box::new(Self::kept_chunks(self, number)?))
    }

    fn stream(&self, number: u32, stream_id: &str) -> Result<Box<dyn EventChain + '_>, Fault> {
        Ok(Box::new(Self::stream(self, number, stream_id)?))
    }

    fn streams(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamEnd>, Fault> {
        Self::streams(self, number, prefix, after, limit)
    }

    fn state(&self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        Self::state(self, number, name)
    }

    fn state_count(&self, number: u32) -> Result<u64, Fault> {
        Self::state_count(self, number)
    }

    fn states(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        Self::states(self, number, prefix, after, limit)
    }

    fn position_of_key(&self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        Self::position_of_key(self, number, key)
    }

    fn check_wanted(&self) -> Result<(), Fault> {
        Self::check_wanted(self)
    }

    fn check_name(&self) -> Result<(), Fault> {
        Self::check_name(self)
    }

    fn is_lost(&self) -> bool {
        // A file that fails is opened anew for the next snapshot, and is never elsewhere.
        false
    }

    fn note(&self, fault: &Fault) {
        Self::note(self, fault);
    }
}

/// Why a visit of events has ended before the last of them.
enum Stopped {
    BrokenOff,
    Failed(Fault),
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl Stopped {
    fn outcome(visited: Result<(), Self>) -> Result<(), Fault> {
        match visited {
            Ok(()) | Err(Self::BrokenOff) => Ok(()),
            Err(Self::Failed(fault)) => Err(fault),
        }
    }

    /// Visits one event.
    fn visit(visit: Visitor<'_>, position: u64, record: &Record<'_>) -> Result<(), Self> {
        match visit(position, record)? {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Self::BrokenOff),
        }
    }
}

impl EventChunks for Chunks<'_> {
    fn first(&self) -> u64 {
        Self::first(self)
    }

    fn gains_by_threads(&self) -> bool {
        true
    }

    fn events(&self) -> u64 {
        Self::events(self)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }

    fn index_of(&self, position: u64) -> usize {
        Self::index_of(self, position)
    }

    fn chunk(&self, index: usize) -> Result<Box<dyn EventChunk + '_>, Fault> {
        Ok(Box::new(Self::chunk(self, index)?))
    }

    fn look_up(&self, wanted: &Wanted, chunks: Range<u64>) -> Result<Candidates, Fault> {
        Self::look_up(self, wanted, chunks)
    }

    fn span(&self, index: u64, end: u64) -> Result<ChunkSpan, Fault> {
        let (span, chunks) = Self::span(self, index, end)?;
        Ok(ChunkSpan {
            span,
            chunks,
            first_position: index * self.block_events() + 1,
        })
    }

    fn each(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        Stopped::outcome(Self::each(self, positions, |position, record| {
            Stopped::visit(visit, position, record)
        }))
    }

    fn each_back(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        Stopped::outcome(Self::each_back(self, positions, |position, record| {
            Stopped::visit(visit, position, record)
        }))
    }

    fn at(&self, position: u64, visit: &mut dyn FnMut(&Record<'_>)) -> Result<(), Fault> {
        Self::at(self, position, visit)
    }
}

impl EventChunk for SnapshotChunk<'_> {
    fn first_position(&self) -> u64 {
        Self::first_position(self)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }

    fn overview(&self) -> Option<Overview<'_>> {
        Self::overview(self)
    }

    fn is_sealed(&self) -> bool {
        Self::is_sealed(self)
    }

    fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        Self::column(self, key)
    }

    fn column_seeking(&self, key: &ColumnKey<'_>, parts: &[&str]) -> Result<Option<Stored>, Fault> {
        Self::column_seeking(self, key, parts)
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        Self::times(self)
    }

    fn rows(
        &self,
        rows: &mut dyn Iterator<Item = usize>,
        visit: &mut dyn FnMut(usize, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        Self::rows(self, rows, visit)
    }
}

impl EventChain for StreamView<'_> {
    fn len(&self) -> u64 {
        Self::len(self)
    }

    fn last_position(&self) -> u64 {
        Self::last_position(self)
    }

    fn cut(&mut self, sequence: u64, position: u64) {
        Self::cut(self, sequence, position);
    }

    fn each_back(&self, visit: Visitor<'_>) -> Result<(), Fault> {
        Self::each_back(self, visit)
    }

    fn links_back(&self, visit: LinkVisitor<'_>) -> Result<(), Fault> {
        Self::links_back(self, visit)
    }

    fn each_forward(
        &self,
        sequences: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.each_forward_in(sequences, visit)
    }
}
