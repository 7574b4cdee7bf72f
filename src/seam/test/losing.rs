//! A log that goes away while it is read, as one on a server does, and is there again for whoever begins anew.

use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::list_engine::ListEngine;
use crate::block::{ColumnKey, Overview, Stored};
use crate::engine::{Counts, Fault, Instance, Pace, Record, StreamEnd, Timed};
use crate::error::{Code, Error};
use crate::progress::Progress;
use crate::seam::{
    EndWait, EventChain, EventChunk, EventChunks, LinkVisitor, LogEngine, LogShare, OnOperated,
    Operation, QueuedChange, QueuedRead, ReadSnapshot, Visitor,
};

/// When snapshots are lost. Clones are one and the same.
#[derive(Clone, Default)]
pub(super) struct Losses(Arc<Mutex<Plan>>);

#[derive(Default)]
struct Plan {
    /// After so many events and rows that are read; `None` for never.
    left: Option<u64>,
    count: usize,
}

impl Losses {
    /// Has one snapshot lost, after so much was read of all that come from now on.
    pub(super) fn one_after(&self, reads: u64) {
        *self.0.lock() = Plan {
            left: Some(reads),
            ..Plan::default()
        };
    }

    /// Has none lost any more. Returns how many were lost since one was to be.
    pub(super) fn end(&self) -> usize {
        std::mem::take(&mut *self.0.lock()).count
    }

    /// Whether a snapshot is lost now.
    fn is_due(&self) -> bool {
        let mut plan = self.0.lock();
        let is_due = plan.left == Some(0);
        plan.left = plan.left.and_then(|left| left.checked_sub(1));
        plan.count += usize::from(is_due);
        is_due
    }
}

/// The engine.
pub(super) struct LosingEngine {
    pub(super) kept: ListEngine,
    pub(super) losses: Losses,
}

impl LogEngine for LosingEngine {
    fn event_bytes_max(&self) -> usize {
        self.kept.event_bytes_max()
    }

    fn counts(&self) -> Counts {
        self.kept.counts()
    }

    fn take_timed(&self) -> Vec<Timed> {
        self.kept.take_timed()
    }

    fn change(&self, change: Box<dyn QueuedChange>) {
        self.kept.change(change);
    }

    fn read(&self, read: Box<dyn QueuedRead>) {
        let losses = self.losses.clone();
        self.kept.read(Box::new(LosingRead { read, losses }));
    }

    fn follow(
        &self,
        instance: Option<u32>,
        seen: u64,
        wake: Box<dyn FnOnce() + Send>,
    ) -> Result<EndWait, Error> {
        self.kept.follow(instance, seen, wake)
    }

    fn operate(&self, operation: Operation, progress: Progress, done: OnOperated) {
        self.kept.operate(operation, progress, done);
    }
}

impl LogShare for LosingEngine {
    fn engine(&self) -> &dyn LogEngine {
        self
    }

    fn read_only(&self) -> bool {
        false
    }

    fn release(self: Box<Self>, _: bool) -> Result<(), Error> {
        Ok(())
    }
}

/// A read that begins anew as long as its snapshots are lost.
struct LosingRead {
    read: Box<dyn QueuedRead>,
    losses: Losses,
}

impl QueuedRead for LosingRead {
    fn is_long(&self, snapshot: &dyn ReadSnapshot) -> bool {
        self.read.is_long(snapshot)
    }

    fn run(self: Box<Self>, snapshot: Result<&dyn ReadSnapshot, Error>, pace: &Pace) {
        let Self { mut read, losses } = *self;
        let stored = match snapshot {
            Ok(stored) => stored,
            Err(error) => return read.run(Err(error), pace),
        };
        loop {
            let losing = LosingSnapshot {
                stored,
                losses: &losses,
                is_lost: AtomicBool::new(false),
            };
            match read.run_unless_lost(&losing, pace) {
                None => return,
                Some(again) => read = again,
            }
        }
    }
}

struct LosingSnapshot<'a> {
    stored: &'a dyn ReadSnapshot,
    losses: &'a Losses,
    is_lost: AtomicBool,
}

impl LosingSnapshot<'_> {
    /// Reads something, unless it is lost.
    fn pass(&self) -> Result<(), Fault> {
        if self.is_lost.load(Ordering::Relaxed) || self.losses.is_due() {
            self.is_lost.store(true, Ordering::Relaxed);
            let text = "what keeps the log has gone away";
            return Err(Fault::Failed(Error::new(Code::StorageFailed, text)));
        }
        Ok(())
    }

    fn visiting(
        &self,
        visit: Visitor<'_>,
    ) -> impl FnMut(u64, &Record<'_>) -> Result<ControlFlow<()>, Fault> {
        move |position, record| {
            self.pass()?;
            visit(position, record)
        }
    }
}

impl ReadSnapshot for LosingSnapshot<'_> {
    fn commits(&self) -> u64 {
        self.stored.commits()
    }

    fn find(&self, id_or_name: &str) -> Result<u32, Fault> {
        self.pass()?;
        self.stored.find(id_or_name)
    }

    fn instance(&self, number: u32) -> Result<Instance, Fault> {
        self.pass()?;
        self.stored.instance(number)
    }

    fn has_instance(&self, number: u32) -> Result<bool, Fault> {
        self.pass()?;
        self.stored.has_instance(number)
    }

    fn instance_count(&self) -> Result<u64, Fault> {
        self.pass()?;
        self.stored.instance_count()
    }

    fn instances(&self) -> Result<Vec<Instance>, Fault> {
        self.pass()?;
        self.stored.instances()
    }

    fn chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        self.pass()?;
        Ok(Box::new(LosingEvents {
            stored: self.stored.chunks(number)?,
            snapshot: self,
        }))
    }

    fn stream(&self, number: u32, stream_id: &str) -> Result<Box<dyn EventChain + '_>, Fault> {
        self.pass()?;
        Ok(Box::new(LosingEvents {
            stored: self.stored.stream(number, stream_id)?,
            snapshot: self,
        }))
    }

    fn streams(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamEnd>, Fault> {
        self.pass()?;
        self.stored.streams(number, prefix, after, limit)
    }

    fn state(&self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.pass()?;
        self.stored.state(number, name)
    }

    fn state_count(&self, number: u32) -> Result<u64, Fault> {
        self.pass()?;
        self.stored.state_count(number)
    }

    fn states(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        self.pass()?;
        self.stored.states(number, prefix, after, limit)
    }

    fn position_of_key(&self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        self.pass()?;
        self.stored.position_of_key(number, key)
    }

    fn check_wanted(&self) -> Result<(), Fault> {
        self.stored.check_wanted()
    }

    fn check_name(&self) -> Result<(), Fault> {
        self.stored.check_name()
    }

    fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed)
    }

    fn note(&self, fault: &Fault) {
        self.stored.note(fault);
    }
}

/// Events of an instance, of a chunk, or of a stream.
struct LosingEvents<'a, T> {
    stored: T,
    snapshot: &'a LosingSnapshot<'a>,
}

impl EventChunks for LosingEvents<'_, Box<dyn EventChunks + '_>> {
    fn events(&self) -> u64 {
        self.stored.events()
    }

    fn len(&self) -> usize {
        self.stored.len()
    }

    fn index_of(&self, position: u64) -> usize {
        self.stored.index_of(position)
    }

    fn chunk(&self, index: usize) -> Result<Box<dyn EventChunk + '_>, Fault> {
        self.snapshot.pass()?;
        Ok(Box::new(LosingEvents {
            stored: self.stored.chunk(index)?,
            snapshot: self.snapshot,
        }))
    }

    fn each(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        self.stored
            .each(positions, &mut self.snapshot.visiting(visit))
    }

    fn each_back(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault> {
        self.stored
            .each_back(positions, &mut self.snapshot.visiting(visit))
    }

    fn at(&self, position: u64, visit: &mut dyn FnMut(&Record<'_>)) -> Result<(), Fault> {
        self.snapshot.pass()?;
        self.stored.at(position, visit)
    }
}

impl EventChunk for LosingEvents<'_, Box<dyn EventChunk + '_>> {
    fn first_position(&self) -> u64 {
        self.stored.first_position()
    }

    fn len(&self) -> usize {
        self.stored.len()
    }

    fn overview(&self) -> Option<Overview<'_>> {
        self.stored.overview()
    }

    fn is_sealed(&self) -> bool {
        self.stored.is_sealed()
    }

    fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        self.snapshot.pass()?;
        self.stored.column(key)
    }

    fn column_seeking(&self, key: &ColumnKey<'_>, parts: &[&str]) -> Result<Option<Stored>, Fault> {
        self.snapshot.pass()?;
        self.stored.column_seeking(key, parts)
    }

    fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        self.snapshot.pass()?;
        self.stored.times()
    }

    fn rows(
        &self,
        rows: &mut dyn Iterator<Item = usize>,
        visit: &mut dyn FnMut(usize, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.stored.rows(rows, &mut |row, record| {
            self.snapshot.pass()?;
            visit(row, record)
        })
    }
}

impl EventChain for LosingEvents<'_, Box<dyn EventChain + '_>> {
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
        self.stored.each_back(&mut self.snapshot.visiting(visit))
    }

    fn links_back(&self, visit: LinkVisitor<'_>) -> Result<(), Fault> {
        self.stored.links_back(&mut |position, sequence, back| {
            self.snapshot.pass()?;
            visit(position, sequence, back)
        })
    }

    fn each_forward(
        &self,
        sequences: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.stored
            .each_forward(sequences, &mut |position, record| {
                self.snapshot.pass()?;
                visit(position, record)
            })
    }
}
