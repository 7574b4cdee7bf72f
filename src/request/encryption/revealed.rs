//! A read snapshot whose events are decrypted, for those who look into payloads.
//!
//! What summaries and columns say is right as it is: an encrypted event has no paths in them, and has to be read.

use std::ops::{ControlFlow, Range, RangeInclusive};

use super::revealing::Revealing;
use crate::block::lookup::{Candidates, Wanted};
use crate::block::{ColumnKey, Overview, Stored};
use crate::engine::{Fault, Instance, Record, StreamEnd};
use crate::seam::{
    ChunkSpan, EventChain, EventChunk, EventChunks, LinkVisitor, ReadSnapshot, Visitor,
};

impl Revealing<'_> {
    /// A snapshot whose events are decrypted.
    pub(in crate::request) fn over<'s>(
        &'s self,
        snapshot: &'s dyn ReadSnapshot,
    ) -> RevealedSnapshot<'s> {
        RevealedSnapshot {
            stored: snapshot,
            revealing: self,
        }
    }
}

/// A read snapshot whose events are decrypted.
pub(in crate::request) struct RevealedSnapshot<'a> {
    stored: &'a dyn ReadSnapshot,
    revealing: &'a Revealing<'a>,
}

impl ReadSnapshot for RevealedSnapshot<'_> {
    fn commits(&self) -> u64 {
        self.stored.commits()
    }

    fn find(&self, id_or_name: &str) -> Result<u32, Fault> {
        self.stored.find(id_or_name)
    }

    fn instance(&self, number: u32) -> Result<Instance, Fault> {
        self.stored.instance(number)
    }

    fn has_instance(&self, number: u32) -> Result<bool, Fault> {
        self.stored.has_instance(number)
    }

    fn instance_count(&self) -> Result<u64, Fault> {
        self.stored.instance_count()
    }

    fn instances(&self) -> Result<Vec<Instance>, Fault> {
        self.stored.instances()
    }

    fn chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        Ok(Box::new(RevealedEvents {
            stored: self.stored.chunks(number)?,
            instance_id: self.stored.instance(number)?.id,
            revealing: self.revealing,
        }))
    }

    fn kept_chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        Ok(Box::new(RevealedEvents {
            stored: self.stored.kept_chunks(number)?,
            instance_id: self.stored.instance(number)?.id,
            revealing: self.revealing,
        }))
    }

    fn stream(&self, number: u32, stream_id: &str) -> Result<Box<dyn EventChain + '_>, Fault> {
        Ok(Box::new(RevealedEvents {
            stored: self.stored.stream(number, stream_id)?,
            instance_id: self.stored.instance(number)?.id,
            revealing: self.revealing,
        }))
    }

    fn streams(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamEnd>, Fault> {
        self.stored.streams(number, prefix, after, limit)
    }

    fn state(&self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.stored.state(number, name)
    }

    fn numbers_with_state(&self, name: &str) -> Result<Vec<u32>, Fault> {
        self.stored.numbers_with_state(name)
    }

    fn state_count(&self, number: u32) -> Result<u64, Fault> {
        self.stored.state_count(number)
    }

    fn states(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        self.stored.states(number, prefix, after, limit)
    }

    fn position_of_key(&self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        self.stored.position_of_key(number, key)
    }

    fn check_wanted(&self) -> Result<(), Fault> {
        self.stored.check_wanted()
    }

    fn check_name(&self) -> Result<(), Fault> {
        self.stored.check_name()
    }

    fn is_lost(&self) -> bool {
        self.stored.is_lost()
    }

    fn note(&self, fault: &Fault) {
        self.stored.note(fault);
    }
}

/// Events of an instance, decrypted: all of them, those of a chunk, or those of a stream.
struct RevealedEvents<'a, T> {
    stored: T,
    instance_id: String,
    revealing: &'a Revealing<'a>,
}

impl<T> RevealedEvents<'_, T> {
    /// What `visit` is to be called by with events as they are stored.
    fn visiting(
        &self,
        visit: Visitor<'_>,
    ) -> impl FnMut(u64, &Record<'_>) -> Result<ControlFlow<()>, Fault> {
        move |position, record| {
            self.revealing
                .record(&self.instance_id, record, |record| visit(position, record))
        }
    }
}

impl EventChunks for RevealedEvents<'_, Box<dyn EventChunks + '_>> {
    fn gains_by_threads(&self) -> bool {
        self.stored.gains_by_threads()
    }

    fn first(&self) -> u64 {
        self.stored.first()
    }

    fn events(&self) -> u64 {
        self.stored.events()
    }

    fn count(&self) -> u64 {
        self.stored.count()
    }

    fn has_gaps(&self) -> bool {
        self.stored.has_gaps()
    }

    fn last_out(&self) -> u64 {
        self.stored.last_out()
    }

    fn is_out(&self, position: u64) -> Result<bool, Fault> {
        self.stored.is_out(position)
    }

    fn count_after(&self, position: u64) -> Result<u64, Fault> {
        self.stored.count_after(position)
    }

    fn positions(&self, numbers: RangeInclusive<u64>) -> Result<Vec<u64>, Fault> {
        self.stored.positions(numbers)
    }

    fn len(&self) -> usize {
        self.stored.len()
    }

    fn index_of(&self, position: u64) -> usize {
        self.stored.index_of(position)
    }

    fn chunk(&self, index: usize) -> Result<Box<dyn EventChunk + '_>, Fault> {
        Ok(Box::new(RevealedEvents {
            stored: self.stored.chunk(index)?,
            instance_id: self.instance_id.clone(),
            revealing: self.revealing,
        }))
    }

    fn look_up(&self, wanted: &Wanted, chunks: Range<u64>) -> Result<Candidates, Fault> {
        self.stored.look_up(wanted, chunks)
    }

    fn span(&self, index: u64, end: u64) -> Result<ChunkSpan, Fault> {
        self.stored.span(index, end)
    }

    fn each(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        self.stored.each(positions, &mut self.visiting(visit))
    }

    fn each_back(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        self.stored.each_back(positions, &mut self.visiting(visit))
    }

    fn at(&self, position: u64, visit: &mut dyn FnMut(&Record<'_>)) -> Result<(), Fault> {
        let mut visited = Ok(());
        self.stored.at(position, &mut |record| {
            let reveal = |record: &Record<'_>| {
                visit(record);
                Ok(())
            };
            visited = self.revealing.record(&self.instance_id, record, reveal);
        })?;
        visited
    }
}

impl EventChunk for RevealedEvents<'_, Box<dyn EventChunk + '_>> {
    fn first_position(&self) -> u64 {
        self.stored.first_position()
    }

    fn len(&self) -> usize {
        self.stored.len()
    }

    fn rows_out(&self) -> &[usize] {
        self.stored.rows_out()
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
        self.stored.rows(rows, &mut |row, record| {
            self.revealing
                .record(&self.instance_id, record, |record| visit(row, record))
        })
    }
}

impl EventChain for RevealedEvents<'_, Box<dyn EventChain + '_>> {
    fn first(&self) -> Result<u64, Fault> {
        self.stored.first()
    }

    fn len(&self) -> u64 {
        self.stored.len()
    }

    fn last_position(&self) -> u64 {
        self.stored.last_position()
    }

    fn cut(&mut self, sequence: u64, position: u64) {
        self.stored.cut(sequence, position);
    }

    fn each_back(&self, visit: Visitor<'_>) -> Result<(), Fault> {
        self.stored.each_back(&mut self.visiting(visit))
    }

    fn links_back(&self, visit: LinkVisitor<'_>) -> Result<(), Fault> {
        self.stored.links_back(visit)
    }

    fn each_forward(
        &self,
        sequences: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.stored
            .each_forward(sequences, &mut |position, record| {
                self.revealing
                    .record(&self.instance_id, record, |record| visit(position, record))
            })
    }
}
