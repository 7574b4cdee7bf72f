//! The pieces of a block: where each is, and its checksum.
//!
//! ```text
//! pieces     varint  how many there are
//! each       varint  its bytes
//!            u32     CRC-32 (ISO-HDLC) of them, little endian; none where there are no bytes
//! ```
//!
//! They follow each other in the order of the table.

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

/// The pieces of columns being written: of each its head, and a cell for each group.
#[derive(Debug, Default)]
pub(super) struct ColumnPieces(Vec<Vec<u8>>);

impl ColumnPieces {
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.0.push(piece.to_vec());
    }

    /// The pieces in the order in which a block has them: the heads, and then the cells group by group.
    pub(super) fn by_group(self, groups: usize) -> PieceWriter {
        let mut pieces = PieceWriter::default();
        for at in 0..=groups {
            for piece in self.0.iter().skip(at).step_by(1 + groups) {
                pieces.push(piece);
            }
        }
        pieces
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
