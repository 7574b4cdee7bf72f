//! What the tables have of a block in pieces: its summary, or the block itself.

use std::ops::Range;

use redb::{AccessGuard, ReadOnlyTable, ReadableTable, Table};

use crate::block::sealed::{self, Damaged, Source};
use crate::block::{Directory, Encoded};
use crate::engine::Fault;
use crate::engine::tables::schema::PieceKey;

/// The bytes of a body in one piece. With its key and what redb adds, a piece fills a page run of
/// the tables: those come in powers of two from 4 KiB.
pub(super) const PIECE_BYTES: usize = PAGE_RUN_BYTES - ENTRY_BYTES;

const PAGE_RUN_BYTES: usize = 8 << 10;

/// What a leaf with a single entry has beside its value: its head, where the value ends, and the key.
const ENTRY_BYTES: usize = 4 + 4 + size_of::<u64>() + size_of::<u32>();

/// The piece that is the directory.
pub(super) const DIRECTORY: u32 = 0;

/// The first piece of the body.
pub(super) const BODY: u32 = 1;

/// What the directory of a sealed block begins with. That of a summary begins with the number of its version.
const SEALED: u8 = 0x5e;

/// What a whole block has in the tables beside rows, or in their place.
pub(super) enum Content {
    /// That there is no summary, because none could be made.
    Nothing,
    Summary(Encoded),
    /// The block.
    Sealed(Vec<u8>),
}

/// What the first piece of a block says.
pub(super) enum StoredHead {
    Summary(Directory),
    Nothing,
    /// The directory of the sealed block.
    Sealed(SealedHead),
    /// Not what was written.
    Damaged,
}

/// The first piece of a sealed block: its directory.
pub(super) struct SealedHead(AccessGuard<'static, &'static [u8]>);

impl Source for SealedHead {
    type Fault = Damaged;

    fn read(&self, range: Range<usize>) -> Result<std::borrow::Cow<'_, [u8]>, Damaged> {
        let directory = self.0.value().get(1..).unwrap_or_default();
        let found = directory.get(range.start..range.end.min(directory.len()));
        Ok(found.unwrap_or_default().into())
    }
}

/// Whether the first piece of a block is that of a sealed one.
pub(in crate::engine) fn is_sealed(piece: u32, bytes: &[u8]) -> bool {
    piece == DIRECTORY && bytes.first() == Some(&SEALED)
}

/// Writes what there is of a block, in the place of what was there.
pub(super) fn write(
    table: &mut Table<'_, PieceKey, &'static [u8]>,
    block: u64,
    content: &Content,
) -> Result<(), Fault> {
    table.retain_in((block, DIRECTORY)..=(block, u32::MAX), |_, _| false)?;
    let body = match content {
        Content::Nothing => {
            table.insert((block, DIRECTORY), &[][..])?;
            &[]
        }
        Content::Summary(summary) => {
            table.insert((block, DIRECTORY), &*summary.directory)?;
            &*summary.body
        }
        Content::Sealed(bytes) => {
            let (directory, body) = bytes.split_at(sealed::body_at(bytes));
            table.insert((block, DIRECTORY), &*[&[SEALED], directory].concat())?;
            body
        }
    };
    for (piece, bytes) in (BODY..).zip(body.chunks(PIECE_BYTES)) {
        table.insert((block, piece), bytes)?;
    }
    Ok(())
}

/// Whether a block is sealed.
pub(super) fn is_sealed_in(
    table: &ReadOnlyTable<PieceKey, &'static [u8]>,
    block: u64,
) -> Result<bool, Fault> {
    let head = table.get((block, DIRECTORY))?;
    Ok(head.is_some_and(|head| is_sealed(DIRECTORY, head.value())))
}

/// Reads the first piece of a block of which the tables hold all events.
pub(super) fn head(
    table: &ReadOnlyTable<PieceKey, &'static [u8]>,
    block: u64,
) -> Result<StoredHead, Fault> {
    let Some(bytes) = table.get((block, DIRECTORY))? else {
        return Ok(StoredHead::Damaged);
    };
    if bytes.value().is_empty() {
        return Ok(StoredHead::Nothing);
    }
    if is_sealed(DIRECTORY, bytes.value()) {
        return Ok(StoredHead::Sealed(SealedHead(bytes)));
    }
    Ok(Directory::decode(bytes.value()).map_or(StoredHead::Damaged, StoredHead::Summary))
}

/// Whether the pieces of a sealed block are as many and as long as they have to be: its directory has so many bytes, and
/// the block `end`.
pub(super) fn is_whole(
    table: &ReadOnlyTable<PieceKey, &'static [u8]>,
    block: u64,
    directory: usize,
    end: usize,
) -> Result<bool, Fault> {
    let mut expected = (DIRECTORY, 1 + directory);
    let mut rest = end.saturating_sub(directory);
    let mut is_last = false;
    for entry in table.range((block, DIRECTORY)..=(block, u32::MAX))? {
        let (key, bytes) = entry?;
        if is_last || (key.value().1, bytes.value().len()) != expected {
            return Ok(false);
        }
        is_last = rest == 0;
        let next = rest.min(PIECE_BYTES);
        expected = (expected.0 + 1, next);
        rest -= next;
    }
    Ok(is_last)
}

/// Reads a part of the body of a block; `None` if it is not there.
pub(in crate::engine) fn body(
    table: &impl ReadableTable<PieceKey, &'static [u8]>,
    block: u64,
    range: Range<usize>,
) -> Result<Option<Vec<u8>>, Fault> {
    let mut found = Vec::new();
    if range.is_empty() {
        return Ok(Some(found));
    }
    let piece_of = |at: usize| u32::try_from(at / PIECE_BYTES).map(|piece| BODY + piece);
    let (Ok(first), Ok(last)) = (piece_of(range.start), piece_of(range.end - 1)) else {
        return Ok(None);
    };
    let mut piece_at = range.start / PIECE_BYTES * PIECE_BYTES;
    for (entry, piece) in table.range((block, first)..=(block, last))?.zip(first..) {
        let (key, bytes) = entry?;
        let start = range.start.saturating_sub(piece_at);
        let end = (range.end - piece_at).min(PIECE_BYTES);
        match bytes.value().get(start..end) {
            Some(bytes) if key.value().1 == piece => found.extend_from_slice(bytes),
            _ => return Ok(None),
        }
        piece_at += PIECE_BYTES;
    }
    Ok((found.len() == range.len()).then_some(found))
}

#[cfg(test)]
mod tests {
    use redb::{Database, ReadableDatabase, TableDefinition};

    use super::*;

    const TABLE: TableDefinition<'static, PieceKey, &[u8]> = TableDefinition::new("blocks/1");

    #[test]
    fn any_range_of_a_body_is_read_and_none_beyond_it() {
        let backend = redb::backends::InMemoryBackend::new();
        let database = Database::builder().create_with_backend(backend).unwrap();
        let lengths = [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7];
        let bodies = lengths.map(|length| -> Vec<u8> {
            let bytes = (0..length).map(|at| (at * 7 + at / 251) as u8);
            bytes.collect()
        });
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(TABLE).unwrap();
        for (block, body) in bodies.iter().enumerate() {
            let summary = Encoded {
                directory: vec![1],
                body: body.clone(),
            };
            write(&mut table, block as u64, &Content::Summary(summary)).unwrap();
        }
        drop(table);
        transaction.commit().unwrap();

        let transaction = database.begin_read().unwrap();
        let table = transaction.open_table(TABLE).unwrap();
        for (block, expected) in bodies.iter().enumerate() {
            let borders = (0..5).flat_map(|piece| {
                let border = piece * PIECE_BYTES;
                [border.saturating_sub(1), border, border + 1]
            });
            let borders: Vec<_> = borders
                .chain([expected.len(), expected.len() + 1])
                .collect();
            for start in &borders {
                for end in borders.iter().filter(|end| *end > start) {
                    let found = body(&table, block as u64, *start..*end).unwrap();
                    let expected = expected.get(*start..*end).map(<[u8]>::to_vec);
                    assert!(found == expected, "block {block}: {start}..{end}");
                }
            }
        }
    }

    #[test]
    fn a_whole_piece_fills_its_page_run() {
        let path = tempfile::tempdir().unwrap();
        let database = Database::create(path.path().join("tables")).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(TABLE).unwrap();
        let summary = Encoded {
            directory: vec![1],
            body: vec![1; PIECE_BYTES],
        };
        write(&mut table, 0, &Content::Summary(summary)).unwrap();
        table.remove((0, DIRECTORY)).unwrap();
        let stats = redb::ReadableTableMetadata::stats(&table).unwrap();
        assert_eq!(stats.leaf_pages(), 1);
        assert_eq!(stats.fragmented_bytes(), 0);
    }
}
