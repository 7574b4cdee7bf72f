//! The bytes of a sealed block, as the tables have them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use redb::{AccessGuard, ReadOnlyTable};

use super::known::KnownBlocks;
use super::pieces::{BODY, DIRECTORY, PIECE_BYTES};
use crate::block::sealed::{Alike, Damaged, Group, KnownGroup, Source};
use crate::engine::Fault;
use crate::engine::tables::schema::PieceKey;

/// Why a sealed block cannot be read.
#[derive(Debug)]
pub(in crate::engine) enum SourceFault {
    /// The tables cannot be read.
    Storage(Fault),
    /// What they have is not what was written.
    Damaged(Damaged),
}

impl From<Damaged> for SourceFault {
    fn from(damaged: Damaged) -> Self {
        Self::Damaged(damaged)
    }
}

impl From<redb::StorageError> for SourceFault {
    fn from(error: redb::StorageError) -> Self {
        Self::Storage(error.into())
    }
}

/// A piece of the table.
type Piece = AccessGuard<'static, &'static [u8]>;

/// The bytes of one block. It is of one reader, for whom it keeps the piece that was read last.
pub(in crate::engine) struct PieceSource<'t> {
    pieces: &'t ReadOnlyTable<PieceKey, &'static [u8]>,
    known: &'t KnownBlocks,
    /// The number of the instance.
    number: u32,
    block: u64,
    /// How many bytes come before the body.
    body_at: usize,
    last: RefCell<Option<(u32, Piece)>>,
}

impl<'t> PieceSource<'t> {
    pub(super) const fn new(
        pieces: &'t ReadOnlyTable<PieceKey, &'static [u8]>,
        known: &'t KnownBlocks,
        number: u32,
        block: u64,
        body_at: usize,
    ) -> Self {
        Self {
            pieces,
            known,
            number,
            block,
            body_at,
            last: RefCell::new(None),
        }
    }

    /// Calls `visit` with what a piece has in `range`, or with as much of that as there is: nothing if there is no such piece.
    fn visit_piece<T>(
        &self,
        piece: u32,
        range: Range<usize>,
        visit: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, SourceFault> {
        let last = &mut *self.last.borrow_mut();
        if last.as_ref().is_none_or(|(number, _)| *number != piece) {
            *last = self.pieces.get((self.block, piece))?.map(|it| (piece, it));
        }
        let bytes = last.as_ref().map_or(&[][..], |(_, bytes)| bytes.value());
        let found = bytes.get(range.start..range.end.min(bytes.len()));
        Ok(visit(found.unwrap_or_default()))
    }

    /// Appends what a piece has in `range`, or as much of that as there is. Says whether that is all of it.
    fn append(
        &self,
        piece: u32,
        range: Range<usize>,
        out: &mut Vec<u8>,
    ) -> Result<bool, SourceFault> {
        let wanted = range.len();
        let found = self.visit_piece(piece, range, |found| {
            out.extend_from_slice(found);
            found.len()
        })?;
        Ok(found == wanted)
    }

    /// Appends what the block has in `range`, or as much of that as there is.
    fn append_all(&self, range: Range<usize>, out: &mut Vec<u8>) -> Result<(), SourceFault> {
        let Some(mut at) = range.start.checked_sub(self.body_at) else {
            // The mark comes before the directory.
            self.append(DIRECTORY, 1 + range.start..1 + range.end, out)?;
            return Ok(());
        };
        let end = range.end - self.body_at;
        while at < end {
            let Ok(piece) = u32::try_from(at / PIECE_BYTES) else {
                break;
            };
            let piece_at = at / PIECE_BYTES * PIECE_BYTES;
            let last = end.min(piece_at + PIECE_BYTES);
            if !self.append(BODY + piece, at - piece_at..last - piece_at, out)? {
                break;
            }
            at = last;
        }
        Ok(())
    }

    /// The one piece that all bytes in `range` are in, and where they are there; `None` if they are in several.
    fn piece_with(&self, range: &Range<usize>) -> Option<(u32, Range<usize>)> {
        let start = range.start.checked_sub(self.body_at)?;
        let piece = u32::try_from(start / PIECE_BYTES).ok()?;
        let within = start % PIECE_BYTES..start % PIECE_BYTES + range.len();
        (within.end <= PIECE_BYTES).then_some((BODY + piece, within))
    }
}

impl Source for PieceSource<'_> {
    type Fault = SourceFault;

    fn read(&self, range: Range<usize>) -> Result<Cow<'_, [u8]>, SourceFault> {
        let mut found = Vec::with_capacity(range.len().min(8 * PIECE_BYTES));
        self.append_all(range, &mut found)?;
        Ok(Cow::Owned(found))
    }

    fn visit<T>(
        &self,
        range: Range<usize>,
        room: &mut Vec<u8>,
        visit: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, SourceFault> {
        if let Some((piece, within)) = self.piece_with(&range) {
            return self.visit_piece(piece, within, visit);
        }
        room.clear();
        self.append_all(range, room)?;
        Ok(visit(room))
    }

    fn read_shared(&self, range: Range<usize>) -> Result<Arc<[u8]>, SourceFault> {
        // In one piece they are copied once.
        if let Some((piece, within)) = self.piece_with(&range) {
            return self.visit_piece(piece, within, |bytes| Arc::from(bytes));
        }
        self.read(range).map(|bytes| Arc::from(&*bytes))
    }

    fn known_group(&self, number: usize) -> Option<KnownGroup> {
        self.known.group(self.number, self.block, number)
    }

    fn alike(&self) -> Option<&Alike> {
        Some(self.known.alike())
    }

    fn has_room(&self) -> bool {
        self.known.has_room()
    }

    fn keep_group(&self, number: usize, group: &Arc<Group>) {
        let (known, group) = (self.known, Arc::clone(group));
        known.insert_group(self.number, self.block, number, group);
    }

    fn keep_piece(&self, number: usize, piece: &Arc<[u8]>) {
        let (known, piece) = (self.known, Arc::clone(piece));
        known.insert_piece(self.number, self.block, number, piece);
    }
}
