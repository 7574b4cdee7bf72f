//! The pieces of a block: where each is, and its checksum.
//!
//! ```text
//! pieces     varint  how many there are
//! each       varint  its bytes
//!            u32     CRC-32 (ISO-HDLC) of them, little endian; none where there are no bytes
//! ```
//!
//! They follow each other in the order of the table. A piece that has something of each column is:
//!
//! ```text
//! lengths    varint  for each column: how many bytes its part has
//! parts              one after the other
//! ```

use std::ops::Range;

use super::super::bytes::{Reader, write_varint};

/// Pieces being written.
#[derive(Debug, Default)]
pub(super) struct PieceWriter {
    pub(super) body: Vec<u8>,
    table: Vec<(usize, u32)>,
}

impl PieceWriter {
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.table.push((piece.len(), crc32fast::hash(piece)));
        self.body.extend_from_slice(piece);
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn write_table(&self, out: &mut Vec<u8>) {
        write_varint(out, self.table.len() as u64);
        for (bytes, checksum) in &self.table {
            write_varint(out, *bytes as u64);
            if *bytes > 0 {
                out.extend_from_slice(&checksum.to_le_bytes());
            }
        }
    }
}

/// Columns being written: of each its head, and a cell for each group.
#[derive(Debug, Default)]
pub(super) struct ColumnPieces(Vec<Vec<u8>>);

impl ColumnPieces {
    pub(super) fn push(&mut self, part: Vec<u8>) {
        self.0.push(part);
    }

    /// The heads of all columns as one piece, and the cells of each group as another.
    pub(super) fn by_group(self, groups: usize) -> PieceWriter {
        let mut pieces = PieceWriter::default();
        for at in 0..=groups {
            let parts = self.0.iter().skip(at).step_by(1 + groups);
            let mut piece = Vec::new();
            for part in parts.clone() {
                write_varint(&mut piece, part.len() as u64);
            }
            piece.extend(parts.flatten());
            pieces.push(&piece);
        }
        pieces
    }
}

/// Where in a piece the part of each column is: its head, or its cell of one group.
#[derive(Debug)]
pub(super) struct ColumnParts {
    /// Where the part of each column ends. The first one begins at `start`.
    ends: Vec<u32>,
    start: usize,
}

impl ColumnParts {
    /// Those of so many columns; `None` where the piece has not these and nothing else.
    pub(super) fn read(piece: &[u8], columns: usize) -> Option<Self> {
        let mut reader = Reader::new(piece);
        let mut ends = Vec::with_capacity(columns.min(piece.len()));
        for _ in 0..columns {
            ends.push(u32::try_from(reader.varint()?).ok()?);
        }
        let start = piece.len() - reader.rest().len();
        let mut end = u32::try_from(start).ok()?;
        for length in &mut ends {
            end = end.checked_add(*length)?;
            *length = end;
        }
        (end as usize == piece.len()).then_some(Self { ends, start })
    }

    /// Where in the piece the part of a column is.
    pub(super) fn range(&self, column: usize) -> Range<usize> {
        let start = column.checked_sub(1);
        let start = start.map_or(self.start, |before| self.ends[before] as usize);
        start..self.ends[column] as usize
    }
}

/// Where the pieces of a block are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pieces {
    /// Where each piece ends in the body.
    ends: Box<[u32]>,
    checksums: Box<[u32]>,
}

impl Pieces {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let count = reader.count_of(1)?;
        let mut ends = Vec::with_capacity(count);
        let mut checksums = Vec::with_capacity(count);
        let mut end = 0_u32;
        for _ in 0..count {
            let bytes = u32::try_from(reader.varint()?).ok()?;
            end = end.checked_add(bytes)?;
            ends.push(end);
            checksums.push(if bytes > 0 {
                u32::from_le_bytes(reader.array()?)
            } else {
                crc32fast::hash(&[])
            });
        }
        Some(Self {
            ends: ends.into(),
            checksums: checksums.into(),
        })
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.ends) + size_of_val(&*self.checksums)
    }

    /// Where a piece is in the body.
    pub(super) fn range(&self, piece: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(piece)? as usize;
        let start = piece.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(start as usize..end)
    }

    /// Whether these are the bytes of the piece.
    pub(super) fn is_whole(&self, piece: usize, bytes: &[u8]) -> bool {
        let expected = self.range(piece).map(|range| range.len());
        expected == Some(bytes.len()) && self.checksums[piece] == crc32fast::hash(bytes)
    }
}
