//! Summaries in the tables.

use std::ops::Range;

use redb::{ReadableTable, Table};

use crate::block::{Directory, Encoded};
use crate::engine::Fault;
use crate::engine::tables::schema::PieceKey;

/// The bytes of a body in one piece. With its key and what redb adds, a piece fills a page run of
/// the tables: those come in powers of two from 4 KiB.
const PIECE_BYTES: usize = PAGE_RUN_BYTES - ENTRY_BYTES;

const PAGE_RUN_BYTES: usize = 8 << 10;

/// What a leaf with a single entry has beside its value: its head, where the value ends, and the key.
const ENTRY_BYTES: usize = 4 + 4 + size_of::<u64>() + size_of::<u32>();

/// The piece that is the directory.
const DIRECTORY: u32 = 0;

/// The first piece of the body.
const BODY: u32 = 1;

/// What the tables hold of a block.
pub(in crate::engine) enum StoredBlock {
    Directory(Directory),
    /// That there is no summary, because none could be made.
    Nothing,
    /// Not what was written.
    Damaged,
}

/// Writes the summary of a block, or that there is none.
pub(super) fn write(
    table: &mut Table<'_, PieceKey, &'static [u8]>,
    block: u64,
    summary: Option<&Encoded>,
) -> Result<(), Fault> {
    let Some(summary) = summary else {
        table.insert((block, DIRECTORY), &[][..])?;
        return Ok(());
    };
    table.insert((block, DIRECTORY), &*summary.directory)?;
    for (piece, bytes) in (BODY..).zip(summary.body.chunks(PIECE_BYTES)) {
        table.insert((block, piece), bytes)?;
    }
    Ok(())
}

/// Reads the directory of a block of which the tables hold all events.
pub(in crate::engine) fn directory(
    table: &impl ReadableTable<PieceKey, &'static [u8]>,
    block: u64,
) -> Result<StoredBlock, Fault> {
    let Some(bytes) = table.get((block, DIRECTORY))? else {
        return Ok(StoredBlock::Damaged);
    };
    if bytes.value().is_empty() {
        return Ok(StoredBlock::Nothing);
    }
    Ok(Directory::decode(bytes.value()).map_or(StoredBlock::Damaged, StoredBlock::Directory))
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
            write(&mut table, block as u64, Some(&summary)).unwrap();
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
        write(&mut table, 0, Some(&summary)).unwrap();
        table.remove((0, DIRECTORY)).unwrap();
        let stats = redb::ReadableTableMetadata::stats(&table).unwrap();
        assert_eq!(stats.leaf_pages(), 1);
        assert_eq!(stats.fragmented_bytes(), 0);
    }
}
