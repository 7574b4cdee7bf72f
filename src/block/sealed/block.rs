//! A sealed block that is read.

use std::sync::Arc;

use parking_lot::Mutex;
use uuid::Uuid;

use super::cell::Cell;
use super::column::Own;
use super::group::Roster;
use super::kept::{self, EVENTS_IN_PIECE};
use super::outline::Slot;
use super::row::{Row, RowBuffer, RowLink};
use super::shredder::{METADATAS, PAYLOADS};
use super::{Damaged, Directory, GROUP_ROWS, Loaded, SHREDDED_BYTES_MAX, Source};

/// A sealed block that is read from a source. What has been read of it stays in memory as long as its [`Loaded`].
pub struct Block<S: Source> {
    pub(super) source: S,
    pub(super) directory: Arc<Directory>,
    pub(super) loaded: Arc<Loaded>,
    /// The piece that compressed texts were read of last, by its number: those of a block are too many to be kept.
    pub(super) texts: Mutex<Option<(usize, Arc<[u8]>)>>,
}

impl<S: Source> std::fmt::Debug for Block<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({} rows)", self.directory.len())
    }
}

impl<S: Source> Block<S> {
    /// Opens a block.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`] where the directory is not what was written.
    pub fn open(source: S) -> Result<Self, S::Fault> {
        let directory = Arc::new(Directory::read(&source)?);
        Ok(Self::of(source, Arc::new(Loaded::new(directory))))
    }

    /// A block of which something has been read before.
    #[must_use]
    pub fn of(source: S, loaded: Arc<Loaded>) -> Self {
        Self {
            source,
            directory: Arc::clone(loaded.directory()),
            loaded,
            texts: Mutex::default(),
        }
    }

    /// What has been read of it.
    #[must_use]
    pub const fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }

    /// What is known of the block without reading its pieces.
    #[must_use]
    pub const fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    /// How many bytes the block has.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.directory.end()
    }

    /// Reads all pieces, and checks that each is what was written. It keeps none of them.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`].
    pub fn check(&self) -> Result<(), S::Fault> {
        (0..self.directory.pieces.len()).try_for_each(|piece| self.piece(piece).map(drop))
    }

    /// Reads a row.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`] where what is needed of the block is not what was written, and
    /// for a row that the block has not.
    pub fn row<'a>(&self, row: usize, buffer: &'a mut RowBuffer) -> Result<Row<'a>, S::Fault> {
        if row >= self.directory.len() {
            return Err(Damaged("rows").into());
        }
        let (group, index) = (row / GROUP_ROWS, row % GROUP_ROWS);
        let own = self.own_parts(group)?;
        let integer = |cell: &Cell| cell.integer(index).ok_or(Damaged("cells"));
        let out = &mut buffer.bytes;
        out.clear();
        own.streams.write(index, out).ok_or(Damaged("cells"))?;
        let stream_end = out.len();
        own.types.write(index, out).ok_or(Damaged("cells"))?;
        let type_end = out.len();
        let call_events = match own.calls.rank(index) {
            None => None,
            Some(call) => Some(self.call(group, call, out)?),
        };
        let key_end = out.len();
        let payload_end = self.texts_of(group, index, out)?;
        let text = std::str::from_utf8(out).map_err(|_| Damaged("text"))?;
        let part = |start: usize, end: usize| text.get(start..end).ok_or(Damaged("text"));
        Ok(Row {
            id: Uuid::from_u128(own.ids.id(index).ok_or(Damaged("id"))?),
            timestamp_ms: integer(&own.times)?,
            sequence: integer(&own.sequences)? as u64,
            back: integer(&own.backs)? as u64,
            stream_id: part(0, stream_end)?,
            event_type: part(stream_end, type_end)?,
            call: match call_events {
                Some(events) => Some((part(type_end, key_end)?, events)),
                None => None,
            },
            payload: part(key_end, payload_end)?,
            metadata: part(payload_end, text.len())?,
        })
    }

    /// Reads where the event of a row stands in its stream.
    ///
    /// # Errors
    ///
    /// As [`Block::row`].
    pub fn link<'a>(&self, row: usize, buffer: &'a mut RowBuffer) -> Result<RowLink<'a>, S::Fault> {
        if row >= self.directory.len() {
            return Err(Damaged("rows").into());
        }
        let (group, index) = (row / GROUP_ROWS, row % GROUP_ROWS);
        let out = &mut buffer.bytes;
        out.clear();
        self.own_text(Own::Streams, group, index, out)?;
        Ok(RowLink {
            stream_id: std::str::from_utf8(out).map_err(|_| Damaged("text"))?,
            sequence: self.own_integer(Own::Sequences, group, index)? as u64,
            back: self.own_integer(Own::Backs, group, index)? as u64,
        })
    }

    /// Appends the key of a call of a group, and gives how many events it has.
    fn call(&self, group: usize, call: usize, out: &mut Vec<u8>) -> Result<u64, S::Fault> {
        self.own_text(Own::CallKeys, group, call, out)?;
        Ok(self.own_integer(Own::CallEvents, group, call)? as u64)
    }

    /// Appends payload and metadata, and gives where the payload ends.
    fn texts_of(&self, group: usize, index: usize, out: &mut Vec<u8>) -> Result<usize, S::Fault> {
        let payloads = self.roster(PAYLOADS as usize, group)?;
        if let Some(kept) = payloads.kept.rank(index) {
            return self.kept_texts(group, kept, out);
        }
        self.record(PAYLOADS as usize, group, index, out)?;
        let payload_end = out.len();
        self.record(METADATAS as usize, group, index, out)?;
        Ok(payload_end)
    }

    /// Appends a record of a table.
    pub(super) fn record(
        &self,
        table: usize,
        group: usize,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), S::Fault> {
        self.record_of(self.roster(table, group)?, table, group, index, out)
    }

    /// As [`Block::record`], of the table's roster in the group.
    fn record_of(
        &self,
        roster: &Roster,
        table: usize,
        group: usize,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), S::Fault> {
        let templates = &self.directory.templates;
        let shape = roster.shape(index).ok_or(Damaged("shapes"))?;
        let template = templates.tables[table].shapes.get(shape);
        let template = template.ok_or(Damaged("shapes"))?;
        let values = self.values_of(roster, template, shape, group)?;
        for (part, values) in template.parts.iter().zip(values) {
            out.extend_from_slice(templates.literal(&part.literal));
            let rank = roster.presence(part.place).and_then(|it| it.rank(index));
            let rank = rank.ok_or(Damaged("shapes"))?;
            match (values, part.slot) {
                (Some(values), _) => values.write(rank, out).ok_or(Damaged("cells"))?,
                (None, Slot::Array(elements)) => {
                    self.array(elements as usize, group, rank, out)?;
                }
                (None, _) => {}
            }
        }
        out.extend_from_slice(templates.literal(&template.end));
        if out.len() > 4 * SHREDDED_BYTES_MAX {
            return Err(Damaged("shapes").into());
        }
        Ok(())
    }

    /// Appends the array with that number of those whose elements are records of a table.
    pub(super) fn array(
        &self,
        table: usize,
        group: usize,
        rank: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), S::Fault> {
        let ends = self.cell(self.directory.columns().ends(table), group)?;
        let span = ends.span(rank).ok_or(Damaged("arrays"))?;
        let roster = self.roster(table, group)?;
        if span.is_empty() || span.end > roster.records {
            return Err(Damaged("arrays").into());
        }
        let mut before = b'[';
        for element in span {
            out.push(before);
            before = b',';
            self.record_of(roster, table, group, element, out)?;
        }
        out.push(b']');
        Ok(())
    }

    /// Appends the text of a kept row, and gives where its payload ends.
    fn kept_texts(&self, group: usize, kept: usize, out: &mut Vec<u8>) -> Result<usize, S::Fault> {
        let damaged = || Damaged("kept texts");
        let size = |column, index| -> Result<usize, S::Fault> {
            let size = self.own_integer(column, group, index)?;
            usize::try_from(size).map_err(|_| damaged().into())
        };
        let payload = size(Own::PayloadBytes, kept)?;
        let metadata = size(Own::MetadataBytes, kept)?;
        let payload_end = out.len().checked_add(payload).ok_or_else(damaged)?;
        let bytes = payload.checked_add(metadata).ok_or_else(damaged)?;
        let like = match size(Own::Likes, kept)?.checked_sub(1) {
            None => None,
            Some(like) => Some(self.like(like)?),
        };
        let first = kept / EVENTS_IN_PIECE * EVENTS_IN_PIECE;
        let piece_at = match first.checked_sub(1) {
            None => 0,
            Some(before) => size(Own::KeptEnds, before)?,
        };
        let span = self
            .own(Own::KeptEnds, group)?
            .span(kept)
            .ok_or_else(damaged)?;
        let piece = self.kept_piece(group, kept)?;
        let within = |at: usize| at.checked_sub(piece_at);
        let span = within(span.start)
            .zip(within(span.end))
            .ok_or_else(damaged)?;
        let compressed = piece.get(span.0..span.1).ok_or_else(damaged)?;
        kept::expand(compressed, bytes, like, out).ok_or_else(damaged)?;
        Ok(payload_end)
    }

    /// How a value of a column is written, appended.
    #[inline]
    pub(super) fn value(
        &self,
        column: usize,
        group: usize,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), S::Fault> {
        let cell = self.cell(column, group)?;
        let form = self.form(column)?;
        let written = cell.write_text(form, index, out);
        written.ok_or_else(|| Damaged("cells").into())
    }

    pub(super) fn own_text(
        &self,
        column: Own,
        group: usize,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), S::Fault> {
        self.value(column.number(), group, index, out)
    }

    pub(super) fn own_integer(
        &self,
        column: Own,
        group: usize,
        index: usize,
    ) -> Result<i64, S::Fault> {
        let integer = self.own(column, group)?.integer(index);
        integer.ok_or_else(|| Damaged("cells").into())
    }
}
