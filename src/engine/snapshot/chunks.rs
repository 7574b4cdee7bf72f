//! An instance as a sequence of chunks.

use std::ops::Range;

use super::events::InstanceEvents;
use super::{Snapshot, SnapshotChunk};
use crate::block::lookup::{Candidates, LISTS_MERGED, Span, Wanted};
use crate::engine::Fault;
use crate::engine::tables::record::Record;

/// What part of a block the chunks after the last whole block are.
const PARTS: u64 = 8;

/// How many events such a chunk has at least, unless blocks have fewer.
const PART_EVENTS_MIN: u64 = 4;

/// The events of an instance as a snapshot has them, cut into chunks.
///
/// Those are its blocks, and then parts of the block that is not whole yet, so that most of its events can be
/// summarised too. Several threads may read from it at once.
pub struct Chunks<'snapshot> {
    events: InstanceEvents<'snapshot>,
    block_events: u64,
    /// The position of the first event, as far as that was asked for.
    first: u64,
}

impl<'snapshot> Chunks<'snapshot> {
    pub(super) fn new(snapshot: &'snapshot Snapshot, number: u32) -> Result<Self, Fault> {
        let events = InstanceEvents::new(snapshot, number)?;
        Ok(Self {
            block_events: events.stored.block_events(),
            events,
            first: 1,
        })
    }

    /// As [`Chunks::new`], told where the events begin that were not dropped.
    pub(super) fn kept(snapshot: &'snapshot Snapshot, number: u32) -> Result<Self, Fault> {
        let chunks = Self::new(snapshot, number)?;
        let first = chunks.events.first_kept()?;
        Ok(Self {
            first: first.unwrap_or_else(|| chunks.events.in_tables() + 1),
            ..chunks
        })
    }

    /// The position of the first event that was not dropped; 1 unless [`Snapshot::kept_chunks`] has given this.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// How many events there are, which is the position of the last one.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events.last
    }

    /// How many chunks there are; the first one has the index 0.
    #[must_use]
    pub fn len(&self) -> usize {
        let rest = self.events.last % self.block_events;
        (self.blocks() + rest.div_ceil(self.part_events())) as usize
    }

    /// How many whole blocks there are.
    const fn blocks(&self) -> u64 {
        self.events.last / self.block_events
    }

    /// How many events there are in a whole part of a block.
    pub(in crate::engine) fn part_events(&self) -> u64 {
        let least = PART_EVENTS_MIN.min(self.block_events);
        self.block_events.div_ceil(PARTS).max(least)
    }

    /// Whether there is no event at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events.last == 0
    }

    /// How many events a block has.
    #[must_use]
    pub const fn block_events(&self) -> u64 {
        self.block_events
    }

    /// The chunk of that index, with what is needed to read it.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption: there is no such chunk, or its summary is damaged.
    pub fn chunk(&self, index: usize) -> Result<SnapshotChunk<'_>, Fault> {
        let index = index as u64;
        let (before, size) = match index.checked_sub(self.blocks()) {
            None => (index * self.block_events, self.block_events),
            Some(part) => {
                let size = self.part_events();
                let before = part.saturating_mul(size);
                let before = before.saturating_add(self.blocks() * self.block_events);
                (before, size)
            }
        };
        SnapshotChunk::new(&self.events, before, size)
    }

    /// Which events of the chunks with these indices can have what is wanted: any of those that are in no whole block of the
    /// tables, or are in one that is not looked up.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if what blocks are looked up by is not what was written.
    pub fn look_up(&self, wanted: &Wanted, chunks: Range<u64>) -> Result<Candidates, Fault> {
        let in_tables = self.events.in_tables().min(self.events.last) / self.block_events;
        let end = chunks.end.min(in_tables).max(chunks.start);
        let mut found = self.events.stored.look_up(wanted, chunks.start..end)?;
        found.extend(Candidates::all(end..chunks.end));
        Ok(found)
    }

    /// What is known of many blocks together, from one on, with how many they are, if they do not go beyond `end`; `None`
    /// where nothing is, with how many there are up to the next one of which something can be.
    ///
    /// # Errors
    ///
    /// As [`Chunks::look_up`].
    pub fn span(&self, index: u64, end: u64) -> Result<(Option<Span>, u64), Fault> {
        let in_tables = self.events.in_tables().min(self.events.last) / self.block_events;
        let span = self.events.stored.span_from(index)?;
        Ok(match span {
            Some((span, blocks)) if index + blocks <= end.min(in_tables) => (Some(span), blocks),
            _ => (None, (index + 1).next_multiple_of(LISTS_MERGED) - index),
        })
    }

    /// The index of the chunk that has the event at a position.
    #[must_use]
    pub fn index_of(&self, position: u64) -> usize {
        let before = position.saturating_sub(1);
        let whole = self.blocks() * self.block_events;
        let index = match before.checked_sub(whole) {
            None => before / self.block_events,
            Some(rest) => self.blocks() + rest / self.part_events(),
        };
        index as usize
    }

    /// Calls `visit` with the events at these positions, which ascend, until it fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption if there is no such event.
    pub fn each<E: From<Fault>>(
        &self,
        positions: impl IntoIterator<Item = u64>,
        visit: impl FnMut(u64, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.events.each(positions, visit)
    }

    /// Calls `visit` with the events at these positions, which descend, until it fails.
    ///
    /// # Errors
    ///
    /// As [`Chunks::each`].
    pub fn each_back<E: From<Fault>>(
        &self,
        positions: impl IntoIterator<Item = u64>,
        visit: impl FnMut(u64, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.events.each_back(positions, visit)
    }

    /// Calls `visit` with the event at a position.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such event.
    pub fn at<T>(&self, position: u64, visit: impl FnOnce(&Record<'_>) -> T) -> Result<T, Fault> {
        self.events.at(position, visit)
    }
}
