//! Lists that an earlier version has written.

use std::collections::BTreeMap;

use super::{BLOCK_EVENTS, BLOCKS, alter, each_is_found, fill, list_rows, lists, problems};
use crate::block::lookup::fuzzing;
use crate::engine::Engine;
use crate::engine::summary::lookups::{FIRST_LIST, list_of_key};
use crate::engine::test::{check_invariants, engine_at};

/// Writes each list as the first version has.
fn write_as_first_version(engine: &Engine) {
    let mut lists = BTreeMap::<u64, Vec<(u32, Vec<u8>)>>::new();
    for ((list, piece), bytes) in list_rows(engine) {
        lists.entry(list).or_default().push((piece, bytes));
    }
    alter(engine, |transaction| {
        let mut table = transaction.open_table(BLOCKS).unwrap();
        table.retain_in((FIRST_LIST, 0).., |_, _| false).unwrap();
        for (key, rows) in lists {
            let (level, _) = list_of_key(key).unwrap();
            let [(0, head), pieces @ ..] = &*rows else {
                panic!("list {key:#x} has no head");
            };
            let pieces: Vec<_> = pieces
                .iter()
                .map(|(piece, bytes)| (piece - 1, bytes.clone()))
                .collect();
            let (head, pieces) =
                fuzzing::of_first_version((level, key), head, &pieces, 30).unwrap();
            table.insert((key, 0), &*head).unwrap();
            for (first, bytes) in pieces {
                table.insert((key, first + 1), &*bytes).unwrap();
            }
        }
    });
}

/// The versions of all lists, in their order.
fn versions(engine: &Engine) -> Vec<u8> {
    let heads = list_rows(engine)
        .into_iter()
        .filter(|((_, piece), _)| *piece == 0);
    heads.map(|(_, bytes)| bytes[0]).collect()
}

#[test]
fn lists_of_the_first_version_are_asked_and_become_one_of_this_version() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    fill(&engine, 20 * BLOCK_EVENTS);
    assert_eq!(versions(&engine), [2; 5]);
    write_as_first_version(&engine);
    assert_eq!(versions(&engine), [1; 5]);
    let pieces = list_rows(&engine).len() - 5;
    assert!(pieces > 2 * 5, "{pieces} pieces");
    each_is_found(&engine, 20 * BLOCK_EVENTS, 0);
    assert_eq!(problems(&engine), [""; 0]);
    fill(&engine, 13 * BLOCK_EVENTS);
    // What was made of some of both, the one of 16 blocks from before, and that of the last block.
    assert_eq!(lists(&engine), BTreeMap::from([(0, 1), (1, 2)]));
    assert_eq!(versions(&engine), [2, 1, 2]);
    each_is_found(&engine, 33 * BLOCK_EVENTS, 0);
    assert_eq!(problems(&engine), [""; 0]);
    check_invariants(&engine);
    engine.stop().unwrap();
}
