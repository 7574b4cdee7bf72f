//! An instance as a sequence of chunks.

use redb::{ReadOnlyTable, TableDefinition};

use super::events::Events;
use super::{Chunk, Snapshot};
use crate::engine::Fault;
use crate::engine::record::Record;
use crate::engine::schema::{self, PieceKey};

/// The events of an instance as a snapshot has them, cut into chunks: its blocks, and the events
/// after the last whole one. Several threads may read from it at once.
pub struct Chunks<'snapshot> {
    pub(super) events: Events<'snapshot>,
    pub(super) pieces: ReadOnlyTable<PieceKey, &'static [u8]>,
    chunk_events: u64,
}

impl<'snapshot> Chunks<'snapshot> {
    pub(super) fn new(snapshot: &'snapshot Snapshot, number: u32) -> Result<Self, Fault> {
        let name = schema::blocks_table(number);
        Ok(Self {
            events: Events::new(snapshot, number)?,
            pieces: snapshot
                .transaction
                .open_table(TableDefinition::<PieceKey, &[u8]>::new(&name))?,
            chunk_events: snapshot.store.block_events()?,
        })
    }

    /// How many events there are, which is the position of the last one.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events.last
    }

    /// How many chunks there are; the first one has the index 0.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.events.last.div_ceil(self.chunk_events) as usize
    }

    /// Whether there is no event at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events.last == 0
    }

    /// How many events each chunk has but perhaps the last one.
    #[must_use]
    pub const fn chunk_events(&self) -> u64 {
        self.chunk_events
    }

    /// The chunk that has the event at a position.
    #[must_use]
    pub const fn index_of(&self, position: u64) -> usize {
        (position.saturating_sub(1) / self.chunk_events) as usize
    }

    /// The chunk of that index, with what is needed to read it.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption: there is no such chunk, or its summary is damaged.
    pub fn chunk(&self, index: usize) -> Result<Chunk<'_>, Fault> {
        Chunk::new(self, index as u64)
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

    /// Calls `visit` with the event at a position.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if there is no such event.
    pub fn at<T>(&self, position: u64, visit: impl FnOnce(&Record<'_>) -> T) -> Result<T, Fault> {
        self.events.at(position, visit)
    }
}
