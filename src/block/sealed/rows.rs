//! The rows of a block, each of which is read by itself.

use std::sync::Arc;

use super::block::Block;
use super::group::{Group, Wanted};
use super::group_reader::GroupReader;
use super::lone::LonePiece;
use super::row::{Row, RowBuffer, RowLink};
use super::{Damaged, Directory, GROUP_ROWS, KnownGroup, Source};

/// What a row is read of that is far from all others.
enum LoneRow<'b, S: Source> {
    /// Its group.
    Of(GroupReader<'b, S>),
    /// The piece of the group with that number, which may be known.
    In(usize, Option<Arc<[u8]>>),
}

impl<S: Source> Block<S> {
    /// Reads a row.
    ///
    /// # Errors
    ///
    /// A fault in reading; [`Damaged`] where what is needed of the block is not what was written, and
    /// for a row that the block has not.
    pub fn row<'a>(&self, row: usize, buffer: &'a mut RowBuffer) -> Result<Row<'a>, S::Fault> {
        let (number, index) = self.place_of(row)?;
        self.group(number)?.row(index, &mut buffer.bytes)
    }

    /// Reads where the event of a row stands in its stream.
    ///
    /// # Errors
    ///
    /// As [`Block::row`].
    pub fn link<'a>(&self, row: usize, buffer: &'a mut RowBuffer) -> Result<RowLink<'a>, S::Fault> {
        let (number, index) = self.place_of(row)?;
        let link = self.group(number)?.link(index, &mut buffer.bytes);
        Ok(link?)
    }

    /// As [`Block::row`], for a row that is far from all others that are read: unless its group is known, no more of that is
    /// read than the row has. Where there is room, the bytes of the group are kept.
    ///
    /// # Errors
    ///
    /// As [`Block::row`].
    pub fn lone_row<'a>(&self, row: usize, buffer: &'a mut RowBuffer) -> Result<Row<'a>, S::Fault> {
        let (number, index) = self.place_of(row)?;
        let RowBuffer { bytes, piece } = buffer;
        match self.lone(number)? {
            LoneRow::Of(group) => group.row(index, bytes),
            LoneRow::In(number, known) => {
                self.visit_lone(number, known, piece, |lone| lone.row(index, bytes))
            }
        }
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
        let (number, index) = self.place_of(row)?;
        let RowBuffer { bytes, piece } = buffer;
        match self.lone(number)? {
            LoneRow::Of(group) => Ok(group.link(index, bytes)?),
            LoneRow::In(number, known) => {
                self.visit_lone(number, known, piece, |lone| lone.link(index, bytes))
            }
        }
    }

    /// What a row of a group is read of that is far from all others: the group if it is known, or has rows that are kept as
    /// texts.
    fn lone(&self, number: usize) -> Result<LoneRow<'_, S>, S::Fault> {
        let is_last = matches!(&*self.group.borrow(), Some((last, _)) if *last == number);
        let has_kept = self.directory.kept.get(number) != Some(&0);
        if is_last || has_kept {
            return self.group(number).map(LoneRow::Of);
        }
        Ok(match self.source.known_group(number) {
            Some(KnownGroup::Read(group)) => LoneRow::Of(self.reader(number, group)?),
            Some(KnownGroup::Piece(piece)) => LoneRow::In(number, Some(piece)),
            None if self.source.has_room() => {
                let piece = self.group_piece(number)?;
                self.source.keep_piece(number, &piece);
                LoneRow::In(number, Some(piece))
            }
            None => LoneRow::In(number, None),
        })
    }

    /// Calls `visit` with the piece of a group, which may be known.
    fn visit_lone<T>(
        &self,
        number: usize,
        known: Option<Arc<[u8]>>,
        room: &mut Vec<u8>,
        visit: impl FnOnce(LonePiece<'_>) -> Result<T, Damaged>,
    ) -> Result<T, S::Fault> {
        let (directory, forms) = (&self.directory, self.forms()?);
        if let Some(known) = known {
            return Ok(visit(LonePiece::of(directory, forms, number, &known)?)?);
        }
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

    /// The number of a row's group, and the row's in it.
    fn place_of(&self, row: usize) -> Result<(usize, usize), Damaged> {
        if row >= self.directory.len() {
            return Err(Damaged("rows"));
        }
        Ok((row / GROUP_ROWS, row % GROUP_ROWS))
    }

    /// A group, which is read unless it is known.
    pub(super) fn group(&self, number: usize) -> Result<GroupReader<'_, S>, S::Fault> {
        let last = self.group.borrow().clone();
        let group = match last.filter(|(last, _)| *last == number) {
            Some((_, group)) => group,
            None => self.known_or_read(number)?,
        };
        self.reader(number, group)
    }

    /// As [`Block::group`], of which no values but those of some columns of values are of use. It is not kept: it is read
    /// by who reads all of a block, and others still need what is kept.
    pub(super) fn part_of_group(
        &self,
        number: usize,
        leaves: &[u32],
    ) -> Result<GroupReader<'_, S>, S::Fault> {
        let group = match self.known_or_scanned(number)? {
            KnownGroup::Read(group) => group,
            KnownGroup::Piece(piece) => {
                Arc::new(self.group_in(number, piece, Wanted::Leaves(leaves))?)
            }
        };
        self.reader(number, group)
    }

    fn reader(&self, number: usize, group: Arc<Group>) -> Result<GroupReader<'_, S>, S::Fault> {
        Ok(GroupReader {
            block: self,
            forms: self.forms()?,
            number,
            group,
        })
    }

    fn known_or_read(&self, number: usize) -> Result<Arc<Group>, S::Fault> {
        let piece = match self.source.known_group(number) {
            Some(KnownGroup::Read(group)) => return Ok(self.met(number, group)),
            Some(KnownGroup::Piece(piece)) => piece,
            None => self.group_piece(number)?,
        };
        let group = Arc::new(self.group_in(number, piece, Wanted::All)?);
        self.source.keep_group(number, &group);
        Ok(self.met(number, group))
    }

    /// Remembers the group that was read last.
    fn met(&self, number: usize, group: Arc<Group>) -> Arc<Group> {
        *self.group.borrow_mut() = Some((number, Arc::clone(&group)));
        group
    }
}
