//! The head of a list: what is known of its blocks without looking anything up.
//!
//! ```text
//! version    u8       2; 1 where pieces are found by their first hashes
//! checksum   u32      CRC-32 of the key of the list, a hash that there is not, and all that follows
//! covered    varint   from which of its blocks on the list is of them; it says nothing of those before
//! span                see `span`
//! notes               as the content of a piece of the list, see `list`
//! ```

use super::super::bytes::{Reader, write_varint};
use super::entry::{Entry, Level, Place};
use super::hash::HASHES;
use super::list::{self, Form, Piece};
use super::span::Span;

/// No piece is found by it.
pub(super) const NO_HASH: u32 = u32::MAX;

/// The head of a list that was read.
#[derive(Debug)]
pub struct Head<'a> {
    form: Form,
    covered_from: u64,
    span: Span,
    notes: Piece<'a>,
}

const fn version_of(form: Form) -> u8 {
    match form {
        Form::ByFirst => 1,
        Form::ByLast => 2,
    }
}

/// The notes are one piece, which would have all hashes: what it is found by, and the other end.
const fn ends_of_notes(form: Form) -> (u32, u32) {
    match form {
        Form::ByFirst => (0, HASHES),
        Form::ByLast => (HASHES - 1, 0),
    }
}

impl<'a> Head<'a> {
    /// The bytes of a head, of the list with that `key`.
    pub(super) fn write(
        level: Level,
        key: u64,
        form: Form,
        covered_from: u64,
        span: &Span,
        notes: &[Entry],
    ) -> Vec<u8> {
        const CONTENT_AT: usize = 1 + size_of::<u32>();

        let mut out = vec![version_of(form); CONTENT_AT];
        write_varint(&mut out, covered_from);
        span.write(&mut out);
        let (_, other) = ends_of_notes(form);
        list::write(level, 0, other, notes, &mut out);
        let checksum = list::checksum(key, NO_HASH, &out[CONTENT_AT..]);
        out[1..CONTENT_AT].copy_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads a head; `None` where `bytes` are not what was written.
    #[must_use]
    pub fn read(level: Level, key: u64, bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        let form = [Form::ByFirst, Form::ByLast]
            .into_iter()
            .find(|form| version_of(*form) == version)?;
        (reader.word()? == list::checksum(key, NO_HASH, reader.rest())).then_some(())?;
        let covered_from = reader.varint().filter(|from| *from < level.blocks())?;
        let span = Span::read(&mut reader)?;
        let (by, _) = ends_of_notes(form);
        let notes = Piece::content(level, form, by, bytes, reader)?;
        Some(Self {
            form,
            covered_from,
            span,
            notes,
        })
    }

    /// By what the pieces of the list are found.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// From which of the list's blocks on it is of them.
    #[must_use]
    pub const fn covered_from(&self) -> u64 {
        self.covered_from
    }

    /// What the events of these blocks have in common.
    #[must_use]
    pub const fn span(&self) -> &Span {
        &self.span
    }

    /// Calls `visit` with each place of a note; `None` where the bytes are not what was written.
    pub fn find(&self, note: u32, visit: impl FnMut(Place)) -> Option<()> {
        self.notes.find(note, visit)
    }

    /// All notes; `None` where the bytes are not what was written.
    #[must_use]
    pub fn notes(&self) -> Option<Vec<Entry>> {
        self.notes.entries()
    }
}
