//! Random blocks.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::events::{Given, events};
use super::oracle::{Oracle, check_headers, paths_of};
use super::{Block, ROOM, made};

/// Paths that the events may not have.
const OTHER_PATHS: [&[&str]; 8] = [
    &["a"],
    &["a", "b"],
    &["a", "b", "c", "d"],
    &["nowhere"],
    &["nowhere", "0"],
    &["0"],
    &["items", "0", "a"],
    &[],
];

fn block_of(given: &[Given], room: usize) -> Block {
    let events: Vec<_> = given.iter().map(Given::event).collect();
    Block::of(made(&events).finish_within(room))
}

/// Checks all that the block says.
fn check(block: &Block, given: &[Given], has_room: bool) {
    check_headers(block, given);
    let oracle = Oracle::new(given, has_room);
    for metadata in [false, true] {
        let raw = |given: &'_ Given| {
            if metadata {
                given.metadata.clone()
            } else {
                given.payload.clone()
            }
        };
        let mut paths: BTreeSet<Vec<String>> =
            given.iter().flat_map(|it| paths_of(&raw(it), 4)).collect();
        let others = OTHER_PATHS.iter();
        paths.extend(others.map(|keys| keys.iter().map(|key| (*key).to_owned()).collect()));
        for path in paths {
            let keys: Vec<&str> = path.iter().map(String::as_str).collect();
            oracle.check_path(block, metadata, &keys);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_block_says_what_its_events_say(given in events()) {
        check(&block_of(&given, ROOM), &given, true);
    }

    #[test]
    fn a_block_with_little_room_says_less_but_nothing_else(
        given in events(),
        room in 0_usize..2_000,
    ) {
        check(&block_of(&given, room), &given, false);
    }
}

/// Each followed path with a value that columns hold is told of, in each row.
#[test]
fn what_there_is_room_for_is_told() {
    let given: Vec<Given> = (0..300)
        .map(|n| {
            Given::with_payload(format!(
                r#"{{"n":{n},"half":{}.5,"even":{},"in":{{"er":{{"most":"{n}","deep":{{"er":1}}}}}},"list":[{n}]}}"#,
                n % 7,
                n % 2 == 0,
            ))
        })
        .collect();
    let block = block_of(&given, ROOM);
    let oracle = Oracle::new(&given, true);
    for (keys, is_told) in [
        (&["n"][..], true),
        (&["half"], true),
        (&["even"], true),
        (&["in"], true),
        (&["in", "er"], true),
        (&["in", "er", "most"], true),
        (&["in", "er", "deep"], true),
        (&["list"], true),
        (&["even", "x"], true),
        (&["nowhere", "a", "b", "c", "d"], true),
        (&["in", "er", "deep", "er"], false),
        (&["list", "0"], false),
    ] {
        let told = oracle.check_path(&block, false, keys);
        assert_eq!(told, if is_told { given.len() } else { 0 }, "{keys:?}");
    }
}
