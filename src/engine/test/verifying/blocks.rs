//! Sealed blocks that are altered, and what is beside them.

use redb::{ReadableTable, TableDefinition};

use super::{EVENTS, alter, problems_at, sealed_log_at};
use crate::engine::Problem;
use crate::engine::tables::schema::PieceKey;

const EVENT_TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("events/1");
const BLOCK_TABLE: TableDefinition<'static, PieceKey, &[u8]> = TableDefinition::new("blocks/1");

/// What is told of a log, one of whose blocks is changed in that way.
fn told(change: impl FnOnce(&redb::WriteTransaction)) -> Vec<Problem> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    sealed_log_at(&path);
    assert_eq!(problems_at(&path), []);
    alter(&path, change);
    problems_at(&path)
}

/// Whether it is told of block 1, which begins with the event at position 9, that it is not what was written.
fn is_told(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| {
        let is_of_block = problem.text.contains("block 1 is not what was written");
        is_of_block && problem.position == Some(9)
    })
}

#[test]
fn each_altered_byte_of_a_sealed_block_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    sealed_log_at(&path);
    let mut pieces = Vec::new();
    alter(&path, |transaction| {
        let blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        for entry in blocks.range((1, 0)..(2, 0)).unwrap() {
            let (key, bytes) = entry.unwrap();
            pieces.push((key.value(), bytes.value().to_vec()));
        }
    });
    assert_eq!(pieces.len(), 2);
    let write = |key: PieceKey, bytes: &[u8]| {
        alter(&path, |transaction| {
            let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
            blocks.insert(key, bytes).unwrap();
        });
    };
    for (key, intact) in &pieces {
        for at in (0..intact.len()).step_by(5) {
            let mut bytes = intact.clone();
            bytes[at] ^= 0x24;
            write(*key, &bytes);
            let found = problems_at(&path);
            assert!(is_told(&found), "byte {at} of piece {key:?}: {found:#?}");
        }
        for bytes in [&intact[..intact.len() - 1], &[&**intact, &[0]].concat()] {
            write(*key, bytes);
            assert!(is_told(&problems_at(&path)), "piece {key:?}");
        }
        write(*key, intact);
        assert_eq!(problems_at(&path), []);
    }
}

#[test]
fn a_sealed_block_that_is_not_all_there_is_told() {
    let found = told(|transaction| {
        let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        blocks.remove((1, 1)).unwrap();
    });
    assert!(is_told(&found), "{found:#?}");
    let found = told(|transaction| {
        let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        blocks.insert((1, 2), &b"more"[..]).unwrap();
    });
    assert!(is_told(&found), "{found:#?}");
    let found = told(|transaction| {
        let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        blocks.remove((1, 0)).unwrap();
    });
    assert!(is_told(&found), "{found:#?}");
    let found = told(|transaction| {
        let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        blocks.remove((1, 0)).unwrap();
        blocks.remove((1, 1)).unwrap();
    });
    let is_of_gap = |problem: &Problem| {
        problem.position == Some(9)
            && problem
                .text
                .contains("the events up to position 16 are missing")
    };
    assert!(found.iter().any(is_of_gap), "{found:#?}");
}

#[test]
fn a_block_in_the_place_of_another_is_told() {
    let found = told(|transaction| {
        let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        for piece in 0..2 {
            let bytes = blocks.get((0, piece)).unwrap().unwrap().value().to_vec();
            blocks.insert((1, piece), &*bytes).unwrap();
        }
    });
    assert!(
        found.iter().any(|problem| problem.position == Some(9)),
        "{found:#?}"
    );
}

#[test]
fn an_event_that_is_in_a_sealed_block_and_a_row_is_told() {
    let found = told(|transaction| {
        let mut events = transaction.open_table(EVENT_TABLE).unwrap();
        let bytes = events.get(EVENTS).unwrap().unwrap().value().to_vec();
        events.insert(10, &*bytes).unwrap();
    });
    let is_of_row = |problem: &Problem| {
        problem.position == Some(10) && problem.text.contains("block 1 has it too")
    };
    assert!(found.iter().any(is_of_row), "{found:#?}");
}
