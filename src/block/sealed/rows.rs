//! The rows of a block, each of which is read by itself.

use std::sync::Arc;

use uuid::Uuid;

use super::block::Block;
use super::column::Own;
use super::group::{Group, Wanted};
use super::group_reader::GroupReader;
use super::row::{Row, RowBuffer, RowLink};
use super::{Damaged, GROUP_ROWS, Source};

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
        let stream_end = out.len();
        group.text(Own::Types, index, out)?;
        let type_end = out.len();
        let call_events = match group.group.calls.rank(index) {
            None => None,
            Some(call) => {
                group.text(Own::CallKeys, call, out)?;
                Some(group.integer(Own::CallEvents, call)? as u64)
            }
        };
        let key_end = out.len();
        let payload_end = group.texts(index, out)?;
        let text = std::str::from_utf8(out).map_err(|_| Damaged("text"))?;
        let part = |start: usize, end: usize| text.get(start..end).ok_or(Damaged("text"));
        Ok(Row {
            id: Uuid::from_u128(group.group.own(Own::Ids).id(index).ok_or(Damaged("id"))?),
            timestamp_ms: group.integer(Own::Times, index)?,
            sequence: group.integer(Own::Sequences, index)? as u64,
            back: group.integer(Own::Backs, index)? as u64,
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
