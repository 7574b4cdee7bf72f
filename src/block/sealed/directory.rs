//! The directory of a sealed block: what its events have in common, and where everything is.
//!
//! ```text
//! version    u8       1
//! checksum   u32      CRC-32 (ISO-HDLC) of all that follows, little endian
//! rows       varint
//! times      signed   the lowest timestamp; varint: how much higher the highest is
//! ids        32 bytes the lowest and the highest event id
//! sorted     u8       1 where no timestamp is lower than the one before it, else 0
//! types      varint n, then n times: text (varint m, m bytes), varint: how many events
//! kept       varint   for each group: how many of its rows are kept as texts
//! likes      varint   how many dictionaries those have
//! summary    u8       1 if there is one, else 0
//! paths               see `paths`
//! columns    varint   how many columns of values there are
//! each       varint   its table; varint: its path; what values it has
//! tables              see `template`
//! pieces              see `pieces`
//! ```
//!
//! The pieces are: the heads of all columns; of each group a cell of each column; the dictionaries; of
//! each group the texts that are kept, some at a time; and of the summary its directory and its columns.
//! The heads are one piece, and so are the cells of a group: that is what is needed of a row.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use uuid::Uuid;

use super::super::bytes::{Reader, write_varint};
use super::super::content::Content;
use super::alike::Alike;
use super::bounds::{Bounds, read_flag};
use super::column::Columns;
use super::form::Form;
use super::kept::EVENTS_IN_PIECE;
use super::paths::{PathId, Paths};
use super::pieces::{PieceWriter, Pieces};
use super::shredder::Shredder;
use super::template::{self, Templates};
use super::{COLUMNS_MAX, GROUP_ROWS};

const VERSION: u8 = 1;

/// Before the directory is the number of its bytes.
pub(super) const LENGTH_BYTES: usize = size_of::<u32>();

/// The directory of a summary, and its columns.
const SUMMARY_PIECES: usize = 2;

/// More bytes than any directory has.
pub(super) const BYTES_MAX: usize = 16 << 20;

/// The values at one path of a table's records.
#[derive(Debug)]
pub(super) struct LeafShape {
    pub(super) table: u32,
    pub(super) path: PathId,
    pub(super) content: Content,
}

/// What is known of a sealed block without reading its pieces.
#[derive(Debug)]
pub struct Directory {
    pub(super) bounds: Bounds,
    /// How many rows of each group are kept as texts.
    pub(super) kept: Box<[usize]>,
    pub(super) likes: usize,
    pub(super) has_summary: bool,
    pub(super) paths: Paths,
    pub(super) leaves: Box<[LeafShape]>,
    pub(super) templates: Arc<Templates>,
    pub(super) pieces: Pieces,
    /// How the values of each column are written, once that has been read. It is here because it is of use for as long.
    pub(super) forms: OnceLock<Forms>,
    /// How much memory it takes without these.
    own_bytes: usize,
    /// Where the pieces begin in the block.
    body_at: usize,
}

/// How the values of each column are written.
#[derive(Debug)]
pub(super) struct Forms {
    all: Box<[Arc<Form>]>,
    memory_bytes: usize,
}

impl Forms {
    pub(super) fn new(all: Box<[Arc<Form>]>) -> Self {
        let each = all
            .iter()
            .map(|form| size_of::<Arc<Form>>() + size_of::<Form>() + form.memory_bytes());
        Self {
            memory_bytes: each.sum(),
            all,
        }
    }

    #[inline]
    pub(super) fn of(&self, column: usize) -> &Form {
        &self.all[column]
    }
}

/// What a directory is written from.
pub(super) struct Parts<'a> {
    pub(super) bounds: Bounds,
    pub(super) shredder: &'a Shredder,
    pub(super) contents: &'a [Content],
    pub(super) likes: usize,
    pub(super) kept: Vec<usize>,
    pub(super) has_summary: bool,
}

impl Parts<'_> {
    /// The block: the directory and the pieces.
    pub(super) fn write(&self, pieces: &PieceWriter) -> Vec<u8> {
        const CONTENT_AT: usize = LENGTH_BYTES + 1 + size_of::<u32>();

        let mut out = vec![0; CONTENT_AT];
        self.bounds.write(&mut out);
        for kept in &self.kept {
            write_varint(&mut out, *kept as u64);
        }
        write_varint(&mut out, self.likes as u64);
        out.push(u8::from(self.has_summary));
        self.shredder.paths.write(&mut out);
        write_varint(&mut out, self.contents.len() as u64);
        for (leaf, content) in self.shredder.leaves.iter().zip(self.contents) {
            write_varint(&mut out, u64::from(leaf.table));
            write_varint(&mut out, u64::from(leaf.path));
            content.write(&mut out);
        }
        template::write(&mut out, self.shredder);
        pieces.write_table(&mut out);
        let checksum = crc32fast::hash(&out[CONTENT_AT..]);
        let length = (out.len() - LENGTH_BYTES) as u32;
        out[..LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
        out[LENGTH_BYTES] = VERSION;
        out[LENGTH_BYTES + 1..CONTENT_AT].copy_from_slice(&checksum.to_le_bytes());
        out.extend_from_slice(&pieces.body);
        out
    }
}

impl Directory {
    /// Reads a directory after which the pieces begin there.
    pub(super) fn decode(bytes: &[u8], body_at: usize) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != VERSION {
            return None;
        }
        let checksum = u32::from_le_bytes(reader.array()?);
        if checksum != crc32fast::hash(reader.rest()) {
            return None;
        }
        Self::content(reader, body_at)
    }

    /// Reads what follows on the checksum.
    fn content(mut reader: Reader<'_>, body_at: usize) -> Option<Self> {
        let bounds = Bounds::read(&mut reader)?;
        let groups = bounds.rows.div_ceil(GROUP_ROWS);
        let kept = (0..groups).map(|_| reader.count().filter(|kept| *kept <= GROUP_ROWS));
        let kept: Box<[usize]> = kept.collect::<Option<_>>()?;
        let likes = reader.count_of(1)?;
        let has_summary = read_flag(&mut reader)?;
        let paths = Paths::read(&mut reader)?;
        let leaves = reader.count().filter(|count| *count <= COLUMNS_MAX)?;
        let leaf = |_| {
            let table = u32::try_from(reader.varint()?).ok()?;
            let path = PathId::try_from(reader.varint()?).ok()?;
            Some(LeafShape {
                table,
                path,
                content: Content::read(&mut reader)?,
            })
        };
        let leaves: Box<[LeafShape]> = (0..leaves).map(leaf).collect::<Option<_>>()?;
        let leaf_tables: Vec<u32> = leaves.iter().map(|leaf| leaf.table).collect();
        let mut directory = Self {
            bounds,
            kept,
            likes,
            has_summary,
            paths,
            leaves,
            templates: Arc::new(Templates::read(&mut reader, &leaf_tables)?),
            pieces: Pieces::read(&mut reader)?,
            forms: OnceLock::new(),
            own_bytes: 0,
            body_at,
        };
        directory.own_bytes = directory.decoded_bytes();
        (reader.is_at_end() && directory.is_complete()).then_some(directory)
    }

    /// Has what other blocks have as well once in memory. It counts for each of them all the same.
    pub fn share(&mut self, alike: &Alike) {
        self.templates = alike.templates(Arc::clone(&self.templates));
    }

    /// Whether there are as many pieces as there should be.
    fn is_complete(&self) -> bool {
        let kept = self.kept.iter().map(|kept| kept.div_ceil(EVENTS_IN_PIECE));
        let summary = if self.has_summary { SUMMARY_PIECES } else { 0 };
        self.pieces.len() == self.like_piece(self.likes) + kept.sum::<usize>() + summary
    }

    pub(super) fn columns(&self) -> Columns {
        Columns {
            tables: self.templates.tables.len(),
            leaves: self.leaves.len(),
        }
    }

    pub(super) fn groups(&self) -> usize {
        self.kept.len()
    }

    /// How many rows a group has.
    pub(super) fn rows_in(&self, group: usize) -> usize {
        (self.bounds.rows - group * GROUP_ROWS).min(GROUP_ROWS)
    }

    /// The piece with the heads of all columns.
    pub(super) const HEADS: usize = 0;

    /// The piece with the cells of a group.
    pub(super) const fn group_piece(group: usize) -> usize {
        1 + group
    }

    pub(super) const fn like_piece(&self, like: usize) -> usize {
        Self::group_piece(self.kept.len()) + like
    }

    /// The piece with the text of a kept row, which is the how manieth kept one of its group.
    pub(super) fn kept_piece(&self, group: usize, kept: usize) -> usize {
        let before = self.kept[..group]
            .iter()
            .map(|kept| kept.div_ceil(EVENTS_IN_PIECE));
        self.like_piece(self.likes) + before.sum::<usize>() + kept / EVENTS_IN_PIECE
    }

    /// The pieces with the directory and the columns of the summary.
    pub(super) fn summary_pieces(&self) -> Option<(usize, usize)> {
        let all = self.pieces.len();
        self.has_summary.then(|| (all - SUMMARY_PIECES, all - 1))
    }

    /// How many bytes the block has.
    pub(super) fn end(&self) -> usize {
        let last = self.pieces.len().checked_sub(1);
        let end = last.and_then(|last| self.pieces.range(last));
        self.body_at + end.map_or(0, |range| range.end)
    }

    /// Where a piece is in the block.
    pub(super) fn place(&self, piece: usize) -> Option<Range<usize>> {
        let Range { start, end } = self.pieces.range(piece)?;
        Some(self.body_at + start..self.body_at + end)
    }

    /// How many bytes of the block come before the pieces.
    #[must_use]
    pub const fn body_at(&self) -> usize {
        self.body_at
    }

    /// How many events the block has.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bounds.rows
    }

    /// Whether the block has no events.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bounds.rows == 0
    }

    /// The lowest and the highest timestamp, in milliseconds since the epoch.
    #[must_use]
    pub const fn times(&self) -> (i64, i64) {
        (self.bounds.min_time, self.bounds.max_time)
    }

    /// Whether no event has a lower timestamp than the one before it.
    #[must_use]
    pub const fn is_time_sorted(&self) -> bool {
        self.bounds.is_time_sorted
    }

    /// The lowest and the highest event id.
    #[must_use]
    pub const fn ids(&self) -> (Uuid, Uuid) {
        (self.bounds.min_id, self.bounds.max_id)
    }

    /// The event types, and how many events are of each, in the order of their first events.
    #[must_use]
    pub fn types(&self) -> &[(Box<str>, u32)] {
        &self.bounds.types
    }

    /// Whether the block has a summary of its events: of all of them if they are kept as texts, and else their narrow
    /// columns.
    #[must_use]
    pub const fn has_summary(&self) -> bool {
        self.has_summary
    }

    /// Whether all events are kept as texts, so that nothing is known of their paths but what a summary says.
    pub(in crate::block) fn is_kept_whole(&self) -> bool {
        self.kept_rows() == self.len()
    }

    /// How many events are kept as texts, and not in columns.
    #[must_use]
    pub fn kept_rows(&self) -> usize {
        self.kept.iter().sum()
    }

    /// How much memory it takes, in bytes, or nearly so. It grows once how the columns are written has been read.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.own_bytes + self.forms.get().map_or(0, |forms| forms.memory_bytes)
    }

    /// How much what was decoded takes.
    fn decoded_bytes(&self) -> usize {
        let types = self.bounds.types.iter();
        let types = types.map(|(name, count)| size_of_val(name) + size_of_val(count) + name.len());
        size_of::<Self>()
            + types.sum::<usize>()
            + size_of_val(&*self.kept)
            + size_of_val(&*self.leaves)
            + self.paths.memory_bytes()
            + self.templates.memory_bytes()
            + self.pieces.memory_bytes()
    }
}

/// How many bytes of a block come before the pieces.
#[must_use]
pub fn body_at(block: &[u8]) -> usize {
    let length = block.first_chunk().map_or(0, |it| u32::from_le_bytes(*it));
    block.len().min(LENGTH_BYTES + length as usize)
}

/// Makes the checksums of a block what they should be, as far as its directory can be read.
#[cfg(any(test, fuzzing))]
pub(super) fn sign(block: &mut [u8]) -> Option<()> {
    const CONTENT_AT: usize = LENGTH_BYTES + 1 + size_of::<u32>();

    let length = u32::from_le_bytes(*block.first_chunk()?) as usize;
    let body_at = length.checked_add(LENGTH_BYTES)?;
    let content = block.get(CONTENT_AT..body_at)?;
    let directory = Directory::content(Reader::new(content), body_at);
    if let Some(directory) = directory {
        // The table of pieces is the last part of the directory.
        let mut end = body_at;
        for piece in (0..directory.pieces.len()).rev() {
            let bytes = block.get(directory.place(piece)?)?;
            let checksum = crc32fast::hash(bytes).to_le_bytes();
            let length = bytes.len();
            if length > 0 {
                block
                    .get_mut(end - checksum.len()..end)?
                    .copy_from_slice(&checksum);
                end -= checksum.len();
            }
            let mut varint = Vec::new();
            write_varint(&mut varint, length as u64);
            end -= varint.len();
        }
    }
    let checksum = crc32fast::hash(block.get(CONTENT_AT..body_at)?);
    block[LENGTH_BYTES + 1..CONTENT_AT].copy_from_slice(&checksum.to_le_bytes());
    Some(())
}
