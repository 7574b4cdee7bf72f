//! The rows of a block, each of which is read by itself.

use std::sync::Arc;

use uuid::Uuid;

use super::block::Block;
use super::column::Own;
use super::group::{Group, Wanted};
use super::group_reader::GroupReader;
use super::lone::LonePiece;
use super::row::{Row, RowBuffer, RowLink, RowNumbers, TextEnds};
use super::{Damaged, Directory, GROUP_ROWS, Source};

impl<S: Source> Block<S> {
    /// Reads a row.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`] where what is needed of the block is not what was written, and
    /// for a row that the block has not.
    pub fn row<'a>(&self, row: usize, buffer: &'a mut RowBuffer) -> Result<Row<'a>, S::Fault> {
        let (group, index) = self.group_of(row)?;
        let out = &mut buffer.bytes;
        out.clear();
        group.text(Own::Streams, index, out)?;
        let stream = out.len();
        group.text(Own::Types, index, out)?;
        let event_type = out.len();
        let call_events = match group.group.calls.rank(index) {
            None => None,
            Some(call) => {
                group.text(Own::CallKeys, call, out)?;
                Some(group.integer(Own::CallEvents, call)? as u64)
            }
        };
        let key = out.len();
        let payload = group.texts(index, out)?;
        let ends = TextEnds {
            stream,
            event_type,
            key,
            payload,
        };
        let id = group.group.own(Own::Ids).id(index).ok_or(Damaged("id"))?;
        let numbers = RowNumbers {
            id: Uuid::from_u128(id),
            timestamp_ms: group.integer(Own::Times, index)?,
            sequence: group.integer(Own::Sequences, index)? as u64,
            back: group.integer(Own::Backs, index)? as u64,
            call_events,
        };
        Ok(Row::of_texts(out, &ends, &numbers)?)
    }

    /// Reads where the event of a row stands in its stream.
    ///
    /// # Errors
    ///
    /// As [`Block::row`].
    pub fn link<'a>(&self, row: usize, buffer: &'a mut RowBuffer) -> Result<RowLink<'a>, S::Fault> {
        let (group, index) = self.group_of(row)?;
        let out = &mut buffer.bytes;
        out.clear();
        group.text(Own::Streams, index, out)?;
        Ok(RowLink {
            stream_id: std::str::from_utf8(out).map_err(|_| Damaged("text"))?,
            sequence: group.integer(Own::Sequences, index)? as u64,
            back: group.integer(Own::Backs, index)? as u64,
        })
    }

    /// As [`Block::row`], for a row that is far from all others that are read: unless its group is known, or there is room
    /// for it, no more of that is read than the row has, and nothing is kept.
    ///
    /// # Errors
    ///
    /// As [`Block::row`].
    pub fn lone_row<'a>(&self, row: usize, buffer: &'a mut RowBuffer) -> Result<Row<'a>, S::Fault> {
        let Some((number, index)) = self.lone(row) else {
            return self.row(row, buffer);
        };
        let RowBuffer { bytes, piece } = buffer;
        self.visit_lone(number, piece, |lone| lone.row(index, bytes))
    }

    /// As [`Block::link`], for a row that is far from all others; see [`Block::lone_row`].
    ///
    /// # Errors
    ///
    /// As [`Block::row`].
    pub fn lone_link<'a>(
        &self,
        row: usize,
        buffer: &'a mut RowBuffer,
    ) -> Result<RowLink<'a>, S::Fault> {
        let Some((number, index)) = self.lone(row) else {
            return self.link(row, buffer);
        };
        let RowBuffer { bytes, piece } = buffer;
        self.visit_lone(number, piece, |lone| lone.link(index, bytes))
    }

    /// The group of a row that is to be read without it, and the row's number there; `None` if the group is known, is to be
    /// kept, or has rows that are kept as texts.
    fn lone(&self, row: usize) -> Option<(usize, usize)> {
        let (number, index) = (row / GROUP_ROWS, row % GROUP_ROWS);
        let is_last = matches!(&*self.group.borrow(), Some((last, _)) if *last == number);
        let has_kept = self.directory.kept.get(number) != Some(&0);
        let is_lone = row < self.directory.len() && !is_last && !has_kept;
        let is_lone = is_lone && !self.source.has_room();
        (is_lone && self.source.known_group(number).is_none()).then_some((number, index))
    }

    /// Calls `visit` with the piece of a group.
    fn visit_lone<T>(
        &self,
        number: usize,
        room: &mut Vec<u8>,
        visit: impl FnOnce(LonePiece<'_>) -> Result<T, Damaged>,
    ) -> Result<T, S::Fault> {
        let (directory, forms) = (&self.directory, self.forms()?);
        let piece = Directory::group_piece(number);
        let place = directory.place(piece).ok_or(Damaged("pieces"))?;
        let visited = self.source.visit(place, room, |bytes| {
            if !directory.pieces.is_whole(piece, bytes) {
                return Err(Damaged("pieces"));
            }
            visit(LonePiece::of(directory, forms, number, bytes)?)
        })?;
        Ok(visited?)
    }

    /// The group of a row, and the row's number in it.
    fn group_of(&self, row: usize) -> Result<(GroupReader<'_, S>, usize), S::Fault> {
        if row >= self.directory.len() {
            return Err(Damaged("rows").into());
        }
        Ok((self.group(row / GROUP_ROWS)?, row % GROUP_ROWS))
    }

    /// A group, which is read unless it is known.
    pub(super) fn group(&self, number: usize) -> Result<GroupReader<'_, S>, S::Fault> {
        let forms = self.forms()?;
        let last = self.group.borrow().clone();
        let group = match last.filter(|(last, _)| *last == number) {
            Some((_, group)) => group,
            None => self.known_or_read(number)?,
        };
        Ok(GroupReader {
            block: self,
            forms,
            number,
            group,
        })
    }

    /// As [`Block::group`], of which no values but those of some columns of values are of use. It is not kept: it is read
    /// by who reads all of a block, and others still need what is kept.
    pub(super) fn part_of_group(
        &self,
        number: usize,
        leaves: &[u32],
    ) -> Result<GroupReader<'_, S>, S::Fault> {
        let group = match self.source.known_group(number) {
            Some(group) => group,
            None => {
                let piece = self.scanned_piece(number)?;
                Arc::new(self.group_in(number, piece, Wanted::Leaves(leaves))?)
            }
        };
        Ok(GroupReader {
            block: self,
            forms: self.forms()?,
            number,
            group,
        })
    }

    fn known_or_read(&self, number: usize) -> Result<Arc<Group>, S::Fault> {
        let group = match self.source.known_group(number) {
            Some(group) => group,
            None => {
                let group = Arc::new(self.read_group(number)?);
                self.source.keep_group(number, &group);
                group
            }
        };
        *self.group.borrow_mut() = Some((number, Arc::clone(&group)));
        Ok(group)
    }
}
