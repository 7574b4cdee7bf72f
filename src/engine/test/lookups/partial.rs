//! Lists of which a part is asked for, a part is missing, or a part of whose blocks are in none.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;

use super::{
    BLOCK_EVENTS, BLOCKS, FIRST_LIST, alter, each_is_found, fill, found, list_rows, lists,
    problems, wanted,
};
use crate::block::lookup::{HASHES, Wanted};
use crate::engine::tables::schema::PieceKey;
use crate::engine::test::{check_invariants, engine_at};
use crate::engine::{Engine, Fault, Instead, Record, Rewriting, Snapshot};
use crate::progress::Progress;

/// What a look-up of one hash finds in so many blocks.
fn by_hash(engine: &Engine, hash: u32, blocks: u64) -> Result<usize, Fault> {
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let wanted = Wanted::Value {
        hashes: vec![hash],
        notes: Vec::new(),
    };
    let found = snapshot.chunks(1)?.look_up(&wanted, 0..blocks)?;
    Ok(found.into_blocks().count())
}

#[test]
fn a_range_of_blocks_in_the_midst_of_lists_has_those_of_the_range_alone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 35 * BLOCK_EVENTS);
    let snapshot = Snapshot::of(&engine.open_log).unwrap();
    let chunks = snapshot.chunks(1).unwrap();
    for n in (0..35 * BLOCK_EVENTS).step_by(13) {
        let block = n / BLOCK_EVENTS;
        for range in [0..block, block..block + 1, block + 1..35, 3..20, 17..33] {
            let found = chunks.look_up(&wanted(n), range.clone()).unwrap();
            let found: Vec<u64> = found.into_blocks().map(|(block, _)| block).collect();
            assert!(found.iter().all(|block| range.contains(block)), "{found:?}");
            assert_eq!(
                found.contains(&block),
                range.contains(&block),
                "{n} {range:?}"
            );
        }
    }
    drop(chunks);
    drop(snapshot);
    engine.stop().unwrap();
}

#[test]
fn a_hash_at_the_end_of_a_piece_is_in_it_and_a_piece_that_is_missing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let blocks = 256;
    fill(&engine, blocks * BLOCK_EVENTS);
    assert_eq!(lists(&engine), BTreeMap::from([(2, 1)]));
    let pieces: Vec<_> = list_rows(&engine)
        .into_iter()
        .filter(|((_, piece), _)| *piece > 0)
        .collect();
    assert!(pieces.len() > 8, "{} pieces", pieces.len());
    for ((key, piece), bytes) in &pieces {
        let last = piece - 1;
        for hash in [last - 1, last, (last + 1) % HASHES] {
            by_hash(&engine, hash, blocks).unwrap();
        }
        let with = |bytes: Option<&[u8]>| {
            alter(&engine, |transaction| {
                let mut table = transaction.open_table(BLOCKS).unwrap();
                match bytes {
                    Some(bytes) => drop(table.insert((*key, *piece), bytes).unwrap()),
                    None => drop(table.remove((*key, *piece)).unwrap()),
                }
            });
        };
        with(None);
        for hash in [last - 1, last] {
            let found = by_hash(&engine, hash, blocks);
            assert!(matches!(found, Err(Fault::Corrupted(_))), "{found:?}");
        }
        with(Some(bytes));
    }
    assert_eq!(problems(&engine), [""; 0]);
    engine.stop().unwrap();
}

#[test]
fn blocks_that_are_in_no_list_are_looked_into_at_each_level() {
    // Of these, the second one has a list of 16 blocks before those that are in none.
    for first in [0, 16] {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine_at(&folder.path().join("log"));
        let listed_from = 21;
        fill(&engine, listed_from * BLOCK_EVENTS);
        alter(&engine, |transaction| {
            let mut table = transaction.open_table(BLOCKS).unwrap();
            let dropped = |list: PieceKey| first == 0 || list.0 < FIRST_LIST + listed_from;
            table
                .retain_in((FIRST_LIST, 0).., |list, _| !dropped(list))
                .unwrap();
        });
        assert_eq!(
            lists(&engine),
            BTreeMap::from_iter((first > 0).then_some((1, 1)))
        );
        // The list of 16 blocks is of the last ones, and so is the one of 256 that is made of it and of others.
        let before = lists(&engine).len();
        for (blocks, expected) in [(32, (1, 1 + before)), (256, (2, 1))] {
            let snapshot = Snapshot::of(&engine.open_log).unwrap();
            let there = snapshot.chunks(1).unwrap().events();
            drop(snapshot);
            fill(&engine, blocks * BLOCK_EVENTS - there);
            assert_eq!(lists(&engine).get(&expected.0), Some(&expected.1));
            each_is_found(&engine, blocks * BLOCK_EVENTS, listed_from);
            let snapshot = Snapshot::of(&engine.open_log).unwrap();
            let chunks = snapshot.chunks(1).unwrap();
            let (span, together) = chunks.span(listed_from, blocks).unwrap();
            assert_eq!(together, blocks - listed_from);
            assert_eq!(span.unwrap().events(), together * BLOCK_EVENTS);
            for other in [listed_from - 1, listed_from + 1] {
                assert!(chunks.span(other, blocks).unwrap().0.is_none(), "{other}");
            }
        }
        check_invariants(&engine);
        engine.stop().unwrap();
    }
}

#[test]
fn a_list_of_many_blocks_has_nothing_of_an_event_that_is_not_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    let count = 20 * BLOCK_EVENTS;
    fill(&engine, count);
    // In the midst of the blocks of a list, and in a block that has a list of its own.
    for n in [5 * BLOCK_EVENTS + 2, 17 * BLOCK_EVENTS + 3] {
        let place = (n / BLOCK_EVENTS, Some((n % BLOCK_EVENTS) as u32));
        assert!(found(&engine, n).unwrap().contains(&place));
        let (sender, erased) = channel();
        let plan = move |_: &Snapshot| -> Result<_, Fault> {
            let other = |_: &Record<'_>| ["{\"id\":\"gone\"}", "{}"].map(str::to_owned);
            let instead: Instead = Box::new(other);
            let rewriting = Rewriting {
                number: 1,
                texts: BTreeMap::from([(n + 1, instead)]),
                ..Rewriting::default()
            };
            Ok((Some(rewriting), ()))
        };
        engine.erase(Progress::default(), plan, move |done| {
            sender.send(done).unwrap();
        });
        erased.recv().unwrap().unwrap();
        assert_eq!(lists(&engine), BTreeMap::from([(0, 4), (1, 1)]));
        let found = found(&engine, n).unwrap();
        assert!(
            found.iter().all(|(block, _)| *block != place.0),
            "{found:?}"
        );
        assert_eq!(problems(&engine), [""; 0]);
        check_invariants(&engine);
    }
    engine.stop().unwrap();
}
