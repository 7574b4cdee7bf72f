//! One chunk of an instance.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use redb::ReadOnlyTable;

use super::events::{InstanceEvents, missing_event};
use crate::block::{ColumnKey, Directory, Finding, Overview, Stored};
use crate::engine::Fault;
use crate::engine::summary::{self, StoredBlock, Summary};
use crate::engine::tables::record::Record;
use crate::engine::tables::schema::{self, PieceKey};

/// Some events in a row, and what is known of them without reading them.
pub struct SnapshotChunk<'chunks> {
    events: &'chunks InstanceEvents<'chunks>,
    pieces: &'chunks ReadOnlyTable<PieceKey, &'static [u8]>,
    /// How many events are in a whole block.
    block_events: u64,
    /// How many events come before.
    before: u64,
    len: usize,
    summary: Option<SummarySource>,
}

/// Where a chunk's summary is.
enum SummarySource {
    Tables(Arc<Directory>),
    Memory(Arc<Summary>),
}

impl<'chunks> SnapshotChunk<'chunks> {
    /// The chunk of the `size` events after the first `before`, or of as many of them as there are.
    pub(super) fn new(
        events: &'chunks InstanceEvents<'chunks>,
        pieces: &'chunks ReadOnlyTable<PieceKey, &'static [u8]>,
        block_events: u64,
        before: u64,
        size: u64,
    ) -> Result<Self, Fault> {
        if before >= events.last {
            return Err(missing_event(before.saturating_add(1)));
        }
        let len = size.min(events.last - before);
        let mut chunk = Self {
            events,
            pieces,
            block_events,
            before,
            len: len as usize,
            summary: None,
        };
        let is_block = size == block_events;
        chunk.summary = if len < size {
            None
        } else if is_block && before + size <= events.in_table {
            chunk.stored()?.map(SummarySource::Tables)
        } else {
            chunk.summarised()?.map(SummarySource::Memory)
        };
        Ok(chunk)
    }

    const fn block(&self) -> u64 {
        self.before / self.block_events
    }

    /// The directory that the tables hold.
    fn stored(&self) -> Result<Option<Arc<Directory>>, Fault> {
        let events = self.events;
        let (known, block) = (&events.snapshot.directories, self.block());
        if let Some(directory) = known.get(events.number, block) {
            return Ok(Some(directory));
        }
        match summary::directory(self.pieces, block)? {
            StoredBlock::Directory(directory) if directory.len() == self.len => {
                let directory = Arc::new(directory);
                known.insert(events.number, block, Arc::clone(&directory));
                Ok(Some(directory))
            }
            StoredBlock::Nothing => Ok(None),
            _ => Err(self.damaged()),
        }
    }

    /// The summary of events of whose block the tables do not hold all yet.
    fn summarised(&self) -> Result<Option<Arc<Summary>>, Fault> {
        let events = self.events;
        let last_position = self.before + self.len as u64;
        // What was made of the journal may be of events that were never committed.
        let summaries = if last_position <= events.in_table {
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

    /// What is known of its events; `None` if they have to be read: the last ones, above all.
    #[must_use]
    pub fn overview(&self) -> Option<Overview<'_>> {
        self.directory().map(Overview::Summary)
    }

    fn directory(&self) -> Option<&Directory> {
        match &self.summary {
            Some(SummarySource::Tables(directory)) => Some(directory),
            Some(SummarySource::Memory(summary)) => Some(&summary.directory),
            None => None,
        }
    }

    /// Whether the tables hold what is known of its events. Otherwise that was found out now, or
    /// not long ago.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        matches!(self.summary, Some(SummarySource::Tables(_)))
    }

    /// A column; `None` where there is none, so that the events have to be read.
    ///
    /// # Errors
    ///
    /// A storage fault, or corruption if it is not what was written.
    pub fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        let Some(directory) = self.directory() else {
            return Ok(None);
        };
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

    /// The timestamps in milliseconds since the epoch; `None` where there is no column of them.
    ///
    /// # Errors
    ///
    /// As [`SnapshotChunk::column`].
    pub fn times(&self) -> Result<Option<Vec<i64>>, Fault> {
        let Some(directory) = self.directory() else {
            return Ok(None);
        };
        let Finding::Stored(place) = directory.find(&ColumnKey::Time) else {
            return Ok(None);
        };
        let times = directory.times(&self.body(place.range())?);
        times.map(Some).ok_or_else(|| self.damaged())
    }

    /// The bytes of the body that the directory refers to.
    fn body(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, Fault> {
        let found = match &self.summary {
            Some(SummarySource::Memory(summary)) => {
                summary.encoded.body.get(range).map(Cow::Borrowed)
            }
            Some(SummarySource::Tables(_)) => {
                summary::body(self.pieces, self.block(), range)?.map(Cow::Owned)
            }
            None => None,
        };
        found.ok_or_else(|| self.damaged())
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
        let table = schema::blocks_table(self.events.number);
        let block = self.block();
        Fault::Corrupted(format!("{table}: block {block} is not what was written"))
    }
}
