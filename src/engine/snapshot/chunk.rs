//! One chunk of an instance.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::events::{InstanceEvents, missing_event};
use crate::block::{ColumnKey, Directory, Finding, Overview, Stored};
use crate::engine::Fault;
use crate::engine::summary::{self, SealedBlock, StoredBlock, Summary};
use crate::engine::tables::record::Record;

/// Some events in a row, and what is known of them without reading them.
pub struct SnapshotChunk<'chunks> {
    events: &'chunks InstanceEvents<'chunks>,
    /// How many events come before.
    before: u64,
    len: usize,
    known: Option<KnownOf<'chunks>>,
}

/// Where what is known of a chunk is.
enum KnownOf<'chunks> {
    Sealed(Box<SealedBlock<'chunks>>),
    /// The summary that the tables have beside rows.
    Tables(Arc<Directory>),
    Memory(Arc<Summary>),
}

impl<'chunks> SnapshotChunk<'chunks> {
    /// The chunk of the `size` events after the first `before`, or of as many of them as there are.
    pub(super) fn new(
        events: &'chunks InstanceEvents<'chunks>,
        before: u64,
        size: u64,
    ) -> Result<Self, Fault> {
        if before >= events.last {
            return Err(missing_event(before.saturating_add(1)));
        }
        let len = size.min(events.last - before);
        let mut chunk = Self {
            events,
            before,
            len: len as usize,
            known: None,
        };
        let is_block = size == events.stored.block_events();
        chunk.known = if len < size {
            None
        } else if is_block && before + size <= events.in_tables() {
            chunk.stored()?
        } else {
            chunk.summarised()?.map(KnownOf::Memory)
        };
        Ok(chunk)
    }

    fn block(&self) -> u64 {
        self.before / self.events.stored.block_events()
    }

    /// What the tables have of the block.
    fn stored(&self) -> Result<Option<KnownOf<'chunks>>, Fault> {
        Ok(match self.events.stored.block(self.block())? {
            StoredBlock::Sealed(sealed) => {
                sealed.prepare()?;
                Some(KnownOf::Sealed(sealed))
            }
            StoredBlock::Summary(directory) => Some(KnownOf::Tables(directory)),
            StoredBlock::Nothing => None,
        })
    }

    /// The summary of events of whose block the tables do not hold all yet.
    fn summarised(&self) -> Result<Option<Arc<Summary>>, Fault> {
        let events = self.events;
        let last_position = self.before + self.len as u64;
        // What was made of the journal may be of events that were never committed.
        let summaries = if last_position <= events.in_tables() {
            &events.snapshot.table_summaries
        } else {
            &events.snapshot.summaries
        };
        let known = summaries.get(events.number, last_position);
        let counters = events.snapshot.open_log().storage.counters();
        counters.add_summary(known.is_some());
        if known.is_some() {
            return Ok(known);
        }
        let mut summing = summary::Summing::default();
        self.rows(0..self.len, |_, record| {
            summing.push(record);
            Ok::<_, Fault>(())
        })?;
        let summary = summing.finish().map(Arc::new);
        if let Some(summary) = &summary {
            summaries.insert(events.number, last_position, Arc::clone(summary));
        }
        Ok(summary)
    }

    /// What is known of its events; `None` if they have to be read: the last ones, above all.
    #[must_use]
    pub fn overview(&self) -> Option<Overview<'_>> {
        Some(match self.known.as_ref()? {
            KnownOf::Sealed(sealed) => sealed.overview(),
            KnownOf::Tables(directory) => Overview::Summary(directory),
            KnownOf::Memory(summary) => Overview::Summary(&summary.directory),
        })
    }

    /// Whether the tables hold what is known of its events. Otherwise that was found out now, or
    /// not long ago.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        matches!(self.known, Some(KnownOf::Sealed(_) | KnownOf::Tables(_)))
    }

    /// A column; `None` where there is none, so that the events have to be read.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if it is not what was written.
    pub fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        let Some(known) = &self.known else {
            return Ok(None);
        };
        match known {
            KnownOf::Sealed(sealed) => sealed.column(key),
            KnownOf::Memory(summary) => self.column_of(&summary.directory, key),
            KnownOf::Tables(directory) => match self.column_of(directory, key) {
                Err(fault) => self.sealed_since(fault)?.column(key),
                found => found,
            },
        }
    }

    /// As [`SnapshotChunk::column`]. Values that have none of these parts in their JSON text may be left out of it: their
    /// rows are as if they had nothing.
    ///
    /// # Errors
    ///
    /// As [`SnapshotChunk::column`].
    pub fn column_seeking(
        &self,
        key: &ColumnKey<'_>,
        parts: &[&str],
    ) -> Result<Option<Stored>, Fault> {
        match &self.known {
            Some(KnownOf::Sealed(sealed)) => sealed.column_seeking(key, parts),
            _ => self.column(key),
        }
    }

    /// The timestamps in milliseconds since the epoch; `None` where there is no column of them.
    ///
    /// # Errors
    ///
    /// As [`SnapshotChunk::column`].
    pub fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        let Some(known) = &self.known else {
            return Ok(None);
        };
        match known {
            KnownOf::Sealed(sealed) => sealed.times().map(Some),
            KnownOf::Memory(summary) => self.times_of(&summary.directory),
            KnownOf::Tables(directory) => match self.times_of(directory) {
                Err(fault) => self.sealed_since(fault)?.times().map(Some),
                found => found,
            },
        }
    }

    /// The block, if that has been sealed since its summary was read; otherwise the fault that was met.
    fn sealed_since(&self, fault: Fault) -> Result<SealedBlock<'_>, Fault> {
        self.events.stored.sealed(self.block())?.ok_or(fault)
    }

    fn column_of(
        &self,
        directory: &Directory,
        key: &ColumnKey<'_>,
    ) -> Result<Option<Stored>, Fault> {
        Ok(match directory.find(key) {
            Finding::Unknown => None,
            Finding::Absent => Some(Stored::Column(directory.absent_column())),
            Finding::Stored(place) => {
                let bytes = self.body(place.range())?;
                let stored = directory.read(&place, &bytes);
                Some(stored.ok_or_else(|| self.damaged())?)
            }
        })
    }

    fn times_of(&self, directory: &Directory) -> Result<Option<Vec<i64>>, Fault> {
        let Finding::Stored(place) = directory.find(&ColumnKey::Time) else {
            return Ok(None);
        };
        let times = directory.times(&self.body(place.range())?);
        times.map(Some).ok_or_else(|| self.damaged())
    }

    /// The bytes of the body that the directory of a summary refers to.
    fn body(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Fault> {
        let found = match &self.known {
            Some(KnownOf::Memory(summary)) => summary.encoded.body.get(range).map(Cow::Borrowed),
            Some(KnownOf::Tables(_)) => {
                let pieces = self.events.stored.pieces();
                summary::body(pieces, self.block(), range)?.map(Cow::Owned)
            }
            Some(KnownOf::Sealed(_)) | None => None,
        };
        found.ok_or_else(|| self.damaged())
    }

    /// The position of its first event.
    #[must_use]
    pub const fn first_position(&self) -> u64 {
        self.before + 1
    }

    /// How many events it has: at least one.
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Calls `visit` with the events of these rows, which ascend from 0 on, until it fails.
    ///
    /// # Errors
    ///
    /// What `visit` fails with; a storage fault, or corruption if there is no such event.
    pub fn rows<E: From<Fault>>(
        &self,
        rows: impl IntoIterator<Item = usize>,
        mut visit: impl FnMut(usize, &Record<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let first = self.first_position();
        let positions = rows.into_iter().map(|row| first + row as u64);
        self.events.each(positions, |position, record| {
            let row = (position - first) as usize;
            if row >= self.len {
                return Err(missing_event(position).into());
            }
            visit(row, record)
        })
    }

    /// The failure that its summary is not what was written.
    fn damaged(&self) -> Fault {
        self.events.stored.damaged(self.block(), "its summary")
    }
}
