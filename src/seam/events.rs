//! Events as they are read: those of an instance in chunks, and those of a stream.

use std::ops::{ControlFlow, Range, RangeInclusive};

use crate::block::lookup::{Candidates, Span, Wanted};
use crate::block::{ColumnKey, Overview, Stored};
use crate::engine::{Fault, Record};

/// Is called with events and their positions, until it breaks off or fails.
pub type Visitor<'visitor> =
    &'visitor mut dyn FnMut(u64, &Record<'_>) -> Result<ControlFlow<()>, Fault>;

/// What is called with where events of a stream stand: the position, the number in the stream, and how many positions back
/// the one before it stands.
pub type LinkVisitor<'visitor> =
    &'visitor mut dyn FnMut(u64, u64, u64) -> Result<ControlFlow<()>, Fault>;

/// The events of an instance, cut into chunks. Several threads may read from it at once.
pub trait EventChunks: Sync {
    /// The position of the first event; one more than that of the last one if there is none.
    fn first(&self) -> u64 {
        1
    }

    /// The position of the last event. It stays when the event is trimmed.
    fn events(&self) -> u64;

    /// How many events there are.
    fn count(&self) -> u64 {
        (self.events() + 1).saturating_sub(self.first())
    }

    /// Whether several threads read events in less time than one: not where they all wait for one connection.
    fn gains_by_threads(&self) -> bool {
        false
    }

    /// Whether events were trimmed between those that there are. These have gaps in their positions then, over which the
    /// other methods pass.
    fn has_gaps(&self) -> bool {
        false
    }

    /// The position of the last event that was trimmed; 0 if none was.
    fn last_out(&self) -> u64 {
        self.first() - 1
    }

    /// Whether the event at a position was trimmed.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    fn is_out(&self, position: u64) -> Result<bool, Fault> {
        Ok(position < self.first())
    }

    /// How many events there are after a position.
    ///
    /// # Errors
    ///
    /// As [`EventChunks::is_out`].
    fn count_after(&self, position: u64) -> Result<u64, Fault> {
        Ok(self.events().saturating_sub(position.max(self.first() - 1)))
    }

    /// Where events stand, counted from the oldest one, which is number 1. There are events of all of these numbers.
    ///
    /// # Errors
    ///
    /// As [`EventChunks::is_out`].
    fn positions(&self, numbers: RangeInclusive<u64>) -> Result<Vec<u64>, Fault> {
        let before = self.first() - 1;
        Ok(numbers.map(|number| before + number).collect())
    }

    /// How many chunks there are; the first one has the index 0.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The index of the chunk that has the event at a position; that of the first chunk if the event was trimmed.
    fn index_of(&self, position: u64) -> usize;

    /// The chunk of that index.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    fn chunk(&self, index: usize) -> Result<Box<dyn EventChunk + '_>, Fault>;

    /// Which events of the chunks with these indices can have what is wanted. An engine that does not know names all of
    /// them.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if what they are looked up by is not what was written.
    fn look_up(&self, _wanted: &Wanted, chunks: Range<u64>) -> Result<Candidates, Fault> {
        Ok(Candidates::all(chunks))
    }

    /// What is known of many chunks together, from that index on, if they do not go beyond `end`.
    ///
    /// # Errors
    ///
    /// As [`EventChunks::look_up`].
    fn span(&self, index: u64, end: u64) -> Result<ChunkSpan, Fault> {
        Ok(ChunkSpan {
            span: None,
            chunks: end - index,
            first_position: 0,
        })
    }

    /// Calls `visit` with the events at these positions, which ascend. One that is in a gap is passed over.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption if there is no such event.
    fn each(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault>;

    /// Calls `visit` with the events at these positions, which descend. One that is in a gap is passed over.
    ///
    /// # Errors
    ///
    /// As [`EventChunks::each`].
    fn each_back(
        &self,
        positions: &mut dyn Iterator<Item = u64>,
        visit: Visitor<'_>,
    ) -> Result<(), Fault>;

    /// Calls `visit` with the event at a position.
    ///
    /// # Errors
    ///
    /// `TRIMMED` if it was; a storage fault, or corruption if there is no such event.
    fn at(&self, position: u64, visit: &mut dyn FnMut(&Record<'_>)) -> Result<(), Fault>;
}

/// What is known of many chunks together.
#[derive(Debug)]
pub struct ChunkSpan {
    /// What their events have in common; `None` where that is not known of these, nor of any that begin among them.
    pub span: Option<Span>,
    /// How many chunks they are.
    pub chunks: u64,
    /// The position of the first event.
    pub first_position: u64,
}

/// Some events in a row, and what is known of them without reading them.
#[expect(clippy::len_without_is_empty, reason = "it is never empty")]
pub trait EventChunk {
    /// The position of the first one.
    fn first_position(&self) -> u64;

    /// How many it has: at least one.
    fn len(&self) -> usize;

    /// The rows, ascending, of events among them that were trimmed and count for nothing. All other methods speak of these
    /// as well.
    fn rows_out(&self) -> &[usize] {
        &[]
    }

    /// What is known of them; `None` if they have to be read.
    fn overview(&self) -> Option<Overview<'_>>;

    /// Whether what is known was found out once for all, rather than for those who ask now.
    fn is_sealed(&self) -> bool;

    /// A column; `None` where there is none, so that the events have to be read.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if it is not what was written.
    fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault>;

    /// As [`EventChunk::column`]. Values that have none of these parts in their JSON text may be left out of it: their rows
    /// are as if they had nothing.
    ///
    /// # Errors
    ///
    /// As [`EventChunk::column`].
    fn column_seeking(
        &self,
        key: &ColumnKey<'_>,
        _parts: &[&str],
    ) -> Result<Option<Stored>, Fault> {
        self.column(key)
    }

    /// The timestamps in milliseconds since the epoch; `None` where there is no column of them.
    ///
    /// # Errors
    ///
    /// As [`EventChunk::column`].
    fn times(&self) -> Result<Option<Vec<i64>>, Fault>;

    /// Calls `visit` with the events of these rows, which ascend from 0 on, until it fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption if there is no such event.
    fn rows(
        &self,
        rows: &mut dyn Iterator<Item = usize>,
        visit: &mut dyn FnMut(usize, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
}

/// The events of one stream.
pub trait EventChain {
    /// The sequence number of the first one; one more than that of the last one if there is none.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption.
    fn first(&self) -> Result<u64, Fault> {
        Ok(1)
    }

    /// How many there are.
    ///
    /// # Errors
    ///
    /// As [`EventChain::first`].
    fn count(&self) -> Result<u64, Fault> {
        Ok((self.len() + 1).saturating_sub(self.first()?))
    }

    /// The sequence number of the last one, which stays when that is trimmed; 0 if there never was one.
    fn len(&self) -> u64;

    /// Whether there never was one.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The position of the last one, which stays when that is trimmed; 0 if there never was one.
    fn last_position(&self) -> u64;

    /// Has it end, from now on, with the event of this number, which is at this position.
    fn cut(&mut self, sequence: u64, position: u64);

    /// Calls `visit` with each event, newest first.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption.
    fn each_back(&self, visit: Visitor<'_>) -> Result<(), Fault>;

    /// Calls `visit` with where each event stands, newest first. What else an event has is not read.
    ///
    /// # Errors
    ///
    /// As [`EventChain::each_back`].
    fn links_back(&self, visit: LinkVisitor<'_>) -> Result<(), Fault>;

    /// Calls `visit` with the events of these sequence numbers, oldest first, until it fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption.
    fn each_forward(
        &self,
        sequences: RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault>;
}
