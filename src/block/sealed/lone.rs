//! A row that is read without the others of its group: of the group's piece no more than what that row has.
//!
//! A row that is far from all others that are read has no use for where everything of its group is. To find that out takes
//! longer than to read the row, and to keep it takes the room of twenty events.

use uuid::Uuid;

use super::cell::Cell;
use super::column::Own;
use super::directory::Forms;
use super::form::Form;
use super::group::ELEMENTS_MAX;
use super::identity::Ids;
use super::outline::Slot;
use super::pieces::ColumnParts;
use super::roster::{Presence, Roster};
use super::row::{Row, RowLink, RowNumbers, TextEnds};
use super::shredder::{METADATAS, PAYLOADS};
use super::{Damaged, Directory, SHREDDED_BYTES_MAX};
use crate::block::bytes::Reader;

/// The piece of a group that has no row which is kept as text.
pub(super) struct LonePiece<'a> {
    directory: &'a Directory,
    forms: &'a Forms,
    piece: &'a [u8],
    parts: ColumnParts,
    /// How many rows the group has.
    rows: usize,
}

impl<'a> LonePiece<'a> {
    /// A piece of a block, which is whole.
    pub(super) fn of(
        directory: &'a Directory,
        forms: &'a Forms,
        number: usize,
        piece: &'a [u8],
    ) -> Result<Self, Damaged> {
        let parts = ColumnParts::read(piece, directory.columns().all().end);
        Ok(Self {
            directory,
            forms,
            piece,
            parts: parts.ok_or(Damaged("columns"))?,
            rows: directory.rows_in(number),
        })
    }

    /// Reads a row of the group. Its texts are put into `out`.
    pub(super) fn row<'o>(&self, index: usize, out: &'o mut Vec<u8>) -> Result<Row<'o>, Damaged> {
        out.clear();
        self.own_text(Own::Streams, self.rows, index, out)?;
        let stream = out.len();
        self.own_text(Own::Types, self.rows, index, out)?;
        let event_type = out.len();
        let call_events = self.call(index, out)?;
        let key = out.len();
        self.first_record(PAYLOADS as usize, index, out)?;
        let payload = out.len();
        self.first_record(METADATAS as usize, index, out)?;
        let ends = TextEnds {
            stream,
            event_type,
            key,
            payload,
        };
        let numbers = RowNumbers {
            id: self.id(index)?,
            timestamp_ms: self.integer(Own::Times, self.rows, index)?,
            sequence: self.integer(Own::Sequences, self.rows, index)? as u64,
            back: self.integer(Own::Backs, self.rows, index)? as u64,
            call_events,
        };
        Row::of_texts(out, &ends, &numbers)
    }

    /// Reads where the event of a row stands in its stream. The text is put into `out`.
    pub(super) fn link<'o>(
        &self,
        index: usize,
        out: &'o mut Vec<u8>,
    ) -> Result<RowLink<'o>, Damaged> {
        out.clear();
        self.own_text(Own::Streams, self.rows, index, out)?;
        let sequence = self.integer(Own::Sequences, self.rows, index)?;
        RowLink::of_text(out, sequence, self.integer(Own::Backs, self.rows, index)?)
    }

    /// Reads the cell of a column that has so many values in the group.
    #[inline]
    fn cell(&self, column: usize, count: usize) -> Result<Cell, Damaged> {
        let (form, range) = (self.forms.of(column), self.parts.range(column));
        Cell::read(self.piece, range, form, count).ok_or(Damaged("cells"))
    }

    /// Appends a value of a column that has so many in the group.
    #[inline]
    fn value(
        &self,
        column: usize,
        count: usize,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Damaged> {
        if index >= count {
            return Err(Damaged("cells"));
        }
        let cell = self.cell(column, count)?;
        let values = cell.of(self.piece);
        let written = values.write_text(self.forms.of(column), index, out);
        written.ok_or(Damaged("cells"))
    }

    fn own_text(
        &self,
        column: Own,
        count: usize,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Damaged> {
        self.value(column.number(), count, index, out)
    }

    fn integer(&self, column: Own, count: usize, index: usize) -> Result<i64, Damaged> {
        let cell = self.cell(column.number(), count)?;
        cell.of(self.piece).integer(index).ok_or(Damaged("cells"))
    }

    fn id(&self, index: usize) -> Result<Uuid, Damaged> {
        if !matches!(self.forms.of(Own::Ids.number()), Form::Ids) {
            return Err(Damaged("id"));
        }
        let range = self.parts.range(Own::Ids.number());
        let end = range.end;
        let cell = self.piece.get(range).ok_or(Damaged("cells"))?;
        let mut reader = Reader::new(cell);
        let ids = Ids::read(&mut reader, end, self.rows);
        let ids = ids.filter(|_| reader.is_at_end()).ok_or(Damaged("cells"))?;
        let id = ids.get(self.piece, index).ok_or(Damaged("id"))?;
        Ok(Uuid::from_u128(id))
    }

    /// Appends the key of the call whose first event this is, and says how many events that has; `None` if it is no such
    /// event.
    fn call(&self, index: usize, out: &mut Vec<u8>) -> Result<Option<u64>, Damaged> {
        let cell = self.cell(Own::Calls.number(), self.rows)?;
        let calls = Presence::of_calls(cell.of(self.piece), self.rows)?;
        let Some(call) = calls.rank(index) else {
            return Ok(None);
        };
        self.own_text(Own::CallKeys, calls.count(), call, out)?;
        let events = self.integer(Own::CallEvents, calls.count(), call)?;
        Ok(Some(events as u64))
    }

    /// Appends the payload or the metadata of a row.
    fn first_record(&self, table: usize, index: usize, out: &mut Vec<u8>) -> Result<(), Damaged> {
        let roster = self.roster(table, self.rows)?;
        self.record(table, &roster, index, out)
    }

    /// Which records of a table the group has, of which there are so many.
    fn roster(&self, table: usize, records: usize) -> Result<Roster, Damaged> {
        let shapes = self.cell(self.directory.columns().shapes(table), records)?;
        let of_table = &self.directory.templates.tables[table];
        let roster = Roster::of(of_table, records, shapes.of(self.piece));
        roster.ok_or(Damaged("shapes"))
    }

    /// Appends a record of a table.
    fn record(
        &self,
        table: usize,
        roster: &Roster,
        index: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Damaged> {
        let templates = &self.directory.templates;
        let columns = self.directory.columns();
        let shape = match roster.only_shape() {
            Some(shape) => shape,
            None => {
                let shapes = self.cell(columns.shapes(table), roster.records)?;
                let shape = shapes.of(self.piece).integer(index);
                let shape = shape.and_then(|shape| usize::try_from(shape).ok());
                shape.ok_or(Damaged("shapes"))?
            }
        };
        let template = templates.tables[table].shapes.get(shape);
        let template = template.ok_or(Damaged("shapes"))?;
        for part in &template.parts {
            out.extend_from_slice(templates.literal(&part.literal));
            let rank = roster.rank(part.place, index).ok_or(Damaged("shapes"))?;
            let count = roster.count_of(part.place);
            match part.slot {
                Slot::Leaf(leaf) => self.value(columns.leaf(leaf as usize), count, rank, out)?,
                Slot::Array(elements) => self.array(elements as usize, count, rank, out)?,
                Slot::End(_) => {}
            }
        }
        out.extend_from_slice(templates.literal(&template.end));
        if out.len() > 4 * SHREDDED_BYTES_MAX {
            return Err(Damaged("shapes"));
        }
        Ok(())
    }

    /// Appends one of so many arrays whose elements are records of a table.
    fn array(
        &self,
        table: usize,
        arrays: usize,
        rank: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Damaged> {
        let ends = self.cell(self.directory.columns().ends(table), arrays)?;
        let ends = ends.of(self.piece);
        let records = arrays.checked_sub(1).and_then(|last| ends.integer(last));
        let records = records.and_then(|records| usize::try_from(records).ok());
        let records = records.filter(|records| *records <= ELEMENTS_MAX);
        let records = records.ok_or(Damaged("arrays"))?;
        let span = ends.span(rank);
        let span = span.filter(|span| !span.is_empty() && span.end <= records);
        let roster = self.roster(table, records)?;
        let mut before = b'[';
        for element in span.ok_or(Damaged("arrays"))? {
            out.push(before);
            before = b',';
            self.record(table, &roster, element, out)?;
        }
        out.push(b']');
        Ok(())
    }
}
