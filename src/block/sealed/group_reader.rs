//! Reads the parts of rows in one group.

use std::ops::Range;
use std::sync::Arc;

use uuid::Uuid;

use super::block::Block;
use super::cell::Values;
use super::column::Own;
use super::directory::Forms;
use super::group::Group;
use super::kept::{self, EVENTS_IN_PIECE};
use super::outline::Slot;
use super::row::{Row, RowLink, RowNumbers, TextEnds};
use super::shredder::{METADATAS, PAYLOADS};
use super::{Damaged, SHREDDED_BYTES_MAX, Source};

/// A group of a block, with what is needed to read its values.
pub(super) struct GroupReader<'b, S: Source> {
    pub(super) block: &'b Block<S>,
    pub(super) forms: &'b Forms,
    pub(super) number: usize,
    pub(super) group: Arc<Group>,
}

impl<S: Source> GroupReader<'_, S> {
    /// Reads a row. Its texts are put into `out`.
    pub(super) fn row<'o>(&self, index: usize, out: &'o mut Vec<u8>) -> Result<Row<'o>, S::Fault> {
        out.clear();
        self.text(Own::Streams, index, out)?;
        let stream = out.len();
        self.text(Own::Types, index, out)?;
        let event_type = out.len();
        let call_events = match self.group.calls.rank(index) {
            None => None,
            Some(call) => {
                self.text(Own::CallKeys, call, out)?;
                Some(self.integer(Own::CallEvents, call)? as u64)
            }
        };
        let key = out.len();
        let payload = self.texts(index, out)?;
        let ends = TextEnds {
            stream,
            event_type,
            key,
            payload,
        };
        let id = self.group.own(Own::Ids).id(index).ok_or(Damaged("id"))?;
        let numbers = RowNumbers {
            id: Uuid::from_u128(id),
            timestamp_ms: self.integer(Own::Times, index)?,
            sequence: self.integer(Own::Sequences, index)? as u64,
            back: self.integer(Own::Backs, index)? as u64,
            call_events,
        };
        Ok(Row::of_texts(out, &ends, &numbers)?)
    }

    /// Reads where the event of a row stands in its stream. The text is put into `out`.
    pub(super) fn link<'o>(
        &self,
        index: usize,
        out: &'o mut Vec<u8>,
    ) -> Result<RowLink<'o>, Damaged> {
        out.clear();
        self.text(Own::Streams, index, out)?;
        let sequence = self.integer(Own::Sequences, index)?;
        RowLink::of_text(out, sequence, self.integer(Own::Backs, index)?)
    }

    /// Appends payload and metadata of a row, and gives where the payload ends.
    pub(super) fn texts(&self, index: usize, out: &mut Vec<u8>) -> Result<usize, S::Fault> {
        let payloads = self.group.roster(PAYLOADS as usize);
        if let Some(kept) = payloads.kept.rank(index) {
            return self.kept_texts(kept, out);
        }
        self.record(PAYLOADS as usize, index, out)?;
        let payload_end = out.len();
        self.record(METADATAS as usize, index, out)?;
        Ok(payload_end)
    }

    /// Appends a record of a table.
    pub(super) fn record(
        &self,
        table: usize,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Damaged> {
        let directory = &self.block.directory;
        let templates = &directory.templates;
        let roster = self.group.roster(table);
        let shape = self.group.shape(table, index).ok_or(Damaged("shapes"))?;
        let template = templates.tables[table].shapes.get(shape);
        let template = template.ok_or(Damaged("shapes"))?;
        for part in &template.parts {
            out.extend_from_slice(templates.literal(&part.literal));
            let rank = roster.rank(part.place, index).ok_or(Damaged("shapes"))?;
            match part.slot {
                Slot::Leaf(leaf) => {
                    self.value(directory.columns().leaf(leaf as usize), rank, out)?;
                }
                Slot::Array(elements) => self.array(elements as usize, rank, out)?,
                Slot::End(_) => {}
            }
        }
        out.extend_from_slice(templates.literal(&template.end));
        if out.len() > 4 * SHREDDED_BYTES_MAX {
            return Err(Damaged("shapes"));
        }
        Ok(())
    }

    /// Which records of a table are the elements of the array with that number of those that have such.
    pub(super) fn elements(&self, table: usize, rank: usize) -> Result<Range<usize>, Damaged> {
        let ends = self.block.directory.columns().ends(table);
        let span = self.group.values(ends).span(rank);
        let span = span.filter(|it| !it.is_empty() && it.end <= self.group.roster(table).records);
        span.ok_or(Damaged("arrays"))
    }

    /// Appends the array with that number of those whose elements are records of a table.
    pub(super) fn array(
        &self,
        table: usize,
        rank: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Damaged> {
        let mut before = b'[';
        for element in self.elements(table, rank)? {
            out.push(before);
            before = b',';
            self.record(table, element, out)?;
        }
        out.push(b']');
        Ok(())
    }

    /// Appends the text of a kept row, and gives where its payload ends.
    fn kept_texts(&self, kept: usize, out: &mut Vec<u8>) -> Result<usize, S::Fault> {
        let damaged = || Damaged("kept texts");
        let size = |column, index| -> Result<usize, Damaged> {
            let size = self.integer(column, index)?;
            usize::try_from(size).map_err(|_| damaged())
        };
        let payload = size(Own::PayloadBytes, kept)?;
        let metadata = size(Own::MetadataBytes, kept)?;
        let payload_end = out.len().checked_add(payload).ok_or_else(damaged)?;
        let bytes = payload.checked_add(metadata).ok_or_else(damaged)?;
        let like = match size(Own::Likes, kept)?.checked_sub(1) {
            None => None,
            Some(like) => Some(self.block.like(like)?),
        };
        let first = kept / EVENTS_IN_PIECE * EVENTS_IN_PIECE;
        let piece_at = match first.checked_sub(1) {
            None => 0,
            Some(before) => size(Own::KeptEnds, before)?,
        };
        let ends = self.group.own(Own::KeptEnds);
        let span = ends.span(kept).ok_or_else(damaged)?;
        let piece = self.block.kept_piece(self.number, kept)?;
        let within = |at: usize| at.checked_sub(piece_at);
        let span = within(span.start)
            .zip(within(span.end))
            .ok_or_else(damaged)?;
        let compressed = piece.get(span.0..span.1).ok_or_else(damaged)?;
        kept::expand(compressed, bytes, like, out).ok_or_else(damaged)?;
        Ok(payload_end)
    }

    /// The values of a column.
    #[inline]
    pub(super) fn values(&self, column: usize) -> Values<'_> {
        self.group.values(column)
    }

    /// How a value of a column is written, appended.
    #[inline]
    pub(super) fn value(
        &self,
        column: usize,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Damaged> {
        let form = self.forms.of(column);
        let written = self.values(column).write_text(form, index, out);
        written.ok_or(Damaged("cells"))
    }

    #[inline]
    pub(super) fn text(&self, column: Own, index: usize, out: &mut Vec<u8>) -> Result<(), Damaged> {
        self.value(column.number(), index, out)
    }

    #[inline]
    pub(super) fn integer(&self, column: Own, index: usize) -> Result<i64, Damaged> {
        let integer = self.group.own(column).integer(index);
        integer.ok_or(Damaged("cells"))
    }
}
