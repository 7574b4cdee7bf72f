//! Sealed blocks that are altered, and what is beside them.

use std::path::Path;

use redb::{ReadableTable, TableDefinition};

use super::{EVENTS, NUMBER, alter, engine_at, problems_at, run, sealed_log_at};
use crate::block::{ColumnKey, sealed};
use crate::engine::tables::schema::PieceKey;
use crate::engine::{Fault, NewEvent, Problem, Snapshot, SnapshotChunk};

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

/// Makes a log with a whole block whose events say different things.
fn varied_log_at(path: &Path) {
    let engine = engine_at(path);
    run(&engine, |batch| batch.create("id", "name", None)).unwrap();
    for n in 0..EVENTS {
        run(&engine, move |batch| {
            let number = batch.find("id")?;
            let payload = match n % 4 {
                0 => format!("{{\"n\":{n},\"name\":\"name {n}\"}}"),
                1 => format!("{{\"n\":{n}.5,\"of\":{{\"kind\":\"a\"}}}}"),
                2 => format!("{{\"n\":\"{n}\",\"list\":[{n},{{\"x\":1}}]}}"),
                _ => format!("{{\"n\":null,\"name\":{n}}}"),
            };
            let event = NewEvent {
                stream_id: &format!("s{}", n % 3),
                event_type: ["made", "sold"][n as usize % 2],
                payload: &payload,
                metadata: "{}",
                timestamp_ms: Some(1_000 + n as i64),
                call: None,
            };
            batch.append(number, &event)
        })
        .unwrap();
    }
    engine.stop().unwrap();
}

/// What queries are told of block 1, by whatever it has.
fn told_to_queries(path: &Path) -> String {
    let engine = engine_at(path);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let of_chunk = |chunk: &SnapshotChunk<'_>| {
        let overview = chunk.overview().unwrap();
        let (times, ids, types) = (overview.times(), overview.ids(), overview.types());
        let opaque = overview.has_opaque_rows();
        let mut told = format!("{times:?} {ids:?} {types:?} {opaque} {:?}", chunk.times()?);
        let path = |keys| ColumnKey::Path {
            metadata: false,
            keys,
        };
        for key in [
            ColumnKey::EventType,
            ColumnKey::StreamId,
            ColumnKey::Sequence,
            path(&["n"]),
            path(&["name"]),
            path(&["of"]),
            path(&["of", "kind"]),
            path(&["list"]),
            path(&["list", "0"]),
            path(&["list", "1", "x"]),
            path(&["no"]),
        ] {
            told += &format!(" {:?} {:?}", overview.find(&key), chunk.column(&key)?);
        }
        Ok::<_, Fault>(told)
    };
    let told = snapshot
        .chunks(NUMBER)
        .and_then(|chunks| of_chunk(&chunks.chunk(1)?));
    drop(snapshot);
    engine.stop().unwrap();
    told.unwrap_or_else(|fault| format!("{fault:?}"))
}

/// A block can have checksums that are right and yet tell queries otherwise than its events say: by a fault of who made
/// it.
#[test]
fn whatever_a_block_would_tell_queries_wrongly_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    varied_log_at(&path);
    let intact = told_to_queries(&path);
    assert_eq!(problems_at(&path), []);
    let mut block = Vec::new();
    alter(&path, |transaction| {
        let blocks = transaction.open_table(BLOCK_TABLE).unwrap();
        for entry in blocks.range((1, 0)..(2, 0)).unwrap() {
            let (key, bytes) = entry.unwrap();
            // A mark stands before the directory.
            block.extend_from_slice(&bytes.value()[usize::from(key.value().1 == 0)..]);
        }
    });
    let body_at = sealed::body_at(&block);
    let mut told = 0;
    // The length, the version and the checksum of the directory come before.
    for at in (9..body_at).step_by(3) {
        let mut altered = block.clone();
        altered[at] ^= 1;
        let altered = sealed::fuzzing::sign(altered);
        alter(&path, |transaction| {
            let mut blocks = transaction.open_table(BLOCK_TABLE).unwrap();
            let directory = [&[0x5e], &altered[..body_at]].concat();
            blocks.insert((1, 0), &*directory).unwrap();
        });
        let problems = problems_at(&path);
        told += u32::from(!problems.is_empty());
        if problems.is_empty() {
            assert_eq!(told_to_queries(&path), intact, "byte {at}");
        }
    }
    assert!(told > 20, "{told}");
}
