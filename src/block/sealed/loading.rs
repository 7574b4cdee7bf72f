//! The parts of a block, each of which is read and checked when it is first needed.

use std::borrow::Cow;
use std::sync::Arc;

use super::block::Block;
use super::directory::Forms;
use super::form::Form;
use super::group::{Group, Wanted};
use super::kept;
use super::pieces::ColumnParts;
use super::{Damaged, Directory, KnownGroup, Source};
use crate::block;

impl<S: Source> Block<S> {
    /// The text of a dictionary.
    pub(super) fn like(&self, like: usize) -> Result<&[u8], S::Fault> {
        let slot = self.loaded.likes.get(like).ok_or(Damaged("dictionaries"))?;
        let text = self.loaded.get_or_make(slot, || {
            let base = if like == 0 { &[] } else { self.like(0)? };
            let piece = self.piece(self.directory.like_piece(like))?;
            let like = kept::read_like(&piece, base);
            let like = like.ok_or_else(|| S::Fault::from(Damaged("dictionaries")))?;
            let bytes = like.len();
            Ok((like, bytes))
        });
        text.map(|text| &**text)
    }

    /// The compressed texts of a kept row and those beside it.
    pub(super) fn kept_piece(&self, group: usize, kept: usize) -> Result<Arc<[u8]>, S::Fault> {
        let piece = self.directory.kept_piece(group, kept);
        let last = self.texts.borrow().clone();
        if let Some((_, texts)) = last.filter(|(last, _)| *last == piece) {
            return Ok(texts);
        }
        let texts = self.shared_piece(piece)?;
        *self.texts.borrow_mut() = Some((piece, Arc::clone(&texts)));
        Ok(texts)
    }

    /// Reads a piece, and checks that it is what was written.
    pub(super) fn piece(&self, piece: usize) -> Result<Cow<'_, [u8]>, S::Fault> {
        let place = self.directory.place(piece).ok_or(Damaged("pieces"))?;
        let bytes = self.source.read(place)?;
        if !self.directory.pieces.is_whole(piece, &bytes) {
            return Err(Damaged("pieces").into());
        }
        Ok(bytes)
    }

    /// As [`Block::piece`], as bytes that are kept.
    fn shared_piece(&self, piece: usize) -> Result<Arc<[u8]>, S::Fault> {
        let place = self.directory.place(piece).ok_or(Damaged("pieces"))?;
        let bytes = self.source.read_shared(place)?;
        if !self.directory.pieces.is_whole(piece, &bytes) {
            return Err(Damaged("pieces").into());
        }
        Ok(bytes)
    }

    /// The directory of the columns, if those stand beside the texts.
    pub(in crate::block) fn summary(&self) -> Result<Option<&block::Directory>, S::Fault> {
        let Some((piece, _)) = self.directory.summary_pieces() else {
            return Ok(None);
        };
        let summary = self.loaded.get_or_make(&self.loaded.summary, || {
            let piece = self.piece(piece)?;
            let summary = block::Directory::decode(&piece);
            let summary = summary.filter(|summary| summary.len() == self.directory.len());
            let summary = summary.ok_or_else(|| S::Fault::from(Damaged("summary")))?;
            let bytes = summary.memory_bytes();
            Ok((summary, bytes))
        });
        summary.map(Some)
    }

    /// Reads a part of the block that has checksums of its own.
    pub(super) fn part(&self, range: std::ops::Range<usize>) -> Result<Vec<u8>, S::Fault> {
        self.source.read(range).map(Cow::into_owned)
    }

    /// How the values of each column are written.
    #[inline]
    pub(super) fn forms(&self) -> Result<&Forms, S::Fault> {
        match self.directory.forms.get() {
            Some(forms) => Ok(forms),
            None => self.read_forms(),
        }
    }

    #[cold]
    fn read_forms(&self) -> Result<&Forms, S::Fault> {
        let columns = self.directory.columns().all();
        let heads = self.piece(Directory::HEADS)?;
        let parts = ColumnParts::read(&heads, columns.end).ok_or(Damaged("columns"))?;
        let alike = self.source.alike();
        let form = |column| {
            let head = &heads[parts.range(column)];
            let form = Form::read(head)?;
            Some(match alike {
                Some(alike) => alike.form(head, form),
                None => Arc::new(form),
            })
        };
        let forms: Option<Box<[_]>> = columns.map(form).collect();
        let forms = forms.ok_or(Damaged("columns"))?;
        // Another thread may have been quicker, with the same.
        Ok(self.directory.forms.get_or_init(|| Forms::new(forms)))
    }

    /// What is known of a group, or else its piece, for who reads a column: those of other columns are read of the same
    /// piece.
    pub(super) fn known_or_scanned(&self, number: usize) -> Result<KnownGroup, S::Fault> {
        if let Some(known) = self.source.known_group(number) {
            return Ok(known);
        }
        if let Some(piece) = self.scanned.borrow().get(number) {
            return Ok(KnownGroup::Piece(piece));
        }
        let piece = self.group_piece(number)?;
        self.scanned.borrow_mut().keep(number, &piece);
        Ok(KnownGroup::Piece(piece))
    }

    /// The piece of a group, as bytes that are kept.
    pub(super) fn group_piece(&self, number: usize) -> Result<Arc<[u8]>, S::Fault> {
        self.shared_piece(Directory::group_piece(number))
    }

    /// Reads what is wanted of a group that is in this piece.
    pub(super) fn group_in(
        &self,
        number: usize,
        piece: Arc<[u8]>,
        wanted: Wanted<'_>,
    ) -> Result<Group, S::Fault> {
        let group = Group::read(&self.directory, self.forms()?, number, piece, wanted);
        group.map_err(S::Fault::from)
    }
}
