//! Where a column is, and what is known of it without reading it.

use std::borrow::Cow;
use std::ops::Range;

use super::bytes::{Reader, write_varint};
use super::codec::{self, Packed};
use super::content::Content;

/// How a column is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnForm {
    Values,
    Prints,
    Times,
}

/// A column that a block has stored.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnPlace {
    form: ColumnForm,
    /// Whether it is of a path, so that it says nothing of opaque rows.
    is_path: bool,
    range: Range<usize>,
    expanded: usize,
    checksum: u32,
    content: Content,
}

impl ColumnPlace {
    /// The place of `packed` at the end of `body`, where it is put.
    pub(super) fn of(
        body: &mut Vec<u8>,
        packed: &Packed,
        form: ColumnForm,
        is_path: bool,
        content: Content,
    ) -> Self {
        let start = body.len();
        body.extend_from_slice(&packed.bytes);
        Self {
            form,
            is_path,
            range: start..body.len(),
            expanded: packed.expanded,
            checksum: crc32fast::hash(&packed.bytes),
            content,
        }
    }

    /// Where the column's bytes are in the block's body.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Whether the column has prints in the place of values.
    #[must_use]
    pub fn is_prints(&self) -> bool {
        self.form == ColumnForm::Prints
    }

    /// Says that there are rows which the column does not tell of, opaque ones.
    pub(super) const fn add_unread(&mut self) {
        self.content.add_unread();
    }

    /// What is in the column.
    pub(super) const fn content(&self) -> Content {
        self.content
    }

    pub(super) const fn form(&self) -> ColumnForm {
        self.form
    }

    pub(super) const fn is_path(&self) -> bool {
        self.is_path
    }

    /// What was packed into `bytes`, if they are what was stored at the place.
    pub(super) fn expand<'a>(&self, bytes: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        let stored = bytes.len() == self.range.len() && crc32fast::hash(bytes) == self.checksum;
        stored.then(|| codec::expand(bytes, self.expanded))?
    }

    /// Takes these bytes for what was stored.
    #[cfg(fuzzing)]
    pub(super) fn sign(&mut self, bytes: &[u8]) {
        self.checksum = crc32fast::hash(bytes);
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(match self.form {
            ColumnForm::Values => 1,
            ColumnForm::Prints => 2,
            ColumnForm::Times => 3,
        });
        write_varint(out, self.range.start as u64);
        write_varint(out, self.range.len() as u64);
        write_varint(out, self.expanded as u64);
        out.extend_from_slice(&self.checksum.to_le_bytes());
        self.content.write(out);
    }

    pub(super) fn read(reader: &mut Reader<'_>, is_path: bool) -> Option<Self> {
        let form = match reader.byte()? {
            1 => ColumnForm::Values,
            2 => ColumnForm::Prints,
            3 => ColumnForm::Times,
            _ => return None,
        };
        let start = reader.count()?;
        let end = start.checked_add(reader.count()?)?;
        Some(Self {
            form,
            is_path,
            range: start..end,
            expanded: reader.count()?,
            checksum: u32::from_le_bytes(reader.array()?),
            content: Content::read(reader)?,
        })
    }
}

/// What a block knows of a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// There is a column.
    Stored(ColumnPlace),
    /// No event has anything there, but for the opaque rows:
    /// [`Directory::absent_column`](super::Directory::absent_column) is what its column would be.
    Absent,
    /// The events have to be read.
    Unknown,
}
