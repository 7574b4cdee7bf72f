//! The events of an instance that the tables have, whichever way its blocks are kept.

use std::ops::RangeInclusive;
use std::sync::Arc;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable, TableDefinition};

use super::known::{KnownBlocks, KnownDirectory};
use super::pieces::{self, SealedHead, StoredHead};
use super::source::{PieceSource, SourceFault};
use crate::block::sealed::{Block, Directory, Loaded, RowBuffer};
use crate::block::{self, ColumnKey, Overview, Stored};
use crate::engine::Fault;
use crate::engine::tables::record::{Link, Record};
use crate::engine::tables::schema::{self, PieceKey};

/// How much memory is for what is read of sealed blocks where nothing that is known is used, in bytes.
const UNKNOWN_BYTES_MAX: usize = 1 << 20;

/// The events of an instance that the tables have as of one commit. Several threads may read them at once.
pub(in crate::engine) struct StoredEvents {
    pub(super) number: u32,
    pub(super) block_events: u64,
    last: u64,
    /// The position of the first one that is a row; one that no event has if there is none.
    pub(super) first_row: u64,
    pub(super) rows: ReadOnlyTable<u64, &'static [u8]>,
    pieces: ReadOnlyTable<PieceKey, &'static [u8]>,
    pub(super) known: Arc<KnownBlocks>,
}

impl StoredEvents {
    /// Those of an instance whose head, in the tables, says that `last` is the position of the last one.
    pub(in crate::engine) fn open(
        transaction: &ReadTransaction,
        known: Arc<KnownBlocks>,
        number: u32,
        block_events: u64,
        last: u64,
    ) -> Result<Self, Fault> {
        let (events, _, blocks) = schema::tables_of(number);
        let rows = transaction.open_table(TableDefinition::<u64, &[u8]>::new(&events))?;
        let pieces = transaction.open_table(TableDefinition::<PieceKey, &[u8]>::new(&blocks))?;
        let first_row = rows
            .first()?
            .map_or(u64::MAX, |(position, _)| position.value());
        let last_row = rows.last()?.map_or(0, |(position, _)| position.value());
        Ok(Self {
            number,
            block_events,
            last: last.max(last_row),
            first_row,
            rows,
            pieces,
            known,
        })
    }

    /// Those of an instance as the tables have them, whatever is known of them already.
    pub(in crate::engine) fn unknown(
        transaction: &ReadTransaction,
        number: u32,
        block_events: u64,
    ) -> Result<Self, Fault> {
        let known = Arc::new(KnownBlocks::new(UNKNOWN_BYTES_MAX));
        Self::open(transaction, known, number, block_events, 0)
    }

    /// The positions of a block's events.
    pub(in crate::engine) const fn positions_of(&self, block: u64) -> RangeInclusive<u64> {
        let before = block.saturating_mul(self.block_events);
        before.saturating_add(1)..=before.saturating_add(self.block_events)
    }

    /// The number of the instance.
    pub(in crate::engine) const fn number(&self) -> u32 {
        self.number
    }

    /// The position of the last one.
    pub(in crate::engine) const fn last(&self) -> u64 {
        self.last
    }

    /// How many events a block has.
    pub(in crate::engine) const fn block_events(&self) -> u64 {
        self.block_events
    }

    /// The table of the events that are rows.
    pub(in crate::engine) const fn rows(&self) -> &ReadOnlyTable<u64, &'static [u8]> {
        &self.rows
    }

    /// The table of what blocks have beside rows, or in their place.
    pub(in crate::engine) const fn pieces(&self) -> &ReadOnlyTable<PieceKey, &'static [u8]> {
        &self.pieces
    }

    /// What the tables have of a block of which they hold all events.
    ///
    /// # Errors
    ///
    /// A storage fault; corruption.
    pub(in crate::engine) fn block(&self, block: u64) -> Result<StoredBlock<'_>, Fault> {
        if let Some(sealed) = self.known_sealed(block)? {
            return Ok(StoredBlock::Sealed(Box::new(sealed)));
        }
        if !self.has_no_rows(block)
            && let Some(KnownDirectory::Summary(known)) = self.known.directory(self.number, block)
        {
            return Ok(StoredBlock::Summary(known));
        }
        match pieces::head(&self.pieces, block)? {
            StoredHead::Sealed(head) => {
                let sealed = self.read_sealed(block, &head)?;
                Ok(StoredBlock::Sealed(Box::new(sealed)))
            }
            StoredHead::Summary(directory) if directory.len() as u64 == self.block_events => {
                let directory = Arc::new(directory);
                let known = &self.known;
                known.insert_summary(self.number, block, Arc::clone(&directory));
                Ok(StoredBlock::Summary(directory))
            }
            StoredHead::Nothing => Ok(StoredBlock::Nothing),
            StoredHead::Summary(_) | StoredHead::Damaged => Err(self.damaged(block, "its summary")),
        }
    }

    /// A block, if it is sealed.
    ///
    /// # Errors
    ///
    /// A storage fault; corruption.
    pub(in crate::engine) fn sealed(&self, block: u64) -> Result<Option<SealedBlock<'_>>, Fault> {
        if let Some(sealed) = self.known_sealed(block)? {
            return Ok(Some(sealed));
        }
        match pieces::head(&self.pieces, block)? {
            StoredHead::Sealed(head) => self.read_sealed(block, &head).map(Some),
            _ => Ok(None),
        }
    }

    fn read_sealed(&self, block: u64, head: &SealedHead) -> Result<SealedBlock<'_>, Fault> {
        let directory = Directory::read(head);
        let mut directory = directory.map_err(|damaged| self.damaged(block, damaged.part()))?;
        if directory.len() as u64 != self.block_events {
            return Err(self.damaged(block, "its number of events"));
        }
        let known = &self.known;
        directory.share(known.alike());
        let loaded = known.insert_sealed(self.number, block, Arc::new(directory));
        Ok(self.open_sealed(block, loaded))
    }

    /// As [`StoredEvents::sealed`], if the block is known to be sealed.
    pub(super) fn known_sealed(&self, block: u64) -> Result<Option<SealedBlock<'_>>, Fault> {
        let Some(loaded) = self.known.sealed(self.number, block) else {
            return Ok(None);
        };
        // Its events may have been rows at the commit that this is of.
        let is_sealed = self.has_no_rows(block) || pieces::is_sealed_in(&self.pieces, block)?;
        Ok(is_sealed.then(|| self.open_sealed(block, loaded)))
    }

    /// Whether neither the block nor one before it has a row.
    const fn has_no_rows(&self, block: u64) -> bool {
        self.first_row > (block + 1).saturating_mul(self.block_events)
    }

    fn open_sealed(&self, block: u64, loaded: Arc<Loaded>) -> SealedBlock<'_> {
        let body_at = loaded.directory().body_at();
        let source = PieceSource::new(&self.pieces, &self.known, self.number, block, body_at);
        SealedBlock {
            events: self,
            number: block,
            weighed: loaded.memory_bytes(),
            directory_weighed: loaded.directory().memory_bytes(),
            block: Block::of(source, loaded),
        }
    }

    /// The failure that an event is neither a row nor in a sealed block.
    pub(super) fn unreadable(&self, block: u64, position: u64) -> Result<Fault, Fault> {
        let is_whole = *self.positions_of(block).end() <= self.last;
        Ok(match pieces::head(&self.pieces, block)? {
            StoredHead::Damaged if is_whole => self.damaged(block, "its directory"),
            _ => missing_event(position),
        })
    }

    /// The failure that a part of what a block has is not what was written.
    pub(in crate::engine) fn damaged(&self, block: u64, part: &str) -> Fault {
        let table = schema::blocks_table(self.number);
        Fault::Corrupted(format!(
            "{table}: block {block} is not what was written ({part})"
        ))
    }
}

/// What the tables have of a whole block.
pub(in crate::engine) enum StoredBlock<'e> {
    /// The block itself.
    Sealed(Box<SealedBlock<'e>>),
    /// Its events are rows, with a summary beside them.
    Summary(Arc<block::Directory>),
    /// Its events are rows, and nothing is known of them.
    Nothing,
}

/// A sealed block, for one reader.
pub(in crate::engine) struct SealedBlock<'e> {
    events: &'e StoredEvents,
    pub(super) number: u64,
    block: Block<PieceSource<'e>>,
    /// How much memory what is loaded of it beside groups was known to take, and how much of that the directory.
    weighed: usize,
    directory_weighed: usize,
}

impl SealedBlock<'_> {
    fn fault(&self, fault: SourceFault) -> Fault {
        match fault {
            SourceFault::Storage(fault) => fault,
            SourceFault::Damaged(damaged) => self.events.damaged(self.number, damaged.part()),
        }
    }

    /// Reads what [`SealedBlock::overview`] needs.
    pub(in crate::engine) fn prepare(&self) -> Result<(), Fault> {
        self.block.overview().map(drop).map_err(|it| self.fault(it))
    }

    /// What is known of its events without reading more of it.
    pub(in crate::engine) fn overview(&self) -> Overview<'_> {
        self.block.loaded().overview()
    }

    /// A column; `None` where there is none.
    pub(in crate::engine) fn column(&self, key: &ColumnKey<'_>) -> Result<Option<Stored>, Fault> {
        let (known, number) = (&self.events.known, self.events.number);
        if let Some(stored) = known.column(number, self.number, key) {
            return Ok(Some(stored.apart()));
        }
        let found = self.block.column(key).map_err(|it| self.fault(it))?;
        if let Some(stored) = &found {
            let events = self.block.directory().len();
            known.insert_column(number, self.number, key, &stored.clone().apart(), events);
        }
        Ok(found)
    }

    /// As [`SealedBlock::column`]. Values that have none of these parts in their JSON text may be left out of it: their rows
    /// are as if they had nothing.
    pub(in crate::engine) fn column_seeking(
        &self,
        key: &ColumnKey<'_>,
        parts: &[&str],
    ) -> Result<Option<Stored>, Fault> {
        let (known, number) = (&self.events.known, self.events.number);
        if let Some(stored) = known.column(number, self.number, key) {
            return Ok(Some(stored.apart()));
        }
        // It is of no use to others, and not kept.
        match self.block.column_seeking(key, parts) {
            Ok(None) => self.column(key),
            found => found.map_err(|it| self.fault(it)),
        }
    }

    /// The keys of the columns of paths that it has, of the metadata or of the payload.
    pub(in crate::engine) fn column_keys(&self) -> Vec<(bool, Vec<Box<str>>)> {
        self.block.directory().column_keys()
    }

    /// Whether it has a summary of its events, which are kept as texts.
    pub(in crate::engine) fn has_summary(&self) -> bool {
        self.block.directory().has_summary()
    }

    /// Whether the summary that it has, if it has one, is what `builder` makes of its events.
    pub(in crate::engine) fn is_summarised_by(
        &self,
        builder: block::Builder,
    ) -> Result<bool, Fault> {
        let is_same = self.block.is_summarised_by(builder);
        is_same.map_err(|it| self.fault(it))
    }

    /// The timestamps in milliseconds since the epoch.
    pub(in crate::engine) fn times(&self) -> Result<Vec<i64>, Fault> {
        let (known, number) = (&self.events.known, self.events.number);
        if let Some(times) = known.times(number, self.number) {
            return Ok(times.to_vec());
        }
        let times = self.block.times().map_err(|it| self.fault(it))?;
        known.insert_times(number, self.number, &times);
        Ok(times)
    }

    /// The event of a row, from 0.
    pub(in crate::engine) fn row<'b>(
        &self,
        row: usize,
        buffer: &'b mut RowBuffer,
    ) -> Result<Record<'b>, Fault> {
        let found = self.block.row(row, buffer);
        let found = found.map_err(|fault| self.fault_of_row(row, fault))?;
        Ok(Record::of_row(&found))
    }

    /// As [`SealedBlock::row`], of an event that is far from all others that are read.
    pub(super) fn lone_row<'b>(
        &self,
        row: usize,
        buffer: &'b mut RowBuffer,
    ) -> Result<Record<'b>, Fault> {
        let found = self.block.lone_row(row, buffer);
        let found = found.map_err(|fault| self.fault_of_row(row, fault))?;
        Ok(Record::of_row(&found))
    }

    /// Where the event of a row stands in its stream.
    pub(super) fn link<'b>(
        &self,
        row: usize,
        buffer: &'b mut RowBuffer,
    ) -> Result<Link<'b>, Fault> {
        let found = self.block.link(row, buffer);
        let found = found.map_err(|fault| self.fault_of_row(row, fault))?;
        Ok(Link::of_row(&found))
    }

    /// As [`SealedBlock::link`], of an event that is far from all others that are read.
    pub(super) fn lone_link<'b>(
        &self,
        row: usize,
        buffer: &'b mut RowBuffer,
    ) -> Result<Link<'b>, Fault> {
        let found = self.block.lone_link(row, buffer);
        let found = found.map_err(|fault| self.fault_of_row(row, fault))?;
        Ok(Link::of_row(&found))
    }

    fn fault_of_row(&self, row: usize, fault: SourceFault) -> Fault {
        match self.fault(fault) {
            Fault::Corrupted(text) => {
                let position = self.number * self.events.block_events + row as u64 + 1;
                Fault::Corrupted(format!("the event at position {position}: {text}"))
            }
            fault => fault,
        }
    }

    /// Reads all of it, and checks that it is what was written, and nothing else is there.
    pub(in crate::engine) fn check(&self) -> Result<(), Fault> {
        let (events, directory) = (self.events, self.block.directory());
        let (body_at, end) = (directory.body_at(), self.block.bytes());
        if !pieces::is_whole(&events.pieces, self.number, body_at, end)? {
            return Err(events.damaged(self.number, "its pieces"));
        }
        self.block.check().map_err(|it| self.fault(it))
    }
}

impl Drop for SealedBlock<'_> {
    fn drop(&mut self) {
        let loaded = self.block.loaded();
        if loaded.memory_bytes() != self.weighed {
            let (number, block) = (self.events.number, self.number);
            let known = &self.events.known;
            known.insert_loaded(number, block, Arc::clone(loaded));
            let directory = loaded.directory();
            if directory.memory_bytes() != self.directory_weighed {
                known.insert_directory(number, block, Arc::clone(directory));
            }
        }
    }
}

pub(in crate::engine) fn missing_event(position: u64) -> Fault {
    Fault::Corrupted(format!("the event at position {position} is missing"))
}
