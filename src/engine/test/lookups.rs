//! Values are looked up in lists, which become one as blocks become many, and where there is none, or it is damaged, no
//! event is passed over.

mod first_version;
mod partial;

use std::collections::BTreeMap;

use redb::{TableDefinition, WriteTransaction};

use super::{LAYOUT, check_invariants, engine_at, found_or_made, run, unsealed_engine_at};
use crate::block::lookup::{CandidateRows, Note, PathHash, Wanted};
use crate::engine::summary::lookups::{FIRST_LIST, list_of_key};
use crate::engine::tables::schema::PieceKey;
use crate::engine::{Engine, Fault, Horizon, NewEvent, Snapshot, verify};
use crate::json::Text;
use crate::progress::Progress;

const BLOCK_EVENTS: u64 = LAYOUT.block_events as u64;

const BLOCKS: TableDefinition<'static, PieceKey, &[u8]> = TableDefinition::new("blocks/1");

/// Appends events, each with an id of its own.
fn fill(engine: &Engine, count: u64) {
    run(engine, move |batch| {
        let number = found_or_made(batch, "log")?;
        let before = batch.instance(number)?.head.last_position;
        for n in before..before + count {
            batch.append(
                number,
                &NewEvent {
                    stream_id: "s",
                    event_type: ["made", "sold"][n as usize % 2],
                    payload: &format!("{{\"id\":\"id {n}\",\"n\":{n}.5}}"),
                    metadata: "{}",
                    timestamp_ms: None,
                    call: None,
                },
            )?;
        }
        Ok(())
    })
    .unwrap();
}

fn wanted(n: u64) -> Wanted {
    let path = PathHash::root(false).key(&Text::from("id".to_owned()));
    Wanted::Value {
        hashes: vec![path.text(&Text::from(format!("id {n}")))],
        notes: vec![PathHash::OPAQUE, path.note(Note::OtherTexts)],
    }
}

/// The blocks that can have an id, and the number of the event in each of them if that is known.
fn found(engine: &Engine, n: u64) -> Result<Vec<(u64, Option<u32>)>, Fault> {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(1)?;
    let found = chunks.look_up(&wanted(n), 0..chunks.events() / BLOCK_EVENTS)?;
    let row = |rows| match rows {
        CandidateRows::All => None,
        CandidateRows::Rows(rows) => rows.first().copied(),
    };
    Ok(found
        .into_blocks()
        .map(|(block, rows)| (block, row(rows)))
        .collect())
}

/// Makes sure that each id is found where it is, and that little else is: nothing where all blocks from one on are in lists.
fn each_is_found(engine: &Engine, count: u64, listed_from: u64) {
    let mut others = 0;
    for n in 0..count {
        let (block, row) = (n / BLOCK_EVENTS, (n % BLOCK_EVENTS) as u32);
        let found = found(engine, n).unwrap();
        assert!(
            found.contains(&(block, Some(row))) || found.contains(&(block, None)),
            "{n}: {found:?}"
        );
        if block >= listed_from {
            assert!(!found.contains(&(block, None)), "{n}: {found:?}");
        }
        others += found.len() as u64 - 1;
    }
    // Hashes of 24 bits are the same for one in thousands.
    assert!(others <= count * listed_from + 3, "{others}");
}

/// How many lists of each level there are.
fn lists(engine: &Engine) -> BTreeMap<u8, usize> {
    let transaction = engine.open_log.storage.begin_read().unwrap();
    let table = transaction.open_table(BLOCKS).unwrap();
    let mut lists = BTreeMap::new();
    for row in table.range((FIRST_LIST, 0)..).unwrap() {
        let (list, piece) = row.unwrap().0.value();
        let (level, _) = list_of_key(list).unwrap();
        *lists.entry(level.number()).or_default() += usize::from(piece == 0);
    }
    lists
}

fn alter(engine: &Engine, change: impl FnOnce(&WriteTransaction)) {
    let storage = &engine.open_log.storage;
    let turn = storage.table_turn();
    let transaction = storage.begin_write(&turn).unwrap();
    change(&transaction);
    transaction.commit().unwrap();
    drop(turn);
    engine.open_log.forget();
}

/// The rows of lists.
fn list_rows(engine: &Engine) -> Vec<(PieceKey, Vec<u8>)> {
    let transaction = engine.open_log.storage.begin_read().unwrap();
    let table = transaction.open_table(BLOCKS).unwrap();
    let rows = table.range((FIRST_LIST, 0)..).unwrap().map(|row| {
        let (key, bytes) = row.unwrap();
        (key.value(), bytes.value().to_vec())
    });
    rows.collect()
}

fn problems(engine: &Engine) -> Vec<String> {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let report = verify(&snapshot, &Progress::default()).unwrap();
    report.problems.iter().map(|it| it.text.clone()).collect()
}

#[test]
fn lists_become_one_as_blocks_become_many() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let mut count = 0;
    for (more, expected) in [
        (8 * BLOCK_EVENTS, vec![(0, 8)]),
        (7 * BLOCK_EVENTS + 5, vec![(0, 15)]),
        (18 * BLOCK_EVENTS + 3, vec![(0, 2), (1, 2)]),
        (20 * BLOCK_EVENTS, vec![(0, 6), (1, 3)]),
        (220 * BLOCK_EVENTS, vec![(0, 2), (1, 1), (2, 1)]),
        (17 * BLOCK_EVENTS, vec![(0, 3), (1, 2), (2, 1)]),
    ] {
        fill(&engine, more);
        count += more;
        assert_eq!(lists(&engine), expected.into_iter().collect());
        check_invariants(&engine);
    }
    each_is_found(&engine, count, 0);
    assert_eq!(problems(&engine), [""; 0]);
    engine.stop().unwrap();
}

#[test]
fn each_altered_byte_of_a_list_is_told_with_its_blocks_and_hides_no_event() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    // One list of 16 blocks, and one of a block.
    let count = 17 * BLOCK_EVENTS;
    fill(&engine, count);
    let rows = list_rows(&engine);
    assert_eq!(rows.len(), 4);
    let write = |key: PieceKey, bytes: Option<&[u8]>| {
        alter(&engine, |transaction| {
            let mut table = transaction.open_table(BLOCKS).unwrap();
            match bytes {
                Some(bytes) => drop(table.insert(key, bytes).unwrap()),
                None => drop(table.remove(key).unwrap()),
            }
        });
    };
    for (key, intact) in &rows {
        let (level, index) = list_of_key(key.0).unwrap();
        let blocks = index * level.blocks()..(index + 1) * level.blocks();
        let place = format!(
            "blocks {} to {} is not what was written",
            blocks.start,
            blocks.end - 1
        );
        let mut damaged: Vec<Vec<u8>> = (0..intact.len())
            .step_by(11)
            .map(|at| {
                let mut bytes = intact.clone();
                bytes[at] ^= 0x24;
                bytes
            })
            .collect();
        damaged.push(intact[..intact.len() - 1].to_vec());
        damaged.push([&**intact, &[0]].concat());
        damaged.push(Vec::new());
        for bytes in damaged {
            write(*key, Some(&bytes));
            for n in [0, 7, count - 1] {
                let block = n / BLOCK_EVENTS;
                match found(&engine, n) {
                    Ok(found) => {
                        assert!(!blocks.contains(&block), "{found:?}");
                        assert!(found.iter().any(|(found, _)| *found == block));
                    }
                    Err(Fault::Corrupted(text)) => {
                        assert!(text.contains("blocks/1: the look-up of"), "{text}");
                        assert!(text.contains(&place), "{text}");
                    }
                    Err(fault) => panic!("{fault:?}"),
                }
            }
            let told = problems(&engine);
            assert!(told.iter().any(|text| text.contains(&place)), "{told:?}");
        }
        // Without its head there is no list. With its head alone, there is a part of one.
        write(*key, None);
        assert!(!problems(&engine).is_empty());
        for n in [0, 7, count - 1] {
            if let Ok(found) = found(&engine, n) {
                let block = n / BLOCK_EVENTS;
                assert!(found.iter().any(|(found, _)| *found == block));
            }
        }
        write(*key, Some(intact));
        assert_eq!(problems(&engine), [""; 0]);
    }
    engine.stop().unwrap();
}

#[test]
fn a_list_that_does_not_have_an_event_of_its_blocks_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let engines = ["log", "other"].map(|name| engine_at(&folder.path().join(name)));
    // Of the other log, each event has the id of another one.
    fill(&engines[0], 2 * BLOCK_EVENTS);
    fill(&engines[1], 3 * BLOCK_EVENTS);
    let other: Vec<_> = list_rows(&engines[1])
        .into_iter()
        .filter(|((list, _), _)| *list == FIRST_LIST)
        .collect();
    assert_eq!(other.len(), 2);
    alter(&engines[0], |transaction| {
        let mut table = transaction.open_table(BLOCKS).unwrap();
        for ((list, piece), bytes) in &other {
            table.insert((*list, *piece), &**bytes).unwrap();
        }
    });
    // Only the ids of events, which are bounds, and the times are others.
    let told = problems(&engines[0]);
    let expected = "the look-up of blocks 0 to 0 is not what the events of block 0 say";
    assert_eq!(told, [expected]);
    for engine in engines {
        engine.stop().unwrap();
    }
}

#[test]
fn where_there_are_no_lists_all_is_looked_into_until_a_compaction_has_made_them() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let none = |engine: &Engine| {
        alter(engine, |transaction| {
            let mut table = transaction.open_table(BLOCKS).unwrap();
            table.retain_in((FIRST_LIST, 0).., |_, _| false).unwrap();
        });
    };
    fill(&engine, 21 * BLOCK_EVENTS);
    none(&engine);
    each_is_found(&engine, 21 * BLOCK_EVENTS, 21);
    assert_eq!(problems(&engine), [""; 0]);
    // What is sealed from then on is in lists, beside those before.
    fill(&engine, 30 * BLOCK_EVENTS);
    assert_eq!(lists(&engine), BTreeMap::from([(0, 3), (1, 2)]));
    each_is_found(&engine, 51 * BLOCK_EVENTS, 21);
    check_invariants(&engine);
    engine.compacted().unwrap();
    assert_eq!(lists(&engine), BTreeMap::from([(0, 3), (1, 3)]));
    each_is_found(&engine, 51 * BLOCK_EVENTS, 0);
    check_invariants(&engine);
    // Of many blocks as well.
    fill(&engine, 210 * BLOCK_EVENTS);
    none(&engine);
    engine.compacted().unwrap();
    assert_eq!(lists(&engine), BTreeMap::from([(0, 5), (2, 1)]));
    let before = list_rows(&engine);
    engine.compacted().unwrap();
    assert_eq!(list_rows(&engine), before);
    each_is_found(&engine, 261 * BLOCK_EVENTS, 0);
    assert_eq!(problems(&engine), [""; 0]);
    engine.stop().unwrap();
}

#[test]
fn a_file_of_the_format_before_gets_lists_when_it_is_compacted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let engine = unsealed_engine_at(&path);
    fill(&engine, 40 * BLOCK_EVENTS + 3);
    assert_eq!(lists(&engine), BTreeMap::new());
    engine.compacted().unwrap();
    assert_eq!(lists(&engine), BTreeMap::from([(0, 8), (1, 2)]));
    each_is_found(&engine, 40 * BLOCK_EVENTS, 0);
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn lists_stay_right_where_the_first_blocks_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 20 * BLOCK_EVENTS);
    let rows = list_rows(&engine);
    alter(&engine, |transaction| {
        let mut table = transaction.open_table(BLOCKS).unwrap();
        table.retain_in((0, 0)..(18, 0), |_, _| false).unwrap();
        // The list of block 18 is gone, too.
        table
            .retain_in((FIRST_LIST + 16, 0)..(FIRST_LIST + 19, 0), |_, _| false)
            .unwrap();
    });
    assert_eq!(lists(&engine), BTreeMap::from([(0, 1), (1, 1)]));
    for n in [18 * BLOCK_EVENTS, 19 * BLOCK_EVENTS + 3] {
        let block = n / BLOCK_EVENTS;
        let found = found(&engine, n).unwrap();
        assert!(found.iter().any(|(found, _)| *found == block), "{found:?}");
    }
    fill(&engine, 12 * BLOCK_EVENTS);
    // It is of blocks 19 to 31.
    assert_eq!(lists(&engine), BTreeMap::from([(1, 2)]));
    for n in 18 * BLOCK_EVENTS..32 * BLOCK_EVENTS {
        let (block, row) = (n / BLOCK_EVENTS, (n % BLOCK_EVENTS) as u32);
        let found = found(&engine, n).unwrap();
        let expected = (block, (block > 18).then_some(row));
        assert!(found.contains(&expected), "{n}: {found:?}");
    }
    assert!(list_rows(&engine).len() < rows.len());
    engine.stop().unwrap();
}

#[test]
fn a_list_goes_when_the_last_of_its_blocks_does() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 40 * BLOCK_EVENTS);
    for (blocks, expected) in [
        (15, [(0, 8), (1, 2)].as_slice()),
        (20, &[(0, 8), (1, 1)]),
        (33, &[(0, 7)]),
    ] {
        let horizon = Horizon {
            position: blocks * BLOCK_EVENTS + 3,
            ..Horizon::default()
        };
        run(&engine, move |batch| {
            let number = batch.find("log")?;
            batch.put_state(number, Horizon::STATE, &horizon.encode())
        })
        .unwrap();
        engine.compacted().unwrap();
        assert_eq!(lists(&engine), expected.iter().copied().collect());
        for n in blocks * BLOCK_EVENTS..40 * BLOCK_EVENTS {
            let found = found(&engine, n).unwrap();
            let place = (n / BLOCK_EVENTS, Some((n % BLOCK_EVENTS) as u32));
            assert!(found.contains(&place), "{n}: {found:?}");
        }
    }
    engine.stop().unwrap();
}
